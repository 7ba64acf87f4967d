"""``lastack lab claims``: run what is said about settings as experiments on this kernel."""

import argparse
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from lastack.cli.options import add_color, add_json, wants_color
from lastack.cli.progress_line import ProgressLine
from lastack.errors import UsageError

if TYPE_CHECKING:
    from lastack.lab.claims.claim import Claim, Result

__all__ = ["configure", "run"]

_INTERRUPTED = 130
_TICK_S = 0.5


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack lab claims``."""
    parser.description = (
        "Runs claims about settings as experiments on this kernel, side by side in private namespaces: what each "
        "does, and what people believe and it does not do. Exit code 1 if one fails."
    )
    parser.add_argument(
        "ids", metavar="ID", nargs="*", help="a claim, or a setting for all that are about it; none: every claim"
    )
    parser.add_argument("--list", action="store_true", help="list them, run none")
    add_json(parser)
    add_color(parser)


def run(options: argparse.Namespace) -> int:
    """Run or list the claims that were asked for."""
    from lastack.cli import lab_claims_report  # noqa: PLC0415 - help and completion do without the claims

    claims = _chosen(options.ids)
    if options.list:
        listed = lab_claims_report.list_document(claims) if options.json else None
        lines = [listed] if listed else lab_claims_report.list_text(claims)
        sys.stdout.writelines(f"{line}\n" for line in lines)
        return 0
    results, complete = _run(claims)
    kernel = os.uname().release
    if options.json:
        sys.stdout.write(lab_claims_report.as_document(results, kernel, len(claims), complete=complete) + "\n")
    else:
        lines = lab_claims_report.as_text(results, kernel, len(claims), color=wants_color(options), complete=complete)
        sys.stdout.writelines(f"{line}\n" for line in lines)
    if not complete:
        return _INTERRUPTED
    return int(any(result.verdict == "fails" for result in results))


def _chosen(names: Sequence[str]) -> "list[Claim]":
    """The claims of these ids, and those about settings of these names, in the order of the rows.

    Raises:
        UsageError: ``unknown-claim``.
    """
    from lastack.lab.claims.rows import CLAIMS  # noqa: PLC0415 - as above

    if not names:
        return list(CLAIMS.values())
    wanted: set[str] = set()
    for name in names:
        found = {claim.id for claim in CLAIMS.values() if name == claim.id or _is_about(claim, name)}
        if not found:
            settings = {leaf for claim in CLAIMS.values() for key in claim.settings for leaf in _spellings(key)}
            near = get_close_matches(name, [*CLAIMS, *sorted(settings)], 1)
            hint = f"did you mean {near[0]}?" if near else "`lastack lab claims --list` lists them"
            raise UsageError("unknown-claim", f"there is no claim {name!r}", hint)
        wanted |= found
    return [claim for claim in CLAIMS.values() if claim.id in wanted]


def _is_about(claim: "Claim", setting: str) -> bool:
    return any(setting in _spellings(key) for key in claim.settings)


def _spellings(key: str) -> tuple[str, str]:
    """``net.ipv4.tcp_tw_reuse``, and what people call it."""
    return key, key.rpartition(".")[2]


def _run(claims: "Sequence[Claim]") -> "tuple[list[Result], bool]":
    """The results in the order of the rows; and whether they are all, for somebody may have interrupted."""
    from lastack.lab.claims.schedule import Run  # noqa: PLC0415 - as above

    places = {claim.id: at for at, claim in enumerate(claims)}
    results: list[Result] = []
    complete = True
    with Run(claims) as running, ProgressLine(sys.stderr) as line:
        try:
            for result in running.results(_TICK_S):
                if result is not None:
                    results.append(result)
                line.show(f"{len(results)} of {len(claims)} claims, about {running.left_s:.0f} s left")
        except KeyboardInterrupt:
            complete = False
    return sorted(results, key=lambda result: places[result.claim.id]), complete
