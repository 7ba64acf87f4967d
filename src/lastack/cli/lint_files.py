"""Reading sysctl files: those that a command line names, and those that a host reads at boot."""

import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lastack.cli.files import opened
from lastack.errors import InputError
from lastack.kernel.procfile import list_folder
from lastack.settings.sysctld.precedence import FOLDERS, MAIN_FILE, File, Loader, load_order

__all__ = ["Named", "SystemFiles", "read_named", "read_system"]

# No sysctl file comes near that; /dev/zero does.
_LARGEST_BYTES = 16 << 20
_MOST_LINKS = 40  # as the kernel (MAXSYMLINKS)

Named = tuple[str, bytes]


class SystemFiles(NamedTuple):
    """The files of a host.

    Attributes:
        loader: what reads them at boot.
        order: all that may be read, in the loader's order, with what masks them.
        files: the contents of those that are read.
        others: the same in the order of the other loader.
        unread: why some could not be read, a sentence each.
    """

    loader: Loader
    order: Sequence[File]
    files: Sequence[Named]
    others: Sequence[Named]
    unread: Sequence[str]


def read_named(paths: Iterable[str]) -> list[Named]:
    """The files in the order in which they are named; ``-`` is standard input.

    Raises:
        InputError: ``cannot-read``, ``too-large``.
    """
    return [(path, _content(path)) for path in paths]


def read_system(root: str) -> SystemFiles:
    """The files that the system below ``root`` reads at boot; the empty string: this one.

    Raises:
        RefusedError: ``unreadable-file``: a folder may not be listed.
    """
    names = {folder: list_folder(root + folder) for folder in _distinct(root)}
    main = os.path.isfile(root + MAIN_FILE)  # noqa: PTH113 - pathlib costs more to import than all of this
    loader: Loader = "systemd" if _has_systemd(root) else "procps"
    other: Loader = "procps" if loader == "systemd" else "systemd"
    order = load_order(names, loader, has_main_file=main)
    files, unread = _read(root, order)
    others, _ = _read(root, load_order(names, other, has_main_file=main))
    return SystemFiles(loader, order, files, others, unread)


def _content(path: str) -> bytes:
    with opened(path) as (file, name):
        content = file.read(_LARGEST_BYTES + 1)
    if len(content) > _LARGEST_BYTES:
        raise InputError("too-large", f"{name}: more than {_LARGEST_BYTES >> 20} MiB, so it is no sysctl file")
    return content


def _read(root: str, order: Iterable[File]) -> tuple[list[Named], list[str]]:
    """What the files hold that are not masked, and why some of it is not to be had.

    A file that several names lead to is read by the last of them.
    """
    read = [file.path for file in order if file.masked_by is None]
    last = {_resolved(root, path): path for path in read}
    files, unread = [], []
    for target, path in sorted(last.items(), key=lambda item: read.index(item[1])):
        try:
            files.append((root + path, _content(target)))
        except InputError as error:
            unread.append(error.message)
    return files, unread


def _resolved(root: str, path: str) -> str:
    """Where the file lies that a path of the system leads to: its absolute links begin at its root."""
    place = root + path
    for _ in range(_MOST_LINKS):
        if not os.path.islink(place):  # noqa: PTH114 - as above
            break
        target = os.readlink(place)  # noqa: PTH115 - as above
        if target == os.devnull:
            return target
        place = root + target if target.startswith("/") else f"{place.rpartition('/')[0]}/{target}"
    return os.path.normpath(place)


def _distinct(root: str) -> list[str]:
    """The folders that there are, without those that are another's second name, as /lib is where /usr is merged."""
    first: dict[str, str] = {}
    for folder in FOLDERS:
        if os.path.isdir(root + folder):  # noqa: PTH112 - as above
            first.setdefault(os.path.realpath(root + folder), folder)
    return list(first.values())


def _has_systemd(root: str) -> bool:
    """Whether the running system was started by systemd (sd_booted(3)), or one that does not run has it."""
    if root:
        programs = [f"{root}/{folder}/systemd/systemd-sysctl" for folder in ("usr/lib", "lib")]
        return any(map(os.path.exists, programs))
    return os.path.isdir("/run/systemd/system")  # noqa: PTH112 - as above
