"""Hypothesis strategies for small random systems: well typed, total, with every construct of the transition system."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

from verifier.system.expressions import (
    TRUE,
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
from verifier.system.layout import Layout, State, points_of
from verifier.system.system import (
    Action,
    Anything,
    Assertion,
    Fairness,
    Formula,
    Function,
    Kind,
    Property,
    PropertyKind,
    System,
    Table,
    Update,
)
from verifier.system.types import BOOL, IntType, OptionalType, Sort, SortType, Type, size_of, values_of

T = TypeVar("T")

INTEGERS = (IntType(0, 2), IntType(-1, 1), IntType(1, 2))
COLOUR = SortType(Sort("Colour", ("red", "green"), interchangeable=False))


class Maker:
    """Draws the parts of one system."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.scalarsets = tuple(
            SortType(Sort(name, tuple(f"{name.lower()}{i}" for i in range(self.number(2, 3))), interchangeable=True))
            for name in ("P", "Q")
        )
        self.index_types: tuple[Type, ...] = (*self.scalarsets, *self.scalarsets, COLOUR, BOOL, IntType(1, 2))
        self.functions: tuple[Function, ...] = ()
        self.fresh = 0

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def pick(self, options: Sequence[T]) -> T:
        return options[self.number(0, len(options) - 1)]

    def chance(self, percent: int) -> bool:
        return self.number(0, 99) >= 100 - percent

    def variable(self) -> Variable:
        self.fresh += 1
        return Variable(f"x{self.fresh}", self.pick(self.index_types))

    def result_type(self) -> Type:
        base = self.pick((*self.scalarsets, COLOUR, BOOL, *INTEGERS))
        return OptionalType(base) if self.chance(40) else base

    def function(self, name: str, constant: bool) -> Function:
        parameters = tuple(self.pick(self.index_types) for _ in range(self.pick((0, 1, 1, 1, 2))))
        result = self.result_type()
        values = values_of(result)
        points = points_of(parameters)
        initial: Table | Formula | Anything
        if not constant and len(points) <= 2 and self.chance(20):
            initial = Anything()
        elif self.chance(50):
            variables = tuple(Variable(f"i{n}", kind) for n, kind in enumerate(parameters))
            same = [v for v in variables if v.type == result]
            initial = Formula(variables, self.pick(same) if same else Constant(self.pick(values), result))
        elif self.chance(60):
            initial = Table((self.pick(values),) * len(points))
        else:
            initial = Table(tuple(self.pick(values) for _ in points))
        return Function(name, parameters, result, initial, constant)

    # Expressions: `scope` are the variables, `opened` the optionals known to be present

    def index(self, kind: Type, scope: tuple[Variable, ...]) -> Expression:
        """An expression whose values certainly lie in an index type."""
        options: list[Expression] = [variable for variable in scope if variable.type == kind] * 3
        if not isinstance(kind, SortType) or not kind.sort.interchangeable or not options:
            options.append(Constant(self.pick(values_of(kind)), kind))
        options.extend(Read(f.name, (), kind) for f in self.functions if f.result == kind and not f.parameters)
        return self.pick(options)

    def read(self, function: Function, scope: tuple[Variable, ...]) -> Expression:
        return Read(function.name, tuple(self.index(kind, scope) for kind in function.parameters), function.result)

    def value(self, kind: Type, scope: tuple[Variable, ...], opened: tuple[Expression, ...], depth: int) -> Expression:
        """An expression of the type; integers may be of another range."""
        if kind == BOOL and depth > 0:
            return self.formula(scope, opened, depth - 1)
        integer = isinstance(kind, IntType)
        options: list[Expression] = [v for v in scope if v.type == kind or (integer and isinstance(v.type, IntType))]
        for function in self.functions:
            result = function.result
            if result == kind or (integer and isinstance(result, IntType)) or _alike(result, kind):
                options.append(self.read(function, scope))
        for operand in opened:
            assert isinstance(operand.type, OptionalType)
            base = operand.type.base
            if base == kind or (integer and isinstance(base, IntType)):
                options.append(Open(operand, base))
        if not options or self.chance(15):
            options.append(Constant(self.pick(values_of(kind)), kind))
        if isinstance(kind, OptionalType):
            inner = self.value(kind.base, scope, opened, depth - 1)
            if inner.type == kind.base or isinstance(inner.type, IntType):
                options.append(Some(inner, OptionalType(inner.type)))  # type: ignore[arg-type]
        if depth > 0 and integer:
            options.append(self.sum(scope, opened, depth))
            if self.chance(20):
                binder = self.variable()
                body = self.formula((*scope, binder), opened, depth - 1)
                options.append(Count(binder, body, IntType(0, size_of(binder.type))))
            sorted_variables = [v for v in scope if isinstance(v.type, SortType)]
            if sorted_variables and self.chance(10):
                chosen = self.pick(sorted_variables)
                options.append(Number(chosen, IntType(0, size_of(chosen.type) - 1)))
        if depth > 0 and self.chance(25):
            condition = self.formula(scope, opened, depth - 1)
            then = self.value(kind, scope, opened, depth - 1)
            otherwise = self.value(kind, scope, opened, depth - 1)
            options.append(If(condition, then, otherwise, _wider(then.type, otherwise.type)))
        return self.pick(options)

    def sum(self, scope: tuple[Variable, ...], opened: tuple[Expression, ...], depth: int) -> Expression:
        sign = self.pick(("+", "-", "*"))
        left = self.value(INTEGERS[0], scope, opened, depth - 1)
        right = self.value(INTEGERS[1], scope, opened, 0) if self.chance(30) else Constant(1, IntType(1, 1))
        assert isinstance(left.type, IntType)
        assert isinstance(right.type, IntType)
        apply = {"+": operator.add, "-": operator.sub, "*": operator.mul}[sign]
        corners = [apply(x, y) for x in (left.type.low, left.type.high) for y in (right.type.low, right.type.high)]
        return Arithmetic(sign, left, right, IntType(min(corners), max(corners)))  # type: ignore[arg-type]

    def formula(self, scope: tuple[Variable, ...], opened: tuple[Expression, ...], depth: int) -> Expression:
        """A boolean expression."""
        booleans = [function for function in self.functions if function.result == BOOL]
        if depth <= 0:
            if booleans and self.chance(60):
                return self.read(self.pick(booleans), scope)
            return self.comparison(scope, opened, 0)
        form = self.number(0, 9)
        deeper = depth - 1
        match form:
            case 0:
                return Not(self.formula(scope, opened, deeper))
            case 1:
                return And(tuple(self.formula(scope, opened, deeper) for _ in range(self.number(0, 3))))
            case 2:
                return Or(tuple(self.formula(scope, opened, deeper) for _ in range(self.number(0, 3))))
            case 3:
                return Implies(self.formula(scope, opened, deeper), self.formula(scope, opened, deeper))
            case 4 | 5:
                binder = self.variable()
                return self.pick((ForAll, Exists))(binder, self.formula((*scope, binder), opened, deeper))
            case 6 | 7:
                optionals = [function for function in self.functions if isinstance(function.result, OptionalType)]
                if not optionals:
                    return self.comparison(scope, opened, deeper)
                operand = self.read(self.pick(optionals), scope)
                rest = self.comparison(scope, (*opened, operand), deeper)
                return And((IsSome(operand), rest)) if form == 6 else Implies(IsSome(operand), rest)
            case _:
                return self.comparison(scope, opened, deeper)

    def comparison(self, scope: tuple[Variable, ...], opened: tuple[Expression, ...], depth: int) -> Expression:
        if self.chance(20):
            kind: Type = INTEGERS[0]
            return Less(self.value(kind, scope, opened, depth), self.value(kind, scope, opened, depth))
        options = [function.result for function in self.functions] + [variable.type for variable in scope] * 2
        options += [operand.type.base for operand in opened if isinstance(operand.type, OptionalType)] * 4
        kind = self.pick([option for option in options if option != BOOL] or [COLOUR])
        return Equal(self.value(kind, scope, opened, depth), self.value(kind, scope, opened, depth))

    def two_state(self, formula: Expression) -> Expression:
        return Implies(formula, Next(formula)) if self.chance(50) else Or((Not(Next(formula)), formula))

    # Actions

    def action(self, name: str, properties: Sequence[str]) -> Action:
        parameters = tuple(self.variable() for _ in range(self.number(0, 2)))
        guard = [self.formula(parameters, (), 1) for _ in range(self.number(0, 2))]
        opened: tuple[Expression, ...] = ()
        optionals = [function for function in self.functions if isinstance(function.result, OptionalType)]
        if optionals and self.chance(60):
            opened = (self.read(self.pick(optionals), parameters),)
            guard.append(IsSome(opened[0]))
            guard.extend(self.comparison(parameters, opened, 1) for _ in range(self.number(0, 1)))
        updates = [self.update(parameters, opened) for _ in range(self.number(1, 2))]
        if self.chance(15):
            updates.append(self.update(parameters, opened, self.state_function(updates[0].function)))
        assertions = tuple(self.assertion(name, parameters, opened) for name in properties if self.chance(20))
        return Action(
            name,
            self.pick(tuple(Kind)),
            "actor",
            parameters,
            And(tuple(guard)) if len(guard) != 1 else guard[0],
            tuple(updates),
            assertions,
            fairness=self.pick(tuple(Fairness)),
            fair_parameters=self.number(0, len(parameters)),
        )

    def assertion(self, name: str, scope: tuple[Variable, ...], opened: tuple[Expression, ...]) -> Assertion:
        binders = (self.variable(),) if self.chance(50) else ()
        return Assertion(name, self.formula((*scope, *binders), opened, 1), binders)

    def state_function(self, name: str = "") -> Function:
        """The one of this name, or any."""
        return self.pick([f for f in self.functions if not f.constant and name in ("", f.name)])

    def update(
        self, scope: tuple[Variable, ...], opened: tuple[Expression, ...], function: Function | None = None
    ) -> Update:
        function = function or self.state_function()
        binders: tuple[Variable, ...] = ()
        if function.parameters and self.chance(30):
            self.fresh += 1
            binders = (Variable(f"b{self.fresh}", function.parameters[0]),)
        inner = (*scope, *binders)
        arguments = [self.index(kind, inner) for kind in function.parameters]
        if binders and self.chance(80):
            arguments[0] = binders[0]
        condition = self.formula(inner, opened, 1) if self.chance(30) else TRUE
        value = self.value(function.result, inner, opened, 1)
        return Update(function.name, tuple(arguments), value, binders, condition)


def _alike(left: Type, right: Type) -> bool:
    """Whether both are optional integers, perhaps of different ranges."""
    return (
        isinstance(left, OptionalType)
        and isinstance(right, OptionalType)
        and isinstance(left.base, IntType)
        and isinstance(right.base, IntType)
    )


def _wider(left: Type, right: Type) -> Type:
    match left, right:
        case IntType(a, b), IntType(c, d):
            return IntType(min(a, c), max(b, d))
        case OptionalType(IntType(a, b)), OptionalType(IntType(c, d)):
            return OptionalType(IntType(min(a, c), max(b, d)))
        case _:
            return left


@st.composite
def systems(draw: st.DrawFn) -> System:
    """A random system of a few cells with claims of every kind that is decided on states and transitions."""
    maker = Maker(draw)
    state = tuple(maker.function(f"f{i}", constant=False) for i in range(maker.number(1, 3)))
    constants = tuple(maker.function(f"k{i}", constant=True) for i in range(maker.number(0, 2)))
    maker.functions = (*state, *constants)
    claims = [
        Property("range", PropertyKind.RANGE),
        Property("conflict", PropertyKind.CONFLICT),
        Property("assertion", PropertyKind.ASSERTION),
        Property("always", PropertyKind.ALWAYS, maker.formula((), (), 3)),
        Property("reachable", PropertyKind.REACHABLE, maker.formula((), (), 3)),
        Property("step", PropertyKind.STEP, maker.two_state(maker.formula((), (), 2))),
        Property("stuck", PropertyKind.STUCK),
    ]
    actions = tuple(maker.action(f"a{i}", ["assertion"]) for i in range(maker.number(1, 3)))
    sorts = tuple(kind.sort for kind in (*maker.scalarsets, COLOUR))
    return System("random", sorts, maker.functions, actions, tuple(claims), maker.formula((), (), 1))


@st.composite
def states_of(draw: st.DrawFn, system: System) -> State:
    """Any state of the system's types, reachable or not."""
    return tuple(draw(st.sampled_from(values_of(cell.type))) for cell in Layout(system).cells)


@st.composite
def graphs(draw: st.DrawFn, nodes: int = 6) -> System:
    """A random graph walked by actions of every kind and fairness: a place, and a partial map of places per action.

    Claims: `goal` (eventually), `response` (leads to) and `stuck`.
    """
    place = SortType(Sort("Place", tuple(f"n{i}" for i in range(nodes)), interchangeable=False))
    here = Read("here", (), place)
    functions = [Function("here", (), place, Table((0,)))]
    actions = []
    lane = Variable("lane", BOOL)
    for number in range(draw(st.integers(1, 4))):
        name = f"next{number}"
        kind = OptionalType(place)
        targets = st.one_of(st.none(), st.none(), st.integers(0, nodes - 1))
        table = tuple(draw(st.lists(targets, min_size=2 * nodes, max_size=2 * nodes)))
        functions.append(Function(name, (place, BOOL), kind, Table(table), constant=True))
        after = Read(name, (here, lane), kind)
        actions.append(
            Action(
                f"go{number}",
                draw(st.sampled_from(Kind)),
                "walker",
                (lane,),
                IsSome(after),
                (Update("here", (), Open(after, place)),),
                fairness=draw(st.sampled_from(Fairness)),
                fair_parameters=draw(st.integers(0, 1)),
            )
        )

    def among() -> Expression:
        chosen = draw(st.sets(st.integers(0, nodes - 1), max_size=3))
        return Or(tuple(Equal(here, Constant(node, place)) for node in sorted(chosen)))

    claims = (
        Property("goal", PropertyKind.EVENTUALLY, among()),
        Property("response", PropertyKind.LEADS_TO, among(), among()),
        Property("stuck", PropertyKind.STUCK),
    )
    return System("graph", (place.sort,), tuple(functions), tuple(actions), claims, among())
