"""Reading the settings of a Sample as numbers. Absent is None; what no kernel prints is an InputError."""

from collections.abc import Mapping

from lastack.errors import InputError

__all__ = ["integer", "port_range", "port_ranges"]

_LAST_PORT = 65_535


def integer(settings: Mapping[str, str], key: str) -> int | None:
    """The value of a setting that holds one whole number, or None where this kernel does not have it here.

    Raises:
        InputError: ``malformed-setting``.
    """
    text = settings.get(key)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        raise _malformed(key, text, "a whole number") from None


def port_range(settings: Mapping[str, str]) -> tuple[int, int] | None:
    """First and last port of ``net.ipv4.ip_local_port_range``, or None where it is not visible.

    Raises:
        InputError: ``malformed-setting``.
    """
    key = "net.ipv4.ip_local_port_range"
    text = settings.get(key)
    if text is None:
        return None
    try:
        low, high = map(int, text.split())
    except ValueError:
        raise _malformed(key, text, "two ports") from None
    if not 0 < low <= high <= _LAST_PORT:
        raise _malformed(key, text, "two ports, the lower one first")
    return low, high


def port_ranges(settings: Mapping[str, str]) -> list[tuple[int, int]]:
    """The ranges of ``net.ipv4.ip_local_reserved_ports``, both ends included; none where it is empty or absent.

    Raises:
        InputError: ``malformed-setting``.

    >>> port_ranges({"net.ipv4.ip_local_reserved_ports": "8080,9148-9150"})
    [(8080, 8080), (9148, 9150)]
    """
    key = "net.ipv4.ip_local_reserved_ports"
    text = settings.get(key, "").strip()
    return [_one_range(key, item) for item in text.split(",")] if text else []


def _one_range(key: str, item: str) -> tuple[int, int]:
    first, dash, last = item.partition("-")
    try:
        low = int(first)
        high = int(last) if dash else low
    except ValueError:
        raise _malformed(key, item, "a port or a range such as 9000-9010") from None
    if not 0 <= low <= high <= _LAST_PORT:
        raise _malformed(key, item, "ports up to 65535, the lower one first")
    return low, high


def _malformed(key: str, found: str, expected: str) -> InputError:
    return InputError("malformed-setting", f"{key} is {found!r}; expected {expected}")
