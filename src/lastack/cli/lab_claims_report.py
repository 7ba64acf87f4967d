"""What ``lastack lab claims`` prints."""

import json
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from lastack import __version__
from lastack.lab.claims.claim import Claim, Result

__all__ = ["LIST_SCHEMA", "SCHEMA", "as_document", "as_text", "list_document", "list_text"]

SCHEMA = "lastack.claims/1"
LIST_SCHEMA = "lastack.claims-list/1"

_COLORS = {"holds": "32", "fails": "31;1", "not-testable-here": "2"}
_WIDTH = 100


def as_document(results: Sequence[Result], kernel: str, asked: int, *, complete: bool) -> str:
    """The document ``lastack.claims/1``, on one line."""
    claims = [
        {
            **_row(result.claim),
            "verdict": result.verdict,
            "observed": result.observed,
            "duration_s": round(result.seconds, 1),
        }
        for result in results
    ]
    return json.dumps(
        {"schema": SCHEMA, "kernel": kernel, "asked": asked, "interrupted": not complete, "claims": claims}
    )


def list_document(claims: Sequence[Claim]) -> str:
    """The document ``lastack.claims-list/1``, on one line."""
    return json.dumps({"schema": LIST_SCHEMA, "claims": [_row(claim) for claim in claims]})


def _row(claim: Claim) -> dict[str, object]:
    return {
        "id": claim.id,
        "statement": claim.statement,
        "source": claim.source,
        "settings": list(claim.settings),
        "waits_s": claim.seconds,
    }


def list_text(claims: Sequence[Claim]) -> Iterator[str]:
    """Id, statement, source of each."""
    for claim in claims:
        yield claim.id
        yield from _indented(claim.statement)
        yield from _indented(f"source: {claim.source}")


def as_text(results: Sequence[Result], kernel: str, asked: int, *, color: bool, complete: bool) -> Iterator[str]:
    """Each claim with what was seen, how many there are of each verdict, and how to report those that fail."""
    for result in results:
        yield f"{_verdict(result, color=color)} {result.claim.id}"
        yield from _indented(result.claim.statement)
        yield from _indented(f"{'not' if result.verdict == 'not-testable-here' else 'seen'}: {result.observed}")
    counts = Counter[str](result.verdict for result in results)
    words = (("holds", "hold"), ("fails", "fail"), ("not-testable-here", "cannot be tested here"))
    found = ", ".join(f"{counts[verdict]} {word}" for verdict, word in words if counts[verdict]) or "none was run"
    yield f"Linux {kernel}: {found}"
    if not complete:
        yield f"interrupted: {asked - len(results)} of {asked} claims were not seen to their end"
    yield from _report([result for result in results if result.verdict == "fails"], kernel)


def _report(failed: Sequence[Result], kernel: str) -> Iterator[str]:
    """What to send to us: a claim that fails is news."""
    if not failed:
        return
    yield ""
    yield "A claim that fails is news about this kernel, or a mistake of ours. Run it again by itself:"
    yield f"    lastack lab claims {' '.join(result.claim.id for result in failed)}"
    yield "If it still fails, please open an issue with these lines:"
    yield f"    lastack {__version__}, Linux {kernel}"
    for result in failed:
        yield f"    {result.claim.id}: {result.observed}"


def _verdict(result: Result, *, color: bool) -> str:
    padded = f"{result.verdict:<17}"
    return f"\x1b[{_COLORS[result.verdict]}m{padded}\x1b[0m" if color else padded


def _indented(text: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent="    ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )
