"""Which files a host reads at boot, and in which order: the later one wins.

Sources: sysctl.d(5), systemd-sysctl(8), systemd 252 src/basic/conf-files.c; sysctl(8), procps 4.0 src/sysctl.c
PreloadSystem(). Both take ``*.conf`` of some folders, sort all by their names alone, whichever folder they come from,
and where two have the same name read only that of the folder named first. They part at two places: procps reads
/etc/sysctl.conf after everything else, and systemd-sysctl does not read it at all, unless a link in sysctl.d leads to
it, as Debian and Red Hat have it (99-sysctl.conf); and systemd reads no /lib/sysctl.d where /usr is merged, which
is the same folder then.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

__all__ = ["FOLDERS", "MAIN_FILE", "File", "Loader", "load_order"]

Loader = Literal["systemd", "procps"]

# Most important first.
FOLDERS = ("/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d")
MAIN_FILE = "/etc/sysctl.conf"


class File(NamedTuple):
    """A file among those that may be read.

    Attributes:
        path: its path.
        masked_by: the file of the same name in a more important folder, read in its stead; None: it is read.
    """

    path: str
    masked_by: str | None = None


def load_order(names: Mapping[str, Iterable[str]], loader: Loader, *, has_main_file: bool) -> list[File]:
    """The files in the order in which a loader reads them; those that are masked stand beside their masks.

    Args:
        names: for each of ``FOLDERS`` that there is, the names in it. A folder that is another's second name (a link)
            is to be left out.
        loader: which program.
        has_main_file: whether there is an ``/etc/sysctl.conf``.
    """
    chosen: dict[str, str] = {}
    masked: list[tuple[str, File]] = []
    for folder in FOLDERS:
        for name in names.get(folder, ()):
            if not name.endswith(".conf"):
                continue
            path = f"{folder}/{name}"
            if name in chosen:
                masked.append((name, File(path, chosen[name])))
            else:
                chosen[name] = path
    files = [(name, File(path)) for name, path in chosen.items()] + masked
    ordered = [file for _, file in sorted(files, key=lambda item: (item[0], item[1].masked_by is not None))]
    return [*ordered, File(MAIN_FILE)] if loader == "procps" and has_main_file else ordered
