"""Machine code for expressions.

Nothing of a specification's text reaches the code: names are looked up and gone. Types are inferred again on the way,
as narrow as can be seen, and never taken from a node that only claims one; arguments of functions are relied upon to
lie in the parameters' types. What is cheap and defined everywhere is computed without a jump; the rest of a chain of
conditions only where its beginning leaves the result open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import prod

from llvmlite import ir  # type: ignore[import-untyped]

from verifier.engines.explicit.source import apply, both, range_of, weight
from verifier.engines.native.lanes import Lanes
from verifier.engines.native.model import Model
from verifier.engines.native.storage import State
from verifier.engines.native.terms import (
    BIT,
    FULL,
    Lane,
    Scope,
    Term,
    Value,
    checked,
    converted,
    each,
    instances,
    known,
    literal,
    local,
    number,
    shifted,
    truth,
    wide,
)
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
)
from verifier.system.types import BOOL, IntType, OptionalType, size_of

UNROLL = 300
"""Quantifiers that unroll to more nodes than this become loops."""


class Formulas:
    """Writes expressions over a state, and the next one, into one function."""

    def __init__(self, model: Model, builder: Value, state: State, following: State | None = None) -> None:
        self.model = model
        self.builder = builder
        self.state = state
        self.following = following

    def together(self, expression: ForAll | Exists | Count, scope: Scope) -> Term | None:
        """The quantifier for all values at once, where cells lie in a way that allows it."""
        return Lanes.quantified(self, expression, scope)

    def over(self, state: State) -> Formulas:
        """The same for another state."""
        return Formulas(self.model, self.builder, state)

    def holds(self, parts: Iterable[tuple[Expression, Scope]]) -> Term:
        """The conjunction of the parts, from left to right."""
        return self._chain(False, parts)

    def index(self, function: str, arguments: Sequence[Expression], scope: Scope) -> Term:
        """The number of the function's cell at a point."""
        start, stride = 0, 1
        total: Value = None
        lane: Lane | None = None
        parameters = self.model.functions[function].parameters
        for kind, argument in reversed(list(zip(parameters, arguments, strict=True))):
            term = self.term(argument, scope)
            low = range_of(kind)[0]
            if term.lane is not None and term.lane.low == low and size_of(kind) == prod(map(size_of, parameters)):
                lane = term.lane
            if term.constant is not None:
                start += stride * (term.constant - low)
            else:
                code = wide(self.builder, term)
                part = self.builder.mul(code, number(stride)) if stride > 1 else code
                total = part if total is None else self.builder.add(total, part)
                start -= stride * low
            stride *= size_of(kind)
        size = IntType(0, max(0, stride - 1))
        if total is None:
            return known(min(max(start, 0), size.high), size)
        return Term(self.builder.add(total, number(start)) if start else total, size, None, lane)

    def term(self, expression: Expression, scope: Scope) -> Term:
        builder = self.builder
        match expression:
            case Constant(value, kind):
                return literal(kind, value)
            case Variable(name, _):
                return scope[name]
            case Read(function, arguments, _):
                return self._read(function, arguments, scope)
            case Next(operand):
                assert self.following is not None, "Next outside a two-state property"
                return self.over(self.following).term(operand, scope)
            case Not(operand, _):
                term = self.term(operand, scope)
                return truth(not term.constant) if term.constant is not None else Term(builder.not_(term.code), BOOL)
            case And(operands, _):
                return self._chain(False, [(operand, scope) for operand in operands])
            case Or(operands, _):
                return self._chain(True, [(operand, scope) for operand in operands])
            case Implies(left, right, _):
                return self._chain(True, [(Not(left), scope), (right, scope)])
            case Equal(left, right, _):
                return self._compare("==", left, right, scope)
            case Less(left, right, _):
                return self._compare("<", left, right, scope)
            case Arithmetic(operator, left, right, _):
                a, b = self.term(left, scope), self.term(right, scope)
                corners = [apply(operator, x, y) for x in range_of(a.type) for y in range_of(b.type)]
                kind = IntType(min(corners), max(corners))
                checked(kind)
                if a.constant is not None and b.constant is not None:
                    return known(apply(operator, a.constant, b.constant), kind)
                make = {"+": builder.add, "-": builder.sub, "*": builder.mul}[operator]
                return Term(make(a.code, b.code), kind)
            case If(condition, then, otherwise, _):
                return self._if(condition, then, otherwise, scope)
            case Some(operand, _):
                term = self.term(operand, scope)
                assert not isinstance(term.type, OptionalType)
                return shifted(builder, term, 1 - range_of(term.type)[0], OptionalType(term.type))
            case IsSome(operand, _):
                term = self.term(operand, scope)
                if term.constant is not None:
                    return truth(term.constant != 0)
                return Term(builder.icmp_signed("!=", term.code, number(0)), BOOL)
            case Open(operand, _):
                term = self.term(operand, scope)
                assert isinstance(term.type, OptionalType)
                return shifted(builder, term, range_of(term.type.base)[0] - 1, term.type.base)
            case Number(operand, _):
                term = self.term(operand, scope)
                return replace(term, type=IntType(0, size_of(term.type) - 1))
            case ForAll() | Exists() | Count() if (together := self.together(expression, scope)) is not None:
                return together
            case ForAll(variable, body, _) | Exists(variable, body, _):
                end = isinstance(expression, Exists)
                if weight(expression) > UNROLL:
                    return self._search(end, variable, body, scope)
                return self._chain(end, self._instances(variable, body, scope))
            case Count(variable, body, _):
                return self._count(variable, body, scope, weight(expression) <= UNROLL)

    def _read(self, function: str, arguments: Sequence[Expression], scope: Scope) -> Term:
        kind = self.model.functions[function].result
        index = self.index(function, arguments, scope)
        low = range_of(kind)[0]
        table = self.model.values.get(function)
        if table is not None:
            if index.constant is not None:
                return known(table[index.constant] + low, kind)
            position = self.model.tables.entry(self.builder, table, index.code)
        else:
            position = self.state.position(self.model.bits.fields[function], index)
        return shifted(self.builder, Term(position, IntType(0, size_of(kind) - 1)), low, kind)

    def _chain(self, end: bool, parts: Iterable[tuple[Expression, Scope]]) -> Term:
        """Conditions joined by "or" if `end`, otherwise by "and": decided as soon as one of them is `end`."""
        builder = self.builder
        join = builder.or_ if end else builder.and_
        so_far: Value = None
        done: Value = None
        exits: list[Value] = []
        for part, scope in parts:
            if so_far is not None and not self.model.light(part):
                done = done or builder.append_basic_block()
                more = builder.append_basic_block()
                builder.cbranch(so_far, *((done, more) if end else (more, done)))
                exits.append(builder.block)
                builder.position_at_end(more)
                so_far = None
            term = self.term(part, scope)
            if term.constant is None:
                so_far = term.code if so_far is None else join(so_far, term.code)
            elif bool(term.constant) == end:
                if not exits:
                    return truth(end)
                so_far = ir.Constant(BIT, int(end))
                break
        if not exits:
            return truth(not end) if so_far is None else Term(so_far, BOOL)
        last = builder.block
        builder.branch(done)
        builder.position_at_end(done)
        result = builder.phi(BIT)
        for block in exits:
            result.add_incoming(ir.Constant(BIT, int(end)), block)
        result.add_incoming(ir.Constant(BIT, int(not end)) if so_far is None else so_far, last)
        return Term(result, BOOL)

    def _compare(self, sign: str, left: Expression, right: Expression, scope: Scope) -> Term:
        a, b = self.term(left, scope), self.term(right, scope)
        common = both(a.type, b.type)
        a, b = converted(self.builder, a, common), converted(self.builder, b, common)
        if a.constant is not None and b.constant is not None:
            return truth(a.constant == b.constant if sign == "==" else a.constant < b.constant)
        return Term(self.builder.icmp_signed(sign, a.code, b.code), BOOL)

    def _if(self, condition: Expression, then: Expression, otherwise: Expression, scope: Scope) -> Term:
        builder = self.builder
        test = self.term(condition, scope)
        if test.constant is not None:
            return self.term(then if test.constant else otherwise, scope)
        if self.model.light(then) and self.model.light(otherwise):
            a, b = self.term(then, scope), self.term(otherwise, scope)
            common = both(a.type, b.type)
            a, b = converted(builder, a, common), converted(builder, b, common)
            return Term(builder.select(test.code, a.code, b.code), common)
        yes, no, end = (builder.append_basic_block() for _ in range(3))
        builder.cbranch(test.code, yes, no)
        builder.position_at_end(yes)
        a = self.term(then, scope)
        yes = builder.block
        builder.position_at_end(no)
        b = self.term(otherwise, scope)
        common = both(a.type, b.type)
        b = converted(builder, b, common)
        no = builder.block
        builder.branch(end)
        builder.position_at_end(yes)
        a = converted(builder, a, common)
        builder.branch(end)
        builder.position_at_end(end)
        result = builder.phi(a.code.type)
        result.add_incoming(a.code, yes)
        result.add_incoming(b.code, no)
        return Term(result, common)

    def _instances(self, variable: Variable, body: Expression, scope: Scope) -> Iterable[tuple[Expression, Scope]]:
        return ((body, {**scope, variable.name: one}) for one in instances(variable.type))

    def _search(self, end: bool, variable: Variable, body: Expression, scope: Scope) -> Term:
        """Whether the body is `end` for some value, found by a loop; if not, the result is the opposite."""
        builder = self.builder
        result = local(builder, BIT, ir.Constant(BIT, int(not end)))
        with each(builder, variable.type) as (value, leave):
            test = self.term(body, {**scope, variable.name: value})
            stop = test.code if end else builder.not_(test.code)
            with builder.if_then(stop, likely=False):
                builder.store(ir.Constant(BIT, int(end)), result)
                leave()
        return Term(builder.load(result, typ=BIT), BOOL)

    def _count(self, variable: Variable, body: Expression, scope: Scope, unroll: bool) -> Term:
        builder = self.builder
        if unroll:
            terms = [self.term(part, inner) for part, inner in self._instances(variable, body, scope)]
            base = sum(bool(term.constant) for term in terms if term.constant is not None)
            unknown = [term for term in terms if term.constant is None]
            kind = IntType(base, base + len(unknown))
            total = number(base)
            for term in unknown:
                total = builder.add(total, builder.zext(term.code, FULL))
            return Term(total, kind) if unknown else known(base, kind)
        result = local(builder, FULL, number(0))
        with each(builder, variable.type) as (value, _):
            one = self.term(body, {**scope, variable.name: value})
            builder.store(builder.add(builder.load(result, typ=FULL), builder.zext(one.code, FULL)), result)
        return Term(builder.load(result, typ=FULL), IntType(0, size_of(variable.type)))
