"""What can be set for one container: the settings that each network namespace has for itself."""

import shlex

from lastack.plan.export.comments import head, sections
from lastack.plan.export.kubernetes import verdict_on
from lastack.plan.plan import Plan

__all__ = ["command", "of_containers", "of_hosts"]


def of_containers(plan: Plan) -> list[tuple[str, str]]:
    """Key and value of each that a container can have."""
    return [(key, value) for key, value in plan.settings if verdict_on(key).startswith(("safe", "unsafe"))]


def of_hosts(plan: Plan) -> list[str]:
    """A comment about those that it cannot have."""
    others = [f"{key} = {value}" for key, value in plan.settings if (key, value) not in of_containers(plan)]
    return sections("Not for a container: set these on the host, with `lastack export PLAN --to sysctl.d`:", others)


def command(plan: Plan, program: str) -> str:
    """A command line of ``docker run`` or ``podman run``, without the image."""
    flags = [f"--sysctl {shlex.quote(f'{key}={value}')}" for key, value in of_containers(plan)]
    return "\n".join([*head(plan), *of_hosts(plan), " \\\n  ".join([f"{program} run", *flags, "IMAGE"]), ""])
