"""The table of counters agrees with 61 kernels and with the catalogue."""

import pytest

from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.counters.row import Counter
from lastack.settings.counters.rows import COUNTERS
from lastack.settings.release import parse_release
from tests.settings.cases import kernel_table

# Of these files the tables of kernels say nothing.
ELSEWHERE = ("sockstat", "nf_conntrack")


def test_added_and_removed_agree_with_61_kernels() -> None:
    """Each kernel has exactly the counters that the rows say."""
    table = kernel_table("netstat_counter_by_version.tsv")
    wrong = [
        (row.name, release)
        for row in COUNTERS.values()
        if row.source not in ELSEWHERE
        for release, has in table[row.name].items()
        if row.in_release(parse_release(release)) != has
    ]
    assert wrong == []


def test_the_table_is_as_large_as_promised() -> None:
    """At least sixty counters."""
    assert len(COUNTERS) >= 60


def test_a_counter_that_the_web_names_and_no_kernel_has_is_not_there() -> None:
    """TCPOrphanQueued is in none of 61 kernels, and not in the table."""
    assert "TCPOrphanQueued" not in COUNTERS
    assert "TCPOrphanQueued" not in kernel_table("netstat_counter_by_version.tsv")


@pytest.mark.parametrize("row", COUNTERS.values(), ids=COUNTERS)
def test_a_row_says_what_it_must(row: Counter) -> None:
    """What it counts, what that tells, and only settings that there are."""
    assert row.counts.endswith(".")
    assert row.tells.endswith(".")
    assert set(row.settings) <= SETTINGS.keys()
    assert row.name.startswith(f"{row.source}.") == (row.source in ELSEWHERE)
