"""Giving root up: for good, in all threads, with every capability. What was opened before stays open."""

import ctypes
import os
import pwd

from lastack.errors import RefusedError, UsageError

__all__ = ["LOST", "become"]

LOST = "no longer root: names of other users' processes are out of sight"

_PR_SET_NO_NEW_PRIVS = 38  # include/uapi/linux/prctl.h


def become(name: str) -> bool:
    """Become that user, if we are root; whether we were and are no more.

    glibc's setresuid changes every thread (nptl(7)), and the kernel takes the capabilities of a process whose user ids
    all leave 0 (capabilities(7)). To stay root takes the word: ``root``.

    Raises:
        UsageError: ``no-such-user``.
        RefusedError: ``still-root``.
    """
    if os.geteuid() != 0:
        return False
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        raise UsageError("no-such-user", f"there is no user {name!r}", "name one with --user") from None
    if user.pw_uid == 0:
        return False
    try:
        os.setgroups([])
        os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
        os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
    except OSError as error:  # in a user namespace that maps one user alone
        raise RefusedError("still-root", f"user {name} cannot be had: {error.strerror}", "--user root stays") from None
    ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return True
