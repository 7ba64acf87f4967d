"""Zeek's ``history``: a letter for each kind of thing that happened, in order; capitals for the originator's.

    S SYN   H SYN-ACK   A ACK alone   D data   F FIN   R RST   T retransmission   G gap: acknowledged, never seen
    W zero window   C bad checksum   I FIN with RST   Q SYN with FIN or RST   ^ roles guessed the other way round

A, D, I and Q stand at most once a side. S, H, F and R stand again where the sequence number is another one. T, G, W and
C stand at the first, the tenth, the hundredth time, and so on (zeek, scripts/base/protocols/conn/main.zeek).
"""

from lastack.tcp.segment import ACK, FIN, RST, SYN

__all__ = ["History"]

_CONTROL = SYN | FIN | RST


class History:
    """The letters of one connection.

    Attributes:
        letters: what was written so far.
    """

    __slots__ = ("_counts", "_last", "letters")

    def __init__(self, *, flipped: bool) -> None:
        self.letters = "^" if flipped else ""
        self._last: dict[str, int] = {}
        self._counts: dict[str, int] = {}

    def segment(self, flags: int, place: int, payload: int, *, by_originator: bool) -> None:
        """Write what a segment's flags say.

        Args:
            flags: its control bits.
            place: where its first octet lies in its stream.
            payload: octets of data.
            by_originator: who sent it.
        """
        control = flags & _CONTROL
        if not control:
            letter = "D" if payload else "A" if flags & ACK else ""
        elif control & (control - 1):
            letter = "I" if control & FIN and control & RST else "Q"
        else:
            letter = "F" if control == FIN else "R" if control == RST else "H" if flags & ACK else "S"
            # A FIN is where its data ends. A SYN-ACK after a SYN of the same side is no second opening.
            self._again(letter, place + payload if control == FIN else place, by_originator=by_originator)
            return
        self._once(letter, by_originator=by_originator)

    def _once(self, letter: str, *, by_originator: bool) -> None:
        letter = letter if by_originator else letter.lower()
        if letter not in self.letters:
            self.letters += letter

    def _again(self, letter: str, place: int, *, by_originator: bool) -> None:
        kind = ("S" if letter == "H" else letter) if by_originator else ("s" if letter == "H" else letter.lower())
        if self._last.get(kind) != place:
            self.letters += letter if by_originator else letter.lower()
        self._last[kind] = place

    def count(self, letter: str, times: int = 1, *, by_originator: bool) -> None:
        """Write a letter that stands at the first, tenth, hundredth time."""
        letter = letter if by_originator else letter.lower()
        for _ in range(times):
            number = self._counts[letter] = self._counts.get(letter, 0) + 1
            digits = str(number)
            if digits[0] == "1" and not digits[1:].strip("0"):
                self.letters += letter
