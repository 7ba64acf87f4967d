"""The sysctl files that a host reads at boot: which they are, and what they hold."""

import os
from collections.abc import Iterable, Sequence
from typing import BinaryIO, NamedTuple

from lastack.errors import InputError
from lastack.kernel.procfile import list_folder
from lastack.settings.sysctld.precedence import FOLDERS, MAIN_FILE, File, Loader, load_order

__all__ = ["Named", "SystemFiles", "content_of", "read_system"]

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


def read_system(root: str = "") -> SystemFiles:
    """The files that the system below ``root`` reads at boot; the empty string: this one.

    Raises:
        RefusedError: ``unreadable-file``: a folder may not be listed.
    """
    names = {folder: list_folder(root + folder) for folder in _distinct(root)}
    main = os.path.isfile(root + MAIN_FILE)
    loader: Loader = "systemd" if _has_systemd(root) else "procps"
    other: Loader = "procps" if loader == "systemd" else "systemd"
    order = load_order(names, loader, has_main_file=main)
    files, unread = _read(root, order)
    others, _ = _read(root, load_order(names, other, has_main_file=main))
    return SystemFiles(loader, order, files, others, unread)


def content_of(file: BinaryIO, name: str) -> bytes:
    """The whole file.

    Raises:
        InputError: ``too-large``.
    """
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
            with open(target, "rb", opener=_at_once) as file:
                files.append((root + path, content_of(file, target)))
        except InputError as error:
            unread.append(error.message)
        except OSError as error:
            unread.append(f"{target}: {error.strerror}")
    return files, unread


def _at_once(path: str, flags: int) -> int:
    """Open even what is a pipe that nobody writes to; it then reads as empty."""
    return os.open(path, flags | os.O_NONBLOCK)


def _resolved(root: str, path: str) -> str:
    """Where the file lies that a path of the system leads to: its absolute links begin at its root."""
    place = root + path
    for _ in range(_MOST_LINKS):
        if not os.path.islink(place):
            break
        target = os.readlink(place)
        if target == os.devnull:
            return target
        place = root + target if target.startswith("/") else f"{place.rpartition('/')[0]}/{target}"
    return os.path.normpath(place)


def _distinct(root: str) -> list[str]:
    """The folders that there are, without those that are another's second name, as /lib is where /usr is merged."""
    first: dict[str, str] = {}
    for folder in FOLDERS:
        if os.path.isdir(root + folder):
            first.setdefault(os.path.realpath(root + folder), folder)
    return list(first.values())


def _has_systemd(root: str) -> bool:
    """Whether the running system was started by systemd (sd_booted(3)), or one that does not run has it."""
    if root:
        programs = [f"{root}/{folder}/systemd/systemd-sysctl" for folder in ("usr/lib", "lib")]
        return any(map(os.path.exists, programs))
    return os.path.isdir("/run/systemd/system")
