"""The processes that keep a lab's namespaces alive; nothing else does.

    caller ── keeper ─┬─ init      pid 1 of the lab's pid namespace: when it dies, all inside die
                      ├─ holder    one for each network namespace
                      └─ ...

The kernel kills the keeper when the thread that opened the lab ends (PR_SET_PDEATHSIG), init when the keeper ends, and
every process of the pid namespace when init ends (pid_namespaces(7)). So nothing of a lab outlives its caller, not
even after ``kill -9``, and no namespace has a name or a file that could stay behind.
"""

import contextlib
import errno
import os
import signal
from collections.abc import Callable, Sequence
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from lastack.errors import RefusedError
from lastack.lab.processes import close_files, fork, ignore_keyboard, open_files, reap
from lastack.lab.refusal import refusal
from lastack.lab.syscalls import KINDS, NET, Kind, die_with_parent, make_mounts_private, mount_proc, unshare

__all__ = ["Keeper"]

_USER = KINDS[0]
_SETTINGS = Path("/proc/sys/net/ipv4")


class Keeper:
    """Makes a network namespace for each name, inside private user, mount and pid namespaces.

    Args:
        names: keys of ``pids``; the kernel learns of none.

    Attributes:
        kinds: the kinds of namespace to enter; without ``user`` where root may not make one, and needs none.
        pids: for each name, the pid (in the caller's pid namespace) of the process that lives in it.

    Raises:
        RefusedError: ``no-namespace``, naming the setting that forbids it; ``lab-limit``.
    """

    def __init__(self, names: Sequence[str]) -> None:
        ours, theirs = Pipe()
        self._pid = fork(lambda: _keep(names, theirs))
        theirs.close()
        try:
            has_user = _hear(ours)
            if has_user:
                _map_ids(self._pid)
            ours.send(None)
            self.kinds: tuple[Kind, ...] = KINDS if has_user else KINDS[1:]
            self.pids: dict[str, int] = _hear(ours)
        except BaseException:
            ours.close()  # the keeper may wait for our word
            self.close()
            raise
        ours.close()

    def close(self) -> None:
        """End every process of the lab, and wait until they are gone."""
        if self._pid:
            os.kill(self._pid, signal.SIGTERM)
            reap(self._pid)
            self._pid = 0


class _Refused(NamedTuple):
    """What the keeper says when the kernel does not make a namespace."""

    kind: str
    errno: int


class _Limited(NamedTuple):
    """What the keeper says when it may have no more processes."""

    message: str
    hint: str


def _hear(channel: Connection) -> Any:  # noqa: ANN401 - a pipe carries anything
    try:
        answer = channel.recv()
    except EOFError:
        raise RefusedError("no-namespace", "the process that keeps the lab's namespaces died at its start") from None
    if isinstance(answer, _Limited):
        raise RefusedError("lab-limit", answer.message, answer.hint)
    if isinstance(answer, _Refused):
        raise refusal(answer.kind, OSError(answer.errno, os.strerror(answer.errno)))
    return answer


def _map_ids(pid: int) -> None:
    """Map the ids of ``pid``'s user namespace: root's all to themselves where it may, anybody else's own to root.

    Only root keeps its capabilities in what it executes.
    """
    process = Path(f"/proc/{pid}")
    try:
        if os.geteuid() != 0 or not _map_all(process):
            (process / "uid_map").write_text(f"0 {os.geteuid()} 1", "ascii")
            (process / "setgroups").write_text("deny", "ascii")  # user_namespaces(7): before the gid_map
            (process / "gid_map").write_text(f"0 {os.getegid()} 1", "ascii")
    except OSError as error:
        raise refusal(_USER.name, error) from None


def _map_all(process: Path) -> bool:
    """Map all of our ids to themselves; whether it was allowed."""
    try:
        for which in ("uid_map", "gid_map"):
            extents = [line.split() for line in Path("/proc/self", which).read_text("ascii").splitlines()]
            (process / which).write_text("".join(f"{inside} {inside} {size}\n" for inside, _, size in extents), "ascii")
    except PermissionError:
        return False
    return True


def _keep(names: Sequence[str], channel: Connection) -> None:
    """The keeper's life."""
    die_with_parent()
    ignore_keyboard()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    _let_go_of_files(channel.fileno())
    kind = _USER
    try:
        channel.send(_has_user_namespace())
        channel.recv()
        for kind in KINDS[1:]:
            unshare(kind)
        make_mounts_private()
        _take_own_hash_table()
        init = _fork_and_await(_be_init)
        kind = NET
        channel.send({name: _fork_and_await(lambda: unshare(NET)) for name in names})
    except OSError as error:
        channel.send(_Refused(kind.name, error.errno or 0))
        return
    except RefusedError as error:
        channel.send(_Limited(error.message, error.hint))
        return
    signal.sigwait({signal.SIGTERM})
    os.kill(init, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


def _let_go_of_files(kept: int) -> None:
    """Close what the caller has open, so that none of its pipes and locks lives on in us."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    close_files({*open_files()} - {0, 1, 2, kept})


def _has_user_namespace() -> bool:
    """Make one. Root does without where the kernel refuses."""
    try:
        unshare(_USER)
    except OSError:
        if os.geteuid() != 0:
            raise
        return False
    return True


def _take_own_hash_table() -> None:
    """Give the namespaces to come a hash table of their own, as large as the host's.

    The size decides the defaults of tcp_max_tw_buckets and tcp_max_syn_backlog (tcp_set_hashinfo, net/ipv4/tcp_ipv4.c),
    which so stay the host's. The setting, Linux 6.1's, is written in our namespace, between the host's and the lab's.
    """
    own = _SETTINGS / "tcp_child_ehash_entries"
    if own.exists():
        size = abs(int((_SETTINGS / "tcp_ehash_entries").read_text("ascii")))  # negative: shared with the host
        own.write_text(str(size), "ascii")


def _be_init() -> None:
    """Show the lab its own processes. Some containers forbid that; there the host's /proc stays."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # orphans come to pid 1; so the kernel reaps them
    with contextlib.suppress(OSError):
        mount_proc()


def _fork_and_await(prepare: Callable[[], None]) -> int:
    """The pid of a child that has prepared itself, and now waits to be killed. Raises the OSError of ``prepare``."""
    reader, writer = os.pipe()

    def live() -> None:
        die_with_parent()
        os.close(reader)
        failure = 0
        try:
            prepare()
        except OSError as error:
            failure = error.errno or errno.EIO
        os.write(writer, bytes([failure]))  # fails where the keeper died before it was our death too
        os.close(writer)
        while not failure:
            signal.pause()

    pid = fork(live)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        failure = answer.read()
    if failure != b"\0":
        number = failure[0] if failure else errno.ECHILD
        raise OSError(number, os.strerror(number))
    return pid
