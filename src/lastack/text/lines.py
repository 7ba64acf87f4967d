"""A stream of bytes as lines of text, in constant memory.

What is read here may come from anywhere. Bytes that are no text become U+FFFD and control characters become ``?``, so
that nothing read from a file can steer the terminal that it is later shown on.
"""

import codecs
from collections.abc import Iterator
from itertools import chain
from typing import Protocol

from lastack.errors import InputError

__all__ = ["BLOCK_BYTES", "LINE_CHARS", "Source", "lines"]

BLOCK_BYTES = 1 << 18

# One socket can belong to thousands of processes, and ss names them all in its line.
LINE_CHARS = 1 << 20

_WHITE = "\t\n\r"
_CONTROLS = {code: "?" for code in (*range(32), 127) if chr(code) not in _WHITE}


class Source(Protocol):
    """Anything that bytes can be read from: a file, a pipe."""

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; none at the end."""


def lines(head: bytes, source: Source, *, name: str) -> Iterator[str]:
    r"""The lines of a stream, without their ``\n``. A ``\r`` stays.

    Args:
        head: what was read from the stream before.
        source: the rest of it. UTF-8, or UTF-16 if it begins with that byte order mark (as PowerShell writes files).
        name: the stream's name in errors.

    Raises:
        InputError: a line has more than ``LINE_CHARS`` characters.
    """
    return chain.from_iterable(_batches(head, source, name))


def _batches(head: bytes, source: Source, name: str) -> Iterator[list[str]]:
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    decode = codecs.getincrementaldecoder("utf-16" if wide else "utf-8-sig")("replace").decode
    number, rest, block = 1, "", head
    while block:
        batch = (rest + decode(block).translate(_CONTROLS)).split("\n")
        rest = batch.pop()
        yield batch
        number += len(batch)
        if len(rest) > LINE_CHARS:
            raise InputError(
                "line-too-long", f"{name}: line {number}: more than {LINE_CHARS} characters and no line end"
            )
        block = source.read(BLOCK_BYTES)
    rest += decode(b"", final=True)
    if rest:
        yield [rest]
