"""The rules, one row each. The report, ``explain`` and the reference pages are made from these rows."""

from collections.abc import Callable
from typing import NamedTuple

from lastack.doctor import accept_queue, close_wait, ephemeral_ports, syn_queue, time_wait
from lastack.doctor.verdicts import Verdict
from lastack.model.model import Model

__all__ = ["RULES", "Rule"]


class Rule(NamedTuple):
    """One rule.

    Attributes:
        id: slug, the id of its verdicts.
        title: what it looks at.
        check: the rule itself.
        explanation: what it means, why it happens, when it is no problem. Paragraphs are a blank line apart.
    """

    id: str
    title: str
    check: Callable[[Model], Verdict]
    explanation: str


RULES = (
    Rule(
        ephemeral_ports.ID,
        "Local ports left, by destination",
        ephemeral_ports.check,
        (
            "connect() needs a local port that is free towards the same remote address and port. The range is "
            "ip_local_port_range less the reserved ports and less every port that a bind() or listen() holds, and "
            "each destination (local address, remote address, remote port) has the whole of it.\n\n"
            "A client that closes first leaves its port in TIME_WAIT for 60 s, so 28,232 ports bear 470 new "
            "connections a second to one destination for ever. Beyond that connect() fails with EADDRNOTAVAIL, "
            "and no counter says so. tcp_tw_reuse lets connect() take such a port over after a second, if both "
            "ends use timestamps; what this end decides is visible here, the peer's choice is not, except on "
            "loopback, where the peer is this host.\n\n"
            "A warning means that less than a fifth of the ports is left or that they run out within a minute at "
            "the present rate; critical, that none is left or that it takes ten seconds at most. Many TIME_WAIT "
            "spread over many destinations, or on a server's own port, use up nothing."
        ),
    ),
    Rule(
        accept_queue.ID,
        "Connections waiting for accept(), by listener",
        accept_queue.check,
        (
            "A finished handshake waits in the listener's accept queue until the program calls accept(). The "
            "queue holds backlog + 1 connections, and the backlog is the number given to listen(), cut to "
            "net.core.somaxconn at that moment: raising somaxconn changes nothing for a program that asks for "
            "less, nor for one that is already listening.\n\n"
            "When the queue is full the kernel drops SYNs (ListenOverflows), and clients wait a second or more "
            "before they try again. A queue that is nearly full at a random moment means a program that does not "
            "keep up; a short one that is often full with a quick program means a backlog too short for its "
            "bursts. tcp_abort_on_overflow helps neither."
        ),
    ),
    Rule(
        syn_queue.ID,
        "Half-open requests and SYN cookies, by listener",
        syn_queue.check,
        (
            "Between SYN and ACK a request is in SYN_RECV, for about one round trip. Since Linux 4.4 the "
            "listener's backlog bounds this queue too. When it is full, tcp_syncookies decides: 1, the SYN is "
            "answered with a cookie and nothing is kept, at the price of window scaling and SACK where the client "
            "has no timestamps; 0, it is dropped, and already at three quarters of tcp_max_syn_backlog, a setting "
            "that is without effect otherwise.\n\n"
            "Cookies that are being sent mean a flood, or a backlog too short for honest bursts: the sources tell "
            "which. Cookies are no capacity: a program that does not accept() is not helped."
        ),
    ),
    Rule(
        close_wait.ID,
        "Connections that the peer closed and a process has not, by process",
        close_wait.check,
        (
            "In CLOSE_WAIT the peer has sent its FIN and the program has not called close(). The kernel waits for "
            "ever: there is no timer and no setting. Each one keeps a file descriptor and its memory.\n\n"
            "A few are normal, between the FIN and the close(). Many, in proportion to the open connections, are "
            "a leak in the program: an end of file that is not handled, a response that is never closed, a pool "
            "that keeps dead connections, a worker that is stuck. The age of a CLOSE_WAIT is not visible, so one "
            "sample goes by number and proportion; two samples show whether they drain. Those that no process "
            "holds wait in an accept queue."
        ),
    ),
    Rule(
        time_wait.ID,
        "TIME_WAIT: cost and limit",
        time_wait.check,
        (
            "The side that closes first keeps the pair of addresses and ports in TIME_WAIT for 60 s, so that late "
            "segments cannot reach a new connection and a lost last ACK can be sent again. It costs 256 to 521 "
            "bytes, no file descriptor and no process. On a server's port it limits nobody: a client that comes "
            "back with the same port is let in at once. What it can use up are a client's local ports towards one "
            "destination, which ephemeral-ports judges.\n\n"
            "tcp_max_tw_buckets bounds TIME_WAIT and orphaned FIN_WAIT2 together. Beyond it, connections are "
            "forgotten instead (TCPTimeWaitOverflow), which loses the protection and resets peers that still have "
            "something to say. Lowering it makes the number in a census smaller and nothing better. "
            "tcp_fin_timeout does not shorten TIME_WAIT; nothing does."
        ),
    ),
)
