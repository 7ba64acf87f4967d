"""Mounts that only the calling process and its children see."""

import ctypes
import os

from lastack.lab.syscalls import KINDS, make_mounts_private, unshare

__all__ = ["own_mounts", "read_only", "small_disk"]

_BIND, _REMOUNT, _READ_ONLY = 0x1000, 0x20, 0x1
_NOSUID_NODEV_NOEXEC = 0xE  # what /proc is mounted with, and a user namespace may not take away

_libc = ctypes.CDLL(None, use_errno=True)


def own_mounts() -> None:
    """From now on, mounts are this process's own."""
    unshare(KINDS[1])
    make_mounts_private()


def read_only(path: str) -> None:
    """Let nothing be written below that path."""
    _mount(path, path, "", _BIND)
    _mount(path, path, "", _BIND | _REMOUNT | _READ_ONLY | _NOSUID_NODEV_NOEXEC)


def small_disk(path: str, size: int) -> None:
    """Mount a file system of that many bytes, which root of the namespace owns."""
    _mount("none", path, "tmpfs", 0, f"size={size},mode=700")


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    if _libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode()):
        number = ctypes.get_errno()
        raise OSError(number, f"{target}: {os.strerror(number)}")
