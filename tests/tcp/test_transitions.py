"""The state table, against the running kernel and against what it must refuse."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import pytest

from lastack.errors import InputError
from lastack.tcp.states import BY_NUMBER, NAMES
from lastack.tcp.transitions import EDGES, FIN_AND_ACK, OVERFLOW, next_state, step
from tests.kernel.private import run_private, unavailable
from tests.tcp.walks import FIRST_PORT, UNWALKED, WALKS, address_of, walk_all

_TRACEFS = Path("/sys/kernel/tracing")
_SEEN = re.compile(r"saddr=127\.77\.(\d+)\.1 .*oldstate=TCP_(\w+) newstate=TCP_(\w+)")
_NEW_SYN_RECV = {"NEW_SYN_RECV": "SYN_RECV"}

# What the tracepoint shows for a state that it has no number for.
_SHOWN = {"TIME_WAIT": "CLOSE", "BOUND_INACTIVE": "CLOSE"}

_LINUX = [edge for edge in EDGES if edge.linux]


@contextmanager
def traced() -> Iterator[Path]:
    """A trace buffer of its own that gathers changes of TCP's states."""
    if os.geteuid() or not (_TRACEFS / "instances").is_dir():
        unavailable("tracefs needs root, and to be mounted at /sys/kernel/tracing")
    instance = _TRACEFS / "instances" / f"lastack-test-{os.getpid()}"
    instance.mkdir()
    try:
        event = instance / "events/sock/inet_sock_set_state"
        (event / "filter").write_text(f"family == 2 && sport >= {FIRST_PORT}")
        (event / "enable").write_text("1")
        yield instance
        (event / "enable").write_text("0")
    finally:
        instance.rmdir()


@pytest.fixture(scope="module")
def seen() -> dict[int, set[tuple[str, str]]]:
    """The changes of state that the kernel told of, by walk."""
    found: dict[int, set[tuple[str, str]]] = {number: set() for number in range(len(WALKS))}
    with traced() as instance:
        run_private(walk_all)
        for number, old, new in _SEEN.findall((instance / "trace").read_text()):
            # close() after shutdown() sets the state anew that is there already.
            if old != new:
                found[int(number)].add((_name(old), _name(new)))
    return found


def _name(shown: str) -> str:
    return _NEW_SYN_RECV.get(shown, shown)


@pytest.mark.parametrize("place", range(len(WALKS)), ids=[" on ".join(edge) for edge in WALKS])
def test_the_kernel_takes_it(seen: dict[int, set[tuple[str, str]]], place: int) -> None:
    """A socket that is made to, takes the edge."""
    state, event = list(WALKS)[place]
    following = _SHOWN.get(step(state, event), step(state, event))
    if event == FIN_AND_ACK or (state, event) == ("FIN_WAIT1", OVERFLOW):
        # One segment, two steps at once: tcp_rcv_state_process() goes by way of FIN_WAIT2.
        assert {("FIN_WAIT1", "FIN_WAIT2"), ("FIN_WAIT2", following)} <= seen[place]
    else:
        assert (state, following) in seen[place]


def test_the_kernel_takes_no_other(seen: dict[int, set[tuple[str, str]]]) -> None:
    """Whatever the kernel did in any walk is in the table."""
    known = {(_SHOWN.get(edge.state, edge.state), _SHOWN.get(edge.next, edge.next)) for edge in _LINUX}
    assert set().union(*seen.values()) - known == set()


def test_every_edge_is_walked_or_listed() -> None:
    """With the reason why not."""
    edges = {(edge.state, edge.event) for edge in _LINUX}
    assert edges == WALKS.keys() | UNWALKED.keys()
    assert not WALKS.keys() & UNWALKED.keys()
    assert address_of(len(WALKS)).count(".") == 3


def test_what_no_edge_allows_is_refused() -> None:
    """Every pair of state and event that is not in the table, also what the RFC has and Linux leaves out."""
    events = sorted({edge.event for edge in EDGES})
    legal = {(edge.state, edge.event): edge.next for edge in _LINUX}
    for state, event in product(NAMES, events):
        if (state, event) in legal:
            assert step(state, event) == legal[state, event] == next_state(state, event)
        else:
            assert next_state(state, event) is None
            with pytest.raises(InputError, match=state):
                step(state, event)


def test_every_edge_is_between_known_states() -> None:
    """No row has a state that the table of states does not have, and no pair has two rows."""
    assert {edge.state for edge in EDGES} | {edge.next for edge in EDGES} <= set(NAMES)
    assert len({(edge.state, edge.event) for edge in _LINUX}) == len(_LINUX)
    assert set(BY_NUMBER.values()) == {edge.state for edge in EDGES}


def test_rfc_9293_figure_5() -> None:
    """The edges of the figure, copied by hand from the RFC, are all there."""
    figure = """
        CLOSE LISTEN, CLOSE SYN_SENT, LISTEN SYN_RECV, LISTEN SYN_SENT, LISTEN CLOSE, SYN_SENT SYN_RECV,
        SYN_SENT ESTABLISHED, SYN_SENT CLOSE, SYN_RECV ESTABLISHED, SYN_RECV FIN_WAIT1, SYN_RECV LISTEN,
        ESTABLISHED FIN_WAIT1, ESTABLISHED CLOSE_WAIT, FIN_WAIT1 FIN_WAIT2, FIN_WAIT1 CLOSING, FIN_WAIT1 TIME_WAIT,
        FIN_WAIT2 TIME_WAIT, CLOSING TIME_WAIT, CLOSE_WAIT LAST_ACK, LAST_ACK CLOSE, TIME_WAIT CLOSE
    """
    edges = {(edge.state, edge.next) for edge in EDGES if edge.rfc}
    assert {(*pair.split(),) for pair in figure.split(",")} <= edges
