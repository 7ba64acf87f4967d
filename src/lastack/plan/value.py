"""Values of settings: what may be written, and whether two of them are the same to the kernel."""

import re

from lastack.errors import InputError
from lastack.settings.catalogue.rows import SETTINGS
from lastack.settings.lint.values import Bad, numbers, ports

__all__ = ["checked", "completed", "normal", "same"]

# One line that a sysctl.d file can hold; the kernel's longest value is a list of every second port.
_VALUE = re.compile(r"[\x20-\x7e\t]{0,262144}")


def checked(key: str, value: str) -> str:
    """The value, without spaces around it, if it is one line of printable ASCII.

    Raises:
        InputError: ``bad-setting-value``.
    """
    if not _VALUE.fullmatch(value):
        expected = "one line of printable ASCII"
        raise InputError("bad-setting-value", f"{key}: {value[:80]!r} is no value: expected {expected}")
    return value.strip()


def same(key: str, left: str, right: str) -> bool:
    """Whether the kernel reads both as the same: tabs or spaces, 010 or 8, 8080,8081 or 8080-8081."""
    return normal(key, left) == normal(key, right)


def normal(key: str, value: str) -> tuple[object, ...]:
    """The value as something that compares: numbers, ports, or else words."""
    row = SETTINGS.get(key)
    if row is not None and row.form == "ports":
        found = ports(value.strip())
        return tuple(value.split()) if isinstance(found, Bad) else _joined(found)
    return _numbers(key, value) or tuple(value.split())


def completed(key: str, value: str, present: str) -> str:
    """What is asked for, with the numbers that it leaves out: of a file with several, those keep their value.

    >>> completed("net.ipv4.ip_local_port_range", "10240", "32768 60999")
    '10240 60999'
    """
    wanted, kept = _numbers(key, value), _numbers(key, present)
    if not wanted or len(wanted) >= len(kept):
        return value
    return " ".join([value.strip(), *present.split()[len(wanted) :]])


def _numbers(key: str, value: str) -> tuple[int, ...]:
    """The numbers of a value; none where it is not all numbers."""
    row = SETTINGS.get(key)
    if row is not None and row.form in {"ports", "text"}:
        return ()
    found = numbers(value, row.arity if row else len(value.split()))
    return () if isinstance(found, Bad) else found


def _joined(ranges: tuple[tuple[int, int], ...]) -> tuple[object, ...]:
    """Ranges that touch or overlap as one, in order."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(joined[-1][1], high)
        else:
            joined.append((low, high))
    return tuple(joined)
