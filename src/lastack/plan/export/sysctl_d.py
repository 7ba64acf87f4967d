"""A file for /etc/sysctl.d (sysctl.d(5)), read at each boot by systemd-sysctl or procps."""

from lastack.plan.export.comments import comment, head
from lastack.plan.plan import Plan

__all__ = ["render"]


def render(plan: Plan) -> str:
    """The file."""
    lines = head(plan)
    for step in plan.steps:
        if step.key is not None:
            lines += ["", comment(f"{step.because}: {step.reason}"), f"{step.key} = {step.value}".rstrip()]
    return "".join(f"{line}\n" for line in lines)
