"""Every kind of workload on the real kernel: what it does to a host is what arithmetic says."""

import pytest

from lastack.errors import RefusedError
from lastack.lab.experiment.arm import parse_arm
from lastack.lab.experiment.run import Run, perform
from lastack.lab.workloads.table import WORKLOADS
from tests.kernel.private import unavailable

_NO_LAB = {"no-namespace", "no-pyroute2", "no-veth"}


def _run(workload: str, *changes: str) -> Run:
    try:
        return perform("arm", parse_arm(changes, "arm").applied_to(WORKLOADS[workload]))
    except RefusedError as error:
        if error.slug in _NO_LAB:
            unavailable(error.message)
        raise


def test_a_server_that_closes_first_has_a_time_wait_for_each_connection() -> None:
    """And each request had its answer."""
    values = _run("server-closes-first", "requests=500", "rate=none").values
    assert (values["end.TIME_WAIT"], values["answered"], values["failed"]) == (500, 500, 0)
    assert values["counter.TcpExt.TW"] == 500


def test_where_the_peers_close_first_it_has_none() -> None:
    """They have them."""
    values = _run("server-closes-first", "requests=300", "closer=peer").values
    assert values.get("end.TIME_WAIT", 0) == 0
    assert (values["answered"], values["counter.TcpExt.TW"]) == (300, 0)


def test_keep_alive_divides_them() -> None:
    """50 requests on each of 10 connections."""
    values = _run("server-closes-first", "requests=500", "keepalive=50").values
    assert (values["end.TIME_WAIT"], values["answered"], values["failed"]) == (10, 500, 0)


def test_a_full_time_wait_table_resets_peers_that_close_later() -> None:
    """Those over the limit: their FIN meets no socket."""
    values = _run("server-closes-first", "requests=300", "tcp_max_tw_buckets=100").values
    assert values["end.TIME_WAIT"] == 100
    assert values["counter.TcpExt.TCPTimeWaitOverflow"] == 200
    assert values["resets"] == 200
    assert values["failed"] == 0


def test_one_destination_has_as_many_connections_as_ports() -> None:
    """The others fail at once, and the errno says why."""
    values = _run("one-destination", "ip_local_port_range=40000 40099", "requests=150", "rate=none").values
    assert (values["answered"], values["failed.EADDRNOTAVAIL"], values["ports_in_use"]) == (100, 50, 100)


def test_destinations_have_ports_of_their_own() -> None:
    """Three times as many."""
    changes = ("ip_local_port_range=40000 40099", "destinations=3", "requests=300", "rate=none")
    values = _run("one-destination", *changes).values
    assert (values["answered"], values["failed"], values["end.TIME_WAIT"]) == (300, 0, 300)


def test_a_proxy_opens_a_connection_for_each_request() -> None:
    """And closes first."""
    values = _run("proxy", "requests=200", "rate=none").values
    assert (values["answered"], values["failed"], values["end.TIME_WAIT"]) == (200, 0, 200)


def test_a_proxy_that_keeps_upstream_connections_has_hardly_any() -> None:
    """It opens as many as it has requests under way."""
    values = _run("proxy", "requests=400", "rate=none", "upstream.keepalive=32", "concurrency=8").values
    assert (values["answered"], values["failed"], values.get("end.TIME_WAIT", 0)) == (400, 0, 0)
    assert values["counter.Tcp.ActiveOpens"] <= 8


def test_a_proxy_without_ports_says_so_to_its_peers() -> None:
    """Their requests fail with the errno that it met."""
    values = _run("proxy", "ip_local_port_range=40000 40049", "requests=80", "rate=none").values
    assert (values["answered"], values["failed.EADDRNOTAVAIL"]) == (50, 30)


def test_without_cookies_a_burst_turns_peers_away() -> None:
    """They time out, which is a result."""
    values = _run("half-open-burst", "tcp_syncookies=0", "half_open_per_s=4000", "requests=100", "seconds=2").values
    assert values["failed.ETIMEDOUT"] > 0
    assert values["counter.TcpExt.TCPReqQFullDrop"] > 0


def test_cookies_answer_a_burst() -> None:
    """The queue is full, and nobody who means it is turned away."""
    values = _run("half-open-burst", "requests=100", "seconds=1").values
    assert values["peak.SYN_RECV"] >= 129
    assert values["counter.TcpExt.SyncookiesSent"] > 0
    assert (values["answered"], values["failed"]) == (100, 0)


def test_a_slow_program_overflows_its_accept_queue() -> None:
    """It answers no faster than it accepts."""
    values = _run("slow-accept", "seconds=1.5", "requests=600", "accepts_per_s=100").values
    assert values["counter.TcpExt.ListenOverflows"] > 0
    assert values["failed"] > 0
    assert values["answered_per_s"] <= 110


def test_peers_that_never_close_leave_fin_wait2() -> None:
    """Gone after tcp_fin_timeout, if that is short."""
    values = _run("half-closed-peers", "requests=100", "rate=200").values
    assert values["end.FIN_WAIT2"] == 100
    slowly = ("requests=100", "rate=30", "seconds=4", "tcp_fin_timeout=1")
    assert _run("half-closed-peers", *slowly).values["end.FIN_WAIT2"] < 60


def test_a_program_that_never_closes_leaves_close_wait() -> None:
    """One for each peer that did."""
    values = _run("server-closes-first", "closer=peer", "host_leaks=true", "requests=100").values
    assert values["end.CLOSE_WAIT"] == 100


@pytest.mark.parametrize(
    ("changes", "unnoticed"),
    [
        ((), 20),
        (("tcp_keepalive_time=1", "tcp_keepalive_intvl=1", "tcp_keepalive_probes=1"), 0),
        (("tcp_keepalive_time=1", "tcp_keepalive_intvl=1", "tcp_keepalive_probes=1", "so_keepalive=false"), 20),
    ],
)
def test_vanished_peers_are_noticed_by_keepalive(changes: tuple[str, ...], unnoticed: int) -> None:
    """Where the program has asked for it; they are lost either way."""
    values = _run("vanishing-peers", "requests=20", "idle_s=3.5", *changes).values
    assert (values["lost"], values["unnoticed"]) == (20, unnoticed)


@pytest.mark.parametrize(
    ("changes", "lost"), [((), 20), (("tcp_keepalive_time=1", "tcp_keepalive_intvl=1"), 0), (("forget_s=30",), 0)]
)
def test_a_middle_that_forgets_loses_what_is_idle_for_longer(changes: tuple[str, ...], lost: int) -> None:
    """Probes in time keep it in mind."""
    assert _run("forgetful-nat", "requests=20", "idle_s=3", *changes).values["lost"] == lost
