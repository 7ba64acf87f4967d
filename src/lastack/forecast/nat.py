"""Many hosts behind one NAT, over a day: its ports per destination, and its table."""

from collections.abc import Sequence
from math import cos, pi
from typing import Literal

import numpy as np
from msgspec import Struct

from lastack.errors import UsageError
from lastack.forecast.flow import Flow, Limits
from lastack.forecast.simulate import Demand, Shape, simulate

__all__ = ["DAY_S", "Nat", "NatDay", "day"]

DAY_S = 86_400.0
_PORTS = 65_536 - 1024  # of each address, towards each destination
_STEP_S = 5.0
_MOST_DESTINATIONS = 1_000


class Nat(Struct, frozen=True, kw_only=True):
    """A NAT and those behind it.

    Attributes:
        hosts: behind it.
        rate_per_s: connections of each host, averaged over the day.
        hold_s: how long a connection is open, on average.
        destinations: that they share.
        skew: how unequal these are: the k-th gets 1 / k ** skew of the first one's connections.
        addresses: public addresses.
        conntrack: ``nf_conntrack_max``; None: enough.
        wait_s: ``nf_conntrack_tcp_timeout_time_wait``: how long a closed connection keeps its entry and its port.
        swing: by how much the busiest hour is above the mean, and the quietest below: 0 to 1.
    """

    hosts: int
    rate_per_s: float
    hold_s: float = 5.0
    destinations: int = 100
    skew: float = 1.0
    addresses: int = 1
    conntrack: int | None = None
    wait_s: float = 120.0
    swing: float = 0.6


class NatDay(Struct, frozen=True, kw_only=True):
    """What a day comes to.

    Attributes:
        tried: connections wanted.
        failed: of these, those that found no port, or no entry.
        worst_destination_failed_share: of the destination that suffers most, 0 to 1.
        first_failure_s: seconds since midnight; None: none fails.
        peak_entries: of the table.
        binds: what stands in the way first; None: nothing does.
        addresses_needed: public addresses with which ports would suffice at the busiest hour.
    """

    tried: int
    failed: int
    worst_destination_failed_share: float
    first_failure_s: float | None
    peak_entries: int
    binds: Literal["ports", "conntrack"] | None
    addresses_needed: int


def day(nat: Nat, chance: np.random.Generator, *, step_s: float = _STEP_S) -> NatDay:
    """Simulate it, busiest at six in the evening.

    Raises:
        UsageError: ``bad-load``.
    """
    if not (
        1 <= nat.destinations <= _MOST_DESTINATIONS and nat.hosts >= 1 and nat.addresses >= 1 and 0 <= nat.swing <= 1
    ):
        hint = f"hosts and addresses from 1, 1 to {_MOST_DESTINATIONS:,} destinations, a swing from 0 to 1"
        raise UsageError("bad-load", "there is no such NAT, or it is too large to simulate", hint)
    flows = _flows(nat)
    demand = Demand(flows=flows, shape=_over_a_day(nat.swing))
    course = simulate(demand, Limits(conntrack=nat.conntrack), DAY_S, step_s=step_s, chance=chance)
    entries = (course.open + course.waiting).sum(axis=1)
    failed, tried = course.failed.sum(axis=0), course.tried.sum(axis=0)
    steps = np.flatnonzero(course.failed.any(axis=1))
    return NatDay(
        tried=int(tried.sum()),
        failed=int(failed.sum()),
        worst_destination_failed_share=float((failed / np.maximum(tried, 1)).max()),
        first_failure_s=float(steps[0]) * step_s if len(steps) else None,
        peak_entries=int(entries.max()),
        binds=_binding(nat, float(entries[steps[0]]) if len(steps) else None),
        addresses_needed=_addresses(nat, flows),
    )


def _flows(nat: Nat) -> list[Flow]:
    weights = [1 / number**nat.skew for number in range(1, nat.destinations + 1)]
    total = sum(weights)
    return [
        Flow(
            name=f"destination {number}",
            rate_per_s=nat.hosts * nat.rate_per_s * weight / total,
            hold_s=nat.hold_s,
            ports=nat.addresses * _PORTS,
            wait_s=nat.wait_s,
        )
        for number, weight in enumerate(weights, start=1)
    ]


def _over_a_day(swing: float) -> Shape:
    return lambda second: 1 + swing * cos(2 * pi * (second / DAY_S - 0.75))


def _binding(nat: Nat, entries: float | None) -> Literal["ports", "conntrack"] | None:
    if entries is None:
        return None
    return "conntrack" if nat.conntrack is not None and entries >= 0.98 * nat.conntrack else "ports"


def _addresses(nat: Nat, flows: Sequence[Flow]) -> int:
    busiest = max(flow.rate_per_s for flow in flows) * (1 + nat.swing)
    return max(-int(-busiest * (nat.hold_s + nat.wait_s) // _PORTS), 1)
