"""Listeners inside of the range that connect() takes its ports from: they may find their port taken when they start."""

from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Confidence, Evidence, Finding, Healthy, Remedy, Unknown, Verdict
from lastack.doctor.wording import counted
from lastack.model.listeners import AcceptQueue
from lastack.model.model import Model
from lastack.model.sysctl import port_ranges

__all__ = ["ID", "RULE", "check"]

ID = "listeners-in-range"

_RESERVED = "net.ipv4.ip_local_reserved_ports"
# Where the range begins by default: the kernel gives no port below it to a program that asks for any.
_USUAL_LOW = 32_768
_SHOWN = 10


def check(model: Model) -> Verdict:
    """Whether a service's port may be given to an outgoing connection while the service is down."""
    if model.ports is None:
        return Unknown(id=ID, reason="net.ipv4.ip_local_port_range is not visible")
    exposed = _exposed(model, model.ports.low, model.ports.high)
    if exposed:
        return _finding(model, exposed)
    span = f"{model.ports.low:,} to {model.ports.high:,}"
    listening = model.accept_queues
    summary = f"none inside of {span}, or reserved" if listening else "no listeners"
    return Healthy(id=ID, summary=summary, evidence=_evidence(model, {}), absent=not listening)


def _exposed(model: Model, low: int, high: int) -> dict[int, AcceptQueue]:
    """A listener for each such port, lowest first."""
    reserved = port_ranges(model.settings)
    found = {
        queue.port: queue
        for queue in model.accept_queues
        if low <= queue.port <= high and not any(first <= queue.port <= last for first, last in reserved)
    }
    return dict(sorted(found.items()))


def _confidence(exposed: dict[int, AcceptQueue]) -> Confidence:
    """A port of the usual range may be one that the program got for asking for any, and does not depend on."""
    return "medium" if any(port < _USUAL_LOW for port in exposed) else "low"


def _finding(model: Model, exposed: dict[int, AcceptQueue]) -> Finding:
    first = next(iter(exposed.values()))
    who = f" ({first.process})" if first.process else ""
    more = f" and {counted(len(exposed) - 1, 'other')}" if len(exposed) > 1 else ""
    return Finding(
        id=ID,
        severity="notice",
        summary=f"port {first.port}{who}{more} may be taken by an outgoing connection while the service is down",
        evidence=_evidence(model, exposed),
        cause=(
            "connect() takes any port of ip_local_port_range that nobody holds. While the service restarts, that can "
            "be its own port, and its bind() then fails with EADDRINUSE until the connection is gone, TIME_WAIT "
            "included. A program that asked for any port and tells it to its clients is not concerned."
        ),
        remedies=_remedies(model, exposed),
        confidence=_confidence(exposed),
    )


def _remedies(model: Model, exposed: dict[int, AcceptQueue]) -> list[Remedy]:
    already = model.settings.get(_RESERVED, "")
    return [
        Remedy(
            kind="setting",
            key=_RESERVED,
            value=",".join([*filter(None, [already]), *map(str, exposed)]),
            text="connect() and bind(0) then leave these ports alone; a service can bind them all the same.",
        ),
        Remedy(kind="application", text="Or let the service listen below the range."),
    ]


def _evidence(model: Model, exposed: dict[int, AcceptQueue]) -> Evidence:
    ports = model.ports
    return {
        "range_low": None if ports is None else ports.low,
        "range_high": None if ports is None else ports.high,
        "listeners": len(model.accept_queues),
        "exposed": [
            {"port": port, "process": queue.process, "listener": queue.label}
            for port, queue in list(exposed.items())[:_SHOWN]
        ],
    }


RULE = Rule(
    id=ID,
    title="Listeners among the ports that connect() chooses from",
    check=check,
    explanation=(
        "While a service listens, its port is safe: connect() skips it. While it is down, the port is free like any "
        "other of ip_local_port_range, and an outgoing connection may get it. The service then fails to start with "
        "`address already in use`, now and then and not reproducibly.\n\n"
        "ip_local_reserved_ports takes ports out of the range; an explicit bind() still gets them. Widening the range "
        "to 1024 puts databases, proxies and Kubernetes' NodePorts (30000-32767) inside, so reserve theirs first.\n\n"
        "It is a notice: nothing fails now. Programs that let the kernel choose the port they listen on (bind() to "
        "port 0) have such ports too and do not mind; they cannot be told apart, so confidence is low where all ports "
        "are in the range that kernels have by default."
    ),
    claims=("port-range-collides-with-services", "reserved-port-explicit-bind-works"),
)
