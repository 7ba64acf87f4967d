"""Metrics in the text that Prometheus reads, by prometheus_client."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric, UnknownMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry

from lastack.doctor.diagnosis import Diagnosis, diagnose
from lastack.metrics.families import FAMILIES
from lastack.metrics.family import Cost, Detail, Scene
from lastack.model.model import Model

__all__ = ["ModelCollector", "render"]


class ModelCollector(Collector):
    """The families of one model, for a registry of one's own."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def collect(self) -> Iterator[Metric]:
        """Each family that has a series."""
        for family in FAMILIES:
            kind = UnknownMetricFamily if family.kind == "unknown" else GaugeMetricFamily
            metric = kind(family.name, family.help, labels=family.labels)
            for row in family.rows(self._scene):
                metric.add_metric(row.labels, row.value)
            if metric.samples:
                yield metric


def render(
    model: Model,
    diagnosis: Diagnosis | None = None,
    *,
    cost: Cost | None = None,
    detail: Detail | None = None,
    accept: str = "",
) -> tuple[bytes, str]:
    """The exposition of a model, and its content type.

    Args:
        model: what was found.
        diagnosis: what the doctor says of it; made here where it is not at hand.
        cost: what it took to come by the model, or by the recount that it was renewed with.
        detail: of the model before that.
        accept: the request's Accept header: Prometheus asks for OpenMetrics by it, others get the older text.

    Raises:
        InputError: ``malformed-setting``.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(ModelCollector(Scene(model, diagnosis or diagnose(model), cost, detail)))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type
