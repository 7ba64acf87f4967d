"""What the terminal shows of a moment."""

from msgspec.structs import replace

from lastack.model.flow import Moment
from lastack.tui.timeline import counts
from lastack.tui.view import view
from tests.model.samples import SERVED, UPSTREAM, article, closed, cohort, listener, sample


def test_the_articles_host() -> None:
    """Its states by the life of a connection, its closes, its finding."""
    found = view(Moment(article()), [counts(article())])
    states = {row[0][0]: row[1][0] for row in found.states.rows}
    assert list(states)[:4] == ["LISTEN", "SYN_SENT", "SYN_RECV", "ESTABLISHED"]
    assert (states["TIME_WAIT"], states["LISTEN"], states["SYN_SENT"]) == ("25,087", "9", "0")
    assert found.closed == 25_087
    assert len(found.closes) == 60
    assert found.verdict.partition(";")[0] == "WARNING close-wait"  # what follows is what one sample cannot tell
    assert list(found.findings) == ["close-wait"]


def test_rates_are_of_the_time_between() -> None:
    """60 more in ten seconds; 25 a second come in, which one counter says."""
    tcp = {"ActiveOpens": 0, "AttemptFails": 0, "EstabResets": 0}
    before = sample(cohort("ESTABLISHED", 40, **SERVED), uptime_s=990.0, counters={"Tcp": tcp | {"PassiveOpens": 0}})
    after = sample(cohort("ESTABLISHED", 100, **SERVED), counters={"Tcp": tcp | {"PassiveOpens": 250}})
    row = next(row for row in view(Moment(after, before), []).states.rows if row[0][0] == "ESTABLISHED")
    assert [shown for shown, _ in row[:4]] == ["ESTABLISHED", "100", "25.0", "+6.0"]


def test_history_shows_a_change_of_a_tenth() -> None:
    """And a number that does not change is a line."""
    moments = [{"TIME_WAIT": 1000, "LISTEN": 5}, {"TIME_WAIT": 1050, "LISTEN": 5}, {"TIME_WAIT": 1100, "LISTEN": 5}]
    drawn = {row[0][0]: row[4][0] for row in view(Moment(sample()), moments).states.rows}
    assert len(set(drawn["TIME_WAIT"])) == 3
    assert set(drawn["LISTEN"]) in ({"█"}, {"#"})


def test_tables_are_sorted_and_filtered() -> None:
    """By what a column means, not by its text; unknown last."""
    other = UPSTREAM | {"remote": "10.0.0.9"}
    found = view(Moment(sample(cohort("ESTABLISHED", 9, **UPSTREAM), closed({1: 1000}, **other))), []).destinations
    assert [row[0] for row in found.arranged(1, "")] == ["10.0.0.1 > 10.0.0.9:8080", "10.0.0.1 > 10.0.0.2:8080"]
    assert [row[3] for row in found.arranged(3, "")] == ["27,232", "28,223"]
    assert [row[0] for row in found.arranged(-1, "0.0.2")] == ["10.0.0.1 > 10.0.0.2:8080"]


def test_what_cannot_be_seen_is_empty_and_last() -> None:
    """A queue that is not visible is no zero."""
    hidden = replace(listener(443), queue=None, backlog=None)
    found = view(Moment(sample(listeners=[hidden, listener(80, queue=3)])), []).listeners
    assert [(row[0], row[1]) for row in found.arranged(1, "")] == [("0.0.0.0:80", "3"), ("0.0.0.0:443", "")]


def test_names_cannot_move_the_cursor() -> None:
    """Control characters of a process's name are shown, not sent."""
    found = view(Moment(sample(listeners=[listener(80, process="a\x1b[2J[red]b/1")])), []).listeners
    assert found.rows[0][4][0] == "a\\x1b[2J[red]b/1"
