"""From expressions to literals and choices.

Quantifiers and parameters are grounded, so an environment maps every variable to a concrete value; whatever does not
depend on the state is computed here and never reaches z3. A read at a point that depends on the state becomes a choice
among the cells it may reach.
"""

from __future__ import annotations

import operator
import time
from collections.abc import Iterator, Mapping

from verifier.engines.bounded.logic import (
    Choice,
    Literal,
    boolean,
    choice,
    combine,
    conjunction,
    disjunction,
    equivalence,
    negation,
    points,
    same,
    select,
    total,
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
    children,
)
from verifier.system.layout import Layout, points_of
from verifier.system.system import Anything, Formula, Function, System, Table
from verifier.system.types import BoolType, Value, contains, values_of

Environment = Mapping[str, Value]
Frame = tuple[Choice, ...]
"""What each cell of a state may be, in the order of the layout."""

NO_FRAME: Frame = ()

ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul}


class OutOfTimeError(Exception):
    """The translation has used up its time."""


def hurry(deadline: float | None) -> None:
    """Raises OutOfTimeError after the deadline, in the time of `time.monotonic`; None is never."""
    if deadline is not None and time.monotonic() > deadline:
        raise OutOfTimeError


class Translator:
    """Translates the expressions of one system, remembering what it has translated.

    A frame says what each cell may be; `following` is the frame that `Next` refers to. The caller keeps the frames
    alive, and the expressions are parts of the system: the memory goes by their identity. Every method that translates
    raises OutOfTimeError after `deadline` (in the time of `time.monotonic`).
    """

    def __init__(self, system: System, deadline: float | None) -> None:
        self.system = system
        self.layout = Layout(system)
        self._deadline = deadline
        self._parameters = {function.name: function.parameters for function in system.functions}
        self._constants: dict[str, dict[tuple[Value, ...], Choice]] = {}
        self._free: dict[int, tuple[str, ...]] = {}
        self._truths: dict[tuple[object, ...], Literal] = {}
        self._values: dict[tuple[object, ...], Choice] = {}
        for function in system.constant_functions:
            cells = (cell or {} for cell in self.initial(function))
            self._constants[function.name] = dict(zip(points_of(function.parameters), cells, strict=True))

    def initial(self, function: Function) -> tuple[Choice | None, ...]:
        """What each cell of the function is at first, in the order of its points; None for anything."""
        places = points_of(function.parameters)
        match function.initial:
            case Table(values):
                return tuple({value: True} for value in values)
            case Formula(parameters, body):
                names = [parameter.name for parameter in parameters]
                return tuple(self.value(body, dict(zip(names, point, strict=True)), NO_FRAME) for point in places)
            case Anything():
                return (None,) * len(places)

    def truth(
        self, expression: Expression, environment: Environment, frame: Frame, following: Frame | None = None
    ) -> Literal:
        """When a boolean expression is true."""
        match expression:
            case Constant(value, _):
                return bool(value)
            case Variable(name, _):
                return bool(environment[name])
        key = self._key(expression, environment, frame, following)
        if key not in self._truths:
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
                return {value: True}
            case Variable(name, _):
                return {environment[name]: True}
        key = self._key(expression, environment, frame, following)
        if key not in self._values:
            self._values[key] = self._value(expression, environment, frame, following)
        return self._values[key]

    def _key(
        self, expression: Expression, environment: Environment, frame: Frame, following: Frame | None
    ) -> tuple[object, ...]:
        hurry(self._deadline)
        bound = tuple(environment[name] for name in self._free_variables(expression))
        return (id(expression), id(frame), id(following), bound)

    def _truth(
        self, expression: Expression, environment: Environment, frame: Frame, following: Frame | None
    ) -> Literal:
        def truth(operand: Expression) -> Literal:
            return self.truth(operand, environment, frame, following)

        def value(operand: Expression) -> Choice:
            return self.value(operand, environment, frame, following)

        def each(variable: Variable, body: Expression) -> Iterator[Literal]:
            for chosen in values_of(variable.type):
                yield self.truth(body, {**environment, variable.name: chosen}, frame, following)

        match expression:
            case Not(operand, _):
                return negation(truth(operand))
            case And(operands, _):
                return conjunction(truth(operand) for operand in operands)
            case Or(operands, _):
                return disjunction(truth(operand) for operand in operands)
            case Implies(left, right, _):
                refuted = negation(truth(left))
                return True if refuted is True else disjunction((refuted, truth(right)))
            case Equal(left, right, _):
                if isinstance(left.type, BoolType):
                    return equivalence(truth(left), truth(right))
                return same(value(left), value(right))
            case Less(left, right, _):
                return combine(operator.lt, value(left), value(right)).get(True, False)
            case IsSome(operand, _):
                return negation(value(operand).get(None, False))
            case ForAll(variable, body, _):
                return conjunction(each(variable, body))
            case Exists(variable, body, _):
                return disjunction(each(variable, body))
            case _:
                return self._value(expression, environment, frame, following).get(True, False)

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
                if isinstance(chosen, bool):
                    return value(then if chosen else otherwise)
                return select(chosen, value(then), value(otherwise))
            case Arithmetic(symbol, left, right, _):
                return combine(ARITHMETIC[symbol], value(left), value(right))
            case Some(operand, _) | Number(operand, _):
                return value(operand)
            case Open(operand, _):
                return {held: literal for held, literal in value(operand).items() if held is not None}
            case Count(variable, body, _):
                return total(
                    self.truth(body, {**environment, variable.name: chosen}, frame, following)
                    for chosen in values_of(variable.type)
                )
            case _:
                raise AssertionError(f"{type(expression).__name__} is not of type {expression.type}")

    def _read(self, function: str, arguments: tuple[Choice, ...], frame: Frame) -> Choice:
        cases: list[tuple[Value, Literal]] = []
        for point, here in points(arguments):
            if not self.is_point(function, point):
                continue
            if function in self._constants:
                cell = self._constants[function][point]
            else:
                cell = frame[self.layout.place(function, point)]
            if here is True:
                return cell
            cases.extend((held, conjunction((here, literal))) for held, literal in cell.items())
        return choice(cases)

    def is_point(self, function: str, point: tuple[Value, ...]) -> bool:
        """Whether the function is defined there; elaboration guards against all other points."""
        return all(contains(kind, value) for kind, value in zip(self._parameters[function], point, strict=True))

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
