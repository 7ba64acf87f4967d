"""All applications. Where a process is of two, the first one counts."""

from lastack.doctor.applications.apache import APACHE
from lastack.doctor.applications.envoy import ENVOY
from lastack.doctor.applications.go import GO
from lastack.doctor.applications.haproxy import HAPROXY
from lastack.doctor.applications.java import JAVA
from lastack.doctor.applications.mysql import MYSQL
from lastack.doctor.applications.nginx import NGINX
from lastack.doctor.applications.node import NODE
from lastack.doctor.applications.php_fpm import PHP_FPM
from lastack.doctor.applications.postgresql import PGBOUNCER, POSTGRESQL
from lastack.doctor.applications.python import PYTHON
from lastack.doctor.applications.python_servers import GUNICORN, UVICORN
from lastack.doctor.applications.redis import REDIS
from lastack.doctor.applications.row import Advice, Application

__all__ = ["ANY", "APPLICATIONS"]

APPLICATIONS: tuple[Application, ...] = (
    NGINX,
    HAPROXY,
    APACHE,
    ENVOY,
    PHP_FPM,
    NODE,
    JAVA,
    GUNICORN,
    UVICORN,
    PYTHON,
    POSTGRESQL,
    PGBOUNCER,
    MYSQL,
    REDIS,
    GO,
)

# Of any process, after what its own row says, and of one whose name no row has.
ANY = (
    Advice(
        "files",
        "Under systemd the limit is the unit's; a process that runs already keeps the one that it was started with.",
        "unit",
        ("[Service]", "LimitNOFILE=65536"),
        "https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#Process%20Properties",
    ),
)
