"""/proc/net/tcp and /proc/net/tcp6.

The rows of get_tcp4_sock, get_timewait4_sock and get_openreq4 (net/ipv4/tcp_ipv4.c) and their IPv6 kin, most of it in
hexadecimal: addresses as 32-bit words in the byte order of the host, ports, state, queues, ``tr:when`` (which timer,
and how long it still runs, in hundredths of a second: USER_HZ). uid and inode are decimal.
"""

import re
import socket
import struct
from collections.abc import Iterator
from typing import Literal

from lastack.model.census import SocketRow, Timer, age_of_close
from lastack.tcp.states import BY_NUMBER
from lastack.text.endpoint import Endpoint, Reader, remembering
from lastack.text.notes import Notes, Numbered, RowReader

__all__ = ["entries", "reader", "rows"]

_EXPECTED = "a row of /proc/net/tcp or tcp6"

Order = Literal["little", "big"]

_HEADER = re.compile(r"\s*sl\s+local_address\s+(rem(?:ote)?_address)\s+st\s")
_ROW = re.compile(r"\s*\d+: (?:(?:[0-9A-F]{8}|[0-9A-F]{32}):[0-9A-F]{4} ){2}[0-9A-F]{2} ")

# Words of a row: sl local remote st tx:rx tr:when retrnsmt uid timeout inode, and more that we do not need.
_LOCAL, _REMOTE, _STATE, _TIMER, _RETRIES, _UID, _INODE = 1, 2, 3, 5, 6, 7, 9
_WORDS = 10

_TIME_WAIT_TIMER = "03"
# timer_active in get_tcp4_sock; a retransmission timer also runs before anything was sent again.
_TIMERS: dict[str, Timer] = {"01": "retransmission", "02": "keepalive", "04": "probe"}
_NEVER = "00000000"
_TICK_MS = 10

_STATES = {f"{number:02X}": name for number, name in BY_NUMBER.items()}


def reader(line: str) -> RowReader | None:
    """What reads the file that begins with this line, if it is of this format."""
    return rows if _HEADER.match(line) or _ROW.match(line) else None


def rows(numbered: Numbered, notes: Notes) -> Iterator[SocketRow]:
    """The sockets of a file that was saved on a little-endian machine; arguments and errors as in ``entries``."""
    return (row for row, _ in entries(numbered, notes))


def entries(numbered: Numbered, notes: Notes, order: Order = "little") -> Iterator[tuple[SocketRow, int]]:
    """Each socket, and its inode: 0 where no process holds it, and then its uid says nothing and is None.

    Args:
        numbered: lines with their numbers.
        notes: takes what is strange.
        order: the byte order of the machine that the text is from.

    Raises:
        InputError: too many lines are no rows.
    """
    endpoint = remembering(_reader(order))
    for number, line in numbered:
        words = line.split(None, _WORDS)
        try:
            local, family, local_port = endpoint(words[_LOCAL])
            remote, _, remote_port = endpoint(words[_REMOTE])
            state = _STATES.get(words[_STATE]) or notes.states[f"STATE_{int(words[_STATE], 16):02X}"]
            age = _age(words[_TIMER]) if state == "TIME_WAIT" else None
            inode = int(words[_INODE])
            uid = int(words[_UID]) if inode else None
        except (LookupError, ValueError):
            _aside(number, line, notes)
        else:
            row = SocketRow(state, family, local, local_port, remote, remote_port, None, uid, None, None, age)
            yield row._replace(timer=_timer(words)), inode


def _aside(number: int, line: str, notes: Notes) -> None:
    if header := _HEADER.match(line):
        notes.begins(header[1])
    elif line.strip():
        notes.strange(number, line, _EXPECTED)


def _age(timer: str) -> int | None:
    kind, _, ticks = timer.partition(":")
    return age_of_close(int(ticks, 16) * _TICK_MS) if kind == _TIME_WAIT_TIMER else None


def _timer(words: list[str]) -> Timer | None:
    timer = _TIMERS.get(words[_TIMER].partition(":")[0])
    return None if timer == "retransmission" and words[_RETRIES] == _NEVER else timer


def _reader(order: Order) -> Reader:
    given = "<" if order == "little" else ">"
    # By digits of an address: its family, and its words as they are given and as they belong.
    forms = {
        8: (4, socket.AF_INET, struct.Struct(given + "I"), struct.Struct(">I")),
        32: (6, socket.AF_INET6, struct.Struct(given + "4I"), struct.Struct(">4I")),
    }

    def read(text: str) -> Endpoint:
        digits, _, port = text.partition(":")
        family, number, words, network = forms[len(digits)]
        if len(port) != 4:
            raise ValueError(text)
        packed = network.pack(*words.unpack(bytes.fromhex(digits)))
        return socket.inet_ntop(number, packed), family, int(port, 16)

    return read
