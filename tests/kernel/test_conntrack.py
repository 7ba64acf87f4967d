"""The connection tracking table."""

from pathlib import Path

import pytest

from lastack.errors import InputError
from lastack.kernel.conntrack import read_conntrack
from lastack.model.sample import Conntrack
from tests.kernel.private import run_private


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
