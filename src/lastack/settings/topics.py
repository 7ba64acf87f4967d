"""Finding what somebody wants explained: settings, counters, states and verdicts, by whatever name they are known."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import NamedTuple

from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.counters.rows import COUNTERS
from lastack.settings.lint.verdict import VERDICTS
from lastack.settings.page import Kind, Page
from lastack.settings.pages import counter_page, setting_page, state_page, verdict_page
from lastack.settings.states.rows import STATE_GUIDES
from lastack.tcp.states import STATES

__all__ = ["Topic", "alike", "find", "folded", "meant", "names", "page_of"]

# Likeness (difflib): below the first a name is not offered; from the second on no other can be meant.
_LEAST_ALIKE, _SURELY_ALIKE = 0.6, 0.88
# What people leave out of a setting's name.
_PREFIX = re.compile(r"(?:nf_conntrack_)?(?:tcp_|ip_)")


class Topic(NamedTuple):
    """Something that has a page: its kind, and its own name."""

    kind: Kind
    name: str


def folded(name: str) -> str:
    """A name without what people vary in it.

    >>> folded("TIME-WAIT"), folded("net/ipv4/tcp_tw_reuse")
    ('time_wait', 'net.ipv4.tcp_tw_reuse')
    """
    return "_".join(name.lower().replace("/", ".").replace("-", " ").split())


def names() -> Iterator[Topic]:
    """Every topic once."""
    for state in STATE_GUIDES:
        yield Topic("state", state)
    for key in SETTINGS:
        yield Topic("setting", key)
    for counter in COUNTERS:
        yield Topic("counter", counter)
    for verdict in VERDICTS:
        yield Topic("verdict", verdict)


@cache
def _by_spelling() -> dict[str, Topic]:
    """Each topic by all its spellings; where two share one, the first keeps it."""
    found: dict[str, Topic] = {}
    for topic in names():
        found.setdefault(folded(topic.name), topic)
    for state in STATES:
        for spelling in (state.ss, *state.aliases):
            found.setdefault(folded(spelling), Topic("state", state.name))
    for row in SETTINGS.values():
        found.setdefault(row.leaf, Topic("setting", row.key))
    for row in SETTINGS.values():
        found.setdefault(_PREFIX.sub("", row.leaf), Topic("setting", row.key))
    for counter in COUNTERS.values():
        # As nstat(8) prints it.
        found.setdefault(folded(f"{counter.source}{counter.name}"), Topic("counter", counter.name))
    return found


def find(name: str) -> Topic | None:
    """The topic that goes by this name, in any spelling; None if there is none."""
    return _by_spelling().get(folded(name))


def alike(name: str) -> list[Topic]:
    """Topics with a name like this one, the most alike first; at most three."""
    spellings = _by_spelling()
    near = get_close_matches(folded(name), spellings, 6, _LEAST_ALIKE)
    return list(dict.fromkeys(spellings[spelling] for spelling in near))[:3]


def meant(name: str) -> Topic | None:
    """The topic that a misspelt name must mean; None where that is not plain."""
    near = get_close_matches(folded(name), _by_spelling(), 1, _SURELY_ALIKE)
    return _by_spelling()[near[0]] if near else None


def page_of(topic: Topic, live: str | None = None) -> Page:
    """A topic's page. ``live``: what a setting is on this host."""
    if topic.kind == "setting":
        return setting_page(SETTINGS[topic.name], live)
    if topic.kind == "counter":
        return counter_page(COUNTERS[topic.name])
    if topic.kind == "state":
        return state_page(STATE_GUIDES[topic.name])
    return verdict_page(VERDICTS[topic.name])
