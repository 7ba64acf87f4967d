"""What each remedy buys: the same flow once more, with one thing changed."""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from lastack.forecast.flow import Flow, Limits
from lastack.forecast.steady import Steady, steady

__all__ = ["Remedy", "pooled", "remedies"]

# What nginx allows a kept connection by default before it closes it (keepalive_requests, since 1.19.10).
REQUESTS = 1000
_WIDE_PORTS = 65_535 - 10_240 + 1
_REUSE_S = 1.0


class Remedy(Struct, frozen=True, kw_only=True):
    """Something changed, and what comes of it.

    Attributes:
        what: the change, a clause.
        setting: its sysctl line; empty for what is none.
        then: the flow under it.
    """

    what: str
    then: Steady
    setting: str = ""


def pooled(flow: Flow, connections: int, requests: int = REQUESTS) -> Flow:
    """The flow over that many connections that stay, each of which carries so many requests before it is closed.

    What the pool cannot carry at once opens connections of its own, as before.

    >>> pooled(Flow(name="db", rate_per_s=1000, hold_s=0.02), 32).rate_per_s
    1.0
    """
    carried = min(flow.rate_per_s, connections / flow.hold_s) if flow.hold_s else flow.rate_per_s
    beyond = flow.rate_per_s - carried
    rate = carried / requests + beyond
    hold_s = (connections + beyond * flow.hold_s) / rate if rate else flow.hold_s
    return replace(flow, rate_per_s=rate, hold_s=hold_s)


def remedies(flow: Flow, limits: Limits, *, connections: int = 32, addresses: int = 2) -> Iterator[Remedy]:
    """What could be changed, the worthiest first; each for itself."""
    if flow.role == "active":
        yield _changed(f"keep-alive, a pool of {connections}", pooled(flow, connections), limits)
    if flow.ports is None:
        return
    if flow.closes == "here":
        yield _changed("the other end closes first", replace(flow, closes="there"), limits)
    spread = replace(flow, rate_per_s=flow.rate_per_s / addresses)
    yield _changed(f"{addresses} addresses instead of one, each with its share", spread, limits)
    if flow.closes == "here" and flow.reuse_s is None:
        reused = replace(flow, reuse_s=_REUSE_S)
        yield _changed("reuse after 1 s, if the peer has timestamps", reused, limits, "net.ipv4.tcp_tw_reuse = 1")
    if flow.ports < _WIDE_PORTS:
        wider = replace(flow, ports=_WIDE_PORTS)
        yield _changed("a wider port range", wider, limits, "net.ipv4.ip_local_port_range = 10240 65535")


def _changed(what: str, flow: Flow, limits: Limits, setting: str = "") -> Remedy:
    return Remedy(what=what, setting=setting, then=steady(flow, limits))
