"""An outlook: each flow with where it ends up, what binds first, and what each remedy buys."""

from collections.abc import Iterable

from msgspec import Struct

from lastack.forecast.flow import Flow, Limits
from lastack.forecast.of_model import flows_of, limits_of, seconds_left
from lastack.forecast.steady import Steady, steady
from lastack.forecast.what_if import Remedy, remedies
from lastack.model.model import Model

__all__ = ["SCHEMA", "FlowOutlook", "Outlook", "of_flows", "of_model"]

SCHEMA = "lastack.forecast/1"


class FlowOutlook(Struct, frozen=True, kw_only=True):
    """One flow.

    Attributes:
        steady: where it ends up as things are.
        full_in_s: seconds until what binds is full: from now on where the host is known, else from an empty start;
            0: it is; None: it never comes to that.
        remedies: what could be changed, and where the flow ends up then.
    """

    steady: Steady
    full_in_s: float | None
    remedies: list[Remedy]


class Outlook(Struct, frozen=True, kw_only=True, tag_field="schema", tag=SCHEMA):
    """All flows of a host, the one that is in trouble first before the others.

    Attributes:
        host: its name; None for a load that was only described.
        times: how many times today's load; None as above.
        flows: each with its outlook.
        unknown: connections whose rate cannot be told: why.
    """

    host: str | None
    times: float | None
    flows: list[FlowOutlook]
    unknown: list[str]


def of_flows(flows: Iterable[Flow], limits: Limits, pool: int) -> Outlook:
    """The outlook of loads as they are described, on an empty host."""
    found = [_outlook(flow, limits, pool) for flow in flows]
    return Outlook(host=None, times=None, flows=_sorted(found), unknown=[])


def of_model(model: Model, times: float, pool: int) -> Outlook:
    """The outlook of a host at so many times its load."""
    limits = limits_of(model)
    left = {one.label: seconds_left(one, times) for one in model.destinations}
    found = [_outlook(flow, limits, pool, left.get(flow.name)) for flow in flows_of(model, times)]
    still = [one.label for one in model.destinations if not one.rate_known]
    unknown = [f"{label}: its TIME_WAIT have no dates, so its rate cannot be told" for label in still]
    return Outlook(host=model.host, times=times, flows=_sorted(found), unknown=unknown)


def _outlook(flow: Flow, limits: Limits, pool: int, left_s: float | None = None) -> FlowOutlook:
    as_is = steady(flow, limits)
    full_in_s = left_s if as_is.binds == "ports" and left_s is not None else as_is.full_in_s
    trouble = as_is.binds is not None
    return FlowOutlook(
        steady=as_is, full_in_s=full_in_s, remedies=list(remedies(flow, limits, connections=pool)) if trouble else []
    )


def _sorted(found: list[FlowOutlook]) -> list[FlowOutlook]:
    """The first to be full first; then by rate."""
    return sorted(
        found,
        key=lambda one: (
            one.full_in_s is None,
            one.full_in_s or 0.0,
            -one.steady.flow.rate_per_s,
            one.steady.flow.name,
        ),
    )
