"""Where large buffers live: in pages of their own, which go back to the system with them."""

import contextlib
import ctypes
import sys

OWN_PAGES = 1 << 20  # bytes; a hop's arrays stay far below, rings of seconds of sound above
M_MMAP_THRESHOLD = -3  # of glibc's malloc.h


def keep_large_buffers_apart() -> bool:
    """Have memory of a megabyte and more mapped by itself; False where the library cannot.

    By itself glibc raises the limit to the largest buffer that was ever given back, and puts the
    next ones into the arena of whichever thread asks: each side and each device that is opened
    anew would leave megabytes in another arena (``mallopt(3)``, "M_MMAP_THRESHOLD").
    """
    if sys.platform != "linux":
        return False
    with contextlib.suppress(OSError, AttributeError):  # musl has no mallopt
        return bool(ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, OWN_PAGES))
    return False
