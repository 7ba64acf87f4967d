"""What the other end closes first: seen at home, reckoned elsewhere."""

from typing import Any

import pytest

from lastack.model.change import ONE_SAMPLE
from lastack.model.model import Model
from lastack.model.peer_closes import AtHome, Elsewhere, Shown
from lastack.model.sample import Cohort
from tests.model.samples import SERVED, UPSTREAM, closed, cohort, later, model, sample

OWN = {"role": "passive", "local": "127.0.0.1", "local_port": 9000, "remote": "127.0.0.1"}


def elsewhere(now: list[Cohort], before: list[Cohort] | None = None, **deltas: int) -> Elsewhere:
    """Of two samples, ten seconds apart."""
    found = later(sample(*(before or [])), sample(*now), **deltas).peer_closes
    assert (found.elsewhere is None) == bool(found.unseen)
    assert found.elsewhere is not None
    return found.elsewhere


def unseen(made: Model) -> str:
    """Why nothing is known of other hosts."""
    assert made.peer_closes.elsewhere is None
    return made.peer_closes.unseen


@pytest.mark.parametrize(
    ("fields", "label"),
    [
        ({}, "127.0.0.1 > 127.0.0.1:9000"),
        ({"local": "127.0.0.53"}, "127.0.0.1 > 127.0.0.53:9000"),
        ({"local": "10.0.0.1", "remote": "::ffff:10.0.0.1"}, "10.0.0.1 > 10.0.0.1:9000"),
        ({"family": 6, "local": "::1", "remote": "::1"}, "::1 > [::1]:9000"),
    ],
)
def test_the_far_end_is_at_home(fields: dict[str, Any], label: str) -> None:
    """Loopback, or one address at both ends: the destination is named as seen from the end that connected."""
    found = model(closed({0: 40, 9: 10, 10: 900}, **OWN | fields)).peer_closes.at_home
    assert found == [AtHome(label=label, remote_port=9000, closes_per_s=5.0)]


@pytest.mark.parametrize("fields", [{"remote": "10.0.0.9"}, {"remote": None}, {"role": "active"}])
def test_the_far_end_may_be_anywhere(fields: dict[str, Any]) -> None:
    """A client of another host, one of many, and what this end closed itself."""
    assert model(closed({0: 100}, **OWN | fields)).peer_closes.at_home == []


def test_what_was_opened_and_left_nothing_was_closed_there() -> None:
    """500 opened; 30 more are open, 120 in TIME_WAIT, 7 failed, 11 were reset, 3 refused, 9 taken over: 320."""
    found = elsewhere(
        [cohort("ESTABLISHED", 50, **UPSTREAM), closed({0: 60, 10: 60, 11: 4000}, **UPSTREAM)],
        [cohort("ESTABLISHED", 15, **UPSTREAM), cohort("CLOSE_WAIT", 5, **UPSTREAM)],
        Tcp_ActiveOpens=500,
        Tcp_AttemptFails=7,
        Tcp_EstabResets=11,
        TCPTimeWaitOverflow=3,
        TWRecycled=9,
    )
    assert (found.opened, found.closed_there, found.held) == (500, 500 - 30 - 120 - 7 - 11 - 3 - 9, 50)


def test_what_was_open_before_is_not_counted_as_opened() -> None:
    """A peer that restarts closes a pool of 400 while three are opened; of 400 before, the sample tells."""
    found = elsewhere([], [cohort("ESTABLISHED", 400, **UPSTREAM)], Tcp_ActiveOpens=3)
    assert (found.closed_there, found.held) == (3, 400)


def test_what_is_closed_at_home_is_not_elsewhere() -> None:
    """Both ends are counted once; clients' connections not at all."""
    found = elsewhere([closed({1: 300}, **OWN), closed({1: 999}, **SERVED)], Tcp_ActiveOpens=300)
    assert (found.closed_there, found.shown) == (0, [])


def test_destinations_that_show_in_either_sample() -> None:
    """Those caught closing first; LAST_ACK that is repeated is no young one, and a kept one of this host no matter."""
    other = UPSTREAM | {"remote": "10.0.0.9"}
    found = elsewhere(
        [
            cohort("ESTABLISHED", 3, **UPSTREAM, process="nginx/7"),
            cohort("LAST_ACK", 5, **other, retried=3),
            cohort("ESTABLISHED", 9, **UPSTREAM | {"local": "127.0.0.1", "remote": "127.0.0.1"}),
        ],
        [cohort("LAST_ACK", 1, **other), cohort("CLOSE_WAIT", 1, **other, process="app/8")],
        Tcp_ActiveOpens=10,
    )
    assert found.shown == [
        Shown(label="10.0.0.1 > 10.0.0.9:8080", remote_port=8080, closing=3, processes=["app/8"]),
        Shown(label="10.0.0.1 > 10.0.0.2:8080", remote_port=8080, closing=0, processes=["nginx/7"]),
    ]


def test_it_takes_two_samples_and_their_counters() -> None:
    """Within a TIME_WAIT's life, whose sockets tell which end opened them, and whose TIME_WAIT have dates."""
    some, opened = sample(cohort("ESTABLISHED", 1, **UPSTREAM)), {"Tcp_ActiveOpens": 9}
    assert unseen(model(cohort("ESTABLISHED", 1, **UPSTREAM))) == ONE_SAMPLE
    assert unseen(later(some, some)) == "this kernel has no ActiveOpens"
    assert "60 s apart" in unseen(later(some, some, seconds=60.0, **opened))
    assert "which end" in unseen(later(some, sample(cohort("ESTABLISHED", 900)), **opened))
    assert unseen(later(some, sample(cohort("TIME_WAIT", 5, **UPSTREAM)), **opened)) == "TIME_WAIT without timers"
