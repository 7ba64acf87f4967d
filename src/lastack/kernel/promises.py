"""What the sysctl files of this host set at boot, of the settings that a sample has."""

from collections.abc import Iterable, Iterator

from lastack.errors import LastackError, RefusedError
from lastack.kernel.procfile import printable
from lastack.kernel.sysctl import read_setting
from lastack.kernel.sysctl_files import Named, read_system
from lastack.model.sample import Promise
from lastack.settings.names import LIFECYCLE
from lastack.settings.sysctld.grammar import parse
from lastack.settings.sysctld.loading import Entry, Loaded

__all__ = ["MOST", "read_promises"]

# Tuned hosts set some thirty.
MOST = 100
_LONGEST = 200  # characters of a value


def read_promises(root: str = "", sys_root: str = "/proc/sys") -> tuple[list[Promise] | None, str]:
    """The lines that win, by key, and why some or all of it is out of sight; empty: nothing is.

    Args:
        root: the system whose files are read; the empty string: this one.
        sys_root: where the live values are.
    """
    try:
        system = read_system(root)
    except RefusedError as error:
        return None, error.message
    promises = list(filter(None, (_promise(*winner, sys_root) for winner in _winners(system.files))))
    reasons = [*system.unread, *([f"only the first {MOST} keys are looked at"] if len(promises) > MOST else [])]
    return promises[:MOST], "; ".join(reasons)


def _promise(key: str, entry: Entry, sys_root: str) -> Promise | None:
    """None: the line counts on the key's absence, or the live value may not be read."""
    try:
        live = read_setting(key, sys_root)
    except LastackError:
        return None
    if live is None and entry.line.tolerant:
        return None
    return Promise(
        key=key, value=printable(entry.value)[:_LONGEST], live=live, file=printable(entry.file), line=entry.line.number
    )


def _winners(files: Iterable[Named]) -> Iterator[tuple[str, Entry]]:
    lines = [(name, line) for name, content in files for line in parse(content)]
    entries = [
        Entry(at, name, line, f"{name}:{line.number}")
        for at, (name, line) in enumerate(lines)
        if line.kind in {"assignment", "exclusion"}
    ]
    # Whether the kernel takes a value is not asked: what it refused is not there now, and that is what is looked for.
    loaded = Loaded(entries, [False] * len(entries), LIFECYCLE, lambda _key, _value: True)
    for key, setters in sorted(loaded.setters.items()):
        if key in LIFECYCLE or key.startswith("net.ipv4.tcp_"):
            yield key, setters[-1]
