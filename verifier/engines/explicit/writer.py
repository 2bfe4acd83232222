"""Python source for expressions.

Names in the source are made of letters and numbers chosen here; nothing of a specification's text reaches it. The state
is called `s`, the next one `t`; `source` says how values appear.

Types are inferred again on the way, as narrow as can be seen, and never taken from a node that only claims one: they
decide which range checks can be left out. Arguments of functions are relied upon to lie in the parameters' types.

With symmetry, variables take only representative values where these are enough; see `representatives`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from verifier.engines.explicit.representatives import Choices
from verifier.engines.explicit.source import (
    Code,
    Scope,
    apply,
    both,
    convert,
    enclose,
    encode,
    known,
    range_of,
    truth,
    weight,
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
    walk,
)
from verifier.system.interpreter import Interpreter
from verifier.system.types import BOOL, BoolType, IntType, OptionalType, Type, Value, size_of, values_of

UNROLL = 600
"""Quantifiers that unroll to more nodes than this become loops."""

NESTING = 30
"""Source nested deeper than this continues in a function of its own; Python's parser allows 200 parentheses."""


class Writer:
    """Writes source for one system and keeps the helper functions and tables that the source refers to."""

    def __init__(self, interpreter: Interpreter, choices: Choices | None = None) -> None:
        self.layout = interpreter.layout
        self.choices = choices or Choices(interpreter.system)
        self.functions = {function.name: function for function in interpreter.system.functions}
        self.tables: dict[str, tuple[int, ...]] = {}
        for constant in interpreter.system.constant_functions:
            values = interpreter.table(constant)
            self.tables[constant.name] = tuple(encode(constant.result, value) for value in values)
        self.names: dict[str, object] = {}
        self.helpers: list[str] = []
        self._named: dict[object, str] = {}
        self._fresh = 0

    def fresh(self, letter: str) -> str:
        """A new identifier."""
        self._fresh += 1
        return f"{letter}{self._fresh}"

    def name(self, letter: str, value: tuple[object, ...]) -> str:
        """The identifier of a constant table of the generated code."""
        key = (value, tuple(map(type, value)))
        if key not in self._named:
            self._named[key] = self.fresh(letter)
            self.names[self._named[key]] = value
        return self._named[key]

    def values(self, kind: Type) -> str:
        """Source for the values of an index type."""
        return self.choices.every(kind) or self.name("k", values_of(kind))

    def expression(self, expression: Expression, scope: Scope, state: str = "s") -> Code:
        """Source for `expression`; `scope` says what its free variables are."""
        code = self._write(expression, scope, state)
        if code.nesting <= NESTING:
            return code
        return replace(self._helper([f"return {code.text}"], expression, scope, state), type=code.type)

    def place(self, function: str, arguments: Sequence[Expression], scope: Scope, state: str = "s") -> Code:
        """Source for the place in a state, or in a constant function's table, of the function at a point."""
        start = self.layout.start.get(function, 0)
        terms: list[str] = []
        nesting = 0
        stride = 1
        for kind, argument in reversed(list(zip(self.functions[function].parameters, arguments, strict=True))):
            code = self.expression(argument, scope, state)
            low = range_of(kind)[0]
            if code.constant is not None:
                start += stride * (code.constant - low)
            else:
                terms.append(code.text if stride == 1 else f"{stride}*{code.text}")
                start -= stride * low
                nesting = max(nesting, code.nesting)
            stride *= size_of(kind)
        size = IntType(0, len(self.layout.cells))
        if not terms:
            return known(start, size)
        return Code(" + ".join([str(start), *terms] if start else terms), size, None, nesting + 1)

    def _helper(self, body: list[str], expression: Expression, scope: Scope, state: str) -> Code:
        """A call of a new function with this body."""
        arguments = [state, *sorted({code.text for code in scope.values() if code.constant is None})]
        if any(isinstance(node, Next) for node in walk(expression)):
            arguments.insert(1, "t")
        if self.choices:
            arguments.insert(1, "r")
        name = self.fresh("h")
        self.helpers.extend([f"def {name}({', '.join(arguments)}):", *(f"    {line}" for line in body)])
        return Code(f"{name}({', '.join(arguments)})", expression.type)

    def _write(self, expression: Expression, scope: Scope, state: str) -> Code:
        match expression:
            case Constant(None, kind):
                return known(0, kind)
            case Constant(value, kind):
                if isinstance(kind, BoolType):
                    return truth(bool(value))
                assert value is not None
                narrow: Type = IntType(int(value), int(value)) if isinstance(kind, IntType) else kind
                if isinstance(kind, OptionalType) and isinstance(kind.base, IntType):
                    narrow = OptionalType(IntType(int(value), int(value)))
                return known(encode(narrow, value), narrow)
            case Variable(name, _):
                return scope[name]
            case Read(function, arguments, _):
                return self._read(function, arguments, scope, state)
            case Next(operand):
                return self.expression(operand, scope, "t")
            case Not(operand, _):
                code = self.expression(operand, scope, state)
                return (
                    truth(not code.constant) if code.constant is not None else enclose(f"not {code.text}", BOOL, code)
                )
            case And(operands, _):
                return self._chain("and", operands, scope, state)
            case Or(operands, _):
                return self._chain("or", operands, scope, state)
            case Implies(left, right, _):
                return self._chain("or", (Not(left), right), scope, state)
            case Equal(left, right, _):
                return self._compare("==", left, right, scope, state)
            case Less(left, right, _):
                return self._compare("<", left, right, scope, state)
            case Arithmetic(operator, left, right, _):
                return self._arithmetic(operator, left, right, scope, state)
            case If(condition, then, otherwise, _):
                return self._if(condition, then, otherwise, scope, state)
            case Some(operand, _):
                code = self.expression(operand, scope, state)
                assert not isinstance(code.type, OptionalType)
                return self._shift(code, 1 - range_of(code.type)[0], OptionalType(code.type))
            case IsSome(operand, _):
                code = self.expression(operand, scope, state)
                return (
                    truth(code.constant != 0) if code.constant is not None else enclose(f"{code.text} != 0", BOOL, code)
                )
            case Open(operand, _):
                code = self.expression(operand, scope, state)
                assert isinstance(code.type, OptionalType)
                return self._shift(code, range_of(code.type.base)[0] - 1, code.type.base)
            case Number(operand, _):
                code = self.expression(operand, scope, state)
                return replace(code, type=IntType(0, size_of(code.type) - 1))
            case ForAll() | Exists() | Count():
                return self._quantifier(expression, scope, state)

    def _read(self, function: str, arguments: Sequence[Expression], scope: Scope, state: str) -> Code:
        kind = self.functions[function].result
        place = self.place(function, arguments, scope, state)
        if function in self.tables:
            table = self.tables[function]
            if place.constant is not None:
                return known(table[place.constant], kind)
            return Code(f"{self.name('k', table)}[{place.text}]", kind, None, place.nesting + 1)
        code = Code(f"{state}[{place.text}]", kind, None, place.nesting + 1)
        return self._shift(code, range_of(kind)[0], kind)

    def _shift(self, code: Code, by: int, kind: Type) -> Code:
        """The code's number plus `by`, seen as a value of `kind`."""
        if code.constant is not None:
            return truth(bool(code.constant + by)) if isinstance(kind, BoolType) else known(code.constant + by, kind)
        if by == 0:
            return replace(code, type=kind)
        return enclose(f"{code.text} {'+' if by > 0 else '-'} {abs(by)}", kind, code)

    def _chain(self, word: Literal["and", "or"], operands: Sequence[Expression], scope: Scope, state: str) -> Code:
        """Operands joined left to right, cut off where the result is known."""
        end = word == "or"
        parts: list[Code] = []
        for operand in operands:
            code = self.expression(operand, scope, state)
            if code.constant is None:
                parts.append(code)
            elif bool(code.constant) == end:
                if not parts:
                    return truth(end)
                parts.append(code)
                break
        if not parts:
            return truth(not end)
        return parts[0] if len(parts) == 1 else enclose(f" {word} ".join(part.text for part in parts), BOOL, *parts)

    def _compare(self, sign: Literal["==", "<"], left: Expression, right: Expression, scope: Scope, state: str) -> Code:
        a = self.expression(left, scope, state)
        b = self.expression(right, scope, state)
        common = both(a.type, b.type)
        a, b = convert(a, common), convert(b, common)
        if a.constant is not None and b.constant is not None:
            return truth(a.constant == b.constant if sign == "==" else a.constant < b.constant)
        return enclose(f"{a.text} {sign} {b.text}", BOOL, a, b)

    def _arithmetic(
        self, sign: Literal["+", "-", "*"], left: Expression, right: Expression, scope: Scope, state: str
    ) -> Code:
        a = self.expression(left, scope, state)
        b = self.expression(right, scope, state)
        corners = [apply(sign, x, y) for x in range_of(a.type) for y in range_of(b.type)]
        kind = IntType(min(corners), max(corners))
        if a.constant is not None and b.constant is not None:
            return known(apply(sign, a.constant, b.constant), kind)
        return enclose(f"{a.text} {sign} {b.text}", kind, a, b)

    def _if(self, condition: Expression, then: Expression, otherwise: Expression, scope: Scope, state: str) -> Code:
        test = self.expression(condition, scope, state)
        if test.constant is not None:
            return self.expression(then if test.constant else otherwise, scope, state)
        a = self.expression(then, scope, state)
        b = self.expression(otherwise, scope, state)
        common = both(a.type, b.type)
        a, b = convert(a, common), convert(b, common)
        return enclose(f"{a.text} if {test.text} else {b.text}", common, test, a, b)

    def _quantifier(self, expression: ForAll | Exists | Count, scope: Scope, state: str) -> Code:
        variable, body = expression.variable, expression.body
        name = self.fresh("v")
        find = self.choices.weighed if isinstance(expression, Count) else self.choices.values
        values = find(name, variable.type, scope)
        taken = f"{name}, w" if isinstance(expression, Count) and values is not None else name
        if values is None and weight(expression) <= UNROLL:
            scopes = [{**scope, variable.name: self.literal(variable.type, v)} for v in values_of(variable.type)]
            return self._unrolled(expression, [self.expression(body, inner, state) for inner in scopes])
        code = self.expression(body, {**scope, variable.name: Code(name, variable.type)}, state)
        loop = f"for {taken} in {values or self.values(variable.type)}:"
        if isinstance(expression, Count):
            lines = ["n = 0", loop, f"    if {code.text}: n += {'1' if taken == name else 'w'}", "return n"]
            return replace(self._helper(lines, expression, scope, state), type=IntType(0, size_of(variable.type)))
        test, found = (code.text, True) if isinstance(expression, Exists) else (f"not {code.text}", False)
        lines = [loop, f"    if {test}: return {found}", f"return {not found}"]
        return self._helper(lines, expression, scope, state)

    def _unrolled(self, expression: ForAll | Exists | Count, parts: list[Code]) -> Code:
        open_parts = [part for part in parts if part.constant is None]
        settled = [part.constant for part in parts if part.constant is not None]
        if isinstance(expression, Count):
            base = sum(map(bool, settled))
            kind = IntType(base, base + len(open_parts))
            if not open_parts:
                return known(base, kind)
            return enclose(" + ".join([str(base), *(part.text for part in open_parts)]), kind, *open_parts)
        end = isinstance(expression, Exists)
        if any(bool(value) == end for value in settled):
            return truth(end)
        if not open_parts:
            return truth(not end)
        return enclose((" or " if end else " and ").join(part.text for part in open_parts), BOOL, *open_parts)

    def literal(self, kind: Type, value: Value) -> Code:
        """A value of an index type."""
        if isinstance(kind, BoolType):
            return truth(bool(value))
        number = encode(kind, value)
        return known(number, IntType(number, number) if isinstance(kind, IntType) else kind)
