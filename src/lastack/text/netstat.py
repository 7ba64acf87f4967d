"""Saved ``netstat``: net-tools, busybox, FreeBSD, OpenBSD, NetBSD, macOS, Windows.

All print a header and then a line for each socket. Which word of it is what, the header says:

- net-tools, busybox: ``Proto Recv-Q Send-Q Local Address Foreign Address State``; then, with ``-e``, ``-p``, ``-o``,
  ``User Inode``, ``PID/Program name``, ``Timer``. net-tools writes an IPv4-mapped address of a tcp6 socket without
  its prefix; busybox calls both families ``tcp``.
- the BSDs, macOS: the state is titled ``(state)`` or ``TCP-State``; with ``-A`` the address of a control block comes
  first; with ``-T`` and ``-x`` other columns stand in place of queues and state; ``tcp4``, ``tcp6``, ``tcp46``.
- Windows: ``Proto Local Address Foreign Address State``; with ``-b`` a line on its own says whose socket it was.

Sections of other sockets follow under titles and headers of their own.
"""

import re
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import NamedTuple

from lastack.model.census import SocketRow, age_of_close
from lastack.text.endpoint import after_last, as_ipv6, remembering
from lastack.text.notes import Notes, Numbered, RowReader

__all__ = ["reader"]

_EXPECTED = "a row of netstat: Proto [Recv-Q Send-Q] Local-Address Foreign-Address State"

_STATE_TITLES = frozenset({"State", "(state)", "TCP-State"})
_EXTRA_TITLES = ("User", "PID/Program name", "Timer")
_SECTION_TITLES = frozenset({"Active", "Current", "Kernel", "Proto", "Registered"})

# The protocols of rows, with their family (None: the address shows it) and what reads their addresses; and those that
# are no TCP, without version numbers.
_TCP = {
    "tcp": (None, after_last),
    "tcp4": (4, after_last),
    "tcp6": (6, as_ipv6),
    "tcp46": (6, as_ipv6),
    "TCP": (None, after_last),
}
_OTHERS = frozenset(
    {"dccp", "div", "divert", "icm", "icmp", "igmp", "ip", "raw", "sctp", "udp", "udpl", "udplite", "unix"}
)

# What net-tools says on stderr to those who are not root.
_REMARKS = ("(Not all processes could be", "will not be shown, you would", "(No info could be read for")

# ``timewait (58.21/0/0)``: seconds left, retransmissions, probes. Some locales have a decimal comma.
_LEFT = re.compile(r"(\d{1,9})[.,](\d\d)/\d{1,9}/\d{1,9}\)")

# There are 6,000 distinct ones in a minute, so they are remembered.
_TIMER_CHARS, _TIMERS = 40, 1 << 13

# net-tools cuts address and port to 23 characters unless asked with -W; the BSDs and macOS cut the address to 16.
_CUT_WIDTH, _BSD_CUT_WIDTH = 23, 22


class _Layout(NamedTuple):
    """Which word of a row is what; the foreign address follows the local one, ``extras`` is net-tools' columns."""

    protocol: int
    local: int
    state: int | None
    extras: bool

    @property
    def words(self) -> int:
        """How many there are before the extras."""
        return self.local + (2 if self.state is None else 3)

    @property
    def queues(self) -> bool:
        """Whether there are columns between protocol and addresses; Windows has none."""
        return self.local - self.protocol > 1


_Extras = tuple[str | None, int | None, int | None]  # process, uid, close_age_s
_NONE: _Extras = (None, None, None)


def reader(line: str) -> RowReader | None:
    """What reads the file that begins with this line, if it is of this format."""
    layout = _of_header(line) or _of_row(line.split())
    return partial(_rows, layout) if layout else None


def _of_header(line: str, notes: Notes | None = None) -> _Layout | None:
    before, _, after = line.partition("Local Address")
    front, titles = before.split(), after.split()
    if "Proto" not in front or titles[:2] != ["Foreign", "Address"]:
        return None
    # The BSDs repeat theirs for each protocol.
    if notes and "State" in titles:
        notes.begins("netstat")
    stated = not _STATE_TITLES.isdisjoint(titles[2:3])
    extras = any(title in after for title in _EXTRA_TITLES)
    return _Layout(front.index("Proto"), len(front), len(front) + 2 if stated else None, extras)


def _of_row(words: list[str]) -> _Layout | None:
    """The layout by a row alone: ``netstat -an | grep tcp`` has no header."""
    for local in (3, 1):
        if len(words) > local + 2 and words[0] in _TCP and all(word.isdigit() for word in words[1:local]):
            ends, state = words[local : local + 2], words[local + 2]
            if all(":" in end or "." in end for end in ends) and state[0].isalpha() and ":" not in state:
                return _Layout(0, local, local + 2, extras=not _has_dot_form(ends[0]))
    return None


def _has_dot_form(end: str) -> bool:
    return end.rfind(".") > end.rfind(":")


def _rows(layout: _Layout, numbered: Numbered, notes: Notes) -> Iterator[SocketRow]:
    numbered = iter(numbered)
    states, tcp = notes.states, {name: (family, remembering(read)) for name, (family, read) in _TCP.items()}
    protocol, local_at, state_at, extras = layout
    count, widest = layout.words, ""
    for number, line in numbered:
        words = line.split(None, count)
        known = tcp.get(words[protocol]) if len(words) >= count else None
        if known is None:
            layout = _aside(number, line, numbered, layout, notes)
            protocol, local_at, state_at, extras = layout
            count = layout.words
            continue
        family, endpoint = known
        try:
            state = notes.no_state() if state_at is None else states[words[state_at]]
            local, local_family, local_port = endpoint(words[local_at])
            remote, remote_family, remote_port = endpoint(words[local_at + 1])
            process, uid, age = _extras(words[count], state) if extras and len(words) > count else _NONE
        except ValueError:
            notes.strange(number, line, _EXPECTED)
            continue
        if local_family != 4 or remote_family != 4:
            widest = max(widest, words[local_at], words[local_at + 1], key=len)
        family = family or local_family or remote_family
        yield SocketRow(state, family, local, local_port, remote, remote_port, process, uid, None, None, age)
    if len(widest) == (_BSD_CUT_WIDTH if _has_dot_form(widest) else _CUT_WIDTH):
        notes.say(f"netstat may have cut addresses off ({widest}); its option -W (macOS: -l) shows them whole")


def _aside(number: int, line: str, numbered: Iterator[tuple[int, str]], layout: _Layout, notes: Notes) -> _Layout:
    """Deal with a line that is no TCP socket; the layout from here on."""
    words = line.split(None, 2)
    if header := _of_header(line, notes):
        return header
    if words and words[0] in _SECTION_TITLES:
        return next(filter(None, (_of_header(line, notes) for _, line in numbered)), layout)
    if words and not _is_expected(line, words, layout):
        notes.strange(number, line, _EXPECTED)
    return layout


def _is_expected(line: str, words: list[str], layout: _Layout) -> bool:
    """Whether it is a row of another protocol, a remark, or the name that Windows' ``-b`` puts under a row."""
    if any(word.rstrip("0123456789").lower() in _OTHERS for word in words[:2]):
        return True
    return line.lstrip().startswith(_REMARKS) or (not layout.queues and line[0] == " " and words[0] not in _TCP)


def _extras(text: str, state: str) -> _Extras:
    """``User Inode PID/Program name Timer``, each only where it was asked for."""
    text = text.rstrip()
    if state == "TIME_WAIT":
        return None, None, _age(text[-_TIMER_CHARS:])
    front, _, end = text.rpartition(" (")
    if _LEFT.fullmatch(end):
        text = front.rpartition(" ")[0]
    uid = None
    words = text.split(None, 2)
    if len(words) > 1 and words[1].isdigit() and "/" not in words[0]:
        uid = int(words[0]) if words[0].isdigit() and int(words[1]) else None
        text = "".join(words[2:])
    pid, named, name = text.strip().partition("/")
    return f"{name}/{pid}" if named and pid.isdigit() else None, uid, None


@lru_cache(_TIMERS)
def _age(text: str) -> int | None:
    left = _LEFT.fullmatch(text.rpartition(" (")[2])
    return age_of_close(int(left[1]) * 1000 + int(left[2]) * 10) if left else None
