"""What is drawn of a connection."""

from lastack.tcp.lifecycle import Lifecycle
from lastack.tcp.sequence import MSL2_NS, Wait, from_segments, from_states
from tests.tcp.test_observer import CASES, follow, segments

_SCRIPT = CASES["RFC 9293 figure 6, then figure 12"].script


def test_arrows_have_relative_numbers_and_states() -> None:
    """As in RFC 9293's figures 6 and 12, with the SYN's number as 0."""
    sequence = from_segments(segments(_SCRIPT), flipped=False)
    drawn = [
        (
            row.orig_state,
            ">" if row.arrow.rightward else "<",
            " ".join(row.arrow.flags),
            row.arrow.seq,
            row.arrow.ack,
            row.resp_state,
        )
        for row in sequence.rows
        if row.arrow
    ]
    assert drawn == [
        ("SYN_SENT", ">", "SYN", 0, None, ""),
        ("ESTABLISHED", "<", "SYN ACK", 0, 1, "SYN_RECV"),
        ("ESTABLISHED", ">", "ACK", 1, 1, "ESTABLISHED"),
        ("FIN_WAIT1", ">", "FIN ACK", 1, 1, "CLOSE_WAIT"),
        ("FIN_WAIT2", "<", "ACK", 1, 2, "CLOSE_WAIT"),
        ("TIME_WAIT", "<", "FIN ACK", 1, 2, "LAST_ACK"),
        ("TIME_WAIT", ">", "ACK", 2, 2, "CLOSE"),
    ]
    assert sequence.waits == [Wait("orig", 5, 5 + MSL2_NS)]


def test_what_comes_again_is_marked() -> None:
    """A SYN and data that were sent before."""
    sequence = from_segments(segments(">S:0 >S:0 <SA:0:1 >PA:1:1:5 >PA:1:1:5 <A:1:6"), flipped=False)
    assert [row.arrow.again for row in sequence.rows if row.arrow] == [False, True, False, False, True, False]


def test_lulls() -> None:
    """Of many segments that change nothing the first and the last are drawn, and what lies between is summed up."""
    data = " ".join(f">PA:{1 + 10 * number}:1:10 <A:1:{11 + 10 * number}" for number in range(50))
    rows = from_segments(segments(f">S:0 <SA:0:1 >A:1:1 {data}"), flipped=False).rows
    assert len(rows) == 5
    # The first of the hundred is drawn with the handshake's ACK in one group: 49 of 50 data segments lie between.
    assert rows[3].note == "more of these: 500 octets right, 0 left"


def test_from_states_alone() -> None:
    """A live trace has no segments: states and times are drawn, what happened at one moment as one row."""
    observer = follow(_SCRIPT)
    lifecycle = Lifecycle((bytes(4), 1), (bytes(4), 2), 0, 6, observer.outcome(), observer.moments())
    rows = from_states(lifecycle).rows
    assert [(row.time, row.orig_state, row.resp_state) for row in rows] == [
        (0, "SYN_SENT", ""),
        (1, "ESTABLISHED", "SYN_RECV"),
        (2, "ESTABLISHED", "ESTABLISHED"),
        (3, "FIN_WAIT1", "CLOSE_WAIT"),
        (4, "FIN_WAIT2", "CLOSE_WAIT"),
        (5, "TIME_WAIT", "LAST_ACK"),
        (6, "TIME_WAIT", "CLOSE"),
    ]
