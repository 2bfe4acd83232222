"""The arrays that routines work on: what their parameters are called, and memory for them.

A routine (see `routine`) runs as it stands under Python, where these are arrays of any kind, and as machine code. This
module needs no llvmlite.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Protocol, Union

from verifier.engines.native.memory import Region


class Elements(Protocol):
    """Numbers by their places."""

    def __getitem__(self, index: int, /) -> int: ...

    def __setitem__(self, index: int, value: int, /) -> None: ...


Bytes = Elements
"""Numbers of 8 bits from 0 up."""

Halves = Elements
"""Numbers of 32 bits from 0 up."""

Words = Elements
"""Numbers of 64 bits from 0 up."""

WIDTHS = {"Bytes": 8, "Halves": 32, "Words": 64}
"""Bits of an element, by the name that an annotation uses."""


def prefetch(array: Elements, index: int) -> None:
    """Says that the element will be read or written soon; no more than a hint. It need not be in the array."""


@dataclass(frozen=True)
class Placed:
    """An array that machine code finds at an address and Python in a view; both as long as the view lives."""

    address: int
    view: memoryview[int]

    def write(self, content: bytes | bytearray) -> None:
        """Replaces the first bytes."""
        self.view.cast("B")[: len(content)] = content


class Numbers(Placed):
    """So many zeros of 8, 32 or 64 bits each, in memory of their own. Raises MemoryError.

    Memory that is never written is never taken.
    """

    def __init__(self, width: int, count: int) -> None:
        size = width // 8 * count
        region = Region(size)
        whole = region.view(size)
        super().__init__(region.address, whole.cast("B" if width == 8 else "I" if width == 32 else "Q"))


Buffer = Union[Placed, "array[int]"]
"""An array that Python and machine code can work on."""
