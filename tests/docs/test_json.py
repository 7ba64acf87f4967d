"""docs/reference/json.md names the keys that the commands print."""

import json
from typing import Any

import pytest
from docs.generate.documents import CENSUS, CENSUS_GROUP, DOCTOR, TRACE, TRACE_SUMMARY
from docs.scenes import SCENES

from tests.docs.stage import staged


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The documents of both commands on a host with a finding."""
    with staged(SCENES["article"], tmp_path_factory.mktemp("json")) as run:
        commands = ("census --by state --top 1", "doctor --interval 0.1")
        return {line.split()[0]: json.loads(run(f"lastack {line} --json")) for line in commands}


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


def test_trace_keys(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A connection and the summary have the documented keys, in the documented order, and no others."""
    with staged(SCENES["capture"], tmp_path_factory.mktemp("trace")) as run:
        each, summary = (
            json.loads(run(f"lastack trace --pcap web.pcap --json {option}").splitlines()[0])
            for option in ("", "--summary")
        )
    assert list(each) == list(TRACE)
    assert list(summary) == list(TRACE_SUMMARY)
