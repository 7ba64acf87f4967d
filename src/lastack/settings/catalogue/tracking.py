"""Settings of connection tracking (nf_conntrack): what firewalls and NAT remember of a connection."""

from lastack.settings.catalogue.row import ANYONE, INT, NODE, SECONDS, SWITCH, U8, Range, Setting

__all__ = ["TRACKING"]

_SOURCES = ("net/netfilter/nf_conntrack_proto_tcp.c", "Documentation/networking/nf_conntrack-sysctl.rst")
_COUNTERS = ("nf_conntrack.drop", "nf_conntrack.early_drop")
_TIMEOUT_BELIEVED = "That it ends or shortens the socket's own state. It only forgets the firewall's entry."


def _timeout(name: str, default: int, summary: str, does: str) -> Setting:
    """A timeout of the tracker's own state machine."""
    return Setting(
        key=f"net.netfilter.nf_conntrack_tcp_timeout_{name}",
        family="tracking",
        form="seconds",
        unit="seconds",
        accepts=SECONDS,
        sane=(1, 2**31 - 1),
        defaults=(("", str(default)),),
        namespaced="3.6",
        roles=ANYONE,
        summary=summary,
        does=does,
        believed=_TIMEOUT_BELIEVED,
        counters=("nf_conntrack.count",),
        sources=_SOURCES,
        related=("net.netfilter.nf_conntrack_max",),
    )


TRACKING = (
    Setting(
        key="net.netfilter.nf_conntrack_max",
        family="tracking",
        form="number",
        unit="entries",
        accepts=(*INT, Range("6.15", 0, 2**31 - 1)),
        sane=(1, 2**31 - 1),
        derived="262,144 where there are more than 4 GiB of memory, 65,536 from 1 GiB",
        summary="How many connections the tracker remembers before it drops new ones.",
        does=(
            "Each namespace's count is compared with this one number of the machine. When it is reached the packet "
            'that would open a new entry is dropped and the kernel logs "table full, dropping packet". Only '
            "connections that a rule or NAT makes it track take an entry, of 256 bytes."
        ),
        believed="That it follows the host's sockets: an entry lives by its own timeouts, 120 s after the last FIN.",
        hazards=(
            "Raised far without net.netfilter.nf_conntrack_buckets, look-ups walk long chains.",
            "Lowered below what is tracked now, every new connection is dropped until entries run out.",
        ),
        counters=("nf_conntrack.count", *_COUNTERS),
        kubernetes=NODE,
        sources=("net/netfilter/nf_conntrack_core.c __nf_conntrack_alloc()", *_SOURCES[1:]),
        claims=(
            "conntrack-outlives-the-socket",
            "conntrack-max-drops-new-connections",
        ),
        related=(
            "net.netfilter.nf_conntrack_buckets",
            "net.netfilter.nf_conntrack_tcp_timeout_time_wait",
            "net.netfilter.nf_conntrack_tcp_timeout_established",
        ),
    ),
    Setting(
        key="net.nf_conntrack_max",
        family="tracking",
        form="number",
        unit="entries",
        accepts=(*INT, Range("6.15", 0, 2**31 - 1)),
        sane=(1, 2**31 - 1),
        derived="the same number as net.netfilter.nf_conntrack_max",
        summary="The older name of net.netfilter.nf_conntrack_max: one number under two names.",
        does="Writing either changes both. Only the machine's first namespace has this name.",
        counters=("nf_conntrack.count", *_COUNTERS),
        kubernetes=NODE,
        sources=("net/netfilter/nf_conntrack_standalone.c nf_ct_netfilter_table",),
        related=("net.netfilter.nf_conntrack_max",),
    ),
    Setting(
        key="net.netfilter.nf_conntrack_buckets",
        family="tracking",
        form="number",
        unit="buckets",
        accepts=(Range("", 0, 2**31 - 1),),
        sane=(1, 2**31 - 1),
        derived="the default of nf_conntrack_max; a quarter of it until 5.14",
        summary="Buckets of the tracker's hash table.",
        does="Can be written since 4.8; before that, hashsize of the module nf_conntrack sets it.",
        history=("Read-only until 4.7.",),
        hazards=("Writing moves every entry to a new table: not in the middle of a rush hour.",),
        kubernetes=NODE,
        sources=("net/netfilter/nf_conntrack_standalone.c nf_conntrack_hash_sysctl()", *_SOURCES[1:]),
        related=("net.netfilter.nf_conntrack_max",),
    ),
    Setting(
        key="net.netfilter.nf_conntrack_count",
        family="tracking",
        form="number",
        unit="entries",
        derived="what is tracked now",
        namespaced="2.6.30",
        read_only=True,
        summary="Entries of this namespace: a reading, not a setting.",
        does="Compare it with net.netfilter.nf_conntrack_max.",
        sources=("net/netfilter/nf_conntrack_standalone.c",),
        related=("net.netfilter.nf_conntrack_max",),
    ),
    _timeout(
        "syn_sent",
        120,
        "How long an entry lives after a SYN that nobody has answered.",
        "Each repeated SYN starts it anew. A flood of SYNs through a firewall fills its table with these.",
    ),
    _timeout(
        "syn_recv",
        60,
        "How long an entry lives after SYN and SYN-ACK.",
        "Ends when the client's ACK makes the connection established.",
    ),
    _timeout(
        "established",
        432_000,
        "How long an idle connection is remembered: 5 days by default.",
        (
            "Every segment starts it anew. When it runs out the socket knows nothing of it: the next segment is "
            "dropped or rejected by the rules, or passes without its NAT."
        ),
    )._replace(
        hazards=(
            "At or below net.ipv4.tcp_keepalive_time, idle connections are forgotten before their first probe.",
            "The default keeps the entry of a peer that vanished for five days.",
        ),
        related=("net.ipv4.tcp_keepalive_time", "net.netfilter.nf_conntrack_max"),
        claims=("conntrack-forgets-idle-connections", "keepalive-detection-time"),
    ),
    _timeout(
        "fin_wait",
        120,
        "How long an entry lives after the first FIN.",
        "The peer may send data for longer than that after a half close; its segments then meet no entry.",
    ),
    _timeout(
        "close_wait",
        60,
        "How long an entry lives after the first FIN was acknowledged.",
        "A socket in CLOSE_WAIT may stay for ever: its entry does not, and the late FIN meets none.",
    ),
    _timeout(
        "last_ack",
        30,
        "How long an entry lives after both FINs, until the last ACK.",
        "Shorter than the time for which the host may repeat its FIN.",
    ),
    _timeout(
        "time_wait",
        120,
        "How long an entry lives after both FINs are acknowledged.",
        (
            "Twice the host's own TIME_WAIT. A gateway for many short connections holds this many seconds of them: at "
            "2,000 closes a second, 240,000 entries. With 5 s the entry was gone after 7 s and the client's socket "
            "was still in TIME_WAIT."
        ),
    )._replace(claims=("conntrack-outlives-the-socket", "conntrack-timeout-ends-no-socket")),
    _timeout(
        "close",
        10,
        "How long an entry lives after an RST.",
        "A connection that was reset and opened again at once with the same ports uses the same entry.",
    ),
    _timeout(
        "max_retrans",
        300,
        "How long an entry lives once net.netfilter.nf_conntrack_tcp_max_retrans retransmissions were seen.",
        "A connection that only repeats itself is forgotten after this instead of after five days.",
    )._replace(related=("net.netfilter.nf_conntrack_tcp_max_retrans",)),
    _timeout(
        "unacknowledged",
        300,
        "How long an entry lives while sent data waits for its acknowledgement.",
        "A peer that vanishes in the middle of a transfer is forgotten after this instead of after five days.",
    ),
    Setting(
        key="net.netfilter.nf_conntrack_tcp_max_retrans",
        family="tracking",
        form="number",
        unit="retransmissions",
        accepts=U8,
        defaults=(("", "3"),),
        namespaced="3.6",
        summary="Retransmissions seen before the tracker takes the shorter timeout of max_retrans.",
        does="Only chooses between two timeouts of the entry: the connection itself is untouched.",
        sources=_SOURCES,
        related=("net.netfilter.nf_conntrack_tcp_timeout_max_retrans",),
    ),
    Setting(
        key="net.netfilter.nf_conntrack_tcp_loose",
        family="tracking",
        form="number",
        unit="switch",
        accepts=(*INT, Range("5.13", 0, 1)),
        sane=(0, 1),
        defaults=(("", "1"),),
        namespaced="3.6",
        summary="Picks up connections that were there before the tracker was.",
        does="With 0 only a SYN makes an entry: after a restart of the firewall, running connections are invalid.",
        hazards=("With 0 a connection whose entry ran out while it was idle can never pass again.",),
        sources=_SOURCES,
    ),
    Setting(
        key="net.netfilter.nf_conntrack_tcp_be_liberal",
        family="tracking",
        form="number",
        unit="switch",
        accepts=(*INT, Range("5.13", 0, 1)),
        sane=(0, 1),
        defaults=(("", "0"),),
        namespaced="3.6",
        summary="Calls only those segments invalid that are RSTs outside of the window.",
        does=(
            "With 0 every segment outside of the window is invalid. Behind NAT such a segment passes untranslated, "
            "and the host that it reaches answers with RST: the usual cause of resets under load in container "
            "networks, which drop invalid packets or set this to 1."
        ),
        sources=_SOURCES,
    ),
    Setting(
        key="net.netfilter.nf_conntrack_tcp_ignore_invalid_rst",
        family="tracking",
        form="number",
        unit="switch",
        accepts=SWITCH,
        defaults=(("", "0"),),
        namespaced="born",
        added="5.14",
        summary="Lets an RST that lies outside of the window pass without being called invalid.",
        does="For peers and load balancers that reset with a wrong sequence number.",
        sources=_SOURCES,
        related=("net.netfilter.nf_conntrack_tcp_be_liberal",),
    ),
)
