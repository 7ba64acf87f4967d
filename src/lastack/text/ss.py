"""Saved ``ss`` (iproute2's misc/ss.c), whatever options it was asked with.

Columns come and go: Netid where several kinds of sockets were asked for, State unless exactly one was. Behind the
addresses follow items, which and in what order depends on options and version: ``users:(("nginx",pid=7,fd=3))``
(older: ``(("nginx",7,3))``), ``timer:(timewait,59sec,0)``, ``uid:33 ino:4711 sk:1 cgroup:/system.slice``. ``-i`` and
``-m`` add lines that begin with a tab. What a process calls itself stands there as it is, quotes and all.

``*`` is any address: of IPv6 where the socket takes IPv4 too, of IPv4 before iproute2 4.15. It stays as it is, and the
family of such a listener is not known.
"""

import re
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import NamedTuple

from lastack.model.census import SocketRow, age_of_close
from lastack.tcp.states import STATES
from lastack.text.endpoint import after_colon, remembering
from lastack.text.notes import Notes, Numbered, RowReader

__all__ = ["reader"]

_EXPECTED = "a row of ss: [Netid] [State] Recv-Q Send-Q Local:Port Peer:Port"

_HEADER = re.compile(r"\s*(Netid\s+)?(State\s+)?Recv-Q\s+Send-Q\s+Local Address:Port\s+Peer Address:Port")
_SPELLINGS = frozenset(state.ss for state in STATES)
_ITEMS = ("users:", "timer:", "uid:", "ino:", "sk:", "cgroup:")

# A name has at most 15 characters (TASK_COMM_LEN, include/linux/sched.h), so no match reaches into the next process.
_USER = re.compile(r'\("(.{0,15})",(?:pid=)?(\d{1,9}),')
_OWNER = re.compile(r"(?:\buid:(\d{1,10}) )?\bino:(\d{1,20}) sk:")
_CGROUP = re.compile(r"\bcgroup:(/\S*)")

# print_ms_timer(): 1min5sec, 59sec, 9.123ms (which is 9 s and 123 ms), 123ms, or nothing where time is up.
_TIMER = re.compile(r"timer:\(timewait,(?:(\d{1,4})min)?(?:(\d\d?)(?:sec|\.))?(?:(\d{1,3})ms)?,")
_SHOWS_MS_UP_TO_S = 9

# There are few distinct ones, so they are remembered: 50 of whole seconds, 10,000 of ms.
_TIMER_CHARS, _TIMERS = 40, 1 << 10


class _Layout(NamedTuple):
    """Which word of a row is what: Netid is the first or missing; two queues and two addresses follow each other."""

    netid: bool
    state: int | None
    queues: int
    items: int


# By whether there are Netid and State.
_LAYOUTS = {
    (True, True): _Layout(netid=True, state=1, queues=2, items=6),
    (False, True): _Layout(netid=False, state=0, queues=1, items=5),
    (True, False): _Layout(netid=True, state=None, queues=1, items=5),
    (False, False): _Layout(netid=False, state=None, queues=0, items=4),
}

_Details = tuple[str | None, int | None, str | None, int | None]  # process, uid, cgroup, close_age_s
_NONE: _Details = (None, None, None, None)


def reader(line: str) -> RowReader | None:
    """What reads the file that begins with this line, if it is of this format."""
    layout = _of_header(line) or _of_row(line)
    return partial(_rows, layout) if layout else None


def _of_header(line: str) -> _Layout | None:
    header = _HEADER.match(line)
    return _LAYOUTS[header[1] is not None, header[2] is not None] if header else None


def _of_row(line: str) -> _Layout | None:
    words = line.split()
    return next((layout for layout in _LAYOUTS.values() if _fits(words, layout)), None)


def _fits(words: list[str], layout: _Layout) -> bool:
    """Whether these can be the words of a row (``ss -H`` prints no header)."""
    _, state, queues, items = layout
    if len(words) < items or not (words[queues].isdigit() and words[queues + 1].isdigit()):
        return False
    if state is not None:
        return words[state] in _SPELLINGS
    return (
        ":" in words[queues + 2] and ":" in words[queues + 3] and all(w.startswith(_ITEMS) for w in words[items:][:1])
    )


def _rows(layout: _Layout, numbered: Numbered, notes: Notes) -> Iterator[SocketRow]:
    endpoint, states = remembering(after_colon), notes.states
    netid, stated, queues, items = layout
    for number, line in numbered:
        words = line.split(None, items)
        if len(words) < items or not words[queues].isdigit():
            netid, stated, queues, items = _aside(number, line, notes) or (netid, stated, queues, items)
            continue
        if netid and words[0] != "tcp":
            continue
        try:
            state = notes.no_state() if stated is None else states[words[stated]]
            local, local_family, local_port = endpoint(words[queues + 2])
            remote, remote_family, remote_port = endpoint(words[queues + 3])
            process, uid, cgroup, age = _details(words[items], state) if len(words) > items else _NONE
        except ValueError:
            notes.strange(number, line, _EXPECTED)
            continue
        family = local_family or remote_family
        yield SocketRow(state, family, local, local_port, remote, remote_port, process, uid, cgroup, None, age)


def _aside(number: int, line: str, notes: Notes) -> _Layout | None:
    layout = _of_header(line)
    if layout:
        notes.begins("ss")
    elif line and not line[0].isspace():
        notes.strange(number, line, _EXPECTED)
    return layout


def _details(items: str, state: str) -> _Details:
    if state == "TIME_WAIT":
        return None, None, None, _age(items[:_TIMER_CHARS])
    # Only what follows the last process name is ss's own word.
    users, _, rest = items.rpartition("))")
    uid, cgroup = _owner(rest) if ":" in rest else (None, None)
    return _process(users) if users else None, uid, cgroup, None


def _process(users: str) -> str | None:
    """Of several processes that hold a socket, the one with the lowest pid."""
    found: list[tuple[str, str]] = _USER.findall(users)
    if len(found) > 1:
        found.sort(key=lambda user: int(user[1]))
    return "/".join(found[0]) if found else None


def _owner(items: str) -> tuple[int | None, str | None]:
    """uid, which ss leaves out where it is 0, and cgroup. A socket without an inode belongs to nobody."""
    owner, cgroup = _OWNER.search(items), _CGROUP.search(items)
    uid = int(owner[1] or 0) if owner and int(owner[2]) else None
    return uid, cgroup[1] if cgroup else None


@lru_cache(_TIMERS)
def _age(items: str) -> int | None:
    timer = _TIMER.match(items)
    if not timer:
        return None
    minutes, seconds, ms = (int(part or 0) for part in timer.groups())
    if minutes or seconds > _SHOWS_MS_UP_TO_S:
        ms = 999  # cut off by ss; at this end of what it can have been, the age is nearly always right
    return age_of_close((minutes * 60 + seconds) * 1000 + ms)
