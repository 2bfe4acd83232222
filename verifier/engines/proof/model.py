"""Small sizes: the same queries where no number is open, and the states that a solver finds there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from verifier.engines.proof.conditions import Conditions, Lemma, Query
from verifier.engines.proof.family import Case, Family, Fixed
from verifier.engines.proof.instances import Members, instance_of, members_of_size
from verifier.engines.proof.solver import Model
from verifier.engines.proof.solver.client import Tables
from verifier.engines.proof.terms import bare, symbol
from verifier.engines.proof.transfer import transfer
from verifier.engines.proof.transition import argument_symbol
from verifier.engines.proof.vocabulary import Vocabulary
from verifier.system.interpreter import Interpreter
from verifier.system.layout import Layout, Point, State, points_of
from verifier.system.system import Action, Anything, Property, System
from verifier.system.types import BoolType, IntType, OptionalType, SortType, Type, Value, render, values_of


@dataclass(frozen=True)
class Small:
    """The instance of a family with `sizes[i]` blocks in orbit i, and the conditions about it."""

    sizes: tuple[int, ...]
    system: System
    members: Members
    conditions: Conditions
    _lemmas: dict[Lemma, Lemma] = field(default_factory=dict)

    def lemmas(self, lemmas: Iterable[Lemma]) -> list[Lemma]:
        """The family's lemmas, over the sorts of the instance."""
        for lemma in lemmas:
            if lemma not in self._lemmas:
                self._lemmas[lemma] = Lemma(lemma.name, transfer(lemma.formula, self.members.sorts))
        return [self._lemmas[lemma] for lemma in lemmas]

    def claims(self, claims: Iterable[Property]) -> list[Property]:
        """The family's claims, over the sorts of the instance."""
        return [self.system.property_named(claim.name) for claim in claims]

    def tables(self, query: Query) -> Tables:
        """What a model of the query has to say to be read by `state` and `arguments`, and which goals fail in it."""
        vocabulary = self.conditions.vocabulary
        tables: dict[str, tuple[str | tuple[int, int], ...]] = {goal.symbol: () for goal in query.goals}
        for function in self.system.state_functions:
            domains = tuple(_domain(vocabulary, kind) for kind in function.parameters)
            tables[symbol("state", function.name)] = domains
            tables[symbol("some", function.name)] = domains
        if query.action is not None:
            tables |= {argument_symbol(p): () for p in self.system.action(query.action).parameters}
        return {bare(name): domains for name, domains in tables.items()}

    def state(self, model: Model) -> State:
        """The state that a model describes."""
        cells = Layout(self.system).cells
        return tuple(self._cell(model, cell.function, cell.point) for cell in cells)

    def arguments(self, action: Action, model: Model, number: int | None = None) -> tuple[Value, ...]:
        """The parameters of the action in the model; of step `number`, if its query is about several."""
        return tuple(_read(p.type, _table(model, argument_symbol(p, number)).get(())) for p in action.parameters)

    def _cell(self, model: Model, name: str, point: Point) -> Value:
        function = self.system.function(name)
        written = tuple(_written(kind, value) for kind, value in zip(function.parameters, point, strict=True))
        kind = function.result
        if isinstance(kind, OptionalType):
            if _table(model, symbol("some", name)).get(written) != "true":
                return None
            kind = kind.base
        return _read(kind, _table(model, symbol("state", name)).get(written))


def small(family: Family, sizes: Sequence[int]) -> Small:
    """The conditions about one instance of the family."""
    members = members_of_size(family, sizes)
    system = instance_of(members)
    return Small(tuple(sizes), system, members, Conditions(Vocabulary(all_named(system), ())))


def all_named(system: System) -> Family:
    """The system as a family in which no number is open."""
    interpreter = Interpreter(system)
    cases = {
        function.name: tuple(
            Case(tuple(map(Fixed, point)), Fixed(value))
            for point, value in zip(points_of(function.parameters), interpreter.table(function), strict=True)
        )
        for function in system.functions
        if not isinstance(function.initial, Anything)
    }
    return Family(system, (), cases)


def _domain(vocabulary: Vocabulary, kind: Type) -> str | tuple[int, int]:
    return (kind.low, kind.high) if isinstance(kind, IntType) else vocabulary.sort(kind)


def _table(model: Model, name: str) -> Mapping[tuple[str, ...], str]:
    """What the model says of a function; nothing if it does not matter."""
    return model.get(bare(name), {})


def _written(kind: Type, value: Value) -> str:
    """The value of an argument, as the solver prints it."""
    if isinstance(kind, SortType):
        return bare(symbol("member", kind.sort.name, render(kind, value)))
    return str(value).lower()


def _read(kind: Type, text: str | None) -> Value:
    """The value that the solver printed; any one if it printed none."""
    if text is None:
        return values_of(kind)[0]
    match kind:
        case BoolType():
            return text == "true"
        case IntType():
            return int(text)
        case _:
            return next(value for value in values_of(kind) if _written(kind, value) == text)
