"""Memory that goes back: large arrays come and go with every answer, and glibc would keep what they leave between others."""

import contextlib
import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGE_BYTES, _SPARE_BYTES = 1 << 20, 16 << 20


def give_back_at_once() -> None:
    """From now on what is larger than a megabyte has pages of its own, which go back to the system with it.

    Left to itself, glibc raises that limit to 32 MB by and by; maps of one size then leave gaps that maps of another do not fit, and the
    process grows for hours. Where the allocator is another, nothing changes.
    """
    with contextlib.suppress(OSError, AttributeError):
        allocator = ctypes.CDLL(None)
        allocator.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        allocator.mallopt(_M_TRIM_THRESHOLD, _SPARE_BYTES)
