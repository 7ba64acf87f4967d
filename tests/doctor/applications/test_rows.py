"""The rows about applications."""

from collections.abc import Iterator
from urllib.parse import urlparse

import pytest

from lastack.doctor.applications.row import PROBLEMS, Advice, Application
from lastack.doctor.applications.rows import ANY, APPLICATIONS

# Where each project publishes its documentation.
PUBLISHERS = {
    "nginx": {"nginx.org"},
    "HAProxy": {"docs.haproxy.org"},
    "Apache httpd": {"httpd.apache.org"},
    "Envoy": {"www.envoyproxy.io"},
    "PHP-FPM": {"www.php.net", "github.com"},
    "Node.js": {"nodejs.org", "node-postgres.com"},
    "Go": {"pkg.go.dev", "go.dev"},
    "Java": {"docs.oracle.com", "hc.apache.org", "tomcat.apache.org", "github.com"},
    "gunicorn": {"docs.gunicorn.org"},
    "Uvicorn": {"www.uvicorn.org"},
    "Python": {
        "docs.python.org",
        "requests.readthedocs.io",
        "www.python-httpx.org",
        "docs.sqlalchemy.org",
        "redis.readthedocs.io",
    },
    "PostgreSQL": {"www.postgresql.org", "www.pgbouncer.org"},
    "PgBouncer": {"www.pgbouncer.org"},
    "MySQL": {"dev.mysql.com"},
    "Redis": {"redis.io"},
}
FROM_PYTHON = {"gunicorn", "Uvicorn"}  # as clients they are told what Python programs are told


def every_advice() -> Iterator[tuple[Application | None, Advice]]:
    """All rows, with their application."""
    yield from ((one, advice) for one in APPLICATIONS for advice in one.advice)
    yield from ((None, advice) for advice in ANY)


@pytest.mark.parametrize("application", APPLICATIONS, ids=lambda one: one.name)
def test_sources_are_the_projects_own(application: Application) -> None:
    """Not a blog's."""
    allowed = PUBLISHERS[application.name] | (PUBLISHERS["Python"] if application.name in FROM_PYTHON else set())
    for advice in application.advice:
        address = urlparse(advice.source)
        assert (address.scheme, address.netloc in allowed) == ("https", True), advice.source


def test_every_problem_is_in_the_list() -> None:
    """And each has advice for somebody."""
    assert {advice.problem for _, advice in every_advice()} == set(PROBLEMS)


def test_texts_are_sentences_and_lines_one_line_each() -> None:
    """As reports print them."""
    for _, advice in every_advice():
        assert advice.text.endswith(".")
        assert advice.text == " ".join(advice.text.split())
        assert all(line == line.rstrip() and line.isprintable() and len(line) <= 110 for line in advice.lines)
        assert bool(advice.lines) == bool(advice.where)


def test_servers_know_how_to_lengthen_a_queue() -> None:
    """Whoever listens."""
    for application in APPLICATIONS:
        assert any(advice.problem == "backlog" for advice in application.advice), application.name


def test_clients_know_how_to_keep_connections() -> None:
    """Whoever connects to upstreams; databases do not."""
    servers = {"PostgreSQL", "MySQL", "Redis"}
    for application in APPLICATIONS:
        found = any(advice.problem == "upstream-keepalive" and not advice.ports for advice in application.advice)
        assert found == (application.name not in servers), application.name
