"""Settings that bear on connect() and bind(): which local port, how many SYNs, data in the SYN."""

from lastack.settings.catalogue.row import ACTIVE_OPENER, ANYONE, INT, LISTENER, SAFE, SWITCH, U8, UINT, Range, Setting

__all__ = ["OPENING"]

OPENING = (
    Setting(
        key="net.ipv4.ip_local_port_range",
        family="opening",
        form="number",
        unit="ports",
        arity=2,
        accepts=(Range("", 1, 65_535),),
        defaults=(("", "32768 61000"), ("4.2", "32768 60999")),
        namespaced="3.13",
        roles=ACTIVE_OPENER,
        summary="First and last port that connect(), and bind() to port 0, may choose by themselves.",
        does=(
            "Bounds the ephemeral ports, for TCP and UDP and for IPv4 and IPv6. A port is taken per destination "
            "(local address, remote address, remote port), so the default 28,232 ports are 28,232 connections to each "
            "destination, not in all. The first pass tries ports of the lower end's parity, bind() to port 0 begins "
            "with the other: with ends of different parity the two keep out of each other's way. The lower end may "
            "not be below net.ipv4.ip_unprivileged_port_start."
        ),
        believed="That it limits how many connections a server can accept: an accepted connection takes no local port.",
        history=("The default's upper end was 61000 until 4.2, when the parities of the ends began to matter.",),
        hazards=(
            (
                "A range that reaches below 32768 takes in the ports of services (3306, 5432, 6379, 8080, 9090, "
                "Kubernetes' NodePorts 30000-32767): an outgoing connection may hold the port when the service wants "
                "to start, which then fails with EADDRINUSE. Reserve such ports in net.ipv4.ip_local_reserved_ports."
            ),
            (
                "Ends of the same parity leave bind() to port 0 and connect() one set of ports to fight over; the "
                "kernel logs an error about it since 4.2."
            ),
        ),
        counters=("TWRecycled", "ActiveOpens"),
        kubernetes=SAFE,
        sources=(
            "net/ipv4/inet_hashtables.c __inet_hash_connect()",
            "net/ipv4/sysctl_net_ipv4.c ipv4_local_port_range()",
            "commit 07f4c90062f8",
            "RFC 6056",
        ),
        claims=(
            "port-range-is-per-destination",
            "port-range-same-parity-is-logged",
            "port-range-skips-bound-ports",
            "port-range-exhaustion-has-no-counter",
            "port-range-limits-no-server",
            "port-range-collides-with-services",
            "port-range-first-half-has-one-parity",
            "port-range-starts-above-privileged-ports",
            "bind-no-port-shares-ports-between-destinations",
            "socket-port-range-only-narrows",
            "time-wait-keeps-a-port-from-one-destination",
        ),
        related=(
            "net.ipv4.ip_local_reserved_ports",
            "net.ipv4.ip_unprivileged_port_start",
            "net.ipv4.tcp_tw_reuse",
            "net.ipv4.ip_local_port_step_width",
        ),
    ),
    Setting(
        key="net.ipv4.ip_local_reserved_ports",
        family="opening",
        form="ports",
        unit="ports",
        defaults=(("", ""),),
        namespaced="3.16",
        added="2.6.35",
        roles=ACTIVE_OPENER,
        summary="Ports that are never chosen automatically: a list such as 8080,9148-9150.",
        does=(
            "Takes ports out of the automatic choice of connect() and of bind() to port 0. An explicit bind() to one "
            "of them works as ever, so a service that listens there always finds its port free of chance clients. "
            "Writing replaces the whole list."
        ),
        believed="That it forbids the ports. It only keeps the kernel from picking them.",
        hazards=(
            (
                "The port after a reserved block is chosen more often than others: large blocks skew the choice and "
                "make connect() search longer."
            ),
        ),
        kubernetes=f"{SAFE} since 1.27 (Linux 3.16)",
        sources=("net/ipv4/inet_hashtables.c inet_is_local_reserved_port()", "Documentation/networking/ip-sysctl.rst"),
        claims=("reserved-port-explicit-bind-works",),
        related=("net.ipv4.ip_local_port_range",),
    ),
    Setting(
        key="net.ipv4.ip_local_port_step_width",
        family="opening",
        form="number",
        unit="ports",
        accepts=UINT,
        defaults=(("", "0"),),
        namespaced="born",
        added="7.1",
        roles=ACTIVE_OPENER,
        summary="Largest random step with which connect() walks through the port range; 0: the fixed step.",
        does=(
            "With 0 the walk goes from one port to the next of the same parity, so ports behind a reserved or crowded "
            "block are taken more often. With a number each walk draws its own step up to it, and ports are used "
            "evenly."
        ),
        sources=("net/ipv4/inet_hashtables.c __inet_hash_connect()", "commit 7da62262ec96"),
        related=("net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports"),
    ),
    Setting(
        key="net.ipv4.ip_autobind_reuse",
        family="opening",
        form="number",
        unit="switch",
        accepts=SWITCH,
        defaults=(("", "0"),),
        namespaced="born",
        added="5.7",
        roles=ACTIVE_OPENER,
        summary="Lets bind() to port 0 share a port among sockets that all set SO_REUSEADDR.",
        does=(
            "Helps a client that binds a source address before it connects and has run out of ports: bind() then "
            "hands out ports in use instead of failing with EADDRINUSE. The socket option IP_BIND_ADDRESS_NO_PORT "
            "does it better: it leaves the choice to connect(), which knows the destination."
        ),
        hazards=(
            (
                "Two sockets may be given one port and then connect to one destination: the second connect() fails "
                "with EADDRNOTAVAIL."
            ),
        ),
        sources=("net/ipv4/inet_connection_sock.c inet_csk_find_open_port()", "Documentation/networking/ip-sysctl.rst"),
        claims=("bind-no-port-shares-ports-between-destinations",),
        related=("net.ipv4.ip_local_port_range",),
    ),
    Setting(
        key="net.ipv4.ip_unprivileged_port_start",
        family="opening",
        form="number",
        unit="port",
        accepts=(Range("", 0, 65_535),),
        defaults=(("", "1024"),),
        namespaced="born",
        added="4.11",
        roles=LISTENER,
        summary="First port that a process without CAP_NET_BIND_SERVICE may bind.",
        does=(
            "Ports below it need the capability. It may not be above the lower end of net.ipv4.ip_local_port_range, "
            "nor that end below it: the kernel refuses either write."
        ),
        believed="That 0 opens ports to the network. It only changes who on this host may listen on them.",
        hazards=("With 0 any local user can listen on the port of a service that is down, SSH's for example.",),
        kubernetes=f"{SAFE} since 1.22 (Linux 4.11)",
        sources=("net/ipv4/sysctl_net_ipv4.c ipv4_privileged_ports()", "Documentation/networking/ip-sysctl.rst"),
        related=("net.ipv4.ip_local_port_range",),
    ),
    Setting(
        key="net.ipv4.ip_nonlocal_bind",
        family="opening",
        form="number",
        unit="switch",
        accepts=U8,
        sane=(0, 1),
        defaults=(("", "0"),),
        namespaced="3.18",
        roles=LISTENER,
        summary="Lets bind() take an address that this host does not have.",
        does=(
            "A standby load balancer can start its listeners on the shared address before that address moves over. "
            "The socket option IP_FREEBIND does the same for one socket."
        ),
        hazards=("A wrong address in a configuration no longer fails at start: the service waits and hears nothing.",),
        sources=("net/ipv4/af_inet.c __inet_bind()", "Documentation/networking/ip-sysctl.rst"),
    ),
    Setting(
        key="net.ipv4.tcp_syn_retries",
        family="opening",
        form="number",
        unit="retransmissions",
        accepts=(Range("", 1, 127),),
        defaults=(("", "5"), ("3.7", "6")),
        namespaced="4.6",
        roles=ACTIVE_OPENER,
        summary="How often an unanswered SYN is sent again before connect() fails with ETIMEDOUT.",
        does=(
            "With N the attempt ends after 2^(N+1) - 1 seconds: 127 s for 6. Since 6.5 the first "
            "net.ipv4.tcp_syn_linear_timeouts repetitions come a second apart, which adds SYNs; the default then "
            "lasts 131 s. TCP_SYNCNT sets it for one socket, TCP_USER_TIMEOUT sets the time itself."
        ),
        believed="That it is a number of seconds, or that it bears on a server: see net.ipv4.tcp_synack_retries.",
        hazards=("With 1 or 2 a path that loses packets for 3 or 7 s makes every connect() fail.",),
        counters=("TCPSynRetrans", "TCPAbortOnTimeout", "AttemptFails"),
        sources=("net/ipv4/tcp_timer.c tcp_write_timeout()", "RFC 6298 section 2", "tcp(7)"),
        claims=(
            "syn-retries-time",
            "syn-linear-timeouts-add-no-time",
            "syn-retries-yield-to-syncnt",
            "syn-retries-yield-to-user-timeout",
            "syn-retries-have-bounds",
            "refused-ports-answer-at-once",
        ),
        related=("net.ipv4.tcp_syn_linear_timeouts", "net.ipv4.tcp_synack_retries"),
    ),
    Setting(
        key="net.ipv4.tcp_syn_linear_timeouts",
        family="opening",
        form="number",
        unit="retransmissions",
        accepts=(Range("", 0, 127),),
        defaults=(("", "4"),),
        namespaced="born",
        added="6.5",
        roles=ACTIVE_OPENER,
        summary="How many repetitions of a SYN come one second apart before the interval begins to double.",
        does=(
            "Recovers sooner from a lost SYN. It does not prolong a short attempt: with net.ipv4.tcp_syn_retries = 1 "
            "connect() still fails after 3 s, with one SYN more."
        ),
        believed="That it adds its count in seconds to the time until connect() gives up.",
        counters=("TCPSynRetrans",),
        sources=("net/ipv4/tcp_timer.c tcp_retransmit_timer()", "Documentation/networking/ip-sysctl.rst"),
        claims=("syn-linear-timeouts-add-no-time",),
        related=("net.ipv4.tcp_syn_retries",),
    ),
    Setting(
        key="net.ipv4.tcp_fastopen",
        family="opening",
        form="number",
        unit="bits",
        accepts=INT,
        sane=(0, 0x607),
        defaults=(("", "0"), ("3.13", "1")),
        namespaced="4.15",
        added="3.6",
        roles=ANYONE,
        summary="TCP Fast Open: data in the SYN, for clients and for listeners.",
        does=(
            "Permits it; the application still has to ask: a client by MSG_FASTOPEN or TCP_FASTOPEN_CONNECT, a "
            "listener by TCP_FASTOPEN with the length of its queue (unless bit 0x400 is set). A client's first "
            "connection fetches a cookie, the next ones carry data in the SYN."
        ),
        believed="That setting it to 3 makes a web server faster by itself.",
        values=(
            ("0x1", "clients may"),
            ("0x2", "listeners may"),
            ("0x4", "clients send data without a cookie"),
            ("0x200", "listeners take data without a cookie"),
            ("0x400", "every listener does it, asked or not"),
        ),
        hazards=(
            "Data in a SYN may be delivered twice: only requests that can be repeated without harm belong there.",
            "Middleboxes drop such SYNs; the connection then starts late or not at all.",
            "Without cookies (0x4, 0x200) anybody can make the server work for forged addresses.",
        ),
        counters=(
            "TCPFastOpenActive",
            "TCPFastOpenActiveFail",
            "TCPFastOpenPassive",
            "TCPFastOpenPassiveFail",
            "TCPFastOpenListenOverflow",
            "TCPFastOpenCookieReqd",
            "TCPFastOpenBlackhole",
        ),
        sources=("net/ipv4/tcp_fastopen.c", "RFC 7413", "Documentation/networking/ip-sysctl.rst"),
        claims=(
            "fastopen-listener-needs-both",
            "fastopen-does-nothing-by-itself",
        ),
        related=("net.ipv4.tcp_fastopen_blackhole_timeout_sec", "net.ipv4.tcp_fastopen_key"),
    ),
    Setting(
        key="net.ipv4.tcp_fastopen_blackhole_timeout_sec",
        family="opening",
        form="number",
        unit="seconds",
        accepts=(Range("", 0, 2**31 - 1),),
        defaults=(("", "3600"), ("5.14", "0")),
        namespaced="4.15",
        added="4.12",
        roles=ACTIVE_OPENER,
        summary="How long clients leave Fast Open alone after a path was seen to swallow it; 0: never stop using it.",
        does="The pause starts with this time and doubles with each further sign of a firewall that drops such SYNs.",
        counters=("TCPFastOpenBlackhole",),
        sources=("net/ipv4/tcp_fastopen.c tcp_fastopen_active_should_disable()", "commit 213ad73d0607"),
        related=("net.ipv4.tcp_fastopen",),
    ),
    Setting(
        key="net.ipv4.tcp_fastopen_key",
        family="opening",
        form="text",
        unit="",
        defaults=(),
        derived="drawn at random when the first listener asks for Fast Open",
        namespaced="4.15",
        added="3.7",
        roles=LISTENER,
        summary="The secret that a listener makes Fast Open cookies with; two keys, separated by a comma, since 5.3.",
        does=(
            "Servers behind one address need the same key, or a client's cookie is refused by every second of them "
            "and the data in its SYN is lost to a retransmission. With two keys the first makes cookies and both are "
            "accepted, so keys can be changed without a gap."
        ),
        hazards=("Whoever knows the key can forge cookies; the file is readable for root alone for that reason.",),
        counters=("TCPFastOpenPassive", "TCPFastOpenPassiveFail", "TCPFastOpenPassiveAltKey"),
        sources=("net/ipv4/sysctl_net_ipv4.c proc_tcp_fastopen_key()", "RFC 7413 section 4.1"),
        related=("net.ipv4.tcp_fastopen",),
    ),
)
