"""Where the sockets of a state are."""

from lastack.model.places import MOST, places
from tests.model.samples import SERVED, UPSTREAM, cohort


def test_each_state_has_its_places() -> None:
    """Listeners and destinations, the largest first, with who holds the sockets."""
    found = places(
        [
            cohort("ESTABLISHED", 5, **SERVED, process="httpd/1"),
            cohort("ESTABLISHED", 7, **SERVED, process="httpd/2"),
            cohort("ESTABLISHED", 30, **UPSTREAM),
            cohort("CLOSE_WAIT", 1, **SERVED),
        ]
    )
    assert [(one.label, one.role, one.count, one.processes) for one in found["ESTABLISHED"].places] == [
        ("10.0.0.1 > 10.0.0.2:8080", "active", 30, []),
        ("10.0.0.1:80", "passive", 12, ["httpd/2", "httpd/1"]),
    ]
    assert [one.count for one in found["CLOSE_WAIT"].places] == [1]


def test_many_places_are_added_up() -> None:
    """The largest are kept apart, the others are a number."""
    served = [cohort("ESTABLISHED", 100 - n, role="passive", local="10.0.0.1", local_port=n) for n in range(1, 21)]
    found = places(served)["ESTABLISHED"]
    assert len(found.places) == MOST
    assert found.others == sum(100 - n for n in range(MOST + 1, 21))
