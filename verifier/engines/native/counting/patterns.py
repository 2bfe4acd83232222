"""Routines that number patterns, of rows or of rests, as they are met.

What is known of them is one array: how many there are, for how many there is room, the words of each, the mask of a
hash table; the table, of numbers + 1; the patterns one after another.
"""

from __future__ import annotations

from verifier.engines.native.arrays import Numbers, Words
from verifier.engines.native.counting.shape import Pattern

KNOWN, ROOM, WIDTH, MASK, TABLE = 0, 1, 2, 3, 4

NONE = 0xFFFFFFFFFFFFFFFF
"""No number."""

FEW = 1 << 10
"""For how many patterns there is room at first."""

MULTIPLIER = 0x9E3779B97F4A7C15
"""2^64 divided by the golden ratio."""


def pattern_at(patterns: Words, number: int) -> int:
    """Where the pattern with the number begins."""
    return TABLE + 1 + patterns[MASK] + number * patterns[WIDTH]


def pattern_place(patterns: Words, desk: Words, start: int) -> int:
    """The place of the table for the pattern that begins at `start` in the desk: free, or that of its number."""
    width = patterns[WIDTH]
    hashed = 0
    for word in range(width):
        hashed = ((hashed ^ desk[start + word]) * MULTIPLIER) & NONE
        hashed = hashed ^ (hashed >> 32)
    place = hashed & patterns[MASK]
    while patterns[TABLE + place] != 0:
        known = pattern_at(patterns, patterns[TABLE + place] - 1)
        word = 0
        while word < width and patterns[known + word] == desk[start + word]:
            word += 1
        if word == width:
            return place
        place = (place + 1) & patterns[MASK]
    return place


def pattern_number(patterns: Words, desk: Words, start: int) -> int:
    """The number of the pattern that begins at `start` in the desk, a new one if need be; NONE if there is no room."""
    place = pattern_place(patterns, desk, start)
    if patterns[TABLE + place] != 0:
        return patterns[TABLE + place] - 1
    number = patterns[KNOWN]
    if number == patterns[ROOM]:
        return NONE
    patterns[KNOWN] = number + 1
    patterns[TABLE + place] = number + 1
    known = pattern_at(patterns, number)
    for word in range(patterns[WIDTH]):
        patterns[known + word] = desk[start + word]
    return number


def rehash(patterns: Words) -> None:
    """Puts all patterns into the table, which is empty."""
    known = patterns[KNOWN]
    for number in range(known):
        place = pattern_place(patterns, patterns, pattern_at(patterns, number))
        patterns[TABLE + place] = number + 1


class Patterns:
    """The patterns of one kind that have been met, in memory that machine code shares; `width` words each."""

    def __init__(self, width: int, room: int = 0) -> None:
        room = room or FEW
        places = 1 << (2 * room).bit_length()
        self.numbers = Numbers(64, TABLE + places + 1 + room * width)
        self._width = width
        for place, content in ((ROOM, room), (WIDTH, width), (MASK, places - 1)):
            self.numbers.view[place] = content

    def __len__(self) -> int:
        return self.numbers.view[KNOWN]

    def __getitem__(self, number: int) -> Pattern:
        start = pattern_at(self.numbers.view, number)
        return tuple(self.numbers.view[start + word] for word in range(self._width))

    @property
    def scarce(self) -> bool:
        """Whether there is room for few more."""
        return 2 * len(self) > self.numbers.view[ROOM]

    def number(self, pattern: Pattern) -> int:
        """The pattern's number, a new one if need be."""
        if self.scarce:
            self.enlarge()
        return pattern_number(self.numbers.view, list(pattern), 0)

    def enlarge(self) -> None:
        """Makes room for twice as many, in other memory. Raises MemoryError."""
        old = self.numbers.view
        larger = Patterns(self._width, 2 * old[ROOM])
        new = larger.numbers.view
        for place in range(len(self) * self._width):
            new[pattern_at(new, 0) + place] = old[pattern_at(old, 0) + place]
        new[KNOWN] = len(self)
        rehash(new)
        self.numbers = larger.numbers
