"""The names of the settings that govern a connection's life."""

from pathlib import Path

import pytest

from lastack.settings.names import LIFECYCLE

KEYS = Path(__file__).parents[3] / "shared/cases/kernel/key_by_version.tsv"


def test_each_is_named_once_in_order() -> None:
    """The table has no doubles and is sorted."""
    assert list(LIFECYCLE) == sorted(set(LIFECYCLE))


@pytest.mark.skipif(not KEYS.is_file(), reason="the published cases are not here")
def test_some_kernel_has_each_of_tcps() -> None:
    """Every TCP setting in the table is one that some of 61 kernel trees have: none is misspelt."""
    known = {line.split("\t")[0] for line in KEYS.read_text().splitlines()}
    assert {name for name in LIFECYCLE if name.startswith("net.ipv4.tcp_")} <= known
