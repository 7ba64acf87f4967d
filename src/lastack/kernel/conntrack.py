"""How full the connection tracking table is, and what did not fit, where netfilter tracks and lets us see it.

Source: net/netfilter/nf_conntrack_standalone.c. Count and counters are the namespace's, the limit is the machine's.
"""

import re

from lastack.kernel.procfile import integers, malformed, read_file
from lastack.kernel.sysctl import read_settings
from lastack.model.sample import Conntrack

__all__ = ["read_conntrack", "read_conntrack_counters"]

_COUNT = "net.netfilter.nf_conntrack_count"
_MAX = "net.netfilter.nf_conntrack_max"
_LOST = ("insert_failed", "drop", "early_drop")
_HEXADECIMAL = re.compile(r"[0-9a-f]{1,16}")


def read_conntrack(root: str = "/proc/sys") -> Conntrack | None:
    """Entries and limit, or None where the module is not loaded or its files may not be read.

    Raises:
        InputError: ``malformed-proc-file``: a value is no number.
    """
    values, _ = read_settings((_COUNT, _MAX), root)
    if len(values) < 2:
        return None
    count, limit = [integers([values[name]], f"{root}/{name.replace('.', '/')}", 1)[0] for name in (_COUNT, _MAX)]
    return Conntrack(count=count, max=limit)


def read_conntrack_counters(net_root: str = "/proc/net") -> dict[str, int] | None:
    """What did not fit, all CPUs together: ``{"insert_failed": .., "drop": .., "early_drop": ..}``.

    ``drop``: packets dropped for want of room; ``early_drop``: entries evicted to make it. None where the
    module is not loaded, or the kernel does not print the file.

    Raises:
        InputError: ``malformed-proc-file``.
        RefusedError: ``unreadable-file``.
    """
    path = f"{net_root}/stat/nf_conntrack"
    lines = (read_file(path) or b"").decode("ascii", "backslashreplace").splitlines()
    if not lines:
        return None
    names = lines[0].split()
    rows = [_row(line, len(names), path, number) for number, line in enumerate(lines[1:], 2)]
    return {name: sum(row[names.index(name)] for row in rows) for name in _LOST if name in names}


def _row(line: str, count: int, path: str, number: int) -> list[int]:
    words = line.split()
    if len(words) != count or not all(map(_HEXADECIMAL.fullmatch, words)):
        raise malformed(path, number, line, f"{count} hexadecimal numbers")
    return [int(word, 16) for word in words]
