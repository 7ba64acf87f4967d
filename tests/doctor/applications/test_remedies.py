"""Which remedies a process gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastack.doctor.applications.remedies import application_of, remedies_for
from lastack.doctor.applications.row import PROBLEMS, Problem
from lastack.doctor.applications.rows import APPLICATIONS


@pytest.mark.parametrize(
    ("process", "name"),
    [
        ("nginx/812", "nginx"),
        ("apache2/9", "Apache httpd"),
        ("php-fpm8.2/44", "PHP-FPM"),
        ("python3.11/1", "Python"),
        ("gunicorn: maste/1", "gunicorn"),
        ("node", "Node.js"),
        ("java/2", "Java"),
        ("mariadbd/3", "MySQL"),
        ("valkey-server/3", "Redis"),
        ("postgres", "PostgreSQL"),
        ("nginx-exporter/5", "Go"),
        ("api/7", "Go"),
        ("/7", "Go"),
    ],
)
def test_recognised_by_the_name_of_the_process(process: str, name: str) -> None:
    """With its pid or without; a name that no row has may be a Go program's."""
    assert application_of(process).name == name


def test_the_port_tells_a_pool_from_a_web_client() -> None:
    """Towards PostgreSQL a pool of its connections, towards any other port HTTP's."""
    web = [remedy.text for remedy in remedies_for("upstream-keepalive", "python3/1", 8080)]
    sql = [remedy.text for remedy in remedies_for("upstream-keepalive", "python3/1", 5432)]
    assert [text.partition(": ")[2].partition(":")[0] for text in web] == ["requests", "httpx"]
    assert [text.partition(": ")[2].partition(":")[0] for text in sql] == ["SQLAlchemy"]


def test_a_process_out_of_sight_gets_none() -> None:
    """There is nothing to recognise."""
    assert all(remedies_for(problem, None) == [] for problem in PROBLEMS)


def test_few_and_with_their_source() -> None:
    """A letter, not a book."""
    for application in APPLICATIONS:
        process = application.processes[0].rstrip("*")
        for problem in PROBLEMS:
            found = remedies_for(problem, process)
            assert len(found) <= 3
            assert all((remedy.kind, bool(remedy.source)) == ("application", True) for remedy in found)


def test_what_is_not_sure_to_be_go_says_if() -> None:
    """The language of a program is not visible from its name."""
    (remedy,) = remedies_for("close-wait", "api/7")
    assert remedy.text.startswith("In a Go program: ")
    assert remedy.lines == ("defer response.Body.Close()",)


def test_files_end_with_the_service_manager() -> None:
    """Whatever the program's own setting."""
    assert [remedy.lines[0] for remedy in remedies_for("files", "nginx")] == [
        "worker_rlimit_nofile 65536;",
        "[Service]",
    ]
    assert [remedy.lines[-1] for remedy in remedies_for("files", "envoy")] == ["LimitNOFILE=65536"]


@given(st.sampled_from(PROBLEMS), st.text(max_size=30), st.one_of(st.none(), st.integers(0, 65_535)))
def test_any_name_and_any_port_get_an_answer(problem: Problem, process: str, port: int | None) -> None:
    """Processes choose their names: patterns and slashes among them are only text."""
    assert all(remedy.kind == "application" for remedy in remedies_for(problem, process, port))
