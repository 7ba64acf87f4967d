"""What one side has sent, in numbers that count from its SYN and do not wrap."""

from bisect import insort

__all__ = ["Stream", "signed"]

_MODULUS, _HALF = 1 << 32, 1 << 31

# An acknowledgment of 0 this far ahead is a broken one, not a connection that happens to be there.
_BROKEN = 1 << 20

# Islands of data beyond a hole; a sender has no more under way than its window, and memory must stay bounded.
_ISLANDS = 256


def signed(difference: int) -> int:
    """The difference of two sequence numbers, modulo 2**32, as the smaller of its two meanings (RFC 9293 3.4).

    >>> signed(5 - 4294967295), signed(4294967295 - 5)
    (6, -6)
    """
    return ((difference + _HALF) % _MODULUS) - _HALF


class Stream:
    """Sequence space of one direction. Numbers are relative: the SYN is 0, the first octet of data 1.

    Attributes:
        seen: one past the highest number sent.
        acked: one past the highest number that the other side acknowledged.
        delivered: one past the last number up to which nothing is missing.
        fin: one past the FIN, or None while there was none.
    """

    __slots__ = ("_base", "_islands", "acked", "delivered", "fin", "seen")

    def __init__(self) -> None:
        self._base = self.seen = self.acked = 0
        self.fin: int | None = None
        self.delivered = 1
        self._islands: list[tuple[int, int]] = []

    def begin(self, base: int, seen: int) -> None:
        """Count from ``base``, the sequence number of the SYN or, where none was seen, one less than the data's."""
        self._base, self.seen, self.acked = base, seen, 0

    def is_base(self, number: int) -> bool:
        """Whether a SYN with this sequence number is the one that this stream began with."""
        return number == self._base

    @property
    def following(self) -> int:
        """The sequence number of what nobody has seen yet."""
        return (self._base + self.seen) % _MODULUS

    def place(self, number: int) -> int:
        """Where a sequence or acknowledgment number lies; negative before the SYN."""
        return self.seen + signed(number - self._base - self.seen)

    def acknowledge(self, number: int) -> int | None:
        """Note an acknowledgment number; gives its place, or None where it lies before the SYN."""
        place = self.place(number)
        if place < 0:
            return None
        if place > self.acked and not (number == 0 and place - self.acked > _BROKEN):
            self.acked = place
        return place

    def fill(self, begin: int, end: int) -> None:
        """Note data from one place up to another."""
        if begin > self.delivered:
            if len(self._islands) < _ISLANDS:
                insort(self._islands, (begin, end))
            return
        self.delivered = max(self.delivered, end)
        self._join()

    def give_up(self, upto: int) -> int:
        """The other side has everything before ``upto``: stop waiting for it. Gives how many holes that closes."""
        holes = 0
        while self.delivered < upto:
            holes += 1
            self.delivered = min(self._islands[0][0], upto) if self._islands else upto
            self._join()
        return holes

    def _join(self) -> None:
        islands = self._islands
        while islands and islands[0][0] <= self.delivered:
            self.delivered = max(self.delivered, islands.pop(0)[1])

    @property
    def size(self) -> int:
        """Octets of data sent, by sequence numbers: without retransmissions, with what was missed."""
        octets = max(self.seen, self.acked) - 1
        return max(octets - (self.fin is not None), 0)
