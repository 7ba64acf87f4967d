"""The states of a Linux TCP socket and what each tool calls them.

One row a state. The numbers are the kernel's (include/net/tcp_states.h); they travel in sock_diag messages and,
in hexadecimal, in /proc/net/tcp. RFC 9293 section 3.3.2 has eleven states; Linux adds NEW_SYN_RECV (a half-open
request, which every tool prints as SYN_RECV) and BOUND_INACTIVE (a port taken by bind() with no connection,
which only sock_diag can see, since Linux 6.8).
"""

from typing import NamedTuple

__all__ = ["BY_NUMBER", "CENSUS_MASK", "NAMES", "STATES", "State", "canonical"]


class State(NamedTuple):
    """One state.

    Attributes:
        name: netstat's spelling; the one used in JSON and code.
        number: the kernel's number, include/net/tcp_states.h.
        ss: the spelling of ``ss``.
        aliases: spellings of other tools and systems (the BSDs, macOS, Windows, busybox).
        meaning: one sentence for people.
    """

    name: str
    number: int
    ss: str
    aliases: tuple[str, ...]
    meaning: str


STATES = (
    State("LISTEN", 10, "LISTEN", ("LISTENING",), "waits for clients"),
    State("SYN_SENT", 2, "SYN-SENT", (), "sent its SYN, waits for the answer"),
    State("SYN_RECV", 3, "SYN-RECV", ("SYN_RCVD", "SYN_RECEIVED"), "half open: answered a SYN, waits for the ACK"),
    State("ESTABLISHED", 1, "ESTAB", (), "open"),
    State("FIN_WAIT1", 4, "FIN-WAIT-1", ("FIN_WAIT_1",), "closed first, its FIN is not acknowledged yet"),
    State("FIN_WAIT2", 5, "FIN-WAIT-2", ("FIN_WAIT_2",), "closed first, waits for the peer to close too"),
    State("CLOSING", 11, "CLOSING", (), "both closed at once, waits for the last ACK"),
    State("TIME_WAIT", 6, "TIME-WAIT", (), "closed first and done: keeps the address pair quiet for 60 s"),
    State("CLOSE_WAIT", 8, "CLOSE-WAIT", (), "the peer closed; the application here has not"),
    State("LAST_ACK", 9, "LAST-ACK", (), "closed second, waits for the ACK of its FIN"),
    State("CLOSE", 7, "UNCONN", ("CLOSED",), "not connected"),
    State("BOUND_INACTIVE", 13, "BOUND-INACTIVE", (), "holds a local port, has no connection"),
)

NAMES = tuple(state.name for state in STATES)

_NEW_SYN_RECV = 12

BY_NUMBER: dict[int, str] = {state.number: state.name for state in STATES} | {_NEW_SYN_RECV: "SYN_RECV"}

# What netstat and ss count: everything but BOUND_INACTIVE, which is no connection.
CENSUS_MASK = sum(1 << number for number in BY_NUMBER if number != 13)

_BY_SPELLING = {
    spelling: state.name for state in STATES for spelling in (state.name, state.ss.replace("-", "_"), *state.aliases)
}


def canonical(spelling: str) -> str | None:
    """The name of the state that some tool spells so, or None if nobody knows it.

    >>> canonical("estab"), canonical("FIN-WAIT-2"), canonical("FIN_WAIT_2"), canonical("NONSENSE")
    ('ESTABLISHED', 'FIN_WAIT2', 'FIN_WAIT2', None)
    """
    return _BY_SPELLING.get(spelling.upper().replace("-", "_"))
