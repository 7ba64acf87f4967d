"""What is measured of a run: a number a row, with the words for it."""

from collections.abc import Mapping
from typing import NamedTuple

from lastack.lab.experiment.observer import Seen
from lastack.lab.workloads.outcome import Outcome

__all__ = ["Measure", "counted", "described", "measure_of", "values_of"]


class Measure(NamedTuple):
    """How a metric is spoken of.

    Attributes:
        noun: what there are more or fewer of, or what is longer or shorter.
        comparative: the words for above and below.
        resolution: the least difference that its way of counting can tell.
    """

    noun: str
    comparative: tuple[str, str] = ("more", "fewer")
    resolution: float = 1.0


_LONGER = ("longer", "shorter")
_MEASURES = {
    "connections_per_s": Measure("connections a second{towards}", resolution=0.1),
    "answered_per_s": Measure("answered requests a second{towards}", resolution=0.1),
    "answered": Measure("answered requests"),
    "failed": Measure("failed requests"),
    "connect_median_us": Measure("median connect latency", _LONGER, resolution=5.0),
    "connect_p99_us": Measure("99th percentile of connect latency", _LONGER, resolution=5.0),
    "request_median_us": Measure("median latency of a request", _LONGER, resolution=5.0),
    "request_p99_us": Measure("99th percentile of the latency of a request", _LONGER, resolution=5.0),
    "resets": Measure("resets sent to peers"),
    "resets_of_peer": Measure("resets sent by peers"),
    "lost": Measure("lost connections"),
    "unnoticed": Measure("dead connections that the host takes for open"),
    "ports_in_use": Measure("local ports in use to the fullest destination"),
    "memory_bytes": Measure("bytes of kernel memory in sockets", resolution=4096.0),
    "bytes_per_socket": Measure("bytes of kernel memory a socket", resolution=16.0),
}
_COUNTERS = {
    "counter.TcpExt.TCPTimeWaitOverflow": Measure("closes without TIME_WAIT"),
    "counter.TcpExt.SyncookiesSent": Measure("SYN cookies sent"),
    "counter.TcpExt.TWRecycled": Measure("ports taken over from TIME_WAIT"),
}
_PREFIXES = {
    "end": Measure("{name} at the end"),
    "peak": Measure("{name} at the peak"),
    "failed": Measure("{name} failures"),
    "counter": Measure("{name}"),
}


def measure_of(name: str, towards: str = "") -> Measure:
    """The words for a metric; ``towards`` follows "connections a second"."""
    prefix, dot, rest = name.partition(".")
    measure = _COUNTERS.get(name) or (_PREFIXES[prefix] if dot else _MEASURES[name])
    return measure._replace(noun=measure.noun.format(name=rest, towards=towards))


def described() -> dict[str, str]:
    """Every metric, with ``NAME`` for a state, an errno or a counter, and what it is."""
    named = {f"{prefix}.NAME": measure.noun.format(name="NAME") for prefix, measure in _PREFIXES.items()}
    named["counter.NAME"] = "change of a lifecycle counter of the host, such as TcpExt.TWRecycled"
    return {name: measure.noun.format(towards="") for name, measure in _MEASURES.items()} | named


def counted(name: str) -> bool:
    """Whether a run without this metric had none of it, rather than no way to tell."""
    return "." in name


def values_of(outcome: Outcome, seen: Seen, peer_resets: int) -> dict[str, float]:
    """Every metric of a run that there is; ``peer_resets``: what the peers' kernels sent."""
    numbers: dict[str, float | None] = {
        "connections_per_s": outcome.opened / outcome.seconds,
        "answered_per_s": outcome.answered / outcome.seconds,
        "answered": outcome.answered,
        "failed": sum(outcome.failed.values()),
        "connect_median_us": outcome.connect_us.get("median"),
        "connect_p99_us": outcome.connect_us.get("p99"),
        "request_median_us": outcome.request_us.get("median"),
        "request_p99_us": outcome.request_us.get("p99"),
        "resets": seen.counters.get("Tcp.OutRsts"),
        "resets_of_peer": peer_resets,
        "lost": outcome.lost,
        "unnoticed": outcome.unnoticed,
        "ports_in_use": seen.ports_in_use,
        "memory_bytes": seen.memory_bytes,
        "bytes_per_socket": seen.bytes_per_socket,
        **_named("failed", outcome.failed),
        **_named("end", seen.end),
        **_named("peak", seen.peak),
        **_named("counter", seen.counters),
    }
    return {name: float(number) for name, number in numbers.items() if number is not None}


def _named(prefix: str, numbers: Mapping[str, float]) -> dict[str, float]:
    return {f"{prefix}.{name}": number for name, number in numbers.items()}
