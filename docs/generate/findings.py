"""docs/reference/findings.md, from the doctor's rules."""

from docs.generate.markdown import attributes, page_of, table, text
from lastack.doctor.rule import Rule
from lastack.doctor.rules import RULES
from lastack.doctor.verdicts import Finding

__all__ = ["page"]

_INTRODUCTION = """\
`lastack doctor` puts each of these rules to the host. A rule has three answers: a finding with its evidence; healthy
with its evidence; cannot tell, and why (a privilege or a counter is missing, or there is one sample and it takes two).
The identifiers are stable: they are the `id` in [JSON](json.md#doctor), and `lastack explain` takes them. Each rule is
proven on [hosts that are sick on purpose](faults.md), and on healthy ones that look it.

![The doctor's letter on a busy web server: 25,087 TIME_WAIT are harmless, 125 CLOSE_WAIT are not](doctor.svg)"""


def page() -> str:
    """Every finding that the doctor can have."""
    overview = table(["finding", "looks at"], [(f"[`{rule.id}`](#{rule.id})", text(rule.title)) for rule in RULES])
    severity = f"Severity is {attributes(Finding)['severity'].rstrip('.')}."
    return page_of("Findings", "lastack.doctor.rules", _INTRODUCTION, severity, overview, *map(_entry, RULES))


def _entry(rule: Rule) -> str:
    entry = f"## {rule.id}\n\n*{text(rule.title)}.*\n\n{text(rule.explanation)}"
    claims = ", ".join(f"[{claim}](claims.md)" for claim in rule.claims)
    return f"{entry}\n\nClaims behind it: {claims}." if claims else entry
