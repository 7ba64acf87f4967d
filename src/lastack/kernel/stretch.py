"""Netlink bytes in, stretches of socket rows out. No socket is touched here.

A dump answers with datagrams of up to 32 KiB, each a chain of messages. Walking the chain message by message costs
Python more than the whole kernel's work. But neighbours are mostly alike: sockets of one kind carry the same
attributes, so their messages have one length. A run of equal messages is a *stretch*: a column of it is a strided
slice, which C copies.

That a run really is one follows by induction: if the message at ``k * stride`` has length ``stride``, the next one
begins at ``(k + 1) * stride``. So comparing the length words at these places proves the chain.

On a busy host the open and the closed lie in the table as they fall, and runs are of three. Then a regular expression
walks the chain, in C too: it knows the headers that have come so far, and what each is followed by.

Sources: struct nlmsghdr in include/uapi/linux/netlink.h; struct inet_diag_msg in include/uapi/linux/inet_diag.h.
"""

import errno
import os
import re
import struct
from collections.abc import Iterator
from typing import Literal, NamedTuple

from lastack.errors import TruncatedError

__all__ = [
    "EXPIRES",
    "FAMILY",
    "ROW",
    "STATE",
    "TIMER",
    "TIMER_TIME_WAIT",
    "TIME_WAIT",
    "DumpError",
    "Parser",
    "Signal",
    "Stretch",
]

# Offsets into a message: 16 bytes of nlmsghdr, then inet_diag_msg.
FAMILY, STATE, TIMER, EXPIRES = 16, 17, 18, 68
ROW = struct.Struct("=16x BBBB 2s2s 16s16s I 8s I II I I")  # up to the attributes; ports in network order

TIME_WAIT = 6  # include/net/tcp_states.h

# idiag_timer of a time-wait mini-socket (inet_twsk_diag_fill, net/ipv4/inet_diag.c); others: 1 retransmit,
# 2 keepalive, 4 zero window probe.
TIMER_TIME_WAIT = 3

# What a datagram may say besides rows: the dump is over; the table changed under it, so it may lack or repeat rows.
Signal = Literal["done", "interrupted"]

_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_HEADER_LENGTH = struct.Struct("=I")
_ERROR = struct.Struct("=i")
_NLMSG_NOOP, _NLMSG_ERROR, _NLMSG_DONE, _NLMSG_OVERRUN = 1, 2, 3, 4
_TCPDIAG_GETSOCK, _SOCK_DIAG_BY_FAMILY = 18, 20
_NLM_F_DUMP_INTR = 0x10
_WHAT = 8  # bytes of a header that say how long a message is, and what it is
_FEW = 8


class Stretch(NamedTuple):
    """Consecutive messages of one length.

    Attributes:
        rows: exactly ``messages * stride`` bytes; valid until the next read from the socket.
        stride: bytes a message, a multiple of 4.
        messages: how many.
    """

    rows: memoryview
    stride: int
    messages: int

    def column(self, offset: int) -> bytes:
        """The byte at ``offset`` of every message."""
        return bytes(self.rows[offset :: self.stride])

    def words(self, offset: int) -> list[int]:
        """The host-order 32-bit word at ``offset`` (a multiple of 4) of every message."""
        return self.rows.cast("I")[offset // 4 :: self.stride // 4].tolist()


class DumpError(Exception):
    """The kernel answered a dump with an error.

    Args:
        number: the errno.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"{errno.errorcode.get(number, number)}: {os.strerror(number)}")
        self.number = number


class Parser:
    """Cuts the datagrams of one dump, whose rows are of a few lengths."""

    def __init__(self) -> None:
        self._headers: list[bytes] = []  # of rows that were found among others, up to their flags
        self._mixture = re.compile(b"")

    def parse(self, datagram: memoryview) -> Iterator[Stretch | Signal]:
        """Cut one datagram into stretches and signals; rows of one length come in its order.

        Raises:
            DumpError: the kernel refused the request, or gave up in the middle of the dump.
            TruncatedError: a message is shorter than its header says, or than a row.
        """
        at, end = 0, len(datagram)
        while at < end:
            length, kind, flags = _header(datagram, at)
            interrupted = flags & _NLM_F_DUMP_INTR
            if interrupted:
                yield "interrupted"
            if kind in {_TCPDIAG_GETSOCK, _SOCK_DIAG_BY_FAMILY}:
                if length < ROW.size:
                    raise _truncated(at, f"{ROW.size} bytes of a socket row", length)
                stride = _aligned(length)
                count = _run(datagram[at:], stride)
                if count < _FEW and not interrupted:
                    stretches = self._unmix(datagram[at:])
                    yield from stretches
                    at += sum(len(stretch.rows) for stretch in stretches)
                else:
                    yield Stretch(datagram[at : at + count * stride], stride, count)
                    at += count * stride
                continue
            if kind in {_NLMSG_ERROR, _NLMSG_DONE}:
                _raise_error(datagram, at, length)
                yield "done"
            elif kind == _NLMSG_OVERRUN:
                raise DumpError(errno.ENOBUFS)
            at += _aligned(length)

    def _unmix(self, chain: memoryview) -> list[Stretch]:
        """The rows from the start on, up to the first with a header that has not come before, by length."""
        header = bytes(chain[:_WHAT])
        if header not in self._headers:
            self._headers.append(header)
            self._mixture = _mixture(self._headers)
        *columns, _ = map(b"".join, zip(*self._mixture.findall(chain), strict=True))
        strides = map(_stride, self._headers)
        return [
            Stretch(memoryview(rows), stride, len(rows) // stride)
            for rows, stride in zip(columns, strides, strict=True)
            if rows
        ]


def _mixture(headers: list[bytes]) -> "re.Pattern[bytes]":
    """A run of each header behind another, at least one row in all, a group each; or all that is left, in the last."""
    rows = [b"%b.{%d}" % (re.escape(header), _stride(header) - _WHAT) for header in headers]
    runs = [b"((?:%b)*)" % row for row in rows]
    return re.compile(b"(?=%b)%b|(.+)" % (b"|".join(rows), b"".join(runs)), re.DOTALL)


def _stride(header: bytes) -> int:
    return _aligned(_HEADER_LENGTH.unpack_from(header)[0])


def _header(datagram: memoryview, at: int) -> tuple[int, int, int]:
    left = len(datagram) - at
    if left < _HEADER.size:
        raise _truncated(at, f"{_HEADER.size} bytes of header", left)
    length, kind, flags, _, _ = _HEADER.unpack_from(datagram, at)
    if not _HEADER.size <= length <= left or (kind > _NLMSG_OVERRUN and _aligned(length) > left):
        raise _truncated(at, f"a message of {length} bytes", left)
    return length, kind, flags


def _aligned(length: int) -> int:
    return (length + 3) & ~3


def _run(chain: memoryview, stride: int) -> int:
    """How many messages from the start on have the first one's length, type and flags; at least 1.

    A few are looked at one by one, then eight times as many at once, and so on: a mixed chain costs no more than it has
    messages. Two views of one format compare in C, without a Python object for each word.
    """
    limit = len(chain) // stride
    proven, few = 1, min(limit, _FEW)
    while proven < few and chain[proven * stride : proven * stride + _WHAT] == chain[:_WHAT]:
        proven += 1
    if proven < _FEW:
        return proven
    words = chain[: limit * stride].cast("I")
    step = stride // 4
    window = 8 * _FEW
    while proven < limit:
        upto = whole = min(limit, proven + window)
        for word in (0, 1):
            column = words[(proven - 1) * step + word : upto * step : step]
            if column[:-1] != column[1:]:
                first, *others = column.tolist()
                upto = proven + next(at for at, value in enumerate(others) if value != first)
        if upto < whole:
            return upto
        proven, window = upto, window * 8
    return proven


def _raise_error(datagram: memoryview, at: int, length: int) -> None:
    """NLMSG_ERROR and NLMSG_DONE both begin with an errno: 0, or negative."""
    if length < _HEADER.size + _ERROR.size:
        raise _truncated(at, "an error number", length)
    (number,) = _ERROR.unpack_from(datagram, at + _HEADER.size)
    if number < 0:
        raise DumpError(-number)


def _truncated(at: int, expected: str, found: int) -> TruncatedError:
    return TruncatedError("truncated-netlink", f"netlink datagram, byte {at}: expected {expected}, found {found} bytes")
