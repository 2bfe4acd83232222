"""Where the cells of a state are in 64-bit words.

A cell holds the position of its value in `values_of` its type (so none is 0), in as many bits as the greatest position
needs: none at all if the type has one value. The cells of a function lie side by side; a function that does not fit
into what is left of a word starts a new one, and no cell crosses from one word to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.engines.native.unavailable import NativeUnavailable
from verifier.system.layout import Layout
from verifier.system.types import size_of

WORD = 63
"""Bits of a word that are used: a word plus one is never 0, which marks a free place in a table of words."""


@dataclass(frozen=True, slots=True)
class Field:
    """The cells of one function: cell i is in word `word + i // per`, `shift + i % per * width` bits from its end.

    `words` is how many words they are spread over; `shift` is 0 where that is more than one.
    """

    word: int
    shift: int
    width: int
    per: int
    words: int

    def place(self, index: int) -> tuple[int, int]:
        """The word of a cell and its distance from the word's end."""
        return self.word + index // self.per, self.shift + index % self.per * self.width


class Bits:
    """The fields of one system's state functions, and the way between words and positions."""

    def __init__(self, layout: Layout) -> None:
        self.fields: dict[str, Field] = {}
        self._free: list[int] = []
        sizes: dict[str, list[int]] = {}
        for cell in layout.cells:
            sizes.setdefault(cell.function, []).append(size_of(cell.type))
        places: list[tuple[int, int, int]] = []
        for name, cells in sizes.items():
            field = self._field(name, (cells[0] - 1).bit_length(), len(cells))
            self.fields[name] = field
            places += [(*field.place(index), (1 << field.width) - 1) for index in range(len(cells))]
        self.words = max(1, len(self._free))
        self._places = tuple(places)

    def pack(self, positions: Sequence[int]) -> list[int]:
        """The words of the state with these positions."""
        words = [0] * self.words
        for (word, shift, _), position in zip(self._places, positions, strict=True):
            words[word] |= position << shift
        return words

    def unpack(self, words: Sequence[int]) -> list[int]:
        """The positions of the state in these words."""
        return [words[word] >> shift & mask for word, shift, mask in self._places]

    def _field(self, name: str, width: int, count: int) -> Field:
        if width > WORD:
            raise NativeUnavailable(f"{name} has too many values for a word")
        if width == 0:
            return Field(0, 0, 0, count, 1)
        if width * count <= WORD:
            return self._within(width, count)
        per = WORD // width
        words = -(-count // per)
        first = len(self._free)
        self._free += [0] * (words - 1) + [WORD - width * (count - per * (words - 1))]
        return Field(first, 0, width, per, words)

    def _within(self, width: int, count: int) -> Field:
        """A function in one word, the first with room for it."""
        need = width * count
        word = next((word for word, free in enumerate(self._free) if free >= need), len(self._free))
        if word == len(self._free):
            self._free.append(WORD)
        shift = WORD - self._free[word]
        self._free[word] -= need
        return Field(word, shift, width, count, 1)
