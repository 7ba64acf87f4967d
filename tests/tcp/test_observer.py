"""One connection segment by segment; what is expected comes from RFC 9293's pages and from Zeek's documentation."""

from typing import NamedTuple

import pytest

from lastack.tcp.lifecycle import Outcome, handshake_time, round_trip
from lastack.tcp.observer import Observer
from lastack.tcp.segment import ACK, FIN, PSH, RST, SYN, Segment

_FLAGS = {"S": SYN, "A": ACK, "F": FIN, "R": RST, "P": PSH}
_BASES = {True: 4_294_967_000, False: 300}


def segments(script: str) -> list[Segment]:
    """Words such as ``>SA:0:1:20``: from the client, SYN ACK, seq 0, ack 1, 20 octets; a unit of time each."""
    made = []
    for time, word in enumerate(script.split()):
        letters, *numbers = word[1:].split(":")
        seq, ack, payload = (int(number) for number in [*numbers, *"000"][:3])
        forward = word[0] == ">"
        flags = sum(_FLAGS[letter] for letter in letters)
        base, peer = _BASES[forward], _BASES[not forward]
        made.append(
            Segment(time, forward, flags, (base + seq) % 2**32, (peer + ack) % 2**32 if "A" in letters else 0, payload)
        )
    first = made[0].forward
    return [segment._replace(forward=segment.forward == first) for segment in made]


def follow(script: str, *, flipped: bool = False) -> Observer:
    """The observer after all of a script."""
    observer = Observer(flipped=flipped)
    for segment in segments(script):
        observer.feed(segment)
    return observer


class Case(NamedTuple):
    """A script and what it must be called."""

    script: str
    conn_state: str
    history: str
    handshake: str
    teardown: str
    closer: str
    time_wait: str
    reset: str = ""


_OPEN = ">S:0 <SA:0:1 >A:1:1 "

CASES = {
    "RFC 9293 figure 6, then figure 12": Case(
        _OPEN + ">FA:1:1 <A:1:2 <FA:1:2 >A:2:2", "SF", "ShAFaf", "three-way", "four-segment", "orig", "orig"
    ),
    "three segments": Case(
        _OPEN + ">FA:1:1 <FA:1:2 >A:2:2", "SF", "ShAFf", "three-way", "three-segment", "orig", "orig"
    ),
    "the server first": Case(
        _OPEN + "<FA:1:1 >A:1:2 >FA:1:2 <A:2:2", "SF", "ShAfFa", "three-way", "four-segment", "resp", "resp"
    ),
    "RFC 9293 figure 13: both at once": Case(
        _OPEN + ">FA:1:1 <FA:1:1 >A:2:2 <A:2:2", "SF", "ShAFfa", "three-way", "simultaneous", "both", "both"
    ),
    "RFC 9293 figure 7: both open": Case(">S:0 <S:0 >SA:0:1 <SA:0:1", "S1", "Ss", "simultaneous", "none", "", "none"),
    "half closed for a while": Case(
        _OPEN + ">FA:1:1 <PA:1:2:50 >A:2:51 <FA:51:2 >A:2:52",
        "SF",
        "ShAFdf",
        "three-way",
        "half-closed",
        "orig",
        "orig",
    ),
    "half closed for good": Case(_OPEN + ">FA:1:1 <A:1:2", "S2", "ShAFa", "three-way", "half-closed", "orig", "none"),
    "nobody answers": Case(">S:0 >S:0 >S:0", "S0", "S", "syn-only", "none", "", "none"),
    "nobody listens": Case(">S:0 <RA:0:1", "REJ", "Sr", "refused", "reset", "resp", "none", "refused"),
    "the client gives up": Case(">S:0 >R:1", "RSTOS0", "SR", "syn-only", "reset", "orig", "none", "gave-up"),
    "a scan": Case(">S:0 <SA:0:1 >R:1", "RSTO", "ShR", "three-way", "reset", "orig", "none", "unwanted"),
    "the client aborts": Case(
        _OPEN + ">PA:1:1:9 <A:1:10 >RA:10:1", "RSTO", "ShADaR", "three-way", "reset", "orig", "none", "aborted"
    ),
    "the server aborts": Case(
        _OPEN + ">PA:1:1:9 <R:1", "RSTR", "ShADr", "three-way", "reset", "resp", "none", "aborted"
    ),
    "data after close": Case(
        _OPEN + ">FA:1:1 <PA:1:2:9 >R:2", "RSTO", "ShAFdR", "three-way", "reset", "orig", "none", "too-late"
    ),
    "still open": Case(_OPEN + ">PA:1:1:5 <A:1:6", "S1", "ShADa", "three-way", "none", "", "none"),
    "a retransmission": Case(_OPEN + ">PA:1:1:5 >PA:1:1:5 <A:1:6", "S1", "ShADTa", "three-way", "none", "", "none"),
    "a gap": Case(_OPEN + ">PA:1:1:5 <A:1:90", "S1", "ShADaG", "three-way", "none", "", "none"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_became_of_it(name: str) -> None:
    """Its word, its letters, its kinds."""
    case = CASES[name]
    outcome = follow(case.script).outcome()
    assert case[1:] == (
        outcome.conn_state,
        outcome.history,
        outcome.handshake,
        outcome.teardown,
        outcome.active_closer,
        outcome.time_wait,
        outcome.reset_cause,
    )


@pytest.mark.parametrize(
    ("name", "client", "server"),
    [
        (
            "RFC 9293 figure 6, then figure 12",
            "SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT",
            "SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE",
        ),
        (
            "RFC 9293 figure 13: both at once",
            "SYN_SENT ESTABLISHED FIN_WAIT1 CLOSING TIME_WAIT",
            "SYN_RECV ESTABLISHED FIN_WAIT1 CLOSING TIME_WAIT",
        ),
        ("RFC 9293 figure 7: both open", "SYN_SENT SYN_RECV ESTABLISHED", "SYN_SENT SYN_RECV ESTABLISHED"),
        (
            "three segments",
            "SYN_SENT ESTABLISHED FIN_WAIT1 TIME_WAIT",
            "SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE",
        ),
        ("nobody listens", "SYN_SENT CLOSE", ""),
        ("data after close", "SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSE", "SYN_RECV ESTABLISHED CLOSE_WAIT CLOSE"),
    ],
)
def test_the_states_of_both_ends(name: str, client: str, server: str) -> None:
    """As the RFC's figures have them beside their arrows."""
    outcome = follow(CASES[name].script).outcome()
    assert (outcome.orig_states, outcome.resp_states) == (tuple(client.split()), tuple(server.split()))


def test_times() -> None:
    """The handshake's time begins with the first SYN, its round trip with the last; states have their times."""
    moments = follow(">S:0 >S:0 <SA:0:1 >A:1:1 <FA:1:1 >A:1:2 >FA:1:2 <A:2:2").moments()
    assert (handshake_time(moments), round_trip(moments)) == (3, 2)
    assert (moments.orig, moments.resp) == ((0, 2, 4, 6, 7), (2, 3, 4, 5, 6))


def test_a_syn_ack_first() -> None:
    """Who answers a SYN that was not seen is the responder."""
    outcome = follow("<SA:0:1 >A:1:1 >FA:1:1 <A:1:2", flipped=True).outcome()
    assert (outcome.history, outcome.handshake, outcome.flipped) == ("^hAFa", "three-way", True)


@pytest.mark.parametrize(
    ("script", "another"),
    [
        (">S:0 >S:0", False),
        (">S:0 >S:77", True),
        (">S:0 <S:0", False),
        (_OPEN + ">FA:1:1 <FA:1:2 >S:0", True),
        (_OPEN + ">S:7", True),
        (_OPEN + "<SA:0:1", False),
    ],
)
def test_another_connection(script: str, another: bool) -> None:  # noqa: FBT001 - what is expected
    """The last segment opens another one, or repeats what this one had."""
    *before, last = segments(script)
    observer = Observer()
    for segment in before:
        observer.feed(segment)
    assert observer.begins_another(last) == another


def test_an_outcome_knows_its_flags() -> None:
    """How often each control bit was sent."""
    outcome: Outcome = follow(">S:0 >S:0 <SA:0:1 <SA:0:1 >A:1:1 >R:1").outcome()
    assert (outcome.orig_flags, outcome.resp_flags) == ((2, 0, 0, 1), (0, 2, 0, 0))
    assert (outcome.syn_retransmits, outcome.syn_ack_retransmits) == (1, 1)
