"""Loads over a real link: rate, roles, hold time, concurrency, half-open handshakes."""

import time

import pytest

from lastack.lab import Cohort, Lab, Load
from tests.lab.readers import counter, rows, states
from tests.lab.users import Run


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("opener", ["client", "server"])
@pytest.mark.parametrize("closer", ["client", "server"])
def test_who_closes_first_has_the_time_wait(lab: Lab, family: int, opener: str, closer: str) -> None:
    """Whoever opened: RFC 9293, section 3.6. The rate is kept, and all that was opened is there to be seen."""
    load = Load(seconds=0.3, rate=200, opener=opener, closer=closer, family=family, port=8080)  # type: ignore[arg-type]
    report = lab.start(load).report()
    assert report.failed == {}
    assert 20 <= report.opened <= 61  # 60, less what a busy machine skips
    ends = {"server": lab.server, "client": lab.client}
    waiting = {name: states(namespace)[family, "TIME_WAIT"] for name, namespace in ends.items()}
    assert waiting == {"server": 0, "client": 0} | {closer: report.opened}
    (port,) = {row.remote_port == 8080 for row in rows(ends[closer])}
    assert port == (closer == opener)


def test_connections_are_held(lab: Lab) -> None:
    """So many are open at once and no more, each for its time: 20 connections for 2 s are at most 40 in 3 s."""
    running = lab.start(Load(seconds=3, hold_s=2, concurrency=20))
    deadline = time.monotonic() + 10
    while (seen := states(lab.server))[4, "ESTABLISHED"] < 20:
        assert time.monotonic() < deadline
    assert (seen[4, "ESTABLISHED"], seen[4, "LISTEN"]) == (20, 1)
    report = running.report()
    assert 20 <= report.opened <= 40
    assert report.failed == {}


def test_a_load_is_shared_by_processes_and_addresses(lab: Lab) -> None:
    """The rate is that of all together; each process has a port, and addresses in turn."""
    report = lab.start(Load(seconds=0.5, rate=200, processes=2, addresses=3, port=7000)).report()
    assert 40 <= report.opened <= 102
    text = lab.server.run(["cat", "/proc/net/tcp"], capture_output=True, text=True, check=True).stdout
    ends = [line.split()[1:3] for line in text.splitlines()[1:]]
    assert {local.partition(":")[2] for local, _ in ends} == {"1B58", "1B59"}  # 7000, 7001
    assert len({remote.partition(":")[0] for _, remote in ends}) == 6


def test_handshakes_that_never_finish(lab: Lab) -> None:
    """SYNs alone: each is half-open at the server, and none is at the client."""
    lab.populate([Cohort("LISTEN", 1, backlog=4096)])
    report = lab.start(Load(seconds=0.3, rate=300, finish=False)).report()
    assert report.failed == {}
    assert 30 <= report.opened <= 91
    assert states(lab.server) == {(4, "LISTEN"): 1, (4, "SYN_RECV"): report.opened}
    assert states(lab.client) == {}


def test_a_flood_is_answered_with_cookies(lab: Lab) -> None:
    """A SYN queue of n holds n + 1; the rest get cookies, if tcp_syncookies is on: inet_csk_reqsk_queue_is_full()."""
    lab.populate([Cohort("LISTEN", 1, backlog=10)])
    report = lab.start(Load(seconds=0.3, rate=200, finish=False)).report()
    half_open = states(lab.server)[4, "SYN_RECV"]
    assert half_open in {10, 11}  # since Linux 6.12 one more
    assert counter(lab.server, "SyncookiesSent") == report.opened - half_open


def churned() -> tuple[int, int]:
    """What an unbridled load opened, and how often the server entered TIME_WAIT.

    There are fewer at the end: a client that comes back with the same port takes the place of its last one.
    """
    with Lab() as lab:
        report = lab.start(Load(seconds=0.5)).report()
        return report.opened, counter(lab.server, "TW")


def test_anybody_may_drive(run_as: Run) -> None:
    """As root and without: as many connections as can be, each with its TIME_WAIT at the server."""
    opened, entered = run_as(churned)
    assert opened == entered > 500
