"""What a rule is: a function of the model, and what is to be said of it. Each rule's file ends with its row."""

from collections.abc import Callable
from typing import NamedTuple

from lastack.doctor.verdicts import Verdict
from lastack.model.model import Model

__all__ = ["Rule"]


class Rule(NamedTuple):
    """One rule.

    Attributes:
        id: slug, the id of its verdicts.
        title: what it looks at.
        check: the rule itself.
        explanation: what it means, why it happens, when it is no problem. Paragraphs are a blank line apart.
        claims: ids of the claims behind it.
    """

    id: str
    title: str
    check: Callable[[Model], Verdict]
    explanation: str
    claims: tuple[str, ...] = ()
