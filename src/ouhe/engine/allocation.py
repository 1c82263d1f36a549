"""How this process gets and gives back memory while it walks chunks."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

__all__ = ["keep_freed_memory"]

#: Settings of ``mallopt`` in the C library of GNU, and what they are set to.
_KEEP = {
    -1: (1 << 31) - 1,  # the end of what is held is handed back only above this
    -3: 1 << 30,  # smaller pieces are taken from what is held
    -8: 1,  # all threads share what is held
}


def keep_freed_memory() -> None:
    """Have memory that a chunk frees serve the next one, rather than go back to the system and be cleared each time.

    That saves a tenth of the time of a walk over chunks of some 40 MiB. It can be asked of the C library of GNU alone;
    elsewhere nothing changes. Memory that a run has taken stays with the process.

    References
    ----------
    mallopt(3), Linux man-pages.

    Examples
    --------
    >>> keep_freed_memory()
    """
    if sys.platform != "linux":
        return
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        for setting, value in _KEEP.items():
            mallopt(setting, value)
