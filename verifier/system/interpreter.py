"""The reference interpreter: the meaning of a transition system, slow and obvious.

Engines may compute the same thing in any way they like; this file says what the same thing is. Every trace is run
through it before a person sees it, and every engine is compared with it on random systems.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

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
from verifier.system.layout import Layout, Point, State, point_index, points_of
from verifier.system.system import Action, Anything, Formula, Function, System, Table, Update
from verifier.system.types import Value, contains, values_of

Environment = Mapping[str, Value]
Arguments = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class OutOfRange:
    """An update would have taken a cell out of its declared integer range."""

    cell: str
    value: Value


@dataclass(frozen=True, slots=True)
class WrittenTwice:
    """Two updates of one action wrote the same cell."""

    cell: str


@dataclass(frozen=True, slots=True)
class AssertionFailed:
    """An assertion was false; `bindings` are the values of its binders."""

    property: str
    index: int
    bindings: tuple[tuple[str, Value], ...]


Failure = OutOfRange | WrittenTwice | AssertionFailed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an action: the next state (None if an update failed) and everything that went wrong."""

    state: State | None
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True)
class Interpreter:
    """Evaluates expressions and actions of one system."""

    system: System
    layout: Layout = field(init=False)
    _tables: dict[str, State] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "layout", Layout(self.system))

    # Expressions

    def evaluate(
        self, expression: Expression, state: State, environment: Environment, following: State | None = None
    ) -> Value:
        """The value of `expression` in `state`; `following` is what `Next` refers to."""

        def value(e: Expression) -> Value:
            return self.evaluate(e, state, environment, following)

        def number(e: Expression) -> int:
            result = value(e)
            assert result is not None
            return int(result)

        match expression:
            case Constant(constant, _):
                return constant
            case Variable(name, _):
                return environment[name]
            case Read(name, arguments, _):
                return self.value_at(name, tuple(value(a) for a in arguments), state)
            case Next(operand):
                assert following is not None, "Next outside a two-state property"
                return self.evaluate(operand, following, environment)
            case Not(operand, _):
                return not value(operand)
            case And(operands, _):
                return all(value(o) for o in operands)
            case Or(operands, _):
                return any(value(o) for o in operands)
            case Implies(left, right, _):
                return not value(left) or bool(value(right))
            case Equal(left, right, _):
                return value(left) == value(right)
            case Less(left, right, _):
                return number(left) < number(right)
            case Arithmetic("+", left, right, _):
                return number(left) + number(right)
            case Arithmetic("-", left, right, _):
                return number(left) - number(right)
            case Arithmetic(_, left, right, _):
                return number(left) * number(right)
            case If(condition, then, otherwise, _):
                return value(then) if value(condition) else value(otherwise)
            case Some(operand, _) | Open(operand, _) | Number(operand, _):
                return value(operand)
            case IsSome(operand, _):
                return value(operand) is not None
            case ForAll(variable, body, _):
                return all(self._each(variable, body, state, environment, following))
            case Exists(variable, body, _):
                return any(self._each(variable, body, state, environment, following))
            case Count(variable, body, _):
                return sum(map(bool, self._each(variable, body, state, environment, following)))

    def value_at(self, function: str, point: Point, state: State) -> Value:
        """The value of a state function or constant at a point."""
        if function in self.layout.start:
            return state[self.layout.place(function, point)]
        constant = self.system.function(function)
        return self.table(constant)[point_index(constant.parameters, point)]

    def holds(self, formula: Expression, state: State, environment: Environment | None = None) -> bool:
        """Whether a boolean expression without `Next` is true."""
        return bool(self.evaluate(formula, state, environment or {}))

    def _each(
        self, variable: Variable, body: Expression, state: State, environment: Environment, following: State | None
    ) -> Iterator[Value]:
        for choice in values_of(variable.type):
            yield self.evaluate(body, state, {**environment, variable.name: choice}, following)

    def bindings(self, variables: tuple[Variable, ...], environment: Environment) -> Iterator[dict[str, Value]]:
        """`environment` extended by every choice of values for the variables, in order."""
        for choice in product(*(values_of(v.type) for v in variables)):
            yield {**environment, **{v.name: c for v, c in zip(variables, choice, strict=True)}}

    # Behaviour

    def initial_states(self) -> Iterator[State]:
        """Every initial state, in order."""
        for parts in product(*(tuple(self._initial_values(f)) for f in self.system.state_functions)):
            yield tuple(value for part in parts for value in part)

    def _initial_values(self, function: Function) -> Iterator[State]:
        if isinstance(function.initial, Anything):
            yield from product(*(values_of(function.result) for _ in points_of(function.parameters)))
        else:
            yield self.table(function)

    def table(self, function: Function) -> State:
        """The one initial value at every point, in row-major order, of a function that does not start as anything.

        Raises ValueError if it does.
        """
        if function.name not in self._tables:
            match function.initial:
                case Table(values):
                    self._tables[function.name] = values
                case Formula(parameters, body):
                    bound = (
                        dict(zip((p.name for p in parameters), point, strict=True))
                        for point in points_of(function.parameters)
                    )
                    self._tables[function.name] = tuple(self.evaluate(body, (), names) for names in bound)
                case Anything():
                    raise ValueError(f"{function.name} starts as anything")
        return self._tables[function.name]

    def enabled(self, state: State) -> Iterator[tuple[Action, Arguments]]:
        """Every action instance whose guard holds, in the order of actions and of parameter values."""
        for action in self.system.actions:
            for arguments in product(*(values_of(p.type) for p in action.parameters)):
                if self.is_enabled(action, arguments, state):
                    yield action, arguments

    def is_enabled(self, action: Action, arguments: Arguments, state: State) -> bool:
        return self.holds(action.guard, state, environment_of(action, arguments))

    def perform(self, action: Action, arguments: Arguments, state: State) -> Outcome:
        """What the action does in `state`, where its guard holds."""
        environment = environment_of(action, arguments)
        failures: list[Failure] = []
        for index, assertion in enumerate(action.assertions):
            for bound in self.bindings(assertion.binders, environment):
                if not self.holds(assertion.formula, state, bound):
                    chosen = tuple((v.name, bound[v.name]) for v in assertion.binders)
                    failures.append(AssertionFailed(assertion.property, index, chosen))

        following = list(state)
        written: set[int] = set()
        broken = False
        for place, value in self._writes(action.updates, state, environment):
            cell = self.layout.cells[place]
            if place in written:
                failures.append(WrittenTwice(cell.name))
                broken = True
            # Of every write, whichever comes first: updates have no order, and members that are alike have none.
            if not contains(cell.type, value):
                failures.append(OutOfRange(cell.name, value))
                broken = True
            written.add(place)
            following[place] = value
        return Outcome(None if broken else tuple(following), tuple(failures))

    def _writes(
        self, updates: tuple[Update, ...], state: State, environment: Environment
    ) -> Iterator[tuple[int, Value]]:
        for update in updates:
            for bound in self.bindings(update.binders, environment):
                if self.holds(update.condition, state, bound):
                    point = tuple(self.evaluate(a, state, bound) for a in update.arguments)
                    yield self.layout.place(update.function, point), self.evaluate(update.value, state, bound)


def environment_of(action: Action, arguments: Arguments) -> dict[str, Value]:
    """The action's parameters bound to the arguments."""
    return {parameter.name: value for parameter, value in zip(action.parameters, arguments, strict=True)}
