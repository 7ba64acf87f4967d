"""The families of metrics, one row each: what a model says, as labels and values. No I/O.

Label sets are bounded, whatever happens on the host: states are those of TCP; of destinations, listeners and programs
the ``MOST`` largest have a series of their own, and the rest together one whose labels are ``other``. A program's label
is its name without the pid, which would make a new series at each restart.
"""

from collections.abc import Iterable, Iterator, Sequence

from lastack.metrics.family import UNKNOWN, Family, Row, Scene, single
from lastack.metrics.kernel_counters import KERNEL
from lastack.metrics.places import close_wait, of_destinations, of_listeners
from lastack.tcp.states import NAMES

__all__ = ["FAMILIES"]

_VALUE = 200  # characters: a list of reserved ports has no end


def _states(scene: Scene) -> Iterator[Row]:
    for name in NAMES:
        if name != "BOUND_INACTIVE":
            yield Row((name,), scene.model.states.get(name, 0))


def _closes(scene: Scene) -> Iterator[Row]:
    by_opener = {"passive": 0, "active": 0, None: 0}
    for group in scene.model.time_wait.groups:
        by_opener[group.role if group.role != "listener" else None] += sum(group.closes)
    for role, label in (("passive", "peer"), ("active", "here"), (None, UNKNOWN)):
        yield Row((label,), by_opener[role])


def _memory(scene: Scene) -> Iterator[Row]:
    yield Row(("least",), scene.model.time_wait.memory_low_bytes)
    yield Row(("most",), scene.model.time_wait.memory_high_bytes)


def _limit(scene: Scene) -> list[Row]:
    return single(scene.model.time_wait.limit)


def _ports(scene: Scene) -> list[Row]:
    return single(None if scene.model.ports is None else scene.model.ports.available)


def _findings(scene: Scene) -> Iterator[Row]:
    for one in scene.diagnosis.findings:
        yield Row((one.id, one.severity, one.confidence), 1)


def _checks(scene: Scene) -> Iterator[Row]:
    results: Sequence[tuple[str, Iterable[str]]] = (
        ("finding", (one.id for one in scene.diagnosis.findings)),
        ("healthy", (one.id for one in scene.diagnosis.healthy)),
        ("unknown", (one.id for one in scene.diagnosis.unknown)),
    )
    for result, ids in results:
        for slug in ids:
            yield Row((slug, result), 1)


def _host(scene: Scene) -> list[Row]:
    model = scene.model
    return [Row((model.kernel, model.netns, model.source), 1)]


def _settings(scene: Scene) -> Iterator[Row]:
    for key, text in scene.model.settings.items():
        if text.lstrip("-").isdecimal():
            yield Row((key,), int(text))


def _other_settings(scene: Scene) -> Iterator[Row]:
    for key, text in scene.model.settings.items():
        if not text.lstrip("-").isdecimal():
            yield Row((key, text[:_VALUE]), 1)


FAMILIES: tuple[Family, ...] = (
    Family("lastack_sockets", "gauge", "TCP sockets in a state.", ("state",), _states),
    Family(
        "lastack_closes_last_minute",
        "gauge",
        "Connections that this side closed first in the last 60 s and remembers, by who had opened them.",
        ("opened_by",),
        _closes,
    ),
    Family(
        "lastack_time_wait_mini_sockets",
        "gauge",
        "What counts against tcp_max_tw_buckets: TIME_WAIT, and FIN_WAIT2 that no process holds.",
        (),
        lambda scene: single(scene.model.time_wait.mini_sockets),
    ),
    Family("lastack_time_wait_limit", "gauge", "tcp_max_tw_buckets; negative: none.", (), _limit),
    Family(
        "lastack_time_wait_memory_bytes",
        "gauge",
        "What TIME_WAIT sockets occupy at least, and at most where each has a local port of its own.",
        ("bound",),
        _memory,
    ),
    Family(
        "lastack_listener_queue",
        "gauge",
        "Connections that wait for accept(), by address and port listened on.",
        ("listener",),
        of_listeners(lambda one: one.queue),
    ),
    Family(
        "lastack_listener_queue_capacity",
        "gauge",
        "How many fit: backlog + 1 of each listening socket.",
        ("listener",),
        of_listeners(lambda one: one.capacity),
    ),
    Family(
        "lastack_listener_queue_fill",
        "gauge",
        "The fullest queue of the listener's sockets over its capacity, 0 to 1.",
        ("listener",),
        of_listeners(lambda one: one.fill),
    ),
    Family(
        "lastack_listener_half_open",
        "gauge",
        "Requests in SYN_RECV, by address and port listened on.",
        ("listener",),
        of_listeners(lambda one: one.half_open),
    ),
    Family("lastack_ports_available", "gauge", "Local ports that each destination can have.", (), _ports),
    Family(
        "lastack_destination_ports_used",
        "gauge",
        "Local ports in use towards a destination (local > remote:port), TIME_WAIT included.",
        ("destination",),
        of_destinations(lambda one: one.used),
    ),
    Family(
        "lastack_destination_ports_time_wait",
        "gauge",
        "Of them, those in TIME_WAIT.",
        ("destination",),
        of_destinations(lambda one: one.time_wait),
    ),
    Family(
        "lastack_destination_ports_headroom",
        "gauge",
        "Local ports left towards a destination; of other, the least of any.",
        ("destination",),
        of_destinations(lambda one: one.headroom),
    ),
    Family(
        "lastack_destination_exhausted_in_seconds",
        "gauge",
        "When the last port goes at the present rates; absent where it does not come to that.",
        ("destination",),
        of_destinations(lambda one: one.exhausted_in_s),
    ),
    Family(
        "lastack_close_wait",
        "gauge",
        "Connections that the peer has closed and a program has not, by program.",
        ("process",),
        close_wait,
    ),
    Family(
        "lastack_finding_info",
        "info",
        "A finding of the doctor; `lastack explain` takes its id.",
        ("id", "severity", "confidence"),
        _findings,
    ),
    Family(
        "lastack_check_info", "info", "A rule of the doctor, and whether it found something.", ("id", "result"), _checks
    ),
    Family("lastack_host_info", "info", "What is looked at.", ("kernel", "netns", "source"), _host),
    Family("lastack_setting", "gauge", "A sysctl that holds one whole number.", ("key",), _settings),
    Family(
        "lastack_setting_info",
        "info",
        "A sysctl that holds something else, such as the two numbers of a port range.",
        ("key", "value"),
        _other_settings,
    ),
    Family(
        "lastack_exact",
        "gauge",
        "0 where sockets changed during every dump, so that some are missing or counted twice.",
        (),
        lambda scene: single(int(scene.model.exact)),
    ),
    Family(
        "lastack_scrape_duration_seconds",
        "gauge",
        "Time that it took to look at the kernel for this scrape.",
        (),
        lambda scene: single(scene.cost and scene.cost.duration_s),
    ),
    Family(
        "lastack_scrape_cpu_seconds",
        "gauge",
        "CPU time that it took.",
        (),
        lambda scene: single(scene.cost and scene.cost.cpu_s),
    ),
    Family(
        "lastack_detail_age_seconds",
        "gauge",
        "How old everything is but sockets per state and the kernel's counters: 0, or where there are very many "
        "sockets, more.",
        (),
        lambda scene: single(None if scene.cost is None else scene.detail.age_s if scene.detail else 0),
    ),
    Family(
        "lastack_detail_cpu_seconds",
        "gauge",
        "CPU time that it took to come by that.",
        (),
        lambda scene: single(scene.detail.cost.cpu_s if scene.detail else scene.cost and scene.cost.cpu_s),
    ),
    *KERNEL,
)
