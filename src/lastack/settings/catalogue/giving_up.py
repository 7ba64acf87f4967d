"""Settings that bear on how long an answer is waited for, and on segments that try to end a connection."""

from lastack.settings.catalogue.row import ANYONE, INT, U8, Range, Setting

__all__ = ["GIVING_UP"]

GIVING_UP = (
    Setting(
        key="net.ipv4.tcp_retries1",
        family="giving up",
        form="number",
        unit="retransmissions",
        accepts=(Range("", -(2**31), 255), Range("5.13", 0, 255)),
        sane=(0, 255),
        defaults=(("", "3"),),
        namespaced="4.6",
        roles=ANYONE,
        summary="Unanswered retransmissions after which the route and the path's MTU are looked at again.",
        does="Nothing is given up at this point: the connection goes on until net.ipv4.tcp_retries2.",
        counters=("TCPTimeouts",),
        sources=("net/ipv4/tcp_timer.c tcp_write_timeout()", "RFC 1122 section 4.2.3.5"),
        claims=("retries1-gives-nothing-up",),
        related=("net.ipv4.tcp_retries2",),
    ),
    Setting(
        key="net.ipv4.tcp_retries2",
        family="giving up",
        form="number",
        unit="retransmissions",
        accepts=U8,
        sane=(0, 255),
        defaults=(("", "15"),),
        namespaced="4.6",
        roles=ANYONE,
        summary="Unanswered retransmissions after which a connection with unacknowledged data is given up.",
        does=(
            "It stands for a time, that of so many retransmissions beginning with 200 ms and doubling up to 120 s: "
            "924.6 s for 15, 102.2 s for 8. The connection ends at the first timeout after that, which for a slow "
            "path is later. TCP_USER_TIMEOUT gives one socket a time of its own."
        ),
        believed="That it is a count of retransmissions, or that it bears on idle connections: keepalive does.",
        hazards=("Below 8 a connection is given up in less than the 100 s that RFC 1122 asks for.",),
        counters=("TCPAbortOnTimeout", "TCPTimeouts", "RetransSegs"),
        sources=("net/ipv4/tcp_timer.c retransmits_timed_out()", "RFC 1122 section 4.2.3.5", "RFC 6298"),
        claims=(
            "retries2-time",
            "retries2-spares-idle-connections",
            "retries2-yields-to-user-timeout",
        ),
        related=("net.ipv4.tcp_retries1", "net.ipv4.tcp_orphan_retries", "net.ipv4.tcp_rto_max_ms"),
    ),
    Setting(
        key="net.ipv4.tcp_rto_max_ms",
        family="giving up",
        form="number",
        unit="milliseconds",
        accepts=(Range("", 1000, 120_000),),
        defaults=(("", "120000"),),
        namespaced="born",
        added="6.15",
        roles=ANYONE,
        summary="The longest wait between two retransmissions.",
        does=(
            "Lowered, a connection comes back sooner after an outage. It also shortens the time that "
            "net.ipv4.tcp_retries2 stands for. TCP_RTO_MAX_MS sets it for one socket."
        ),
        hazards=("Lowered without a second look at net.ipv4.tcp_retries2, connections are given up sooner.",),
        counters=("TCPTimeouts", "TCPAbortOnTimeout"),
        sources=("net/ipv4/tcp_timer.c", "Documentation/networking/ip-sysctl.rst", "RFC 6298 section 2.5"),
        claims=("rto-max-caps-the-wait",),
        related=("net.ipv4.tcp_retries2", "net.ipv4.tcp_rto_min_us"),
    ),
    Setting(
        key="net.ipv4.tcp_rto_min_us",
        family="giving up",
        form="number",
        unit="microseconds",
        accepts=(Range("", 1, 2**31 - 1),),
        defaults=(("", "200000"),),
        namespaced="born",
        added="6.11",
        roles=ANYONE,
        summary="The shortest retransmission timeout.",
        does=(
            "A route's rto_min goes before it. Set below the delay of the peer's acknowledgements (40 ms on Linux), it "
            "repeats data that arrived."
        ),
        hazards=("Too short, it makes retransmissions that nobody needed and slows connections down.",),
        counters=("TCPSpuriousRTOs", "TCPTimeouts"),
        sources=("include/net/tcp.h tcp_rto_min()", "Documentation/networking/ip-sysctl.rst"),
        related=("net.ipv4.tcp_rto_max_ms",),
    ),
    Setting(
        key="net.ipv4.tcp_thin_linear_timeouts",
        family="giving up",
        form="number",
        unit="switch",
        accepts=U8,
        sane=(0, 1),
        defaults=(("", "0"),),
        namespaced="4.15",
        added="2.6.34",
        roles=ANYONE,
        summary="Keeps the retransmission timeout from doubling for connections that send little at a time.",
        does="Up to six timeouts of a stream with fewer than four segments on the way keep the same length.",
        counters=("TCPTimeouts",),
        sources=("net/ipv4/tcp_timer.c tcp_retransmit_timer()", "Documentation/networking/tcp-thin.rst"),
    ),
    Setting(
        key="net.ipv4.tcp_challenge_ack_limit",
        family="giving up",
        form="number",
        unit="segments a second",
        accepts=INT,
        sane=(0, 2**31 - 1),
        defaults=(("", "100"), ("4.7", "1000"), ("6.1", "2147483647")),
        namespaced="4.15",
        added="3.6",
        roles=ANYONE,
        summary="How many challenge ACKs a namespace sends a second, over all connections.",
        does=(
            "An RST or SYN that fits the window but not exactly is not obeyed: a challenge ACK asks the peer, and only "
            "one who knows the connection can answer it."
        ),
        believed=(
            "That a low limit is safer. A shared, low limit let outsiders find out sequence numbers (CVE-2016-5696)."
        ),
        hazards=("A low number brings back what that flaw allowed.",),
        counters=("TCPChallengeACK", "TCPSYNChallenge"),
        sources=("net/ipv4/tcp_input.c tcp_send_challenge_ack()", "RFC 5961"),
        related=("net.ipv4.tcp_invalid_ratelimit",),
    ),
    Setting(
        key="net.ipv4.tcp_invalid_ratelimit",
        family="giving up",
        form="milliseconds",
        unit="milliseconds",
        sane=(0, 2**31 - 1),
        defaults=(("", "500"),),
        namespaced="4.15",
        added="4.0",
        roles=ANYONE,
        summary="The least time between two ACKs of one connection that answer segments which do not fit it.",
        does=(
            "Stops two ends, or an end and a confused middlebox, from answering each other's misfits for ever. 0: no "
            "limit."
        ),
        counters=(
            "TCPACKSkippedSynRecv",
            "TCPACKSkippedPAWS",
            "TCPACKSkippedSeq",
            "TCPACKSkippedFinWait2",
            "TCPACKSkippedTimeWait",
            "TCPACKSkippedChallenge",
        ),
        sources=("net/ipv4/tcp_input.c tcp_oow_rate_limited()", "Documentation/networking/ip-sysctl.rst"),
        related=("net.ipv4.tcp_challenge_ack_limit",),
    ),
)
