"""Whether TCP's memory is scarce, as the kernel itself says in every namespace: /proc/net/protocols.

Source: net/core/sock.c ``proto_seq_printf``. The flag is the whole machine's. It rises where all sockets together hold
more than the second number of tcp_mem, and falls where they hold less than the first.
"""

from lastack.kernel.procfile import malformed, read_file

__all__ = ["read_memory_pressure"]

_ANSWERS = {"yes": True, "no": False, "NI": None}  # NI: the protocol has no such flag


def read_memory_pressure(net_root: str = "/proc/net") -> bool | None:
    """The ``press`` column of TCP; None where there is no such file, protocol or flag.

    Raises:
        InputError: ``malformed-proc-file``.
        RefusedError: ``unreadable-file``.
    """
    path = f"{net_root}/protocols"
    for number, line in enumerate((read_file(path) or b"").decode("ascii", "backslashreplace").splitlines(), 1):
        words = line.split()
        if words[:1] == ["TCP"]:
            if len(words) < 5 or words[4] not in _ANSWERS:
                raise malformed(path, number, line, "name, size, sockets, memory, and yes, no or NI")
            return _ANSWERS[words[4]]
    return None
