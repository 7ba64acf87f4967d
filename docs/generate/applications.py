"""docs/reference/applications.md, from the rows about applications."""

from collections.abc import Iterator

from docs.generate.markdown import attributes, page_of, table, text
from lastack.doctor.applications.row import Advice, Application
from lastack.doctor.applications.rows import ANY, APPLICATIONS

__all__ = ["page"]

_INTRODUCTION = """\
Most of what the doctor finds is mended in an application, not by a setting. A remedy names the application by the
process that holds the sockets, and by the port that it connects to; it comes with lines to write and with where the
project documents them. Of a process by another name it says what helps in any language: keep a pool, close what was
opened. Names and numbers in the lines are examples. What can be checked is checked: our tests give
the lines to nginx, HAProxy, Apache httpd and PHP-FPM, and parse the others."""


def page() -> str:
    """Every application, and what helps in it."""
    problems = f"A problem is one of these: {attributes(Advice)['problem']}"
    rows = [
        (f"[{one.name}](#{_anchor(one.name)})", ", ".join(f"`{name}`" for name in one.processes))
        for one in APPLICATIONS
    ]
    return page_of(
        "Applications",
        "lastack.doctor.applications",
        _INTRODUCTION,
        text(problems),
        table(["application", "processes"], rows),
        *map(_section, (*APPLICATIONS, Application("Any process", (), ANY))),
    )


def _anchor(name: str) -> str:
    return name.lower().replace(" ", "-").replace(".", "")


def _section(application: Application) -> str:
    return "\n\n".join([f"## {application.name}", *(_advice(one) for one in application.advice)])


def _advice(advice: Advice) -> str:
    return "\n\n".join(_parts(advice))


def _parts(advice: Advice) -> Iterator[str]:
    towards = f", towards port {', '.join(map(str, advice.ports))}" if advice.ports else ""
    yield f"**{advice.problem}**{towards}: {text(advice.text)} ([source]({advice.source}))"
    if advice.lines:
        yield "\n".join(["```text", f"# {advice.where}", *advice.lines, "```"])
