"""A recount: what can be read of a namespace without its TIME_WAIT rows, for a model that is a little older."""

from collections.abc import Mapping
from typing import NamedTuple

from msgspec.structs import replace

from lastack.model.model import Model
from lastack.model.time_wait import recounted
from lastack.model.totals import by_size

__all__ = ["Recount", "renewed"]


class Recount(NamedTuple):
    """Sockets per state and what the kernel counts by itself, all of one moment.

    Attributes:
        states: canonical name to sockets, those that listen included.
        exact: as in a sample.
        counters: as in a sample.
        sockstat: as in a sample.
    """

    states: Mapping[str, int]
    exact: bool
    counters: dict[str, dict[str, int]]
    sockstat: dict[str, dict[str, int]]


def renewed(model: Model, recount: Recount) -> Model:
    """The model with the numbers of a recount; all that tells sockets apart stays as it is."""
    states = {state: count for state, count in recount.states.items() if count}
    return replace(
        model,
        states=by_size(states),
        exact=recount.exact,
        time_wait=recounted(model.time_wait, states.get("TIME_WAIT", 0), recount.sockstat),
        counters=recount.counters,
        sockstat=recount.sockstat,
    )
