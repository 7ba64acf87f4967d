"""The sink that finds how long peers have been silent: the age of CLOSE_WAIT, and of FIN_WAIT2 that a process holds.

No socket says since when it is in its state. But a peer that has sent its FIN sends nothing more on its own, and one
that has acknowledged ours sends nothing more unless its program has something to say; so the last segment dates the
state, at the latest (tcpi_last_ack_recv of struct tcp_info, include/uapi/linux/tcp.h).
"""

import sys
from collections import Counter
from typing import ClassVar

from lastack.kernel.decode import INFO, attribute
from lastack.kernel.grouping import Lookup
from lastack.kernel.state_sink import state_name
from lastack.kernel.stretch import ROW, STATE, Stretch
from lastack.model.sample import Silence

__all__ = ["SilenceSink"]

_FIN_WAIT2, _CLOSE_WAIT = 5, 8
_LAST_ACK_RECEIVED = slice(56, 60)  # u32, milliseconds
_UID, _INODE = -2, -1  # of a row's fields

_Holder = tuple[str, str | None, int | None]


class SilenceSink:
    """Counts sockets by holder and by how long their peer has been silent, in powers of two of a second.

    Args:
        lookup: names for inodes.
    """

    STATES: ClassVar = frozenset({"FIN_WAIT2", "CLOSE_WAIT"})
    MASK: ClassVar = 1 << _FIN_WAIT2 | 1 << _CLOSE_WAIT

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._seconds: dict[_Holder, Counter[int]] = {}

    def add(self, stretch: Stretch) -> None:
        """Take the rows that have a struct tcp_info; mini-sockets have none."""
        for at, state in enumerate(stretch.column(STATE)):
            message = stretch.rows[at * stretch.stride : (at + 1) * stretch.stride]
            info = attribute(bytes(message[ROW.size :]), INFO)
            if info is not None and len(info) >= _LAST_ACK_RECEIVED.stop:
                silent_s = int.from_bytes(info[_LAST_ACK_RECEIVED], sys.byteorder) // 1000
                row = ROW.unpack_from(message)
                holder = self._holder(state_name(state), row[_UID], row[_INODE])
                self._seconds.setdefault(holder, Counter())[_power_of_two(silent_s)] += 1

    def _holder(self, state: str, uid: int, inode: int) -> _Holder:
        return (state, self._lookup.process(inode), uid) if inode else (state, None, None)

    def silences(self) -> list[Silence]:
        """One row a holder and state, the largest first."""
        rows = [
            Silence(state=state, process=process, uid=uid, seconds=dict(sorted(seconds.items())))
            for (state, process, uid), seconds in self._seconds.items()
        ]
        return sorted(rows, key=lambda row: (-sum(row.seconds.values()), str(row)))


def _power_of_two(seconds: int) -> int:
    return 1 << seconds.bit_length() - 1 if seconds else 0
