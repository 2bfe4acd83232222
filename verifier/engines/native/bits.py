"""Where the cells of a state are in 64-bit words.

A cell holds the position of its value in `values_of` its type (so none is 0), in as many bits as the greatest position
needs: none at all if the type has one value. Functions over the same points are interleaved: the cells of one point
lie side by side, so that one pattern of bits fits all the points in a word (see `lanes`). Where that would take more
words, the cells of one function lie side by side instead. Either way they start a new word if they do not fit into what
is left of one, and no cell crosses from one word to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from verifier.engines.native.unavailable import NativeUnavailable
from verifier.system.layout import Cell, Layout, Point
from verifier.system.types import size_of

WORD = 63
"""Bits of a word that are used: a word plus one is never 0, nor is its hash, and 0 marks a free place in a table."""


@dataclass(frozen=True, slots=True)
class Field:
    """The cells of one function: cell i is in word `word + i // per`, `shift + i % per * stride` bits from its end.

    `words` is how many words they are spread over.
    """

    word: int
    shift: int
    width: int
    stride: int
    per: int
    words: int

    def place(self, index: int) -> tuple[int, int]:
        """The word of a cell and its distance from the word's end."""
        return self.word + index // self.per, self.shift + index % self.per * self.stride


class Bits:
    """The fields of one system's state functions, and the way between words and positions."""

    def __init__(self, layout: Layout) -> None:
        self.fields: dict[str, Field] = {}
        self._free: list[int] = []
        cells: dict[str, list[Cell]] = {}
        for cell in layout.cells:
            cells.setdefault(cell.function, []).append(cell)
        widths = {name: (size_of(own[0].type) - 1).bit_length() for name, own in cells.items()}
        groups: dict[object, list[str]] = {}
        for name, own in cells.items():
            if widths[name] > WORD:
                raise NativeUnavailable(f"{name} has too many values for a word")
            groups.setdefault(_varying([cell.point for cell in own]), []).append(name)
        for names in groups.values():
            self._lay(names, widths, len(cells[names[0]]))
        self.words = max(1, len(self._free))
        places = {name: [self.fields[name].place(index) for index in range(len(own))] for name, own in cells.items()}
        self.places = tuple((*place, (1 << widths[name]) - 1) for name in cells for place in places[name])
        """For each cell its word, its distance from the word's end, and its mask there."""

    def pack(self, positions: Sequence[int]) -> list[int]:
        """The words of the state with these positions."""
        words = [0] * self.words
        for (word, shift, _), position in zip(self.places, positions, strict=True):
            words[word] |= position << shift
        return words

    def unpack(self, words: Sequence[int]) -> list[int]:
        """The positions of the state in these words."""
        return [words[word] >> shift & mask for word, shift, mask in self.places]

    def _lay(self, names: Sequence[str], widths: dict[str, int], count: int) -> None:
        """Gives a place to functions over the same points."""
        stride = sum(widths[name] for name in names)
        apart = [widths[name] for name in names if widths[name]]
        if count > 1 and 0 < stride <= WORD and _words(count, [stride]) <= _words(count, apart):
            self._interleave(names, widths, count)
        else:
            for name in names:
                self._interleave([name], widths, count)

    def _interleave(self, names: Iterable[str], widths: dict[str, int], count: int) -> None:
        stride = sum(widths[name] for name in names)
        word, shift, per, words = self._room(stride, count)
        for name in names:
            self.fields[name] = Field(word, shift, widths[name], stride, per, words)
            shift += widths[name]

    def _room(self, stride: int, count: int) -> tuple[int, int, int, int]:
        """Takes room for so many pieces of so many bits: the first word, the shift, how many in a word, the words."""
        need = stride * count
        if need > WORD:
            per = WORD // stride
            words = _words(count, [stride])
            first = len(self._free)
            self._free += [0] * (words - 1) + [WORD - stride * (count - per * (words - 1))]
            return first, 0, per, words
        if need == 0:
            return 0, 0, count, 1
        word = next((word for word, free in enumerate(self._free) if free >= need), len(self._free))
        if word == len(self._free):
            self._free.append(WORD)
        shift = WORD - self._free[word]
        self._free[word] -= need
        return word, shift, count, 1


def _words(count: int, strides: Sequence[int]) -> int:
    """The words that so many pieces of each stride take, if none shares a word with one of another stride."""
    return sum(-(-count // (WORD // stride)) for stride in strides)


def _varying(points: Sequence[Point]) -> tuple[Point, ...]:
    """The points without the coordinates that are the same in all of them."""
    columns = [column for column in zip(*points, strict=True) if len(set(column)) > 1]
    return tuple(zip(*columns, strict=True))
