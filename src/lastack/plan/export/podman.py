"""Flags of ``podman run``."""

from lastack.plan.export.container import command
from lastack.plan.plan import Plan

__all__ = ["render"]


def render(plan: Plan) -> str:
    """The command line. Podman refuses net.* settings with ``--network host``."""
    return command(plan, "podman")
