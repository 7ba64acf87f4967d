"""The kernel's cumulative TCP and IP counters: /proc/net/netstat and /proc/net/snmp.

Source: net/ipv4/proc.c, ``netstat_seq_show`` and ``snmp_seq_show``; RFC 4022 names those of the Tcp table. Both
files are pairs of lines: a table's name with its counters' names, then the same table's name with their values.
"""

from lastack.errors import InputError, TruncatedError
from lastack.kernel.procfile import TitledLine, integers, malformed, read_file, titled_lines

__all__ = ["parse_counters", "read_counters"]

_TABLES = {"netstat": ("TcpExt", "IpExt"), "snmp": ("Tcp",)}


def read_counters(net_root: str = "/proc/net") -> dict[str, dict[str, int]]:
    """The counters of the namespace that ``net_root`` shows: ``{"TcpExt": {...}, "IpExt": {...}, "Tcp": {...}}``.

    Values are cumulative since the namespace began; only ``Tcp``'s RtoAlgorithm, RtoMin, RtoMax (ms), MaxConn (-1:
    no limit) and CurrEstab are not counters. A table that this kernel does not print is left out.

    Raises:
        InputError: ``malformed-proc-file``.
        RefusedError: ``unreadable-file``.
    """
    counters: dict[str, dict[str, int]] = {}
    for file, wanted in _TABLES.items():
        path = f"{net_root}/{file}"
        tables = parse_counters(read_file(path) or b"", path)
        counters.update({name: tables[name] for name in wanted if name in tables})
    return counters


def parse_counters(content: bytes, path: str) -> dict[str, dict[str, int]]:
    """Every table of such a file, in its order; ``path`` is for the messages.

    Raises:
        InputError: ``malformed-proc-file``: names and values do not pair up, or a value is no number.
    """
    lines = list(titled_lines(content, path))
    if len(lines) % 2:
        number, title, _ = lines[-1]
        raise TruncatedError("malformed-proc-file", f"{path} ends at line {number}: expected the values of {title}")
    tables: dict[str, dict[str, int]] = {}
    for names, values in zip(lines[::2], lines[1::2], strict=True):
        if names.title != values.title or len(names.words) != len(values.words):
            raise _unpaired(names, values, path)
        # IcmpMsg takes a pair of lines for every 16 of its counters, so a table may go on.
        table = tables.setdefault(names.title, {})
        table.update(zip(names.words, integers(values.words, path, values.number), strict=True))
    return tables


def _unpaired(names: TitledLine, values: TitledLine, path: str) -> InputError:
    expected = f"{len(names.words)} values of {names.title}"
    return malformed(path, values.number, f"{len(values.words)} of {values.title}", expected)
