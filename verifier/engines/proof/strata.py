"""Whether the queries about a family fall into the decidable fragment, and what takes them out of it.

Functions lead from the sorts of their arguments to the sort of their value, and "for all x, some y" leads from the sort
of x to that of y. Where no way leads back to where it began, a solver needs only finitely many elements: it always
answers. Where one does, it may not; mostly it does all the same, so this is a warning. Only free sorts matter.

What makes tied members correspond one to one (`verifier.engines.proof.vocabulary`) is not counted: nothing in a
specification can change it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from verifier.engines.proof.conditions import STATE_CLAIMS, Lemma
from verifier.engines.proof.family import Family
from verifier.engines.proof.transition import hidden_binders
from verifier.system.expressions import (
    And,
    Constant,
    Equal,
    Exists,
    Expression,
    ForAll,
    If,
    Implies,
    Not,
    Or,
    Variable,
    children,
)
from verifier.system.span import NOWHERE, Span
from verifier.system.system import Update
from verifier.system.types import BoolType, OptionalType, SortType, Type


@dataclass(frozen=True, slots=True)
class Edge:
    """From a sort to a sort, and what leads there: a function, or a quantifier in some formula."""

    source: str
    target: str
    cause: str
    advice: str
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Cycle:
    """Sorts and what leads around them, back to the first one."""

    edges: tuple[Edge, ...]

    def __str__(self) -> str:
        way = ", ".join(f"{e.source} to {e.target} by {e.cause}" for e in self.edges)
        return f"a proof may not come to an end: {way}"

    @property
    def advice(self) -> tuple[str, ...]:
        """What could be written instead, one proposal for each edge; one is enough."""
        return tuple(dict.fromkeys(edge.advice for edge in self.edges))


def cycles(family: Family, lemmas: Iterable[Lemma] = ()) -> tuple[Cycle, ...]:
    """A shortest cycle for each edge that is on one, without repetitions, in the order of the edges."""
    edges = tuple(dict.fromkeys(_edges(family, tuple(lemmas))))
    found: dict[frozenset[Edge], Cycle] = {}
    for edge in edges:
        back = _way(edges, edge.target, edge.source)
        if back is not None:
            found.setdefault(frozenset((edge, *back)), Cycle((edge, *back)))
    return tuple(found.values())


def anchors_of(family: Family) -> tuple[int, ...]:
    """For each orbit the slot from which functions should lead to the others: one that closes no cycle, if there is."""
    edges = list(_function_edges(family))
    anchors = []
    for orbit in family.orbits:
        tries = [
            [Edge(orbit[slot].sort, other.sort, "", "") for i, other in enumerate(orbit) if i != slot]
            for slot in range(len(orbit))
        ]
        good = [
            slot
            for slot, ties in enumerate(tries)
            if not any(_way([*edges, *ties], e.target, e.source) is not None for e in ties)
        ]
        anchors.append(good[0] if good else 0)
        edges += tries[anchors[-1]]
    return tuple(anchors)


def _way(edges: Iterable[Edge], start: str, end: str) -> tuple[Edge, ...] | None:
    """A shortest way from one sort to another; the empty one if they are the same."""
    ways: dict[str, tuple[Edge, ...]] = {start: ()}
    waiting = [start]
    leaving: dict[str, list[Edge]] = {}
    for edge in edges:
        leaving.setdefault(edge.source, []).append(edge)
    for sort in waiting:
        for edge in leaving.get(sort, ()):
            if edge.target not in ways:
                ways[edge.target] = (*ways[sort], edge)
                waiting.append(edge.target)
    return ways.get(end)


def _edges(family: Family, lemmas: tuple[Lemma, ...]) -> Iterator[Edge]:
    yield from _function_edges(family)
    formulas = _Formulas(family)
    for action in family.text.actions:
        yield from formulas.edges(action.guard, True, (), f"the guard of {action.name}", action.span)
        for update in action.updates:
            yield from _witness_edges(family, action.name, update)
            for part in (*update.arguments, update.value, update.condition):
                yield from formulas.both(part, (), f"an update of {action.name}", update.span)
        for assertion in action.assertions:
            yield from formulas.edges(assertion.formula, False, (), f"assertion {assertion.property}", assertion.span)
    spans = {claim.name: claim.span for claim in family.text.properties}
    for claim in family.text.properties:
        # A claim on states is a hypothesis as well.
        look = formulas.both if claim.kind in STATE_CLAIMS else formulas.negated
        yield from look(claim.formula, (), claim.name, claim.span)
    for lemma in lemmas:
        yield from formulas.both(lemma.formula, (), lemma.name, spans.get(lemma.name, NOWHERE))


def _free(family: Family, kind: Type) -> str | None:
    base = kind.base if isinstance(kind, OptionalType) else kind
    return base.sort.name if isinstance(base, SortType) and base.sort.name in family.free else None


def _function_edges(family: Family) -> Iterator[Edge]:
    for function in family.text.functions:
        if function.span == NOWHERE:  # a word for lemmas, which no specification has written
            continue
        target = _free(family, function.result)
        for source in filter(None, (_free(family, kind) for kind in function.parameters)):
            if target is not None:
                inside = ", ".join(map(str, function.parameters))
                advice = f"make {function.name} a relation: state {function.name}({inside}, {target}): bool"
                yield Edge(source, target, f"the function {function.name}", advice, function.span)


def _witness_edges(family: Family, action: str, update: Update) -> Iterator[Edge]:
    """Which element of an "all" writes a point is a function of the point, unless it is one of its coordinates."""
    function = family.text.function(update.function)
    sources = [s for s in (_free(family, kind) for kind in function.parameters) if s is not None]
    targets = [(b.name, s) for b in hidden_binders(update) if (s := _free(family, b.type)) is not None]
    for source, (name, target) in product(sources, targets):
        cause = f"'all {name}' around {update.function} in {action}"
        yield Edge(source, target, cause, f"write {update.function} for each {name} in a step of its own", update.span)


@dataclass(frozen=True)
class _Formulas:
    """Quantifiers as a solver sees them: "some" is "all" where the formula is negated."""

    family: Family

    def both(self, e: Expression, outer: tuple[Variable, ...], where: str, span: Span) -> Iterator[Edge]:
        yield from self.edges(e, True, outer, where, span)
        yield from self.edges(e, False, outer, where, span)

    def negated(self, e: Expression, outer: tuple[Variable, ...], where: str, span: Span) -> Iterator[Edge]:
        yield from self.edges(e, False, outer, where, span)

    def edges(
        self, e: Expression, positive: bool, outer: tuple[Variable, ...], where: str, span: Span
    ) -> Iterator[Edge]:
        """`outer` are the variables around that range over everything."""
        match e:
            case Constant() | Variable():
                pass
            case ForAll(variable, body, _) | Exists(variable, body, _):
                if isinstance(e, ForAll) == positive:
                    yield from self.edges(body, positive, (*outer, variable), where, span)
                    return
                target = _free(self.family, variable.type)
                for source in outer:
                    sort = _free(self.family, source.type)
                    if sort is not None and target is not None:
                        word, inner = ("all", "some") if positive else ("some", "all")
                        cause = f"'{word} {source.name}' around '{inner} {variable.name}' in {where}"
                        advice = f"say by a state which {variable.name} it is, instead of quantifying in {where}"
                        yield Edge(sort, target, cause, advice, span)
                yield from self.edges(body, positive, outer, where, span)
            case Not(operand, _):
                yield from self.edges(operand, not positive, outer, where, span)
            case Implies(left, right, _):
                yield from self.edges(left, not positive, outer, where, span)
                yield from self.edges(right, positive, outer, where, span)
            case And(operands, _) | Or(operands, _):
                for operand in operands:
                    yield from self.edges(operand, positive, outer, where, span)
            case If(condition, then, otherwise, BoolType()):
                yield from self.both(condition, outer, where, span)
                for part in (then, otherwise):
                    yield from self.edges(part, positive, outer, where, span)
            case Equal(left, right, _) if isinstance(left.type, BoolType):
                for part in (left, right):
                    yield from self.both(part, outer, where, span)
            case _:
                for part in children(e):
                    yield from self.both(part, outer, where, span)
