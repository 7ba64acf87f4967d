"""The workload that a command line asks for: by name, in a file, or like a host in a snapshot."""

from lastack.cli.files import opened
from lastack.errors import UsageError
from lastack.lab.experiment.run import lab_defaults
from lastack.lab.workloads.file import named, workloads_in
from lastack.lab.workloads.snapshot import like
from lastack.lab.workloads.workload import Workload
from lastack.model.sample import decode

__all__ = ["chosen"]

_DEFAULT = "one-destination"
_SUFFIX = ".toml"


def chosen(asked: str | None, source: str | None) -> tuple[str, Workload]:
    """Its name, and the workload.

    Args:
        asked: a name, or a file with or without ``:NAME``; None: the default, or what is like the snapshot.
        source: path of the snapshot, if any.

    Raises:
        UsageError: ``no-such-workload``.
        InputError: ``cannot-read``, ``bad-workload-file``, ``not-a-snapshot``, ``no-load-in-snapshot``.
        RefusedError: what a lab raises, for a snapshot.
    """
    if source is None:
        return _named(asked or _DEFAULT)
    with opened(source) as (file, title):
        sample = decode(file.read(), title)
    name, base = _named(asked) if asked else ("snapshot", None)
    return name, like(sample, lab_defaults(), base)


def _named(asked: str) -> tuple[str, Workload]:
    stem, is_file, name = asked.partition(_SUFFIX)
    if not is_file:
        return asked, named(asked)
    path, name = f"{stem}{_SUFFIX}", name.removeprefix(":")
    with opened(path) as (file, title):
        found = workloads_in(file.read(), title)
    if not name and len(found) == 1:
        name = next(iter(found))
    if name not in found:
        raise UsageError("no-such-workload", f"{path} has {', '.join(found)}", f"--workload {path}:{next(iter(found))}")
    return name, found[name]
