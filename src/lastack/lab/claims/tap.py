"""A tap on the client's end of the link: every segment, both ways; and a peer that no kernel stands behind."""

import fcntl
import socket
import struct
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from lastack.lab.claims.claim import NotTestableError
from lastack.lab.claims.end import End
from lastack.lab.claims.segment import ACK, RST, SYN, Segment, parse

__all__ = ["Numbers", "Puppet", "Tap"]

_ETH_P_ALL, _ETH_P = 0x0003, {4: 0x0800, 6: 0x86DD}  # include/uapi/linux/if_ether.h
_SO_TIMESTAMPNS = 35  # include/uapi/asm-generic/socket.h
_SIOCGIFHWADDR = 0x8927
_BUFFER_BYTES = 1 << 20
_DEVICE = "server"  # the client's, named after what is at the other end
_TIMESPEC = struct.Struct("@qq")


class Tap:
    """Sees what passes over a device of the client's.

    Args:
        client: whose device it is.
        device: its name.
    """

    def __init__(self, client: End, device: str = _DEVICE) -> None:
        with client.inside():
            # Protocol 0 takes nothing yet: what passed before the device was chosen is none of ours.
            self.packets = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        self.packets.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        self.packets.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.packets.bind((device, _ETH_P_ALL))
        self.packets.setblocking(False)  # noqa: FBT003 - the socket module's own signature
        self._seen: list[Segment] = []

    def seen(self, match: Callable[[Segment], object] = lambda _: True) -> list[Segment]:
        """The segments so far that match, oldest first."""
        while True:
            try:
                packet, extras, *_ = self.packets.recvmsg(65_536, 64)
            except BlockingIOError:
                return [segment for segment in self._seen if match(segment)]
            if segment := parse(packet, _moment(extras)):
                self._seen.append(segment)

    def wait(self, match: Callable[[Segment], object], patience_s: float = 3.0) -> Segment | None:
        """The first segment that matches, once it is there; None: it did not come."""
        end = time.monotonic() + patience_s
        while True:
            if found := self.seen(match):
                return found[0]
            if time.monotonic() > end:
                return None
            time.sleep(0.005)


def _moment(extras: list[tuple[int, int, bytes]]) -> float:
    """When the kernel saw the packet; 0 where it does not say."""
    for level, kind, value in extras:
        if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS):
            seconds, nanoseconds = _TIMESPEC.unpack(value)
            return float(seconds + nanoseconds / 1e9)
    return 0.0


class Numbers(NamedTuple):
    """Where a puppet's connection stands: what its next segment says.

    Attributes:
        sequence: its next byte.
        acknowledgement: the server's next byte.
        timestamps: its clock, and the server's last.
    """

    sequence: int
    acknowledgement: int
    timestamps: tuple[int, int] | None

    def fields(self) -> dict[str, Any]:
        """As ``Puppet.send`` takes them."""
        return self._asdict()


class Puppet:
    """A peer of the server's at an address that nobody has: it sends what it is told, and answers nothing.

    Args:
        server: whom it talks to.
        client: over whose link.
        address: its own, on the link.
        device: the server's, of the link.
    """

    def __init__(self, server: End, client: End, address: str, device: str) -> None:
        self.address = address
        self.tap = Tap(client)
        self._server = server
        server.cut(address)  # so that nobody asks who has the address: the tap sees frames to anybody
        with server.inside(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            answer = fcntl.ioctl(any_socket, _SIOCGIFHWADDR, struct.pack("16s16x", device.encode()))
        self._link_address = answer[18:24]

    def send(self, port: int, server_port: int, flags: int, **fields: Any) -> Segment:  # noqa: ANN401 - those of Segment
        """Send a segment from a port of ours; ``fields`` are those of ``Segment``."""
        segment = Segment((self.address, port), (self._server.address, server_port), flags, **fields)
        kind = _ETH_P[6 if ":" in self.address else 4]
        self.tap.packets.sendto(segment.packet(), (_DEVICE, kind, 0, 0, self._link_address))
        return segment

    def syn(self, port: int, server_port: int = 80, sequence: int = 1000, stamp: int | None = 1) -> None:
        """Send a SYN with the usual options; ``stamp``: its timestamp, or None for no such option."""
        stamps = None if stamp is None else (stamp, 0)
        self.send(port, server_port, SYN, sequence=sequence, mss=1460, sack=True, scale=7, timestamps=stamps)

    def connect(self, port: int, server_port: int = 80, stamp: int | None = 1) -> Numbers:
        """Shake hands. Raises NotTestableError: the server does not answer."""
        self.syn(port, server_port, stamp=stamp)
        hello = self.answer(port)
        if hello is None:
            raise NotTestableError("the server answers no SYN")
        stamps = None if stamp is None or hello.timestamps is None else (stamp, hello.timestamps[0])
        numbers = Numbers(1001, hello.sequence + 1, stamps)
        self.send(port, server_port, ACK, **numbers.fields())
        return numbers

    def answer(self, port: int, patience_s: float = 3.0, flags: int = SYN | ACK) -> Segment | None:
        """The first segment of the server's to that port with just these flags; None: none comes."""
        return self.tap.wait(lambda one: self._is_to(port, one) and one.flags == flags, patience_s)

    def answers(self, port: int | None = None, flags: int = SYN | ACK) -> list[Segment]:
        """All such so far; None: to any port."""
        return self.tap.seen(lambda one: self._is_to(port, one) and one.flags == flags)

    def resets(self, port: int | None = None) -> list[Segment]:
        """The resets among what the server sent."""
        return self.tap.seen(lambda one: self._is_to(port, one) and one.flags & RST)

    def _is_to(self, port: int | None, segment: Segment) -> bool:
        return segment.target[0] == self.address and port in {None, segment.target[1]}
