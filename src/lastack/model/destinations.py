"""What each destination of this host's own connections uses, and how long its ports last."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec import Struct

from lastack.model.address import unmapped
from lastack.model.census import TIME_WAIT_S, endpoint
from lastack.model.ports import Load, PortPool, blocked, seconds_to_exhaustion
from lastack.model.reuse import Reuse, tw_reuse
from lastack.model.sample import Cohort
from lastack.model.totals import by_state, grouped, holders, timeline, total

__all__ = ["RATE_WINDOW_S", "Destination", "Outlook", "destinations", "folded"]

# Long enough to even out bursts, short enough to be the present.
RATE_WINDOW_S = 10

Key = tuple[str, str, int]


class Outlook(Struct, frozen=True, kw_only=True):
    """How a destination stands, under one assumption about ``tcp_tw_reuse``.

    Attributes:
        blocked: ports that a new connection cannot have now.
        headroom: ports that it can.
        exhausted_in_s: seconds until none is left at the present rates; 0: none is; None: it does not come to that,
            or the rates are not known (``Destination.rate_known``).
    """

    blocked: int
    headroom: int
    exhausted_in_s: int | None


class Destination(Struct, frozen=True, kw_only=True):
    """The connections that this host opened to one (local, remote, remote port).

    Attributes:
        local: local address; IPv4 on an IPv6 socket is written as IPv4.
        remote: as ``local``.
        remote_port: the port connected to.
        states: sockets per state.
        processes: ``name/pid`` of the holders that are visible, most connections first.
        held: ports used by anything but TIME_WAIT.
        syns_retried: SYN_SENT whose SYN has been sent again.
        time_wait: ports in TIME_WAIT.
        bind_parity: ports that bind() draws before connect() does.
        closes: TIME_WAIT entries a second over the last 60 s, newest last.
        rate_known: whether the TIME_WAIT sockets have dates.
        closes_per_s: TIME_WAIT entries a second, mean of the last 10 s; where reuse is certain, of its delay, since
            taken-over sockets leave no trace.
        growth_per_s: by how much ``held`` grew a second; None without an earlier sample.
        opens_per_s: new connections a second, at least: closes plus growth. Connections that the peer closed first
            leave no trace.
        reuse: whether ports in TIME_WAIT can be taken over.
        available: ports a destination can have; None: the port range is not visible, and there is no outlook.
        outlook: without reuse, or with it where it is certain.
        outlook_if_reused: with reuse, where that hangs on the peer's timestamps.
    """

    local: str
    remote: str
    remote_port: int
    states: dict[str, int]
    processes: list[str]
    held: int
    syns_retried: int
    time_wait: int
    bind_parity: int
    closes: list[int]
    rate_known: bool
    closes_per_s: float
    growth_per_s: float | None
    opens_per_s: float
    reuse: Reuse
    available: int | None
    outlook: Outlook | None
    outlook_if_reused: Outlook | None

    @property
    def in_use(self) -> int:
        """Ports in use, TIME_WAIT included."""
        return self.held + self.time_wait

    @property
    def label(self) -> str:
        """``local > remote:port``, as ``census --by destination`` has it."""
        return f"{self.local} > {endpoint(self.remote, self.remote_port)}"


def destinations(
    cohorts: Iterable[Cohort],
    previous: Iterable[Cohort] | None,
    interval_s: float,
    *,
    ports: PortPool | None,
    settings: Mapping[str, str],
) -> list[Destination]:
    """Every destination of connections opened here, the fullest first.

    Args:
        cohorts: all sockets of the sample.
        previous: those of an earlier sample that compares, or None.
        interval_s: seconds between the two; unused without ``previous``.
        ports: None where the port range is not visible.
        settings: sysctls of the sample.
    """
    before = None if previous is None else grouped(previous, _key)
    found = []
    for key, members in grouped(cohorts, _key).items():
        growth = None if before is None else (_held(members) - _held(before.get(key, ()))) / interval_s
        found.append(_destination(key, members, growth, ports, tw_reuse(settings, key[0], key[1])))
    return sorted(found, key=lambda one: (-one.in_use, one.label))


def folded(cohorts: Iterable[Cohort]) -> int:
    """Sockets opened here whose destination the sample folded away because few shared it."""
    return total(cohort for cohort in cohorts if cohort.role == "active" and _key(cohort) is None)


def _key(cohort: Cohort) -> Key | None:
    if cohort.role != "active" or cohort.local is None or cohort.remote is None or cohort.remote_port is None:
        return None
    return unmapped(cohort.local), unmapped(cohort.remote), cohort.remote_port


def _held(cohorts: Iterable[Cohort]) -> int:
    return total(cohort for cohort in cohorts if cohort.state != "TIME_WAIT")


def _destination(
    key: Key, cohorts: list[Cohort], growth: float | None, ports: PortPool | None, reuse: Reuse
) -> Destination:
    states = by_state(cohorts)
    use = _Use(_held(cohorts), states.get("TIME_WAIT", 0), timeline(cohorts), growth)
    certain = reuse.delay_s if reuse.kind == "certain" else None
    possible = reuse.delay_s if reuse.kind == "if-peer-has-timestamps" else None
    rate = use.rate(certain)
    return Destination(
        local=key[0],
        remote=key[1],
        remote_port=key[2],
        states=states,
        processes=list(holders(cohorts)),
        held=use.held,
        syns_retried=sum(cohort.retried for cohort in cohorts if cohort.state == "SYN_SENT"),
        time_wait=use.time_wait,
        bind_parity=sum(cohort.bind_parity for cohort in cohorts),
        closes=use.closes,
        rate_known=use.dated,
        closes_per_s=rate,
        growth_per_s=growth,
        opens_per_s=max(rate + (growth or 0.0), 0.0),
        reuse=reuse,
        available=None if ports is None else ports.available,
        outlook=None if ports is None else use.outlook(ports.available, certain),
        outlook_if_reused=None if ports is None or possible is None else use.outlook(ports.available, possible),
    )


class _Use(NamedTuple):
    """What uses the ports of a destination. ``delay_s``: age of a reusable TIME_WAIT, None where it is not."""

    held: int
    time_wait: int
    closes: list[int]
    growth: float | None

    @property
    def dated(self) -> bool:
        return self.time_wait == 0 or any(self.closes)

    def rate(self, delay_s: float | None) -> float:
        """Closes a second, over a window in which no port was taken over yet."""
        window = RATE_WINDOW_S if delay_s is None else min(max(int(delay_s), 1), RATE_WINDOW_S)
        return sum(self.closes[-window:]) / window

    def outlook(self, available: int, delay_s: float | None) -> Outlook:
        hold_s = TIME_WAIT_S if delay_s is None else delay_s
        waiting = self.time_wait if delay_s is None or not self.dated else round(blocked(self.closes, hold_s))
        used = self.held + waiting
        return Outlook(
            blocked=used,
            headroom=max(available - used, 0),
            exhausted_in_s=0 if used >= available else self._exhausted_in_s(available, delay_s, hold_s),
        )

    def _exhausted_in_s(self, available: int, delay_s: float | None, hold_s: float) -> int | None:
        if not self.dated:
            return None
        load = Load(self.held, self.closes, self.rate(delay_s), self.growth or 0.0, hold_s)
        return seconds_to_exhaustion(available, load)
