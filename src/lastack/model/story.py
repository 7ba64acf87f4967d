"""What the kernel's counters tell of the time between two samples: the events that change a census, or explain it."""

from typing import NamedTuple

from msgspec import Struct

from lastack.model.change import Change
from lastack.model.noise import CHANCE, deviations

__all__ = ["STORY", "Event", "story"]


class _Row(NamedTuple):
    counter: str
    text: str


# In the order of a connection's life. ``{}`` is the number.
STORY = (
    _Row("Tcp.ActiveOpens", "{} connections tried from here"),
    _Row("Tcp.PassiveOpens", "{} connections came in"),
    _Row("Tcp.AttemptFails", "{} attempts failed"),
    _Row("TcpExt.TCPReqQFullDrop", "{} SYNs dropped at a full SYN queue"),
    _Row("TcpExt.SyncookiesSent", "{} SYNs answered with a cookie"),
    _Row("TcpExt.ListenOverflows", "{} connections met a full accept queue"),
    _Row("TcpExt.ListenDrops", "{} connections dropped at a listener"),
    _Row("TcpExt.TCPSynRetrans", "{} SYNs sent again"),
    _Row("Tcp.RetransSegs", "{} segments sent again"),
    _Row("Tcp.EstabResets", "{} connections reset"),
    _Row("Tcp.OutRsts", "{} resets sent"),
    _Row("TcpExt.TW", "{} entered TIME_WAIT, or FIN_WAIT2 as orphans"),
    _Row("TcpExt.TCPTimeWaitOverflow", "{} TIME_WAIT refused: those closed without one"),
    _Row("TcpExt.TWRecycled", "{} TIME_WAIT taken over by a connect()"),
    _Row("TcpExt.TCPAbortOnClose", "{} closed with unread data, by a reset"),
    _Row("TcpExt.TCPAbortOnData", "{} closed by a reset on purpose (SO_LINGER)"),
    _Row("TcpExt.TCPAbortOnMemory", "{} aborted for want of memory, or too many orphans"),
    _Row("TcpExt.TCPAbortOnTimeout", "{} given up: the peer did not answer"),
    _Row("TcpExt.PAWSActive", "{} SYN-ACKs refused for their timestamp"),
    _Row("TcpExt.PAWSEstab", "{} segments refused for their timestamp"),
    _Row("TcpExt.PAWSTimewait", "{} SYNs refused by a TIME_WAIT with a newer timestamp"),
)


class Event(Struct, frozen=True, kw_only=True):
    """One counter.

    Attributes:
        counter: such as ``TcpExt.TCPTimeWaitOverflow``.
        text: what happened, and how often.
        between: events between the two samples; None: it cannot be told.
        before_per_s: events a second before the first sample; None: not known.
        after_per_s: events a second before the second one; None: not known.
        deviations: how far the two rates are apart, in standard deviations; None where one is not known.
        beyond_noise: whether that is more than chance; None as above.
    """

    counter: str
    text: str
    between: int | None
    before_per_s: float | None
    after_per_s: float | None
    deviations: float | None
    beyond_noise: bool | None


def story(between: Change | None, before: Change | None, after: Change | None, spread: float) -> list[Event]:
    """The counters that moved between the samples, or whose rates differ.

    Args:
        between: from the first sample to the second, where they compare.
        before: during the window before the first.
        after: during the window before the second.
        spread: as ``noise.deviations`` takes it.
    """
    found = [_event(row, between, before, after, spread) for row in STORY]
    return [event for event in found if event.between or event.before_per_s or event.after_per_s]


def _event(row: _Row, between: Change | None, before: Change | None, after: Change | None, spread: float) -> Event:
    windows = [window for window in (before, after) if window is not None]
    number = None if between is None else between.counters.get(row.counter)
    apart = None
    if len(windows) == 2 and all(row.counter in window.counters for window in windows):
        was, now = (window.counters[row.counter] for window in windows)
        apart = deviations(was, now, longer=windows[1].interval_s / windows[0].interval_s, spread=spread)
    return Event(
        counter=row.counter,
        text=row.text.format("" if number is None else f"{number:,}").lstrip(),
        between=number,
        before_per_s=_rate(before, row.counter),
        after_per_s=_rate(after, row.counter),
        deviations=apart,
        beyond_noise=None if apart is None else abs(apart) > CHANCE,
    )


def _rate(window: Change | None, counter: str) -> float | None:
    return None if window is None or counter not in window.counters else window.counters[counter] / window.interval_s
