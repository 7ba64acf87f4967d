"""A connection told by its sockets is what its segments would tell."""

import pytest

from lastack.tcp.witness import Witness
from tests.tcp.test_observer import CASES, follow

_SIDES = {"c": 0, "s": 1}


def witnessed(script: str) -> Witness:
    """After events such as ``c:SYN_SENT``; ``cr`` is a retransmission, ``c!`` a reset sent, ``c?`` one received."""
    witness = Witness()
    states = {0: "CLOSE", 1: "LISTEN"}
    for time, word in enumerate(script.split()):
        side = _SIDES[word[0]]
        if word[1:] == "!":
            witness.reset_sent(side, states[side] if states[side] not in {"CLOSE", "LISTEN"} else None, time)
        elif word[1:] == "?":
            witness.reset_received(side, states[side], time)
        elif word[1:] == "r":
            witness.retransmit(side, states[side], time)
        else:
            witness.change(side, states[side], word[2:], time)
            states[side] = word[2:]
    return witness


_OPEN = "c:SYN_SENT s:SYN_RECV c:ESTABLISHED s:ESTABLISHED "

SCRIPTS = {
    "RFC 9293 figure 6, then figure 12": _OPEN + "c:FIN_WAIT1 s:CLOSE_WAIT c:FIN_WAIT2 s:LAST_ACK c:TIME_WAIT s:CLOSE",
    "three segments": _OPEN + "c:FIN_WAIT1 s:CLOSE_WAIT s:LAST_ACK c:TIME_WAIT s:CLOSE",
    "the server first": _OPEN + "s:FIN_WAIT1 c:CLOSE_WAIT s:FIN_WAIT2 c:LAST_ACK s:TIME_WAIT c:CLOSE",
    "RFC 9293 figure 13: both at once": _OPEN + "c:FIN_WAIT1 s:FIN_WAIT1 c:CLOSING s:CLOSING c:TIME_WAIT s:TIME_WAIT",
    "half closed for good": _OPEN + "c:FIN_WAIT1 s:CLOSE_WAIT c:FIN_WAIT2",
    "nobody answers": "c:SYN_SENT cr cr",
    "nobody listens": "c:SYN_SENT s! c? c:CLOSE",
    "the client aborts": _OPEN + "c! c:CLOSE s? s:CLOSE",
    "the server aborts": _OPEN + "s! s:CLOSE c? c:CLOSE",
    "data after close": _OPEN + "c:FIN_WAIT1 s:CLOSE_WAIT c:FIN_WAIT2 c! c:CLOSE s? s:CLOSE",
    "still open": _OPEN,
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_as_the_segments_tell(name: str) -> None:
    """The same kinds, closers, causes and states as ``Observer`` gives for the segments of the same connection."""
    told, seen = witnessed(SCRIPTS[name]).outcome(), follow(CASES[name].script).outcome()
    names = (
        "conn_state", "handshake", "syn_retransmits", "teardown", "active_closer", "reset_by", "reset_cause",
        "time_wait", "orig_states", "resp_states",
    )  # fmt: skip
    assert [getattr(told, each) for each in names] == [getattr(seen, each) for each in names]


def test_one_side_alone() -> None:
    """Of a server's socket alone: the client opened, the server closed; in how many segments, nobody knows."""
    witness = Witness()
    for time, (old, new) in enumerate(
        [("LISTEN", "SYN_RECV"), ("SYN_RECV", "ESTABLISHED"), ("ESTABLISHED", "FIN_WAIT1"), ("FIN_WAIT1", "FIN_WAIT2"),
         ("FIN_WAIT2", "TIME_WAIT")]
    ):  # fmt: skip
        witness.change(0, old, new, time)
    outcome = witness.outcome()
    assert (outcome.flipped, outcome.handshake, outcome.active_closer) == (True, "three-way", "resp")
    assert (outcome.time_wait, outcome.teardown, outcome.conn_state) == ("resp", "", "SF")
    assert witness.moments().resp == (0, 1, 2, 3, 4)
    assert witness.over


def test_from_the_middle_on() -> None:
    """Who opened is not told; then whoever asks says so, and outcome and moments agree."""
    witness = Witness()
    witness.change(0, "ESTABLISHED", "CLOSE_WAIT", 5)
    assert not witness.told
    assert witness.outcome(flipped=True).resp_states == ("ESTABLISHED", "CLOSE_WAIT")
    assert witness.moments(flipped=True).resp == (-1, 5)
    assert witness.outcome(flipped=False).active_closer == "resp"
