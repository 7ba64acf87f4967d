"""Exact, or an error that names the difference."""

import pytest

from lastack.errors import RefusedError
from lastack.lab import Cohort, Lab
from lastack.lab.verify import expected, seen, verify
from tests.lab.readers import states


def test_what_is_seen_is_what_is_there(lab: Lab) -> None:
    """Per family and state, as /proc has it."""
    lab.populate([Cohort("TIME_WAIT", 40), Cohort("LAST_ACK", 3, 6), Cohort("FIN_WAIT2", 5, kind="orphan")])
    assert {(int(family[-1]), state): count for (family, state), count in seen(lab.server).items()} == states(
        lab.server
    )


def test_every_difference_is_named(lab: Lab) -> None:
    """Family, state, both numbers: too many, too few, and none at all."""
    lab.populate([Cohort("TIME_WAIT", 40), Cohort("LISTEN", 1)])
    asked = expected([Cohort("TIME_WAIT", 39), Cohort("LISTEN", 1), Cohort("CLOSE_WAIT", 2, 6), Cohort("CLOSING", 0)])
    message = "IPv4 TIME_WAIT is 40 instead of 39; IPv6 CLOSE_WAIT is 0 instead of 2"
    with pytest.raises(RefusedError, match=message) as caught:
        verify(lab.server, asked)
    assert caught.value.slug == "census-differs"
