"""Why the kernel makes no private namespace, in terms of the setting that forbids it.

Sources: ``user.max_*_namespaces`` in namespaces(7), with ENOSPC; Debian's ``kernel.unprivileged_userns_clone``;
Ubuntu's ``kernel.apparmor_restrict_unprivileged_userns``, under which the user namespace is made and may do nothing;
the ``Seccomp:`` line of proc_pid_status(5) for the filter of a container.
"""

import errno
import os
from pathlib import Path
from typing import NamedTuple

from lastack.errors import RefusedError

__all__ = ["refusal"]

_SECCOMP_FILTER = ["Seccomp:", "2"]  # SECCOMP_MODE_FILTER
_NOT_BUILT_IN = frozenset({errno.EINVAL, errno.ENOSYS})


class _Ban(NamedTuple):
    """A sysctl that keeps ordinary users from making namespaces while it has this value, and what lifts it."""

    name: str
    value: str
    remedy: str


_BANS = (
    _Ban("kernel.unprivileged_userns_clone", "0", "as root: sysctl kernel.unprivileged_userns_clone=1"),
    _Ban(
        "kernel.apparmor_restrict_unprivileged_userns",
        "1",
        "as root: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or run lastack as root",
    ),
)


def refusal(kind: str, error: OSError, proc_root: str = "/proc") -> RefusedError:
    """The error that explains why no namespace could be made.

    Args:
        kind: name of a ``syscalls.Kind``.
        error: what the kernel answered.
        proc_root: where proc is mounted.
    """
    cause, hint = _cause(kind, error, Path(proc_root))
    return RefusedError("no-namespace", f"the kernel makes no private {kind} namespace: {cause}", hint)


def _cause(kind: str, error: OSError, proc: Path) -> tuple[str, str]:
    if error.errno == errno.ENOSPC:
        limit = f"user.max_{kind}_namespaces"
        return f"{limit} = {_setting(limit, proc)} is used up", f"as root: sysctl {limit}=10000"
    if error.errno in _NOT_BUILT_IN:
        return f"it was built without CONFIG_{kind.upper()}_NS", "use a kernel that has it"
    if os.geteuid() != 0:
        for ban in _BANS:
            if _setting(ban.name, proc) == ban.value:
                return f"{ban.name} = {ban.value}", ban.remedy
    if _is_filtered(proc):
        return (
            "this process runs under a seccomp filter, as in a container",
            "run it outside the container, or start that with --security-opt seccomp=unconfined",
        )
    return str(error.strerror), "it takes no chroot and no security module that forbids it"


def _setting(name: str, proc: Path) -> str | None:
    try:
        return (proc / "sys" / name.replace(".", "/")).read_text("ascii").strip()
    except OSError:
        return None


def _is_filtered(proc: Path) -> bool:
    try:
        status = (proc / "self/status").read_text("ascii", "replace")
    except OSError:
        return False
    return any(line.split() == _SECCOMP_FILTER for line in status.splitlines())
