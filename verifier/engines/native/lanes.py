"""A condition for all values of one variable at once: bit-parallel machine code.

The cells of functions over the same points are interleaved (see `bits`): those of point i lie `stride` * i bits from
those of the word's first point. So bit k of one function's cells at all points of a word is one shift and one mask
away: a *plane*, in which bit `stride` * i belongs to point i. A condition on one point is computed for all points of
the word by operations on planes; a value, as a plane for each bit of its position. Then "for all" compares with the
full plane, "for some" with 0, a count is the number of ones, and a guard holds for the values with a one in its plane.

What does not fit - another arrangement of the cells, arithmetic beyond adding a constant, a part that does not depend
on the variable and is not cheap or not defined everywhere - is left to the ordinary code. Whatever is computed here is
defined for every state and value: where an optional is opened that is none, the result has no meaning but does no harm,
for the condition that has to come first makes it count for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from functools import reduce
from itertools import zip_longest
from math import prod
from typing import TYPE_CHECKING

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.explicit.guards import free_variables
from verifier.engines.explicit.source import range_of, weight
from verifier.engines.native.bits import Field
from verifier.engines.native.storage import State
from verifier.engines.native.terms import BIT, FULL, Lane, Scope, Term, Value, instances, known, number, truth, wide
from verifier.system.expressions import (
    And,
    Arithmetic,
    Constant,
    Count,
    Equal,
    Exists,
    Expression,
    ForAll,
    If,
    Implies,
    IsSome,
    Less,
    Next,
    Not,
    Number,
    Open,
    Or,
    Read,
    Some,
    Variable,
    walk,
)
from verifier.system.types import BOOL, BoolType, IntType, OptionalType, Type, size_of

if TYPE_CHECKING:
    from verifier.engines.native.formulas import Formulas

CHUNKS = 8
"""The code is written once for each word of the points, if these are not more words than this."""

UNROLL = 100
"""A quantifier inside of a condition is unrolled if it has at most so many nodes then."""


FAR = 16
"""Values that begin 2 to this power apart, or more, are not compared plane by plane."""


class Unfit(Exception):  # noqa: N818  (not a failure: there is other code)
    """The condition cannot be computed for all values at once."""


@dataclass(frozen=True, slots=True)
class Sliced:
    """A value for each point of a word, encoded as in a term: `base` plus what the planes say, lowest bit first."""

    type: Type
    base: int
    planes: tuple[Value, ...]


class Lanes:
    """Conditions on one variable, for those of its values whose cells are in word number `chunk` of the fields."""

    def __init__(self, formulas: Formulas, variable: Variable, field: Field, chunk: int, scope: Scope) -> None:
        self._formulas = formulas
        self._builder = formulas.builder
        self._variable = variable
        self._per = field.per
        self._stride = field.stride
        self._chunk = chunk
        self._scope = scope
        self._low = range_of(variable.type)[0]
        self._start = chunk * field.per
        self._first = self._low + self._start
        self._count = min(field.per, size_of(variable.type) - self._start)
        self._full = sum(1 << self._stride * lane for lane in range(self._count))

    @classmethod
    def of(cls, formulas: Formulas, variable: Variable, body: Expression, scope: Scope) -> list[Lanes] | None:
        """One for each word, if the body reads cells that belong to the variable, at least two in a word."""
        if not isinstance(formulas.state, State) or size_of(variable.type) < 2:
            return None
        for node in walk(body):
            if isinstance(node, Read) and variable in node.arguments and node.function not in formulas.model.values:
                field = formulas.model.bits.fields[node.function]
                points = prod(size_of(kind) for kind in formulas.model.functions[node.function].parameters)
                if points == size_of(variable.type) and field.width and field.per > 1 and field.words <= CHUNKS:
                    return [cls(formulas, variable, field, chunk, scope) for chunk in range(field.words)]
        return None

    @classmethod
    def quantified(cls, formulas: Formulas, expression: ForAll | Exists | Count, scope: Scope) -> Term | None:
        """The value of a quantifier or count; None if it does not fit."""
        words = cls.of(formulas, expression.variable, expression.body, scope)
        if words is None:
            return None
        try:
            planes = [lanes.plane(expression.body) for lanes in words]
        except Unfit:
            return None
        builder = formulas.builder
        if isinstance(expression, Count):
            ones = [builder.ctpop(plane) for plane in planes]
            return Term(_joined(builder.add, ones), IntType(0, size_of(expression.variable.type)))
        if isinstance(expression, Exists):
            return Term(builder.icmp_signed("!=", _joined(builder.or_, planes), number(0)), BOOL)
        missing = [builder.xor(plane, number(lanes._full)) for plane, lanes in zip(planes, words, strict=True)]
        return Term(builder.icmp_signed("==", _joined(builder.or_, missing), number(0)), BOOL)

    def plane(self, condition: Expression) -> Value:
        """A one for every point of which the condition is true. Raises Unfit."""
        if not self._depends(condition):
            return self._spread(self._common(condition).code)
        builder = self._builder
        match condition:
            case Not(operand, _):
                return self._complement(self.plane(operand))
            case And(operands, _):
                return _joined(builder.and_, [self.plane(operand) for operand in operands])
            case Or(operands, _):
                return _joined(builder.or_, [self.plane(operand) for operand in operands])
            case Implies(left, right, _):
                return builder.or_(self._complement(self.plane(left)), self.plane(right))
            case Equal(left, right, _) if isinstance(left.type, BoolType):
                return self._complement(builder.xor(self.plane(left), self.plane(right)))
            case Equal(left, right, _):
                return self._equal(self._either(left), self._either(right))
            case Less(left, right, _):
                return self._less(self._either(left), self._either(right))
            case If(test, then, otherwise, _):
                return self._choice(self.plane(test), self.plane(then), self.plane(otherwise))
            case IsSome(operand, _):
                value = self._value(operand)
                return self._complement(self._equal(value, known(0, value.type)))
            case ForAll(variable, body, _) | Exists(variable, body, _) if weight(condition) <= UNROLL:
                join = builder.or_ if isinstance(condition, Exists) else builder.and_
                return _joined(join, [self._inside(variable, one).plane(body) for one in instances(variable.type)])
            case Next(operand) if self._formulas.following is not None:
                return self._following().plane(operand)
            case Read() | Open() | Variable():
                return self._equal(self._value(condition), truth(True))
            case _:
                raise Unfit

    @contextmanager
    def points(self, plane: Value) -> Iterator[Term]:
        """Code for every value of the variable that has a one in the plane, in order."""
        builder = self._builder
        before, head, body, end = builder.block, *(builder.append_basic_block() for _ in range(3))
        builder.branch(head)
        builder.position_at_end(head)
        left = builder.phi(FULL)
        left.add_incoming(plane, before)
        builder.cbranch(builder.icmp_signed("!=", left, number(0)), body, end)
        builder.position_at_end(body)
        distance = builder.cttz(left, ir.Constant(BIT, 1))
        lane = builder.udiv(distance, number(self._stride)) if self._stride > 1 else distance
        where = Lane(self._per, self._stride, self._chunk, distance, self._low)
        yield Term(builder.add(lane, number(self._first)), self._variable.type, None, where)
        left.add_incoming(builder.and_(left, builder.sub(left, number(1))), builder.block)
        builder.branch(head)
        builder.position_at_end(end)

    # Values

    def _value(self, expression: Expression) -> Sliced:
        """The values of an expression that depends on the variable."""
        match expression:
            case Variable():
                return self._constants(self._variable.type, self._first, range(self._count))
            case Read(function, arguments, _):
                return self._read(function, arguments)
            case Some(operand, _):
                value = self._value(operand)
                assert not isinstance(value.type, OptionalType)
                return Sliced(OptionalType(value.type), value.base + 1 - range_of(value.type)[0], value.planes)
            case Open(operand, _):
                value = self._value(operand)
                assert isinstance(value.type, OptionalType)
                return Sliced(value.type.base, value.base - 1 + range_of(value.type.base)[0], value.planes)
            case Number(operand, _):
                return replace(self._value(operand), type=IntType(0, size_of(operand.type) - 1))
            case Next(operand) if self._formulas.following is not None:
                return self._following()._value(operand)
            case Arithmetic("+" | "-", left, Constant(int(by), _), _):
                value = self._value(left)
                by = by if expression.operator == "+" else -by
                low, high = range_of(value.type)
                return Sliced(IntType(low + by, high + by), value.base + by, value.planes)
            case _:
                raise Unfit

    def _either(self, expression: Expression) -> Sliced | Term:
        return self._value(expression) if self._depends(expression) else self._common(expression)

    def _depends(self, expression: Expression) -> bool:
        return self._variable.name in free_variables(expression)

    def _common(self, expression: Expression) -> Term:
        """The value of an expression that does not depend on the variable."""
        if not isinstance(expression, Constant | Variable) and not self._formulas.model.light(expression):
            raise Unfit
        return self._formulas.term(expression, self._scope)

    def _read(self, function: str, arguments: Sequence[Expression]) -> Sliced:
        model = self._formulas.model
        made = model.functions[function]
        kinds = [kind for kind, argument in zip(made.parameters, arguments, strict=True) if argument == self._variable]
        dependent = sum(map(self._depends, arguments))
        if len(kinds) != 1 or dependent != 1 or range_of(kinds[0]) != range_of(self._variable.type):
            raise Unfit
        if prod(map(size_of, made.parameters)) != size_of(kinds[0]):
            raise Unfit
        low = range_of(made.result)[0]
        if function in model.values:
            return self._constants(made.result, low, model.values[function][self._start : self._start + self._count])
        field = model.bits.fields[function]
        if (field.per, field.stride) != (self._per, self._stride) and field.width:
            raise Unfit
        state = self._formulas.state
        planes = (state.plane(field, self._chunk, bit, self._full) for bit in range(field.width))
        return Sliced(made.result, low, tuple(planes))

    def _constants(self, kind: Type, base: int, positions: Sequence[int]) -> Sliced:
        """Known values: a base and what is added to it at each point."""

        def plane(bit: int) -> Value:
            return number(sum((value >> bit & 1) << self._stride * lane for lane, value in enumerate(positions)))

        return Sliced(kind, base, tuple(map(plane, range(max(positions).bit_length()))))

    # Comparisons

    def _equal(self, left: Sliced | Term, right: Sliced | Term) -> Value:
        if isinstance(left, Term):
            left, right = right, left
        assert isinstance(left, Sliced)
        _agree(left.type, right.type)
        builder, bits = self._builder, range(len(left.planes))
        if isinstance(right, Sliced):
            different = [builder.xor(a, b) for a, b in self._paired(left, right)]
            return self._complement(_joined(builder.or_, [number(0), *different]))
        if right.constant is not None:
            position = right.constant - left.base
            if position < 0 or position >> len(bits):
                return number(0)
            same = (left.planes[bit] if position >> bit & 1 else self._complement(left.planes[bit]) for bit in bits)
            return _joined(builder.and_, [number(self._full), *same])
        code = builder.sub(wide(builder, right), number(left.base))
        within = self._spread(builder.icmp_unsigned("<", code, number(1 << len(bits))))
        different = [builder.xor(left.planes[bit], self._bit(code, bit)) for bit in bits]
        return builder.and_(within, self._complement(_joined(builder.or_, [number(0), *different])))

    def _less(self, left: Sliced | Term, right: Sliced | Term) -> Value:
        if isinstance(left, Sliced) and isinstance(right, Sliced):
            return self._below(self._paired(left, right))
        if isinstance(left, Sliced) and isinstance(right, Term):
            return self._below_all(left, right, 0)
        assert isinstance(left, Term)
        assert isinstance(right, Sliced)
        return self._complement(self._below_all(right, left, 1))

    def _below_all(self, left: Sliced, right: Term, more: int) -> Value:
        """Where the value is less than what is the same for all points, plus `more`."""
        builder, most = self._builder, 1 << len(left.planes)
        if right.constant is not None:
            code = number(min(max(right.constant + more - left.base, 0), most))
        else:
            code = builder.add(right.code, number(more - left.base))
            code = builder.select(builder.icmp_signed("<", code, number(0)), number(0), code)
            code = builder.select(builder.icmp_signed(">", code, number(most)), number(most), code)
        planes = [*left.planes, number(0)]
        return self._below([(plane, self._bit(code, bit)) for bit, plane in enumerate(planes)])

    def _below(self, planes: Sequence[tuple[Value, Value]]) -> Value:
        """Where the first of two numbers is less, given the planes of both, lowest bit first."""
        builder = self._builder
        below: Value = number(0)
        for a, b in planes:
            different = builder.xor(a, b)
            below = builder.or_(builder.and_(different, b), builder.and_(self._complement(different), below))
        return below

    def _paired(self, left: Sliced, right: Sliced) -> list[tuple[Value, Value]]:
        """The planes of two values over the same base."""
        base = min(left.base, right.base)
        planes = (self._raised(value.planes, value.base - base) for value in (left, right))
        return list(zip_longest(*planes, fillvalue=number(0)))

    def _raised(self, planes: Sequence[Value], by: int) -> Sequence[Value]:
        """The planes of what is greater by a number that is not negative."""
        if by == 0:
            return planes
        if by >> FAR:
            raise Unfit
        builder = self._builder
        carry: Value = number(0)
        raised = []
        for bit in range(max(len(planes), by.bit_length())):
            plane = planes[bit] if bit < len(planes) else number(0)
            more = number(self._full if by >> bit & 1 else 0)
            differ = builder.xor(plane, more)
            raised.append(builder.xor(differ, carry))
            carry = builder.or_(builder.and_(plane, more), builder.and_(differ, carry))
        return [*raised, carry]

    # Planes

    def _bit(self, code: Value, bit: int) -> Value:
        """The same bit of a number for all points."""
        return self._spread(self._builder.trunc(self._builder.lshr(code, number(bit)), BIT))

    def _spread(self, bit: Value) -> Value:
        return self._builder.select(bit, number(self._full), number(0))

    def _complement(self, plane: Value) -> Value:
        return self._builder.xor(plane, number(self._full))

    def _choice(self, test: Value, then: Value, otherwise: Value) -> Value:
        builder = self._builder
        return builder.or_(builder.and_(test, then), builder.and_(self._complement(test), otherwise))

    def _inside(self, variable: Variable, value: Term) -> Lanes:
        """The same with a value for another variable."""
        inner = copy(self)
        inner._scope = {**self._scope, variable.name: value}
        return inner

    def _following(self) -> Lanes:
        """The same in the state after the step."""
        after = self._formulas.following
        assert after is not None
        inner = copy(self)
        inner._formulas = self._formulas.over(after)
        return inner


def _agree(left: Type, right: Type) -> None:
    """Refuses optional integers that are encoded differently."""
    match left, right:
        case OptionalType(IntType(a, _)), OptionalType(IntType(b, _)) if a != b:
            raise Unfit


def _joined(join: Callable[[Value, Value], Value], parts: Sequence[Value]) -> Value:
    return reduce(join, parts)
