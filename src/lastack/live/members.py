"""Which connections are of one network namespace.

Tracepoints are the machine's, and do not say in which namespace a socket is. The multicast of destroyed sockets is a
namespace's own. Both name a socket by its cookie when it is destroyed, so a connection is of the namespace if the
multicast there tells of one of its sockets. A socket whose connect() failed may live on for long; of it, the process
tells, and of those that are still there at the end, their endpoints.
"""

import time
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lastack.kernel.destroyed import Destroyed
from lastack.kernel.namespaces import current
from lastack.kernel.perf_records import Run
from lastack.kernel.tracepoints import Tracepoint
from lastack.live.diag import Diag, cookies
from lastack.live.rows import layout
from lastack.live.sockets import Lives

__all__ = ["DESTROY", "Members"]

_Column = NDArray[Any]

# What says which cookie the socket at an address has.
DESTROY = "tcp/tcp_destroy_sock"

# After a socket's end the kernel takes so long to tell, at most (a work queue); nanoseconds.
_PATIENCE = 1_000_000_000

_PAUSE_S = 0.01

_REMEMBERED = 4 * _PATIENCE

# So long a program may keep a socket that is closed; what it is of is not shown if it takes longer.
_GIVEN_UP = 600 * _PATIENCE
_MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


class _Ends(NamedTuple):
    """Sockets that have been destroyed, in any namespace: when, at which address, with which cookie."""

    time: _Column
    socket: _Column
    cookie: _Column


class Members:
    """Listens in the namespace that the thread is in when this is made.

    Args:
        diag: asks there.
        network: gives the inode of a process's network namespace.

    Raises:
        SockDiagRefusedError: the kernel does not tell.
    """

    def __init__(self, diag: Diag, network: Callable[[int], int | None]) -> None:
        self._diag = diag
        self._network = network
        self._inode = int(current().removeprefix("net:[").removesuffix("]"))
        self._destroyed = Destroyed()
        self._last = time.monotonic_ns()
        self._messages: list[bytes] = []
        self._heard: list[tuple[int, _Column]] = []
        self._ends = _Ends(np.empty(0, np.int64), np.empty(0, np.uint64), np.empty(0, np.uint64))
        self._living = np.empty(0, np.uint64)
        self._verdicts = np.empty(0, np.uint64), np.empty(0, np.int64)

    @property
    def overruns(self) -> int:
        """How often the kernel dropped what it had to tell."""
        return self._destroyed.overruns

    def drain(self) -> None:
        """Make room for what the kernel has to tell."""
        self._messages += self._destroyed.take()

    def hear(self, samples: Iterable[tuple[Tracepoint, Run]]) -> None:
        """Take in what the kernel told since the last time, and the samples of ``DESTROY``."""
        # Counted from the last time, however long ago: what waits since then still needs it.
        old, self._last = self._last - _REMEMBERED, time.monotonic_ns()
        self._heard = [heard for heard in self._heard if heard[0] > old]
        self.drain()
        messages, self._messages = sorted(self._messages, key=len), []
        for length, alike in groupby(messages, len):
            self._heard.append((self._last, cookies(b"".join(alike), length)))
        recent = self._ends.time > old
        parts = [_Ends(*(column[recent] for column in self._ends))]
        for tracepoint, run in samples:
            sample = np.frombuffer(run.records, layout(tracepoint, run.stride), run.number)
            parts.append(_Ends(sample["time"].copy(), sample["skaddr"].copy(), sample["sock_cookie"].copy()))
        self._ends = _Ends(*map(np.concatenate, zip(*parts, strict=True)))

    def settle(self) -> None:
        """Wait for what the kernel has yet to tell of sockets that have been destroyed, a second at most."""
        end = time.monotonic_ns() + _PATIENCE
        while time.monotonic_ns() < end and self._is_to_be_told():
            time.sleep(_PAUSE_S)
            self.hear(())

    def _is_to_be_told(self) -> bool:
        """Whether some socket, of any namespace, was destroyed so lately that the kernel may still tell of it here."""
        recent = self._ends.cookie[self._ends.time > time.monotonic_ns() - _PATIENCE]
        heard = [cookies for _, cookies in self._heard]
        return not np.isin(recent, np.concatenate(heard)).all() if heard else bool(recent.size)

    def look(self) -> None:
        """Take in which sockets are there now."""
        self._living = _key(*self._diag.sockets())

    def known(self, lives: Lives) -> _Column:
        """For each life 1 if its socket is of the namespace, -1 if it is not, 0 if that is not known yet."""
        cookie, destroyed = self._cookies(lives)
        keys = (lives.rows.socket[lives.first] * _MIX[0]) ^ (lives.start.astype(np.uint64) * _MIX[1])
        heard = [cookies for _, cookies in self._heard]
        mine = np.isin(cookie, np.concatenate(heard)) & (cookie > 0) if heard else np.zeros(len(cookie), bool)
        mine |= (lives.closed < 0) & np.isin(_key(lives.local, lives.remote), self._living)
        failed = np.flatnonzero(lives.failed & (cookie == 0))
        inside = [pid for pid in set(lives.pid[failed].tolist()) if self._network(pid) == self._inode]
        mine[failed] |= np.isin(lives.pid[failed], inside)
        not_ours = (cookie > 0) & (destroyed < self._last - _PATIENCE)
        not_ours |= (lives.closed >= 0) & (lives.closed < self._last - _GIVEN_UP)
        verdict = np.where(mine, 1, np.where(not_ours, -1, 0))
        before = np.isin(keys, self._verdicts[0])
        verdict[before] = self._verdicts[1][np.searchsorted(self._verdicts[0], keys[before])]
        order = np.argsort(keys)
        order = order[verdict[order] != 0]
        self._verdicts = keys[order], verdict[order]
        return verdict

    def _cookies(self, lives: Lives) -> tuple[_Column, _Column]:
        """The cookie of each life's socket, and when it was destroyed; 0 where it has not been.

        It is the first that was destroyed at its address after it began.
        """
        count = len(lives.first)
        sockets = np.concatenate((lives.rows.socket[lives.first], self._ends.socket))
        times = np.concatenate((lives.start, self._ends.time))
        order = np.lexsort((times, sockets))
        ends = np.where(order >= count, np.arange(len(order)), len(order))
        following = np.minimum.accumulate(ends[::-1])[::-1]
        where = np.empty(len(order), np.int64)
        where[order] = np.arange(len(order))
        end = np.append(order, -1)[following[where[:count]]]
        same = (end >= 0) & (sockets[end] == sockets[:count]) & (lives.closed >= 0)
        which = np.where(same, end - count, -1)
        return np.append(self._ends.cookie, np.uint64(0))[which], np.append(self._ends.time, 0)[which]

    def close(self) -> None:
        """Listen no more."""
        self._destroyed.close()


def _key(local: _Column, remote: _Column) -> _Column:
    mixed: _Column = (local * _MIX[0]) ^ (remote * _MIX[1])
    return mixed
