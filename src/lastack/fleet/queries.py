"""What is asked of Prometheus: one row a query, each of a number of series that the label sets bound.

Hosts that export both, lastack's metrics and node_exporter's, have the same counters twice, under one name.
"""

from collections.abc import Iterable
from typing import NamedTuple

from lastack.doctor.verdicts import Severity

__all__ = [
    "DESTINATIONS",
    "HOSTS",
    "PRESENT",
    "QUERIES",
    "SCRAPES",
    "SETTINGS",
    "SIGNS",
    "Query",
    "Scope",
    "Sign",
    "inventory",
    "one_of",
]

_FULLEST = 10
_REMOTE = '"remote", "$1", "destination", ".* > (.*)"'
_USED, _LEFT = "lastack_destination_ports_used", "lastack_destination_ports_headroom"
_FEWEST = 10  # events, for a counter to say something


class Scope(NamedTuple):
    """Which series: matchers without their braces, and how far back, in seconds."""

    match: str
    range_s: int


class Query(NamedTuple):
    """One question.

    Attributes:
        name: what its answer is called.
        metrics: whose series it touches; where none of them is there, it is not asked.
        text: PromQL; ``$S`` is the matchers, ``$R`` the range, ``$X`` a regular expression made of earlier answers.
    """

    name: str
    metrics: tuple[str, ...]
    text: str

    def fill(self, scope: Scope, names: str = "") -> str:
        """As it is sent."""
        return self.text.replace("$S", scope.match).replace("$R", f"[{scope.range_s}s]").replace("$X", names)


class Sign(NamedTuple):
    """What a counter alone says, with the id of the doctor's rule that asks the same."""

    id: str
    severity: Severity
    what: str
    query: Query


HOSTS = (
    Query("told", ("lastack_host_info",), "last_over_time(lastack_host_info{$S}$R)"),
    Query("scrapes", ("lastack_exact",), "count_over_time(lastack_exact{$S}$R)"),
    Query("findings", ("lastack_finding_info",), "count_over_time(lastack_finding_info{$S}$R)"),
    Query("uname", ("node_uname_info",), "last_over_time(node_uname_info{$S}$R)"),
    Query("counted", ("node_netstat_Tcp_CurrEstab",), "last_over_time(node_netstat_Tcp_CurrEstab{$S}$R)"),
    Query("opened", ("node_netstat_Tcp_ActiveOpens",), "rate(node_netstat_Tcp_ActiveOpens{$S}$R)"),
    Query("accepted", ("node_netstat_Tcp_PassiveOpens",), "rate(node_netstat_Tcp_PassiveOpens{$S}$R)"),
)

# Of either exporter: whose last scrape went well, and how often they were scraped. Each metric by itself: without
# their names, the series of both may have the same labels.
_EITHER = ("lastack_exact", "node_netstat_Tcp_CurrEstab")
PRESENT = Query("present", _EITHER, "lastack_exact{$S} or node_netstat_Tcp_CurrEstab{$S}")
SCRAPES = Query(
    "scrapes of either",
    _EITHER,
    "count_over_time(lastack_exact{$S}$R) or count_over_time(node_netstat_Tcp_CurrEstab{$S}$R)",
)

# First which keys have more than one value, as counted by the server; then whose, of those alone.
SETTINGS = (
    Query(
        "numbers vary",
        ("lastack_setting",),
        'count by (key) (count_values by (key) ("value", lastack_setting{$S})) > 1',
    ),
    Query("numbers", ("lastack_setting",), 'lastack_setting{key=~"$X",$S}'),
    Query(
        "texts vary",
        ("lastack_setting_info",),
        "count by (key) (count by (key, value) (lastack_setting_info{$S})) > 1",
    ),
    Query("texts", ("lastack_setting_info",), 'lastack_setting_info{key=~"$X",$S}'),
)

_SHARE = (
    f'max_over_time({_USED}{{destination!="other",destination=~"$X",$S}}$R) / '
    f'(max_over_time({_USED}{{destination!="other",destination=~"$X",$S}}$R) + '
    f'min_over_time({_LEFT}{{destination!="other",destination=~"$X",$S}}$R))'
)
_OF_THOSE = f'max_over_time({_USED}{{destination=~"$X",$S}}$R)'
DESTINATIONS = (
    Query("fullest", (_USED, _LEFT), f"topk({_FULLEST}, max by (remote) (label_replace({_SHARE}, {_REMOTE})))"),
    Query("worst host", (_USED, _LEFT), f"topk by (remote) (1, label_replace({_SHARE}, {_REMOTE}))"),
    Query("ports", (_USED,), f"sum by (remote) (label_replace({_OF_THOSE}, {_REMOTE}))"),
    Query("users", (_USED,), f"count by (remote) (label_replace({_OF_THOSE}, {_REMOTE}))"),
)


def _grown(id_: str, severity: Severity, counter: str, what: str) -> Sign:
    name = f"node_netstat_{counter}"
    return Sign(id_, severity, what, Query(id_, (name,), f"increase({name}{{$S}}$R) >= {_FEWEST}"))


SIGNS = (
    _grown("accept-queue", "critical", "TcpExt_ListenOverflows", "connections met a full accept queue"),
    _grown("syn-queue", "critical", "TcpExt_TCPReqQFullDrop", "SYNs were dropped at a full queue"),
    _grown("time-wait-refused", "warning", "TcpExt_TCPTimeWaitOverflow", "closes got no TIME_WAIT"),
    _grown("memory-pressure", "warning", "TcpExt_TCPMemoryPressures", "times that TCP's memory became scarce"),
    Sign(
        "conntrack",
        "critical",
        "of the connection tracker's table is full",
        Query(
            "conntrack",
            ("node_nf_conntrack_entries", "node_nf_conntrack_entries_limit"),
            "max_over_time(node_nf_conntrack_entries{$S}$R) / "
            "last_over_time(node_nf_conntrack_entries_limit{$S}$R) > 0.9",
        ),
    ),
    Sign(
        "close-wait",
        "warning",
        "connections in CLOSE_WAIT, and ever more",
        Query(
            "close-wait",
            ("node_tcp_connection_states",),
            'last_over_time(node_tcp_connection_states{state="close_wait",$S}$R) > 100 '
            'and delta(node_tcp_connection_states{state="close_wait",$S}$R) > 0',
        ),
    ),
)

QUERIES = (*HOSTS, *SETTINGS, *DESTINATIONS, *(sign.query for sign in SIGNS))


def inventory(scope: Scope) -> str:
    """How many series there are of each metric that is asked for."""
    names = "|".join(sorted({name for query in QUERIES for name in query.metrics}))
    return f'count by (__name__) (last_over_time({{__name__=~"{names}",{scope.match}}}[{scope.range_s}s]))'


def one_of(texts: Iterable[str]) -> str:
    """A regular expression (RE2, inside a PromQL string) of these texts alone, whatever is in them."""
    return "|".join("".join(map(_literal, text)) for text in texts)


def _literal(character: str) -> str:
    plain = character == "_" or (character.isascii() and character.isalnum())
    return character if plain else rf"\\x{{{ord(character):x}}}"
