"""What an administrator wants to know about TIME_WAIT."""

from lastack.settings.page import Section

__all__ = ["TIME_WAIT_SECTIONS"]

TIME_WAIT_SECTIONS = (
    Section(
        "Is a large number of them a problem?",
        (
            (
                "Mostly not. 25,087 TIME_WAIT sockets are 6 MB of kernel memory, or 13 MB where each holds a local "
                "port of its own; no process, no file descriptor, no CPU time worth measuring. On a server they are "
                "the trace of the connections it closed in the last minute: closes a second x 60."
            ),
            (
                "It is a problem in one place: at a host that opens connections, when many of them go to one "
                "destination. `lastack census --by state,destination` shows it; `lastack doctor` does the arithmetic."
            ),
        ),
    ),
    Section(
        "Why it exists",
        (
            (
                "Two reasons, both about the network and not about the host. The last ACK may be lost: then the peer "
                "repeats its FIN, and somebody must be there to answer it, or the peer's close ends in a reset. And a "
                "segment of the old connection may still be on its way: without a quiet time it could be taken for "
                "data of a new connection between the same two ports."
            ),
        ),
    ),
    Section(
        "How long it lasts: 2MSL, and Linux's 60 seconds",
        (
            (
                "The standard says twice the maximum segment lifetime, and puts that lifetime at two minutes: four "
                "minutes in all (RFC 9293 section 3.4.2). Linux has never computed it: TCP_TIMEWAIT_LEN is 60 "
                "seconds, fixed when the kernel is built, and has been in every release. Measured: 61.3 s, for the "
                "timer may be a little late."
            ),
            (
                "No setting and no socket option changes it. net.ipv4.tcp_fin_timeout, which most advice names, is "
                "about FIN_WAIT2: TIME_WAIT lasted 61 s with it at 5, at 60 and at 200. A repeated FIN starts the 60 "
                "s anew."
            ),
        ),
    ),
    Section(
        "Who holds it",
        (
            (
                "Whoever sends the first FIN: the active closer. It is not a matter of client and server. If both "
                "close at the same moment, both hold one."
            ),
            (
                "The local port tells: TIME_WAIT sockets on the service's own port mean that this server closes "
                "first, those on ephemeral ports mean that this host connected and closed first."
            ),
        ),
    ),
    Section(
        "What it can block",
        (),
        (),
        (
            (
                "A new outgoing connection from the same local address and port to the same remote address and port. "
                "With 28,232 ports and 60 s that is 470 new connections a second to one destination; beyond it "
                "connect() fails with EADDRNOTAVAIL, and no counter tells."
            ),
            "bind() to the port by a restarting server, unless it sets SO_REUSEADDR, and the old one had set it too.",
            (
                "Other TIME_WAIT, at the limit net.ipv4.tcp_max_tw_buckets: the next close then goes without and "
                "resets its peer."
            ),
        ),
    ),
    Section(
        "What it cannot block",
        (),
        (),
        (
            (
                "A client that connects to this server again, even from the same port: its SYN takes the place of the "
                "TIME_WAIT at once, no setting needed. 3,000 connections from ten client ports, the server closing "
                "first: no failure, and five TIME_WAIT at the end."
            ),
            "Connections to other destinations: the same local port serves each of them.",
            "The number of connections that a server can have, and its file descriptors.",
            "The rate of accept(): with 16,000 of them it was the same as without.",
        ),
    ),
    Section(
        "What makes them fewer, or makes them matter less, and at what price",
        table=(
            ("remedy", "helps", "price"),
            ("keep connections open: HTTP keep-alive, upstream keepalive, pools", "everywhere, and most", "none"),
            ("let the other side close first", "the side that closes second", "the other side holds them"),
            (
                "net.ipv4.tcp_tw_reuse = 1",
                "a client or proxy: 28,232 instead of 470 a second to one destination",
                "timestamps needed at both ends; a firewall that remembers the old connection may object",
            ),
            (
                "more destinations or source addresses, a wider port range",
                "a client or proxy, in proportion",
                "ports of services must be reserved",
            ),
            (
                "net.ipv4.tcp_tw_reuse_delay below 1000",
                "a client or proxy beyond 28,232 a second",
                "less protection against old segments",
            ),
            (
                "SO_LINGER with time 0",
                "the closing side: there is no TIME_WAIT",
                "close() becomes a reset and throws unsent data away: of 161,104 bytes written the peer read 114,768",
            ),
            (
                "a lower net.ipv4.tcp_max_tw_buckets",
                "nobody: those that exist stay",
                (
                    "later closes lose theirs and answer the peer with RST (15 of 20 with a limit of 5), and nothing "
                    "is logged"
                ),
            ),
            ("net.ipv4.tcp_tw_recycle", "nobody: it is gone since 4.12", "it dropped clients behind NAT"),
            ("net.ipv4.tcp_fin_timeout", "nobody: it is about FIN_WAIT2", "-"),
        ),
    ),
    Section(
        "What ends one early",
        (),
        (),
        (
            "An acceptable SYN: with a higher sequence number, or a newer timestamp.",
            "A connect() that takes it over, under net.ipv4.tcp_tw_reuse.",
            "An RST that fits, unless net.ipv4.tcp_rfc1337 is 1.",
            "The end of its network namespace.",
        ),
    ),
    Section(
        "How to count them",
        (
            (
                "`tw` in /proc/net/sockstat, and what `ss -s` prints, counts orphan FIN_WAIT2 too, which Linux keeps "
                "in the same small form; `lastack census` takes them apart. A TIME_WAIT socket's timer tells how long "
                "ago its close was, so one census shows the closes of the last minute."
            ),
        ),
    ),
)
