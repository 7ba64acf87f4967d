"""Sockets and their memory, as the kernel sums them up: /proc/net/sockstat and sockstat6.

Source: net/ipv4/proc.c ``sockstat_seq_show``, net/ipv6/proc.c ``sockstat6_seq_show``. Of the ``TCP`` line, ``inuse``
and ``tw`` are the namespace's; ``orphan``, ``alloc`` and ``mem`` (in pages) are the whole machine's.
"""

from lastack.kernel.procfile import integers, malformed, read_file, titled_lines

__all__ = ["parse_sockstat", "read_sockstat", "time_wait_minisockets"]


def read_sockstat(net_root: str = "/proc/net") -> dict[str, dict[str, int]]:
    """Both files' lines: ``{"sockets": {"used": 229}, "TCP": {"inuse": 4, "orphan": 0, ...}, "TCP6": {...}}``.

    What is absent (IPv6, on a kernel without it) is left out.

    Raises:
        InputError: ``malformed-proc-file``.
        RefusedError: ``unreadable-file``.
    """
    sections: dict[str, dict[str, int]] = {}
    for path in (f"{net_root}/sockstat", f"{net_root}/sockstat6"):
        sections |= parse_sockstat(read_file(path) or b"", path)
    return sections


def time_wait_minisockets(net_root: str = "/proc/net") -> int | None:
    """How many time-wait mini-sockets the namespace has: TIME_WAIT and orphan FIN_WAIT2, both address families.

    None if there is no such file. Costs one small file, however many sockets there are.

    Raises:
        InputError: ``malformed-proc-file``.
        RefusedError: ``unreadable-file``.
    """
    path = f"{net_root}/sockstat"
    content = read_file(path)
    if content is None:
        return None
    count = parse_sockstat(content, path).get("TCP", {}).get("tw")
    if count is None:
        raise malformed(path, content.count(b"\n"), "the end", "a TCP line with tw")
    return count


def parse_sockstat(content: bytes, path: str) -> dict[str, dict[str, int]]:
    """The lines of such a file, ``TITLE: key value key value``, by title; ``path`` is for the messages.

    Raises:
        InputError: ``malformed-proc-file``: a key without a value, or a value that is no number.
    """
    sections = {}
    for line in titled_lines(content, path):
        keys, values = line.words[::2], line.words[1::2]
        if len(keys) != len(values):
            raise malformed(path, line.number, keys[-1], "a value for each key")
        sections[line.title] = dict(zip(keys, integers(values, path, line.number), strict=True))
    return sections
