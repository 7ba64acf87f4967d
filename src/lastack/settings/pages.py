"""Rows made into pages. Everything that a page says comes out of its row."""

from collections.abc import Iterable, Iterator

from lastack.settings.catalogue.row import Range, Setting
from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.counters.row import Counter
from lastack.settings.counters.rows import COUNTERS
from lastack.settings.lint.verdict import Meaning
from lastack.settings.page import Page, Section
from lastack.settings.states.rows import StateGuide
from lastack.tcp.states import STATES

__all__ = ["counter_page", "experiments", "setting_page", "state_page", "verdict_page"]

_INT_MAX = 2**31 - 1
_STATES = {state.name: state for state in STATES}
_FILES = {
    "TcpExt": "/proc/net/netstat, group TcpExt",
    "Tcp": "/proc/net/snmp, group Tcp",
    "sockstat": "/proc/net/sockstat, line TCP",
    "nf_conntrack": "/proc/net/stat/nf_conntrack; the count is /proc/sys/net/netfilter/nf_conntrack_count",
}


def setting_page(row: Setting, live: str | None = None) -> Page:
    """A setting's page; ``live``: what it is on this host."""
    sections = (
        Section("At a glance", facts=tuple(_setting_facts(row, live))),
        Section("What it does", (row.does,), bullets=tuple(f"{value}: {meaning}" for value, meaning in row.values)),
        Section("What people believe", _some(row.believed)),
        Section("Hazards", bullets=row.hazards),
        Section("History", bullets=(*_some(_removal(row)), *row.history)),
        Section("What to watch", bullets=tuple(_counter(name) for name in row.counters)),
        Section("See also", bullets=tuple(f"{key}: {SETTINGS[key].summary}" for key in row.related)),
        *_backing(row.sources, row.claims),
    )
    return Page("setting", row.key, row.summary, _full(sections))


def counter_page(row: Counter) -> Page:
    """A counter's page."""
    sections = (
        Section("At a glance", facts=tuple(_counter_facts(row))),
        Section("What a rise tells" if not row.gauge else "What it tells", (row.tells,)),
        Section("What people take it for", _some(row.believed)),
        Section("History", bullets=row.history),
        Section("See also", bullets=tuple(f"{key}: {SETTINGS[key].summary}" for key in row.settings)),
    )
    return Page("counter", row.name, row.counts, _full(sections))


def state_page(row: StateGuide) -> Page:
    """A state's page."""
    state = _STATES[row.name]
    facts = (
        ("what puts a socket there", row.enters),
        ("what takes it out", row.leaves),
        ("after how long", row.lasts),
        ("whose move it is", row.move),
        ("what it holds", row.holds),
        ("when to worry", row.worry),
        ("other names", ", ".join(dict.fromkeys((state.ss, *state.aliases)))),
    )
    sections = (
        Section("At a glance", facts=facts),
        *row.sections,
        Section("Settings", bullets=tuple(f"{key}: {SETTINGS[key].summary}" for key in row.settings)),
        Section("What to watch", bullets=tuple(_counter(name) for name in row.counters)),
        *_backing(row.sources, row.claims),
    )
    return Page("state", row.name, f"{state.meaning[:1].upper()}{state.meaning[1:]}.", _full(sections))


def verdict_page(row: Meaning) -> Page:
    """A lint verdict's page."""
    facts = (
        ("when the file is loaded", row.loader),
        ("lint --fix", row.fix),
        ("exit code of lint", "1" if row.fails else "0, if all lines are such or ok"),
    )
    return Page("verdict", row.verdict, row.meaning, (Section("At a glance", facts=facts),))


def _setting_facts(row: Setting, live: str | None) -> Iterator[tuple[str, str]]:
    if live is not None:
        yield "on this host now", live or "(empty)"
    if row.unit:
        yield "unit", row.unit if row.arity == 1 else f"{row.arity} numbers of {row.unit}"
    yield from _some_fact("accepted", _accepted(row))
    yield from _some_fact("default", _default(row))
    yield "per network namespace", _namespaced(row)
    yield "in kernels", _span(row.added, row.removed)
    yield "affects", ", ".join(row.roles)
    yield "Kubernetes", row.kubernetes


def _counter_facts(row: Counter) -> Iterator[tuple[str, str]]:
    yield "where", _FILES[row.source]
    yield "kind", "what is there now" if row.gauge else "counts up from the namespace's beginning"
    yield "per network namespace", "yes" if row.per_namespace else "no: it shows the whole machine's"
    yield "in kernels", _span(row.added, row.removed)


def _accepted(row: Setting) -> str:
    if row.read_only:
        return "nothing: it is read-only"
    if row.form == "ports":
        return "ports from 0 to 65535 and ranges of them, separated by commas"
    if not row.accepts:
        return ""
    newest, *older = reversed(row.accepts)
    parts = [_range(newest) + (f" since {newest.since}" if newest.since else "")]
    parts += [f"before that {_range(item)}" for item in older]
    if row.sane and row.sane != newest[1:]:
        low, high = row.sane
        parts.append(f"{f'{low} to {high}' if high < _INT_MAX else f'{low} and more'} mean something")
    if row.form == "seconds":
        parts.append("less where the kernel ticks more than 100 times a second")
    return "; ".join(parts)


def _range(item: Range) -> str:
    if item.low < -_INT_MAX and item.high >= _INT_MAX:
        return "whatever fits its C type"
    return f"{item.low:,} to {item.high:,}" if item.high < 2**62 else f"{item.low:,} and more"


def _default(row: Setting) -> str:
    parts = [f"{value or '(empty)'}" + (f" since {since}" if since else "") for since, value in reversed(row.defaults)]
    return row.derived or ", ".join(parts)


def _namespaced(row: Setting) -> str:
    if not row.namespaced:
        return "no: one for the whole machine"
    return "yes, since it exists" if row.namespaced == "born" else f"yes, since {row.namespaced}"


def _span(added: str, removed: str) -> str:
    if removed:
        return f"{f'from {added} ' if added else ''}until {removed}, which is the first without it"
    return f"since {added}" if added else "all since 2.6.24"


def _removal(row: Setting) -> str:
    return f"Removed in {row.removed}: {row.removal}." if row.removed else ""


def _counter(name: str) -> str:
    return f"{name}: {COUNTERS[name].counts}"


def experiments(claims: tuple[str, ...]) -> Section:
    """The claims behind a page, as commands to run; empty without any."""
    bullets = tuple(f"lastack lab claims {claim}" for claim in claims)
    how = ("Experiments that show it on this kernel, in a private namespace:",) if claims else ()
    return Section("Claims that back this", how, bullets=bullets)


def _backing(sources: tuple[str, ...], claims: tuple[str, ...]) -> tuple[Section, Section]:
    return experiments(claims), Section("Sources", bullets=sources)


def _some(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _some_fact(name: str, value: str) -> Iterator[tuple[str, str]]:
    if value:
        yield name, value


def _full(sections: Iterable[Section]) -> tuple[Section, ...]:
    return tuple(section for section in sections if any(section[1:]))
