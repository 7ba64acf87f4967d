"""Which files are read, of a command line."""

from pathlib import Path

import pytest

from lastack.cli.lint_files import read_named
from lastack.errors import InputError


def test_files_come_in_their_order(tmp_path: Path) -> None:
    """As they are named."""
    for name in "ab":
        (tmp_path / name).write_text(name)
    named = [str(tmp_path / "b"), str(tmp_path / "a")]
    assert read_named(named) == [(named[0], b"b"), (named[1], b"a")]


def test_a_file_without_end_is_no_sysctl_file() -> None:
    """It is read up to a limit, and then refused by name."""
    with pytest.raises(InputError, match=r"^/dev/zero: more than 16 MiB") as caught:
        read_named(["/dev/zero"])
    assert caught.value.slug == "too-large"
