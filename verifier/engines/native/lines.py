"""Machine code that looks at a line of a hash table: at the eight places that memory brings along together, at once."""

from __future__ import annotations

from collections.abc import Callable

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.native.terms import BIT, BYTE, FULL, HALF, Value, at, number

LINE = 8
"""How many places a line has. A table consists of whole lines."""

PLACES = ir.VectorType(FULL, LINE)


def whole_lines(places: int) -> int:
    """So many places or a few more."""
    return -(-places // LINE) * LINE


def contents_of(builder: Value, line: Value, read: Callable[[Value, Value], Value] | None = None) -> Value:
    """What the places of a line hold; each is read by itself, with `read`, where that is given."""
    if read is None:
        return builder.load(line, typ=PLACES, align=8 * LINE)
    contents = ir.Constant(PLACES, ir.Undefined)
    for place in range(LINE):
        content = read(builder, at(builder, line, number(place)))
        contents = builder.insert_element(contents, content, ir.Constant(HALF, place))
    return contents


def eightfold(builder: Value, word: Value) -> Value:
    """The same word for each place of a line."""
    none = ir.Constant(PLACES, ir.Undefined)
    once = builder.insert_element(none, word, ir.Constant(HALF, 0))
    return builder.shuffle_vector(once, none, ir.Constant(ir.VectorType(HALF, LINE), [0] * LINE))


def where(builder: Value, some: Value, others: Value) -> Value:
    """For each place of a line, from the lowest bit on, whether both have the same word there."""
    return builder.zext(builder.bitcast(builder.icmp_unsigned("==", some, others), BYTE), FULL)


def lowest(builder: Value, bits: Value) -> Value:
    """The place of the lowest bit that is set; any place that there may be if none is."""
    return builder.cttz(bits, ir.Constant(BIT, 0))
