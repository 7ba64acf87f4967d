"""What went through a host in the minute before a moment: connections opened, closed first here, refused, taken over.

TIME_WAIT timers date the closes of the last minute, so a single sample tells how many connections this side closed
first and still remembers. Those that got no TIME_WAIT, or lost it before its time, left a trace in counters alone: that
takes an earlier sample.
"""

import re
from collections.abc import Sequence
from math import ceil
from typing import NamedTuple, Self

from msgspec import Struct

from lastack.model.census import TIME_WAIT_S
from lastack.model.change import Change, change, obstacle
from lastack.model.sample import Cohort, Sample
from lastack.model.sysctl import integer
from lastack.model.totals import timeline, total

__all__ = ["ENTERED_NOT", "TAKEN_OVER", "Flow", "Moment", "flow", "own_window"]

ENTERED_NOT = "TcpExt.TCPTimeWaitOverflow"
TAKEN_OVER = "TcpExt.TWRecycled"
_LATE_S = 15.0  # a sample of a minute ago may be somewhat older than that
_OPENED = ("Tcp.ActiveOpens", "Tcp.PassiveOpens")
_FAILED = "Tcp.AttemptFails"
_ENTERED = ("TcpExt.TW", "TcpExt.TWKilled")
_DATA = "TcpExt.TCPOrigDataSent"


class Moment(NamedTuple):
    """A sample to compare, and one that was taken shortly before it, where there is one."""

    sample: Sample
    earlier: Sample | None = None

    @classmethod
    def last_of(cls, samples: Sequence[Sample]) -> Self:
        """The last of samples in the order of their time, and the oldest of the minute before it that compares.

        Where none of that minute does, the youngest older one: rates are means over a longer time then.
        """
        *others, last = samples
        fitting = [one for one in others if not obstacle(last, one)]
        recent = [one for one in fitting if last.uptime_s - one.uptime_s <= TIME_WAIT_S + _LATE_S]
        return cls(last, recent[0] if recent else fitting[-1] if fitting else None)


class Flow(Struct, frozen=True, kw_only=True):
    """Rates at a moment. What is not known is None.

    Attributes:
        window_s: seconds that the counters' rates are means of; None: there are no such rates.
        time_wait: TIME_WAIT sockets.
        closes: TIME_WAIT entries a second over the last 60 s, newest last.
        entered_per_s: connections closed first here that got their TIME_WAIT, a second.
        refused_per_s: those that got none, a second (``TCPTimeWaitOverflow``).
        taken_over_per_s: TIME_WAIT whose port a connect() took over, a second (``TWRecycled``).
        taken_over: sockets that would be in TIME_WAIT now, had they not been taken over.
        replaced: the same, of those that a new connection of the same client took the place of, which nothing counts.
        opened_per_s: connections opened, by either side, a second.
        data_per_s: segments with data sent, a second: the work that connections do.
    """

    window_s: float | None
    time_wait: int
    closes: list[int]
    entered_per_s: float
    refused_per_s: float | None
    taken_over_per_s: float | None
    taken_over: float
    replaced: float
    opened_per_s: float | None
    data_per_s: float | None

    @property
    def closed_per_s(self) -> float:
        """Connections closed first here a second, whatever became of them."""
        return self.entered_per_s + (self.refused_per_s or 0.0)

    @property
    def leftover(self) -> float:
        """TIME_WAIT sockets above what the rates of the window make: of another rate, less than a minute ago."""
        return self.time_wait + self.taken_over + self.replaced - TIME_WAIT_S * self.entered_per_s


def own_window(moment: Moment) -> Change | None:
    """What changed in the time before the moment, as its earlier sample shows it."""
    if moment.earlier is None or obstacle(moment.sample, moment.earlier):
        return None
    return change(moment.sample, moment.earlier)


def flow(sample: Sample, window: Change | None) -> Flow:
    """The rates of a sample; ``window``: what the counters did before it.

    Raises:
        InputError: ``malformed-sample``, ``malformed-setting``.
    """
    waiting = [cohort for cohort in sample.cohorts if cohort.state == "TIME_WAIT"]
    count, closes = total(waiting), timeline(waiting)
    rate = _Rates(window)
    refused, taken_over = rate.of(ENTERED_NOT), rate.of(TAKEN_OVER)
    seconds = TIME_WAIT_S if window is None else min(ceil(window.interval_s), TIME_WAIT_S)
    dated = sum(closes[-seconds:]) if any(closes) else count * seconds / TIME_WAIT_S
    taken = (taken_over or 0.0) * seconds
    entered = rate.entered(sample.kernel)
    gone = taken if entered is None else max(entered * seconds - dated, 0.0)
    taken = min(gone, taken)
    opened = rate.opened()
    return Flow(
        window_s=None if window is None else window.interval_s,
        time_wait=count,
        closes=closes,
        entered_per_s=(dated + gone) / seconds,
        refused_per_s=0.0 if refused is None and _refuses_nothing(sample, waiting) else refused,
        taken_over_per_s=0.0 if _never(sample, TAKEN_OVER) else taken_over,
        taken_over=taken,
        replaced=gone - taken,
        opened_per_s=opened,
        data_per_s=rate.data(opened),
    )


class _Rates(NamedTuple):
    window: Change | None

    def of(self, counter: str) -> float | None:
        delta = None if self.window is None else self.window.counters.get(counter)
        return None if delta is None or self.window is None else delta / self.window.interval_s

    def entered(self, kernel: str) -> float | None:
        """Into TIME_WAIT, or FIN_WAIT2 as an orphan, which is on its way there; None where no counter tells.

        A mean over longer than TIME_WAIT lasts says nothing of what is waiting now. Until 5.17 these counted when they
        ended; a file cannot be probed for that.
        """
        found = re.match(r"(\d+)\.(\d+)", kernel)
        if found is None or (int(found[1]), int(found[2])) < (5, 18):
            return None
        if self.window is None or self.window.interval_s > TIME_WAIT_S + _LATE_S:
            return None
        known = [rate for rate in map(self.of, _ENTERED) if rate is not None]
        return sum(known) if known else None

    def opened(self) -> float | None:
        """Attempts less those that failed; some that failed now were made before the window."""
        known = [rate for rate in map(self.of, _OPENED) if rate is not None]
        return max(sum(known) - (self.of(_FAILED) or 0.0), 0.0) if known else None

    def data(self, opened: float | None) -> float | None:
        """Segments of new data, less the FIN of each connection, which is one of them (tcp_event_new_data_sent)."""
        sent = self.of(_DATA)
        return None if sent is None or opened is None else max(sent - opened, 0.0)


def _never(sample: Sample, counter: str) -> bool:
    group, _, name = counter.partition(".")
    return sample.counters.get(group, {}).get(name) == 0


def _refuses_nothing(sample: Sample, waiting: list[Cohort]) -> bool:
    """Whether no close lacks its TIME_WAIT: none ever did, or the limit is not reached."""
    limit = integer(sample.settings, "net.ipv4.tcp_max_tw_buckets")
    mini_sockets = sample.sockstat.get("TCP", {}).get("tw", total(waiting))
    return _never(sample, ENTERED_NOT) or (limit is not None and not 0 <= limit <= mini_sockets)
