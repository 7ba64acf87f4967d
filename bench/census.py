"""Counting: half a million TIME_WAIT sockets, an idle namespace, fifty namespaces."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from bench.timing import Goal, Result, Timing, installed, peak_kib, race
from lastack.lab import Cohort, Lab

__all__ = ["census", "namespaces", "start_up"]

_LASTACK = [str(Path(sys.executable).with_name("lastack"))]
_NETSTAT = """netstat -an | awk '/^tcp/ {++S[$NF]}END{for (key in S) print key "\\t" S[key]}'"""
_SS = """ss -tan | awk 'NR>1 {++S[$1]}END{for (key in S) print key "\\t" S[key]}'"""
_PSUTIL = """
import collections, psutil
print(collections.Counter(c.status for c in psutil.net_connections("tcp")))
"""
_PYROUTE2 = """
import collections, socket
from pyroute2 import DiagSocket
from pyroute2.netlink.diag import SS_ALL
with DiagSocket() as diag:
    diag.bind()
    rows = [r for f in (socket.AF_INET, socket.AF_INET6) for r in diag.get_sock_stats(family=f, states=SS_ALL)]
print(collections.Counter(r["idiag_state"] for r in rows))
"""
_LIKE, _FULL, _BY = "lastack census --like netstat", "lastack census", "lastack census --by destination"
_OTHERS = {
    "netstat -an \\| awk": ["sh", "-c", _NETSTAT],
    "ss -tan \\| awk": ["sh", "-c", _SS],
}
_LIBRARIES = {
    "psutil.net_connections": [sys.executable, "-c", _PSUTIL],
    "pyroute2 DiagSocket": [sys.executable, "-c", _PYROUTE2],
}


def _ours(*names: str) -> dict[str, Sequence[str]]:
    return {name: _LASTACK + name.split()[1:] for name in names}


def census(sockets: int = 500_000, runs: int = 7) -> Result:
    """Half a million TIME_WAIT sockets in one namespace."""
    _, small_kib = _counting(1_000, {}, 0)
    large, large_kib = _counting(sockets, {**_OTHERS, **_ours(_LIKE, _FULL, _BY)}, runs)
    libraries, _ = _counting(sockets, _LIBRARIES, 1)
    netstat, ss = (large.get(name) for name in _OTHERS)
    grown = large_kib - small_kib
    goals = [
        _at_least(12, netstat, large[_LIKE], "`census --like netstat` against `netstat -an \\| awk`"),
        _at_least(6, ss, large[_LIKE], "`census --like netstat` against `ss -tan \\| awk`"),
        _at_least(3, ss, large[_FULL], "`census` with its timeline against `ss -tan \\| awk`"),
        _at_least(1, ss, large[_BY], "`census --by destination` against `ss -tan \\| awk`"),
        Goal(
            f"peak memory of `census --like netstat` at {sockets:,} sockets within 4 MB of that at 1,000",
            f"{large_kib:,} KiB, {grown:+,} KiB",
            grown <= 4 * 1024,
        ),
    ]
    return Result(
        f"{sockets:,} TIME_WAIT sockets",
        f"One namespace, server side of short connections; {runs} runs in turn, the libraries once.",
        {**large, **libraries},
        [goal for goal in goals if goal],
    )


def _counting(sockets: int, commands: Mapping[str, Sequence[str]], runs: int) -> tuple[dict[str, Timing], int]:
    """How fast they are, and the KiB that counting takes.

    TIME_WAIT lasts a minute: each set of commands gets a population of its own.
    """
    with Lab() as lab:
        lab.populate([Cohort("TIME_WAIT", sockets)])
        return lab.server.call(partial(_weighed, installed(commands), runs))


def _weighed(commands: Mapping[str, Sequence[str]], runs: int) -> tuple[dict[str, Timing], int]:
    return race(commands, runs), peak_kib(_ours(_LIKE)[_LIKE])


def _at_least(times: float, slow: Timing | None, fast: Timing, what: str) -> Goal:
    if slow is None:
        return Goal(f"{what}: at least {times:g} times as fast", "not installed", met=False)
    ratio = slow.median_s / fast.median_s
    return Goal(f"{what}: at least {times:g} times as fast", f"{ratio:.1f} times", ratio >= times)


def start_up(runs: int = 31) -> Result:
    """What a command costs before it has anything to count."""
    bare, version = "python -c pass", "lastack --version"
    commands = {bare: [sys.executable, "-c", "pass"], **_ours(version, _LIKE, _FULL, "lastack doctor")}
    with Lab() as lab:
        timings = lab.server.call(partial(race, commands, runs))
    goals = [
        _over(40, timings[bare], timings[_LIKE], "`census --like netstat`"),
        _over(25, timings[bare], timings[version], "`lastack --version`"),
        _over(250, timings[bare], timings["lastack doctor"], "`lastack doctor`"),
    ]
    return Result("Start-up", f"An idle namespace; {runs} runs in turn.", timings, goals)


def _over(limit_ms: float, bare: Timing, ours: Timing, what: str) -> Goal:
    over = (ours.median_s - bare.median_s) * 1000
    return Goal(f"{what}: at most {limit_ms:g} ms over the bare interpreter", f"{over:.1f} ms", over <= limit_ms)


def namespaces(count: int = 50, runs: int = 7) -> Result:
    """Many namespaces in one go."""
    one, every = "lastack census --counts", "lastack census --counts --all-netns"
    with Lab() as lab:
        timings = lab.server.call(partial(_among_namespaces, count, {**_ours(one, every)}, runs))
    share = (timings[every].median_s - timings[one].median_s) / count * 1000
    return Result(
        f"{count} namespaces",
        f"{share:.2f} ms a namespace. All namespaces of a machine share one hash table of connections, and each "
        "dump walks the whole of it: the table's size, which grows with memory, bounds this, not the sockets.",
        timings,
        [],
    )


def _among_namespaces(count: int, commands: Mapping[str, Sequence[str]], runs: int) -> dict[str, Timing]:
    with ExitStack() as neighbours:
        for _ in range(count):
            neighbours.enter_context(_neighbour())
        return race(commands, runs)


@contextmanager
def _neighbour() -> Iterator[None]:
    """A process in a namespace of its own."""
    from tests.kernel.private import neighbour  # noqa: PLC0415 - the tests have one

    with neighbour():
        yield
