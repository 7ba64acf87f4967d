"""docs/reference/claims.md, from the claims and from ``docs/claims.json``, the last run of all of them on CI's kernel.

``python -m docs.generate.claims`` runs them and writes that file: a minute and more. ``make proof`` calls it.
"""

import json
import os
import sys
import time
from itertools import groupby
from pathlib import Path
from typing import Any

from docs.generate.markdown import page_of, table, text
from lastack.lab.claims.claim import Claim
from lastack.lab.claims.rows import CLAIMS
from lastack.settings.catalogue.rows import SETTINGS

__all__ = ["RECORD", "page", "recorded"]

RECORD = Path(__file__).parents[1] / "claims.json"
_NO_SETTING = "What no setting changes"
_INTRODUCTION = """\
What is said about settings, as experiments: `lastack lab claims` runs them on your kernel, side by side in private
namespaces, without root, in about {seconds} seconds; `lastack lab claims ID...` runs some, and the name of a setting
stands for all that are about it. A claim holds, fails, or cannot be tested here, with the reason. Each is run for real,
and most of the experiments are themselves tested against a kernel that is set the other way, where they must say that
the claim fails.

The last column is what was seen on Linux {kernel}: {count} claims, of which {holds} hold. A claim that fails on your
kernel is news: the command prints what a report needs."""


def page() -> str:
    """Every claim by the first setting that it is about, with what was seen."""
    record = recorded()
    verdicts = [seen["verdict"] for seen in record["claims"].values()]
    introduction = _INTRODUCTION.format(
        seconds=round(record["seconds"], -1), kernel=record["kernel"], count=len(CLAIMS), holds=verdicts.count("holds")
    )
    order = [*SETTINGS, _NO_SETTING]
    by_subject = sorted(CLAIMS.values(), key=lambda claim: order.index(_subject(claim)))
    parts = [
        f"## {subject}\n\n{_table(list(rows), record['claims'])}" for subject, rows in groupby(by_subject, _subject)
    ]
    return page_of("Claims", "lastack.lab.claims and docs/claims.json", introduction, *parts)


def _subject(claim: Claim) -> str:
    """The setting that it is about first of all."""
    return claim.settings[0] if claim.settings else _NO_SETTING


def _table(claims: list[Claim], seen: dict[str, Any]) -> str:
    titles = ["claim", "says", "source", "seen"]
    return table(
        titles, [(f"`{one.id}`", text(one.statement), text(one.source), _seen(seen.get(one.id))) for one in claims]
    )


def _seen(entry: dict[str, str] | None) -> str:
    return "not run yet" if entry is None else f"**{entry['verdict']}**: {text(entry['observed'])}"


def recorded() -> dict[str, Any]:
    """The run: ``kernel``, ``seconds``, and by claim its verdict and what was observed."""
    record: dict[str, Any] = json.loads(RECORD.read_text("utf-8"))
    return record


def _run_all() -> int:
    """Run them and write the file; 1 where one fails."""
    from lastack.lab.claims.schedule import Run  # noqa: PLC0415 - the page does without

    start = time.monotonic()
    with Run(list(CLAIMS.values())) as run:
        results = {result.claim.id: result for result in run.results() if result is not None}
    claims = {slug: {"verdict": results[slug].verdict, "observed": results[slug].observed} for slug in CLAIMS}
    release = os.uname().release.partition("-")[0]  # of no vendor's make
    record = {"kernel": release, "seconds": round(time.monotonic() - start), "claims": claims}
    RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return int(any(result.verdict == "fails" for result in results.values()))


if __name__ == "__main__":
    sys.exit(_run_all())
