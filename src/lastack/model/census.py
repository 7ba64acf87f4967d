"""Counting: socket rows in, sockets per state out, whole or by group.

Every source takes this road. A live dump hands over each distinct row once, with how often it was seen; a saved
``netstat`` hands over one row a line. The close timeline comes from TIME_WAIT timers: Linux keeps TIME_WAIT for
60 s (TCP_TIMEWAIT_LEN, include/net/tcp.h), so the time left on a timer dates the close.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

__all__ = ["DIMENSIONS", "TIME_WAIT_S", "Census", "Group", "SocketRow", "Tally", "Timer", "age_of_close", "endpoint"]

# What a socket waits for: an answer to a segment that it has repeated, room at its peer, the next keepalive probe.
Timer = Literal["retransmission", "probe", "keepalive"]

TIME_WAIT_S = 60


class SocketRow(NamedTuple):
    """One socket, as far as its source knows it. What a source does not know is None.

    Attributes:
        state: canonical name (``lastack.tcp.states``), or the source's own word where nobody knows it; ``UNKNOWN``
            where the source does not say.
        family: 4 or 6. An IPv4 connection on an IPv6 socket is 6, with ``::ffff:`` addresses, as ``ss`` has it.
        local: local address without brackets or zone; ``*`` only where the source wrote it.
        local_port: 0..65535; None where the source folded it away.
        remote: as ``local``.
        remote_port: as ``local_port``.
        process: ``name/pid``; a time-wait socket has none.
        uid: owner of the socket.
        cgroup: path below the cgroup mount.
        netns: the namespace's name, or ``net:[inode]``.
        close_age_s: for TIME_WAIT whose timer is known, whole seconds since its close, 0..59.
        timer: what else it waits for.
    """

    state: str
    family: int | None = None
    local: str | None = None
    local_port: int | None = None
    remote: str | None = None
    remote_port: int | None = None
    process: str | None = None
    uid: int | None = None
    cgroup: str | None = None
    netns: str | None = None
    close_age_s: int | None = None
    timer: Timer | None = None


def endpoint(address: str | None, port: int | None) -> str:
    """``address:port`` as people write it, IPv6 in brackets, ``*`` for what is unknown or any."""
    host = "*" if address is None else address
    return f"{f'[{host}]' if ':' in host else host}:{'*' if port is None else port}"


def _destination(row: SocketRow) -> str | None:
    if row.remote_port in {None, 0}:
        return None
    return f"{row.local or '*'} > {endpoint(row.remote, row.remote_port)}"


# What census --by takes: each dimension with how a row says it. None: this row has no such thing.
DIMENSIONS: dict[str, Callable[[SocketRow], str | None]] = {
    "state": lambda row: row.state,
    "family": lambda row: f"IPv{row.family}" if row.family else None,
    "local-port": lambda row: None if row.local_port is None else str(row.local_port),
    "remote": lambda row: row.remote,
    "remote-port": lambda row: str(row.remote_port) if row.remote_port else None,
    "destination": _destination,
    "process": lambda row: row.process,
    "uid": lambda row: None if row.uid is None else str(row.uid),
    "cgroup": lambda row: row.cgroup,
    "netns": lambda row: row.netns,
}


def age_of_close(left_ms: int) -> int | None:
    """Whole seconds since the close of a TIME_WAIT socket with so many milliseconds left; None if over a minute.

    >>> age_of_close(60_000), age_of_close(58_999), age_of_close(1), age_of_close(0)
    (0, 1, 59, None)
    """
    age = (TIME_WAIT_S * 1000 - left_ms) // 1000
    return max(age, 0) if age < TIME_WAIT_S else None


class Group:
    """Sockets that share a key.

    Attributes:
        key: one label a dimension; None where the sockets have no such thing.
        states: sockets per state.
        closes: TIME_WAIT entries a second over the last 60 s, newest last.
    """

    __slots__ = ("closes", "key", "states")

    def __init__(self, key: tuple[str | None, ...]) -> None:
        self.key = key
        self.states: dict[str, int] = {}
        self.closes = [0] * TIME_WAIT_S

    @property
    def total(self) -> int:
        """Sockets in the group."""
        return sum(self.states.values())

    def add(self, state: str, count: int, close_age_s: int | None) -> None:
        """Count sockets; ``close_age_s`` in seconds, 0..59, dates the close of TIME_WAIT ones."""
        self.states[state] = self.states.get(state, 0) + count
        if close_age_s is not None:
            self.closes[TIME_WAIT_S - 1 - close_age_s] += count

    def absorb(self, other: "Group") -> None:
        """Add the sockets of another group."""
        for state, count in other.states.items():
            self.states[state] = self.states.get(state, 0) + count
        self.closes = [ours + theirs for ours, theirs in zip(self.closes, other.closes, strict=True)]


class Census(NamedTuple):
    """Sockets per state at one moment.

    Attributes:
        whole: all of them.
        by: the dimensions of ``groups``.
        groups: largest first, equal ones by key.
        rest: the sockets of all groups that are not listed; None where all are.
        has_timers: whether the source shows TIME_WAIT timers; if not, ``closes`` say nothing.
    """

    whole: Group
    by: tuple[str, ...]
    groups: list[Group]
    rest: Group | None
    has_timers: bool


class Tally:
    """Adds rows up into a Census.

    Args:
        by: names of ``DIMENSIONS``.
        most: how many groups the census lists; 0: all.
    """

    def __init__(self, by: tuple[str, ...] = (), most: int = 0) -> None:
        self.by = by
        self.most = most
        self._whole = Group(())
        self._rest = Group(())
        self._groups: dict[tuple[str | None, ...], Group] = {}
        self._labels = [DIMENSIONS[dimension] for dimension in by]
        self._has_timers = False

    def add(self, row: SocketRow, count: int = 1) -> None:
        """Count a row that was seen ``count`` times."""
        self._add_whole(row.state, count, row.close_age_s)
        if self._labels:
            key = tuple([label(row) for label in self._labels])
            group = self._groups.get(key)
            if group is None:
                group = self._groups[key] = Group(key)
            group.add(row.state, count, row.close_age_s)

    def add_rest(self, state: str, count: int, close_age_s: int | None) -> None:
        """Count sockets of groups that are too small to be listed."""
        self._add_whole(state, count, close_age_s)
        self._rest.add(state, count, close_age_s)

    def _add_whole(self, state: str, count: int, close_age_s: int | None) -> None:
        self._has_timers |= close_age_s is not None
        self._whole.add(state, count, close_age_s)

    def census(self, *, has_timers: bool = False) -> Census:
        """The result so far; ``has_timers``: the source would have shown a timer, had there been any TIME_WAIT."""
        groups = sorted(self._groups.values(), key=lambda group: (-group.total, tuple(map(str, group.key))))
        listed = groups[: self.most] if self.most else groups
        rest = Group(())
        for group in [self._rest, *groups[len(listed) :]]:
            rest.absorb(group)
        return Census(self._whole, self.by, listed, rest if rest.states else None, has_timers or self._has_timers)
