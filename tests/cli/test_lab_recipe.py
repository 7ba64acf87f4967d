"""lastack lab recipe: what it prints of the stages, and what an interruption leaves."""

import json
import re
import signal
from collections.abc import Sequence

import pytest
from msgspec import json as msgspec_json

from lastack.cli.lab_recipe_report import RecipeDocument, as_markdown, as_text, document_of
from lastack.errors import RefusedError
from lastack.lab.experiment.arm import Arm
from lastack.lab.experiment.experiment import Result
from lastack.lab.experiment.observer import Look
from lastack.lab.experiment.recipe import STAGES, Stage, conduct_recipe
from lastack.lab.experiment.run import Run
from lastack.lab.workloads.workload import Workload
from tests.cli.labs_of import living, started, wait_for_labs
from tests.kernel.private import unavailable

_MISSING = {"net.ipv4.tcp_tw_recycle": RefusedError("no-such-setting", "a network namespace has no tcp_tw_recycle")}


def _run(arm: Arm, workload: Workload) -> Run:
    """What a kernel would do that does what its source says: a run, without its noise."""
    limit = int(workload.settings.get("net.ipv4.tcp_max_tw_buckets", 131_072))
    connections = workload.knobs.requests // workload.knobs.keepalive + 1
    closes = 0 if workload.knobs.closer == "peer" or workload.knobs.upstream_keepalive else connections
    over = max(closes - limit, 0)
    values = {
        "end.TIME_WAIT": float(closes - over),
        "resets": float(over),
        "counter.TcpExt.TCPTimeWaitOverflow": float(over),
        "answered": float(workload.knobs.requests),
        "answered_per_s": 1000.0,
    }
    return Run(arm=arm.name, values=values, looks=[Look(0.0, {"TIME_WAIT": closes - over, "LISTEN": 1})])


@pytest.fixture(scope="module")
def results() -> Sequence[tuple[Stage, Result]]:
    """All stages, two blocks of each."""
    return [(stage, conduct_recipe(stage, _MISSING, 2, _run)) for stage in STAGES]


@pytest.fixture(scope="module")
def document(results: Sequence[tuple[Stage, Result]]) -> RecipeDocument:
    """The document of these."""
    return document_of(results, _MISSING, 300.0)


def test_text_says_which_line_did_it_and_what_does_better(document: RecipeDocument) -> None:
    """With a row for each arm, and the kernel's word on the line that it does not have."""
    text = "\n".join(as_text(document))
    assert "net.ipv4.tcp_tw_recycle: left out of every arm: a network namespace has no tcp_tw_recycle" in text
    assert re.search(r"tcp_max_tw_buckets alone +5,000\*", text)
    assert re.search(r"all but tcp_max_tw_buckets +25,088 ", text)
    flat = " ".join(text.split())
    assert "tcp_max_tw_buckets does it alone: 20,088 fewer TIME_WAIT at the end" in flat
    assert "all but it do nothing. Alone without an effect: tcp_syncookies, tcp_tw_reuse" in flat
    assert "At most 682 TIME_WAIT, no failed request, no reset: keep-alive: 50 requests a connection; " in flat


def test_the_articles_tables_stand_beside_this_kernels(document: RecipeDocument) -> None:
    """25,087 and 682 there; what was built here."""
    assert document.census["TIME_WAIT"] == [25_087, 682, 25_088, 5_000]
    assert ["TIME_WAIT", "25,087", "682", "25,088", "5,000"] in [line.split() for line in as_text(document)]


def test_markdown_is_a_page_with_the_same_tables(document: RecipeDocument) -> None:
    """One for each stage, and the article's."""
    page = "\n".join(as_markdown(document))
    assert page.startswith("# The recipe, line by line\n")
    assert page.count("| --- |") == len(STAGES) + 1
    assert "| tcp_max_tw_buckets alone | 5,000* |" in page


def test_json_has_every_stage(document: RecipeDocument) -> None:
    """With schema, arms, conclusions and remedies."""
    read = json.loads(msgspec_json.encode(document))
    assert read["schema"] == "lastack.recipe/1"
    assert [stage["title"] for stage in read["stages"]] == [stage.title for stage in STAGES]
    assert read["stages"][0]["arms"]["all seven"]["end.TIME_WAIT"] == 5000.0
    assert read["stages"][0]["better"] == ["keep-alive: 50 requests a connection", "the peers close first"]


def test_interrupted_it_says_so_and_ends_with_130() -> None:
    """Whatever it had by then."""
    process = started("lab", "recipe", "--runs", "1", "--json")
    wait_for_labs(process, 8)
    process.send_signal(signal.SIGINT)
    printed, complaint = process.communicate(timeout=60)
    if process.returncode == 3:
        unavailable(complaint)
    assert process.returncode == 130, complaint
    assert json.loads(printed)["interrupted"] is True
    assert living(process.pid) == []
