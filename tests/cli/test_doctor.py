"""``lastack doctor`` on hosts that are sick on purpose, and on healthy ones."""

import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import Any

import pytest

from lastack.cli.main import main
from lastack.doctor.rules import RULES
from lastack.lab import Cohort, Lab
from tests.cli.running import lastack, lastack_in, lastack_json
from tests.kernel.private import run_as_nobody

ARTICLE = (
    Cohort("LISTEN", 9, port=8080),
    Cohort("CLOSE_WAIT", 125),
    Cohort("ESTABLISHED", 1_070),
    Cohort("FIN_WAIT1", 17),
    Cohort("FIN_WAIT2", 247),
    Cohort("CLOSING", 4),
    Cohort("TIME_WAIT", 25_087),
    Cohort("LAST_ACK", 7),
)


@contextmanager
def host(*cohorts: Cohort, **settings: str) -> Iterator[Lab]:
    """A host with such sockets and settings (``net.ipv4.`` left out)."""
    with Lab() as lab:
        lab.server.set({f"net.ipv4.{name}": value for name, value in settings.items()})
        lab.populate(cohorts)
        yield lab


def findings(document: dict[str, Any]) -> dict[str, str]:
    """Id to severity."""
    return {finding["id"]: finding["severity"] for finding in document["findings"]}


def test_the_articles_host_suffers_from_close_wait_and_not_from_time_wait(tmp_path: Path) -> None:
    """25,087 TIME_WAIT are harmless there, 125 CLOSE_WAIT are not; live, from a snapshot, in text and by exit code."""
    with host(*ARTICLE) as lab:
        document = lastack_json(lab, "doctor", "--json")
        assert findings(document) == {"close-wait": "warning"}
        assert document["findings"][0]["evidence"]["close_wait"] == 125
        (harmless,) = [row for row in document["healthy"] if row["id"] == "time-wait"]
        assert harmless["evidence"]["time_wait"] == 25_087
        assert lastack_in(lab, "doctor", "--fail-on", "warning").returncode == 1
        assert lastack_in(lab, "doctor", "--fail-on", "critical").returncode == 0
        plain = lastack_in(lab)
        assert plain.stdout.startswith("Warning: close-wait")
        assert "25,087 TIME_WAIT" in plain.stdout
        saved = tmp_path / "article.json"
        assert lastack_in(lab, "snapshot", "-o", str(saved)).returncode == 0
    from_file = json.loads(lastack("doctor", "--from", str(saved), "--json").stdout)
    assert findings(from_file) == {"close-wait": "warning"}
    assert from_file["states"] == document["states"]


def test_a_destination_whose_ports_are_used_up_is_critical() -> None:
    """A hundred local ports, all in TIME_WAIT towards one upstream."""
    with host(Cohort("TIME_WAIT", 100, active=True, port=5432), ip_local_port_range="40000 40099") as lab:
        document = lastack_json(lab, "doctor", "--json")
    finding, *others = document["findings"]
    assert (finding["id"], finding["severity"]) == ("ephemeral-ports", "critical")
    assert {other["severity"] for other in others} == {"notice"}
    (destination,) = finding["evidence"]["destinations"]
    assert destination["destination"].endswith(":5432")
    assert (destination["in_use"], destination["headroom"]) == (100, 0)


def test_as_many_time_wait_on_a_servers_port_use_up_nothing() -> None:
    """The look-alike: the same hundred, but clients opened the connections."""
    with host(Cohort("TIME_WAIT", 100, port=5432), ip_local_port_range="40000 40099") as lab:
        assert findings(lastack_json(lab, "doctor", "--json")) == {}


def test_a_full_accept_queue_names_its_listener() -> None:
    """A backlog of 4 and nobody who accepts: five connections wait, the queue is full."""
    with host(Cohort("LISTEN", 1, port=8443, backlog=4), Cohort("ESTABLISHED", 5, kind="queued", port=8443)) as lab:
        document = lastack_json(lab, "doctor", "--json")
    assert "accept-queue" in findings(document)
    queues = document["findings"][0]["evidence"]["queues"]
    assert queues[0]["listener"].endswith(":8443")
    assert (queues[0]["queue"], queues[0]["backlog"]) == (5, 4)


def test_half_open_requests_that_fill_a_queue_are_found() -> None:
    """Nine half-open requests where eight and one fit."""
    with host(Cohort("LISTEN", 1, port=8443, backlog=8), Cohort("SYN_RECV", 9, port=8443)) as lab:
        assert "syn-queue" in findings(lastack_json(lab, "doctor", "--json"))


OVERFLOW = """
import socket, time
server = socket.create_server(("127.0.0.1", 7000), backlog=1)
print("ready", flush=True)
clients = []
end = time.monotonic() + 3
while time.monotonic() < end:
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(("127.0.0.1", 7000))
    clients.append(client)
    time.sleep(0.05)
"""


def test_an_interval_shows_overflows_while_they_happen() -> None:
    """Two samples a second apart, clients coming all the time: the overflows are counted, and the listener named."""
    with host() as lab:
        load = lab.server.popen([sys.executable, "-c", OVERFLOW], stdout=-1, text=True)
        with load:
            assert load.stdout is not None
            load.stdout.readline()
            document = lastack_json(lab, "doctor", "--interval", "1", "--json")
            load.kill()
    assert 0.9 < document["interval_s"] < 3
    (finding,) = [row for row in document["findings"] if row["id"] == "accept-queue"]
    assert finding["severity"] in {"warning", "critical"}
    assert "127.0.0.1:7000" in json.dumps(finding["evidence"])


def test_an_idle_host_is_healthy_on_one_screen() -> None:
    """Every rule answers, none complains, and it fits 24 lines of 80 columns."""
    with host() as lab:
        done = lastack_in(lab)
        document = lastack_json(lab, "doctor", "--json")
    assert document["findings"] == []
    assert len(document["healthy"]) + len(document["unknown"]) == len(RULES)
    lines = done.stdout.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in done.stdout


def test_an_ordinary_user_is_told_what_is_out_of_sight() -> None:
    """On a host whose processes belong to others: the same rules, the reason beside what takes root."""
    document = json.loads(run_as_nobody(as_user, "--json"))
    assert sum(len(document[kind]) for kind in ("findings", "healthy", "unknown")) == len(RULES)
    if os.geteuid() == 0:  # then the processes of this host are not nobody's
        assert "root sees more" in document["unseen"]["processes"]
        letter = run_as_nobody(as_user)
        assert "CANNOT TELL, BECAUSE" in letter
        assert "root sees more" in " ".join(letter.split())


def as_user(*arguments: str) -> str:
    """What the doctor prints for the user that we are."""
    out = io.StringIO()
    with redirect_stdout(out), suppress(SystemExit):
        main(["doctor", *arguments])
    return out.getvalue()


def test_in_a_container_the_machines_limits_are_out_of_sight() -> None:
    """A network namespace of one's own shows neither tcp_max_orphans nor the machine's conntrack table."""
    with host(Cohort("LAST_ACK", 5), Cohort("ESTABLISHED", 200)) as lab:
        document = lastack_json(lab, "doctor", "--json")
    assert findings(document) == {}
    unseen = {what: why for row in document["healthy"] for what, why in row.get("unseen", {}).items()}
    assert "first namespace" in unseen["net.ipv4.tcp_max_orphans"]


def test_a_snapshot_of_before_timers_were_recorded() -> None:
    """What it does not tell is said, never guessed; what it tells is judged as before."""
    with host(Cohort("LAST_ACK", 140), Cohort("ESTABLISHED", 500), Cohort("CLOSE_WAIT", 150)) as lab:
        saved = json.loads(lastack_in(lab, "snapshot").stdout)
    for key in ("has_timers", "silences", "files", "promises", "memory_pressure"):
        saved.pop(key, None)
    for row in saved["cohorts"]:
        row.pop("retried", None)
    document = json.loads(lastack("doctor", "--from", "-", "--json", stdin=json.dumps(saved)).stdout)
    assert findings(document) == {"close-wait": "warning"}
    reasons = {row["id"]: row["reason"] for row in document["unknown"]}
    assert {"vanished-peers", "unacknowledged", "zero-window", "open-files"} <= set(reasons)
    assert "does not tell" in reasons["vanished-peers"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--interval", "0"], "more than 0"),
        (["--interval", "nan"], "more than 0"),
        (["--interval", "soon"], "invalid"),
        (["--fail-on", "panic"], "invalid choice"),
        (["--from", "x", "--interval", "1"], "--from examines a file"),
        (["--from", "/etc/passwd"], "is no snapshot"),
    ],
)
def test_a_wrong_wish_is_an_error_that_helps(arguments: list[str], words: str) -> None:
    """Exit code 2, one message, no traceback."""
    done = lastack("doctor", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
