"""Memory that machine code works in: the process's own, or a file that is mapped into it."""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
from contextlib import suppress

HUGE = 1 << 21
"""From this size on, memory is asked for in huge pages, which make random access nearly twice as fast."""


class Region:
    """Zeroed memory of its own, given back when nothing refers to the object. Raises MemoryError."""

    def __init__(self, size: int) -> None:
        self.size = _rounded(size)
        try:
            self._map = mmap.mmap(-1, self.size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        except (OSError, OverflowError) as error:
            raise MemoryError(f"no {size} bytes to be had") from error
        self._settle()

    def _settle(self) -> None:
        if self.size >= HUGE and hasattr(mmap, "MADV_HUGEPAGE"):
            self._map.madvise(mmap.MADV_HUGEPAGE)
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self._map))

    def enlarge(self, size: int) -> None:
        """More memory, perhaps at another address; what was there is kept, and not copied. Raises MemoryError.

        There must be no `view` any more.
        """
        if size > self.size:
            try:
                self._map.resize(_rounded(size))
            except (OSError, OverflowError) as error:
                raise MemoryError(f"no {size} bytes to be had") from error
            self.size = _rounded(size)
            self._settle()

    def view(self, size: int) -> memoryview:
        """The first `size` bytes, as Python sees them."""
        return memoryview(self._map)[:size]


def _rounded(size: int) -> int:
    """As many bytes or some more: huge pages are lost where memory that does not consist of them is moved."""
    unit = HUGE if size >= HUGE else mmap.PAGESIZE
    return max(1, -(-size // unit)) * unit


class FileRegion:
    """The first `size` bytes of a file, shared with it. The file keeps what is written here, page by page.

    Space on the disk is taken first, so that a full disk is an OSError here and not the end of the process later.
    Raises OSError, also where the process has no addresses left for it.
    """

    def __init__(self, file: int, size: int) -> None:
        self.size = max(size, mmap.PAGESIZE)
        before = os.fstat(file).st_size
        if self.size > before:
            try:
                os.posix_fallocate(file, before, self.size - before)
            except BaseException:
                # Part of it may have been taken, perhaps the last of the disk that a checkpoint's header needs.
                with suppress(OSError):
                    os.ftruncate(file, before)
                raise
        try:
            self._map = mmap.mmap(file, self.size, flags=mmap.MAP_SHARED)
        except OverflowError:
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)) from None
        self._view = (ctypes.c_char * self.size).from_buffer(self._map)
        self.address = ctypes.addressof(self._view)

    def view(self, size: int) -> memoryview:
        """The first `size` bytes, as Python sees them."""
        return memoryview(self._map)[:size]

    def release(self) -> None:
        """Takes the pages out of this process's memory; they come back from the file where they are used."""
        self._map.madvise(mmap.MADV_DONTNEED)

    def flush(self, start: int, stop: int) -> None:
        """Waits until these bytes are on the disk. Raises OSError."""
        first = start - start % mmap.PAGESIZE
        if stop > first:
            self._map.flush(first, stop - first)


class Array:
    """Elements of `width` bytes in a row, of which there is room for `room`: in memory until `to_file` is called.

    Its address changes whenever room is made. `file` is the descriptor of the file that it is in; the array owns it.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self.file: int | None = None
        self._region: Region | FileRegion = Region(0)

    def __del__(self) -> None:
        if self.file is not None:
            os.close(self.file)

    @property
    def address(self) -> int:
        return self._region.address

    @property
    def room(self) -> int:
        return self._region.size // self.width

    def reserve(self, room: int, used: int) -> None:
        """Room for so many elements, the first `used` of which are kept. Raises MemoryError or OSError."""
        if room <= self.room:
            return
        if self.file is not None:
            self._region = FileRegion(self.file, room * self.width)
            return
        assert isinstance(self._region, Region)
        self._region.enlarge(room * self.width)

    def to_file(self, file: int, used: int) -> None:
        """From now on in the file, which is empty, with the first `used` elements. Raises OSError."""
        try:
            region = FileRegion(file, used * self.width)
        except BaseException:
            os.close(file)
            raise
        ctypes.memmove(region.address, self.address, used * self.width)
        before = self.file
        self.file, self._region = file, region
        if before is not None:
            os.close(before)

    def take_file(self, file: int) -> None:
        """From now on in the file, with all that is in it. Raises OSError."""
        self.file, self._region = file, FileRegion(file, os.fstat(file).st_size)

    def content(self, first: int, stop: int) -> memoryview:
        """The bytes of the elements from `first` up to but not including `stop`, as they are until room is made."""
        return self._region.view(stop * self.width)[first * self.width :]

    def release(self) -> None:
        """Takes out of memory what is in a file as well."""
        if isinstance(self._region, FileRegion):
            self._region.release()

    def flush(self, first: int, stop: int) -> None:
        """Waits until these elements are on the disk, if they are in a file. Raises OSError."""
        if isinstance(self._region, FileRegion):
            self._region.flush(first * self.width, stop * self.width)
