"""Reading an exposition with prometheus_client's own parser, as Prometheus would."""

from prometheus_client.parser import text_string_to_metric_families

from lastack.doctor.diagnosis import diagnose
from lastack.metrics.families import FAMILIES
from lastack.metrics.family import Cost, Family, Row, Scene
from lastack.model.model import Model

__all__ = ["read", "rows"]


def read(exposition: bytes) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Name and labels of each series to its value; a series that is there twice is an error."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    for metric in text_string_to_metric_families(exposition.decode()):
        for sample in metric.samples:
            key = sample.name, tuple(sorted(sample.labels.items()))
            assert key not in found, key
            found[key] = sample.value
    return found


def rows(name: str, model: Model, cost: Cost | None = None) -> dict[tuple[str, ...], float]:
    """The series of one family, by their labels; none may be there twice."""
    family: Family = next(one for one in FAMILIES if one.name == name)
    found: list[Row] = list(family.rows(Scene(model, diagnose(model), cost)))
    assert len({row.labels for row in found}) == len(found)
    assert all(len(row.labels) == len(family.labels) for row in found)
    return {row.labels: row.value for row in found}
