"""Reading cells of a state, and constants, in generated code."""

from __future__ import annotations

from collections.abc import Sequence

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.native.bits import Field
from verifier.engines.native.terms import BIT, BYTE, FULL, POINTER, Term, Value, at, local, loop, number, within

KEPT = 8
"""States of at most so many words are read once, when a function is entered; others where they are needed."""


class State:
    """A state in memory, as code sees it."""

    def __init__(self, builder: Value, base: Value, words: int) -> None:
        self._builder = builder
        self._base = base
        self._words = words
        self._kept: list[Value] = []
        self._planes: dict[tuple[int, int, int], Value] = {}
        if words <= KEPT:
            with builder.goto_entry_block():
                self._kept = [builder.load(at(builder, base, number(word)), typ=FULL) for word in range(words)]

    def plane(self, field: Field, chunk: int, bit: int, mask: int) -> Value:
        """One bit of each of the field's cells in one of its words; that of the word's cell i is bit `stride` * i."""
        key = field.word + chunk, field.shift + bit, mask
        if not self._kept:
            return self._plane(*key)
        if key not in self._planes:
            with self._builder.goto_entry_block():
                self._planes[key] = self._plane(*key)
        return self._planes[key]

    def _plane(self, word: int, shift: int, mask: int) -> Value:
        return self._builder.and_(self._builder.lshr(self.word(word), number(shift)), number(mask))

    def word(self, index: int) -> Value:
        if self._kept:
            return self._kept[index]
        return self._builder.load(at(self._builder, self._base, number(index)), typ=FULL)

    def copy_to(self, target: Value) -> None:
        """Copies the words to another place in memory."""
        if self._kept:
            for index, word in enumerate(self._kept):
                self._builder.store(word, at(self._builder, target, number(index)))
        else:
            copy(self._builder, self._base, target, self._words)

    def position(self, field: Field, index: Term) -> Value:
        """The position that cell number `index` of the field holds."""
        if field.width == 0:
            return number(0)
        word, shift = place(self._builder, field, index)
        if isinstance(word, int):
            content = self.word(word)
        else:
            content = self._builder.load(at(self._builder, self._base, word), typ=FULL)
        return extract(self._builder, content, shift, field.width)


def copy(builder: Value, source: Value, target: Value, words: int) -> None:
    """Copies the words of a state in memory."""
    if words <= KEPT:
        for index in map(number, range(words)):
            builder.store(builder.load(at(builder, source, index), typ=FULL), at(builder, target, index))
    else:
        with loop(builder, number(0), number(words)) as (index, _):
            builder.store(builder.load(at(builder, source, index), typ=FULL), at(builder, target, index))


def equal(builder: Value, left: Value, right: Value, words: int) -> Value:
    """Whether two states in memory are the same."""
    if words <= KEPT:
        different = number(0)
        for index in map(number, range(words)):
            a, b = (builder.load(at(builder, base, index), typ=FULL) for base in (left, right))
            different = builder.or_(different, builder.xor(a, b))
        return builder.icmp_signed("==", different, number(0))
    answer = local(builder, BIT)
    builder.store(ir.Constant(BIT, 1), answer)
    with loop(builder, number(0), number(words)) as (index, leave):
        a, b = (builder.load(at(builder, base, index), typ=FULL) for base in (left, right))
        with builder.if_then(builder.icmp_signed("!=", a, b)):
            builder.store(ir.Constant(BIT, 0), answer)
            leave()
    return builder.load(answer, typ=BIT)


def put(builder: Value, field: Field, index: Term, position: Value, target: Value) -> None:
    """Changes one cell of the state that is in memory at `target`."""
    if field.width == 0:
        return
    word, shift = place(builder, field, index)
    address = at(builder, target, number(word) if isinstance(word, int) else word)
    hole = builder.not_(builder.shl(number((1 << field.width) - 1), shift))
    content = builder.and_(builder.load(address, typ=FULL), hole)
    builder.store(builder.or_(content, builder.shl(position, shift)), address)


def place(builder: Value, field: Field, index: Term) -> tuple[int | Value, Value]:
    """The word of a cell, its number if it is known, and the cell's distance from the word's end.

    The distance is below 64 whatever the index, so that reading a cell that is not there is harmless in one word.
    """
    lane = index.lane
    if lane is not None and (lane.per, lane.stride) == (field.per, field.stride):
        return field.word + lane.chunk, builder.add(lane.distance, number(field.shift))
    if index.constant is not None:
        word, shift = field.place(index.constant)
        return word, number(shift)
    inside, word = index.code, field.word
    if field.words > 1:
        skipped = within(builder, builder.udiv(index.code, number(field.per)), field.words)
        inside = builder.sub(index.code, builder.mul(skipped, number(field.per)))
        word = builder.add(skipped, number(field.word)) if field.word else skipped
    shift = builder.mul(inside, number(field.stride)) if field.stride > 1 else inside
    shift = builder.add(shift, number(field.shift)) if field.shift else shift
    return word, builder.and_(shift, number(63))


def extract(builder: Value, content: Value, shift: Value, width: int) -> Value:
    """The `width` bits of a word that are `shift` from its end."""
    return builder.and_(builder.lshr(content, shift), number((1 << width) - 1))


class Tables:
    """The tables of constants of one module."""

    def __init__(self, module: Value) -> None:
        self._module = module
        self._made: dict[tuple[int, ...], Value] = {}

    def entry(self, builder: Value, table: Sequence[int], index: Value) -> Value:
        """Entry number `index` of a table of numbers that are not negative: from a word where they fit into one."""
        width = max(1, max(table).bit_length())
        if width * len(table) <= 64:
            word = sum(value << width * place for place, value in enumerate(table))
            signed = word - (1 << 64) if word >> 63 else word
            shift = builder.mul(index, number(width)) if width > 1 else index
            return extract(builder, number(signed), builder.and_(shift, number(63)), width)
        element = BYTE if width <= 8 else FULL
        index = within(builder, index, len(table))
        content = builder.load(at(builder, self._array(tuple(table), element), index, element), typ=element)
        return builder.zext(content, FULL) if element is BYTE else content

    def _array(self, table: tuple[int, ...], element: Value) -> Value:
        if table not in self._made:
            self._made[table] = constants(self._module, f"t{len(self._made)}", table, element)
        return self._made[table]


def constants(module: Value, name: str, table: Sequence[int], element: Value = FULL) -> Value:
    """The address of numbers that are part of a module."""
    kind = ir.ArrayType(element, len(table))
    array = ir.GlobalVariable(module, kind, name)
    array.global_constant = True
    array.linkage = "internal"
    array.initializer = ir.Constant(kind, [ir.Constant(element, value) for value in table])
    array.type = POINTER  # llvmlite would hold on to the content's type
    return array
