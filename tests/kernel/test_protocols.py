"""Whether TCP's memory is scarce."""

from pathlib import Path

import pytest

from lastack.errors import InputError
from lastack.kernel.protocols import read_memory_pressure
from tests.kernel.private import run_private

FILE = """\
protocol  size sockets  memory press maxhdr  slab module     cl co di ac io in de sh ss gs se re bi br ha uh gp em
MPTCPv6   2000      0       0   yes    0     yes  kernel      y  n  n  y  n  y  y  y  y  y  y  n  y  n  n  y  y  n
UDP       1344      2       1   NI       0   yes  kernel      y  y  y  n  y  y  y  n  y  y  y  n  n  n  y  y  y  n
TCP       2304      0     132   {}     192   yes  kernel      y  y  y  y  y  y  y  y  y  y  y  y  n  y  y  y  y  y
"""


@pytest.mark.parametrize(("word", "scarce"), [("yes", True), ("no", False), ("NI", None)])
def test_the_line_of_tcp(tmp_path: Path, word: str, scarce: bool | None) -> None:  # noqa: FBT001 - the expected value
    """Whatever the other protocols say."""
    (tmp_path / "protocols").write_text(FILE.format(word))
    assert read_memory_pressure(str(tmp_path)) is scarce


def test_no_file_and_no_tcp(tmp_path: Path) -> None:
    """Absent is None."""
    assert read_memory_pressure(str(tmp_path)) is None
    (tmp_path / "protocols").write_text(FILE.splitlines()[0])
    assert read_memory_pressure(str(tmp_path)) is None


@pytest.mark.parametrize("line", ["TCP 2304 0 132", "TCP 2304 0 132 maybe 192"])
def test_a_line_that_no_kernel_prints(tmp_path: Path, line: str) -> None:
    """Is named."""
    (tmp_path / "protocols").write_text(line)
    with pytest.raises(InputError, match="protocols, line 1: expected name, size"):
        read_memory_pressure(str(tmp_path))


def test_a_new_namespace_tells() -> None:
    """It shows the machine's own flag."""
    assert run_private(read_memory_pressure) in {True, False}
