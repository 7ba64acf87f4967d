"""Settings that bear on a listener: half-open requests, the accept queue, what happens when either is full."""

from lastack.settings.catalogue.row import INT, LISTENER, NODE, PASSIVE_OPENER, SAFE, SWITCH, U8, UNSAFE, Range, Setting

__all__ = ["QUEUEING"]

QUEUEING = (
    Setting(
        key="net.ipv4.tcp_syncookies",
        family="queueing",
        form="number",
        unit="mode",
        accepts=U8,
        sane=(0, 2),
        defaults=(("", "0"), ("2.6.37", "1")),
        namespaced="4.6",
        roles=LISTENER,
        summary="What a listener does with SYNs when its queue of half-open requests is full.",
        does=(
            "With 1 it answers them without remembering them: all it needs is packed into the sequence number of the "
            "SYN-ACK, and the connection comes to be when the client's ACK brings that number back. That is a "
            "fallback: it begins when more requests are open than the listener's backlog. The accept queue is checked "
            "after it, so cookies do not help where the application does not accept."
        ),
        believed=(
            "That it must be switched on (it is the default since 2.6.37), or that it lets a busy server take more "
            "connections. The kernel's documentation forbids that use: who sees cookies under legitimate load needs a "
            "longer backlog and a faster accept()."
        ),
        values=(
            ("0", "never: with a full queue, SYNs of unknown clients are dropped"),
            ("1", "when the queue is full"),
            ("2", "always: for tests"),
        ),
        hazards=(
            (
                "A connection made from a cookie loses window scaling and SACK unless the client sends timestamps, and "
                "its MSS is rounded down to one of a few sizes."
            ),
            (
                "A lost SYN-ACK is not repeated, for nothing remembers it: where the server speaks first and the "
                "client's ACK is lost, the client waits for a greeting that never comes."
            ),
            "With 0, sixty forged SYNs locked a stranger out of a listener with a backlog of 10 for a minute.",
        ),
        counters=(
            "SyncookiesSent",
            "SyncookiesRecv",
            "SyncookiesFailed",
            "TCPReqQFullDoCookies",
            "TCPReqQFullDrop",
        ),
        kubernetes=SAFE,
        sources=(
            "net/ipv4/tcp_input.c tcp_conn_request(), tcp_syn_flood_action()",
            "net/ipv4/syncookies.c",
            "RFC 4987 section 3.6",
            "Documentation/networking/ip-sysctl.rst",
        ),
        claims=(
            "syncookies-are-a-fallback",
            "syncookies-do-not-lengthen-the-accept-queue",
            "syncookies-options-need-timestamps",
            "syncookies-off-locks-out-under-flood",
            "syncookies-keep-the-door-open",
            "syncookies-two-is-always",
            "syncookies-are-not-repeated",
            "syncookies-are-on-by-default",
            "new-namespaces-begin-with-the-kernels-defaults",
        ),
        related=("net.ipv4.tcp_max_syn_backlog", "net.core.somaxconn", "net.ipv4.tcp_timestamps"),
    ),
    Setting(
        key="net.ipv4.tcp_max_syn_backlog",
        family="queueing",
        form="number",
        unit="requests",
        accepts=INT,
        sane=(1, 2**31 - 1),
        derived="the larger of 128 and a 128th of the connection hash table (a 256th until 5.3)",
        namespaced="4.11",
        roles=LISTENER,
        summary="Where a listener begins to refuse half-open requests while SYN cookies are off.",
        does=(
            "Nothing while net.ipv4.tcp_syncookies is not 0: the queue of half-open requests is bounded by the "
            "listener's backlog, which net.core.somaxconn caps. With cookies off, SYNs of clients that the host has "
            "not talked to are dropped when three quarters of this number are open."
        ),
        believed=(
            "That it sets the length of the SYN queue. It did until 4.3, as an upper limit beside the backlog; the "
            "kernel's documentation still says so."
        ),
        history=("The table of requests that it bounded went in 4.4.",),
        hazards=("The drops that it causes count in ListenDrops alone, and look like any other.",),
        counters=("ListenDrops", "TCPReqQFullDrop"),
        kubernetes=f"{UNSAFE} (once on the safe list, and taken off it)",
        sources=("net/ipv4/tcp_input.c tcp_conn_request()", "net/core/request_sock.c of 4.0 reqsk_queue_alloc()"),
        claims=(
            "max-syn-backlog-idle-under-cookies",
            "max-syn-backlog-three-quarters-without-cookies",
            "syn-queue-is-bounded-by-the-backlog",
            "max-syn-backlog-lengthens-no-queue",
            "max-syn-backlog-drops-look-like-any",
        ),
        related=("net.ipv4.tcp_syncookies", "net.core.somaxconn"),
    ),
    Setting(
        key="net.core.somaxconn",
        family="queueing",
        form="number",
        unit="connections",
        accepts=(Range("", 0, 65_535), Range("4.1", 0, 2**31 - 1)),
        defaults=(("", "128"), ("5.4", "4096")),
        namespaced="2.6.25",
        roles=LISTENER,
        summary="The highest backlog that listen() grants.",
        does=(
            "listen() cuts what the application asks for to this number. The result bounds both of the listener's "
            "queues: half-open requests, and finished handshakes that wait for accept() (one more fits than the "
            "number says)."
        ),
        believed=(
            "That raising it lengthens the queues. It lifts a cap: an application that asks for 511, as nginx and "
            "Apache do unless told otherwise, still gets 511; and a queue only grows because accept() is slow."
        ),
        hazards=(
            "A change reaches a listener at its next listen(): restart or reload the application.",
            (
                "A long queue in front of a slow application turns refusals into clients that wait, give up, and are "
                "served after they have gone."
            ),
        ),
        counters=("ListenOverflows", "ListenDrops"),
        sources=("net/socket.c __sys_listen()", "include/net/sock.h sk_acceptq_is_full()", "listen(2)"),
        claims=(
            "somaxconn-applies-at-listen",
            "accept-queue-holds-backlog-plus-one",
            "somaxconn-alone-changes-nothing-for-a-small-backlog",
            "somaxconn-bounds-the-syn-queue",
            "somaxconn-caps-the-backlog",
            "somaxconn-default-is-4096",
            "accept-queue-full-drops-syns-in-silence",
            "accept-queue-is-connected-already",
        ),
        related=("net.ipv4.tcp_max_syn_backlog", "net.ipv4.tcp_abort_on_overflow"),
    ),
    Setting(
        key="net.ipv4.tcp_synack_retries",
        family="queueing",
        form="number",
        unit="retransmissions",
        accepts=U8,
        sane=(0, 255),
        defaults=(("", "5"),),
        namespaced="4.6",
        roles=PASSIVE_OPENER,
        summary="How often an unanswered SYN-ACK is sent again before the half-open request is dropped.",
        does=(
            "With N a request stays in SYN_RECV for 2^(N+1) - 1 seconds: 63 s for 5, 7 s for 2. Old requests go "
            "sooner where more than half of the queue is taken. TCP_SYNCNT on the listener overrides it."
        ),
        believed="That lowering it defends against a SYN flood: cookies do, and they are on.",
        hazards=("0 or 1 turns away clients behind a path that loses a packet.",),
        counters=("TCPSynRetrans",),
        sources=("net/ipv4/inet_connection_sock.c reqsk_timer_handler()", "RFC 6298 section 2"),
        claims=("synack-retries-time",),
        related=("net.ipv4.tcp_syncookies", "net.ipv4.tcp_syn_retries"),
    ),
    Setting(
        key="net.ipv4.tcp_abort_on_overflow",
        family="queueing",
        form="number",
        unit="switch",
        accepts=U8,
        sane=(0, 1),
        defaults=(("", "0"),),
        namespaced="4.15",
        roles=LISTENER,
        summary="Answers with RST when a handshake finishes and the accept queue is full.",
        does=(
            "Only counts where the queue fills between the SYN and the final ACK. A queue that is full already drops "
            "the SYN, since 4.10, and the client waits and repeats it, with 0 as with 1. With 0 the ACK is ignored, "
            "the SYN-ACK is sent again, and the connection recovers if the queue drains."
        ),
        believed="That it makes an overloaded server refuse clients at once.",
        hazards=("With 1 clients that a moment's patience would have served get a reset.",),
        counters=("ListenOverflows", "EmbryonicRsts", "OutRsts"),
        sources=("net/ipv4/tcp_minisocks.c tcp_check_req()", "Documentation/networking/ip-sysctl.rst"),
        claims=(
            "abort-on-overflow-sends-no-rst-to-syns",
            "abort-on-overflow-resets-the-last-ack",
            "abort-off-lets-the-handshake-recover",
        ),
        related=("net.core.somaxconn",),
    ),
    Setting(
        key="net.ipv4.tcp_migrate_req",
        family="queueing",
        form="number",
        unit="switch",
        accepts=SWITCH,
        defaults=(("", "0"),),
        namespaced="born",
        added="5.14",
        roles=LISTENER,
        summary=(
            "When a listener of an SO_REUSEPORT group closes, moves what waits in its queues to another of the group."
        ),
        does=(
            "Connections that the closed listener had not accepted, and its half-open requests, go to another "
            "listener of the same group, picked at random or by a BPF program. Without it they are reset: that is "
            "what a restart one process at a time costs."
        ),
        hazards=(
            "Listeners of one group with different socket options or TLS secrets hand each other the wrong guests.",
        ),
        counters=("TCPMigrateReqSuccess", "TCPMigrateReqFailure"),
        sources=("net/core/sock_reuseport.c reuseport_migrate_sock()", "Documentation/networking/ip-sysctl.rst"),
        claims=("migrate-req-saves-the-queue", "migrate-req-off-resets-the-queue"),
    ),
    Setting(
        key="net.core.netdev_max_backlog",
        family="queueing",
        form="number",
        unit="packets",
        accepts=INT,
        sane=(1, 2**31 - 1),
        defaults=(("", "1000"),),
        roles=LISTENER,
        summary="Packets that a CPU may have waiting between a network device and the protocols.",
        does=(
            "Bounds the queue that packets pass on loopback, on veth pairs, after packet steering (RPS), and from old "
            "drivers. Its drops are the second column of /proc/net/softnet_stat."
        ),
        believed="That it is about listen() backlogs, or about every packet of a modern network card: those use NAPI.",
        kubernetes=NODE,
        sources=("net/core/dev.c enqueue_to_backlog()", "Documentation/admin-guide/sysctl/net.rst"),
        claims=("netdev-backlog-is-no-listen-backlog",),
    ),
)
