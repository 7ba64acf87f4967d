"""What the C library's allocator does with memory that is free again."""

import ctypes

__all__ = ["keep_freed"]

# malloc.h of glibc. Blocks up to the threshold come from the heap, whose free end is kept up to the other one.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_BLOCK, _KEPT = 1 << 25, 1 << 26


def keep_freed() -> None:
    """Let this process keep a part of what it frees, one heap for all threads; elsewhere than with glibc, nothing.

    Columns come and go: with each one, pages would be given back, asked for again and filled with zeros, which takes
    as long as the work on them.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for name, value in ((_M_TRIM_THRESHOLD, _KEPT), (_M_MMAP_THRESHOLD, _BLOCK), (_M_ARENA_MAX, 1)):
            mallopt(name, value)
