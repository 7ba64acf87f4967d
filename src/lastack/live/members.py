"""Which connections are of one network namespace.

Tracepoints are the machine's, and do not say in which namespace a socket is. The multicast of destroyed sockets is a
namespace's own. So a connection is of the namespace if the multicast there tells of one of its sockets: of the same
two endpoints, within seconds. A socket whose connect() failed has forgotten its endpoints by then; of it, the process
tells.
"""

import time
from collections.abc import Callable
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lastack.kernel.destroyed import Destroyed
from lastack.kernel.namespaces import current
from lastack.live.diag import Diag, endpoints
from lastack.live.sockets import Lives

__all__ = ["PATIENCE", "Members"]

_Column = NDArray[Any]

# After a socket's CLOSE the kernel takes so long to tell, at most (a work queue); nanoseconds.
PATIENCE = 1_000_000_000

_REMEMBERED = 4 * PATIENCE
_MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


class Members:
    """Listens in the namespace that the thread is in when this is made.

    Args:
        numbered: gives the numbers of IPv6 addresses.
        diag: asks there.
        network: gives the inode of a process's network namespace.

    Raises:
        SockDiagRefusedError: the kernel does not tell.
    """

    def __init__(
        self, numbered: Callable[[NDArray[np.uint8]], _Column], diag: Diag, network: Callable[[int], int | None]
    ) -> None:
        self._numbered = numbered
        self._diag = diag
        self._network = network
        self._inode = int(current().removeprefix("net:[").removesuffix("]"))
        self._destroyed = Destroyed()
        self._heard: list[tuple[int, _Column, _Column]] = []

    @property
    def overruns(self) -> int:
        """How often the kernel dropped what it had to tell."""
        return self._destroyed.overruns

    def hear(self) -> None:
        """Take in what the kernel told since the last time."""
        now = time.monotonic_ns()
        self._heard = [heard for heard in self._heard if now - heard[0] < _REMEMBERED]
        messages = sorted(self._destroyed.take(), key=len)
        for length, alike in groupby(messages, len):
            self._heard.append((now, *endpoints(b"".join(alike), length, self._numbered)))

    def look(self) -> None:
        """Take in which sockets are there now."""
        self._heard.append((time.monotonic_ns(), *self._diag.sockets()))

    def known(self, lives: Lives) -> _Column:
        """The lives of which was heard."""
        keys = [_key(local, remote) for _, local, remote in self._heard]
        mask: _Column = np.isin(_key(lives.local, lives.remote), np.concatenate(keys) if keys else ())
        failed = np.flatnonzero(lives.failed & ~mask)
        if failed.size:
            inside = [pid for pid in set(lives.pid[failed].tolist()) if self._network(pid) == self._inode]
            mask[failed] = np.isin(lives.pid[failed], inside)
        return mask

    @property
    def endpoints(self) -> list[_Column]:
        """Columns of the endpoints that are remembered."""
        return [column for _, *columns in self._heard for column in columns]

    def close(self) -> None:
        """Listen no more."""
        self._destroyed.close()


def _key(local: _Column, remote: _Column) -> _Column:
    mixed: _Column = (local * _MIX[0]) ^ (remote * _MIX[1])
    return mixed
