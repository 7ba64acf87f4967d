"""What ``upstream-keep-alive`` says of connections that were opened here, and closed first on another host.

How many they are, counters tell; towards whom does not show, unless some were caught in the act.
"""

from typing import NamedTuple

from lastack.doctor.applications.remedies import remedies_for
from lastack.doctor.verdicts import Confidence, Evidence, Remedy
from lastack.doctor.wording import one_decimal
from lastack.model.destinations import RATE_WINDOW_S
from lastack.model.model import Model
from lastack.model.peer_closes import Elsewhere, Shown

__all__ = ["CAUGHT", "SHARE", "Gone", "gone_elsewhere", "unseen_elsewhere"]

# What is subtracted has its jitter: a program that closes all itself must not seem to be closed a few of.
SHARE = 0.1
# LAST_ACK takes a round trip: one that was caught may be anybody's, three of one destination are no chance.
CAUGHT = 3
_SHOWN = 5
_WHAT = "closes by other hosts"
_LOOK = "Who opens them, and towards whom: `lastack trace --for 10s` shows each connection, `--ends` those that ended."


class Gone(NamedTuple):
    """What is to be said of them.

    Attributes:
        summary: where there is nothing else to say.
        besides: beside an upstream that churns.
        evidence: as of a finding.
        remedies: the best first.
        confidence: how sure.
    """

    summary: str
    besides: str
    evidence: Evidence
    remedies: list[Remedy]
    confidence: Confidence


def gone_elsewhere(model: Model, busy_per_s: float, short_s: float) -> Gone | None:
    """Whether so many connections a second are closed elsewhere, after less than so many seconds; None: they are not.

    They are no burst: as many as show such a rate in TIME_WAIT, which is counted over ten seconds.
    """
    found = model.peer_closes.elsewhere
    rate = _rate(model)
    if found is None or not _is_busy(found, rate, busy_per_s) or _may_live(found, rate, short_s):
        return None
    named, how = _named(found)
    towards = f"; {how}: {named.label}" if named else ""
    return Gone(
        summary=f"at least {rate:,.0f} connections a second are opened here and closed first by their peers{towards}",
        besides=f"at least {rate:,.0f} a second more are closed first by their peers",
        evidence=_evidence(model, found),
        remedies=_remedies(named),
        confidence="high" if named and named.closing >= CAUGHT else "medium",
    )


def unseen_elsewhere(model: Model, busy_per_s: float, short_s: float) -> dict[str, str]:
    """What cannot be told of them, to the reason; empty where all can."""
    found = model.peer_closes.elsewhere
    if found is None:
        return {_WHAT: model.peer_closes.unseen}
    rate = _rate(model)
    if _is_busy(found, rate, busy_per_s) and _may_live(found, rate, short_s):
        return {_WHAT: f"{rate:,.0f} a second beside {found.held:,} open: how long each lives does not show"}
    return {}


def _rate(model: Model) -> float:
    found, change = model.peer_closes.elsewhere, model.change
    return 0.0 if found is None or change is None else found.closed_there / change.interval_s


def _is_busy(found: Elsewhere, rate: float, busy_per_s: float) -> bool:
    many = found.closed_there >= busy_per_s * RATE_WINDOW_S and found.closed_there >= SHARE * found.opened
    return many and rate >= busy_per_s


def _may_live(found: Elsewhere, rate: float, short_s: float) -> bool:
    """Whether they may live so long: if all that are open were theirs, for held / rate."""
    return found.held >= short_s * rate


def _named(found: Elsewhere) -> tuple[Shown | None, str]:
    """The destination, where one alone comes into question, and what speaks for it."""
    caught = [one for one in found.shown if one.closing]
    if len(caught) == 1 and caught[0].closing >= CAUGHT:
        return caught[0], "all that were caught closing"
    return (found.shown[0], "the only destination that shows") if len(found.shown) == 1 else (None, "")


def _evidence(model: Model, found: Elsewhere) -> Evidence:
    seconds = model.change.interval_s if model.change else 1.0
    return {
        "opened": found.opened,
        "opened_per_s": one_decimal(found.opened / seconds),
        "closed_by_peers": found.closed_there,
        "closed_by_peers_per_s": one_decimal(found.closed_there / seconds),
        "open_at_most": found.held,
        "interval_s": one_decimal(seconds),
        "shown": [
            {
                "destination": one.label,
                "caught_closing": one.closing or None,
                "processes": ", ".join(one.processes[:3]) or None,
            }
            for one in found.shown[:_SHOWN]
        ],
    }


def _remedies(named: Shown | None) -> list[Remedy]:
    process = named.processes[0] if named and named.processes else None
    known = remedies_for("upstream-keepalive", process, named.remote_port) if named else []
    general = Remedy(
        kind="application",
        text=(
            "Use connections again: keep-alive towards the upstream, which many a proxy must be told, and one pool for "
            "the process."
        ),
    )
    look = Remedy(kind="application", text=_LOOK)
    return known or [general, look]
