"""Sample: what was read from one network namespace at one moment; nothing in it is computed.

Sockets are kept as cohorts: sockets alike in everything but their ephemeral port are one row with a count, so a
million sockets make a few hundred rows. Where even that is too many, the smallest rows lose their remote address
(``remote`` is None: "many others"). ``lastack snapshot`` writes a Sample as JSON; ``docs/reference/snapshot.md``
describes the file.
"""

from typing import Literal

from msgspec import DecodeError, Struct, ValidationError, field, json

from lastack.errors import InputError

__all__ = [
    "SCHEMA",
    "Cohort",
    "Conntrack",
    "Listener",
    "OpenFiles",
    "Promise",
    "Role",
    "Sample",
    "Silence",
    "decode",
    "decode_series",
    "encode",
]

SCHEMA = "lastack.sample/1"

Role = Literal["listener", "active", "passive"]


class Cohort(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Sockets alike in everything but their ephemeral port.

    Attributes:
        state: canonical name.
        family: 4 or 6.
        count: sockets.
        role: ``passive``: this side was connected to; ``active``: this side connected; ``listener``.
        local: local address.
        local_port: None for an active opener, whose port is ephemeral.
        remote: None where small cohorts of many remote addresses were folded into one.
        remote_port: None for a passive opener, whose peer's port is ephemeral.
        process: ``name/pid`` of the holder with the lowest pid; None: not held, or not visible.
        uid: owner; None for time-wait sockets and requests, which have none.
        cgroup: path below the cgroup mount.
        orphan: no process holds it (closed by its process; for FIN_WAIT2 a time-wait mini-socket).
        closes: for TIME_WAIT: {seconds since the close, 0..59: sockets}.
        retried: of them, those whose last segment is being repeated for want of an answer: a SYN, SYN-ACK, FIN, data.
        probed: those whose peer has no room for more data and is asked again and again (zero window).
        kept_alive: those whose keepalive timer runs; one that has data on its way shows none.
        bind_parity: for an active opener: those whose local port is one that bind() draws before connect() does.
    """

    state: str
    family: int
    count: int
    role: Role | None = None
    local: str | None = None
    local_port: int | None = None
    remote: str | None = None
    remote_port: int | None = None
    process: str | None = None
    uid: int | None = None
    cgroup: str | None = None
    orphan: bool = False
    closes: dict[int, int] = field(default_factory=dict)
    retried: int = 0
    probed: int = 0
    kept_alive: int = 0
    bind_parity: int = 0


class Silence(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How long the peers of connections have been silent that wait for one side to close.

    Attributes:
        state: ``CLOSE_WAIT``, whose peer sent its FIN last, or ``FIN_WAIT2`` that a process holds.
        process: as in a cohort.
        uid: as in a cohort.
        seconds: {at least so many seconds, 0 or a power of two: sockets that were not silent for twice as long}.
    """

    state: str
    process: str | None = None
    uid: int | None = None
    seconds: dict[int, int] = field(default_factory=dict)


class Listener(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A listening socket.

    Attributes:
        family: 4 or 6.
        address: what it is bound to; ``0.0.0.0`` or ``::`` for any.
        port: its port.
        queue: connections that finished their handshake and wait for accept(); None: not visible.
        backlog: the queue's limit, as listen() got it, cut to somaxconn; the queue holds one more. None: as above.
        process: ``name/pid``; None: not visible.
        uid: owner.
        cgroup: path below the cgroup mount.
        drops: SYNs and connections that were lost at this socket since it was made; None: not visible.
    """

    family: int
    address: str
    port: int
    queue: int | None
    backlog: int | None
    process: str | None = None
    uid: int | None = None
    cgroup: str | None = None
    drops: int | None = None


class Conntrack(Struct, frozen=True, kw_only=True):
    """nf_conntrack's table, where it is loaded and visible: entries of this namespace, limit of the machine."""

    count: int
    max: int


class OpenFiles(Struct, frozen=True, kw_only=True):
    """A process that holds sockets here, and its files.

    Attributes:
        process: ``name/pid``.
        open: files that it has open, sockets among them.
        limit: RLIMIT_NOFILE's soft limit: how many it may.
    """

    process: str
    open: int
    limit: int


class Promise(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the sysctl files that are read at boot set a key to.

    Attributes:
        key: dotted name.
        value: as it stands in the file.
        live: what the kernel prints now; None: it has no such key here.
        file: of the line that wins.
        line: its number.
    """

    key: str
    value: str
    live: str | None = None
    file: str
    line: int


class Sample(Struct, frozen=True, omit_defaults=True, kw_only=True, tag_field="schema", tag=SCHEMA):
    """What was read from one network namespace at one moment. In JSON, ``schema`` is ``lastack.sample/1``.

    Attributes:
        taken_at: RFC 3339, UTC.
        uptime_s: seconds since boot (CLOCK_BOOTTIME): the clock that rates are made with.
        host: the host's name.
        kernel: release, as ``uname -r``.
        boot_id: /proc/sys/kernel/random/boot_id; counters of different boots do not compare.
        netns: ``net:[inode]``.
        netns_name: the name that it was asked for by, if any.
        source: ``sock_diag`` or ``proc``.
        exact: False where the dump was interrupted more often than it was repeated.
        cohorts: the sockets. Listeners are not among them.
        has_timers: whether cohorts tell of retransmissions, probes and keepalive.
        silences: of CLOSE_WAIT and FIN_WAIT2, by holder; None: not visible, or too few to look at.
        listeners: the listening sockets.
        opened_ports: distinct local ports of the connections that were opened here; None: not counted.
        bound_ports: ports held by bind() with no connection; None: not visible (before Linux 6.8), or not asked for, as
            with 10,000 connections on a port that would hold up others.
        counters: ``{"TcpExt": {...}, "IpExt": {...}, "Tcp": {...}, "Conntrack": {...}}``, cumulative since the
            namespace began.
        sockstat: ``{"TCP": {"inuse": .., "orphan": .., "tw": .., "alloc": .., "mem": ..}, ...}``.
        memory_pressure: whether the kernel says that TCP's memory is scarce on the machine; None: not visible.
        settings: sysctl name to value as the kernel prints it; only those that this kernel has here.
        conntrack: None: not loaded or not visible.
        files: open files of the processes that hold most of the sockets, the fullest first; None: not visible.
        promises: what the host's sysctl files set of the settings in question; None: not read.
        unseen: what could not be read, to the reason: ``{"processes": "needs root", ...}``.
    """

    taken_at: str
    uptime_s: float
    host: str = ""
    kernel: str
    boot_id: str | None = None
    netns: str
    netns_name: str | None = None
    source: Literal["sock_diag", "proc"]
    exact: bool = True
    cohorts: list[Cohort]
    has_timers: bool = False
    silences: list[Silence] | None = None
    listeners: list[Listener]
    opened_ports: int | None = None
    bound_ports: list[int] | None = None
    counters: dict[str, dict[str, int]] = field(default_factory=dict)
    sockstat: dict[str, dict[str, int]] = field(default_factory=dict)
    memory_pressure: bool | None = None
    settings: dict[str, str] = field(default_factory=dict)
    conntrack: Conntrack | None = None
    files: list[OpenFiles] | None = None
    promises: list[Promise] | None = None
    unseen: dict[str, str] = field(default_factory=dict)


def encode(sample: Sample) -> bytes:
    """The sample as a snapshot file: one line of JSON."""
    return json.encode(sample) + b"\n"


def decode(document: bytes, name: str) -> Sample:
    """The sample in a snapshot file; keys that we do not know are passed over, so that newer files can be read.

    Args:
        document: the whole file.
        name: its name in errors.

    Raises:
        InputError: ``not-a-snapshot``; names the place in the document and what was expected there.
    """
    try:
        return json.decode(document, type=Sample)
    except (DecodeError, ValidationError) as error:
        raise InputError("not-a-snapshot", f"{name} is no snapshot: {error}", f"expected {SCHEMA}") from error


def decode_series(document: bytes, name: str) -> list[Sample]:
    """The samples of a file that has one on each line, at least one; or of a file that is one, however it is laid out.

    Raises:
        InputError: ``not-a-snapshot``; names the line, the place in it and what was expected there.
    """
    lines = [(number, line) for number, line in enumerate(document.splitlines(), 1) if line.strip()]
    if len(lines) < 2 or not all(line.startswith(b"{") and line.rstrip().endswith(b"}") for _, line in lines[:2]):
        return [decode(document, name)]
    return [decode(line, f"{name}, line {number},") for number, line in lines]
