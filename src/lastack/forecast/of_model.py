"""The flows of a host, as its model shows them."""

from msgspec.structs import replace

from lastack.forecast.flow import Flow, Limits
from lastack.model.destinations import Destination
from lastack.model.model import Model
from lastack.model.ports import Load, seconds_to_exhaustion
from lastack.model.time_wait import CloseGroup

__all__ = ["flows_of", "limits_of", "seconds_left"]

_WINDOW_S = 10


def flows_of(model: Model, times: float = 1.0) -> list[Flow]:
    """What is opened and closed here, the most first; flows without a rate are left out.

    Args:
        model: of one sample: rates are those of the closes of the last seconds; of two: the growth too.
        times: how many times as much as there is.
    """
    found = [_to(destination) for destination in model.destinations if destination.opens_per_s > 0]
    found += [_at(group) for group in model.time_wait.groups if group.role == "passive" and _rate(group) > 0]
    return [
        replace(flow, rate_per_s=flow.rate_per_s * times) for flow in sorted(found, key=lambda one: -one.rate_per_s)
    ]


def limits_of(model: Model) -> Limits:
    """What its flows share."""
    return Limits(tw_buckets=model.time_wait.limit)


def seconds_left(destination: Destination, times: float = 1.0) -> int | None:
    """Seconds until a destination that is as full as it is now has no port left, at so many times its rate.

    What is open grows to as many times as much at once: an upper bound where connections are held long.

    Returns:
        0: it has none now; None: it does not come to that, or its port range is not visible.
    """
    if destination.available is None:
        return None
    blocks_s = destination.reuse.delay_s if destination.reuse.kind == "certain" else 60.0
    load = Load(
        round(destination.held * max(times, 1.0)),
        destination.closes,
        destination.closes_per_s * times,
        (destination.growth_per_s or 0.0) * times,
        blocks_s,
    )
    return seconds_to_exhaustion(destination.available, load)


def _to(destination: Destination) -> Flow:
    rate = destination.opens_per_s
    return Flow(
        name=destination.label,
        rate_per_s=rate,
        hold_s=destination.held / rate,
        closes="here" if destination.time_wait else "there",
        ports=destination.available,
        reuse_s=destination.reuse.delay_s if destination.reuse.kind == "certain" else None,
    )


def _at(group: CloseGroup) -> Flow:
    return Flow(name=group.label, role="passive", rate_per_s=_rate(group))


def _rate(group: CloseGroup) -> float:
    return sum(group.closes[-_WINDOW_S:]) / _WINDOW_S
