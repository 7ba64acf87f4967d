"""The end of the letter: what was looked at and is fine, in one block, and what cannot be told, by reason."""

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import NamedTuple

from lastack.cli.doctor_layout import Line
from lastack.doctor.diagnosis import Diagnosis
from lastack.doctor.verdicts import Healthy
from lastack.model.change import ONE_SAMPLE
from lastack.model.model import Model

__all__ = ["Block", "healthy_block", "is_of_one_sample", "unseen_block"]

_MOST = 8  # lines that say something: with the rest of the letter one screen
_MARGINS, _NARROWEST = 4, 20
_HINT = " (`lastack doctor --interval 5` takes two)"


class Block(NamedTuple):
    """Paragraphs with a label each, and some that need none."""

    labelled: list[Line]
    plain: list[Line]


def healthy_block(healthy: Sequence[Healthy], width: int) -> Block:
    """Those that have something to say, in their order, as far as a screen allows; of the others the names."""
    margin = max((len(one.id) for one in healthy), default=0) + _MARGINS
    shown: list[Healthy] = []
    room = _MOST
    for one in (each for each in healthy if not each.absent):
        room -= len(wrap(one.summary, max(width - margin, _NARROWEST)))
        if room < 0:
            break
        shown.append(one)
    rest = ", ".join(one.id for one in healthy if one not in shown)
    names = [Line("", f"as well as {rest}" if shown else rest)] if rest else []
    return Block([Line(one.id, one.summary) for one in shown], names)


def is_of_one_sample(reason: str) -> bool:
    """Whether a second sample is all that is missing."""
    return reason == ONE_SAMPLE


def unseen_block(diagnosis: Diagnosis, model: Model) -> Block:
    """What could not be told or read, by reason."""
    names: dict[str, list[str]] = {}
    for name, reason in dict.fromkeys(_unseen(diagnosis, model)):
        names.setdefault(reason, []).append(name)
    single = [Line(those[0], reason) for reason, those in names.items() if len(those) == 1]
    shared = [Line("", f"{_because(reason)}: {', '.join(those)}") for reason, those in names.items() if len(those) > 1]
    return Block(single, shared)


def _because(reason: str) -> str:
    return reason + _HINT if is_of_one_sample(reason) else reason


def _unseen(diagnosis: Diagnosis, model: Model) -> Iterator[tuple[str, str]]:
    yield from ((one.id, one.reason) for one in diagnosis.unknown)
    yield from (pair for one in diagnosis.healthy for pair in one.unseen.items())
    yield from model.unseen.items()
