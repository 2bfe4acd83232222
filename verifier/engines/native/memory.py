"""Memory that machine code works in."""

from __future__ import annotations

import ctypes
import mmap

HUGE = 1 << 21
"""From this size on, memory is asked for in huge pages, which make random access nearly twice as fast."""


class Region:
    """Zeroed memory of its own, given back when nothing refers to the object. Raises MemoryError."""

    def __init__(self, size: int) -> None:
        self.size = max(size, mmap.PAGESIZE)
        try:
            self._map = mmap.mmap(-1, self.size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        except OSError as error:
            raise MemoryError(f"no {size} bytes to be had") from error
        if self.size >= HUGE and hasattr(mmap, "MADV_HUGEPAGE"):
            self._map.madvise(mmap.MADV_HUGEPAGE)
        self._view = (ctypes.c_char * self.size).from_buffer(self._map)
        self.address = ctypes.addressof(self._view)

    def larger(self, size: int, used: int) -> Region:
        """A new region whose first `used` bytes are this one's."""
        region = Region(size)
        ctypes.memmove(region.address, self.address, used)
        return region
