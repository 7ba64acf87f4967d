"""A workload like that of a real host: its rates, closers, destinations and settings, from a snapshot.

TIME_WAIT dates the closes of the last minute, and tells who opened each connection that this host closed first. Those
that their peers closed first leave no trace here, so the rates are lower bounds.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from lastack.errors import InputError
from lastack.lab.workloads.workload import Knobs, Workload
from lastack.model.census import TIME_WAIT_S
from lastack.model.model import Model
from lastack.model.sample import Sample

__all__ = ["like"]

_MOST_DESTINATIONS = 16
_SECONDS = 4.0


def like(sample: Sample, defaults: Mapping[str, str], base: Workload | None = None) -> Workload:
    """The workload.

    Args:
        sample: the snapshot.
        defaults: settings of a fresh lab: of the snapshot's, those that differ are taken over, where a lab has them.
        base: takes the rate and the settings, and keeps its own programs; None: client or server, as the host is.

    Raises:
        InputError: ``no-load-in-snapshot``.
    """
    model = Model.of(sample)
    inbound = model.time_wait.server_closed / TIME_WAIT_S
    outbound = [one for one in model.destinations if one.time_wait][:_MOST_DESTINATIONS]
    outgoing = sum(one.time_wait for one in outbound) / TIME_WAIT_S
    rate = max(inbound, outgoing)
    if not rate:
        raise InputError(
            "no-load-in-snapshot",
            "the snapshot has no TIME_WAIT, so it does not tell how many connections a second its host closed",
        )
    settings: dict[str, str | int] = {
        key: value for key, value in sample.settings.items() if defaults.get(key, value) != value
    }
    if base is not None:
        rated = replace(base.knobs, rate=rate, requests=round(rate * base.knobs.seconds))
        return replace(base, knobs=rated, settings={**base.settings, **settings})
    what = f"{rate:,.0f} connections a second, as in the snapshot of {sample.host or 'a host'}"
    if inbound >= outgoing:
        knobs = Knobs(closer="host", rate=rate, requests=round(rate * _SECONDS), seconds=2 * _SECONDS, peers=64)
        return Workload(about=f"A server that closes first: {what}.", kind="visitors", knobs=knobs, settings=settings)
    return Workload(
        about=f"A client of {len(outbound)} destinations, which closes first: {what}.",
        kind="visitors",
        knobs=Knobs(
            opener="host",
            closer="host",
            rate=rate,
            requests=round(rate * _SECONDS),
            seconds=2 * _SECONDS,
            destinations=len(outbound),
            shares=[one.time_wait / TIME_WAIT_S for one in outbound],
        ),
        settings=settings,
        headline=["connections_per_s"],
    )
