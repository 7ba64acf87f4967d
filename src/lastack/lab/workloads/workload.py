"""What a workload is: a kind of load with its knobs, the host's settings, and what to look at first."""

from typing import Annotated, Any, Literal, NamedTuple

from msgspec import Meta, Struct, ValidationError, convert, field
from msgspec.structs import asdict

from lastack.errors import UsageError

__all__ = ["KNOBS", "Kind", "Knob", "Knobs", "Workload", "knob_name", "turned"]

Kind = Literal["visitors", "relay", "idle", "nginx"]
_Count = Annotated[int, Meta(ge=1)]
_Positive = Annotated[float, Meta(gt=0)]
_Seconds = Annotated[float, Meta(ge=0, le=3600)]


class Knobs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the programs of a load do; ``KNOBS`` says what each is."""

    opener: Literal["peer", "host"] = "peer"
    closer: Literal["host", "peer"] = "host"
    requests: _Count = 10_000
    rate: _Positive | None = None
    seconds: Annotated[float, Meta(gt=0, le=3600)] = 10.0
    concurrency: _Count = 256
    keepalive: _Count = 1
    peers: Annotated[int, Meta(ge=1, le=4000)] = 16
    destinations: Annotated[int, Meta(ge=1, le=1000)] = 1
    shares: Annotated[list[_Positive], Meta(min_length=1, max_length=1000)] | None = None
    peer_close_delay_s: _Seconds = 0.0
    peer_keeps: bool = False
    host_leaks: bool = False
    backlog: _Count = 4096
    accepts_per_s: _Positive | None = None
    half_open_per_s: Annotated[float, Meta(ge=0)] = 0.0
    upstream_keepalive: Annotated[int, Meta(ge=0)] = 0
    idle_s: _Seconds = 4.0
    forget_s: _Positive | None = None
    so_keepalive: bool = True
    user_timeout_ms: Annotated[int, Meta(ge=0)] = 0


class Knob(NamedTuple):
    """One of them: what it is, and which kinds of workload it turns."""

    meaning: str
    kinds: frozenset[Kind]


_ALL_SOCKETS: frozenset[Kind] = frozenset({"visitors", "relay", "idle"})
_REQUESTS: frozenset[Kind] = frozenset({"visitors", "relay"})
_PROXIES: frozenset[Kind] = frozenset({"relay", "nginx"})
_VISITORS: frozenset[Kind] = frozenset({"visitors"})
_IDLE: frozenset[Kind] = frozenset({"idle"})
KNOBS: dict[str, Knob] = {
    "opener": Knob("who sends the SYN: `peer` or `host`, the one under test", _VISITORS),
    "closer": Knob("who closes first, and so has the TIME_WAIT: `host` or `peer`", _VISITORS),
    "requests": Knob("requests in all; in `idle`, connections", _ALL_SOCKETS),
    "rate": Knob("requests a second; none: as many as can be", _REQUESTS),
    "seconds": Knob("how long a run lasts at most; of `nginx`, how long it lasts", _REQUESTS | {"nginx"}),
    "concurrency": Knob("connections that are open at once, at most", _REQUESTS | {"nginx"}),
    "keepalive": Knob("requests on each connection of a peer", _REQUESTS),
    "peers": Knob("addresses that peers come from", _REQUESTS),
    "destinations": Knob("ports of the peer that the host connects to, where it opens or relays", _REQUESTS),
    "shares": Knob("how requests fall to those destinations, such as `[3, 1]`; none: evenly", _VISITORS),
    "peer_close_delay_s": Knob("how long a peer takes to close after the host has", _VISITORS),
    "peer_keeps": Knob("whether peers never close what the host has closed", _VISITORS),
    "host_leaks": Knob("whether the host's program never closes what its peer has closed", _VISITORS),
    "backlog": Knob("backlog of the listener", _ALL_SOCKETS),
    "accepts_per_s": Knob("connections that the listening program accepts a second; none: all", _VISITORS),
    "half_open_per_s": Knob("SYNs a second besides, whose handshakes never finish", _VISITORS),
    "upstream_keepalive": Knob("idle connections to the upstream that a proxy keeps; 0: none is used twice", _PROXIES),
    "idle_s": Knob("how long connections are idle", _IDLE),
    "forget_s": Knob("after how long the middle forgets an idle connection; none: peers vanish at once", _IDLE),
    "so_keepalive": Knob("whether the host's sockets have SO_KEEPALIVE", _IDLE),
    "user_timeout_ms": Knob("TCP_USER_TIMEOUT of the host's sockets; 0: none", _IDLE),
}


class Workload(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A load that can be repeated.

    Attributes:
        about: what happens, in a sentence.
        kind: which programs make it.
        knobs: what these do.
        settings: sysctls of the host, in every arm.
        headline: names of metrics, the most telling first; runs go on until its interval is tight.
        towards: what follows "connections a second" in a sentence about it.
    """

    about: str
    kind: Kind
    knobs: Knobs = field(default_factory=Knobs)
    settings: dict[str, str | int] = field(default_factory=dict)
    headline: list[str] = field(default_factory=lambda: ["answered_per_s"])
    towards: str = ""


def knob_name(key: str) -> str | None:
    """The knob that a key such as ``upstream.keepalive`` means; None: none."""
    name = key.replace(".", "_").replace("-", "_")
    return name if name in KNOBS else None


def turned(workload: Workload, turns: dict[str, str]) -> Workload:
    """The workload with other values of its knobs.

    Args:
        workload: as it is.
        turns: knob to value, as text; ``none`` where a knob has none.

    Raises:
        UsageError: ``bad-knob``: this kind has no such knob, or the value is not one of its.
    """
    for name in turns:
        if workload.kind not in KNOBS[name].kinds:
            kinds = ", ".join(sorted(KNOBS[name].kinds))
            raise UsageError(
                "bad-knob", f"{name} turns nothing in a workload of kind {workload.kind}", f"it is of {kinds}"
            )
    values: dict[str, Any] = {name: None if text == "none" else text for name, text in turns.items()}
    try:
        knobs = convert(asdict(workload.knobs) | values, Knobs, strict=False)
    except ValidationError as error:
        raise UsageError("bad-knob", f"{', '.join(f'{k}={v}' for k, v in turns.items())}: {error}") from None
    return Workload(
        about=workload.about,
        kind=workload.kind,
        knobs=knobs,
        settings=workload.settings,
        headline=workload.headline,
        towards=workload.towards,
    )
