"""docs/reference/json.md names the schemas and the keys that the commands print."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from docs.generate.documents import DOCUMENTS, page
from docs.generate.printed.census import CENSUS, CENSUS_GROUP, SPAN
from docs.generate.printed.changes import PREVIEWED, SETTING
from docs.generate.printed.doctor import DOCTOR
from docs.generate.printed.lab import CLAIM, CLAIMS, CLAIMS_LIST, LISTED
from docs.generate.printed.rollout import IN_THE_FILE
from docs.generate.printed.settings import EXPLAIN, LINE, LINT, SECTION, SYSTEM, TOPIC, WINNER
from docs.generate.printed.trace import TRACE, TRACE_END, TRACE_SUMMARY
from docs.scenes import SCENES, Scene
from docs.sessions import ROOT

from lastack.lab import Lab, Load
from tests.cli.running import lastack
from tests.docs.keys import deviations, tables_of
from tests.docs.stage import staged
from tests.fleet.inventory import plan_of, write_inventory

FIN = "net.ipv4.tcp_fin_timeout"
TABLES = tables_of(page())


def _assert_as_the_page_says(document: dict[str, Any], at: str) -> None:
    """Keys and types, down into the parts that have a table of their own."""
    assert list(deviations(TABLES, document, at)) == []


def _schemas() -> set[str]:
    """Whole strings of the source that are the name of a schema."""
    trees = (ast.parse(path.read_text("utf-8")) for path in (ROOT / "src").rglob("*.py"))
    strings = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {text for text in strings if isinstance(text, str) and re.fullmatch(r"lastack\.[a-z-]+/\d+", text)}


def test_every_schema_has_its_section() -> None:
    """Those of the source are those of the page, and each is named by its table, or by the page that it has."""
    assert {one.schema for one in DOCUMENTS} == _schemas()
    assert len(DOCUMENTS) == len(_schemas())
    for one in DOCUMENTS:
        assert one.title == "snapshot" or f"`{one.schema}`" in one.parts[0].splitlines()[2]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The documents of these commands on a host with a finding."""
    with staged(SCENES["article"], tmp_path_factory.mktemp("json")) as run:
        run("lastack record --once --store host.db")
        commands = (
            "census --by state --top 1",
            "doctor --interval 0.1",
            "compare --store host.db now",
            "forecast --times 100",
            "plan",
            "lab claims tcp_rfc1337",
        )
        found = {line.split()[0]: json.loads(run(f"lastack {line} --json 2>/dev/null")) for line in commands}
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
    for key, at in (("findings", "finding"), ("healthy", "healthy"), ("unknown", "unknown")):
        for one in printed["doctor"][key]:
            _assert_as_the_page_says(one, at)


def test_span_keys(printed: dict[str, Any]) -> None:
    """A census over time has the documented keys, and so has each of its parts."""
    assert list(printed["span"]) == list(SPAN)
    assert all(list(state) == ["least", "mean", "most"] for state in printed["span"]["states"].values())
    assert all(list(part) == ["at_ms", "samples", "states"] for part in printed["span"]["stretches"])


def test_compare_keys(printed: dict[str, Any]) -> None:
    """A comparison, its sides and what changed."""
    _assert_as_the_page_says(printed["compare"], "compare")
    assert printed["compare"]["states"]


def test_forecast_keys(printed: dict[str, Any]) -> None:
    """Of a host, of a load with what would help, and of a day behind a NAT."""
    described = json.loads(lastack("forecast", "--rate", "840", "--hold", "20ms", "--json").stdout)
    assert described["flows"][0]["remedies"]
    _assert_as_the_page_says(described, "forecast")
    _assert_as_the_page_says(printed["forecast"], "forecast")
    nat = json.loads(lastack("forecast", "--hosts", "9", "--rate", "0.1", "--json").stdout)
    _assert_as_the_page_says(nat, "forecast-of-a-nat")


def test_plan_keys(printed: dict[str, Any]) -> None:
    """Of findings, and of wishes with one that is left out."""
    assert printed["plan"]["step"]
    _assert_as_the_page_says(printed["plan"], "plan")
    wishes = json.loads(lastack("plan", "--set", f"{FIN}=17", "--set", "net.ipv4.tcp_no_such=1", "--json").stdout)
    assert wishes["step"]
    assert wishes["left_out"]
    _assert_as_the_page_says(wishes, "plan")


def test_change_keys(tmp_path: Path) -> None:
    """A change that waits, that is confirmed and kept over reboots, and that is undone; in the journal as before."""
    with staged(Scene("a host that is changed", own=("/var/lib", "/etc/sysctl.d")), tmp_path) as run:
        run(f"lastack plan --set {FIN}=30 -o plan.toml")
        lines = (
            "apply plan.toml --dry-run",
            "apply plan.toml --yes --persist --confirm-within 60s",
            "confirm",
            "rollback --dry-run",
            "rollback --yes",
            "journal",
            "rollback --yes",
        )
        documents = [json.loads(run(f"lastack {line} --json 2>/dev/null")) for line in lines]
    ahead, waiting, kept, back, undone, told, nothing = documents
    settings = [one.pop("settings") for one in (ahead, back, nothing)]
    assert (ahead, back, nothing) == ({"schema": "lastack.preview/1"},) * 3
    assert settings == [[{"key": FIN, "now": "60", "then": "30"}], [{"key": FIN, "now": "30", "then": "60"}], []]
    assert list(settings[0][0]) == list(PREVIEWED)
    for document in (waiting, kept, undone):
        _assert_as_the_page_says(document, "apply-confirm-rollback-journal")
        assert list(document["items"][0]) == list(SETTING)
    assert (waiting["deadline"]["within_s"], waiting["confirmed"]) == (60, None)
    assert kept["persisting"]["lines"] == [{"key": FIN, "before": None, "wanted": "30"}]
    assert told == undone
    assert undone["undone"]


def test_rollout_keys(lab: Lab, tmp_path: Path) -> None:
    """One that is only looked at, one that has come to its end, and its file."""
    plan, inventory = plan_of(tmp_path, tcp_fin_timeout="17"), write_inventory(lab, tmp_path)
    arguments = ["fleet", "rollout", str(plan), "--inventory", str(inventory), "--json"]
    intended = json.loads(lastack(*arguments, "--check").stdout)
    lab.client.set({FIN: 17})
    done = json.loads(lastack(*arguments, "--yes").stdout)
    for document in (intended, done):
        _assert_as_the_page_says(document, "fleet-rollout")
        assert document["hosts"]
    kept = json.loads(Path(f"{plan}.rollout.json").read_text("utf-8"))
    assert kept.keys() - done.keys() == set(IN_THE_FILE) == set(TABLES["the-file-of-a-rollout"])


def test_lint_keys(tmp_path: Path) -> None:
    """With and without --system, in the documented order."""
    for folder, value in (("usr/lib/sysctl.d", 30), ("etc/sysctl.d", 15)):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / f"{value}.conf").write_text(f"{FIN} = {value}\n")
    document = json.loads(lastack("lint", "--system", "--root", str(tmp_path), "--json").stdout)
    assert list(document) == [*LINT, *SYSTEM]
    assert list(document["lines"][0]) == list(LINE)
    (winner,) = document["winners"]
    assert list(winner) == list(WINNER)
    assert list(winner["overridden"][0]) == ["value", "file", "line"]
    assert list(json.loads(lastack("lint", "-", "--json", stdin=f"{FIN} = 15").stdout)) == list(LINT)


def test_explain_keys() -> None:
    """A page has the documented keys; what is said of lines is lint's document."""
    page_of_state = json.loads(lastack("explain", "--json", "TIME_WAIT").stdout)
    assert list(page_of_state) == list(EXPLAIN)
    assert list(page_of_state["sections"][0]) == list(SECTION)
    assert list(json.loads(lastack("explain", "--json", f"{FIN} = 15").stdout)) == list(LINT)
    topics = json.loads(lastack("explain", "--json").stdout)["topics"]
    assert {tuple(topic) for topic in topics} == {tuple(TOPIC)}
    listed = [f"  {topic['name']}" for topic in topics]
    assert [line for line in lastack("explain").stdout.splitlines() if line.startswith("  ")] == listed


def test_claims_keys(printed: dict[str, Any]) -> None:
    """The run and each claim have the documented keys, in the documented order, and no others."""
    assert list(printed["lab"]) == list(CLAIMS)
    assert {tuple(claim) for claim in printed["lab"]["claims"]} == {tuple(CLAIM)}
    listed = json.loads(lastack("lab", "claims", "--list", "--json", "tcp_rfc1337").stdout)
    assert list(listed) == list(CLAIMS_LIST)
    assert {tuple(claim) for claim in listed["claims"]} == {tuple(LISTED)}


def test_trace_keys(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A connection and the summary have the documented keys, in the documented order, and no others."""
    with staged(SCENES["capture"], tmp_path_factory.mktemp("trace")) as run:
        each, summary = (
            json.loads(run(f"lastack trace --pcap web.pcap --json {option}").splitlines()[0])
            for option in ("", "--summary")
        )
    assert list(each) == list(TRACE)
    assert list(summary) == list(TRACE_SUMMARY)


def test_trace_end_keys(lab: Lab) -> None:
    """A socket that has ended has the documented keys, in the documented order, and no others."""
    command = [sys.executable, "-m", "lastack", "trace", "--ends", "--json", "--count", "1"]
    process = lab.server.popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    assert "as they end" in process.stderr.readline()
    lab.start(Load(seconds=0.1, rate=100)).report()
    output, _ = process.communicate(timeout=20)
    assert list(json.loads(output)) == list(TRACE_END)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"id": 1, "parts": {"a": [{"name": "b"}]}}, []),
        ({"id": "1", "parts": {}}, ["whole: id is '1', no integer"]),
        ({"parts": {}, "more": 1}, ["whole: more is not on the page", "whole: there is no id"]),
        ({"id": 1, "parts": {"a": [{}]}}, ["part: there is no name"]),
    ],
)
def test_a_document_of_other_keys_is_seen(document: dict[str, Any], said: list[str]) -> None:
    """Those that hold the tables above are no rubber stamp: key, type, and parts at any depth."""
    head = "| key | type | always | meaning |\n| --- | --- | --- | --- |\n"
    rows = "| `id` | integer | yes | a |\n| `parts` | object of list of [Part](#part) | yes | b |\n"
    rows += "| `on` | null |  | c |\n"
    tables = tables_of(f"## Whole\n\n{head}{rows}\n### Part\n\n{head}| `name` | string | yes | d |\n")
    assert list(deviations(tables, document, "whole")) == said
