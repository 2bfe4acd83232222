"""Hypothesis strategies for small systems that use every construct of the contract."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

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
from verifier.system.layout import points_of
from verifier.system.system import (
    Action,
    Anything,
    Assertion,
    Formula,
    Function,
    Kind,
    Property,
    PropertyKind,
    System,
    Table,
    Update,
)
from verifier.system.types import BOOL, BoolType, IntType, OptionalType, Sort, SortType, Type, size_of, values_of

Draw = Callable[[st.SearchStrategy], object]
Scope = tuple[Variable, ...]

MODE = SortType(Sort("Mode", ("idle", "busy"), interchangeable=False))
ITEM = SortType(Sort("Item", ("item0", "item1"), interchangeable=True))
SMALL = IntType(0, 2)
SIGNED = IntType(-1, 1)
INDICES: tuple[Type, ...] = (ITEM, MODE, BOOL, SIGNED)
RESULTS: tuple[Type, ...] = (
    BOOL, SMALL, SIGNED, ITEM, MODE, OptionalType(ITEM), OptionalType(SMALL), OptionalType(BOOL)
)  # fmt: skip


class Writer:
    """Draws well-typed expressions over the functions of a system under construction."""

    def __init__(self, draw: Draw, functions: tuple[Function, ...], two_states: bool = False) -> None:
        self.draw = draw
        self.functions = functions
        self.two_states = two_states
        self.binders = 0

    def pick(self, *options: object) -> object:
        return self.draw(st.sampled_from(options))

    def fresh(self) -> Variable:
        """A new variable; now and then it hides an older one of the same name."""
        self.binders += 1
        return Variable(f"v{self.binders % 3}", self.pick(ITEM, MODE, SIGNED, BOOL))

    def value(self, kind: Type, scope: Scope, depth: int) -> Expression:
        """An expression of exactly this type: an integer is within its range."""
        options = ["constant", "constant"]
        variables = visible(scope, kind)
        readable = [function for function in self.functions if function.result == kind]
        if variables:
            options += ["variable", "variable"]
        if readable and depth > 0:
            options += ["read"] * 4
        if depth > 0:
            options.append("if")
            if isinstance(kind, BoolType):
                options += ["boolean"] * 6
            if isinstance(kind, OptionalType):
                options.append("some")
            elif self.functions:
                options.append("open")
        match self.pick(*options):
            case "constant":
                return Constant(self.pick(*values_of(kind)), kind)
            case "variable":
                return self.pick(*variables)
            case "read":
                return self.read(self.pick(*readable), scope, depth - 1)
            case "if":
                parts = (self.value(kind, scope, depth - 1), self.value(kind, scope, depth - 1))
                return If(self.value(BOOL, scope, depth - 1), *parts, kind)
            case "some":
                return Some(self.value(kind.base, scope, depth - 1), kind)
            case "open":
                held = self.value(OptionalType(kind), scope, depth - 1)
                return If(IsSome(held), Open(held, kind), self.value(kind, scope, depth - 1), kind)
            case _:
                return self.boolean(scope, depth - 1)

    def read(self, function: Function, scope: Scope, depth: int) -> Expression:
        later = self.two_states and self.pick(True, False)
        writer = Writer(self.draw, self.functions) if later else self
        arguments = tuple(writer.value(kind, scope, depth) for kind in function.parameters)
        result = Read(function.name, arguments, function.result)
        return Next(result) if later else result

    def boolean(self, scope: Scope, depth: int) -> Expression:
        match self.pick("not", "and", "or", "implies", "equal", "less", "some", "all", "exists"):
            case "not":
                return Not(self.value(BOOL, scope, depth))
            case "and":
                return And(tuple(self.value(BOOL, scope, depth) for _ in range(self.pick(0, 2, 3))))
            case "or":
                return Or(tuple(self.value(BOOL, scope, depth) for _ in range(self.pick(0, 2, 3))))
            case "implies":
                return Implies(self.value(BOOL, scope, depth), self.value(BOOL, scope, depth))
            case "less":
                return Less(self.integer(scope, depth), self.integer(scope, depth))
            case "some":
                return IsSome(self.value(OptionalType(self.pick(ITEM, SMALL, BOOL)), scope, depth))
            case "all":
                variable = self.fresh()
                return ForAll(variable, self.value(BOOL, (*scope, variable), depth))
            case "exists":
                variable = self.fresh()
                return Exists(variable, self.value(BOOL, (*scope, variable), depth))
            case _:
                kind = self.pick(*RESULTS, "integers")
                if kind == "integers":
                    return Equal(self.integer(scope, depth), self.integer(scope, depth))
                return Equal(self.value(kind, scope, depth), self.value(kind, scope, depth))

    def integer(self, scope: Scope, depth: int) -> Expression:
        """An integer of any range."""
        if depth <= 0:
            return self.value(self.pick(SMALL, SIGNED), scope, 0)
        match self.pick("value", "value", "sum", "difference", "product", "count", "number"):
            case "value":
                return self.value(self.pick(SMALL, SIGNED), scope, depth)
            case "count":
                variable = self.fresh()
                body = self.value(BOOL, (*scope, variable), depth - 1)
                return Count(variable, body, IntType(0, size_of(variable.type)))
            case "number":
                return Number(self.value(ITEM, scope, depth - 1), IntType(0, 1))
            case word:
                symbol = {"sum": "+", "difference": "-", "product": "*"}[word]
                left, right = self.integer(scope, depth - 1), self.integer(scope, depth - 1)
                return Arithmetic(symbol, left, right, span_of(symbol, left.type, right.type))

    def occurrence(self, functions: tuple[Function, ...], number: int) -> Expression:
        """Some cells have certain values."""
        chosen = [self.pick(*functions) for _ in range(number)]
        return And(
            tuple(
                Equal(
                    Read(function.name, tuple(self.value(k, (), 0) for k in function.parameters), function.result),
                    self.value(function.result, (), 0),
                )
                for function in chosen
            )
        )

    def update(self, scope: Scope) -> Update:
        function = self.pick(*(f for f in self.functions if not f.constant))
        binders = (self.fresh(),) if function.parameters and self.pick(True, False, False) else ()
        inner = (*scope, *binders)
        arguments = tuple(self.value(kind, inner, 1) for kind in function.parameters)
        kind = function.result
        match kind:
            case IntType():
                value = self.integer(inner, 2)
            case OptionalType(IntType()) if self.pick(True, False):
                value = Some(self.integer(inner, 1), kind)
            case _:
                value = self.value(kind, inner, 2)
        condition = self.value(BOOL, inner, 2) if self.pick(True, False) else Constant(True, BOOL)
        return Update(function.name, arguments, value, binders, condition)


def visible(scope: Scope, kind: Type) -> list[Variable]:
    """The variables of the type that no later one of the same name hides."""
    latest = {variable.name: variable for variable in scope}
    return [variable for variable in latest.values() if variable.type == kind]


def span_of(symbol: str, left: IntType, right: IntType) -> IntType:
    corners = [
        {"+": a + b, "-": a - b, "*": a * b}[symbol] for a in (left.low, left.high) for b in (right.low, right.high)
    ]
    return IntType(min(corners), max(corners))


def draw_function(draw: Draw, name: str, constants: tuple[Function, ...], constant: bool) -> Function:
    writer = Writer(draw, constants)
    parameters = tuple(draw(st.lists(st.sampled_from(INDICES), max_size=1 if not constant else 2)))
    result = writer.pick(*RESULTS)
    match writer.pick("table", "table", "formula", "anything" if not constant else "table"):
        case "table":
            values = tuple(writer.pick(*values_of(result)) for _ in points_of(parameters))
            return Function(name, parameters, result, Table(values), constant)
        case "formula":
            variables = tuple(Variable(f"v{i}", kind) for i, kind in enumerate(parameters))
            return Function(name, parameters, result, Formula(variables, writer.value(result, variables, 2)), constant)
        case _:
            return Function(name, parameters, result, Anything(), constant)


def draw_action(draw: Draw, name: str, functions: tuple[Function, ...]) -> Action:
    writer = Writer(draw, functions)
    parameters = tuple(
        Variable(f"p{i}", kind) for i, kind in enumerate(draw(st.lists(st.sampled_from(INDICES), max_size=2)))
    )
    updates = tuple(writer.update(parameters) for _ in range(writer.pick(1, 1, 2, 3)))
    assertions = ()
    if writer.pick(True, False, False):
        binders = (writer.fresh(),) if writer.pick(True, False) else ()
        assertions = (Assertion("asserted", writer.value(BOOL, (*parameters, *binders), 2), binders),)
    return Action(name, Kind.STEP, "test", parameters, writer.value(BOOL, parameters, 2), updates, assertions)


@st.composite
def systems(draw: Draw) -> System:
    """A system with a property of every kind that is decided by finite behaviours."""
    constants = tuple(
        draw_function(draw, f"constant{i}", (), constant=True) for i in range(draw(st.sampled_from((0, 1))))
    )
    state = tuple(draw_function(draw, f"state{i}", constants, constant=False) for i in range(draw(st.integers(1, 3))))
    functions = constants + state
    actions = tuple(draw_action(draw, f"action{i}", functions) for i in range(draw(st.integers(1, 3))))
    one, two = Writer(draw, functions), Writer(draw, functions, two_states=True)
    properties = (
        *(Property(f"always{i}", PropertyKind.ALWAYS, Not(one.occurrence(state, i + 2))) for i in range(2)),
        *(Property(f"reached{i}", PropertyKind.REACHABLE, one.occurrence(state, i + 2)) for i in range(2)),
        Property("always", PropertyKind.ALWAYS, one.value(BOOL, (), 3)),
        Property("reached", PropertyKind.REACHABLE, one.value(BOOL, (), 3)),
        Property("step", PropertyKind.STEP, two.value(BOOL, (), 3)),
        Property("asserted", PropertyKind.ASSERTION),
        Property("range", PropertyKind.RANGE),
        Property("conflict", PropertyKind.CONFLICT),
    )
    return System("random", (MODE.sort, ITEM.sort), functions, actions, properties)
