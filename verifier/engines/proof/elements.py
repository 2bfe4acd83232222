"""The elements that a query names, and with which its quantifiers are instantiated.

A query asks for a state in which one of many goals fails. "Some page is such, or some page is so" is "some page is such
or so": alternatives share their elements, so a query of a hundred goals names no more of them than the goal that needs
most. Hypotheses are instantiated with these, with the named members and with what functions lead to from there, once:
these terms are marked, and each quantifier has a pattern that only marked terms match. A solver that goes by patterns
comes to an end in some hundredths of a second. What it then does not know may need other instances, and is asked in
other ways.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from verifier.engines.proof.terms import (
    Optional,
    Term,
    conjunction,
    disjunction,
    element,
    marked,
    negation,
    node,
    symbol,
)
from verifier.engines.proof.transition import Step
from verifier.engines.proof.translation import Environment, State, Translator
from verifier.engines.proof.vocabulary import Vocabulary
from verifier.system.expressions import And, Exists, Expression, ForAll, Implies, Next, Not, Or, Read, Variable
from verifier.system.system import Function
from verifier.system.types import BoolType

MOST = 200
"""Terms of a sort that quantifiers are instantiated with; beyond so many only those without functions."""

Numbers = Mapping[Term, int]
"""How many elements of each sort have been used."""


@dataclass(frozen=True, slots=True)
class _Scope:
    names: Environment
    state: State
    after: State | None


Parts = dict[tuple[int, bool, bool, bool, tuple[tuple[Term, int], ...]], tuple[Expression, Term, Numbers]]
"""Parts of failures of the same step, translated before; with each expression, so that no other has its identity."""


@dataclass
class Elements:
    """Translates what a query asserts, with a constant for each element that there is said to be.

    What is in `parts` is not translated again: failures of one step have much in common.
    """

    translator: Translator
    parts: Parts = field(default_factory=dict)
    _made: dict[Term, list[Term]] = field(default_factory=dict)
    _taken: Numbers = field(default_factory=dict)

    def fact(self, formula: Expression, names: Environment, state: State) -> Term:
        """The formula holds: part of the query whatever else is. Raises as the translator does."""
        term, self._taken = self._said(formula, True, _Scope(names, state, None), self._taken)
        return term

    def failure(self, formula: Expression, names: Environment, state: State, after: State | None = None) -> Term:
        """The formula does not hold: one alternative among others. Raises as the translator does."""
        scope, used, terms = _Scope(names, state, after), self._taken, []
        for part, truth in _conjuncts(formula, False):
            term, used = self._part(part, truth, scope, used)
            terms.append(term)
        return conjunction(terms)

    def _part(self, e: Expression, truth: bool, scope: _Scope, used: Numbers) -> tuple[Term, Numbers]:
        """One of several parts of which none is in a quantifier of another, so that their variables may share names."""
        if scope.names:
            self.translator.restart()
            return self._said(e, truth, scope, used)
        key = (id(e), truth, isinstance(scope.state, Step), scope.after is None, tuple(sorted(used.items())))
        if key not in self.parts:
            self.translator.restart()
            self.parts[key] = (e, *self._said(e, truth, scope, used))
        _, term, after = self.parts[key]
        for sort, number in after.items():
            self._at_least(sort, number)
        return term, after

    def declarations(self) -> Iterator[str]:
        """The constants of all that has been translated."""
        for sort, names in self._made.items():
            yield from (f"(declare-fun {name} () {sort})" for name in names)

    def marks(self, arguments: Iterable[tuple[Term, Term]] = ()) -> Iterator[str]:
        """What quantifiers are instantiated with; `arguments` are other constants, each with its sort."""
        named = {sort: list(names) for sort, names in self._made.items()}
        for term, sort in arguments:
            named.setdefault(sort, []).append(term)
        return marks(self.translator.vocabulary, named)

    def _at_least(self, sort: Term, number: int) -> list[Term]:
        """So many constants for elements of the sort, or more."""
        made = self._made.setdefault(sort, [])
        made += (element(sort, index) for index in range(len(made), number))
        return made

    def _said(self, e: Expression, truth: bool, scope: _Scope, used: Numbers) -> tuple[Term, Numbers]:
        match e:
            case Not(operand, _):
                return self._said(operand, not truth, scope, used)
            case And(operands, _):
                return self._all(operands, truth, scope, used) if truth else self._some(operands, truth, scope, used)
            case Or(operands, _):
                return self._some(operands, truth, scope, used) if truth else self._all(operands, truth, scope, used)
            case Implies(left, right, _):
                return self._said(Or((Not(left), right)), truth, scope, used)
            case Next(operand):
                assert scope.after is not None, "Next outside a two-state property"
                return self._said(operand, truth, _Scope(scope.names, scope.after, None), used)
            case Read(function, (), BoolType()) if (said := _set_to(function, scope)) is not None:
                return self._said(said[0], truth, said[1], used)
            case ForAll(variable, body, _) | Exists(variable, body, _) if isinstance(e, Exists) == truth:
                return self._element(variable, body, truth, scope, used)
            case _:
                term = self.translator.formula(e, scope.names, scope.state, scope.after)
                return (term if truth else negation(term)), used

    def _all(self, parts: Sequence[Expression], truth: bool, scope: _Scope, used: Numbers) -> tuple[Term, Numbers]:
        """All parts are so: each has elements of its own."""
        terms = []
        for part in parts:
            term, used = self._said(part, truth, scope, used)
            terms.append(term)
        return conjunction(terms), used

    def _some(self, parts: Sequence[Expression], truth: bool, scope: _Scope, used: Numbers) -> tuple[Term, Numbers]:
        """Some part is so: they share their elements."""
        return _joined(self._said(part, truth, scope, used) for part in parts)

    def _element(
        self, variable: Variable, body: Expression, truth: bool, scope: _Scope, used: Numbers
    ) -> tuple[Term, Numbers]:
        vocabulary = self.translator.vocabulary
        if not vocabulary.is_free(variable.type):
            choices = self.translator.choices(variable, scope.names)
            return _joined(self._said(body, truth, _Scope(n, scope.state, scope.after), used) for n in choices)
        sort = vocabulary.sort(variable.type)
        number = used.get(sort, 0)
        names = {**scope.names, variable.name: self._at_least(sort, number + 1)[number]}
        return self._said(body, truth, _Scope(names, scope.state, scope.after), {**used, sort: number + 1})


def _conjuncts(e: Expression, truth: bool) -> Iterator[tuple[Expression, bool]]:
    """Expressions that have these truths exactly if the first one has this truth."""
    match e:
        case Not(operand, _):
            yield from _conjuncts(operand, not truth)
        case And(operands, _) | Or(operands, _) if isinstance(e, And) == truth:
            for operand in operands:
                yield from _conjuncts(operand, truth)
        case Implies(left, right, _) if not truth:
            yield from _conjuncts(left, True)
            yield from _conjuncts(right, False)
        case _:
            yield e, truth


def _set_to(function: str, scope: _Scope) -> tuple[Expression, _Scope] | None:
    """What the step sets it to, and where that is said, if the function is read after a step that sets it."""
    step = scope.state
    if not isinstance(step, Step):
        return None
    value = step.sets(function)
    return None if value is None else (value, _Scope(step.names, step.now, None))


def _joined(alternatives: Iterable[tuple[Term, Numbers]]) -> tuple[Term, Numbers]:
    terms = []
    most: dict[Term, int] = {}
    for term, used in alternatives:
        terms.append(term)
        most.update({sort: max(number, most.get(sort, 0)) for sort, number in used.items()})
    return disjunction(terms), most


# Instances


def marks(vocabulary: Vocabulary, named: Mapping[Term, Iterable[Term]]) -> Iterator[str]:
    """Marks what quantifiers are to be instantiated with, for a query that names these terms of each sort."""
    if not vocabulary.marks:
        return
    first: dict[Term, dict[Term, None]] = {symbol("sort", name): {} for name in vocabulary.family.free}
    for term, sort in vocabulary.elements():
        first[sort][term] = None
    for sort, terms in named.items():
        first[sort].update(dict.fromkeys(terms))
    reached = {sort: dict(terms) for sort, terms in first.items()}
    for term, sort in _applied(vocabulary, first):
        reached[sort][term] = None
    for sort, found in reached.items():
        chosen = found if len(found) <= MOST else first[sort]
        if chosen:
            yield f"(assert {conjunction(marked(sort, term) for term in chosen)})"


def _applied(vocabulary: Vocabulary, terms: Mapping[Term, Iterable[Term]]) -> Iterator[tuple[Term, Term]]:
    """What functions lead to from the terms, with its sort."""
    for function in vocabulary.family.text.functions:
        result = vocabulary.base(function.result)
        if vocabulary.is_free(result):
            for point in _points(vocabulary, function, terms):
                value = vocabulary.read(function, point)
                held = value.value if isinstance(value, Optional) else value
                if held is not None:
                    yield held, vocabulary.sort(result)
    for name, source, target in vocabulary.ties():
        for term in terms[source]:
            yield node(name, term), target


def _points(
    vocabulary: Vocabulary, function: Function, terms: Mapping[Term, Iterable[Term]]
) -> Iterator[tuple[Term, ...]]:
    choices = [
        list(terms[vocabulary.sort(kind)]) if vocabulary.is_free(kind) else vocabulary.values(kind)
        for kind in function.parameters
    ]
    return product(*choices)
