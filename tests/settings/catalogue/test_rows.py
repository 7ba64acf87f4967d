"""The catalogue agrees with 61 kernels, with itself, and says enough of each setting."""

import pytest

from lastack.settings.catalogue.neighbours import NEIGHBOURS
from lastack.settings.catalogue.row import Setting
from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.counters.rows import COUNTERS
from lastack.settings.lint.values import fault
from lastack.settings.names import LIFECYCLE
from lastack.settings.release import parse_release
from tests.settings.cases import kernel_table

# Trees that have a key before the release that brought it, and why.
BACKPORTS = {
    ("net.ipv4.tcp_min_snd_mss", "4.15.18"): "the repair of CVE-2019-11479, which stable kernels got too",
    ("net.ipv4.tcp_min_snd_mss", "4.19.78"): "the repair of CVE-2019-11479, which stable kernels got too",
    ("net.ipv4.tcp_min_tso_segs", "3.10.65"): "taken into the stable series 3.10",
    ("net.ipv4.tcp_fwmark_accept", "3.10.65"): "an Android tree, where the change was made first",
    ("net.ipv4.tcp_comp_sack_rtt_percent", "6.18.19"): "taken into that tree from 6.19",
    ("net.ipv4.tcp_rcvbuf_low_rtt", "6.18.19"): "taken into that tree from 6.19",
}
# The tables were made from net/ipv4/sysctl_net_ipv4.c alone, and these moved to net/ipv4/ip_fragment.c in 2.6.25.
MOVED = tuple(
    f"net.ipv4.ipfrag_{name}" for name in ("high_thresh", "low_thresh", "max_dist", "secret_interval", "time")
)

ROWS = pytest.mark.parametrize("row", SETTINGS.values(), ids=SETTINGS)


@pytest.mark.parametrize("known", [SETTINGS, NEIGHBOURS], ids=["catalogue", "neighbours"])
def test_added_and_removed_agree_with_61_kernels(known: dict[str, Setting]) -> None:
    """Each kernel has exactly the keys that the rows say, but for named backports."""
    wrong = [
        (key, release)
        for key, presence in kernel_table("key_by_version.tsv").items()
        if key in known and key not in MOVED
        for release, has in presence.items()
        if known[key].in_release(parse_release(release)) != has and (key, release) not in BACKPORTS
    ]
    assert wrong == []


def test_no_key_of_61_kernels_is_unheard_of() -> None:
    """Every key of the table is in the catalogue or beside it."""
    assert kernel_table("key_by_version.tsv").keys() <= SETTINGS.keys() | NEIGHBOURS.keys()


def test_named_backports_are_still_needed() -> None:
    """An exception that the table no longer needs is to be taken out."""
    table = kernel_table("key_by_version.tsv")
    assert all(table[key][release] for key, release in BACKPORTS)


def test_what_a_sample_holds_is_in_the_catalogue() -> None:
    """Each setting that is sampled has its row."""
    assert set(LIFECYCLE) <= SETTINGS.keys()


def test_the_catalogue_is_as_large_as_promised() -> None:
    """At least sixty settings, each once, and none of them also a neighbour."""
    assert len(SETTINGS) >= 60
    assert not SETTINGS.keys() & NEIGHBOURS.keys()
    assert all(key == row.key for key, row in SETTINGS.items())


@ROWS
def test_a_row_refers_to_what_there_is(row: Setting) -> None:
    """Counters and related settings have rows of their own, and a setting is not related to itself."""
    assert set(row.counters) <= COUNTERS.keys()
    assert set(row.related) <= SETTINGS.keys() - {row.key}


@ROWS
def test_a_row_says_what_it_must(row: Setting) -> None:
    """What it is, what it does, where that is known from; a default or how it comes; why it went, if it did."""
    assert row.summary.endswith(".")
    assert row.does.endswith(".")
    assert row.sources
    assert row.defaults or row.derived or row.removed
    assert bool(row.removed) == bool(row.removal)
    assert row.unit or row.form == "text"


@ROWS
def test_a_default_is_within_what_is_accepted(row: Setting) -> None:
    """Of each release that a row names, the default can be written there."""
    for release in {row.added, *(since for since, _ in row.defaults)} - {""}:
        default, accepted = row.default_in(parse_release(release)), row.range_in(parse_release(release))
        if default is None or accepted is None:
            continue
        assert fault(row, default) is None
        assert all(accepted.low <= int(number) <= accepted.high for number in default.split())


@ROWS
def test_what_makes_sense_is_accepted(row: Setting) -> None:
    """The numbers with a meaning lie within those that the newest kernel takes."""
    if row.sane and row.accepts:
        low, high = row.sane
        assert row.accepts[-1].low <= low
        assert high <= row.accepts[-1].high or row.form == "seconds"


@ROWS
def test_releases_in_a_row_are_releases(row: Setting) -> None:
    """Every release can be read, and histories run forward."""
    for text in (row.added, row.removed, row.namespaced):
        if text and text != "born":
            parse_release(text)
    for dated in (row.defaults, row.accepts):
        order = [parse_release(item[0]).number if item[0] else () for item in dated]
        assert order == sorted(order)


def test_a_default_that_changed_is_told_by_release() -> None:
    """Somaxconn was 128 until 5.3 and is 4096 since 5.4, and a range is that of its release too."""
    somaxconn = SETTINGS["net.core.somaxconn"]
    assert somaxconn.default_in(parse_release("5.3")) == "128"
    assert somaxconn.default_in(parse_release("5.4")) == "4096"
    old, new = somaxconn.range_in(parse_release("4.0")), somaxconn.range_in(parse_release("4.1"))
    assert old is not None
    assert new is not None
    assert (old.high, new.high) == (65_535, 2_147_483_647)
