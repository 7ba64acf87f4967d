"""From a diagnosis to steps: the doctor's remedies, worst finding first, and of each the worthiest first."""

from collections.abc import Iterator

from lastack.doctor.diagnosis import Diagnosis
from lastack.doctor.verdicts import Finding, Remedy
from lastack.model.model import Model
from lastack.plan.describe import setting_step
from lastack.plan.key import irreversible
from lastack.plan.plan import Kind, LeftOut, Step
from lastack.plan.value import same

__all__ = ["steps_of", "summary_of"]


def steps_of(diagnosis: Diagnosis, model: Model) -> tuple[list[Step], list[LeftOut]]:
    """The steps, settings and others, each once; and the settings that this host cannot be given."""
    steps: dict[tuple[str | None, str], Step] = {}
    left_out: list[LeftOut] = []
    for finding in diagnosis.findings:
        for remedy in finding.remedies:
            why = _obstacle(remedy, model)
            if why:
                left_out.append(LeftOut(what=f"{remedy.key} = {remedy.value}", where=finding.id, why=why))
            else:
                step = _step(finding, remedy, model)
                steps.setdefault((step.key, "" if step.key else step.reason), step)
    return list(steps.values()), left_out


def summary_of(diagnosis: Diagnosis, steps: list[Step]) -> str:
    """Why these steps; or why none: a plan without steps is a good answer."""
    if steps:
        return "; ".join(f"{finding.id} ({finding.severity}): {finding.summary}" for finding in diagnosis.findings)
    return f"Nothing to change: {'; '.join(_reasons(diagnosis)) or 'nothing was looked at'}."


def _reasons(diagnosis: Diagnosis) -> Iterator[str]:
    for finding in diagnosis.findings:
        yield f"{finding.id}: {finding.summary}, and no remedy is left"
    for healthy in diagnosis.healthy:
        yield f"{healthy.id}: {healthy.summary}"
    for unknown in diagnosis.unknown:
        yield f"{unknown.id} cannot be told: {unknown.reason}"


def _obstacle(remedy: Remedy, model: Model) -> str:
    """Why a remedy that is a setting cannot be a step; empty: it can, or it is none."""
    if remedy.key is None or remedy.value is None:
        return ""
    present = model.settings.get(remedy.key)
    if present is None:
        return "this kernel does not have it here"
    if same(remedy.key, present, remedy.value):
        return "it is so already"
    return irreversible(remedy.key) or ""


def _step(finding: Finding, remedy: Remedy, model: Model) -> Step:
    because = f"{finding.id} ({finding.severity}): {finding.summary}"
    if remedy.key is None or remedy.value is None:
        check = f"`lastack doctor` does not find {finding.id} any more"
        kind: Kind = "network" if remedy.kind == "network" else "application"
        return Step(
            kind=kind,
            because=because,
            reason=remedy.text,
            process=remedy.process,
            lines=list(remedy.lines),
            source=remedy.source,
            check=check,
            claims=list(finding.claims),
        )
    now = model.settings.get(remedy.key)
    return setting_step(remedy.key, remedy.value, now, because=because, reason=remedy.text)
