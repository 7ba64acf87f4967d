"""docs/reference/metrics.md, from the table of families and the rules."""

import re
from importlib.resources import files

from docs.generate.markdown import page_of, table, text
from lastack.metrics.families import FAMILIES
from lastack.metrics.family import MOST
from lastack.metrics.kernel_counters import KERNEL

__all__ = ["page"]

_INTRODUCTION = f"""\
`lastack metrics` prints them once, `lastack serve` has them at `/metrics`. Every label set is bounded: of destinations,
listeners and programs {MOST} have series of their own, and the others together one that is labelled `other`. A family
of which nothing is known, such as the ports left where the port range is hidden, is left out."""

_KERNEL = """\
## Counters of the kernel

Under the names that node_exporter gives them, since they are the same numbers; its `netstat` collector exports a few of
them by default, and all on request. Where both are scraped, tell them by their `job`: the rules ask for
`job="lastack"`. What each counts and tells is in [counters](counters.md)."""

_RULES = """\
## Rules

`lastack metrics --rules` prints a file for `rule_files`. It expects that the job is called `lastack`, and records the
series `{recorded}`."""


def page() -> str:
    """Every family, every rule."""
    own = [family for family in FAMILIES if family not in KERNEL]
    rows = [(f"`{one.name}`", ", ".join(f"`{label}`" for label in one.labels), text(one.help)) for one in own]
    kernel = [(f"`{one.name}`", text(one.help)) for one in KERNEL]
    rules = files("lastack.metrics").joinpath("lastack.rules.yml").read_text("utf-8")
    return page_of(
        "Metrics",
        "lastack.metrics",
        _INTRODUCTION,
        "## Of lastack\n\nAll are gauges; those that end in `_info` are 1 and say something by their labels.",
        table(["metric", "labels", "what"], rows),
        _KERNEL,
        table(["metric", "what"], kernel),
        _RULES.format(recorded="`, `".join(re.findall(r"record: (\S+)", rules))),
        table(["alert", "severity", "says"], _alerts(rules)),
        "## Dashboard\n\n`lastack metrics --dashboard` prints one for Grafana to import.",
    )


def _alerts(rules: str) -> list[tuple[str, str, str]]:
    pattern = re.compile(r"alert: (\w+)\n.*?severity: (\w+)}.*?summary: '(.*?)'\n", re.DOTALL)
    return [(f"`{name}`", severity, f"`{summary}`") for name, severity, summary in pattern.findall(rules)]
