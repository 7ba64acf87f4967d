"""Settings that bear on a connection after the application has closed it."""

from lastack.settings.catalogue.row import ACTIVE_CLOSER, INT, NODE, SAFE, SECONDS, U8, Setting

__all__ = ["CLOSING"]

CLOSING = (
    Setting(
        key="net.ipv4.tcp_fin_timeout",
        family="closing",
        form="seconds",
        unit="seconds",
        accepts=SECONDS,
        sane=(1, 60),
        defaults=(("", "60"),),
        namespaced="4.6",
        roles=ACTIVE_CLOSER,
        summary="How long an orphan stays in FIN_WAIT2, waiting for the peer to close too.",
        does=(
            "Orphan: the application has called close() and no process holds the socket. If the peer's FIN comes "
            "within the time, the socket goes on to TIME_WAIT for its full 60 s; if not, it is forgotten, and a later "
            "FIN is answered with RST. A socket that was only shut down for writing is not bound by it. TCP_LINGER2 "
            "sets it for one socket."
        ),
        believed="That it shortens TIME_WAIT. TIME_WAIT lasted 61 s with 5, with 60 and with 200.",
        hazards=(
            (
                "Above 60 the time is 2 x (T - 60) seconds, so 61 means 2 s and 90 means 60 s: the first T - 60 are "
                "spent as a full socket, the rest as a small one."
            ),
            "0 and less are accepted and mean the shortest time there is, three and a half retransmission timeouts.",
            "A short time cuts off peers that still send: what they send after it is answered with RST.",
        ),
        counters=("TW", "TWKilled", "TCPAbortOnLinger"),
        kubernetes=f"{SAFE} since 1.29 (Linux 4.6)",
        sources=(
            "net/ipv4/tcp.c __tcp_close()",
            "net/ipv4/tcp_timer.c tcp_keepalive_timer()",
            "include/net/tcp.h tcp_fin_time()",
        ),
        claims=(
            "fin-timeout-is-not-time-wait",
            "fin-timeout-above-60-is-twice-the-rest",
            "fin-timeout-spares-half-closed-sockets",
            "fin-timeout-bounds-fin-wait2",
            "fin-timeout-zero-is-the-shortest",
            "fin-timeout-gives-time-wait-its-full-minute",
            "fin-timeout-resets-a-late-fin",
            "fin-timeout-yields-to-linger2",
            "close-wait-has-no-timer",
            "tw-killed-counts-short-fin-wait2",
        ),
        related=("net.ipv4.tcp_max_tw_buckets", "net.ipv4.tcp_orphan_retries"),
    ),
    Setting(
        key="net.ipv4.tcp_max_orphans",
        family="closing",
        form="number",
        unit="sockets",
        accepts=INT,
        sane=(1, 2**31 - 1),
        derived="half of the connection hash table's entries",
        roles=ACTIVE_CLOSER,
        summary="Orphans that the machine keeps: sockets that were closed and have not finished.",
        does=(
            "Counts FIN_WAIT1, CLOSING, LAST_ACK and long FIN_WAIT2 sockets that no process holds, over all "
            'namespaces. Above it the next close is a reset and the kernel logs "too many orphaned sockets". '
            "TIME_WAIT is not counted."
        ),
        believed="That lowering it saves memory in ordinary times: it only decides whom to cut off in bad ones.",
        hazards=(
            "Lowered, a moment with many slow peers ends in connections cut off before their last data went out.",
        ),
        counters=("sockstat.orphan", "TCPAbortOnMemory"),
        kubernetes=NODE,
        sources=("net/ipv4/tcp.c tcp_check_oom()", "Documentation/networking/ip-sysctl.rst"),
        claims=(
            "orphans-deliver-what-was-written",
            "sockstat-orphans-are-the-machines",
            "max-orphans-resets-the-next-close",
        ),
        related=("net.ipv4.tcp_orphan_retries", "net.ipv4.tcp_mem"),
    ),
    Setting(
        key="net.ipv4.tcp_orphan_retries",
        family="closing",
        form="number",
        unit="retransmissions",
        accepts=U8,
        sane=(0, 255),
        defaults=(("", "0"),),
        namespaced="4.6",
        roles=ACTIVE_CLOSER,
        summary="How often an orphan repeats its FIN, or its last data, before it is forgotten.",
        does=(
            "Bounds FIN_WAIT1, CLOSING and LAST_ACK towards a peer that has vanished. 0 acts as 8 where the peer was "
            "alive lately: about 100 s. 1 gives up after 1.5 s, 2 after 3 s, 4 after 6.5 s."
        ),
        believed='That 0 means none. It means 8, and the documentation\'s "default 8" is what 0 does.',
        hazards=("Small numbers throw away the last data of clients on bad links.",),
        counters=("TCPAbortOnTimeout", "sockstat.orphan"),
        sources=("net/ipv4/tcp_timer.c tcp_orphan_retries()",),
        claims=(
            "orphan-retries-zero-is-eight",
            "orphan-retries-time",
        ),
        related=("net.ipv4.tcp_max_orphans", "net.ipv4.tcp_retries2"),
    ),
    Setting(
        key="net.ipv4.tcp_rfc1337",
        family="closing",
        form="number",
        unit="switch",
        accepts=U8,
        sane=(0, 1),
        defaults=(("", "0"),),
        namespaced="4.15",
        roles=ACTIVE_CLOSER,
        summary="Whether a TIME_WAIT socket ignores an RST.",
        does=(
            "With 0 an RST that fits ends TIME_WAIT early, as RFC 793 has it. With 1 the RST is ignored and the "
            "socket stays its 60 s."
        ),
        believed="The opposite: the kernel's documentation says that 0 prevents the end by RST.",
        hazards=(
            (
                "With 1 a client behind NAT whose new SYN meets the TIME_WAIT of an earlier connection, with older "
                "timestamps, is answered with an ACK, resets it in vain, and hangs; with 0 it recovers after one RST."
            ),
        ),
        counters=("PAWSTimewait",),
        sources=("net/ipv4/tcp_minisocks.c tcp_timewait_state_process()", "RFC 1337"),
        claims=(
            "rfc1337-one-keeps-time-wait",
            "rfc1337-one-hangs-the-client-behind-nat",
            "rfc1337-zero-lets-rst-end-it",
            "rfc1337-zero-lets-the-client-behind-nat-in",
        ),
        related=("net.ipv4.tcp_timestamps",),
    ),
)
