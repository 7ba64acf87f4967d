"""What the counters tell, from changes stated by hand."""

from lastack.model.change import Change
from lastack.model.story import STORY, story
from lastack.settings.counters.rows import COUNTERS

REFUSED = "TcpExt.TCPTimeWaitOverflow"


def test_every_counter_of_the_story_is_explained() -> None:
    """Each stands in the table of counters, so that `lastack explain` knows it."""
    assert {row.counter.partition(".")[2] for row in STORY} <= {row.name for row in COUNTERS.values()}


def test_a_counter_that_stood_still_is_no_story() -> None:
    """Only what happened is told."""
    still = Change(interval_s=60, counters={REFUSED: 0})
    assert story(still, None, None, 1.0) == []


def test_rates_of_both_sides_are_compared_by_their_times() -> None:
    """As often a second over ten times as long is no difference, ten times as often is."""
    before = Change(interval_s=6, counters={REFUSED: 100})
    same, more = (Change(interval_s=60, counters={REFUSED: number}) for number in (1000, 10_000))
    assert [one.beyond_noise for after in (same, more) for one in story(None, before, after, 1.0)] == [False, True]
    (event,) = story(more, before, more, 1.0)
    assert (event.between, event.before_per_s) == (10_000, 100 / 6)
    assert event.text.startswith("10,000 TIME_WAIT refused")
