"""Every state has its guide, and the guides lean on rows that there are."""

import pytest

from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.counters.rows import COUNTERS
from lastack.settings.states.rows import STATE_GUIDES, StateGuide
from lastack.tcp.states import NAMES


def test_every_state_has_a_guide() -> None:
    """The guides are those of the twelve states, in their order."""
    assert tuple(STATE_GUIDES) == NAMES


@pytest.mark.parametrize("row", STATE_GUIDES.values(), ids=STATE_GUIDES)
def test_a_guide_refers_to_what_there_is(row: StateGuide) -> None:
    """Its settings and counters have rows, and each sentence ends."""
    assert set(row.settings) <= SETTINGS.keys()
    assert set(row.counters) <= COUNTERS.keys()
    for text in (row.enters, row.leaves, row.lasts, row.move, row.holds, row.worry):
        assert text.endswith(".")


def test_the_page_on_time_wait_answers_what_is_asked() -> None:
    """2MSL and the fixed 60 s, who holds it, its cost, what it blocks and what not, what shortens it at what price."""
    sections = STATE_GUIDES["TIME_WAIT"].sections
    headings = " | ".join(section.heading for section in sections)
    for asked in ("2MSL", "60 s", "Who holds", "can block", "cannot block", "price", "count"):
        assert asked in headings
    (prices,) = (section.table for section in sections if section.table)
    assert prices[0][-1] == "price"
    assert {len(row) for row in prices} == {len(prices[0])}
    remedies = " | ".join(row[0] for row in prices)
    for remedy in (
        "keep-alive",
        "tcp_tw_reuse",
        "SO_LINGER",
        "tcp_max_tw_buckets",
        "tcp_tw_recycle",
        "tcp_fin_timeout",
    ):
        assert remedy in remedies


def test_the_arithmetic_of_time_wait_is_right() -> None:
    """The figures that the page gives follow from 28,232 ports, 60 s, and 256 to 521 bytes a socket."""
    text = " ".join(
        part for section in STATE_GUIDES["TIME_WAIT"].sections for part in (*section.paragraphs, *section.bullets)
    )
    ports = 60_999 - 32_768 + 1
    assert f"{ports:,} ports" in text
    assert f"{ports // 60} new connections a second" in text
    assert f"{25_087 * 256 / 1e6:.0f} MB" in text
    assert f"{25_087 * 521 / 1e6:.0f} MB" in text
