"""Forecasts held against the kernel: each load forecast, then driven in a lab of its own; the table is a page.

    python -m docs.forecasts

All loads run side by side and take little more than the minute that a TIME_WAIT lasts.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from math import ceil
from multiprocessing import get_context
from pathlib import Path
from subprocess import PIPE
from typing import Any, NamedTuple

from docs.generate.markdown import page_of
from lastack.errors import RefusedError
from lastack.forecast.flow import Flow, Limits
from lastack.forecast.queues import half_open, synack_life_s
from lastack.forecast.simulate import Demand, simulate
from lastack.forecast.steady import steady
from lastack.lab import Lab, Load

__all__ = ["CASES", "TOLERANCE", "Case", "Held", "page", "run_all"]

TOLERANCE = 0.10
PAGE = Path(__file__).parent / "reference/forecasts.md"

_WINDOW_S = 10  # at the end of a load: what is in each state, on average
_STEP_S = 0.05
_SOONEST_S = 5  # full before that is not seen by looking twice a second
_LOW = 30_000
_STATES = {"01": "ESTABLISHED", "03": "SYN_RECV", "05": "FIN_WAIT2", "06": "TIME_WAIT", "08": "CLOSE_WAIT"}
_ATTEMPTS, _KEPT = 3, 0.98
_OVERFLOW = "TCPTimeWaitOverflow"
_ABOUT_ONE_ROUND_S = 65


class Case(NamedTuple):
    """A load on a host.

    Attributes:
        what: in words.
        flow: as the forecast takes it, from the server's end.
        settings: of the server, besides its port range.
        family: 4 or 6.
        buckets: ``tcp_max_tw_buckets``; None: enough.
    """

    what: str
    flow: Flow
    settings: Mapping[str, object] = {}
    family: int = 4
    buckets: int | None = None


class Held(NamedTuple):
    """One number: what was forecast, and what the kernel did."""

    case: str
    number: str
    forecast: float
    measured: float

    @property
    def off(self) -> float:
        """By how much the forecast is off, as a share of what was measured; of nothing, of one."""
        return abs(self.forecast - self.measured) / max(abs(self.measured), 1e-9)


def _flow(rate: float, **fields: Any) -> Flow:  # noqa: ANN401 - as Flow has
    return Flow(name="load", rate_per_s=rate, **fields)


def _reuse(delay_s: float) -> dict[str, object]:
    return {"net.ipv4.tcp_tw_reuse": 1, "net.ipv4.tcp_tw_reuse_delay": round(delay_s * 1000)}


CASES = (
    Case("a client that closes first, ports enough", _flow(20, ports=2000)),
    Case("the same, too many for its ports", _flow(50, ports=2000)),
    Case("the same, by far", _flow(60, ports=600)),
    Case("over IPv6, too many for its ports", _flow(20, ports=800), family=6),
    Case("a client that holds each for 5 s", _flow(20, ports=2000, hold_s=5)),
    Case("the same, too many for its ports", _flow(60, ports=2400, hold_s=9)),
    Case("a client whose server closes first", _flow(80, ports=1000, closes="there")),
    Case("the same, each held for 5 s, too many for its ports", _flow(100, ports=300, hold_s=5, closes="there")),
    Case("reuse after 1 s, few", _flow(15, ports=2000, reuse_s=1), _reuse(1)),
    Case("reuse after 1 s, more", _flow(33, ports=2000, reuse_s=1), _reuse(1)),
    Case("reuse after 1 s, many, over IPv6", _flow(80, ports=2000, reuse_s=1), _reuse(1), family=6),
    Case("reuse after 1 s, too many for its ports", _flow(300, ports=150, reuse_s=1), _reuse(1)),
    Case("reuse after 4 s, too many for its ports", _flow(90, ports=240, reuse_s=4), _reuse(4)),
    Case("a server that closes first, all for one client", _flow(40, role="passive", peer_ports=28_232)),
    Case("the same, too few buckets", _flow(40, role="passive", peer_ports=28_232), buckets=500),
    Case("a server whose client closes first, after 4 s", _flow(50, role="passive", hold_s=4, closes="there")),
)

# One of its own: the lab's are patient, and let no request go.
_LISTENER = "import socket, sys; s = socket.create_server(('', 80), backlog=1024); print(flush=True); sys.stdin.read()"
_SYNS_PER_S, _SYNACK_RETRIES = 20.0, 2


def run_all() -> list[Held]:
    """Every number of every case."""
    with ProcessPoolExecutor(len(CASES) + 1, get_context("spawn")) as executor:
        jobs = [executor.submit(_run, case) for case in CASES]
        syns = executor.submit(_run_half_open)
        return [held for job in (*jobs, syns) for held in job.result()]


def _run(case: Case) -> list[Held]:
    for _ in range(_ATTEMPTS):
        held = _driven(case)
        if held is not None:
            return held
    raise RefusedError(
        "load-not-kept", f"this machine is too busy to drive {case.flow.rate_per_s:g} connections a second"
    )


def _driven(case: Case) -> list[Held] | None:
    """None: the load fell behind what was asked for, so its numbers say nothing."""
    flow = case.flow
    seconds = _ABOUT_ONE_ROUND_S + flow.hold_s
    if steady(flow).binds:  # then it goes in rounds: each begins when the ports of the one before come back
        seconds = flow.blocks_s * ceil(_ABOUT_ONE_ROUND_S / flow.blocks_s)
    with Lab() as lab:
        lab.server.set(_settings(case))
        opener, closer = _ends(flow)
        load = Load(
            seconds=seconds, rate=flow.rate_per_s, opener=opener, closer=closer, hold_s=flow.hold_s, family=case.family
        )
        running = lab.start(load)
        seen = _Watch(lab, flow.ports).until(seconds - 1)
        overflow = lab.server.call(_counter, _OVERFLOW)
        report = running.report()
    failed = sum(report.failed.values())
    tried = report.opened + failed
    if tried < _KEPT * flow.rate_per_s * seconds:
        return None
    return _held(case, seconds, seen, overflow / (seconds - 1), failed / tried)


def _ends(flow: Flow) -> Any:  # noqa: ANN401 - two of Load's literals
    opener = "server" if flow.role == "active" else "client"
    other = {"server": "client", "client": "server"}
    return opener, "server" if flow.closes == "here" else other["server"]


def _settings(case: Case) -> dict[str, object]:
    found = dict(case.settings)
    if case.flow.ports:
        found["net.ipv4.ip_local_port_range"] = f"{_LOW} {_LOW + case.flow.ports - 1}"
    if case.flow.reuse_s is None:
        found["net.ipv4.tcp_tw_reuse"] = 0
    if case.buckets is not None:
        found["net.ipv4.tcp_max_tw_buckets"] = case.buckets
    return found


class _Watch:
    """Looks at the server's sockets, twice a second."""

    def __init__(self, lab: Lab, ports: int | None) -> None:
        self._lab = lab
        self._ports = ports
        self.full_s: float | None = None
        self.states: dict[str, float] = {}

    def until(self, seconds: float) -> "_Watch":
        begun = time.monotonic()
        last: list[dict[str, int]] = []
        while (now := time.monotonic() - begun) < seconds:
            counts = self._lab.server.call(_count)
            if self._ports and self.full_s is None and sum(counts.values()) >= self._ports - 1:
                self.full_s = now
            if now > seconds - _WINDOW_S:
                last.append(counts)
            time.sleep(0.5)
        self.states = {state: sum(one.get(state, 0) for one in last) / len(last) for state in _STATES.values()}
        return self


def _count() -> dict[str, int]:
    """Sockets per state, but for listeners, from /proc."""
    found: dict[str, int] = {}
    for name in ("tcp", "tcp6"):
        for line in Path("/proc/self/net", name).read_text("ascii").splitlines()[1:]:
            state = _STATES.get(line.split()[3])
            if state:
                found[state] = found.get(state, 0) + 1
    return found


def _counter(name: str) -> int:
    names, values = Path("/proc/self/net/netstat").read_text("ascii").splitlines()[:2]
    return int(dict(zip(names.split(), values.split(), strict=True))[name])


def _held(case: Case, seconds: float, seen: _Watch, refused_per_s: float, failed_share: float) -> list[Held]:
    limits = Limits(tw_buckets=case.buckets)
    expected = steady(case.flow, limits)
    found = [Held(case.what, state, count, seen.states[state]) for state, count in _expected(case, limits, seconds)]
    if expected.failed_per_s:
        found.append(Held(case.what, "failed share", expected.failed_share, failed_share))
    if expected.binds == "ports" and expected.full_in_s is not None and expected.full_in_s > _SOONEST_S:
        found.append(Held(case.what, "full after, s", expected.full_in_s, seen.full_s or 0.0))
    if expected.refused_waits_per_s:
        course = simulate(Demand(flows=[case.flow]), limits, seconds, step_s=_STEP_S)
        found.append(Held(case.what, "refused a second", float(course.refused.sum()) / seconds, refused_per_s))
    return found


def _expected(case: Case, limits: Limits, seconds: float) -> list[tuple[str, float]]:
    """Sockets per state in the window at the end, of the simulation: it knows the time."""
    course = simulate(Demand(flows=[case.flow]), limits, seconds - 1, step_s=_STEP_S)
    window = round(_WINDOW_S / _STEP_S)
    found = (("ESTABLISHED", course.open), ("TIME_WAIT", course.waiting))
    return [
        (state, float(counts[-window:].mean()))
        for state, counts in found
        if (state != "ESTABLISHED" or case.flow.hold_s) and counts[-window:].mean() >= 1
    ]


def _run_half_open() -> list[Held]:
    with Lab() as lab:
        lab.server.set({"net.ipv4.tcp_synack_retries": _SYNACK_RETRIES})
        listener = lab.server.popen([sys.executable, "-c", _LISTENER], stdin=PIPE, stdout=PIPE)
        assert listener.stdout is not None
        listener.stdout.readline()
        running = lab.start(Load(seconds=30, rate=_SYNS_PER_S, finish=False))
        seen = _Watch(lab, None).until(29)
        running.report()
    life_s = synack_life_s(_SYNACK_RETRIES)
    what = f"SYNs that nobody follows up, each forgotten after {life_s:g} s"
    return [Held(what, "SYN_RECV", half_open(_SYNS_PER_S, 1024, _SYNACK_RETRIES), seen.states["SYN_RECV"])]


def page(held: Sequence[Held]) -> str:
    """The table."""
    rows = ["| load | what | forecast | the kernel | off by |", "| --- | --- | ---: | ---: | ---: |"]
    rows += [
        f"| {one.case} | {one.number} | {_number(one.forecast)} | {_number(one.measured)} | {one.off:.1%} |"
        for one in held
    ]
    worst = max(one.off for one in held)
    introduction = (
        f"{len(CASES) + 1} loads, each forecast, and then driven on the running kernel in a lab of its own. All "
        f"numbers are within {TOLERANCE:.0%} of what the kernel did; the worst is off by {worst:.1%}. Sockets are "
        f"averages of the last {_WINDOW_S} s. `python -m docs.forecasts` makes this page."
    )
    return page_of("Forecasts held against the kernel", "docs/forecasts.py", introduction, "\n".join(rows))


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"


def _main() -> None:
    held = run_all()
    PAGE.write_text(page(held), "utf-8")
    sys.stdout.write(page(held))


if __name__ == "__main__":
    _main()
