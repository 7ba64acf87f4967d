"""Looks at a host from inside its namespace, before, during and after a load."""

import time

from msgspec import Struct

from lastack.kernel.census import count_states
from lastack.kernel.counters import read_counters
from lastack.kernel.sampler import take_sample
from lastack.kernel.socket_memory import socket_memory
from lastack.model.census import Tally
from lastack.model.model import Model
from lastack.settings.counters.rows import COUNTERS

__all__ = ["Look", "Observer", "Seen"]


_SETTLING_S, _PAUSE_S = 1.0, 0.05


class Look(Struct, frozen=True, array_like=True):
    """A census: in JSON a list of the two.

    Attributes:
        at_s: seconds since the run began.
        states: state to sockets.
    """

    at_s: float
    states: dict[str, int]


class Seen(Struct, frozen=True, kw_only=True):
    """What was seen of a host under a load.

    Attributes:
        end: sockets per state at its end.
        peak: the most sockets of each state in any census.
        looks: the censuses.
        ports_in_use: local ports that the fullest destination has in use at the end.
        memory_bytes: what the sockets of the end occupy; None: not visible.
        bytes_per_socket: mean of that.
        counters: lifecycle counter to its change; names such as ``TcpExt.TWRecycled``.
    """

    end: dict[str, int]
    peak: dict[str, int]
    looks: list[Look]
    ports_in_use: int
    memory_bytes: int | None
    bytes_per_socket: float | None
    counters: dict[str, int]


class Observer:
    """Lives in the namespace of the host under test."""

    def begin(self) -> None:
        """Note where the counters stand and what the time is, and take the first census."""
        self._before = _lifecycle_counters()
        self._begun = time.monotonic()
        self._looks: list[Look] = []
        self.look()

    def look(self) -> None:
        """Take a census."""
        tally = Tally(())
        count_states(tally)
        states = {name: count for name, count in tally.census().whole.states.items() if count}
        self._looks.append(Look(round(time.monotonic() - self._begun, 3), states))

    def finish(self) -> Seen:
        """What was seen, when the last segments have arrived."""
        self._settle()
        counters = _lifecycle_counters()
        memory = socket_memory()
        peak: dict[str, int] = {}
        for look in self._looks:
            peak = {state: max(peak.get(state, 0), look.states.get(state, 0)) for state in {**peak, **look.states}}
        destinations = Model.of(take_sample()).destinations
        return Seen(
            end=self._looks[-1].states,
            peak=peak,
            looks=self._looks,
            ports_in_use=max((one.in_use for one in destinations), default=0),
            memory_bytes=memory and memory.buffers + memory.objects,
            bytes_per_socket=memory and memory.per_socket,
            counters={name: value - self._before.get(name, 0) for name, value in counters.items()},
        )

    def _settle(self) -> None:
        """Look until nothing changes any more; not for long, where something always does."""
        deadline = time.monotonic() + _SETTLING_S
        self.look()
        while time.monotonic() < deadline:
            time.sleep(_PAUSE_S)  # longer than an acknowledgement is put off, 40 ms (TCP_DELACK_MIN)
            self.look()
            if self._looks[-1].states == self._looks[-2].states:
                return


def _lifecycle_counters() -> dict[str, int]:
    """Those of our table that count, and that this kernel keeps for each namespace."""
    tables = read_counters()
    return {
        f"{row.source}.{row.name}": tables[row.source][row.name]
        for row in COUNTERS.values()
        if row.per_namespace and not row.gauge and row.name in tables.get(row.source, {})
    }
