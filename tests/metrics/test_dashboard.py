"""The dashboard and the rules: every query is PromQL, and asks for what is exported."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lastack.metrics.dashboard import PANELS, dashboard
from lastack.metrics.families import FAMILIES
from tests.kernel.private import unavailable

RULES = Path(__file__).parents[2] / "src/lastack/metrics/lastack.rules.yml"
NAMES = {family.name for family in FAMILIES}
QUERIES = [query for panel in PANELS for query, _ in panel.queries]


def promtool(*arguments: str) -> str:
    """What it prints; it must succeed."""
    program = shutil.which("promtool") or unavailable("promtool is not installed")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def metrics_in(text: str) -> set[str]:
    """Every name of ours in a query."""
    return set(re.findall(r"\b(?:lastack|node)_\w+", text))


def test_rules_are_sound() -> None:
    """promtool finds all of them good."""  # noqa: D403 - a program's name
    assert "SUCCESS: 16 rules found" in promtool("check", "rules", str(RULES))


def test_alerts_come_and_stay_away(tmp_path: Path) -> None:
    """By series made for them: promtool's own unit tests of rules."""
    text = Path(__file__).with_name("rules_test.yml").read_text().replace("RULES", str(RULES))
    (tmp_path / "test.yml").write_text(text)
    promtool("test", "rules", str(tmp_path / "test.yml"))


def test_rules_and_panels_ask_for_what_there_is() -> None:
    """No query has a name that nothing exports."""
    text = re.sub(r"(?m)^ *#.*$|lastack\.\w+|'[^']*'", "", RULES.read_text())
    assert metrics_in(text) <= NAMES
    assert metrics_in(" ".join(QUERIES)) <= NAMES


def test_panels_are_promql(tmp_path: Path) -> None:
    """Each query is taken by promtool, as the expression of a rule, its variables filled in."""
    lines = ["groups:", "- name: panels", "  rules:"]
    for number, query in enumerate(QUERIES):
        filled = query.replace("$here", '{job="lastack", instance="web1"}').replace("$__rate_interval", "1m")
        lines += [f"  - record: panel:{number}", f"    expr: '{filled}'"]
    (tmp_path / "panels.yml").write_text("\n".join(lines) + "\n")
    assert f"{len(QUERIES)} rules found" in promtool("check", "rules", str(tmp_path / "panels.yml"))


def test_panels_do_not_overlap() -> None:
    """Each field of the grid is covered once at most, and none lies outside."""
    covered: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        at = panel["gridPos"]
        fields = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not fields & covered
        assert all(0 <= x < 24 for x, _ in fields)
        covered |= fields


@pytest.mark.parametrize("key", ["title", "uid", "schemaVersion", "panels", "templating", "time"])
def test_grafanas_keys_are_there(key: str) -> None:
    """What its import asks for."""
    assert dashboard()[key]
