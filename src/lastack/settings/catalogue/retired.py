"""Settings that old recipes name and that no longer exist, or no longer do anything."""

from lastack.settings.catalogue.row import INT, NODE, U8, Setting

__all__ = ["RETIRED"]

_CONNTRACK_REMOVAL = (
    "it was kept for programs older than nf_conntrack, and went with the option that built it (commit adf0516845bc)"
)
_CONNTRACK_DOES = "Today the file does not exist, and loading a file that names it ends with an error."
_CONNTRACK_SOURCES = ("commit adf0516845bc", "Documentation/networking/nf_conntrack-sysctl.rst")


def _conntrack(old: str, new: str, unit: str) -> Setting:
    """A name from the time when the tracker was called ip_conntrack."""
    return Setting(
        key=old,
        family="retired",
        form="number",
        unit=unit,
        accepts=INT,
        removed="4.9",
        removal=f"{_CONNTRACK_REMOVAL}; write {new} instead",
        summary=f"Gone. The old name of {new}.",
        does=_CONNTRACK_DOES,
        kubernetes="gone",
        sources=_CONNTRACK_SOURCES,
        related=(new,),
    )


RETIRED = (
    _conntrack("net.ipv4.ip_conntrack_max", "net.netfilter.nf_conntrack_max", "entries"),
    _conntrack("net.ipv4.netfilter.ip_conntrack_max", "net.netfilter.nf_conntrack_max", "entries"),
    *(
        _conntrack(
            f"net.ipv4.netfilter.ip_conntrack_tcp_timeout_{name}",
            f"net.netfilter.nf_conntrack_tcp_timeout_{name}",
            "seconds",
        )
        for name in ("syn_sent", "syn_recv", "established", "fin_wait", "close_wait", "last_ack", "time_wait", "close")
    ),
    Setting(
        key="net.ipv4.tcp_fack",
        family="retired",
        form="number",
        unit="switch",
        accepts=U8,
        defaults=(("", "1"), ("4.15", "0")),
        namespaced="4.15",
        summary="Does nothing since 4.15: the loss detection that it switched gave way to RACK.",
        does="The file is kept so that old scripts do not fail.",
        believed="That it speeds up recovery from loss.",
        sources=("commit 713bafea9292", "RFC 8985"),
    ),
    Setting(
        key="net.ipv4.tcp_low_latency",
        family="retired",
        form="number",
        unit="switch",
        accepts=INT,
        defaults=(("", "0"),),
        summary="Does nothing since 4.14: the queue that it bypassed is gone.",
        does="The file is kept so that old scripts do not fail.",
        believed="That it lowers latency.",
        kubernetes=NODE,
        sources=("commit b6690b14386698", "net/ipv4/sysctl_net_ipv4.c"),
    ),
)
