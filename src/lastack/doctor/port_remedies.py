"""What helps a destination that is short of local ports, in order of worth."""

from lastack.doctor.applications.remedies import remedies_for
from lastack.doctor.verdicts import Remedy
from lastack.doctor.wording import counted
from lastack.model.destinations import Destination
from lastack.model.model import Model

__all__ = ["WIDE_RANGE", "remedies"]

# Above the ports that most services listen on, and its ends of different parity, as the kernel wants them.
WIDE_RANGE = (10_240, 65_535)


def remedies(model: Model, worst: Destination) -> list[Remedy]:
    """For the destination that is worst off: the application first, settings last."""
    closing = worst.time_wait > worst.held
    known = remedies_for("upstream-keepalive", worst.processes[0] if worst.processes else None, worst.remote_port)
    found = [_application(worst, closing=closing), *known, _network(worst)]
    if closing:
        found += _reuse(model, worst)
    return found + _range(model)


def _application(worst: Destination, *, closing: bool) -> Remedy:
    who = f" ({worst.processes[0]})" if worst.processes else ""
    if closing:
        text = f"Keep connections to {worst.label} open and use them again: keep-alive, a connection pool{who}."
    else:
        text = f"Carry more requests on fewer connections to {worst.label}: a pool with a limit, HTTP/2{who}."
    return Remedy(kind="application", text=text)


def _network(worst: Destination) -> Remedy:
    return Remedy(
        kind="network",
        text=(
            "Use more remote addresses or ports, or more local addresses (bind() with IP_BIND_ADDRESS_NO_PORT): each "
            f"combination has {counted(worst.available or 0, 'port')} of its own."
        ),
    )


def _reuse(model: Model, worst: Destination) -> list[Remedy]:
    """``tcp_tw_reuse`` where it is not at work, with ``tcp_timestamps``, which it needs."""
    if worst.reuse.kind != "none":
        return []
    timestamps = Remedy(
        kind="setting",
        key="net.ipv4.tcp_timestamps",
        value="1",
        text="Without timestamps a port in TIME_WAIT cannot be reused.",
    )
    reuse = Remedy(
        kind="setting",
        key="net.ipv4.tcp_tw_reuse",
        value="1",
        text=(
            f"connect() then takes over ports in TIME_WAIT for {worst.reuse.delay_s:g} s or longer, if the peer has "
            "timestamps too. A firewall that remembers the old connection may drop the new one."
        ),
    )
    needed = [timestamps] if model.setting("net.ipv4.tcp_timestamps") == 0 else []
    return needed if model.setting("net.ipv4.tcp_tw_reuse") == 1 else [*needed, reuse]


def _range(model: Model) -> list[Remedy]:
    ports = model.ports
    low, high = WIDE_RANGE
    if ports is None or (ports.low <= low and ports.high >= high):
        return []
    return [*_reservations(model), _widening(min(low, ports.low), high)]


def _widening(low: int, high: int) -> Remedy:
    return Remedy(
        kind="setting",
        key="net.ipv4.ip_local_port_range",
        value=f"{low} {high}",
        text=(
            f"{counted(high - low + 1, 'port')} instead. Services that listen inside the range (Kubernetes NodePorts "
            "are 30000-32767) must be reserved first, or an outgoing connection may hold their port when they start."
        ),
    )


def _reservations(model: Model) -> list[Remedy]:
    key = "net.ipv4.ip_local_reserved_ports"
    inside = sorted({queue.port for queue in model.accept_queues if WIDE_RANGE[0] <= queue.port <= WIDE_RANGE[1]})
    if not inside:
        return []
    already = model.settings.get(key, "")
    return [
        Remedy(
            kind="setting",
            key=key,
            value=",".join([*filter(None, [already]), *map(str, inside)]),
            text="Before the range grows: keep the ports that are listened on out of it.",
        )
    ]
