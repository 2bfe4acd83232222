"""From expressions to literals and choices.

Quantifiers and parameters are grounded, so an environment maps every variable to a concrete value; whatever does not
depend on the state is computed here and makes no gate. A read at a point that depends on the state becomes a choice
among the cells that it may reach.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping

from verifier.engines.proof.inference.gates import FALSE, TRUE, Choice, Gates, Literal, boolean
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
from verifier.system.layout import Layout, points_of
from verifier.system.system import System
from verifier.system.types import BoolType, Value, contains, values_of

Environment = Mapping[str, Value]
Frame = tuple[Choice, ...]
"""What each cell of a state may be, in the order of the layout."""

ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul}


class Translator:
    """Translates the expressions of one system, remembering what it has translated.

    A frame says what each cell may be; `following` is the frame that `Next` refers to. The caller keeps frames and
    expressions alive: the memory goes by their identity. `look` is called for every node and may raise to end it all.
    """

    def __init__(self, system: System, gates: Gates, look: Callable[[], None]) -> None:
        self.layout = Layout(system)
        self._gates = gates
        self._look = look
        self._parameters = {function.name: function.parameters for function in system.functions}
        interpreter = Interpreter(system)
        self._constants: dict[str, dict[tuple[Value, ...], Choice]] = {
            function.name: {
                point: {value: TRUE}
                for point, value in zip(points_of(function.parameters), interpreter.table(function), strict=True)
            }
            for function in system.constant_functions
        }
        self._free: dict[int, tuple[str, ...]] = {}
        self._truths: dict[tuple[object, ...], Literal] = {}
        self._values: dict[tuple[object, ...], Choice] = {}

    def truth(
        self, expression: Expression, environment: Environment, frame: Frame, following: Frame | None = None
    ) -> Literal:
        """When a boolean expression is true."""
        match expression:
            case Constant(value, _):
                return TRUE if value else FALSE
            case Variable(name, _):
                return TRUE if environment[name] else FALSE
        key = self._key(expression, environment, frame, following)
        if key not in self._truths:
            self._look()
            self._truths[key] = self._truth(expression, environment, frame, following)
        return self._truths[key]

    def value(
        self, expression: Expression, environment: Environment, frame: Frame, following: Frame | None = None
    ) -> Choice:
        """What the expression may be."""
        if isinstance(expression.type, BoolType):
            return boolean(self.truth(expression, environment, frame, following))
        match expression:
            case Constant(value, _):
                return {value: TRUE}
            case Variable(name, _):
                return {environment[name]: TRUE}
        key = self._key(expression, environment, frame, following)
        if key not in self._values:
            self._look()
            self._values[key] = self._value(expression, environment, frame, following)
        return self._values[key]

    def is_point(self, function: str, point: tuple[Value, ...]) -> bool:
        """Whether the function is defined there; elaboration guards against all other points."""
        return all(contains(kind, value) for kind, value in zip(self._parameters[function], point, strict=True))

    def _key(
        self, expression: Expression, environment: Environment, frame: Frame, following: Frame | None
    ) -> tuple[object, ...]:
        bound = tuple(environment[name] for name in self._free_variables(expression))
        return (id(expression), id(frame), id(following), bound)

    def _truth(
        self, expression: Expression, environment: Environment, frame: Frame, following: Frame | None
    ) -> Literal:
        gates = self._gates

        def truth(operand: Expression) -> Literal:
            return self.truth(operand, environment, frame, following)

        def value(operand: Expression) -> Choice:
            return self.value(operand, environment, frame, following)

        def each(variable: Variable, body: Expression) -> Iterator[Literal]:
            for chosen in values_of(variable.type):
                yield self.truth(body, {**environment, variable.name: chosen}, frame, following)

        match expression:
            case Not(operand, _):
                return -truth(operand)
            case And(operands, _):
                return gates.conjunction(truth(operand) for operand in operands)
            case Or(operands, _):
                return gates.disjunction(truth(operand) for operand in operands)
            case Implies(left, right, _):
                refuted = -truth(left)
                return TRUE if refuted == TRUE else gates.disjunction((refuted, truth(right)))
            case Equal(left, right, _):
                if isinstance(left.type, BoolType):
                    return gates.equivalence(truth(left), truth(right))
                return gates.same(value(left), value(right))
            case Less(left, right, _):
                return gates.combine(operator.lt, value(left), value(right)).get(True, FALSE)
            case IsSome(operand, _):
                return -value(operand).get(None, FALSE)
            case ForAll(variable, body, _):
                return gates.conjunction(each(variable, body))
            case Exists(variable, body, _):
                return gates.disjunction(each(variable, body))
            case _:
                return self._value(expression, environment, frame, following).get(True, FALSE)

    def _value(self, expression: Expression, environment: Environment, frame: Frame, following: Frame | None) -> Choice:
        def value(operand: Expression) -> Choice:
            return self.value(operand, environment, frame, following)

        match expression:
            case Read(function, arguments, _):
                return self._read(function, tuple(value(argument) for argument in arguments), frame)
            case Next(operand):
                assert following is not None, "Next outside a two-state property"
                return self.value(operand, environment, following)
            case If(condition, then, otherwise, _):
                chosen = self.truth(condition, environment, frame, following)
                if chosen in (TRUE, FALSE):
                    return value(then if chosen == TRUE else otherwise)
                return self._gates.select(chosen, value(then), value(otherwise))
            case Arithmetic(symbol, left, right, _):
                return self._gates.combine(ARITHMETIC[symbol], value(left), value(right))
            case Some(operand, _) | Number(operand, _):
                return value(operand)
            case Open(operand, _):
                return {held: literal for held, literal in value(operand).items() if held is not None}
            case Count(variable, body, _):
                return self._gates.total(
                    self.truth(body, {**environment, variable.name: chosen}, frame, following)
                    for chosen in values_of(variable.type)
                )
            case _:
                raise AssertionError(f"{type(expression).__name__} is not of type {expression.type}")

    def _read(self, function: str, arguments: tuple[Choice, ...], frame: Frame) -> Choice:
        cases: list[tuple[Value, Literal]] = []
        for point, here in self._gates.points(arguments):
            if not self.is_point(function, point):
                continue
            constant = self._constants.get(function)
            cell = frame[self.layout.place(function, point)] if constant is None else constant[point]
            if here == TRUE:
                return cell
            cases.extend((held, self._gates.conjunction((here, literal))) for held, literal in cell.items())
        return self._gates.choice(cases)

    def _free_variables(self, expression: Expression) -> tuple[str, ...]:
        if id(expression) not in self._free:
            match expression:
                case Variable(name, _):
                    names = {name}
                case _:
                    names = {name for child in children(expression) for name in self._free_variables(child)}
            if isinstance(expression, ForAll | Exists | Count):
                names.discard(expression.variable.name)
            self._free[id(expression)] = tuple(sorted(names))
        return self._free[id(expression)]
