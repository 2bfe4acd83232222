"""Random systems with interchangeable members: sorts of several sizes, tied to each other or not. In those of one
kind, members can be counted, in the others they hold one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from hypothesis import strategies as st

from tests.strategies import COLOUR, Maker
from verifier.system.expressions import And, Constant, Exists, Expression, ForAll, Number, Read, Some, Variable, walk
from verifier.system.system import Action, Function, Property, PropertyKind, System, Table, Update
from verifier.system.types import BOOL, OptionalType, Sort, SortType, Type, size_of, values_of


class SymmetricMaker(Maker):
    """Draws systems in which members of the sorts P and Q are named rarely, and index one argument at most."""

    def __init__(self, draw: st.DrawFn) -> None:
        # Hypothesis prefers small numbers, of which systems come that do nothing; it still finds the seed again.
        self.random = Random(draw(st.integers(0, 1 << 32)))
        super().__init__(draw)
        self.tied = self.chance(50)
        size = self.number(2, 5)
        sizes = (size, size if self.tied else self.number(1, 3))
        self.scalarsets = tuple(
            SortType(Sort(name, tuple(f"{name.lower()}{i}" for i in range(count)), interchangeable=True))
            for name, count in zip("PQ", sizes, strict=True)
        )
        self.index_types: tuple[Type, ...] = (*self.scalarsets, self.scalarsets[0], COLOUR, BOOL)
        self.named = self.chance(10)

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def function(self, name: str, constant: bool) -> Function:
        moving = self.pick((*self.scalarsets, self.scalarsets[0]))
        parameters: tuple[Type, ...] = self.pick(
            ((), (moving,), (moving,), (moving,), (moving, BOOL), (COLOUR, moving))
        )
        result = self.result_type()
        points = 1
        for kind in parameters:
            points *= size_of(kind)
        values = values_of(result)
        held = [value for value in values if value is None] if self._holds(result) else list(values)
        if not held:  # a cell that holds a member from the start tells it apart
            result, held = BOOL, [False, True]
        start = self.pick(held)
        content = [start] * points
        if parameters and self.chance(25):
            content[0] = self.pick(held)
        return Function(name, parameters, result, Table(tuple(content)), constant)

    def tie(self) -> Function:
        """Each member of P with its own of Q."""
        first, second = self.scalarsets
        return Function("tie", (first,), second, Table(tuple(range(size_of(first)))), constant=True)

    def _holds(self, kind: Type) -> bool:
        return any(
            getattr(part, "sort", None) in [s.sort for s in self.scalarsets]
            for part in (kind, getattr(kind, "base", kind))
        )

    def result_type(self) -> Type:
        kind = super().result_type()
        return OptionalType(kind) if isinstance(kind, SortType) and self._holds(kind) else kind

    def value(self, kind: Type, scope: tuple[Variable, ...], opened: tuple[Expression, ...], depth: int) -> Expression:
        for _ in range(4):
            found = super().value(kind, scope, opened, depth)
            if self.named or not any(map(self._tells_apart, walk(found))):
                return found
        variables = [variable for variable in scope if variable.type == kind]
        return variables[0] if variables else Constant(values_of(kind)[0], kind)

    def _tells_apart(self, node: Expression) -> bool:
        if isinstance(node, Constant):
            return node.value is not None and self._holds(node.type)
        return isinstance(node, Number) and self._holds(node.operand.type)

    def index(self, kind: Type, scope: tuple[Variable, ...]) -> Expression:
        options: list[Expression] = [variable for variable in scope if variable.type == kind] * 3
        for function in self.functions:
            if function.result == kind and len(function.parameters) < 2:
                inner = [v for v in scope if (v.type,) == function.parameters]
                options += [Read(function.name, tuple(inner[:1]), kind)] if inner or not function.parameters else []
        if not options or (self.named and self.chance(10)):
            options.append(Constant(self.pick(values_of(kind)), kind))
        return self.pick(options)

    def action(self, name: str, properties: Sequence[str]) -> Action:
        """As usual, but with a parameter of each sort that it might want to name a member of, and often enabled."""
        made = super().action(name, properties)
        first, second = self.scalarsets
        parameters = (Variable("p", first), *((Variable("q", second),) if self.chance(60) else ()))
        parameters += (Variable("r", self.pick(self.index_types)),) if self.chance(40) else ()
        guard = [self.formula(parameters, (), self.number(0, 2))] if self.chance(50) else []
        updates = tuple(self.update(parameters, ()) for _ in range(self.number(1, 2)))
        assertions = tuple(self.assertion(n, parameters, ()) for n in properties if self.chance(20))
        return replace(
            made,
            parameters=parameters,
            guard=And(tuple(guard)),
            updates=updates,
            assertions=assertions,
            fair_parameters=0,
        )

    def claim(self, depth: int) -> Expression:
        """A closed formula about any members."""
        variables = tuple(Variable(f"c{number}", kind) for number, kind in enumerate(self.scalarsets))
        formula = self.formula(variables, (), depth)
        for variable in variables:
            formula = self.pick((ForAll, Exists))(variable, formula)
        return formula


@st.composite
def symmetric_systems(draw: st.DrawFn) -> System:
    """A random system, most of the time with some symmetry, and claims of every kind that a search decides."""
    return drawn_by(SymmetricMaker(draw))


def drawn_by(maker: SymmetricMaker) -> System:
    """A system with everything that the maker makes."""
    functions: Sequence[Function] = [maker.function(f"f{i}", constant=False) for i in range(maker.number(2, 4))]
    constants = [maker.tie()] if maker.tied else []
    maker.functions = (*functions, *constants)
    claims = [
        Property("range", PropertyKind.RANGE),
        Property("conflict", PropertyKind.CONFLICT),
        Property("assertion", PropertyKind.ASSERTION),
        Property("always", PropertyKind.ALWAYS, maker.claim(2)),
        Property("reachable", PropertyKind.REACHABLE, maker.claim(2)),
        Property("step", PropertyKind.STEP, maker.two_state(maker.claim(1))),
        Property("stuck", PropertyKind.STUCK),
    ]
    actions = tuple(maker.action(f"a{i}", ["assertion"]) for i in range(maker.number(2, 5)))
    sorts = tuple(kind.sort for kind in (*maker.scalarsets, COLOUR))
    return System("random", sorts, maker.functions, actions, tuple(claims), maker.claim(1))


class PointingMaker(SymmetricMaker):
    """The same with members that hold one another, and cells of two members at once."""

    def function(self, name: str, constant: bool) -> Function:
        made = super().function(name, constant)
        first, second = self.scalarsets
        if constant or not self.chance(70):
            return made
        parameters: tuple[Type, ...] = self.pick(((first,), (second,), (first,), (first, second), (first, first)))
        result = self.pick((OptionalType(first), OptionalType(self.pick(self.scalarsets)), BOOL))
        if len(parameters) == 2 and self.chance(80):
            result = BOOL
        cells = 1
        for kind in parameters:
            cells *= size_of(kind)
        return Function(name, parameters, result, Table((values_of(result)[0],) * cells), constant)

    def update(
        self, scope: tuple[Variable, ...], opened: tuple[Expression, ...], function: Function | None = None
    ) -> Update:
        """Often a member is held."""
        for cell in (function,) if function else self.functions:
            if not cell.constant and self._holds(cell.result) and self.chance(40):
                held = [variable for variable in scope if OptionalType(variable.type) == cell.result]
                arguments = tuple(self.index(kind, scope) for kind in cell.parameters)
                if held and self.chance(80):
                    return Update(cell.name, arguments, Some(self.pick(held), cell.result))
        return super().update(scope, opened, function)


@st.composite
def pointing_systems(draw: st.DrawFn) -> System:
    """The same where members hold members, most of the time."""
    return drawn_by(PointingMaker(draw))
