"""Explain a state, a setting, a counter, a finding of the doctor, or a verdict of lint.

Names may be spelled as any tool spells them: TIME_WAIT, time-wait, tcp_tw_reuse, TcpExtListenOverflows. Lines of a
sysctl file and commands that set one, pasted or on standard input, are judged as `lastack lint` judges lines. Without a
topic: all topics.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from lastack.cli.explain_report import as_document, as_text, as_topics, print_page
from lastack.cli.options import add_color, add_json, wants_color
from lastack.errors import RefusedError, UsageError
from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.page import Page, Section
from lastack.settings.pages import experiments
from lastack.settings.topics import alike, find, folded, meant, names, page_of

if TYPE_CHECKING:
    from lastack.doctor.rule import Rule

__all__ = ["configure", "run"]


# What a line of a sysctl file or a command that sets a key has, and no topic's name.
_OF_LINES = ("=", "\n", ">")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``lastack explain``."""
    parser.add_argument("topic", metavar="TOPIC", nargs="*", help="what to explain; -: lines from standard input")
    parser.add_argument(
        "-w", dest="written", nargs="*", default=[], help=argparse.SUPPRESS
    )  # `sysctl -w` without quotes
    add_json(parser)
    add_color(parser)


def run(options: argparse.Namespace) -> int:
    """Find the topic, print its page."""
    topic = " ".join([*options.topic, *options.written]).strip()
    if topic == "-" or any(mark in topic for mark in _OF_LINES):
        return _judge(topic, as_json=options.json, color=wants_color(options))
    if not topic:
        _list_topics(as_json=options.json)
        return 0
    page = _page(topic)
    if options.json:
        sys.stdout.write(json.dumps(as_document(page)) + "\n")
    elif sys.stdout.isatty():
        print_page(page, color=wants_color(options))
    else:
        sys.stdout.writelines(f"{line}\n" for line in as_text(page))
    return 0


def _page(name: str) -> Page:
    """The page that goes by that name, with what the doctor says of it.

    Raises:
        UsageError: ``unknown-topic``.
    """
    topic, findings = find(name), _findings()
    finding = findings.get(folded(name))
    if topic is None and finding is None:
        topic = meant(name)
        if topic:
            sys.stderr.write(f"lastack: there is no page about {name!r}; this is the one about {topic.name}\n")
    if topic is None and finding is None:
        near = alike(name)
        hint = f"did you mean {', '.join(item.name for item in near)}?" if near else "`lastack explain` lists them all"
        raise UsageError("unknown-topic", f"there is no page about {name!r}", hint)
    if topic is None:
        assert finding is not None
        return finding
    page = page_of(topic, _live(topic.name) if topic.kind == "setting" else None)
    if finding is None:
        return page
    return page._replace(sections=(*page.sections, finding.sections[0]._replace(heading="What the doctor makes of it")))


def _findings() -> dict[str, Page]:
    """The doctor's rules as pages, by their folded ids."""
    from lastack.doctor.rules import RULES  # noqa: PLC0415 - lint's judgement of pasted lines does without

    return {folded(rule.id): _of_rule(rule) for rule in RULES}


def _of_rule(rule: "Rule") -> Page:
    meaning = Section("What it means", tuple(rule.explanation.split("\n\n")))
    shown = (experiments(rule.claims),) if rule.claims else ()
    return Page("finding", rule.id, f"{rule.title}.", (meaning, *shown))


def _live(key: str) -> str | None:
    """What a setting is on this host; None: not there, or not to be read."""
    from lastack.kernel.sysctl import read_setting  # noqa: PLC0415 - only settings have a live value

    try:
        return read_setting(key)
    except RefusedError:
        return None


def _list_topics(*, as_json: bool) -> None:
    topics = [
        *((topic.kind, topic.name) for topic in names()),
        *((page.kind, page.name) for page in _findings().values()),
    ]
    if as_json:
        sys.stdout.write(json.dumps(as_topics(topics)) + "\n")
        return
    for kind, group in groupby(topics, itemgetter(0)):
        sys.stdout.write(f"{kind}s:\n")
        sys.stdout.writelines(f"  {name}\n" for _, name in group)


def _judge(lines: str, *, as_json: bool, color: bool) -> int:
    """Lines of a sysctl file instead of a topic."""
    from lastack.cli import lint_report  # noqa: PLC0415 - topics do without all of lint
    from lastack.cli.lint_files import read_named  # noqa: PLC0415 - as above
    from lastack.cli.lint_host import view_of_host  # noqa: PLC0415 - as above
    from lastack.settings.lint.judge import fails, judge, keys_of, read_files  # noqa: PLC0415 - as above
    from lastack.settings.sysctld.grammar import unshelled  # noqa: PLC0415 - as above

    pasted = read_named(["-"]) if lines == "-" else [("pasted", lines.encode("utf-8", "surrogateescape"))]
    entries = read_files([(name, unshelled(content)) for name, content in pasted])
    view = view_of_host(keys_of(entries), {entry.line.key for entry in entries})
    judged = judge(entries, view)
    if as_json:
        sys.stdout.write(json.dumps(lint_report.as_document(judged, view.release.text)) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in lint_report.as_text(judged, color=color))
        sys.stdout.writelines(_shown(entry.line.key for entry in entries))
    return int(fails(judged))


def _shown(keys: Iterable[str]) -> Iterator[str]:
    """How to see on this kernel what the lines do."""
    known = [key for key in dict.fromkeys(keys) if key in SETTINGS and SETTINGS[key].claims]
    if known:
        yield f"Run what is said of them on this kernel: lastack lab claims {' '.join(known)}\n"
