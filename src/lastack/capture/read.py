"""Reads a capture: connections as they end, and what was left out."""

from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from lastack.capture.choose import Choice
from lastack.capture.decode import Decoder
from lastack.capture.follow import Follower
from lastack.capture.segments import Endpoints, Segments
from lastack.capture.source import packets
from lastack.capture.threads import ahead
from lastack.errors import InputError
from lastack.tcp.bundle import Bundle

__all__ = ["Reading"]

_EVERYTHING = Choice()


class Reading:
    """One capture being read.

    Args:
        source: the file; read once, from its beginning.
        name: what to call it in errors.
        choice: the segments that are asked for.
        verify: leave segments out whose checksum is wrong; they are counted in the history.

    Attributes:
        decoder: what was found in the packets, and what was left out.
        follower: what follows the connections.
        problem: why the file could not be read to its end, or None. Whatever was whole has been read.
    """

    def __init__(self, source: BinaryIO, name: str, choice: Choice = _EVERYTHING, *, verify: bool = False) -> None:
        self._source, self._name, self._choice = source, name, choice
        self.decoder = Decoder(verify=verify)
        self.follower = Follower()
        self.problem: InputError | None = None

    def segments(self) -> Iterator[Segments]:
        """The segments that are asked for.

        Raises:
            InputError: ``not-a-capture``: it is no capture at all.
        """
        try:
            found = packets(self._source, self._name)
            # What comes through a pipe may let one wait.
            for some in ahead(found) if self._source.seekable() else found:
                yield self._choice.of(self.decoder.decode(some), self.decoder.addresses)
        except InputError as error:
            if error.slug == "not-a-capture":
                raise
            self.problem = error

    def batches(self, held: Callable[[], Sequence[Endpoints]] = tuple) -> Iterator[list[Bundle]]:
        """The connections, bundled as they come; those still open at the end come last.

        Args:
            held: gives endpoints that the caller will still ask ``decoder.addresses`` for, of earlier batches.

        Raises:
            InputError: as ``segments``.
        """
        addresses = self.decoder.addresses
        for rows in self.segments():
            if ended := self.follower.add(rows):
                yield ended
            if addresses.is_worth_sweeping:
                addresses.sweep([self.decoder.endpoints, *self.follower.endpoints, *held()])
        if ended := self.follower.finish():
            yield ended
