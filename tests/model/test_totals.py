"""Adding cohorts up."""

from lastack.model.totals import by_state, grouped, holders, place, timeline, total
from tests.model.samples import SERVED, UPSTREAM, closed, cohort

COHORTS = [
    cohort("ESTABLISHED", 2, **SERVED, process="b/1"),
    cohort("LAST_ACK", 2, **SERVED),
    closed({3: 5}, **UPSTREAM),
    cohort("ESTABLISHED", 1, **UPSTREAM, process="a/1"),
]


def test_by_state() -> None:
    """Most first, equal ones by name."""
    assert list(by_state([*COHORTS, cohort("CLOSING", 2)]).items()) == [
        ("TIME_WAIT", 5),
        ("ESTABLISHED", 3),
        ("CLOSING", 2),
        ("LAST_ACK", 2),
    ]


def test_total_holders_and_timeline() -> None:
    """Sums over all cohorts; those without a holder have none."""
    assert total(COHORTS) == 10
    assert list(holders(COHORTS).items()) == [("b/1", 2), ("a/1", 1)]
    assert timeline(COHORTS)[-4] == 5


def test_grouped() -> None:
    """What has no key is left out."""
    assert list(grouped(COHORTS, lambda one: one.process)) == ["b/1", "a/1"]


def test_place() -> None:
    """A destination for what was opened here, the local end for the rest, stars for what was folded."""
    assert place(cohort("TIME_WAIT", 1, **UPSTREAM)) == "10.0.0.1 > 10.0.0.2:8080"
    assert place(cohort("TIME_WAIT", 1, **SERVED | {"local": "::ffff:10.0.0.1"})) == "10.0.0.1:80"
    assert place(cohort("TIME_WAIT", 1, role="active", remote_port=80)) == "* > *:80"
    assert place(cohort("TIME_WAIT", 1)) == "*:*"
