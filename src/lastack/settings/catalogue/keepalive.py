"""Settings that bear on finding out that an idle peer is gone."""

from lastack.settings.catalogue.row import ANYONE, SAFE, SECONDS, U8, Setting

__all__ = ["KEEPALIVE"]

_SAFE = f"{SAFE} since 1.29 (Linux 4.5)"
_SOURCES = ("net/ipv4/tcp_timer.c tcp_keepalive_timer()", "RFC 9293 section 3.8.4", "tcp(7)")
_COUNTERS = ("TCPKeepAlive", "TCPAbortOnTimeout")

KEEPALIVE = (
    Setting(
        key="net.ipv4.tcp_keepalive_time",
        family="keepalive",
        form="seconds",
        unit="seconds",
        accepts=SECONDS,
        sane=(1, 2**31 - 1),
        defaults=(("", "7200"),),
        namespaced="4.5",
        roles=ANYONE,
        summary="How long a connection must be idle before its first keepalive probe.",
        does=(
            "Only for sockets with SO_KEEPALIVE. A dead peer is found after time + intvl x probes: 2 h 11 min by "
            "default, 31 min 15 s with 1200. TCP_KEEPIDLE sets it for one socket. Nothing is probed while sent data "
            "waits for its acknowledgement: net.ipv4.tcp_retries2 rules then."
        ),
        believed=(
            "That it is the interval between probes (that is net.ipv4.tcp_keepalive_intvl), that it ends idle "
            "connections (a peer that answers keeps them open for ever), that it holds for every connection, or that "
            "it has to do with HTTP keep-alive."
        ),
        hazards=(
            (
                "Longer than the shortest memory of a NAT, firewall or load balancer on the path, the first probe "
                "comes when they have forgotten the connection. Common limits: 240 s to 600 s in clouds, 432,000 s in "
                "conntrack by default."
            ),
            "A timer that runs is not shortened: connections that exist keep their old time until it runs out.",
        ),
        counters=_COUNTERS,
        kubernetes=_SAFE,
        sources=_SOURCES,
        claims=(
            "keepalive-detection-time",
            "keepalive-needs-so-keepalive",
            "keepalive-time-is-not-the-interval",
            "keepalive-timers-are-not-rearmed",
            "keepalive-is-off-by-default",
            "keepalive-spares-a-peer-that-answers",
            "keepalive-socket-options-win",
            "keepalive-waits-for-unacknowledged-data",
        ),
        related=(
            "net.ipv4.tcp_keepalive_intvl",
            "net.ipv4.tcp_keepalive_probes",
            "net.netfilter.nf_conntrack_tcp_timeout_established",
        ),
    ),
    Setting(
        key="net.ipv4.tcp_keepalive_intvl",
        family="keepalive",
        form="seconds",
        unit="seconds",
        accepts=SECONDS,
        sane=(1, 2**31 - 1),
        defaults=(("", "75"),),
        namespaced="4.5",
        roles=ANYONE,
        summary="Time between keepalive probes that are not answered.",
        does="Together with the number of probes it makes the second part of the wait: 9 x 75 s = 675 s by default. "
        "TCP_KEEPINTVL sets it for one socket.",
        believed="That an idle connection is probed this often. While the peer answers, the idle time counts anew.",
        counters=_COUNTERS,
        kubernetes=_SAFE,
        sources=_SOURCES,
        claims=("keepalive-detection-time",),
        related=("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_keepalive_probes"),
    ),
    Setting(
        key="net.ipv4.tcp_keepalive_probes",
        family="keepalive",
        form="number",
        unit="probes",
        accepts=U8,
        sane=(1, 255),
        defaults=(("", "9"),),
        namespaced="4.5",
        roles=ANYONE,
        summary="Unanswered keepalive probes after which a connection is given up with ETIMEDOUT and an RST.",
        does="TCP_KEEPCNT sets it for one socket. TCP_USER_TIMEOUT, where it is set, decides in its stead.",
        hazards=(
            "0 ends every idle connection with SO_KEEPALIVE at net.ipv4.tcp_keepalive_time, without one probe.",
            "1 or 2 end healthy connections over a path that loses packets.",
        ),
        counters=_COUNTERS,
        kubernetes=_SAFE,
        sources=_SOURCES,
        claims=(
            "keepalive-detection-time",
            "keepalive-zero-probes-kills",
            "keepalive-yields-to-user-timeout",
        ),
        related=("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_keepalive_intvl"),
    ),
)
