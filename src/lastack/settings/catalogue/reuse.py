"""Settings that bear on TIME_WAIT: taking it over, and how many there may be."""

from lastack.settings.catalogue.row import ACTIVE_CLOSER, ACTIVE_OPENER, INT, LISTENER, Range, Setting

__all__ = ["REUSE"]

REUSE = (
    Setting(
        key="net.ipv4.tcp_tw_reuse",
        family="reuse",
        form="number",
        unit="mode",
        accepts=(*INT, Range("4.18", 0, 2)),
        sane=(0, 2),
        defaults=(("", "0"), ("4.18", "2")),
        namespaced="4.10",
        roles=ACTIVE_OPENER,
        summary="Whether connect() may take over a local port whose last connection is still in TIME_WAIT.",
        does=(
            "Towards the same destination, and where both ends use timestamps, a TIME_WAIT socket at least "
            "net.ipv4.tcp_tw_reuse_delay old (1 s) gives its port to a new outgoing connection, whose sequence numbers "
            "begin above the old ones. Connections to one destination are then limited to ports / 1 s instead of "
            "ports / 60 s: from 470 a second to 28,232 with the default range. TIME_WAIT sockets do not become fewer "
            "by it, except those taken over."
        ),
        believed=(
            "That it recycles the TIME_WAIT sockets of a web server. It is never asked for an incoming connection: "
            "there a new SYN takes over the TIME_WAIT by itself, whatever this setting says."
        ),
        values=(
            ("0", "never"),
            ("1", "yes"),
            ("2", "on loopback alone: 127.0.0.0/8, ::1, or a socket bound to lo (since 4.18)"),
        ),
        history=(
            "Values above 1 were taken for 1 until 4.17.",
            "Since 6.11 a FIN_WAIT2 that lives on as a small socket is not taken over.",
        ),
        hazards=(
            "A firewall or NAT on the path that remembers the old connection may drop the new one.",
            "A connection to the host's own address other than 127.0.0.0/8 does not count as loopback.",
            (
                "Ports taken by an explicit bind() before connect() are not reused by it: such a connect() takes over "
                "a TIME_WAIT with timestamps whatever the setting."
            ),
        ),
        counters=("TWRecycled",),
        sources=(
            "net/ipv4/tcp_ipv4.c tcp_twsk_unique()",
            "net/ipv4/inet_hashtables.c __inet_check_established()",
            "commit 79e9fed46038",
            "RFC 6191",
        ),
        claims=(
            "tw-reuse-needs-timestamps-at-both-ends",
            "tw-reuse-waits-one-second",
            "tw-reuse-two-is-loopback-alone",
            "tw-reuse-rate-is-ports-by-delay",
            "time-wait-yields-to-a-new-syn",
            "bound-port-takes-over-whatever-tw-reuse-says",
            "tw-reuse-lets-connect-take-over",
            "tw-reuse-two-spares-the-own-address",
            "tw-reuse-never-for-incoming",
            "tw-reuse-does-not-thin-time-wait",
            "bound-port-needs-timestamps-too",
            "tw-reuse-spares-bound-ports",
            "tw-reuse-spares-fin-wait2",
            "tw-reuse-has-three-values",
            "tw-reuse-is-on-for-loopback-by-default",
        ),
        related=("net.ipv4.tcp_tw_reuse_delay", "net.ipv4.tcp_timestamps", "net.ipv4.ip_local_port_range"),
    ),
    Setting(
        key="net.ipv4.tcp_tw_reuse_delay",
        family="reuse",
        form="number",
        unit="milliseconds",
        accepts=(Range("", 1, 60_000),),
        defaults=(("", "1000"),),
        namespaced="born",
        added="6.14",
        roles=ACTIVE_OPENER,
        summary="How old a TIME_WAIT must be before net.ipv4.tcp_tw_reuse lets a new connection take it over.",
        does=(
            "The wait is between this and one millisecond more. With 100, ten ports to one destination gave 97 "
            "connections a second; with 1000, ten."
        ),
        history=("Until 6.13 the delay was fixed at one second.",),
        hazards=(
            (
                "Below the tick of the peer's timestamp clock, which may be as slow as one second (RFC 7323), a "
                "delayed segment of the old connection can no longer be told from the new one's."
            ),
        ),
        counters=("TWRecycled",),
        sources=("net/ipv4/tcp_ipv4.c tcp_twsk_unique()", "RFC 7323 section 5.4", "RFC 6191"),
        claims=(
            "tw-reuse-rate-is-ports-by-delay",
            "tw-reuse-delay-moves-the-second",
            "tw-reuse-delay-has-bounds",
        ),
        related=("net.ipv4.tcp_tw_reuse", "net.ipv4.tcp_timestamps"),
    ),
    Setting(
        key="net.ipv4.tcp_tw_recycle",
        family="reuse",
        form="number",
        unit="switch",
        accepts=INT,
        sane=(0, 1),
        defaults=(("", "0"),),
        namespaced="4.11",
        removed="4.12",
        removal=(
            "it told connections of one address apart by their timestamps, but behind NAT one address is many hosts "
            "with many clocks, whose SYNs were then dropped in silence, and since 4.10 each connection has a clock of "
            "its own; never bring it back (commit 4396e46187ca)"
        ),
        roles=LISTENER,
        summary="Gone. It shortened TIME_WAIT and refused SYNs whose timestamp went back.",
        does=(
            "Until 4.11: TIME_WAIT towards a peer whose timestamp was known lasted 3.5 retransmission timeouts instead "
            "of 60 s; and for a minute after a connection, a SYN of that address with an older timestamp was dropped "
            'and counted in PAWSPassive. Today the file does not exist: sysctl -w and sysctl -p fail with "No such '
            'file or directory", which ends a provisioning script that stops at errors; systemd-sysctl warns and goes '
            "on."
        ),
        believed=(
            "That it is tcp_tw_reuse for servers, or that it is safe where nobody is behind NAT: nobody can know that."
        ),
        hazards=("On a kernel that has it: clients behind NAT cannot connect, at random, and nothing is logged.",),
        counters=("PAWSPassive",),
        kubernetes="gone",
        sources=(
            "net/ipv4/tcp_input.c of 4.11 tcp_conn_request()",
            "net/ipv4/tcp_minisocks.c of 4.11 tcp_time_wait()",
            "commit 4396e46187ca",
        ),
        claims=(
            "tw-recycle-is-gone",
            "tw-recycle-left-no-counter",
            "tw-recycle-no-longer-drops-older-clocks",
        ),
        related=("net.ipv4.tcp_tw_reuse", "net.ipv4.tcp_timestamps"),
    ),
    Setting(
        key="net.ipv4.tcp_max_tw_buckets",
        family="reuse",
        form="number",
        unit="sockets",
        accepts=INT,
        sane=(1, 2**31 - 1),
        derived=(
            "half of the connection hash table's entries: 131,072 for the 262,144 of a machine with 32 GiB, and at "
            "most 262,144"
        ),
        namespaced="4.11",
        roles=ACTIVE_CLOSER,
        summary="How many TIME_WAIT sockets, and orphan FIN_WAIT2 kept as such, a namespace may have.",
        does=(
            "At the limit nothing is evicted. The next socket that would enter TIME_WAIT is closed instead, at once: "
            "its port is free, delayed segments are no longer caught, and what the peer still sends, its FIN among "
            "it, is answered with RST. Nothing is logged, whatever the documentation says; TCPTimeWaitOverflow counts."
        ),
        believed=(
            "That lowering it clears TIME_WAIT and prevents exhaustion. It makes closes unsafe to save 256 bytes "
            "each: a full default table of 131,072 is 34 MB (68 MB where each holds a port of its own)."
        ),
        history=(
            "The limit and the count are per namespace since 4.11: a node's pods together may hold many times it.",
            "-1 is unlimited since 5.18; before, it meant no TIME_WAIT at all.",
        ),
        hazards=(
            "Lowered below what the host's closes make in 60 s, it turns orderly closes into resets.",
            "0 means no TIME_WAIT at all.",
        ),
        counters=("TCPTimeWaitOverflow", "sockstat.tw", "OutRsts"),
        sources=(
            "net/ipv4/inet_timewait_sock.c inet_twsk_alloc()",
            "net/ipv4/tcp_minisocks.c tcp_time_wait()",
            "Documentation/networking/ip-sysctl.rst",
        ),
        claims=(
            "tw-buckets-evict-nothing",
            "tw-buckets-overflow-answers-with-rst",
            "tw-buckets-cap-orphan-fin-wait2",
            "tw-buckets-zero-is-none",
            "tw-buckets-unlowered-reset-nobody",
            "tw-buckets-overflow-is-counted",
            "tw-buckets-minus-one-is-unlimited",
            "tw-buckets-are-per-namespace",
            "tw-buckets-default-is-half-the-table",
            "tw-buckets-take-any-number",
            "sockstat-tw-counts-fin-wait2",
        ),
        related=("net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_child_ehash_entries"),
    ),
)
