"""What a row of the table of metrics says."""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple, TypeVar

from lastack.doctor.diagnosis import Diagnosis
from lastack.model.model import Model

__all__ = ["MOST", "OTHER", "UNKNOWN", "Cost", "Detail", "Family", "Row", "Scene", "largest", "single"]

MOST = 32
OTHER = "other"
UNKNOWN = "unknown"

T = TypeVar("T")


class Cost(NamedTuple):
    """What it took to come by the model: wall time and CPU time, in seconds."""

    duration_s: float
    cpu_s: float


class Detail(NamedTuple):
    """How old that is which tells sockets apart, and what it took to come by it; in seconds."""

    age_s: float
    cost: Cost


class Scene(NamedTuple):
    """What metrics are made of.

    Attributes:
        model: what was found.
        diagnosis: what the doctor says of it.
        cost: of the look that the counts per state are of; None: not known.
        detail: where the rest is of an earlier look.
    """

    model: Model
    diagnosis: Diagnosis
    cost: Cost | None = None
    detail: Detail | None = None


class Row(NamedTuple):
    """One series: values of the family's labels, and the number."""

    labels: tuple[str, ...]
    value: float


class Family(NamedTuple):
    """One family.

    Attributes:
        name: as Prometheus has it.
        kind: ``gauge``; ``unknown``, which node_exporter calls its kernel counters; ``info``, always 1.
        help: one sentence.
        labels: their names.
        rows: its series.
    """

    name: str
    kind: Literal["gauge", "unknown", "info"]
    help: str
    labels: tuple[str, ...]
    rows: Callable[[Scene], Iterable[Row]]


def single(value: float | None) -> list[Row]:
    """The only series of a family without labels; none where the value is not known."""
    return [] if value is None else [Row((), value)]


def largest(items: Iterable[tuple[str, T]], add: Callable[[T, T], T]) -> Iterator[tuple[str, T]]:
    """The first ``MOST`` of them, and the sum of the rest as ``other``."""
    rest: T | None = None
    for at, (label, item) in enumerate(items):
        if at < MOST and label != OTHER:  # a program may be called so, and no two series may be
            yield label, item
        else:
            rest = item if rest is None else add(rest, item)
    if rest is not None:
        yield OTHER, rest
