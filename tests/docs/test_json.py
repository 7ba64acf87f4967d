"""docs/reference/json.md names the keys that the commands print."""

import json
from typing import Any

import pytest
from docs.generate.documents import CENSUS, CENSUS_GROUP, CLAIM, CLAIMS, DOCTOR, SPAN, TRACE, TRACE_SUMMARY
from docs.scenes import SCENES

from lastack.model.compare import Comparison
from lastack.model.flow import Flow
from tests.docs.stage import staged


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The documents of these commands on a host with a finding."""
    with staged(SCENES["article"], tmp_path_factory.mktemp("json")) as run:
        run("lastack record --once --store host.db")
        commands = (
            "census --by state --top 1",
            "doctor --interval 0.1",
            "compare --store host.db now",
            "lab claims tcp_rfc1337",
        )
        found = {line.split()[0]: json.loads(run(f"lastack {line} --json")) for line in commands}
        span = run("lastack census --store host.db --between -1h now --json")
        return found | {"span": json.loads(span)}


def test_census_keys(printed: dict[str, Any]) -> None:
    """The census, its groups and its rest have the documented keys, in the documented order, and no others."""
    census = printed["census"]
    assert list(census) == list(CENSUS)
    assert [list(group) for group in census["groups"]] == [list(CENSUS_GROUP)]
    assert set(census["rest"]) == set(CENSUS_GROUP) - {"key"}


def test_doctor_keys(printed: dict[str, Any]) -> None:
    """The diagnosis has the documented keys, in the documented order, and no others."""
    assert list(printed["doctor"]) == list(DOCTOR)
    assert printed["doctor"]["findings"]


def test_span_keys(printed: dict[str, Any]) -> None:
    """A census over time has the documented keys, and so has each of its parts."""
    assert list(printed["span"]) == list(SPAN)
    assert all(list(state) == ["least", "mean", "most"] for state in printed["span"]["states"].values())
    assert all(list(part) == ["at_ms", "samples", "states"] for part in printed["span"]["stretches"])


def test_compare_keys(printed: dict[str, Any]) -> None:
    """A comparison has its schema first, and then the keys of the documented structure."""
    assert list(printed["compare"]) == ["schema", *Comparison.__struct_fields__]
    assert list(printed["compare"]["before"]["flow"]) == list(Flow.__struct_fields__)


def test_claims_keys(printed: dict[str, Any]) -> None:
    """The run and each claim have the documented keys, in the documented order, and no others."""
    assert list(printed["lab"]) == list(CLAIMS)
    assert {tuple(claim) for claim in printed["lab"]["claims"]} == {tuple(CLAIM)}


def test_trace_keys(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A connection and the summary have the documented keys, in the documented order, and no others."""
    with staged(SCENES["capture"], tmp_path_factory.mktemp("trace")) as run:
        each, summary = (
            json.loads(run(f"lastack trace --pcap web.pcap --json {option}").splitlines()[0])
            for option in ("", "--summary")
        )
    assert list(each) == list(TRACE)
    assert list(summary) == list(TRACE_SUMMARY)
