"""How a connection ended: which side closed first, and in how many segments."""

from lastack.tcp.segment import FIN

__all__ = ["Teardown"]


class Teardown:
    """The closing of one connection by FINs; a reset is known from elsewhere."""

    __slots__ = ("_acknowledged", "_answered", "_crossed", "_first", "_spoke")

    def __init__(self) -> None:
        self._first: bool | None = None
        self._answered = self._crossed = self._acknowledged = self._spoke = False

    def segment(self, flags: int, payload: int, *, by_originator: bool, acks_fin: bool) -> None:
        """Take in a segment's flags and data, and whether it acknowledges the other side's FIN."""
        if self._first is None:
            if flags & FIN:
                self._first = by_originator
            return
        if by_originator == self._first or self._answered:
            return
        if acks_fin and payload:
            self._spoke = True
        if flags & FIN:
            self._answered = True
            self._crossed = not acks_fin and not self._acknowledged
        elif acks_fin:
            self._acknowledged = True

    @property
    def kind(self) -> str:
        """four-segment, three-segment, simultaneous, half-closed (for a while, or for good) or none."""
        if self._first is None:
            return "none"
        if self._crossed:
            return "simultaneous"
        if self._spoke or not self._answered:
            return "half-closed"
        return "four-segment" if self._acknowledged else "three-segment"

    @property
    def first(self) -> str:
        """Who sent the first FIN: orig, resp, both at once, or nobody ("")."""
        if self._first is None:
            return ""
        return "both" if self._crossed else "orig" if self._first else "resp"
