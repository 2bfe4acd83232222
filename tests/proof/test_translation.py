"""First-order logic means what the reference interpreter does: formulas, steps, and what goes wrong in steps.

A state of an instance is pinned down in a query, and the solver must find every formula as the interpreter does.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from itertools import combinations, product

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.proof.specs import opened
from tests.strategies import states_of, systems
from verifier.engines.proof.conditions import for_all
from verifier.engines.proof.elements import Elements
from verifier.engines.proof.family import Family, NotUniformError, family_of
from verifier.engines.proof.instances import Members, instance, instance_of, members_of_size, sizes_in
from verifier.engines.proof.model import all_named
from verifier.engines.proof.prover import BY_MODELS
from verifier.engines.proof.solver import Answer, Solver
from verifier.engines.proof.strata import anchors_of
from verifier.engines.proof.terms import Optional, Term, equality, negation, same, symbol
from verifier.engines.proof.terms import Value as FirstOrder
from verifier.engines.proof.transition import Step
from verifier.engines.proof.translation import Now, Translator, UnsupportedError
from verifier.engines.proof.translation import State as ReadState
from verifier.engines.proof.vocabulary import Vocabulary
from verifier.system.expressions import Not
from verifier.system.interpreter import AssertionFailed, Interpreter, OutOfRange, WrittenTwice
from verifier.system.layout import State
from verifier.system.system import Action, PropertyKind, System
from verifier.system.types import BoolType, IntType, OptionalType, SortType, Type, Value, values_of

SOLVER = Solver("z3")
COMMON = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


class Pinned:
    """An instance of a family in first-order logic: every element has a name, and every cell a value."""

    def __init__(self, family: Family, members: Members) -> None:
        self.family = family
        self.members = members
        self.system = instance_of(members)
        self.vocabulary = Vocabulary(family, anchors_of(family))

    def element(self, kind: Type, value: Value) -> Term:
        """The term for a value of an index type of the instance."""
        match kind:
            case BoolType():
                return "true" if value else "false"
            case SortType(sort):
                name = sort.members[value]
                if sort.name in self.family.free and name not in self.family.sorts[sort.name].members:
                    return symbol("element", sort.name, name)
                return symbol("member", sort.name, name)
            case _:
                term = self.vocabulary.constant(IntType(-9, 9), value)
                assert isinstance(term, str)
                return term

    def structure(self) -> Iterator[str]:
        """The elements, their classes and blocks."""
        for name in self.family.free:
            kind = SortType(self.members.sorts[name])
            terms = [self.element(kind, index) for index in range(len(kind.sort.members))]
            for term in terms:
                if term.strip("|").startswith("element/"):
                    yield f"(declare-fun {term} () {symbol('sort', name)})"
            yield from (f"(assert (not (= {a} {b})))" for a, b in combinations(terms, 2))
            yield f"(assert (forall ((x {symbol('sort', name)})) (or false {' '.join(f'(= x {t})' for t in terms)})))"
        for (o, slot, block), index in self.members.index.items():
            term = self._placed(o, slot, index)
            anchor = self.vocabulary.anchors[o]
            yield f"(assert {self.vocabulary.in_class(o, slot, term)})"
            first = self._placed(o, anchor, self.members.index[o, anchor, block])
            yield f"(assert {equality(self.vocabulary.tied(o, slot, first), term)})"

    def _placed(self, orbit: int, slot: int, index: int) -> Term:
        return self.element(SortType(self.members.sorts[self.family.orbits[orbit][slot].sort]), index)

    def cells_of(self, read: ReadState, state: State) -> Iterator[tuple[FirstOrder, FirstOrder]]:
        """Of each cell what `read` reads there, and the value that it has in the state."""
        for cell, value in zip(Interpreter(self.system).layout.cells, state, strict=True):
            function = self.system.function(cell.function)
            point = tuple(self.element(k, v) for k, v in zip(function.parameters, cell.point, strict=True))
            if not isinstance(cell.type, OptionalType):
                yield read.read(cell.function, point), self.element(cell.type, value)
            elif value is None:
                yield read.read(cell.function, point), Optional("false", None)
            else:
                yield read.read(cell.function, point), Optional("true", self.element(cell.type.base, value))

    def refutes(self, state: State, lines: Iterable[str], wrong: Iterable[Term], right: Iterable[Term] = ()) -> None:
        """None of the terms can be true in the state; those in `right` can, together."""
        text = [*self.vocabulary.declarations(), *self.structure(), *lines]
        text += [f"(assert {axiom})" for axiom in self.vocabulary.axioms()]
        text += [f"(assert {same(*pair)})" for pair in self.cells_of(Now(self.vocabulary), state)]
        # The structure by itself is possible: otherwise the answer would mean nothing.
        possible = "\n".join((*text, *(f"(assert {term})" for term in right), "(check-sat)", ""))
        assert SOLVER.ask(possible, 20, options=BY_MODELS).answer is Answer.SAT, possible
        asked = "\n".join((*text, f"(assert (or false {' '.join(wrong)}))", "(check-sat)", ""))
        assert SOLVER.ask(asked, 20, options=BY_MODELS).answer is Answer.UNSAT, asked


def is_not(term: Term, truth: bool) -> Term:
    return negation(term) if truth else term


def check_formulas(pinned: Pinned, state: State) -> None:
    interpreter = Interpreter(pinned.system)
    now = Now(pinned.vocabulary)
    elements = Elements(Translator(pinned.vocabulary))
    wrong, right = [], []
    for mine, claim in zip(pinned.family.text.properties, pinned.system.properties, strict=True):
        if claim.kind in (PropertyKind.ALWAYS, PropertyKind.REACHABLE):
            term = Translator(pinned.vocabulary).formula(mine.formula, {}, now)
            truth = interpreter.holds(claim.formula, state)
            wrong.append(is_not(term, truth))
            so = mine.formula if truth else Not(mine.formula)
            right.append(elements.fact(so, {}, now))
            wrong.append(elements.failure(so, {}, now))
    pinned.refutes(state, elements.declarations(), wrong, right)


def check_steps(pinned: Pinned, state: State, data: st.DataObject) -> None:
    """One instance of each action, possible if any is: its guard, what goes wrong in it, and each cell after it."""
    interpreter = Interpreter(pinned.system)
    for action in pinned.system.actions:
        choices = list(product(*(_values(p.type) for p in action.parameters)))
        possible = [choice for choice in choices if interpreter.is_enabled(action, choice, state)]
        check_step(pinned, state, action, data.draw(st.sampled_from(possible or choices)))


def check_step(pinned: Pinned, state: State, action: Action, arguments: tuple[Value, ...]) -> None:
    interpreter = Interpreter(pinned.system)
    text = pinned.family.text.action(action.name)
    step = Step(Translator(pinned.vocabulary), text, Now(pinned.vocabulary))
    elements = Elements(step.translator)
    lines = [*step.declarations()]
    for parameter, value in zip(action.parameters, arguments, strict=True):
        lines.append(f"(assert (= {symbol('argument', parameter.name)} {pinned.element(parameter.type, value)}))")
    enabled = interpreter.is_enabled(action, arguments, state)
    possible = text.guard if enabled else Not(text.guard)
    right = [elements.fact(possible, step.names, step.now)]
    wrong = [is_not(step.guard(), enabled), elements.failure(possible, step.names, step.now)]
    if enabled:
        outcome = interpreter.perform(action, arguments, state)
        failed = [f for f in outcome.failures if isinstance(f, AssertionFailed)]
        for index, assertion in enumerate(text.assertions):
            formula = for_all(assertion.binders, assertion.formula)
            so = Not(formula) if any(f.index == index for f in failed) else formula
            right.append(elements.fact(so, step.names, step.now))
            wrong.append(elements.failure(so, step.names, step.now))
        twice = any(isinstance(f, WrittenTwice) for f in outcome.failures)
        wrong.append(is_not(step.no_conflict(), not twice))
        if not twice:
            wrong.append(is_not(step.in_range(), not any(isinstance(f, OutOfRange) for f in outcome.failures)))
        if outcome.state is not None:
            lines.append(f"(assert {step.witnesses()})")
            wrong += [negation(same(*pair)) for pair in pinned.cells_of(step, outcome.state)]
            for mine, claim in zip(pinned.family.text.properties, pinned.system.properties, strict=True):
                if claim.kind is PropertyKind.STEP:
                    term = Translator(pinned.vocabulary).formula(mine.formula, {}, step.now, step)
                    truth = bool(interpreter.evaluate(claim.formula, state, {}, outcome.state))
                    wrong.append(is_not(term, truth))
                    so = mine.formula if truth else Not(mine.formula)
                    wrong.append(elements.failure(so, {}, step.now, step))
    pinned.refutes(state, (*lines, *elements.declarations()), wrong, right)


def _values(kind: Type) -> range | tuple[bool, bool]:
    match kind:
        case BoolType():
            return (False, True)
        case IntType(low, high):
            return range(low, high + 1)
        case _:
            assert isinstance(kind, SortType)
            return range(len(kind.sort.members))


@COMMON
@given(systems(), st.data())
def test_without_free_sorts(system: System, data: st.DataObject) -> None:
    family = all_named(system)
    pinned = Pinned(family, members_of_size(family, ()))
    state = data.draw(states_of(system))

    check_formulas(pinned, state)
    check_steps(pinned, state, data)


@pytest.mark.slow
@settings(COMMON, max_examples=120)
@given(systems(), st.data())
def test_with_free_sorts(system: System, data: st.DataObject) -> None:
    """The same with quantifiers, at other sizes than that of the instance that the family was read off."""
    try:
        family = family_of(system, system.properties)
    except NotUniformError:
        assume(False)
    assume(family.orbits)
    sizes = tuple(data.draw(st.integers(1, 3)) for _ in family.orbits)
    pinned = Pinned(family, members_of_size(family, sizes))
    state = data.draw(states_of(pinned.system))

    try:
        check_formulas(pinned, state)
        check_steps(pinned, state, data)
    except UnsupportedError:
        assume(False)


@COMMON
@given(systems())
def test_an_instance_of_the_family_is_the_system_again(system: System) -> None:
    """Read off the made instance, the family is the same up to the names of members."""
    try:
        family = family_of(system, system.properties)
    except NotUniformError:
        assume(False)
    sizes = sizes_in(family, system, system.properties, system)
    made = instance(family, sizes)

    assert [len(sort.members) for sort in made.sorts] == [len(sort.members) for sort in system.sorts]


@pytest.mark.parametrize("seed", range(12))
def test_what_random_systems_seldom_have(seed: int) -> None:
    """Counts, constants of pairs, and writes of points that a loop does not go through."""
    family = opened("corners").family
    chance = random.Random(seed)
    pinned = Pinned(family, members_of_size(family, (chance.randint(1, 3), chance.randint(1, 3))))
    interpreter = Interpreter(pinned.system)
    for _ in range(3):
        state = tuple(chance.choice(values_of(cell.type)) for cell in interpreter.layout.cells)
        check_formulas(pinned, state)
        for action in pinned.system.actions:
            choices = list(product(*(_values(p.type) for p in action.parameters)))
            possible = [choice for choice in choices if interpreter.is_enabled(action, choice, state)]
            check_step(pinned, state, action, chance.choice(possible or choices))
