"""The kernel's counters have node_exporter's names and values, by what that project publishes of one host."""

from pathlib import Path

import pytest

from lastack.kernel.counters import read_counters
from lastack.kernel.sockstat import read_sockstat
from lastack.metrics.kernel_counters import KERNEL
from tests.metrics.reading import rows
from tests.model.samples import model

CASE = Path(__file__).parents[3] / "shared/cases/node_exporter"


def published() -> dict[str, float]:
    """Name to value, of the series without labels."""
    lines = (CASE / "expected_metrics.txt").read_text().splitlines()
    return {name: float(value) for name, _, value in (line.partition(" ") for line in lines) if "{" not in name}


@pytest.mark.skipif(not CASE.exists(), reason="the recorded host of node_exporter is not here")
def test_names_and_values_are_node_exporters() -> None:
    """Whatever both export of the same files is called the same and is the same."""
    root = str(CASE / "proc")
    host = model(counters=read_counters(root), sockstat=read_sockstat(root))
    expected, ours = published(), {family.name for family in KERNEL}
    both = sorted(name for name in ours & expected.keys() if "conntrack" not in name)
    assert len(both) > 12
    assert {name: rows(name, host) for name in both} == {name: {(): expected[name]} for name in both}


def test_counters_are_untyped_as_node_exporter_has_them() -> None:
    """A name with two types makes Prometheus warn."""
    kinds = {family.kind for family in KERNEL if family.name.startswith("node_netstat_")}
    assert kinds == {"unknown"}
