"""Which remedies a process gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastack.doctor.applications.remedies import application_of, remedies_for
from lastack.doctor.applications.row import PROBLEMS, Problem
from lastack.doctor.applications.rows import APPLICATIONS
from lastack.doctor.diagnosis import diagnose
from lastack.model.sample import Conntrack, OpenFiles
from tests.model.samples import UPSTREAM, closed, cohort, listener, model


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
        ("api/7", None),
        ("/7", None),
    ],
)
def test_recognised_by_the_name_of_the_process(process: str, name: str | None) -> None:
    """With its pid or without; a name that no row has tells nothing."""
    found = application_of(process)
    assert (found and found.name) == name


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
        process = application.processes[0].strip("*")
        for problem in PROBLEMS:
            found = remedies_for(problem, process)
            assert len(found) <= 3
            assert all((remedy.kind, bool(remedy.source)) == ("application", True) for remedy in found)
            assert {remedy.process for remedy in found} <= {process}


def test_a_name_is_not_said_twice() -> None:
    """Where the lines belong, unless that is the name of the application."""
    assert remedies_for("upstream-keepalive", "nginx/7", 8080)[0].text.startswith("nginx (http): ")
    assert remedies_for("upstream-keepalive", "python/7", 8080)[0].text.startswith("Python: ")


def test_an_unknown_name_gets_no_languages_lines() -> None:
    """The language of a program is not visible from its name: only what the service manager does holds for any."""
    found = {problem: [remedy.lines for remedy in remedies_for(problem, "api/7", 8080)] for problem in PROBLEMS}
    assert found.pop("files") == [("[Service]", "LimitNOFILE=65536")]
    assert not any(found.values())


def test_every_problem_has_advice_for_a_program_by_any_name() -> None:
    """The rules' own: a pool, a close, a longer backlog; none of it in a language."""
    own_port = {"role": "passive", "local": "10.0.0.1", "local_port": 80, "process": "api/7"}
    host = model(
        cohort("ESTABLISHED", 5, **UPSTREAM, process="api/7"),
        cohort("CLOSE_WAIT", 500, **own_port),
        cohort("FIN_WAIT2", 500, **own_port),
        closed(dict.fromkeys(range(60), 300), **UPSTREAM),
        listeners=[listener(80, queue=500, process="api/7")],
        files=[OpenFiles(process="api/7", open=1024, limit=1024)],
        conntrack=Conntrack(count=5, max=1000),
        settings={"net.netfilter.nf_conntrack_tcp_timeout_established": "600"},
    )
    found = {one.id: [each for each in one.remedies if each.kind == "application"] for one in diagnose(host).findings}
    about = {"upstream-keep-alive", "close-wait", "fin-wait2", "accept-queue", "open-files", "keepalive-probes"}
    assert {name for name, remedies in found.items() if remedies} >= about
    for remedies in found.values():
        assert {remedy.lines for remedy in remedies} <= {(), ("[Service]", "LimitNOFILE=65536")}


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
