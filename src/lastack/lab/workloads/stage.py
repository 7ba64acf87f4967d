"""Puts the programs of a workload into a lab, and starts them."""

from collections.abc import Callable, Sequence
from typing import Protocol

from lastack.lab.lab import Lab
from lastack.lab.load import Load
from lastack.lab.traffic import Running
from lastack.lab.worker import Worker
from lastack.lab.workloads.outcome import Outcome
from lastack.lab.workloads.relay import Relay
from lastack.lab.workloads.service import Manners, Service
from lastack.lab.workloads.sitter import Guest, Sitter
from lastack.lab.workloads.visitor import Errand, Visitor
from lastack.lab.workloads.workload import Kind, Knobs

__all__ = ["CLIENTS", "Play", "started"]

_PORT, _UPSTREAM_PORT = 80, 8080
_HALF_OPEN_ADDRESSES = 16
_TURNS = 100

# Client namespaces that a kind needs: peers, and an upstream.
CLIENTS: dict[Kind, int] = {"visitors": 1, "relay": 2, "idle": 1, "nginx": 1}


class Play(Protocol):
    """A load on its way."""

    def is_done(self, patience_s: float) -> bool:
        """Whether it is over, or will be within so many seconds."""

    def outcome(self) -> Outcome:
        """What came of it. Raises RefusedError: ``lab-process-died``."""

    def close(self) -> None:
        """End its programs, whether it is over or not."""


class _Workers:
    """A load that ends when one of its workers has done its errand; the others serve until the lab ends."""

    def __init__(self, errand: Worker, servers: Sequence[Worker], besides: Running | None = None) -> None:
        self._errand = errand
        self._servers = servers
        self._besides = besides

    def is_done(self, patience_s: float) -> bool:
        return self._errand.is_done(patience_s)

    def outcome(self) -> Outcome:
        for server in self._servers:
            if server.is_done():  # it serves to the end: what ended it is raised here
                server.result()
        result: Outcome = self._errand.result()
        return result

    def close(self) -> None:
        for worker in (self._errand, *self._servers):
            worker.close()
        if self._besides:
            self._besides.stop()


def started(lab: Lab, kind: Kind, knobs: Knobs) -> Play:
    """Start the load of a workload; ``lab`` has as many clients as ``CLIENTS`` says.

    Raises:
        RefusedError: ``no-program``, for ``nginx``; ``no-more-addresses``.
    """
    return _KINDS[kind](lab, knobs)


def _visitors(lab: Lab, knobs: Knobs) -> Play:
    link = lab.links[0]
    from_peers = knobs.opener == "peer"
    at_home, abroad = (lab.server, lab.client) if from_peers else (lab.client, lab.server)
    address = link.server(4) if from_peers else link.client(4)
    shares = [1.0] if from_peers else knobs.shares or [1.0] * knobs.destinations
    ports = range(_PORT, _PORT + len(shares))
    opener_closes = (knobs.closer == "peer") == from_peers
    manners = Manners(knobs.backlog, not opener_closes, knobs.host_leaks, knobs.accepts_per_s)
    service = Worker(at_home, lambda: Service(manners))
    service.ask("listen", address, ports)
    service.post("serve")
    besides = None
    if knobs.half_open_per_s:
        half_open = Load(
            seconds=knobs.seconds, rate=knobs.half_open_per_s, finish=False, port=_PORT, addresses=_HALF_OPEN_ADDRESSES
        )
        besides = lab.start(half_open)
    visitor = Worker(abroad, Visitor)
    sources = lab.addresses(knobs.peers) if from_peers else []
    targets = [(address, port) for port in _in_turn(ports, shares)]
    visitor.post("visit", _errand(knobs, closes=opener_closes), targets, sources)
    return _Workers(visitor, [service], besides)


def _in_turn(ports: Sequence[int], shares: Sequence[float]) -> list[int]:
    """Ports in an order in which each has its share, to a hundredth; smooth weighted round robin."""
    if len(set(shares)) == 1:
        return list(ports)
    owed = [0.0] * len(shares)
    order = []
    for _ in range(_TURNS):
        owed = [sum_ + share for sum_, share in zip(owed, shares, strict=True)]
        at = owed.index(max(owed))
        owed[at] -= sum(shares)
        order.append(ports[at])
    return order


def _relay(lab: Lab, knobs: Knobs) -> Play:
    front, back = lab.links
    ports = range(_UPSTREAM_PORT, _UPSTREAM_PORT + knobs.destinations)
    upstreams = [(back.client(4), port) for port in ports]
    service = Worker(lab.clients[1], lambda: Service(Manners(closes=False)))
    service.ask("listen", back.client(4), ports)
    service.post("serve")
    relay = Worker(lab.server, lambda: Relay(upstreams, knobs.upstream_keepalive))
    relay.ask("listen", front.server(4), [_PORT], knobs.backlog)
    relay.post("serve")
    visitor = Worker(lab.client, Visitor)
    target = [(front.server(4), _PORT)]
    visitor.post("visit", _errand(knobs, closes=True), target, lab.addresses(knobs.peers))
    return _Workers(visitor, [service, relay])


def _errand(knobs: Knobs, *, closes: bool) -> Errand:
    return Errand(
        requests=knobs.requests,
        rate=knobs.rate,
        seconds=knobs.seconds,
        concurrency=knobs.concurrency,
        per_connection=knobs.keepalive,
        closes=closes,
        keeps=knobs.peer_keeps,
        close_delay_s=knobs.peer_close_delay_s,
    )


def _idle(lab: Lab, knobs: Knobs) -> Play:
    address = lab.links[0].server(4)
    host = Worker(lab.server, lambda: Sitter(so_keepalive=knobs.so_keepalive, user_timeout_ms=knobs.user_timeout_ms))
    host.ask("listen", address, _PORT, max(knobs.backlog, knobs.requests))
    guests = Worker(lab.client, Guest)
    guests.ask("connect", (address, _PORT), lab.addresses(knobs.requests))
    host.ask("accept", knobs.requests)
    guests.post("answer")
    host.post("sit", knobs.idle_s, knobs.forget_s)
    return _Workers(host, [guests])


def _nginx(lab: Lab, knobs: Knobs) -> Play:
    from lastack.lab.workloads.nginx import started_nginx  # noqa: PLC0415 - real programs, where they are installed

    return started_nginx(lab, knobs)


_KINDS: dict[Kind, Callable[[Lab, Knobs], Play]] = {
    "visitors": _visitors,
    "relay": _relay,
    "idle": _idle,
    "nginx": _nginx,
}
