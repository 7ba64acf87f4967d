"""docs/reference/workloads.md, from the tables of workloads, knobs and metrics."""

from msgspec.structs import asdict

from docs.generate.markdown import page_of, table, text
from lastack.lab.experiment.metrics import described
from lastack.lab.workloads.table import WORKLOADS
from lastack.lab.workloads.workload import KNOBS, Knobs, Workload

__all__ = ["page"]

_INTRODUCTION = """\
What [`lastack lab try`](commands.md#lastack-lab-try) puts a host through. *The host* is the one under test, in a
network namespace of its own; *peers* are at the other end of a link, in another. Every run has fresh namespaces."""

_KNOBS = """\
A knob is what the programs do, and it is tried like a setting: `lastack lab try keepalive=50 --workload
server-closes-first`. Dots and dashes in a name are as good as underscores: `upstream.keepalive=32`. `none` is a value
where one is spoken of."""

_FILE = """\
A table for each workload, whole or `like` another with differences. Its name is what follows the file's:
`--workload own.toml:checkout`; of a file with one workload, `--workload own.toml` is enough.

```toml
[checkout]
like = "one-destination"
about = "Our checkout: 300 requests a second to the payment service, its own range of ports."
settings = { "net.ipv4.ip_local_port_range" = "20000 29999" }
knobs = { rate = 300, requests = 1500, seconds = 5 }
headline = ["connections_per_s", "failed"]
```"""

_METRICS = """\
Each run gives a number for each; those that were 0 in every run are left out."""


def page() -> str:
    """Workloads, knobs, files, metrics."""
    plain = asdict(Knobs())
    knobs = [
        (f"`{name}`", text(knob.meaning), _value(plain[name]), ", ".join(sorted(knob.kinds)))
        for name, knob in KNOBS.items()
    ]
    keys = [
        ("`like`", "a workload that comes with lastack, to take over what the table does not say"),
        ("`about`", "what happens, in a sentence"),
        ("`kind`", "`visitors`: connections between peers and the host; `relay`: a proxy; `idle`; `nginx`"),
        ("`knobs`", "as above"),
        ("`settings`", "sysctls of the host, in every arm"),
        ("`headline`", "metrics to look at first; runs end early when the interval of the first is tight"),
        ("`towards`", 'what follows "connections a second" in a sentence about it, such as " to our database"'),
    ]
    return page_of(
        "Workloads",
        "lastack.lab.workloads",
        _INTRODUCTION,
        table(["workload", "kind", "what happens", "knobs and settings"], map(_row, WORKLOADS)),
        f"## Knobs\n\n{_KNOBS}",
        table(["knob", "is", "default", "of kind"], knobs),
        f"## A file of your own\n\n{_FILE}",
        table(["key", "meaning"], keys),
        f"## Metrics\n\n{_METRICS}",
        table(["metric", "is"], [(f"`{name}`", text(noun)) for name, noun in described().items()]),
    )


def _row(name: str) -> tuple[str, ...]:
    workload = WORKLOADS[name]
    return f"`{name}`", workload.kind, text(workload.about), _turned(workload)


def _turned(workload: Workload) -> str:
    plain, own = asdict(Knobs()), asdict(workload.knobs)
    parts = [f"{knob}={_text(own[knob])}" for knob in KNOBS if own[knob] != plain[knob]]
    parts += [f"{key}={value}" for key, value in workload.settings.items()]
    return ", ".join(f"`{part}`" for part in parts)


def _value(value: object) -> str:
    return f"`{_text(value)}`"


def _text(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
