"""Pieces of generated code, with what is known of their values, and the few instructions they are made with.

In machine code a boolean is one bit; everything else is a signed 64-bit number: an integer itself, a sort's member its
index, and an optional 0 for none or 1 + the position of its value in the base type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.explicit.source import encode, range_of
from verifier.engines.native.unavailable import NativeUnavailable
from verifier.system import types
from verifier.system.types import BOOL, BoolType, IntType, OptionalType, Type, size_of, values_of

Value = Any
"""An `llvmlite.ir` value, builder or block; llvmlite has no types of its own."""

BIT = ir.IntType(1)
BYTE = ir.IntType(8)
HALF = ir.IntType(32)
FULL = ir.IntType(64)
POINTER = ir.PointerType()
LIMIT = 1 << 62
"""Numbers of machine code stay below this, so that neither a sum nor a position can overflow."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Where the cells of one point are, of functions that have `per` points in a word, `stride` bits apart.

    They are in word `chunk` of each function's words, `distance` bits further than those of the word's first point. The
    points are numbers or members from `low` on.
    """

    per: int
    stride: int
    chunk: int
    distance: Value
    low: int


@dataclass(frozen=True, slots=True)
class Term:
    """An expression's code. `constant` is its value where it is known already, and then `code` is a constant too.

    `lane` is where the cells at the point that the value stands for are, if that is known.
    """

    code: Value
    type: Type
    constant: int | None = None
    lane: Lane | None = None


Scope = Mapping[str, Term]


def number(value: int) -> Value:
    return ir.Constant(FULL, value)


def known(value: int, kind: Type) -> Term:
    """A number that stands for a value of the type."""
    if isinstance(kind, BoolType):
        return truth(bool(value))
    return Term(number(checked(kind, value)), kind, value)


def truth(value: bool) -> Term:
    return Term(ir.Constant(BIT, int(value)), BOOL, int(value))


def literal(kind: Type, value: types.Value) -> Term:
    """A value of a type, of which integers are seen as narrow as can be."""
    if value is None:
        return known(0, kind)
    narrow = kind
    if isinstance(kind, IntType):
        narrow = IntType(int(value), int(value))
    elif isinstance(kind, OptionalType) and isinstance(kind.base, IntType):
        narrow = OptionalType(IntType(int(value), int(value)))
    return known(encode(narrow, value), narrow)


def instances(kind: Type) -> list[Term]:
    """Every value of an index type."""
    return [literal(kind, value) for value in values_of(kind)]


def checked(kind: Type, value: int = 0) -> int:
    """The value; refuses types with numbers that machine code cannot hold."""
    low, high = range_of(kind)
    if not -LIMIT < low <= high < LIMIT:
        raise NativeUnavailable(f"an expression has values from {low} to {high}, which do not fit into a word")
    return value


def shifted(builder: Value, term: Term, by: int, kind: Type) -> Term:
    """The term's number plus `by`, seen as a value of `kind`."""
    if term.constant is not None:
        return known(term.constant + by, kind)
    if isinstance(term.type, BoolType) == isinstance(kind, BoolType):
        code = builder.add(term.code, number(by)) if by else term.code
    elif isinstance(kind, BoolType):
        code = builder.icmp_signed("!=", term.code, number(-by))
    else:
        code = builder.add(builder.zext(term.code, FULL), number(by))
    checked(kind)
    return Term(code, kind)


def converted(builder: Value, term: Term, kind: Type) -> Term:
    """The same value in the encoding of `kind`, which may place an optional's integers differently."""
    match term.type, kind:
        case OptionalType(IntType(old, _)), OptionalType(IntType(new, _)) if old != new:
            if term.constant is not None:
                return known(term.constant and term.constant + old - new, kind)
            checked(kind)
            absent = builder.icmp_signed("==", term.code, number(0))
            moved = builder.add(term.code, number(old - new))
            return Term(builder.select(absent, number(0), moved), kind)
        case _:
            return replace(term, type=kind)


def wide(builder: Value, term: Term) -> Value:
    """The term as a number of 64 bits."""
    return builder.zext(term.code, FULL) if isinstance(term.type, BoolType) else term.code


def at(builder: Value, base: Value, index: Value, element: Value = FULL) -> Value:
    """The address of an element of an array."""
    return builder.gep(base, [index], source_etype=element)


def within(builder: Value, index: Value, count: int) -> Value:
    """The index, or the last one there is: whatever code computes, it stays inside of its arrays."""
    return builder.select(builder.icmp_unsigned("<", index, number(count)), index, number(count - 1))


def least(builder: Value, a: Value, b: Value) -> Value:
    """The lesser of two numbers."""
    return builder.select(builder.icmp_signed("<", a, b), a, b)


def publish(builder: Value, value: Value, place: Value) -> None:
    """Stores a number so that a thread that reads it there sees all that was stored before, too."""
    typed = at(builder, place, number(0))
    typed.type = ir.PointerType(FULL)  # llvmlite wants to know here what is at the address
    builder.store_atomic(value, typed, "release", 8)


@contextmanager
def loop(builder: Value, low: Value, high: Value) -> Iterator[tuple[Value, Callable[[], None]]]:
    """Code for every number from `low` up to but not including `high`, and a way to write a jump to the loop's end."""
    function = builder.function
    head, body, more, end = (function.append_basic_block() for _ in range(4))
    before = builder.block
    builder.branch(head)
    builder.position_at_end(head)
    counter = builder.phi(low.type)
    counter.add_incoming(low, before)
    builder.cbranch(builder.icmp_signed("<", counter, high), body, end)
    builder.position_at_end(body)
    yield counter, lambda: builder.branch(end)
    if not builder.block.is_terminated:
        builder.branch(more)
    builder.position_at_end(more)
    counter.add_incoming(builder.add(counter, ir.Constant(low.type, 1)), more)
    builder.branch(head)
    builder.position_at_end(end)


@contextmanager
def each(builder: Value, kind: Type) -> Iterator[tuple[Term, Callable[[], None]]]:
    """Code for every value of an index type, as `loop`."""
    low = range_of(kind)[0]
    with loop(builder, number(low), number(low + size_of(kind))) as (value, leave):
        yield shifted(builder, Term(value, IntType(low, low + size_of(kind) - 1)), 0, kind), leave


def local(builder: Value, kind: Value, start: Value | None = None) -> Value:
    """Room on the stack, taken once whatever loops are around; with its first content if `start` is given."""
    with builder.goto_entry_block():
        room = builder.alloca(kind)
    room.type = POINTER  # llvmlite would hold on to the content's type
    if start is not None:
        builder.store(start, room)
    return room
