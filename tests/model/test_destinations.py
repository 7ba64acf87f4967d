"""Destinations: what they use, what is left, how long."""

import pytest

from lastack.model.destinations import Destination, Outlook
from lastack.model.model import Model
from tests.model.samples import DEFAULT_PORTS, SERVED, UPSTREAM, closed, cohort, later, listener, model, sample

LOOPBACK = {"role": "active", "local": "127.0.0.1", "remote": "127.0.0.1", "remote_port": 9000}


def only(made: Model) -> Destination:
    """The one destination of a model."""
    [destination] = made.destinations
    return destination


def test_ports_in_use_by_state() -> None:
    """Every state of a connection opened here holds a port; connections opened by others hold none."""
    made = only(
        model(
            cohort("ESTABLISHED", 30, **UPSTREAM, process="nginx/7"),
            cohort("SYN_SENT", 2, **UPSTREAM, process="curl/9"),
            closed({5: 50}, **UPSTREAM),
            closed({5: 999}, **SERVED),
        )
    )
    assert made.label == "10.0.0.1 > 10.0.0.2:8080"
    assert made.states == {"TIME_WAIT": 50, "ESTABLISHED": 30, "SYN_SENT": 2}
    assert (made.held, made.time_wait, made.in_use) == (32, 50, 82)
    assert made.processes == ["nginx/7", "curl/9"]
    assert made.outlook == Outlook(blocked=82, headroom=DEFAULT_PORTS - 82, exhausted_in_s=None)


def test_listeners_and_reservations_take_ports_from_every_destination() -> None:
    """A listener inside the range, on whatever address, is skipped by connect()."""
    made = model(
        cohort("ESTABLISHED", 1, **UPSTREAM),
        listeners=[listener(40_000, address="127.0.0.1"), listener(80)],
        bound_ports=[40_001],
        settings={"net.ipv4.ip_local_reserved_ports": "50000-50009"},
    )
    assert only(made).available == DEFAULT_PORTS - 10 - 2


def test_ipv4_on_an_ipv6_socket_is_the_same_destination() -> None:
    """Both kinds of socket draw from the same ports."""
    mapped = UPSTREAM | {"family": 6, "local": "::ffff:10.0.0.1", "remote": "::ffff:10.0.0.2"}
    assert only(model(cohort("ESTABLISHED", 1, **UPSTREAM), cohort("ESTABLISHED", 2, **mapped))).held == 3


def test_rate_is_the_mean_of_ten_seconds() -> None:
    """Older closes block ports and say nothing about the present."""
    made = only(model(closed({0: 30, 9: 20, 10: 5000}, **UPSTREAM)))
    assert made.closes_per_s == made.opens_per_s == 5.0


def test_time_to_exhaustion_from_one_sample() -> None:
    """600 a second for 40 s are 24,000 ports; the other 4,232 last 7.05 s."""
    made = only(model(closed(dict.fromkeys(range(40), 600), **UPSTREAM)))
    assert made.outlook == Outlook(blocked=24_000, headroom=4_232, exhausted_in_s=8)


def test_growth_between_two_samples() -> None:
    """100 more open connections in 10 s: ten a second, and 2,800 ports last 280 s."""
    before = sample(cohort("ESTABLISHED", DEFAULT_PORTS - 2_900, **UPSTREAM))
    now = sample(cohort("ESTABLISHED", DEFAULT_PORTS - 2_800, **UPSTREAM))
    made = only(later(before, now))
    assert (made.growth_per_s, made.opens_per_s) == (10.0, 10.0)
    assert made.outlook is not None
    assert made.outlook.exhausted_in_s == 280


def test_a_new_destination_grew_from_nothing() -> None:
    """What was not there before counts as zero."""
    assert only(later(sample(), sample(cohort("ESTABLISHED", 20, **UPSTREAM)))).growth_per_s == 2.0


def test_without_dates_there_is_no_forecast() -> None:
    """TIME_WAIT without timers: the ports in use are known, the rate is not."""
    made = only(model(cohort("TIME_WAIT", 100, **UPSTREAM)))
    assert not made.rate_known
    assert made.outlook == Outlook(blocked=100, headroom=DEFAULT_PORTS - 100, exhausted_in_s=None)


def test_without_dates_exhaustion_is_still_seen() -> None:
    """No port left is no forecast."""
    made = only(model(cohort("TIME_WAIT", DEFAULT_PORTS, **UPSTREAM)))
    assert made.outlook is not None
    assert made.outlook.exhausted_in_s == 0


def test_reuse_on_loopback_frees_what_is_older_than_its_delay() -> None:
    """20,000 in TIME_WAIT, 400 of them from the last second: 400 ports are blocked."""
    made = only(model(closed({0: 400, 30: 19_600}, **LOOPBACK)))
    assert made.outlook == Outlook(blocked=400, headroom=DEFAULT_PORTS - 400, exhausted_in_s=None)
    assert made.outlook_if_reused is None
    assert made.closes_per_s == 400.0


def test_reuse_that_hangs_on_the_peer_gives_two_outlooks() -> None:
    """The worse one holds if the peer has no timestamps."""
    made = only(model(closed({0: 400, 30: DEFAULT_PORTS - 400}, **UPSTREAM), settings={"net.ipv4.tcp_tw_reuse": "1"}))
    assert made.outlook == Outlook(blocked=DEFAULT_PORTS, headroom=0, exhausted_in_s=0)
    assert made.outlook_if_reused is not None
    assert made.outlook_if_reused.blocked == 400


def test_without_the_range_there_is_no_outlook() -> None:
    """How many ports there are is then unknown."""
    made = only(model(cohort("ESTABLISHED", 1, **UPSTREAM), settings={"net.ipv4.ip_local_port_range": None}))
    assert (made.available, made.outlook, made.outlook_if_reused) == (None, None, None)


def test_the_fullest_comes_first() -> None:
    """By ports in use."""
    other = UPSTREAM | {"remote_port": 5432}
    made = model(cohort("ESTABLISHED", 1, **UPSTREAM), cohort("ESTABLISHED", 2, **other))
    assert [one.remote_port for one in made.destinations] == [5432, 8080]


def test_folded_destinations_are_counted() -> None:
    """A cohort without its remote address belongs to no destination."""
    made = model(cohort("ESTABLISHED", 3, role="active", local="10.0.0.1", remote_port=80))
    assert (made.destinations, made.folded) == ([], 3)


@pytest.mark.parametrize("state", ["ESTABLISHED", "CLOSE_WAIT"])
def test_more_in_use_than_the_range_holds(state: str) -> None:
    """Ports bound outside the range are in use too; headroom does not go below zero."""
    made = only(model(cohort(state, DEFAULT_PORTS + 5, **UPSTREAM)))
    assert made.outlook == Outlook(blocked=DEFAULT_PORTS + 5, headroom=0, exhausted_in_s=0)


def test_syns_that_are_sent_again() -> None:
    """A SYN under way is not one, nor is data that is sent again."""
    one = only(model(cohort("SYN_SENT", 5, **UPSTREAM, retried=3), cohort("ESTABLISHED", 9, **UPSTREAM, retried=2)))
    assert (one.syns_retried, one.held) == (3, 14)


def test_ports_of_bind() -> None:
    """In whatever state."""
    both = [cohort("ESTABLISHED", 5, **UPSTREAM, bind_parity=4), closed({0: 10}, **UPSTREAM, bind_parity=9)]
    assert only(model(*both)).bind_parity == 13
