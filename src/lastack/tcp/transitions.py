"""The state machine of one end, as a table: RFC 9293's figure, what its text adds, what Linux adds and leaves out.

One row an edge. ``step`` walks it and refuses what no row allows. The states are those of ``lastack.tcp.states``;
SYN_RECV stands for NEW_SYN_RECV too. The tracepoint sock:inet_sock_set_state shows the same edges with three
differences: it has no TIME_WAIT (a socket that becomes one is shown going to CLOSE, and what follows is not shown),
no BOUND_INACTIVE (only sock_diag tells it from CLOSE), and no half-open request (a SYN_RECV appears when the
handshake ends).
"""

from typing import NamedTuple

from lastack.errors import InputError

__all__ = [
    "ABORT",
    "ACK_OF_FIN",
    "ACK_OF_SYN",
    "ACTIVE_OPEN",
    "BIND",
    "CLOSE_CALL",
    "EDGES",
    "FIN_AND_ACK",
    "FIN_IN",
    "GIVE_UP",
    "OVERFLOW",
    "PASSIVE_OPEN",
    "REPAIR",
    "RST_IN",
    "SEND",
    "SYN_ACK_IN",
    "SYN_IN",
    "TIMEOUT_2MSL",
    "Edge",
    "next_state",
    "step",
]

PASSIVE_OPEN, ACTIVE_OPEN, BIND, SEND = "listen()", "connect()", "bind()", "send()"
CLOSE_CALL, ABORT, REPAIR = "close() or shutdown()", "abort", "TCP_REPAIR"
SYN_IN, SYN_ACK_IN, ACK_OF_SYN = "SYN", "SYN-ACK", "ACK of SYN"
FIN_IN, ACK_OF_FIN, FIN_AND_ACK, RST_IN = "FIN", "ACK of FIN", "FIN with ACK of FIN", "RST"
TIMEOUT_2MSL, GIVE_UP, OVERFLOW = "2MSL over", "gives up", "FIN, no room for a TIME_WAIT"


class Edge(NamedTuple):
    """One transition.

    Attributes:
        state: where it begins.
        event: what happens: a system call, a segment that arrives, a timer.
        next: where it leads.
        sends: the segment sent on the way, or nothing.
        source: the RFC's section, or the kernel's function.
        rfc: RFC 9293 has it.
        linux: Linux has it.
        walk: how to walk it on a real kernel; for an edge that Linux leaves out, what Linux does instead.
    """

    state: str
    event: str
    next: str
    sends: str
    source: str
    rfc: bool
    linux: bool
    walk: str


_FIGURE = "RFC 9293 figure 5"


def _rfc(state: str, event: str, following: str, sends: str, walk: str, source: str = _FIGURE) -> Edge:
    return Edge(state, event, following, sends, source, rfc=True, linux=True, walk=walk)


def _absent(state: str, event: str, following: str, sends: str, walk: str, source: str = _FIGURE) -> Edge:
    return Edge(state, event, following, sends, source, rfc=True, linux=False, walk=walk)


def _linux(state: str, event: str, following: str, sends: str, walk: str, source: str) -> Edge:
    return Edge(state, event, following, sends, source, rfc=False, linux=True, walk=walk)


_OPENING = (
    _rfc("CLOSE", PASSIVE_OPEN, "LISTEN", "", "listen()"),
    _rfc("CLOSE", ACTIVE_OPEN, "SYN_SENT", "SYN", "connect()"),
    _rfc("LISTEN", SYN_IN, "SYN_RECV", "SYN-ACK", "a client's SYN; the listener itself stays in LISTEN"),
    _rfc("LISTEN", CLOSE_CALL, "CLOSE", "", "close() the listener"),
    _rfc("SYN_SENT", SYN_ACK_IN, "ESTABLISHED", "ACK", "connect() to a listener"),
    _rfc("SYN_SENT", SYN_IN, "SYN_RECV", "SYN-ACK", "two sockets bound to fixed ports connect() to each other at once"),
    _rfc("SYN_SENT", CLOSE_CALL, "CLOSE", "", "close() a non-blocking connect() that nobody answers"),
    _rfc("SYN_RECV", ACK_OF_SYN, "ESTABLISHED", "", "the handshake's third segment"),
    _rfc(
        "SYN_RECV",
        CLOSE_CALL,
        "FIN_WAIT1",
        "FIN",
        "TCP_FASTOPEN: accept() and close() a connection whose handshake the client has not ended",
    ),
    _absent(
        "SYN_RECV", RST_IN, "LISTEN", "", "the request is dropped; the listener never left LISTEN", _FIGURE + " note 1"
    ),
    _absent("LISTEN", SEND, "SYN_SENT", "SYN", "connect() or send() on a listener fails: EISCONN, EPIPE"),
)

_CLOSING = (
    _rfc("ESTABLISHED", CLOSE_CALL, "FIN_WAIT1", "FIN", "close() first"),
    _rfc("ESTABLISHED", FIN_IN, "CLOSE_WAIT", "ACK", "the peer closes first"),
    _rfc("FIN_WAIT1", ACK_OF_FIN, "FIN_WAIT2", "", "close() first; the peer's kernel acknowledges, its program waits"),
    _rfc("FIN_WAIT1", FIN_IN, "CLOSING", "ACK", "both close() while neither hears the other"),
    _rfc(
        "FIN_WAIT1",
        FIN_AND_ACK,
        "TIME_WAIT",
        "ACK",
        "the peer's program closes before its kernel acknowledges: one segment does both",
        _FIGURE + " note 2",
    ),
    _rfc("FIN_WAIT2", FIN_IN, "TIME_WAIT", "ACK", "the peer closes second"),
    _rfc("CLOSING", ACK_OF_FIN, "TIME_WAIT", "", "both closed at once and hear each other again"),
    _rfc("CLOSE_WAIT", CLOSE_CALL, "LAST_ACK", "FIN", "close() second"),
    _rfc("LAST_ACK", ACK_OF_FIN, "CLOSE", "", "the end of every passive close"),
    _rfc("TIME_WAIT", TIMEOUT_2MSL, "CLOSE", "", "wait 60 s: TCP_TIMEWAIT_LEN"),
    _absent(
        "SYN_RECV",
        FIN_IN,
        "CLOSE_WAIT",
        "ACK",
        "the ACK that comes with every FIN is taken first: SYN_RECV, ESTABLISHED, CLOSE_WAIT",
        "RFC 9293 3.10.7.4",
    ),
)

_RESETS = tuple(
    _rfc(state, RST_IN, "CLOSE", "", walk, source)
    for state, walk, source in (
        ("SYN_SENT", "connect() to a port where nobody listens", "RFC 9293 3.10.7.3"),
        ("SYN_RECV", "the client resets instead of the third segment", "tcp_check_req()"),
        ("ESTABLISHED", "the peer closes with SO_LINGER 0", "RFC 9293 3.10.7.4"),
        ("FIN_WAIT1", "close(); the peer, cut off until then, aborts", "RFC 9293 3.10.7.4"),
        ("FIN_WAIT2", "shutdown(); the peer closes with unread data", "RFC 9293 3.10.7.4"),
        ("CLOSE_WAIT", "the peer closes with close(); sending to it is answered by a reset", "RFC 9293 3.10.7.4"),
        ("CLOSING", "a raw socket sends the reset", "RFC 9293 3.10.7.4"),
        ("LAST_ACK", "close() second after the first closer's socket is gone", "RFC 9293 3.10.7.4"),
        (
            "TIME_WAIT",
            "a reset with the right sequence number, tcp_rfc1337=0",
            "RFC 1337; tcp_timewait_state_process()",
        ),
    )
)

_ABORTS = tuple(
    _rfc(state, ABORT, "CLOSE", "RST", walk, "RFC 9293 3.10.5; tcp_disconnect()")
    for state, walk in (
        ("SYN_RECV", "accept queue full with tcp_abort_on_overflow=1; or the listener closes"),
        ("ESTABLISHED", "close() with SO_LINGER 0, or with data unread"),
        ("FIN_WAIT1", "more orphans than tcp_max_orphans; or SOCK_DESTROY"),
        ("FIN_WAIT2", "close() after shutdown(), then the peer sends data"),
        ("CLOSE_WAIT", "close() with SO_LINGER 0"),
        ("CLOSING", "SOCK_DESTROY"),
        ("LAST_ACK", "SOCK_DESTROY"),
    )
)

_TIMERS = tuple(
    Edge(state, GIVE_UP, "CLOSE", sends, source, rfc=rfc, linux=True, walk=walk)
    for state, sends, source, rfc, walk in (
        ("SYN_SENT", "", "RFC 9293 3.8.3", True, "connect() to an address that never answers, tcp_syn_retries=1"),
        ("SYN_RECV", "", "reqsk_timer_handler()", False, "a SYN and nothing more, tcp_synack_retries=0"),
        ("ESTABLISHED", "RST", "RFC 9293 3.8.3", True, "send, cut the way, TCP_USER_TIMEOUT or tcp_retries2"),
        ("CLOSE_WAIT", "RST", "RFC 9293 3.8.3", True, "as ESTABLISHED, after the peer's FIN"),
        ("FIN_WAIT1", "", "tcp_write_timeout()", False, "cut the way, close(), tcp_orphan_retries=1"),
        ("FIN_WAIT2", "", "tcp_keepalive_timer(), inet_twsk", False, "close(); the peer keeps silent tcp_fin_timeout"),
        ("CLOSING", "", "tcp_write_timeout()", False, "both close while cut, tcp_orphan_retries=1"),
        ("LAST_ACK", "", "tcp_write_timeout()", False, "the peer closes, cut the way, close(), tcp_orphan_retries=1"),
    )
)

_LINUX = (
    _linux(
        "TIME_WAIT",
        SYN_IN,
        "SYN_RECV",
        "SYN-ACK",
        "the same client port connects again: a higher sequence number or timestamp",
        "tcp_timewait_state_process(), TCP_TW_SYN; RFC 6191",
    ),
    _linux(
        "TIME_WAIT",
        ACTIVE_OPEN,
        "SYN_SENT",
        "SYN",
        "connect() with every other port taken, after 1 s, tcp_tw_reuse=1",
        "tcp_twsk_unique()",
    ),
    _linux("FIN_WAIT1", OVERFLOW, "CLOSE", "ACK", "tcp_max_tw_buckets=0, as FIN_WAIT1 to TIME_WAIT", "tcp_time_wait()"),
    _linux("FIN_WAIT2", OVERFLOW, "CLOSE", "ACK", "tcp_max_tw_buckets=0, as FIN_WAIT2 to TIME_WAIT", "tcp_time_wait()"),
    _linux("SYN_SENT", REPAIR, "ESTABLISHED", "", "connect() with TCP_REPAIR on (CAP_NET_ADMIN)", "tcp_connect()"),
    _linux(
        "CLOSE", BIND, "BOUND_INACTIVE", "", "bind(), seen through sock_diag since Linux 6.8", "inet_diag_dump_icsk()"
    ),
    _linux("BOUND_INACTIVE", PASSIVE_OPEN, "LISTEN", "", "bind(), listen()", "inet_csk_listen_start()"),
    _linux("BOUND_INACTIVE", ACTIVE_OPEN, "SYN_SENT", "SYN", "bind(), connect()", "tcp_v4_connect()"),
    _linux("BOUND_INACTIVE", CLOSE_CALL, "CLOSE", "", "bind(), close()", "tcp_close()"),
)

EDGES = _OPENING + _CLOSING + _RESETS + _ABORTS + _TIMERS + _LINUX

_NEXT = {(edge.state, edge.event): edge.next for edge in EDGES if edge.linux}


def next_state(state: str, event: str) -> str | None:
    """The state that a Linux socket goes to, or None where the table has no such edge."""
    return _NEXT.get((state, event))


def step(state: str, event: str) -> str:
    """The state that a Linux socket goes to.

    Raises:
        InputError: ``no-such-transition``.

    >>> step("FIN_WAIT2", FIN_IN)
    'TIME_WAIT'
    """
    following = _NEXT.get((state, event))
    if following is None:
        raise InputError("no-such-transition", f"{state}: a TCP socket knows no {event!r} there")
    return following
