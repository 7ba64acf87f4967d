"""TIME_WAIT: roles, closes, cost, limit."""

import pytest

from lastack.errors import InputError
from tests.model.samples import SERVED, UPSTREAM, closed, cohort, model


def test_roles() -> None:
    """A passive one was closed by this server, an active one by this client."""
    made = model(closed({1: 7}, **SERVED), closed({2: 4}, **UPSTREAM), cohort("TIME_WAIT", 2)).time_wait
    assert (made.count, made.server_closed, made.client_closed) == (13, 7, 4)


def test_closes_newest_last() -> None:
    """A close of 0 s ago is the last item, one of 59 s ago the first."""
    closes = model(closed({0: 3, 59: 8}, **SERVED)).time_wait.closes
    assert (len(closes), closes[-1], closes[0], sum(closes)) == (60, 3, 8, 11)


def test_groups_by_listener_and_destination() -> None:
    """Remote addresses of one listener are one group; each destination is one."""
    made = model(
        closed({0: 2}, **SERVED, remote="192.0.2.1"),
        closed({0: 3}, **SERVED, remote="192.0.2.2"),
        closed({0: 4}, **UPSTREAM),
    ).time_wait
    assert [(group.role, group.label, group.count) for group in made.groups] == [
        ("passive", "10.0.0.1:80", 5),
        ("active", "10.0.0.1 > 10.0.0.2:8080", 4),
    ]


def test_memory() -> None:
    """256 bytes for the socket, 521 with a local port of its own."""
    made = model(closed({0: 10}, **SERVED)).time_wait
    assert (made.memory_low_bytes, made.memory_high_bytes) == (2_560, 5_210)


def test_mini_sockets_by_sockstat() -> None:
    """The kernel's own count of what the limit bounds."""
    assert model(closed({0: 10}, **SERVED), sockstat={"TCP": {"tw": 12}}).time_wait.mini_sockets == 12


def test_mini_sockets_without_sockstat() -> None:
    """TIME_WAIT and orphaned FIN_WAIT2; a held FIN_WAIT2 is a whole socket."""
    made = model(
        closed({0: 10}, **SERVED),
        cohort("FIN_WAIT2", 5, **SERVED, orphan=True),
        cohort("FIN_WAIT2", 9, **SERVED, process="httpd/1"),
    )
    assert made.time_wait.mini_sockets == 15


def test_limit() -> None:
    """tcp_max_tw_buckets, or None where it is not visible."""
    assert model().time_wait.limit == 131_072
    assert model(settings={"net.ipv4.tcp_max_tw_buckets": None}).time_wait.limit is None


@pytest.mark.parametrize("age", [-1, 60])
def test_a_close_outside_the_minute_is_refused(age: int) -> None:
    """No kernel keeps TIME_WAIT for longer."""
    with pytest.raises(InputError, match="0 to 59"):
        model(closed({age: 1}, **SERVED))
