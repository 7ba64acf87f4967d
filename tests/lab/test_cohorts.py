"""Recipes: what they take, what they need, what cannot be."""

from typing import Any

import pytest

from lastack.errors import UsageError
from lastack.lab.cohorts import RECIPES, Cohort, recipe_of, room_for, with_listeners

# Files for as long as the socket stays, and at most on the way: counted by hand, server's and client's.
FILES = {
    "LISTEN": (1, 1),
    "SYN_SENT": (1, 1),
    "SYN_RECV": (0, 1),  # the client's is closed at once
    "ESTABLISHED:held": (2, 2),
    "ESTABLISHED:queued": (1, 1),  # nobody took the server's
    "FIN_WAIT1:orphan": (1, 2),
    "FIN_WAIT1:held": (2, 2),
    "FIN_WAIT2:held": (2, 2),
    "FIN_WAIT2:orphan": (1, 1),
    "CLOSING:orphan": (0, 2),
    "CLOSING:held": (1, 2),
    "TIME_WAIT": (0, 0),
    "CLOSE_WAIT": (1, 1),
    "LAST_ACK:orphan": (0, 2),
    "LAST_ACK:held": (1, 2),
}


def test_files_of_each_recipe() -> None:
    """What a socket costs in files, which decides how many workers there are."""
    assert {recipe.label: (recipe.held, recipe.peak) for recipe in RECIPES} == FILES


def test_the_first_recipe_of_a_state_is_the_usual_one() -> None:
    """Without a kind, a closed connection's states are orphans, but for FIN_WAIT2, which then lasts."""
    states = ("ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "CLOSING", "LAST_ACK", "TIME_WAIT")
    kinds = ["held", "orphan", "held", "orphan", "orphan", ""]
    assert [recipe_of(Cohort(state, 1)).kind for state in states] == kinds


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "TIME_WAIT", "count": -1},
        {"state": "TIME_WAIT", "count": 1, "family": 5},
        {"state": "TIME_WAIT", "count": 1, "port": 0},
        {"state": "TIME_WAIT", "count": 1, "port": 65_536},
        {"state": "LISTEN", "count": 2, "port": 65_535},
        {"state": "TIME_WAIT", "count": 1, "remote": "somewhere"},
        {"state": "TIME_WAIT", "count": 1, "local": "10.0.0.1", "family": 6},
    ],
)
def test_what_cannot_be(wrong: dict[str, Any]) -> None:
    """Counts, ports, families and addresses that no lab has are refused before anything is made."""
    with pytest.raises(UsageError) as caught:
        Cohort(**wrong)
    assert caught.value.slug == "bad-cohort"


@pytest.mark.parametrize(("state", "kind"), [("CLOSED", ""), ("LISTEN", "queued"), ("TIME_WAIT", "held")])
def test_what_has_no_recipe(state: str, kind: Any) -> None:  # noqa: ANN401 - kinds that there are not, too
    """The hint lists what there is."""
    with pytest.raises(UsageError, match=f"makes no {state}") as caught:
        Cohort(state, 1, kind=kind)
    assert caught.value.slug == "no-recipe"
    assert "FIN_WAIT2:orphan" in caught.value.hint


def test_a_listener_is_added_where_nobody_hears() -> None:
    """Half-open and queued connections get one listener for each family and port that has none; empty cohorts none."""
    cohorts = [
        Cohort("SYN_RECV", 2),
        Cohort("ESTABLISHED", 2, kind="queued"),
        Cohort("SYN_RECV", 2, family=6),
        Cohort("SYN_RECV", 2, port=8080),
        Cohort("SYN_RECV", 0, port=9090),
    ]
    listeners = [(row.family, row.port) for row in with_listeners(cohorts) if row.state == "LISTEN"]
    assert listeners == [(4, 80), (6, 80), (4, 8080)]
    present = [Cohort("LISTEN", 8001, port=80), Cohort("LISTEN", 1, family=6)]
    assert [row for row in with_listeners(cohorts, present) if row.state == "LISTEN"] == []


def test_a_listener_of_ipv6_may_hear_ipv4() -> None:
    """Where it is open to it: ipv6(7), IPV6_V6ONLY. One on another address or port hears nothing."""
    half_open = Cohort("SYN_RECV", 1, local="10.0.0.1")
    assert Cohort("LISTEN", 1, family=6, takes_ipv4=True).hears(half_open)
    assert not Cohort("LISTEN", 1, family=6).hears(half_open)
    assert not Cohort("LISTEN", 1, local="10.0.0.2").hears(half_open)
    assert not Cohort("LISTEN", 1, port=79).hears(half_open)
    assert Cohort("LISTEN", 2, port=79).hears(half_open)


def test_accepted_connections_come_before_listeners() -> None:
    """Whose ports they use; what is to wait at a listener comes after it."""
    queued, held = Cohort("ESTABLISHED", 1, kind="queued"), Cohort("ESTABLISHED", 1)
    listener = Cohort("LISTEN", 1)
    assert with_listeners([queued, listener, held]) == [held, listener, queued]


def test_room() -> None:
    """Time-wait mini-sockets in buckets, half-open ones in 3/4 of tcp_max_syn_backlog, queues in somaxconn."""
    cohorts = [
        Cohort("TIME_WAIT", 100),
        Cohort("FIN_WAIT2", 10, kind="orphan"),
        Cohort("FIN_WAIT2", 1000),
        Cohort("SYN_RECV", 60),
        Cohort("ESTABLISHED", 5, kind="queued"),
        Cohort("LISTEN", 1, backlog=50),
    ]
    room = room_for(cohorts)
    assert room["net.ipv4.tcp_max_tw_buckets"] == 110
    assert room["net.ipv4.tcp_max_syn_backlog"] * 3 / 4 >= 60
    assert room["net.core.somaxconn"] == 65
