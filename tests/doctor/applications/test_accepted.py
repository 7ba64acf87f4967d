"""The lines are accepted: by the program's own check where it has one, else by a parser of its language."""

import ast
import configparser
import os
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from lastack.doctor.applications.apache import APACHE
from lastack.doctor.applications.envoy import ENVOY
from lastack.doctor.applications.go import GO
from lastack.doctor.applications.haproxy import HAPROXY
from lastack.doctor.applications.java import JAVA
from lastack.doctor.applications.nginx import NGINX
from lastack.doctor.applications.node import NODE
from lastack.doctor.applications.php_fpm import PHP_FPM
from lastack.doctor.applications.postgresql import PGBOUNCER, POSTGRESQL
from lastack.doctor.applications.python import PYTHON
from lastack.doctor.applications.python_servers import GUNICORN
from lastack.doctor.applications.row import Advice, Application
from lastack.doctor.applications.rows import ANY
from tests.kernel.private import unavailable

NGINX_FRAMES = {
    "main": "{lines}",
    "http": "events {{}} http {{ {lines} }}",
    "server": "events {{}} http {{ server {{ {lines} }} }}",
}
HAPROXY_FRAMES = {
    "global": "global\n    {lines}\n",
    "defaults": "defaults\n    mode http\n    timeout client 1m\n    timeout server 1m\n    timeout connect 5s\n"
    "    {lines}\n",
    "frontend": "defaults\n    timeout client 1m\nfrontend web\n    bind 127.0.0.1:18080\n    {lines}\n",
    "backend": "defaults\n    timeout server 1m\n    timeout connect 5s\nbackend app\n    {lines}\n"
    "    server one 192.0.2.10:8080\n",
}
MODULES = "/usr/lib/apache2/modules"
APACHE_FRAME = """\
ServerRoot {folder}
PidFile {folder}/pid
ErrorLog {folder}/error.log
ServerName test
Listen 127.0.0.1:18080
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
{lines}
"""


def rows(application: Application, *where: str) -> list[Advice]:
    """Its rows for these places that have lines."""
    return [advice for advice in application.advice if advice.lines and (not where or advice.where in where)]


def named(advice: Advice) -> str:
    """A test's name."""
    return f"{advice.problem}-{advice.where.replace(' ', '_')}"


def program(*names: str) -> str:
    """Where the first of these programs is; they are in the sbin folders as well."""
    found = filter(None, (shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin") for name in names))
    return next(found, None) or unavailable(f"no {names[0]} here")


def accepts(*command: str | Path) -> None:
    """Its check says yes."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def written(folder: Path, name: str, content: str) -> Path:
    """A file with that content."""
    path = folder / name
    path.write_text(content)
    return path


@pytest.mark.parametrize("advice", rows(NGINX), ids=named)
def test_nginx(advice: Advice, tmp_path: Path) -> None:
    """``nginx -t``."""
    content = NGINX_FRAMES[advice.where].format(lines="\n".join(advice.lines))
    if "events" not in content:
        content += "\nevents {}"
    log = tmp_path / "error.log"
    config = written(tmp_path, "nginx.conf", f"pid {tmp_path}/pid; error_log {log};\n{content}\n")
    accepts(program("nginx"), "-t", "-q", "-p", tmp_path, "-e", log, "-c", config)


@pytest.mark.parametrize("advice", rows(HAPROXY), ids=named)
def test_haproxy(advice: Advice, tmp_path: Path) -> None:
    """``haproxy -c``, warnings counting as errors."""
    content = HAPROXY_FRAMES[advice.where].format(lines="\n    ".join(advice.lines))
    if advice.where != "frontend":  # without one haproxy has nothing to do, and says no
        content += "frontend web\n    mode http\n    timeout client 1m\n    bind 127.0.0.1:18080\n"
    accepts(program("haproxy"), "-c", "-q", "-dW", "-f", written(tmp_path, "haproxy.cfg", content))


@pytest.mark.parametrize("advice", rows(APACHE), ids=named)
def test_apache(advice: Advice, tmp_path: Path) -> None:
    """``apache2 -t``."""
    content = APACHE_FRAME.format(folder=tmp_path, modules=MODULES, lines="\n".join(advice.lines))
    accepts(program("apache2", "httpd"), "-t", "-f", written(tmp_path, "httpd.conf", content))


@pytest.mark.parametrize("advice", rows(PHP_FPM, "pool"), ids=named)
def test_php_fpm(advice: Advice, tmp_path: Path) -> None:
    """``php-fpm -t``."""
    pool = ["user = nobody", "group = nogroup", "pm = static", "pm.max_children = 5", "listen = 127.0.0.1:18080"]
    content = [f"[global]\nerror_log = {tmp_path}/log\n[www]", *pool, *advice.lines]
    config = written(tmp_path, "php-fpm.conf", "\n".join(content) + "\n")
    accepts(program("php-fpm", "php-fpm8.2", "php-fpm8.4"), "-n", "-t", "-y", config)


@pytest.mark.parametrize("advice", rows(PHP_FPM, "PHP"), ids=named)
def test_php(advice: Advice, tmp_path: Path) -> None:
    """``php -l``: it parses."""
    accepts(program("php"), "-n", "-l", written(tmp_path, "code.php", "<?php\n" + "\n".join(advice.lines)))


@pytest.mark.parametrize("advice", rows(PYTHON), ids=named)
def test_python(advice: Advice) -> None:
    """It parses."""
    assert ast.parse("\n".join(advice.lines)).body


@pytest.mark.parametrize("advice", rows(GUNICORN, "gunicorn.conf.py"), ids=named)
def test_gunicorn(advice: Advice) -> None:
    """Its settings are assignments."""
    assert all(isinstance(node, ast.Assign) for node in ast.parse("\n".join(advice.lines)).body)


@pytest.mark.parametrize("advice", rows(ENVOY), ids=named)
def test_envoy(advice: Advice) -> None:
    """YAML, a mapping with one key."""
    yaml = pytest.importorskip("yaml")
    assert len(yaml.safe_load("\n".join(advice.lines))) == 1


@pytest.mark.parametrize("advice", rows(JAVA, "server.xml"), ids=named)
def test_tomcat(advice: Advice) -> None:
    """XML, one connector."""
    assert ET.fromstring("".join(advice.lines)).tag == "Connector"  # noqa: S314 - our own table


@pytest.mark.parametrize(
    ("lines", "section"),
    [
        (
            [line for advice in rows(POSTGRESQL, "postgresql.conf") for line in advice.lines],
            "postgresql.conf",
        ),
        ([line for advice in rows(PGBOUNCER) for line in advice.lines], "pgbouncer.ini"),
        ([line for advice in ANY for line in advice.lines], "unit"),
    ],
    ids=["postgresql", "pgbouncer", "systemd"],
)
def test_ini_like(lines: list[str], section: str) -> None:
    """Each line is a key and a value."""
    parser = configparser.ConfigParser(strict=False)
    parser.read_string(f"[{section}]\n" + "\n".join(lines))
    assert any(parser.items(name) for name in parser.sections())


@pytest.mark.parametrize("advice", [*rows(NODE), *rows(GO), *rows(JAVA, "Java")], ids=named)
def test_languages_without_a_parser_at_hand(advice: Advice) -> None:
    """Brackets and quotes pair up, and no JavaScript statement is left open."""
    code = "".join(advice.lines)
    assert all(code.count(left) == code.count(right) for left, right in ("()", "{}", "[]"))
    assert code.count("'") % 2 == code.count('"') % 2 == 0
    assert advice.where != "JavaScript" or all(line.endswith(";") for line in advice.lines)
