"""Expressions in Murphi.

A member of a sort is its number and an integer is itself. An optional that is none is Murphi's "undefined", which only
a variable can be; so an expression of an optional type is written as two, whether it is present and what it holds.
Reading an undefined variable is an error in Murphi: the contract of `Open` is checked along the way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from verifier.report.murphi_names import Names
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
    children,
)
from verifier.system.interpreter import Interpreter
from verifier.system.layout import points_of
from verifier.system.system import Function, System
from verifier.system.types import BoolType, IntType, OptionalType, SortType, Type, Value, size_of, values_of

Scope = Mapping[str, str]
"""The Murphi name of each variable in sight."""


class Scribe:
    """Writes expressions of one system, and collects the definitions that they need on the way."""

    def __init__(self, system: System, names: Names) -> None:
        self.names = names
        self.definitions: list[str] = []
        self.functions = {function.name: names.fresh(function.name) for function in system.functions}
        self.types = {sort.name: names.fresh(f"{sort.name} type") for sort in system.sorts}
        self.members = {
            sort.name: tuple(names.fresh(f"{sort.name}_{member}") for member in sort.members) for sort in system.sorts
        }
        self._constants: dict[str, Function] = {}
        self._present: dict[str, str] = {}
        interpreter = Interpreter(system)
        for function in system.constant_functions:
            self._define_constant(function, interpreter)

    def type(self, kind: Type) -> str:
        """The type, or for an optional the type of what it may hold."""
        match kind:
            case BoolType():
                return "boolean"
            case IntType(low, high):
                return f"{low}..{high}"
            case SortType(sort):
                return self.types[sort.name]
            case OptionalType(base):
                return self.type(base)

    def literal(self, kind: Type, value: Value) -> str:
        """A value other than none."""
        match kind:
            case OptionalType(base):
                return self.literal(base, value)
            case SortType(sort) if value is not None:
                return self.members[sort.name][value]
            case BoolType():
                return "true" if value else "false"
            case _:
                return f"({value})" if value is not None and value < 0 else str(value)

    def value(self, expression: Expression, scope: Scope) -> str:
        """An expression that is not of an optional type."""

        def text(operand: Expression) -> str:
            return self.value(operand, scope)

        match expression:
            case Constant(value, kind):
                return self.literal(kind, value)
            case Variable(name, _):
                return scope[name]
            case Read(function, arguments, _):
                return self._read(function, arguments, scope)
            case Not(operand, _):
                return f"!({text(operand)})"
            case And(operands, _):
                return f"({' & '.join(map(text, operands))})" if operands else "true"
            case Or(operands, _):
                return f"({' | '.join(map(text, operands))})" if operands else "false"
            case Implies(left, right, _):
                return f"({text(left)} -> {text(right)})"
            case Equal(left, right, _):
                if isinstance(left.type, OptionalType):
                    return self._equal_optionals(left, right, scope)
                return f"({text(left)} = {text(right)})"
            case Less(left, right, _):
                return f"({text(left)} < {text(right)})"
            case Arithmetic(operator, left, right, _):
                return f"({text(left)} {operator} {text(right)})"
            case If(condition, then, otherwise, _):
                return f"({text(condition)} ? {text(then)} : {text(otherwise)})"
            case IsSome(operand, _):
                return self.present(operand, scope)
            case Open(operand, _):
                return self.held(operand, scope)
            case Number(operand, _):
                return text(operand)
            case ForAll(variable, body, _):
                return self._quantified("forall", variable, body, scope) if size_of(variable.type) else "true"
            case Exists(variable, body, _):
                return self._quantified("exists", variable, body, scope) if size_of(variable.type) else "false"
            case Count():
                return self._count(expression, scope) if size_of(expression.variable.type) else "0"
            case Next() | Some():
                raise ValueError(f"{type(expression).__name__} has no value in Murphi")

    def present(self, expression: Expression, scope: Scope) -> str:
        """Whether an expression of an optional type is present."""
        match expression:
            case Constant(value, _):
                return "true" if value is not None else "false"
            case Some():
                return "true"
            case If(condition, then, otherwise, _):
                parts = (self.present(then, scope), self.present(otherwise, scope))
                return f"({self.value(condition, scope)} ? {parts[0]} : {parts[1]})"
            case Read(function, arguments, _) if function in self._constants:
                return self._call(self._present[function], arguments, scope)
            case Read(function, arguments, _):
                return f"!isundefined({self._read(function, arguments, scope)})"
            case _:
                raise ValueError(f"{type(expression).__name__} is never optional")

    def held(self, expression: Expression, scope: Scope) -> str:
        """What an expression of an optional type holds, where it is present."""
        match expression:
            case Constant(None, OptionalType(base)):
                return self.literal(base, values_of(base)[0])
            case Constant(value, kind):
                return self.literal(kind, value)
            case Some(operand, _):
                return self.value(operand, scope)
            case If(condition, then, otherwise, _):
                return f"({self.value(condition, scope)} ? {self.held(then, scope)} : {self.held(otherwise, scope)})"
            case Read(function, arguments, _):
                return self._read(function, arguments, scope)
            case _:
                raise ValueError(f"{type(expression).__name__} is never optional")

    def bind(self, variables: tuple[Variable, ...], scope: Scope) -> dict[str, str]:
        """The scope with a new name for each of the variables."""
        return {**scope, **{variable.name: self.names.local(variable.name) for variable in variables}}

    def place(self, function: str, arguments: tuple[str, ...]) -> str:
        """A cell of a state function, or of a variable shaped like one."""
        return function + "".join(f"[{argument}]" for argument in arguments)

    def _read(self, function: str, arguments: tuple[Expression, ...], scope: Scope) -> str:
        if function in self._constants:
            return self._call(self.functions[function], arguments, scope)
        return self.place(self.functions[function], tuple(self.value(argument, scope) for argument in arguments))

    def _call(self, function: str, arguments: tuple[Expression, ...], scope: Scope) -> str:
        return f"{function}({', '.join(self.value(argument, scope) for argument in arguments)})"

    def _equal_optionals(self, left: Expression, right: Expression, scope: Scope) -> str:
        both = f"({self.present(right, scope)} & {self.held(left, scope)} = {self.held(right, scope)})"
        return f"({self.present(left, scope)} ? {both} : !({self.present(right, scope)}))"

    def _quantified(self, word: str, variable: Variable, body: Expression, scope: Scope) -> str:
        inner = self.bind((variable,), scope)
        return f"({word} {inner[variable.name]}: {self.type(variable.type)} do {self.value(body, inner)} end)"

    def _count(self, count: Count, scope: Scope) -> str:
        free = free_variables(count)
        inside = self.bind(tuple(free), {})
        bound = self.bind((count.variable,), inside)
        name, total = self.names.fresh("count"), self.names.local("total")
        parameters = "; ".join(f"{inside[variable.name]}: {self.type(variable.type)}" for variable in free)
        limits = f"0..{size_of(count.variable.type)}"
        self.definitions.append(
            f"function {name}({parameters}): {limits};\n"
            f"var {total}: {limits};\n"
            f"begin\n"
            f"  {total} := 0;\n"
            f"  for {bound[count.variable.name]}: {self.type(count.variable.type)} do\n"
            f"    if {self.value(count.body, bound)} then {total} := {total} + 1; end;\n"
            f"  end;\n"
            f"  return {total};\n"
            f"end;"
        )
        return f"{name}({', '.join(scope[variable.name] for variable in free)})"

    def _define_constant(self, function: Function, interpreter: Interpreter) -> None:
        self._constants[function.name] = function
        values = {
            point: interpreter.evaluate(
                Read(function.name, tuple(map(Constant, point, function.parameters)), function.result), (), {}
            )
            for point in points_of(function.parameters)
        }
        if not values:
            return
        if isinstance(function.result, OptionalType):
            name = self._present[function.name] = self.names.fresh(f"{function.name} is some")
            present: dict[tuple[Value, ...], Value] = {point: value is not None for point, value in values.items()}
            self._define_table(name, function, BoolType(), present)
            filler = values_of(function.result.base)[0]
            values = {point: filler if value is None else value for point, value in values.items()}
        self._define_table(self.functions[function.name], function, function.result, values)

    def _define_table(
        self, name: str, function: Function, result: Type, values: dict[tuple[Value, ...], Value]
    ) -> None:
        parameters = [self.names.local(f"{function.name} {i}") for i, _ in enumerate(function.parameters)]
        ((usual, _),) = Counter(values.values()).most_common(1)
        lines = []
        for point, value in values.items():
            if value != usual:
                tests = " & ".join(
                    f"{parameter} = {self.literal(kind, at)}"
                    for parameter, kind, at in zip(parameters, function.parameters, point, strict=True)
                )
                lines.append(f"  if {tests} then return {self.literal(result, value)}; end;")
        declared = "; ".join(
            f"{parameter}: {self.type(kind)}" for parameter, kind in zip(parameters, function.parameters, strict=True)
        )
        self.definitions.append(
            "\n".join(
                (
                    f"function {name}({declared}): {self.type(result)};",
                    "begin",
                    *lines,
                    f"  return {self.literal(result, usual)};",
                    "end;",
                )
            )
        )


def free_variables(expression: Expression) -> tuple[Variable, ...]:
    """The variables that are not bound inside the expression, each once, in order of appearance."""
    if isinstance(expression, Variable):
        return (expression,)
    found = dict.fromkeys(variable for child in children(expression) for variable in free_variables(child))
    if isinstance(expression, ForAll | Exists | Count):
        return tuple(variable for variable in found if variable.name != expression.variable.name)
    return tuple(found)
