"""Reads a capture: connections as they end, and what was left out."""

from collections.abc import Iterator
from typing import BinaryIO

from lastack.capture.decode import Decoder
from lastack.capture.follow import Follower
from lastack.capture.source import packets
from lastack.errors import InputError
from lastack.tcp.bundle import Bundle

__all__ = ["Reading"]


class Reading:
    """One capture being read.

    Args:
        source: the file; read once, from its beginning.
        name: what to call it in errors.
        verify: leave segments out whose checksum is wrong; they are counted in the history.

    Attributes:
        decoder: what was found in the packets, and what was left out.
        follower: what follows the connections.
        problem: why the file could not be read to its end, or None. Whatever was whole has been read.
    """

    def __init__(self, source: BinaryIO, name: str, *, verify: bool = False) -> None:
        self._source, self._name = source, name
        self.decoder = Decoder(verify=verify)
        self.follower = Follower()
        self.problem: InputError | None = None

    def batches(self) -> Iterator[list[Bundle]]:
        """The connections, bundled as they come; those still open at the end come last.

        Raises:
            InputError: ``not-a-capture``: it is no capture at all.
        """
        try:
            for some in packets(self._source, self._name):
                if ended := self.follower.add(self.decoder.decode(some)):
                    yield ended
        except InputError as error:
            if error.slug == "not-a-capture":
                raise
            self.problem = error
        if ended := self.follower.finish():
            yield ended
