"""Lines out of bytes, in constant memory."""

import codecs
from io import BytesIO

import pytest

from lastack.errors import InputError
from lastack.text.lines import BLOCK_BYTES, LINE_CHARS, lines


class Endless:
    """Says the same for ever, and counts."""

    def __init__(self, block: bytes) -> None:
        self.block = block
        self.given = 0

    def read(self, size: int, /) -> bytes:
        """The block once more."""
        self.given += size
        return self.block


def lines_of(content: bytes) -> list[str]:
    """The lines of a file with this content."""
    return list(lines(content, BytesIO(), name="saved"))


@pytest.mark.parametrize("block", [1, 2, 3, 5, 100])
def test_blocks_leave_no_trace(block: int) -> None:
    """Lines come whole, wherever the blocks that they were read in end."""
    content = "tcp ä\nudp €\n\nlast"
    stream = BytesIO(content.encode())

    class Pieces:
        def read(self, size: int, /) -> bytes:
            return stream.read(min(size, block))

    pieces = Pieces()
    assert list(lines(pieces.read(block), pieces, name="saved")) == content.split("\n")


def test_a_last_line_needs_no_end() -> None:
    """With and without a line end, the lines are the same; an empty file has none."""
    assert lines_of(b"a\nb\n") == lines_of(b"a\nb") == ["a", "b"]
    assert lines_of(b"") == []


def test_control_characters_do_not_pass() -> None:
    """Nothing that could steer a terminal is left of them; tabs and carriage returns are needed."""
    assert lines_of(b"a\x1b[31mb\x00\x7f\tc\r\n") == ["a?[31mb??\tc\r"]


def test_bytes_that_are_no_text() -> None:
    """Each becomes one replacement character."""
    assert lines_of(b"ABH\x99REN\n") == ["ABH\ufffdREN"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_byte_order_marks(encoding: str) -> None:
    """PowerShell writes UTF-16 with one, Windows' editors UTF-8 with one."""
    assert lines_of("Proto\r\nTCP\r\n".encode(encoding)) == ["Proto\r", "TCP\r"]
    assert lines_of(codecs.BOM_UTF16_BE + "Proto\n".encode("utf-16-be")) == ["Proto"]


def test_a_line_without_end_is_an_error() -> None:
    """It names the line, and little more than the longest line was read."""
    source = Endless(b"x" * BLOCK_BYTES)
    with pytest.raises(InputError, match=r"^saved: line 2: more than") as error:
        list(lines(b"first\n", source, name="saved"))
    assert error.value.slug == "line-too-long"
    assert source.given < 2 * LINE_CHARS
