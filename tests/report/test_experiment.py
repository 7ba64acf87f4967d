"""The report of an experiment: self-contained, and texts stay texts."""

import re
from html.parser import HTMLParser

from lastack.lab.experiment.document import TryDocument, document_of
from lastack.lab.experiment.experiment import conduct
from lastack.report.experiment import page_of_experiment
from tests.lab.experiment.noise import CHANGE, machine, trial

_EVIL = "<script>alert('x')</script>"


def _document(blocks: int = 5) -> TryDocument:
    experiment = trial(blocks)
    result = conduct(experiment, machine(1, {"connections_per_s": 5.0}))
    arms = document_of(experiment.arms, result)
    return TryDocument(
        taken_at="2026-01-01T00:00:00.000Z",
        kernel="6.18.0",
        change={"net.ipv4.tcp_tw_reuse": "1"},
        workload=_EVIL,
        about=f"What {_EVIL} does.",
        settings={"net.ipv4.ip_local_port_range": _EVIL},
        runs=len(result.blocks),
        seconds=12.0,
        interrupted=True,
        warnings=[_EVIL],
        headline=["connections_per_s"],
        metrics=arms[1].metrics,
        arms=arms,
    )


class _Reader(HTMLParser):
    """Notes which elements there are, and which addresses they name."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [str(value) for name, value in attrs if name in {"href", "src", "action", "data"}]


def test_it_is_one_file_without_script_or_address() -> None:
    """It can be opened offline, and attached to a ticket."""
    page = page_of_experiment(_document())
    reader = _Reader()
    reader.feed(page)
    assert reader.tags.isdisjoint({"script", "link", "img", "iframe", "object"})
    assert reader.addresses == []
    assert "url(" not in page
    assert "@import" not in page
    assert len(page) < 100_000


def test_whatever_a_file_or_a_command_line_says_is_text() -> None:
    """No element comes out of it."""
    page = page_of_experiment(_document())
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 4


def test_it_says_what_was_found_and_shows_every_run() -> None:
    """The sentence, a dot for each run of each arm, the census, and that it was interrupted."""
    document = _document()
    page = page_of_experiment(document)
    assert document.metrics["connections_per_s"].words in page
    assert "Interrupted" in page
    plots = re.findall(r"<figcaption>([^<]*)</figcaption><svg.*?</svg>", page, re.DOTALL)
    assert plots[0] == "connections_per_s"
    first = re.search(r"<svg.*?</svg>", page, re.DOTALL)
    assert first is not None
    assert first[0].count("<circle") == 2 * document.runs
    assert f"{CHANGE.name}, its last run" in plots


def test_of_nothing_it_says_that() -> None:
    """Interrupted before the first block was complete."""
    page = page_of_experiment(_document(0))
    assert "<svg" not in page
    assert "0 runs of each" in page
