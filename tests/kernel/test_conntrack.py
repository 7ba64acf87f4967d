"""The connection tracking table."""

from pathlib import Path

import pytest

from lastack.errors import InputError
from lastack.kernel.conntrack import read_conntrack, read_conntrack_counters
from lastack.model.sample import Conntrack
from tests.kernel.private import run_private

STAT = """\
entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error
0000002a  00000000 00000007 00000000 00000000 00000000 00000000 00000000 00000000 00000001 0000000f 00000002 00000000
0000002a  00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000010 00000000 00000000
"""


def _root(tmp_path: Path, **files: str) -> str:
    folder = tmp_path / "net/netfilter"
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / f"nf_conntrack_{name}").write_text(content)
    return str(tmp_path)


def test_reads_entries_and_limit(tmp_path: Path) -> None:
    """Both numbers come from their files."""
    assert read_conntrack(_root(tmp_path, count="123\n", max="65536\n")) == Conntrack(count=123, max=65536)


@pytest.mark.parametrize("files", [{}, {"count": "123\n"}, {"max": "65536\n"}])
def test_without_the_module_there_is_none(tmp_path: Path, files: dict[str, str]) -> None:
    """Where a file is absent nothing is made up for it."""
    assert read_conntrack(_root(tmp_path, **files)) is None


def test_a_value_that_is_no_number_is_named(tmp_path: Path) -> None:
    """The error names the file."""
    with pytest.raises(InputError, match="nf_conntrack_max, line 1: expected a decimal number, found 'many'"):
        read_conntrack(_root(tmp_path, count="1\n", max="many\n"))


def test_a_new_namespace_tracks_nothing() -> None:
    """A namespace without rules has no entries, under the machine's limit; or there is no module at all."""
    limit = Path("/proc/sys/net/netfilter/nf_conntrack_max")
    expected = Conntrack(count=0, max=int(limit.read_text())) if limit.exists() else None
    assert run_private(read_conntrack) == expected


def _stat(tmp_path: Path, content: str) -> str:
    (tmp_path / "stat").mkdir()
    (tmp_path / "stat/nf_conntrack").write_text(content)
    return str(tmp_path)


def test_counters_are_hexadecimal_a_line_a_cpu(tmp_path: Path) -> None:
    """15 and 16 packets dropped."""
    assert read_conntrack_counters(_stat(tmp_path, STAT)) == {"insert_failed": 1, "drop": 31, "early_drop": 2}


def test_no_counters_without_the_module(tmp_path: Path) -> None:
    """No file, or an empty one."""
    assert read_conntrack_counters(str(tmp_path)) is None
    assert read_conntrack_counters(_stat(tmp_path, "")) is None


@pytest.mark.parametrize("row", ["0000002a 1", "x " * 13])
def test_a_line_that_does_not_fit_its_titles(tmp_path: Path, row: str) -> None:
    """Is named."""
    with pytest.raises(InputError, match="line 2: expected 13 hexadecimal numbers"):
        read_conntrack_counters(_stat(tmp_path, STAT.splitlines()[0] + "\n" + row))
