"""Real seccomp filters that forbid what some containers' profiles do (seccomp(2), seccomp_filter)."""

import ctypes
import platform
import struct

__all__ = ["forbid_netlink", "forbid_unshare"]

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_SYS_SOCKET = {"x86_64": 41, "aarch64": 198, "riscv64": 198}
_SYS_UNSHARE = {"x86_64": 272, "aarch64": 97, "riscv64": 97}
_AF_NETLINK = 16
_LOAD_WORD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000


def forbid_netlink(number: int) -> None:
    """From now on, in this process, socket(AF_NETLINK, ...) fails with this errno."""
    _install(
        (_LOAD_WORD, 0, 0, 0),  # seccomp_data.nr
        (_JUMP_IF_EQUAL, 0, 3, _SYS_SOCKET[platform.machine()]),
        (_LOAD_WORD, 0, 0, 16),  # seccomp_data.args[0]
        (_JUMP_IF_EQUAL, 0, 1, _AF_NETLINK),
        (_RETURN, 0, 0, _ERRNO | number),
        (_RETURN, 0, 0, _ALLOW),
    )


def forbid_unshare(number: int) -> None:
    """From now on, in this process, unshare() fails with this errno."""
    _install(
        (_LOAD_WORD, 0, 0, 0),
        (_JUMP_IF_EQUAL, 0, 1, _SYS_UNSHARE[platform.machine()]),
        (_RETURN, 0, 0, _ERRNO | number),
        (_RETURN, 0, 0, _ALLOW),
    )


def _install(*instructions: tuple[int, int, int, int]) -> None:
    program = b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)
    code = ctypes.create_string_buffer(program, len(program))
    filter_program = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, filter_program, 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")
