"""What happened between two samples, in the words and the evidence of the rules."""

from collections.abc import Mapping

from lastack.doctor.verdicts import Evidence
from lastack.doctor.wording import one_decimal
from lastack.model.model import Model

__all__ = ["changes", "during", "opened", "why_unseen"]


def during(model: Model) -> str:
    """``in 5 s``; empty without an earlier sample."""
    return "" if model.change is None else f"in {model.change.interval_s:.0f} s"


def changes(model: Model, counters: Mapping[str, str]) -> Evidence:
    """How far each of these counters went, and how fast. ``counters``: the kernel's name to the evidence's."""
    if model.change is None:
        return {}
    evidence: Evidence = {}
    for counter, name in counters.items():
        delta = model.delta(counter)
        if delta is not None:
            evidence |= {name: delta, f"{name}_per_s": one_decimal(delta / model.change.interval_s)}
    return evidence | {"interval_s": one_decimal(model.change.interval_s)}


def why_unseen(model: Model, counter: str) -> str:
    """Why it is unknown how far a counter (``TcpExt.ListenOverflows``) went; empty: it is known."""
    if model.no_change:
        return model.no_change
    return "" if model.delta(counter) is not None else f"this kernel has no {counter.rpartition('.')[2]}"


def opened(model: Model) -> int:
    """Connections that were opened between the samples, from here and from outside."""
    return (model.delta("Tcp.ActiveOpens") or 0) + (model.delta("Tcp.PassiveOpens") or 0)
