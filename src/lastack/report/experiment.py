"""The report of ``lastack lab try``: what was found, every run as a dot, the census over time."""

from collections.abc import Sequence

from lastack.lab.experiment.document import ArmDocument, Metric, TryDocument
from lastack.lab.experiment.wording import amount
from lastack.report.markup import Element, add, new, page
from lastack.report.plots import dots, layers, legend
from lastack.report.style import COLOURS, STYLE

__all__ = ["page_of_experiment"]

_MOST_PLOTS = 6


def page_of_experiment(document: TryDocument) -> str:
    """One HTML file; texts from files and command lines stay texts."""
    body = new("body")
    title = f"{', '.join(arm.name for arm in document.arms[1:])} against {document.arms[0].name}"
    add(body, "h1", title)
    add(body, "p", f"{document.workload}: {document.about}", class_="faint")
    add(body, "p", _circumstances(document), class_="faint")
    if document.interrupted:
        add(body, "p", "Interrupted: this is of the runs that were complete by then.", class_="warning")
    for warning in document.warnings:
        add(body, "p", warning, class_="warning")
    for arm in document.arms[1:]:
        _add_findings(body, arm, document.headline)
    if document.runs:
        _add_distributions(body, document)
        _add_censuses(body, document.arms)
    return page(title, STYLE, body)


def _circumstances(document: TryDocument) -> str:
    settings = ", ".join(f"{key} = {value}" for key, value in document.settings.items())
    every = f" In every arm: {settings}." if settings else ""
    return (
        f"{document.runs} runs of each after a warm-up, in random order within blocks, {document.seconds:,.0f} s, "
        f"Linux {document.kernel}, {document.taken_at}.{every} Intervals: Student's t of the differences of the "
        "blocks, 95%; effects: after Holm's correction for all metrics."
    )


def _add_findings(body: Element, arm: ArmDocument, headline: Sequence[str]) -> None:
    add(body, "h2", arm.name)
    for name in headline:
        if name in arm.metrics:
            metric = arm.metrics[name]
            add(
                body, "p", metric.words if metric.verdict != "none" else f"{metric.noun}: {metric.words}", class_="said"
            )
    table = add(body, "table")
    head = add(table, "tr")
    for title in ("metric", "baseline", "changed", "effect", "95% interval", "verdict"):
        add(head, "th", title)
    for name in _telling(arm, headline):
        row = add(table, "tr")
        for text in _cells(name, arm.metrics[name]):
            add(row, "td", text, class_=arm.metrics[name].verdict)
    rest = len(arm.metrics) - len(_telling(arm, headline))
    if rest:
        add(body, "p", f"No effect seen in {rest} other metrics.", class_="faint")


def _telling(arm: ArmDocument, headline: Sequence[str]) -> list[str]:
    """The metrics to show: those to look at first, then those in which something was found."""
    first = [name for name in headline if name in arm.metrics]
    return first + [name for name, metric in arm.metrics.items() if metric.verdict != "none" and name not in first]


def _cells(name: str, metric: Metric) -> tuple[str, ...]:
    is_ratio = metric.scale == "ratio"
    ends = " to ".join(f"{end:,.3g}" if is_ratio else amount(end) for end in metric.ci95) if metric.ci95 else "-"
    effect = f"× {metric.effect:,.3g}" if is_ratio else f"{metric.effect:+,.4g}"  # noqa: RUF001 - the sign of a ratio
    verdict = {"effect": "effect", "perhaps": "perhaps", "none": "none seen"}[metric.verdict]
    return name, amount(metric.baseline), amount(metric.changed), effect, ends, verdict


def _add_distributions(body: Element, document: TryDocument) -> None:
    add(body, "h2", "Every run")
    found = dict.fromkeys(name for arm in document.arms[1:] for name in _telling(arm, document.headline))
    for name in list(found)[:_MOST_PLOTS]:
        figure = add(body, "figure")
        add(figure, "figcaption", name)
        rows = {arm.name: arm.values.get(name, [0.0] * document.runs) for arm in document.arms}
        figure.append(dots(rows, f"{name} of each run"))


def _add_censuses(body: Element, arms: Sequence[ArmDocument]) -> None:
    add(body, "h2", "Sockets per state over time")
    highest = max((sum(look.states.values()) for arm in arms for look in arm.looks), default=0)
    present = {state for arm in arms for look in arm.looks for state in look.states}
    body.append(legend([state for state in COLOURS if state in present]))
    for arm in arms:
        figure = add(body, "figure")
        add(figure, "figcaption", f"{arm.name}, its last run")
        looks = [(look.at_s, look.states) for look in arm.looks]
        figure.append(layers(looks, float(highest), f"sockets per state during a run of {arm.name}"))
