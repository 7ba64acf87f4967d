"""Connections without an answer."""

from tests.model.samples import SERVED, UPSTREAM, cohort, later, model, sample


def test_by_place_and_state() -> None:
    """Those that wait and are not retried count in the whole alone; other states not at all."""
    made = model(
        cohort("LAST_ACK", 9, **SERVED, orphan=True, retried=7),
        cohort("FIN_WAIT1", 4, **UPSTREAM, orphan=True, retried=1, probed=3),
        cohort("FIN_WAIT1", 2, **SERVED, process="a/1"),
        cohort("ESTABLISHED", 30, **UPSTREAM, retried=30),
    )
    closing = made.closing
    assert (closing.count, closing.orphans, closing.retried, closing.probed) == (15, 13, 8, 3)
    assert list(closing.retried_at.items()) == [("10.0.0.1:80", 7), ("10.0.0.1 > 10.0.0.2:8080", 1)]
    assert closing.probed_at == {"10.0.0.1 > 10.0.0.2:8080": 3}
    assert closing.retried_by_state == {"LAST_ACK": 7, "FIN_WAIT1": 1}
    assert closing.retried_before is None
    assert (made.open.count, made.open.retried) == (30, 30)


def test_before() -> None:
    """What the earlier sample had, none if it had none."""
    first, second = sample(cohort("LAST_ACK", 9, **SERVED, retried=7)), sample(cohort("LAST_ACK", 9, **SERVED))
    assert later(first, second).closing.retried_before == 7
    assert later(sample(), second).closing.retried_before == 0
