"""Settings, read from the files under /proc/sys (sysctl(8), proc_sys(5))."""

import re
from collections.abc import Iterable

from lastack.errors import InputError, RefusedError
from lastack.kernel.procfile import read_file

__all__ = ["read_setting", "read_settings"]

# A part between two dots names a folder or file, so it may be neither empty nor climb nor begin anew.
_NAME = re.compile(r"[^./\0]+(\.[^./\0]+)*")


def read_setting(name: str, root: str = "/proc/sys") -> str | None:
    """The value of ``net.ipv4.tcp_fin_timeout`` and the like as the kernel prints it, or None if it has no such one.

    Numbers that the kernel separates by tabs come separated by one space, and without the newline at the end. The
    settings are those of the calling thread's namespace.

    Raises:
        InputError: ``bad-setting-name``: not parts joined by dots.
        RefusedError: ``unreadable-file``: the setting is there and may not be read.
    """
    if not _NAME.fullmatch(name):
        raise InputError("bad-setting-name", f"{name!r} is no setting's name: expected parts joined by single dots")
    content = read_file(f"{root}/{name.replace('.', '/')}")
    return None if content is None else " ".join(content.decode("utf-8", "backslashreplace").split())


def read_settings(names: Iterable[str], root: str = "/proc/sys") -> tuple[dict[str, str], dict[str, str]]:
    """Values of those settings that the kernel has here, and the reason for each that may not be read.

    Raises:
        InputError: ``bad-setting-name``.
    """
    values: dict[str, str] = {}
    unreadable: dict[str, str] = {}
    for name in names:
        try:
            value = read_setting(name, root)
        except RefusedError as error:
            unreadable[name] = error.message
        else:
            if value is not None:
                values[name] = value
    return values, unreadable
