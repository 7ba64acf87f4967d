"""Kill lastack with SIGKILL at random moments, again and again, and look what is left.

Everything is real: the command's own code in a child process, the kernel's settings in a private namespace, a journal
on the disk. Only the interpreter's start is spared, by forking, so that the kills fall into the work itself. Half of
the moments are drawn from the time that a command takes, and the kill comes from outside; as half of that time goes
into waiting for the disk, the other half are drawn from the system calls that it makes, and it kills itself there.
"""

import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from lastack.cli.main import main
from lastack.kernel.host import read_host
from lastack.plan.document import encode
from lastack.plan.plan import Plan, Step
from lastack.tune import setting
from lastack.tune.change import Change
from lastack.tune.journal import Journal

__all__ = ["SETTINGS", "Outcome", "run_trials"]

# Settings of every namespace, and two values for each; the one that the kernel rounds is asked to.
SETTINGS = {
    "net.ipv4.tcp_tw_reuse": ("0", "1"),
    "net.ipv4.tcp_fin_timeout": ("30", "45"),
    "net.ipv4.tcp_keepalive_time": ("600", "1200"),
    "net.ipv4.tcp_keepalive_intvl": ("30", "20"),
    "net.ipv4.tcp_keepalive_probes": ("5", "6"),
    "net.ipv4.tcp_syn_retries": ("3", "4"),
    "net.ipv4.tcp_synack_retries": ("2", "3"),
    "net.ipv4.tcp_orphan_retries": ("3", "4"),
    "net.ipv4.tcp_retries1": ("4", "5"),
    "net.ipv4.tcp_retries2": ("8", "9"),
    "net.ipv4.tcp_max_tw_buckets": ("65536", "5000"),
    "net.ipv4.tcp_max_syn_backlog": ("8192", "4096"),
    "net.core.somaxconn": ("8192", "16384"),
    "net.ipv4.ip_local_port_range": ("10240 65535", "20000 60999"),
    "net.ipv4.ip_local_reserved_ports": ("30000,30001,30002", "8080,9148-9150"),
    "net.ipv4.tcp_rfc1337": ("1", "1"),
    "net.ipv4.tcp_abort_on_overflow": ("1", "1"),
    "net.ipv4.tcp_syncookies": ("0", "2"),
    "net.ipv4.tcp_timestamps": ("0", "2"),
    "net.ipv4.neigh.lo.base_reachable_time_ms": ("20001", "25003"),
}

_WATCHED = ("--confirm-within=1h", "--baseline=0")
_TRIALS_A_JOURNAL = 40  # a journal of hundreds takes longer to read than to write
_MOST_TRIALS = 3  # for each kill that is wanted: some commands end before theirs comes
_PATIENCE_S = 20.0


class Outcome(NamedTuple):
    """What trials led to.

    Attributes:
        kills: how many processes were killed before they had ended by themselves.
        moments: where they were when they died, to how often.
        lost: for each trial that did not end as it began: what was wrong.
    """

    kills: int
    moments: Counter[str]
    lost: list[str]


def run_trials(seed: int, count: int, folder: str) -> Outcome:
    """Run them one after the other in the namespace that this process is in, until so many were killed."""
    return _Trials(random.Random(seed), Path(folder)).run(count)  # noqa: S311 - chance, not secrecy


class _Trials:
    def __init__(self, chance: random.Random, folder: Path) -> None:
        self._chance = chance
        self._folder = folder
        self._state = folder / "state"
        self._plan = folder / "plan.toml"
        self._host = read_host()
        self._kills = 0
        self._moments: Counter[str] = Counter()
        self._lost: list[str] = []
        self._takes_s: dict[int, float] = {}
        self._calls: dict[int, int] = {}
        self._by_call = False

    def run(self, count: int) -> Outcome:
        kinds = [self._kill_apply, self._kill_rollback, self._kill_both, self._kill_watched_apply]
        for number in range(_MOST_TRIALS * count):
            if self._kills >= count:
                break
            if number % _TRIALS_A_JOURNAL == 0:
                self._state = self._folder / f"state{number}"
                self._learn_durations()
            self._write_plan()
            before = _values()
            self._by_call = number // len(kinds) % 2 == 1
            kinds[number % len(kinds)]()
            self._judge(f"trial {number}, {kinds[number % len(kinds)].__name__}", before)
        return Outcome(self._kills, self._moments, self._lost)

    def _learn_durations(self) -> None:
        """How long each command takes and how many system calls it makes, so that kills come before its end."""
        self._write_plan()
        counted = self._folder / "calls"
        for commands in (self._apply(), self._rollback()), (self._apply(*_WATCHED), self._rollback()):
            for arguments in commands:
                self._finish(arguments, counted)
                self._calls[len(arguments)] = int(counted.read_text())
            for arguments in commands:
                begun = time.perf_counter()
                self._finish(arguments)
                self._takes_s[len(arguments)] = time.perf_counter() - begun

    def _apply(self, *options: str) -> list[str]:
        return ["apply", str(self._plan), "--yes", f"--state={self._state}", *options]

    def _rollback(self) -> list[str]:
        return ["rollback", "--yes", f"--state={self._state}"]

    def _kill_apply(self) -> None:
        self._kill(self._apply())
        self._finish(self._rollback())

    def _kill_rollback(self) -> None:
        self._finish(self._apply())
        self._kill(self._rollback())
        self._finish(self._rollback())

    def _kill_both(self) -> None:
        self._kill(self._apply())
        self._kill(self._rollback())
        self._finish(self._rollback())

    def _kill_watched_apply(self) -> None:
        """Its supervisor undoes what it left half done; what it had not begun, or had finished, is rolled back."""
        self._kill(self._apply(*_WATCHED))
        until = time.monotonic() + _PATIENCE_S
        while (change := self._last()) and self._is_half_done(change):
            if time.monotonic() > until:
                self._lost.append(f"the supervisor left change {change.id} as it was")
                break
            time.sleep(0.002)
        self._finish(self._rollback())

    def _is_half_done(self, change: Change) -> bool:
        return bool(change.wrote) and change.state(self._host.boot_id) in {"applying", "undoing"}

    def _kill(self, arguments: Sequence[str]) -> None:
        if self._by_call:
            calls = self._calls[len(arguments)]  # the first half only reads
            child = _spawn(arguments, self._chance.randint(calls // 2, calls))
        else:
            child = _spawn(arguments)
            time.sleep(self._chance.uniform(0, self._takes_s[len(arguments)]))
            os.kill(child, signal.SIGKILL)
        killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
        self._kills += killed
        self._moments[f"{arguments[0]}: {self._where()}" if killed else f"{arguments[0]}: it had ended"] += 1

    def _finish(self, arguments: Sequence[str], counted: Path | None = None) -> None:
        child = _spawn(arguments, 0 if counted else None, counted)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
            self._lost.append(f"{arguments[0]} failed, see the output")

    def _where(self) -> str:
        change = self._last()
        if change is None:
            return "before it began"
        state = change.state(self._host.boot_id)
        if state == "applying":
            return f"{len(change.wrote):2} of {len(change.begun.items)} written"
        return state

    def _judge(self, trial: str, before: dict[str, str | None]) -> None:
        for key, value in _values().items():
            if value != before[key]:
                self._lost.append(f"{trial}: {key} is {value} and was {before[key]}")
        if self._last_state() not in {None, "undone"}:
            self._lost.append(f"{trial}: the journal says {self._last_state()}")

    def _last(self) -> Change | None:
        with Journal(str(self._state)) as journal:
            changes = journal.changes()
        return changes[-1] if changes else None

    def _last_state(self) -> str | None:
        change = self._last()
        return None if change is None else change.state(self._host.boot_id)

    def _write_plan(self) -> None:
        """All settings in random order, each to a value that it does not have."""
        keys = self._chance.sample(sorted(SETTINGS), len(SETTINGS))
        steps = [
            Step(kind="setting", because="a test", reason="a test", key=key, value=self._chance.choice(SETTINGS[key]))
            for key in keys
        ]
        plan = Plan(
            made_at=self._host.taken_at,
            host=self._host.name,
            kernel=self._host.kernel,
            netns=str(Path("/proc/self/ns/net").readlink()),
            summary="a test",
            steps=steps,
        )
        self._plan.write_text(encode(plan))


def _values() -> dict[str, str | None]:
    return {key: setting.read(key) for key in SETTINGS}


class _Calls:
    """Counts the system calls of a process, as a profiler that Python tells of every call, and kills it at one.

    To be made in that process; children of it that inherit the profiler live on.
    """

    def __init__(self, last: int) -> None:
        self.count = 0
        self._pid = os.getpid()
        self._last = last

    def __call__(self, _frame: FrameType, event: str, function: object) -> None:
        if event == "c_call" and getattr(function, "__module__", "") in {"posix", "fcntl"}:
            self.count += 1
            if self.count == self._last and os.getpid() == self._pid:
                os.kill(self._pid, signal.SIGKILL)


def _spawn(arguments: Sequence[str], last_call: int | None = None, counted: Path | None = None) -> int:
    """A child that is lastack with these arguments.

    It dies at its ``last_call``; 0: it does not; None: nor does it count. It writes their number into ``counted``.
    """
    child = os.fork()
    if child:
        return child
    code = 70
    calls = None if last_call is None else _Calls(last_call)
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if calls:
            sys.setprofile(calls)
        main(list(arguments))
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.setprofile(None)
        if counted and calls:
            counted.write_text(str(calls.count))
        os._exit(code)
