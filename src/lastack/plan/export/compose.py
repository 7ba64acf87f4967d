"""An override file for Compose: ``docker compose -f compose.yaml -f THIS up``, its service renamed to yours."""

from lastack.plan.export.comments import head
from lastack.plan.export.container import of_containers, of_hosts
from lastack.plan.export.yaml import quoted
from lastack.plan.plan import Plan

__all__ = ["render"]


def render(plan: Plan) -> str:
    """The file. Compose replaces ``$NAME``, so each ``$`` is written twice."""
    rows = of_containers(plan)
    lines = [*head(plan), *of_hosts(plan), "services:", "  app:", f"    sysctls:{'' if rows else ' {}'}"]
    lines += [f"      {quoted(key)}: {quoted(value.replace('$', '$$'))}" for key, value in rows]
    return "".join(f"{line}\n" for line in lines)
