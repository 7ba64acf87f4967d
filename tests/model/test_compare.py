"""Comparisons of samples made by hand. Those of real hosts are in test_changes."""

from msgspec.structs import replace

from lastack.model.compare import compare
from lastack.model.flow import Moment
from lastack.model.sample import Sample
from tests.model.samples import SERVED, article, closed, cohort, sample

# The article's second table.
AFTER = {"LAST_ACK": 140, "SYN_RECV": 7, "CLOSE_WAIT": 2, "ESTABLISHED": 972, "FIN_WAIT1": 21, "FIN_WAIT2": 152}
RECIPE = {"net.ipv4.tcp_max_tw_buckets": "5000", "net.ipv4.tcp_tw_reuse": "1", "net.ipv4.tcp_syncookies": "1"}


def tuned() -> Sample:
    """The article's host after its recipe, an hour later."""
    cohorts = [cohort(state, count, **SERVED) for state, count in AFTER.items()]
    later = closed(dict.fromkeys(range(59), 11) | {59: 682 - 59 * 11}, **SERVED)
    return replace(
        article(),
        uptime_s=4600.0,
        cohorts=[*cohorts, cohort("CLOSING", 2, **SERVED), later],
        settings=article().settings | RECIPE,
        counters={"TcpExt": {"TCPTimeWaitOverflow": 0, "TWRecycled": 0}},
    )


def untuned() -> Sample:
    """The same before."""
    return replace(article(), counters={"TcpExt": {"TCPTimeWaitOverflow": 0, "TWRecycled": 0}})


def test_the_articles_two_tables() -> None:
    """What is beyond noise and what is not; 2 CLOSING against 4, 21 FIN_WAIT1 against 17 are chance."""
    found = compare(Moment(untuned()), Moment(tuned()))
    beyond = {one.state for one in found.states if one.beyond_noise}
    assert beyond == {"LAST_ACK", "FIN_WAIT2", "TIME_WAIT", "CLOSE_WAIT"}
    assert {one.state: (one.before, one.after) for one in found.states}["TIME_WAIT"] == (25_087, 682)


def test_the_recipe_gets_no_credit_for_a_quiet_hour() -> None:
    """No close was refused and none taken over, so the closes are what fell, and two settings had no effect."""
    found = compare(Moment(untuned()), Moment(tuned()))
    assert found.causes[0].kind == "closes"
    effects = {one.key.rpartition(".")[2]: one.effect for one in found.settings}
    assert effects == {"tcp_max_tw_buckets": "none", "tcp_tw_reuse": "none"}  # tcp_syncookies was 1 before


def test_what_the_counters_tell() -> None:
    """The story has the number that was refused in between."""
    after = replace(tuned(), counters={"TcpExt": {"TCPTimeWaitOverflow": 1240, "TWRecycled": 0}})
    found = compare(Moment(untuned()), Moment(after))
    assert [(one.between, one.text.partition(":")[0]) for one in found.counters] == [(1240, "1,240 TIME_WAIT refused")]
    assert found.interval_s == 3600


def test_another_boot_has_no_story() -> None:
    """Counters of two boots do not compare, and the comparison says so."""
    found = compare(Moment(untuned()), Moment(replace(tuned(), boot_id="b1")))
    assert (found.interval_s, found.no_interval) == (None, "the earlier sample is of another boot")
    assert found.counters == []
    assert "boot" in {one.id for one in found.circumstances}


def test_the_same_sample_twice() -> None:
    """Nothing changed, nothing is explained."""
    found = compare(Moment(article()), Moment(article()))
    assert not any(one.beyond_noise for one in found.states)
    assert (found.causes, found.settings) == ([], [])


def test_a_setting_that_nothing_witnesses_is_unknown() -> None:
    """No counter and no state could show what somaxconn did."""
    after = sample(settings={"net.core.somaxconn": "1024"})
    (setting,) = compare(Moment(sample()), Moment(after)).settings
    assert (setting.before, setting.after, setting.effect) == ("4096", "1024", "unknown")


def test_a_listener_is_no_matter_of_chance() -> None:
    """One port less that is listened on counts."""
    found = compare(Moment(article()), Moment(replace(article(), listeners=article().listeners[1:])))
    assert {one.state for one in found.states if one.beyond_noise} == {"LISTEN"}
    assert [one.text for one in found.circumstances if one.id == "listener"] == [
        "nobody listens on 0.0.0.0:80 any more"
    ]
