"""Ports that programs bind() before they connect(): one pool for all destinations together, not one for each."""

from lastack.doctor.rule import Rule
from lastack.doctor.verdicts import Evidence, Finding, Healthy, Remedy, Severity, Unknown, Verdict
from lastack.doctor.wording import counted, percent
from lastack.model.destinations import Destination
from lastack.model.model import Model

__all__ = ["FEW", "ID", "MOST", "RULE", "check"]

ID = "bound-ports"

# Fewer draws do not tell a habit from chance, even where each is a coin's.
FEW = 50
# connect() draws none of these until half of the range is used towards one destination; bind() draws nothing else.
MOST = 0.4
# Of the pool: above it, a warning; there is one pool, so a burst anywhere takes it from all.
_HIGH = 0.8
_LOW = 0.1
_HALF = 0.5


def check(model: Model) -> Verdict:
    """Whether some address has spent its ports on binding."""
    if model.ports is None:
        return Unknown(id=ID, reason="net.ipv4.ip_local_port_range is not visible")
    spent = {local: _spent(those) for local, those in _bound(model).items()}
    worst = max(spent, key=lambda local: spent[local], default=None)
    if worst is not None:
        severity = _severity(model, spent[worst], len(_bound(model)[worst]))
        if severity:
            return _finding(model, worst, severity)
    return Healthy(id=ID, summary=_summary(model), evidence=_evidence(model, worst), absent=not model.destinations)


def _bound(model: Model) -> dict[str, list[Destination]]:
    """By local address, the destinations whose ports were not drawn by connect()."""
    found: dict[str, list[Destination]] = {}
    for one in filter(_is_bound, _crowd(model)):
        found.setdefault(one.local, []).append(one)
    return found


def _crowd(model: Model) -> list[Destination]:
    """Destinations that use too little of the range for connect() to have come to the ports that bind() draws."""
    half = (model.ports.available if model.ports else 0) * _HALF
    return [one for one in model.destinations if FEW <= one.in_use < half]


def _is_bound(one: Destination) -> bool:
    return one.bind_parity >= MOST * one.in_use


def _spent(those: list[Destination]) -> int:
    return sum(one.in_use for one in those)


def _severity(model: Model, spent: int, destinations: int) -> Severity | None:
    available = model.ports.available if model.ports else 0
    if spent > min(available, available if model.opened_ports is None else model.opened_ports):
        return None  # several have one port, so they were bound with SO_REUSEADDR, or not at all
    if spent >= _HIGH * available:
        return "critical" if spent >= 0.99 * available else "warning"
    return "notice" if spent >= _LOW * available and destinations > 1 else None


def _summary(model: Model) -> str:
    if not model.destinations:
        return "no connections opened from here"
    return "a few" if _bound(model) else "ports are left to connect(), so each destination has all"


def _finding(model: Model, local: str, severity: Severity) -> Finding:
    those = _bound(model)[local]
    available = model.ports.available if model.ports else 0
    return Finding(
        id=ID,
        severity=severity,
        summary=(
            f"{counted(len(those), 'destination')} of {local} share one pool of ports, because they are bound before "
            f"connect(): {_spent(those):,} of {available:,} are used"
        ),
        evidence=_evidence(model, local),
        cause=(
            "bind() to an address takes a port for that address alone, whatever the destination, and gives it back "
            "after TIME_WAIT. So all destinations together have what each could have; when it is used up, bind() fails "
            "with EADDRINUSE, and every connect() without bind() passes such ports over too."
        ),
        remedies=[
            Remedy(
                kind="application",
                text=(
                    "Set IP_BIND_ADDRESS_NO_PORT before bind(), which leaves the port to connect(): nginx does for "
                    "proxy_bind, HAProxy for `source`; or do not bind where the route chooses the address anyway."
                ),
            ),
            Remedy(kind="application", text="Keep connections open and use them again: fewer ports, bound or not."),
            Remedy(kind="network", text="Give the host more source addresses: each has a pool of its own."),
        ],
        confidence="medium",
    )


def _evidence(model: Model, local: str | None) -> Evidence:
    those = _bound(model).get(local, []) if local is not None else []
    available = model.ports.available if model.ports else 0
    return {
        "local": local,
        "bound_before_connect": _spent(those),
        "available_ports": available,
        "used_percent": percent(_spent(those), available),
        "distinct_ports": model.opened_ports,
        "destinations": [
            {"destination": one.label, "in_use": one.in_use, "drawn_by_bind": one.bind_parity} for one in those[:5]
        ],
    }


RULE = Rule(
    id=ID,
    title="Ports bound before connect(), by local address",
    check=check,
    explanation=(
        "A port that connect() chooses must be unique towards one destination only. A program that calls bind() with "
        "an address first, as proxies with a fixed source address do, gets a port that must be unique towards all: "
        "28,232 connections in TIME_WAIT or open, over all destinations, and bind() fails with EADDRINUSE.\n\n"
        "The kernel does not say which sockets were bound. It shows in the ports: connect() draws those of the parity "
        "of the range's first port until they are used up towards a destination, bind() the others first. Where a "
        "destination that uses less than half of the range has many of the others, they were bound, or chosen by the "
        "program; and where there are fewer ports than connections, they are shared all the same (SO_REUSEADDR). "
        "IP_BIND_ADDRESS_NO_PORT (Linux 4.2) gives the choice back to connect()."
    ),
    claims=(
        "port-range-skips-bound-ports",
        "bind-no-port-shares-ports-between-destinations",
        "tw-reuse-spares-bound-ports",
    ),
)
