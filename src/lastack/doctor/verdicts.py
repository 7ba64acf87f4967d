"""The three answers of a rule: a finding, healthy, or cannot tell."""

from typing import Literal, TypeAlias, get_args

from msgspec import Struct

__all__ = ["SEVERITIES", "Confidence", "Evidence", "Finding", "Healthy", "Remedy", "Severity", "Unknown", "Verdict"]

Severity = Literal["critical", "warning", "notice"]
Confidence = Literal["high", "medium", "low"]

# Worst first.
SEVERITIES: tuple[Severity, ...] = get_args(Severity)

_Value: TypeAlias = int | float | str | bool | None

# Names are snake_case with their unit (``_s``, ``_bytes``, ``_per_s``); a list has one row a listener, a destination...
Evidence: TypeAlias = dict[str, _Value | list[dict[str, _Value]]]


class Remedy(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something to change.

    Attributes:
        kind: ``application``: its code or configuration; ``setting``: a sysctl; ``network``: addresses or filters.
        text: what to do, and its price where it has one.
        key: of a setting, its sysctl name.
        value: of a setting, the value to give it.
        process: of an application that was recognised, the process that it is about, ``name/pid``.
        lines: of an application whose language is known, what to write, as it stands in its file.
        source: where the project documents these lines.
    """

    kind: Literal["application", "setting", "network"]
    text: str
    key: str | None = None
    value: str | None = None
    process: str = ""
    lines: tuple[str, ...] = ()
    source: str = ""


class Finding(Struct, frozen=True, kw_only=True):
    """Something is wrong.

    Attributes:
        id: slug of the rule.
        severity: ``critical``: connections fail, or will within seconds; ``warning``: they will if nobody acts, or
            something leaks; ``notice``: worth knowing.
        summary: one sentence.
        evidence: numbers and names that it rests on.
        cause: why it comes to that.
        remedies: in order of worth.
        confidence: how sure.
        claims: ids of the claims behind it.
    """

    id: str
    severity: Severity
    summary: str
    evidence: Evidence
    cause: str
    remedies: list[Remedy]
    confidence: Confidence
    claims: tuple[str, ...] = ()


class Healthy(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Looked at, and nothing is wrong.

    Attributes:
        id: slug of the rule.
        summary: one sentence.
        evidence: numbers that it rests on.
        unseen: what was out of sight all the same, to the reason.
        absent: whether there is nothing of the kind that the rule looks at.
    """

    id: str
    summary: str
    evidence: Evidence
    unseen: dict[str, str] = {}
    absent: bool = False


class Unknown(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """It cannot be told.

    Attributes:
        id: slug of the rule.
        reason: what is missing, and what would show it.
        evidence: what is known all the same.
    """

    id: str
    reason: str
    evidence: Evidence = {}


Verdict: TypeAlias = Finding | Healthy | Unknown
