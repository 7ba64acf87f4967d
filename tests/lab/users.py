"""The lab for everybody: the same function, run by root and by an ordinary user."""

import ctypes
import encodings.ascii  # noqa: F401 - an ordinary user may not be able to read the interpreter's files later
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, TypeVar

import lastack.kernel.census
import lastack.lab.route
from tests.kernel.private import NEWUSER, run_as_nobody, run_private, unavailable, unshare

__all__ = ["MARK", "Run", "lastack_unprivileged", "root", "run_as_nobody"]

lastack.lab.route.load_pyroute2()  # as above

T = TypeVar("T")
MARK = "LASTACK_TEST_MARK"  # an environment variable, which every process of a lab inherits


class Run(Protocol):
    """What runs a function of a module as some user."""

    def __call__(self, function: Callable[..., T], *arguments: object) -> T:
        """Its result."""


def root(function: Callable[..., T], *arguments: object) -> T:
    """The function's result from a process of root's."""
    if os.geteuid() != 0:
        unavailable("the tests do not run as root")
    return run_private(function, *arguments, flags=0)


def lastack_unprivileged(*arguments: str, limits: Mapping[str, int] | None = None) -> subprocess.CompletedProcess[str]:
    """Run lastack without any capability, by a user id that is not 0.

    Args:
        arguments: of lastack.
        limits: ``user.*`` sysctls of the user namespace that it is in, which is not the host's.
    """
    user, group = os.geteuid(), os.getegid()

    def drop() -> None:
        # An id that is mapped to our own can read what we can; exec() takes the capabilities of any id but 0.
        unshare(NEWUSER)
        Path("/proc/self/setgroups").write_text("deny", "ascii")
        Path("/proc/self/uid_map").write_text(f"1000 {user} 1", "ascii")
        Path("/proc/self/gid_map").write_text(f"1000 {group} 1", "ascii")
        for name, value in (limits or {}).items():
            Path("/proc/sys", name.replace(".", "/")).write_text(str(value), "ascii")
        ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS: no setuid program gives them back

    return subprocess.run(
        [sys.executable, "-m", "lastack", *arguments],
        preexec_fn=drop,
        capture_output=True,
        text=True,
        check=False,
    )
