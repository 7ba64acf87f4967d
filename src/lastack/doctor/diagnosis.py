"""All rules on one model, and the document that ``lastack doctor --json`` prints."""

from typing import Any

from msgspec import Struct, to_builtins
from msgspec.structs import replace

from lastack.doctor.rules import RULES
from lastack.doctor.verdicts import SEVERITIES, Finding, Healthy, Severity, Unknown
from lastack.model.model import Model

__all__ = ["SCHEMA", "Diagnosis", "diagnose", "to_json"]

SCHEMA = "lastack.doctor/1"


class Diagnosis(Struct, frozen=True, kw_only=True):
    """What the rules say.

    Attributes:
        findings: worst first.
        healthy: what was looked at and is fine.
        unknown: what cannot be told.
    """

    findings: list[Finding]
    healthy: list[Healthy]
    unknown: list[Unknown]

    def reaches(self, severity: Severity) -> bool:
        """Whether some finding is as bad as that, or worse."""
        worst = SEVERITIES[: SEVERITIES.index(severity) + 1]
        return any(finding.severity in worst for finding in self.findings)


def diagnose(model: Model) -> Diagnosis:
    """Put every rule to the model.

    Raises:
        InputError: ``malformed-setting``: a setting that a rule needs is no number.
    """
    verdicts = [(rule.check(model), rule.claims) for rule in RULES]
    findings = [replace(found, claims=claims) for found, claims in verdicts if isinstance(found, Finding)]
    return Diagnosis(
        findings=sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)),
        healthy=[verdict for verdict, _ in verdicts if isinstance(verdict, Healthy)],
        unknown=[verdict for verdict, _ in verdicts if isinstance(verdict, Unknown)],
    )


def to_json(diagnosis: Diagnosis, model: Model) -> dict[str, Any]:
    """The diagnosis as the document ``lastack.doctor/1``: dicts, lists, strings and numbers."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "taken_at": model.taken_at,
        "host": model.host,
        "kernel": model.kernel,
        "netns": model.netns,
        "source": model.source,
        "exact": model.exact,
        "interval_s": model.change.interval_s if model.change else None,
        "total": model.total,
        "states": model.states,
        "unseen": model.unseen,
    }
    findings: dict[str, Any] = to_builtins(diagnosis)
    return document | findings
