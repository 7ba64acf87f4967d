"""Filters in the kernel's language; that the kernel understands them is seen in tests/kernel/test_perf_watch.py."""

import sys

from lastack.kernel.tracepoints import Field, Tracepoint
from lastack.kernel.tracepoints_filter import Wanted, condition

_WORD, _FOUR, _SIXTEEN = Field(0, 2, signed=False), Field(0, 4, signed=False), Field(0, 16, signed=False)
_ENDS = {"sport": _WORD, "dport": _WORD, "family": _WORD, "saddr": _FOUR, "daddr": _FOUR, "saddr_v6": _SIXTEEN}
_STATES = Tracepoint("sock/inet_sock_set_state", 1, {**_ENDS, "protocol": _WORD, "newstate": _FOUR}, {})
_RESET = Tracepoint("tcp/tcp_receive_reset", 2, _ENDS, {})
_SOCKADDR = Tracepoint("tcp/tcp_send_reset", 3, {"saddr": Field(32, 28, signed=False), "reason": _FOUR}, {})


def _number(address: bytes) -> int:
    return int.from_bytes(address, sys.byteorder)


def test_tcp_alone() -> None:
    """Of a tracepoint that serves other protocols too, TCP's records are asked for."""
    assert condition(_STATES, Wanted()) == "protocol == 6"
    assert condition(_RESET, Wanted()) == ""


def test_ports() -> None:
    """A port may be either end's; one that connect() has not chosen yet passes where SYN_SENT is told."""
    either = "sport == 80 || dport == 80"
    assert condition(_RESET, Wanted(ports=(80,))) == f"({either})"
    unchosen = "(newstate == 2 && sport == 0)"
    assert condition(_STATES, Wanted(ports=(80,))) == f"protocol == 6 && ({either} || {unchosen})"


def test_ipv4_address() -> None:
    """An IPv4 address is compared as a number in network order; IPv6 sockets that carry IPv4 pass."""
    address = bytes([192, 0, 2, 7])
    text = condition(_RESET, Wanted(addresses=(address,)))
    assert f"(saddr == {_number(address)} || daddr == {_number(address)})" in text
    assert "family == 2 || (saddr != 0 &&" in text


def test_ipv6_is_left_to_us() -> None:
    """Sixteen octets the kernel does not compare: the family alone is asked for; beside an IPv4 address, nothing."""
    ours = bytes(15) + b"\1"
    assert condition(_RESET, Wanted(addresses=(ours,))) == "family == 10"
    assert condition(_RESET, Wanted(addresses=(ours, bytes(4)))) == ""


def test_no_fields_no_filter() -> None:
    """A tracepoint that tells its ends as socket addresses lets everything through."""
    assert condition(_SOCKADDR, Wanted((80,), (bytes(4),), 4)) == ""
