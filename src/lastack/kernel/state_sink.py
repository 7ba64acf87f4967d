"""The sink of a plain census: sockets per state, and the closes of the last minute."""

from collections import Counter

from lastack.kernel.stretch import EXPIRES, STATE, TIME_WAIT, TIMER, TIMER_TIME_WAIT, Stretch
from lastack.model.census import SocketRow, Tally, age_of_close
from lastack.tcp.states import BY_NUMBER

__all__ = ["StateSink", "state_name"]

_FIN_WAIT2 = 5


def state_name(number: int) -> str:
    """The state of that number; ``STATE_N`` for one that is newer than this program."""
    return BY_NUMBER.get(number, f"STATE_{number}")


class StateSink:
    """Counts states alone; with ``timeline``, the closes of the last minute too.

    Attributes:
        mini_fin_wait2: FIN_WAIT2 that no process holds: they live on as time-wait mini-sockets.
    """

    def __init__(self, *, timeline: bool = False) -> None:
        self._timeline = timeline
        self._states: Counter[int] = Counter()
        self._left_ms: Counter[int] = Counter()
        self.mini_fin_wait2 = 0

    def add(self, stretch: Stretch) -> None:
        """Count a stretch."""
        states = stretch.column(STATE)
        for state in set(states):
            self._states[state] += states.count(state)
        if _FIN_WAIT2 in states:
            pairs = zip(states, stretch.column(TIMER), strict=True)
            self.mini_fin_wait2 += sum(pair == (_FIN_WAIT2, TIMER_TIME_WAIT) for pair in pairs)
        if self._timeline and TIME_WAIT in states:
            left = stretch.words(EXPIRES)
            if states.count(TIME_WAIT) != stretch.messages:
                left = [ms for ms, state in zip(left, states, strict=True) if state == TIME_WAIT]
            self._left_ms.update(left)

    def pour(self, tally: Tally, most: int = 0) -> None:  # noqa: ARG002 - the same call serves both sinks
        """Hand the counts over."""
        closes: Counter[int | None] = Counter()
        for left, count in self._left_ms.items():
            closes[age_of_close(left)] += count
        for age, count in closes.items():
            tally.add(SocketRow("TIME_WAIT", close_age_s=age), count)
        for state, count in self._states.items():
            if not (self._timeline and state == TIME_WAIT):
                tally.add(SocketRow(state_name(state)), count)
