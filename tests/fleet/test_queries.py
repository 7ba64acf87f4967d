"""The queries: PromQL, and of metrics that there are."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lastack.doctor.rules import RULES
from lastack.fleet.queries import PRESENT, QUERIES, SCRAPES, SIGNS, Scope, inventory, one_of
from lastack.metrics.families import FAMILIES
from tests.kernel.private import unavailable

# node_exporter's own, which lastack does not export.
THEIRS = {"node_uname_info", "node_tcp_connection_states"}
ALL = (*QUERIES, PRESENT, SCRAPES)


@pytest.mark.parametrize("match", ["", 'env="prod",role=~"web.*"'])
def test_promtool_takes_them(tmp_path: Path, match: str) -> None:
    """Each as the expression of a rule, with matchers and without."""
    promtool = shutil.which("promtool") or unavailable("promtool is not installed")
    scope = Scope(match, 3600)
    texts = [inventory(scope), *(query.fill(scope, one_of(["10.0.0.1:80", 'a"b]\\'])) for query in ALL)]
    lines = ["groups:", "- name: queries", "  rules:"]
    for number, text in enumerate(texts):
        lines += [f"  - record: query:{number}", "    expr: |-", f"      {text}"]
    (tmp_path / "queries.yml").write_text("\n".join(lines) + "\n")
    done = subprocess.run(
        [promtool, "check", "rules", str(tmp_path / "queries.yml")], capture_output=True, text=True, check=False
    )
    assert f"{len(ALL) + 1} rules found" in done.stdout, done.stderr


def test_each_names_the_metrics_that_it_touches() -> None:
    """So that it is not asked where they are not, and its series are counted."""
    for query in ALL:
        assert set(re.findall(r"\b(?:lastack|node)_\w+", query.text)) == set(query.metrics)


def test_they_ask_for_what_is_exported() -> None:
    """By lastack, or by node_exporter."""
    asked = {name for query in ALL for name in query.metrics}
    assert asked - THEIRS <= {family.name for family in FAMILIES}


def test_there_are_thirty_at_most() -> None:
    """With the inventory."""
    assert len(QUERIES) + 1 <= 30


def test_a_sign_has_a_rules_name() -> None:
    """So that `lastack explain` takes it, and a finding of the same name is the same."""
    assert {sign.id for sign in SIGNS} <= {rule.id for rule in RULES}


def test_texts_become_a_regular_expression_of_themselves() -> None:
    """Whatever they have in them: as Prometheus unescapes the string, and RE2's braces as Python's."""
    texts = ["[2001:db8::1]:443", "10.0.0.1:80", 'a"b\\c|d{}']
    pattern = one_of(texts).replace("\\\\", "\\")
    pattern = re.sub(r"\\x\{([0-9a-f]+)\}", lambda found: re.escape(chr(int(found[1], 16))), pattern)
    assert all(re.fullmatch(pattern, text) for text in texts)
    assert re.fullmatch(pattern, "10x0.0.1:80") is None
