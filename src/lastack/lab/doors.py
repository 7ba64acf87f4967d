"""Listeners: those of a population, and the doors by which its connections come in.

Several doors at one address, of as many processes, share connections by the opener's port: a classic BPF program on
the group of sockets with SO_REUSEPORT says which door a SYN goes to, numbered in the order of their listening
(run_bpf_filter, net/core/sock_reuseport.c). Linux 4.6 and later, for everybody.
"""

import ctypes
import socket
import struct

__all__ = ["listen_at", "share_out"]

_SO_ATTACH_REUSEPORT_CBPF = 51  # include/uapi/asm-generic/socket.h
_NETWORK_HEADER = 0xFFF00000  # SKF_NET_OFF, include/uapi/linux/filter.h
_HEADER_SIZE = {4: 20, 6: 40}  # without options; TCP's source port is what comes next
_LOAD_HALF_WORD, _MODULO, _RETURN = 0x28, 0x94, 0x16  # BPF_LD|BPF_H|BPF_ABS, BPF_ALU|BPF_MOD|BPF_K, BPF_RET|BPF_A


def listen_at(listener: socket.socket, address: tuple[str, int], backlog: int, *, takes_ipv4: bool) -> None:
    """Listen, beside others on the same port: of those, the kernel finds the one bound to an address first."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if listener.family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not takes_ipv4)
    listener.bind(address)
    listener.listen(backlog)


def share_out(door: socket.socket, doors: int, version: int) -> None:
    """Let each of so many doors at one address take the connections whose port, modulo ``doors``, is its number.

    Args:
        door: one of them; they share the program.
        doors: how many there are, or will be before the first connection.
        version: of the Internet Protocol of the packets.
    """
    instructions = (
        (_LOAD_HALF_WORD, 0, 0, _NETWORK_HEADER + _HEADER_SIZE[version]),
        (_MODULO, 0, 0, doors),
        (_RETURN, 0, 0, 0),
    )
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *each) for each in instructions))
    filter_program = struct.pack("@HP", len(instructions), ctypes.addressof(program))
    door.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_REUSEPORT_CBPF, filter_program)
