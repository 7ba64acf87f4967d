"""What flows over the edges of the state diagram."""

import time

from lastack.kernel.sampler import take_sample
from lastack.lab import Lab, Load
from lastack.model.edges import EDGES, EdgeFlow, edge_flows
from lastack.model.sample import Cohort, Sample
from lastack.tcp.states import NAMES
from tests.model.samples import SERVED, UPSTREAM, closed, cohort, sample


def pair(before: list[Cohort], after: list[Cohort], **counters: int) -> dict[str, EdgeFlow]:
    """The flows between two samples, ten seconds apart, by edge; counters are what they went up by."""
    flows = edge_flows(_at(1010.0, after, counters), _at(1000.0, before, {}))
    return {flow.id: flow for flow in flows}


def _at(uptime_s: float, cohorts: list[Cohort], counters: dict[str, int]) -> Sample:
    tcp = {name: counters.get(name, 0) for name in ("ActiveOpens", "PassiveOpens", "AttemptFails", "EstabResets")}
    ext = {name: counters.get(name, 0) for name in ("TW", "TCPTimeWaitOverflow")}
    return sample(*cohorts, uptime_s=uptime_s, counters={"Tcp": tcp, "TcpExt": ext})


def test_edges_lead_from_state_to_state() -> None:
    """Of the kernel's states, each edge once."""
    assert {name for edge in EDGES for name in (edge.source, edge.target)} <= set(NAMES)
    assert len({edge.id for edge in EDGES}) == len(EDGES)


def test_one_sample_tells_no_flow() -> None:
    """Every edge says so."""
    assert {(flow.per_s, flow.known) for flow in edge_flows(sample(), None)} == {(None, "untold")}


def test_a_server_that_closes_first() -> None:
    """30 a second come, 30 a second close; 250 more TIME_WAIT, so 5 a second end."""
    before = [cohort("ESTABLISHED", 100, **SERVED), closed({20: 200}, **SERVED)]
    after = [cohort("ESTABLISHED", 100, **SERVED), closed(dict.fromkeys(range(10), 30) | {30: 150}, **SERVED)]
    flows = pair(before, after, PassiveOpens=300, TW=300)
    assert (flows["SYN_RECV-ESTABLISHED"].per_s, flows["SYN_RECV-ESTABLISHED"].known) == (30.0, "counted")
    assert (flows["ESTABLISHED-FIN_WAIT1"].per_s, flows["ESTABLISHED-FIN_WAIT1"].known) == (30.0, "at-least")
    assert (flows["FIN_WAIT2-TIME_WAIT"].per_s, flows["FIN_WAIT2-TIME_WAIT"].known) == (30.0, "together")
    assert flows["TIME_WAIT-CLOSE"].per_s == 5.0
    assert flows["ESTABLISHED-CLOSE_WAIT"].per_s == 0.0
    assert flows["FIN_WAIT1-FIN_WAIT2"].known == "untold"


def test_a_client_whose_server_closes_first() -> None:
    """20 a second are opened; 5 stay in CLOSE_WAIT, 2 are reset, 13 go on, and 1 of them stays in LAST_ACK."""
    before = [cohort("ESTABLISHED", 10, **UPSTREAM)]
    after = [
        cohort("ESTABLISHED", 10, **UPSTREAM),
        cohort("CLOSE_WAIT", 50, **UPSTREAM),
        cohort("LAST_ACK", 10, **UPSTREAM),
    ]
    flows = pair(before, after, ActiveOpens=200, EstabResets=20)
    assert flows["CLOSE-SYN_SENT"].per_s == 20.0
    assert (flows["SYN_SENT-ESTABLISHED"].per_s, flows["SYN_SENT-ESTABLISHED"].known) == (20.0, "counted")
    assert (flows["ESTABLISHED-CLOSE_WAIT"].per_s, flows["ESTABLISHED-CLOSE_WAIT"].known) == (20.0, "at-most")
    assert flows["CLOSE_WAIT-LAST_ACK"].per_s == 13.0
    assert flows["LAST_ACK-CLOSE"].per_s == 12.0
    assert (flows["ESTABLISHED-CLOSE"].per_s, flows["ESTABLISHED-CLOSE"].known) == (2.0, "at-most")


def test_failed_connects() -> None:
    """Those that failed did not get open, and may have been somebody else's requests: bounds."""
    flows = pair([], [cohort("SYN_SENT", 40, **UPSTREAM)], ActiveOpens=100, AttemptFails=30)
    assert (flows["SYN_SENT-ESTABLISHED"].per_s, flows["SYN_SENT-ESTABLISHED"].known) == (3.0, "at-least")
    assert (flows["SYN_SENT-CLOSE"].per_s, flows["SYN_SENT-CLOSE"].known) == (3.0, "at-most")


def test_closes_that_got_no_time_wait() -> None:
    """They left ESTABLISHED all the same."""
    flows = pair([], [closed(dict.fromkeys(range(10), 5), **SERVED)], PassiveOpens=200, TW=50, TCPTimeWaitOverflow=150)
    assert flows["ESTABLISHED-FIN_WAIT1"].per_s == 20.0
    assert flows["FIN_WAIT2-TIME_WAIT"].per_s == 5.0


def _two(seconds: float) -> tuple[Sample, Sample]:
    first = take_sample()
    until = time.monotonic() + seconds
    while (second := take_sample()).uptime_s - first.uptime_s < seconds:
        assert time.monotonic() < until + 20
        time.sleep(0.05)
    return first, second


def test_a_real_load() -> None:
    """Of 300 connections a second that a lab drives, and that the server closes first, the edges tell as many."""
    with Lab() as lab:
        running = lab.start(Load(seconds=60, rate=300, addresses=4, port=8080))
        lab.server.call(_two, 0.5)
        before, after = lab.server.call(_two, 4.0)
        running.stop()
    flows = {flow.id: flow.per_s or 0.0 for flow in edge_flows(after, before)}
    opened = after.counters["Tcp"]["PassiveOpens"] - before.counters["Tcp"]["PassiveOpens"]
    rate = opened / (after.uptime_s - before.uptime_s)
    assert rate > 100
    for edge in ("LISTEN-SYN_RECV", "SYN_RECV-ESTABLISHED", "ESTABLISHED-FIN_WAIT1", "FIN_WAIT2-TIME_WAIT"):
        assert abs(flows[edge] - rate) < rate / 5, edge
    assert flows["ESTABLISHED-CLOSE_WAIT"] < rate / 5
