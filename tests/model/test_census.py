"""Tallies, groups and dimensions."""

from lastack.model.census import DIMENSIONS, SocketRow, Tally, age_of_close, endpoint


def test_rows_add_up_per_state() -> None:
    """A row seen several times counts as often."""
    tally = Tally()
    tally.add(SocketRow("ESTABLISHED"), 3)
    tally.add(SocketRow("LISTEN"))
    assert tally.census().whole.states == {"ESTABLISHED": 3, "LISTEN": 1}


def test_closes_lie_on_a_line_of_sixty_seconds_newest_last() -> None:
    """An age of 0 is the last place, 59 the first."""
    tally = Tally()
    for age in (0, 0, 59):
        tally.add(SocketRow("TIME_WAIT", close_age_s=age))
    census = tally.census()
    assert census.has_timers
    assert census.whole.closes == [1, *[0] * 58, 2]


def test_small_groups_go_into_the_rest_with_their_closes() -> None:
    """What is not listed is not lost."""
    tally = Tally(("remote",), most=1)
    tally.add(SocketRow("ESTABLISHED", remote="192.0.2.1"), 5)
    tally.add(SocketRow("TIME_WAIT", remote="192.0.2.2", close_age_s=0), 2)
    tally.add_rest("TIME_WAIT", 3, 1)
    census = tally.census()
    assert [group.key for group in census.groups] == [("192.0.2.1",)]
    assert census.rest is not None
    assert (census.rest.states, census.rest.closes[-2:]) == ({"TIME_WAIT": 5}, [3, 2])


def test_every_group_listed_leaves_no_rest() -> None:
    """None, not an empty group."""
    tally = Tally(("state",), most=2)
    tally.add(SocketRow("LISTEN"))
    assert tally.census().rest is None


def test_ages_cover_the_minute_and_no_more() -> None:
    """A timer of 60 s was set now; one that has run out says nothing of the last minute."""
    ages = [age_of_close(left) for left in (60_000, 59_001, 59_000, 1_000, 1, 0)]
    assert ages == [0, 0, 1, 59, 59, None]


def test_endpoints_are_written_as_people_write_them() -> None:
    """IPv6 in brackets, a star for what is unknown."""
    assert [endpoint("192.0.2.1", 80), endpoint("::1", 80), endpoint(None, None)] == ["192.0.2.1:80", "[::1]:80", "*:*"]


def test_a_row_without_the_thing_has_no_label() -> None:
    """Every dimension of an empty row but its state is None."""
    row = SocketRow("LISTEN")
    assert {name: label(row) for name, label in DIMENSIONS.items() if label(row) is not None} == {"state": "LISTEN"}
