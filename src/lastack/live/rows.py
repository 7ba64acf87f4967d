"""Samples of tracepoints in columns: one row an event, whatever tracepoint it is of.

Which fields a tracepoint has, and where, the kernel says (``lastack.kernel.tracepoints``); here they get one meaning.
"""

import sys
from collections.abc import Callable
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from lastack.kernel.perf import SAMPLE_RAW
from lastack.kernel.perf_records import Run
from lastack.kernel.tracepoints import Field, Tracepoint

__all__ = [
    "CHANGE",
    "KINDS",
    "RESET_RECEIVED",
    "RESET_SENT",
    "RETRANSMIT",
    "STATES",
    "SYN_ACK_RETRANSMIT",
    "Rows",
    "address",
    "decode",
    "join",
    "layout",
]

# What a row is. The order is that of one moment: what caused a change of state comes before it.
RETRANSMIT, SYN_ACK_RETRANSMIT, RESET_SENT, RESET_RECEIVED, CHANGE = range(5)

# The tracepoints that tell of it, the busiest first.
STATES = "sock/inet_sock_set_state"
KINDS = {
    STATES: CHANGE,
    "tcp/tcp_retransmit_skb": RETRANSMIT,
    "tcp/tcp_retransmit_synack": SYN_ACK_RETRANSMIT,
    "tcp/tcp_send_reset": RESET_SENT,
    "tcp/tcp_receive_reset": RESET_RECEIVED,
}

_Sample = NDArray[np.void]
_Column = NDArray[Any]

# Of common_flags: what ran was no process's own doing (enum trace_flag_type, include/linux/trace_events.h).
_INTERRUPT = 0x08 | 0x10 | 0x40
_AF_INET = 2
_SOCKADDR = 28  # struct sockaddr_in6: family, port, IPv4 address at 4, IPv6 address at 8
_MAPPED = 0xFFFF0000 if sys.byteorder == "little" else 0x0000FFFF  # ::ffff:0:0/96, its third word


class Rows(NamedTuple):
    """Events, each column as long as the others.

    Attributes:
        time: nanoseconds, CLOCK_MONOTONIC.
        socket: the kernel's address of it; 0 where there is none.
        kind: ``CHANGE`` and its fellows.
        old: the state before, for a change; the socket's state, for a retransmission or a reset that is sent.
        new: the state after, for a change; the reason, for a reset that is sent.
        local: the endpoint here: address times 65536 plus port, as ``lastack.capture.addresses`` numbers them.
        remote: the other one.
        pid: the process whose doing it is; 0 where it is nobody's: a packet's, a timer's.
    """

    time: _Column
    socket: _Column
    kind: _Column
    old: _Column
    new: _Column
    local: _Column
    remote: _Column
    pid: _Column

    def take(self, which: _Column) -> Self:
        """Some of the rows: by a mask, or by numbers."""
        if which.dtype == bool:
            if which.all():
                return self
            which = np.flatnonzero(which)
        return type(self)(*(column.take(which) for column in self))

    def part(self, begin: int, end: int) -> Self:
        """The rows from one number up to another; not a copy."""
        return type(self)(*(column[begin:end] for column in self))

    @property
    def number(self) -> int:
        """How many."""
        return len(self.time)


_TYPES = ("i8", "u8", "u1", "u1", "u1", "u8", "u8", "i4")


def join(parts: list[Rows]) -> Rows:
    """Rows one after the other."""
    if not parts:
        return Rows(*(np.empty(0, kind) for kind in _TYPES))
    return Rows(*map(np.concatenate, zip(*parts, strict=True)))


def decode(tracepoint: Tracepoint, run: Run, numbered: Callable[[NDArray[np.uint8]], _Column]) -> Rows:
    """The rows of a run of samples.

    Args:
        tracepoint: what they are samples of: a key of ``KINDS``.
        run: them.
        numbered: gives the numbers of IPv6 addresses, which come as rows of 16 octets.
    """
    kind = KINDS[tracepoint.name]
    sample = np.frombuffer(run.records, layout(tracepoint, run.stride), run.number)
    first, second = {CHANGE: ("oldstate", "newstate"), RESET_SENT: ("state", "reason")}.get(kind, ("state", ""))
    ours = sample["common_flags"] & _INTERRUPT == 0
    columns = (
        sample["time"],
        _optional(sample, "skaddr"),
        np.full(run.number, kind),
        _optional(sample, first),
        _optional(sample, second),
        _endpoint(sample, "s", numbered),
        _endpoint(sample, "d", numbered),
        np.where(ours, sample["pid"], 0),
    )
    return Rows(*(column.astype(kind) for column, kind in zip(columns, _TYPES, strict=True)))


def _optional(sample: _Sample, name: str) -> _Column:
    names = sample.dtype.names or ()
    return sample[name] if name in names else np.zeros(len(sample), np.uint8)


def layout(tracepoint: Tracepoint, stride: int) -> np.dtype[np.void]:
    """A sample: its process and time (``lastack.kernel.perf``), then the tracepoint's fields."""
    names, formats, offsets = ["pid", "time"], ["=i4", "=i8"], [8, 16]
    for name, field in tracepoint.fields.items():
        names.append(name)
        formats.append(_format(field))
        offsets.append(SAMPLE_RAW + field.offset)
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": stride})


def _format(field: Field) -> str:
    if field.size in {1, 2, 4, 8}:
        return f"={'i' if field.signed else 'u'}{field.size}"
    return f"({field.size},)u1"


def _endpoint(sample: _Sample, end: str, numbered: Callable[[NDArray[np.uint8]], _Column]) -> _Column:
    """Address and port of one end, ``s`` or ``d``."""
    value = sample[f"{end}addr"]
    if value.ndim == 2 and value.shape[1] == _SOCKADDR:
        octets = np.ascontiguousarray(value)
        family, port, ipv4, ipv6 = (
            octets[:, :2].copy().view("=u2").ravel(),
            octets[:, 2:4].copy().view(">u2").ravel(),
            octets[:, 4:8].copy().view(">u4").ravel(),
            octets[:, 8:24],
        )
    else:
        family, port, ipv6 = sample["family"], sample[f"{end}port"], sample[f"{end}addr_v6"]
        # Four octets, which the layout takes for a number of ours.
        ipv4 = np.ascontiguousarray(value).view(">u4")
    return (address(family, ipv4, ipv6, numbered) << np.uint64(16)) | port.astype(np.uint64)


def address(family: _Column, ipv4: _Column, ipv6: _Column, numbered: Callable[[NDArray[np.uint8]], _Column]) -> _Column:
    """Numbers of addresses; an IPv6 socket that carries IPv4 has an IPv4 address.

    Args:
        family: AF_INET or AF_INET6, of each.
        ipv4: the 32 bits of those that are AF_INET.
        ipv6: the 16 octets of the others.
        numbered: gives the numbers of IPv6 addresses.
    """
    numbers = ipv4.astype(np.uint64)
    larger = np.flatnonzero(family != _AF_INET)
    if larger.size:
        octets = np.ascontiguousarray(ipv6[larger])
        words = octets.view("=u4")
        mapped = (words[:, 0] == 0) & (words[:, 1] == 0) & (words[:, 2] == _MAPPED)
        numbers[larger[mapped]] = octets[mapped, 12:].copy().view(">u4").ravel()
        if not mapped.all():
            numbers[larger[~mapped]] = numbered(octets[~mapped])
    return numbers
