"""Folding sockets into cohorts: a million sockets become a few hundred rows.

Two steps. Every socket loses the ephemeral one of its two ports, which tells nothing: it was drawn from a hat. If
there are still too many rows (clients from half a million addresses, say), the small ones lose their remote address
too, and at last everything but their state.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from msgspec import Struct, field

from lastack.model.census import SocketRow
from lastack.model.sample import Cohort

__all__ = [
    "CLOSED_HERE",
    "EPHEMERAL",
    "LIMIT",
    "LISTENING",
    "SERVICE",
    "CohortKey",
    "Counts",
    "Marks",
    "Roles",
    "key_of",
    "marks_of",
    "to_cohorts",
]

# Rows that a sample keeps. 2,000 rows of JSON are about 300 KB.
LIMIT = 2_000


LISTENING, SERVICE, EPHEMERAL = 1, 2, 3


class Roles:
    """Which end of a connection opened it, judged by the two ports.

    Args:
        listening: ports that someone listens on in this namespace. connect() never picks one of these.
        ephemeral: first and last port of ``ip_local_port_range``.
    """

    def __init__(self, listening: Iterable[int], ephemeral: tuple[int, int]) -> None:
        self._listening = frozenset(listening)
        self._low, self._high = ephemeral

    def kind(self, port: int) -> int:
        """LISTENING, SERVICE (outside the ephemeral range) or EPHEMERAL."""
        if port in self._listening:
            return LISTENING
        return EPHEMERAL if self._low <= port <= self._high else SERVICE

    def is_of_bind(self, port: int) -> bool:
        """Whether bind() draws this ephemeral port before connect() would.

        connect() tries the ports of the parity of the range's first port before the others (__inet_hash_connect,
        net/ipv4/inet_hashtables.c), bind() to port 0 the other way round (inet_csk_find_open_port,
        net/ipv4/inet_connection_sock.c).
        """
        return self._low <= port <= self._high and (port - self._low) % 2 == 1

    def is_passive(self, local_port: int, remote_port: int) -> bool:
        """Whether this side was connected to: its port is listened on, or was while only the peer's is ephemeral."""
        kind = self.kind(local_port)
        return kind == LISTENING or (kind == SERVICE and self.kind(remote_port) == EPHEMERAL)


# Without a process that holds them, sockets in these states were closed by theirs. Without one, an ESTABLISHED or
# CLOSE_WAIT one waits in an accept queue.
CLOSED_HERE = frozenset({"FIN_WAIT1", "FIN_WAIT2", "LAST_ACK", "CLOSING"})


class CohortKey(NamedTuple):
    """What the sockets of a cohort have in common; as ``Cohort`` has it. ``local_port`` or ``remote_port`` is None."""

    state: str
    family: int
    local: str | None = None
    local_port: int | None = None
    remote: str | None = None
    remote_port: int | None = None
    process: str | None = None
    uid: int | None = None
    cgroup: str | None = None
    orphan: bool = False

    def cohort(self, marks: "Marks") -> Cohort:
        """The cohort of sockets with these marks."""
        passive = self.local_port is not None
        active = self.remote_port is not None
        return Cohort(
            **self._asdict(),
            count=marks.count,
            role="passive" if passive else "active" if active else None,
            closes=dict(sorted(marks.closes.items())),
            retried=marks.retried,
            probed=marks.probed,
            kept_alive=marks.kept_alive,
            bind_parity=marks.bind_parity,
        )


class Marks(Struct):
    """How many sockets a cohort has, and what they differ in, summed up.

    Attributes:
        count: sockets.
        closes: those closed in the last minute, by whole seconds since, 0..59.
        retried: how many wait to send again what they have sent.
        probed: how many wait to probe a peer's window.
        kept_alive: how many wait to see whether the peer is alive.
        bind_parity: how many have a local port that bind() draws first.
    """

    count: int = 0
    closes: dict[int, int] = field(default_factory=dict)
    retried: int = 0
    probed: int = 0
    kept_alive: int = 0
    bind_parity: int = 0

    def add(self, other: "Marks") -> None:
        """Those of other sockets too."""
        self.count += other.count
        for age_s, count in other.closes.items():
            self.closes[age_s] = self.closes.get(age_s, 0) + count
        self.retried += other.retried
        self.probed += other.probed
        self.kept_alive += other.kept_alive
        self.bind_parity += other.bind_parity


def key_of(row: SocketRow, roles: Roles, *, held: bool) -> CohortKey:
    """The cohort of a socket, all of whose address is known; ``held``: a process has it open."""
    passive = roles.is_passive(row.local_port or 0, row.remote_port or 0)
    return CohortKey(
        state=row.state,
        family=row.family or 4,
        local=row.local,
        local_port=row.local_port if passive else None,
        remote=row.remote,
        remote_port=None if passive else row.remote_port,
        process=row.process,
        uid=row.uid if held else None,
        cgroup=row.cgroup,
        orphan=not held and row.state in CLOSED_HERE,
    )


def marks_of(row: SocketRow, roles: Roles) -> Marks:
    """The marks of a socket, all of whose address is known."""
    passive = roles.is_passive(row.local_port or 0, row.remote_port or 0)
    return Marks(
        count=1,
        closes={} if row.close_age_s is None else {row.close_age_s: 1},
        retried=int(row.timer == "retransmission"),
        probed=int(row.timer == "probe"),
        kept_alive=int(row.timer == "keepalive"),
        bind_parity=int(not passive and roles.is_of_bind(row.local_port or 0)),
    )


Counts = Mapping[CohortKey, Marks]

# What is given up, in this order, until the rows are few enough.
_FOLDS: tuple[Callable[[CohortKey], CohortKey], ...] = (
    lambda key: key._replace(remote=None) if key.local_port is not None else key,
    lambda key: key._replace(remote=None),
    lambda key: CohortKey(key.state, key.family, orphan=key.orphan, process=key.process),
    lambda key: CohortKey(key.state, key.family, orphan=key.orphan),
)


def to_cohorts(counts: Counts, limit: int = LIMIT) -> list[Cohort]:
    """The cohorts, largest first, at most ``limit`` and a row for each state, family and kind of holder.

    Args:
        counts: sockets by key.
        limit: how many rows to keep apart. The largest stay as they are.
    """
    for fold in _FOLDS:
        if len(counts) <= limit:
            break
        counts = _fold_small(counts, fold, limit // 2)
    return [key.cohort(counts[key]) for key in _ranked(counts)]


def _ranked(counts: Counts) -> list[CohortKey]:
    """Largest first; of equals, always in the same order."""

    def rank(key: CohortKey) -> tuple[object, ...]:
        state, family, local, local_port, remote, remote_port, process, uid, cgroup, orphan = key
        ends = local or "", local_port or 0, remote or "", remote_port or 0
        return -counts[key].count, state, family, *ends, process or "", -1 if uid is None else uid, cgroup or "", orphan

    return sorted(counts, key=rank)


def _fold_small(counts: Counts, fold: Callable[[CohortKey], CohortKey], keep: int) -> Counts:
    ranked = _ranked(counts)
    folded = {key: counts[key] for key in ranked[:keep]}
    rest: dict[CohortKey, Marks] = {}
    for key in ranked[keep:]:
        rest.setdefault(fold(key), Marks()).add(counts[key])
    for key, marks in rest.items():
        if key in folded:
            marks.add(folded[key])
        folded[key] = marks
    return folded
