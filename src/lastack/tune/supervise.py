"""The supervisor: a process of ours that outlives the terminal, and undoes a change that nobody confirms.

It is forked when the change is in the journal and nothing is written yet, in a session of its own, and ends when the
change is confirmed or undone. It undoes the change when the deadline passes, when the guard sees harm, and when the
process that applies it dies on the way.
"""

import os
import select
import signal
import syslog
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, NoReturn

from lastack.errors import LastackError, RefusedError
from lastack.tune.change import Change
from lastack.tune.guard import Guard
from lastack.tune.journal import Journal
from lastack.tune.terminal import Terminal, tell
from lastack.tune.undo import undo
from lastack.tune.who import actor, boottime

__all__ = ["Charge", "start"]

_LOOK_EVERY_S = 1.0
_LOCK_PATIENCE_S = 30.0
_LONGEST_PAUSE_S = 60.0
_NAME = "lastack-confirm"  # 15 bytes, as comm has
_LAST_TO_KILL = "-900"  # oom_score_adj(5): hardly ever


class Charge(NamedTuple):
    """What a supervisor looks after.

    Attributes:
        journal: the folder.
        change: the number.
        token: of the same change.
        boot_id: of this boot.
        deadline_s: when it must be confirmed, by the clock that counts since boot.
        guard: None: only the deadline counts.
        terminal: where to say that it is undone.
    """

    journal: str
    change: int
    token: str
    boot_id: str | None
    deadline_s: float
    guard: Guard | None
    terminal: Terminal | None


def start(charge: Charge) -> None:
    """Start a supervisor; it is there when this returns. It knows by a pipe whether the calling process lives.

    Raises:
        RefusedError: ``no-supervisor``.
    """
    alive, _alive_writer = os.pipe()  # which stays open for as long as we live
    ready, ready_writer = os.pipe()
    try:
        child = os.fork()
    except OSError as error:
        raise RefusedError("no-supervisor", f"no process can be made to wait for the deadline: {error}") from None
    if child == 0:
        _be_supervisor(charge, alive, ready_writer)
    for descriptor in (alive, ready_writer):
        os.close(descriptor)
    os.waitpid(child, 0)
    with os.fdopen(ready, "rb") as answer:
        if not answer.read(1):
            raise RefusedError("no-supervisor", "the process that waits for the deadline died at its start")


def _be_supervisor(charge: Charge, alive: int, ready: int) -> NoReturn:
    """Become a process that no terminal, no parent and no logout knows, and supervise."""
    code = 1
    try:
        os.setsid()
        if os.fork():
            os._exit(0)
        _settle_in({alive, ready})
        os.write(ready, b".")
        os.close(ready)
        _supervise(charge, alive)
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it is must not unwind into the caller's frames
        syslog.syslog(syslog.LOG_ERR, f"change {charge.change} is not supervised: {traceback.format_exc()}")
    finally:
        os._exit(code)


def _settle_in(kept: set[int]) -> None:
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTSTP):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.chdir("/")
    null = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    for entry in list(Path("/proc/self/fd").iterdir()):
        if int(entry.name) > 2 and int(entry.name) not in kept:
            with suppress(OSError):  # the one that lists them is closed already
                os.close(int(entry.name))
    for name, text in (("comm", _NAME), ("oom_score_adj", _LAST_TO_KILL)):
        with suppress(OSError):
            Path("/proc/self", name).write_text(text, "ascii")


def _supervise(charge: Charge, alive: int) -> None:
    interval_s = charge.guard.interval_s if charge.guard else _LOOK_EVERY_S
    pause_s = interval_s
    writer_lives = True
    while True:
        left_s = charge.deadline_s - boottime()
        pause_s = min(pause_s, left_s) if left_s > 0 else pause_s
        if writer_lives:
            writer_lives = not select.select([alive], [], [], pause_s)[0]
        else:
            time.sleep(pause_s)
        try:
            if _look(charge, writer_lives=writer_lives):
                return
            pause_s = interval_s
        except (LastackError, OSError) as error:
            if isinstance(error, LastackError) and error.slug == "no-such-change":
                raise
            syslog.syslog(syslog.LOG_ERR, f"change {charge.change}: {error}; trying again")
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


def _look(charge: Charge, *, writer_lives: bool) -> bool:
    """Undo the change if it is time; gives whether there is nothing left to look after."""
    with Journal(charge.journal) as journal:
        change = journal.change(charge.change)
        if not _concerns(charge, change):
            return True
        why = _why_undo(charge, change, writer_lives=writer_lives)
        if not why:
            return False
        with journal.locked(_LOCK_PATIENCE_S):
            change = journal.change(charge.change)  # somebody may have confirmed or undone it while we waited
            if _concerns(charge, change):
                undo(journal, change, actor(), why)
                said = f"lastack: change {charge.change} is undone: {why}"
                syslog.syslog(syslog.LOG_WARNING, said)
                tell(charge.terminal, said)
    return True


def _concerns(charge: Charge, change: Change) -> bool:
    """Whether it is the change that we look after, and neither kept nor undone."""
    unsettled = change.state(charge.boot_id) in {"applying", "waiting", "undoing"}
    return unsettled and change.begun.token == charge.token


def _why_undo(charge: Charge, change: Change, *, writer_lives: bool) -> str:
    """Why to undo it now; empty: there is no reason yet."""
    if change.state(charge.boot_id) != "waiting":
        return "" if writer_lives else "lastack died while it was changing settings"
    if change.overdue(boottime()):
        return "it was not confirmed in time"
    return charge.guard.look() if charge.guard else ""
