"""A pod whose securityContext has the settings, with what Kubernetes says of each: safe, unsafe, or the node's.

Source: kubernetes.io "Using sysctls in a Kubernetes Cluster"; the catalogue has the safe list with its releases.
"""

from lastack.plan.export.comments import comment, head, sections
from lastack.plan.export.yaml import quoted
from lastack.plan.plan import Plan
from lastack.settings.catalogue.rows import SETTINGS

__all__ = ["render", "verdict_on"]

_UNKNOWN = "unsafe, as all that the safe list does not name; only settings that are a namespace's own can be set at all"


def verdict_on(key: str) -> str:
    """Whether a pod may set it, beginning with ``safe``, ``unsafe``, ``node`` or ``gone``."""
    row = SETTINGS.get(key)
    if row is not None:
        return row.kubernetes
    return _UNKNOWN if key.startswith("net.") else "node: not per network namespace"


def render(plan: Plan) -> str:
    """The manifest. Its container is a place-holder."""
    verdicts = [(key, value, verdict_on(key)) for key, value in plan.settings]
    unsafe = [key for key, _, verdict in verdicts if verdict.startswith("unsafe")]
    node = [f"{key} = {value}" for key, value, verdict in verdicts if verdict.startswith("node")]
    lines = [
        *head(plan),
        comment("The field sysctls is there since Kubernetes 1.11. A pod with hostNetwork cannot set net.* settings."),
        *sections("The kubelet of the node must be started with:", [_allowing(unsafe)] if unsafe else []),
        *sections("Not for a pod: set these on the node, with `lastack export PLAN --to sysctl.d`:", node),
        "apiVersion: v1",
        "kind: Pod",
        "metadata:",
        "  name: example",
        "spec:",
        "  securityContext:",
    ]
    rows = [row for row in verdicts if row[2].startswith(("safe", "unsafe"))]
    lines.append(f"    sysctls:{'' if rows else ' []'}")
    for key, value, verdict in rows:
        lines += [f"      {comment(verdict)}", f"      - name: {quoted(key)}", f"        value: {quoted(value)}"]
    lines += ["  containers:", "    - name: example", "      image: example"]
    return "".join(f"{line}\n" for line in lines)


def _allowing(keys: list[str]) -> str:
    return f"--allowed-unsafe-sysctls={','.join(keys)}"
