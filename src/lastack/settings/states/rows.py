"""The states: what puts a socket there, what takes it out, after how long, and whose move it is."""

from typing import NamedTuple

from lastack.settings.page import Section
from lastack.settings.states.time_wait import TIME_WAIT_SECTIONS

__all__ = ["STATE_GUIDES", "StateGuide"]


class StateGuide(NamedTuple):
    """One state, for people.

    Attributes:
        name: canonical name (``lastack.tcp.states``).
        enters: what puts a socket there.
        leaves: what takes it out.
        lasts: after how long at most, and by which setting.
        move: whose move it is: who must act for it to go on.
        holds: what it costs while it lasts.
        worry: when a number of them means something.
        settings: keys of settings that bear on it.
        counters: names of counters that bear on it.
        sections: more, where there is more to say.
        sources: RFC sections, kernel files.
        claims: ids of the claims that back it.
    """

    name: str
    enters: str
    leaves: str
    lasts: str
    move: str
    holds: str
    worry: str
    settings: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    sources: tuple[str, ...] = ("RFC 9293 section 3.3.2",)
    claims: tuple[str, ...] = ()


_FULL_SOCKET = "About 3.4 KB of kernel memory with its file, besides what waits in its buffers."
_ORPHAN = "No process and no file, but a full socket and the unsent data in its buffer: up to 64 KB and more."

STATE_GUIDES: dict[str, StateGuide] = {
    row.name: row
    for row in (
        StateGuide(
            name="LISTEN",
            enters="The application calls listen().",
            leaves="The application closes it. What waits in its queues is reset, unless net.ipv4.tcp_migrate_req is 1 "
            "and another listener shares the port.",
            lasts="As long as the application wants.",
            move="The application's: it must call accept().",
            holds="A socket and its two queues; for a listener, the receive queue of `ss -ltn` is the number of "
            "connections that wait, the send queue its backlog.",
            worry="When connections wait for accept() at more than a moment's rush.",
            settings=("net.core.somaxconn", "net.ipv4.tcp_migrate_req"),
            counters=("ListenOverflows", "ListenDrops", "PassiveOpens"),
            sources=("RFC 9293 section 3.3.2", "listen(2)"),
            claims=("accept-queue-holds-backlog-plus-one", "migrate-req-saves-the-queue"),
        ),
        StateGuide(
            name="SYN_SENT",
            enters="The application calls connect(): the SYN is sent.",
            leaves="SYN-ACK: ESTABLISHED. RST: connect() fails with ECONNREFUSED. Nothing: ETIMEDOUT.",
            lasts=(
                "127 s by net.ipv4.tcp_syn_retries, 131 s since 6.5; TCP_USER_TIMEOUT or the application may be sooner."
            ),
            move="The peer's, or the network's: a SYN is unanswered.",
            holds=_FULL_SOCKET,
            worry="When more than a few stay: a destination is dead, or a firewall drops instead of refusing. "
            "`lastack census --by state,destination` names it.",
            settings=("net.ipv4.tcp_syn_retries", "net.ipv4.tcp_syn_linear_timeouts"),
            counters=("TCPSynRetrans", "AttemptFails", "TCPAbortOnTimeout"),
            claims=("syn-retries-time",),
        ),
        StateGuide(
            name="SYN_RECV",
            enters="A listener answers a SYN with SYN-ACK and remembers the request. A cookie is not remembered, and "
            "makes no SYN_RECV.",
            leaves="The client's ACK: ESTABLISHED, in the accept queue. An RST, or the time.",
            lasts="63 s by net.ipv4.tcp_synack_retries; less when more than half of the queue is old requests; longer "
            "with TCP_DEFER_ACCEPT, until data comes.",
            move="The client's: its ACK is missing.",
            holds="312 bytes: no socket yet.",
            worry="When it stays near the listener's backlog: a flood of SYNs, clients behind a path that loses the "
            "SYN-ACK, or an accept queue so full that ACKs are ignored.",
            settings=(
                "net.ipv4.tcp_syncookies",
                "net.ipv4.tcp_max_syn_backlog",
                "net.core.somaxconn",
                "net.ipv4.tcp_synack_retries",
                "net.ipv4.tcp_abort_on_overflow",
            ),
            counters=("TCPReqQFullDoCookies", "TCPReqQFullDrop", "SyncookiesSent", "EmbryonicRsts"),
            sources=("RFC 9293 section 3.3.2 (SYN-RECEIVED)", "net/ipv4/inet_connection_sock.c"),
            claims=("synack-retries-time", "syncookies-are-a-fallback"),
        ),
        StateGuide(
            name="ESTABLISHED",
            enters="The handshake is finished. On a server it may still wait for accept().",
            leaves="close() or shutdown(SHUT_WR): FIN_WAIT1. The peer's FIN: CLOSE_WAIT. RST, or an answer that never "
            "comes: gone.",
            lasts="For ever, if nobody sends and nobody asks. A peer that vanished is noticed only by unacknowledged "
            "data (net.ipv4.tcp_retries2, about 15 min) or by keepalive, which is off unless SO_KEEPALIVE is set.",
            move="Anybody's.",
            holds=_FULL_SOCKET,
            worry="When they outlive their peers: idle for hours behind a NAT that has forgotten them.",
            settings=(
                "net.ipv4.tcp_keepalive_time",
                "net.ipv4.tcp_retries2",
                "net.netfilter.nf_conntrack_tcp_timeout_established",
            ),
            counters=("CurrEstab", "TCPKeepAlive", "TCPAbortOnTimeout"),
            claims=("keepalive-needs-so-keepalive",),
        ),
        StateGuide(
            name="FIN_WAIT1",
            enters="This side closes first: its FIN is sent, or waits behind data that the peer has not taken.",
            leaves="ACK of the FIN: FIN_WAIT2. FIN from the peer: CLOSING, or TIME_WAIT if it brings the ACK too.",
            lasts="For an orphan, net.ipv4.tcp_orphan_retries: about 100 s. A peer that answers with a closed window "
            "can hold it longer.",
            move="The peer's: it must acknowledge.",
            holds=_ORPHAN,
            worry="When it grows: peers that vanish or do not read. Downloads that phones give up look like this.",
            settings=("net.ipv4.tcp_orphan_retries", "net.ipv4.tcp_max_orphans"),
            counters=("sockstat.orphan", "TCPAbortOnTimeout"),
            claims=("orphan-retries-zero-is-eight",),
        ),
        StateGuide(
            name="FIN_WAIT2",
            enters="This side closed first, and the peer has acknowledged that.",
            leaves="The peer's FIN: TIME_WAIT, for its full 60 s. For an orphan also the time.",
            lasts="An orphan: net.ipv4.tcp_fin_timeout, 60 s. One that a process still holds, after "
            "shutdown(SHUT_WR): for ever.",
            move="The peer's application: it must close.",
            holds="An orphan lives on as a small socket of 256 bytes, and counts in the `tw` of sockstat and towards "
            "net.ipv4.tcp_max_tw_buckets. A held one is a full socket.",
            worry="When it grows: peers that leave connections in CLOSE_WAIT. The fault is at the other end.",
            settings=("net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_max_tw_buckets"),
            counters=("TW", "TWKilled", "sockstat.tw", "TCPAbortOnLinger"),
            sources=("RFC 9293 section 3.3.2", "net/ipv4/tcp.c __tcp_close()"),
            claims=("fin-timeout-spares-half-closed-sockets", "tw-buckets-cap-orphan-fin-wait2"),
        ),
        StateGuide(
            name="CLOSING",
            enters="Both sides close at the same moment: FIN crosses FIN.",
            leaves="ACK of our FIN: TIME_WAIT.",
            lasts="A round trip; towards a peer that vanished, net.ipv4.tcp_orphan_retries.",
            move="The network's: an ACK is on its way.",
            holds=_ORPHAN,
            worry="Hardly ever: a few come and go.",
            settings=("net.ipv4.tcp_orphan_retries",),
            counters=("sockstat.orphan",),
        ),
        StateGuide(
            name="TIME_WAIT",
            enters="This side closed first, and both FINs are acknowledged.",
            leaves="The time; a new SYN or connect() that takes its place; an RST that fits.",
            lasts="60 s, fixed. No setting changes it.",
            move="Nobody's: it is the quiet after the end.",
            holds="256 bytes, or about 521 where it holds a local port of its own. No process, no file.",
            worry="On a host that connects: when those towards one destination come near the number of local ports. "
            "On a server: hardly ever.",
            settings=(
                "net.ipv4.tcp_tw_reuse",
                "net.ipv4.tcp_tw_reuse_delay",
                "net.ipv4.tcp_max_tw_buckets",
                "net.ipv4.tcp_rfc1337",
                "net.ipv4.ip_local_port_range",
                "net.netfilter.nf_conntrack_tcp_timeout_time_wait",
            ),
            counters=("TW", "TWRecycled", "TCPTimeWaitOverflow", "PAWSTimewait", "sockstat.tw"),
            sections=TIME_WAIT_SECTIONS,
            sources=(
                "RFC 9293 sections 3.4.2 and 3.6.1",
                "RFC 6191",
                "include/net/tcp.h TCP_TIMEWAIT_LEN",
                "net/ipv4/tcp_minisocks.c tcp_time_wait(), tcp_timewait_state_process()",
            ),
            claims=(
                "time-wait-lasts-60-s",
                "time-wait-yields-to-a-new-syn",
                "fin-timeout-is-not-time-wait",
                "tw-buckets-evict-nothing",
                "tw-reuse-needs-timestamps-at-both-ends",
            ),
        ),
        StateGuide(
            name="CLOSE_WAIT",
            enters=(
                "The peer closed first; its FIN is acknowledged, and the application has been told by an end of file."
            ),
            leaves="The application calls close(): LAST_ACK. It ends, and the kernel does that for it.",
            lasts="For ever: no timer and no setting ends it. Keepalive does, once the peer is gone for good.",
            move="The application's, here: it must call close().",
            holds=f"{_FULL_SOCKET} And a file descriptor of the process, until it runs out of them.",
            worry="When it grows, or stays: a leak in the application, or threads that wait for something else. "
            "`lastack census --by state,process` names it.",
            settings=("fs.nr_open",),
            counters=("CurrEstab",),
            claims=("close-wait-has-no-timer",),
        ),
        StateGuide(
            name="LAST_ACK",
            enters="The peer closed first, then this side: its FIN is sent.",
            leaves="The ACK of it: closed, with no TIME_WAIT on this side.",
            lasts="Towards a peer that vanished, net.ipv4.tcp_orphan_retries: about 100 s.",
            move="The peer's: one ACK is missing.",
            holds=_ORPHAN,
            worry="When it grows: peers that vanish between their FIN and ours, or a firewall that forgot the "
            "connection after the first FIN.",
            settings=("net.ipv4.tcp_orphan_retries", "net.netfilter.nf_conntrack_tcp_timeout_close_wait"),
            counters=("sockstat.orphan", "TCPAbortOnTimeout"),
        ),
        StateGuide(
            name="CLOSE",
            enters="A socket that was made and neither connected nor listens, or whose connection is over.",
            leaves="connect() or listen(), or close().",
            lasts="As long as the application keeps it.",
            move="The application's.",
            holds=_FULL_SOCKET,
            worry="When a process has thousands: it forgets to close sockets whose connection is gone.",
            counters=("sockstat.alloc",),
        ),
        StateGuide(
            name="BOUND_INACTIVE",
            enters="bind() has taken a port, and neither connect() nor listen() has followed. sock_diag shows it since "
            "Linux 6.8.",
            leaves="connect() or listen(), or close().",
            lasts="As long as the application keeps it.",
            move="The application's.",
            holds="The port: no connect() of this namespace chooses it by itself, to whatever destination.",
            worry="When there are many: a client that binds a source address first. IP_BIND_ADDRESS_NO_PORT spares the "
            "port until connect().",
            settings=("net.ipv4.ip_local_port_range", "net.ipv4.ip_autobind_reuse"),
            sources=("include/net/tcp_states.h", "net/ipv4/inet_diag.c"),
            claims=("port-range-skips-bound-ports", "bind-no-port-shares-ports-between-destinations"),
        ),
    )
}
