"""The upstreams of a host: how many connections a second each gets, whoever closes them first."""

from typing import NamedTuple

from lastack.doctor.ephemeral_ports import strain
from lastack.model.census import TIME_WAIT_S
from lastack.model.destinations import Destination
from lastack.model.model import Model
from lastack.model.peer_closes import AtHome

__all__ = ["Upstream", "upstreams"]


class Upstream(NamedTuple):
    """One destination of this host's connections.

    Attributes:
        label: ``local > remote:port``.
        remote_port: the port connected to.
        here_per_s: connections a second that this end closes first, and has the TIME_WAIT of; 0 if not known.
        there_per_s: those that the other end does, as far as it is on this host; else 0.
        rate_known: whether the TIME_WAIT have dates.
        held: open now.
        time_wait: at this end.
        available: local ports that a destination can have; None: not known.
        strained: whether ``ephemeral-ports`` has raised the alarm.
        processes: ``name/pid`` of visible holders.
    """

    label: str
    remote_port: int
    here_per_s: float
    there_per_s: float
    rate_known: bool = True
    held: int = 0
    time_wait: int = 0
    available: int | None = None
    strained: bool = False
    processes: list[str] | tuple[str, ...] = ()

    @property
    def per_s(self) -> float:
        """Connections a second, whoever closes."""
        return self.here_per_s + self.there_per_s

    @property
    def life_s(self) -> float:
        """How long a connection lives on average: those open are rate times life (Little's law)."""
        return self.held / self.per_s if self.per_s else float("inf")

    @property
    def spent(self) -> float:
        """The share of the destination's ports that the present rate keeps in TIME_WAIT."""
        return self.here_per_s * TIME_WAIT_S / self.available if self.available else 0.0


def upstreams(model: Model) -> list[Upstream]:
    """Every destination that shows, the fullest first; then those that have nothing left but the other end's closes."""
    there = {one.label: one for one in model.peer_closes.at_home}
    shown = [_upstream(one, there.pop(one.label, None)) for one in model.destinations]
    return shown + [Upstream(one.label, one.remote_port, 0.0, one.closes_per_s) for one in there.values()]


def _upstream(one: Destination, there: AtHome | None) -> Upstream:
    return Upstream(
        one.label,
        one.remote_port,
        one.closes_per_s,
        0.0 if there is None else there.closes_per_s,
        one.rate_known,
        one.held,
        one.time_wait,
        one.available,
        strain(one) is not None,
        one.processes,
    )
