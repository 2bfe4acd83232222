"""Random systems: sizes and steps are those that trying everything gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from tests.proof.skeleton.oracle import TooManyError, choices_below, is_violated, scale_of_blocks
from tests.strategies import systems
from verifier.engines import explicit
from verifier.engines.proof.family import Family, NotUniformError, family_of
from verifier.engines.proof.instances import instance
from verifier.engines.proof.prover import provable
from verifier.engines.proof.skeleton.line import Line
from verifier.engines.proof.skeleton.smallest import Smallest, smallest
from verifier.engines.proof.solver import Answer, Solver
from verifier.engines.verdict import Budget
from verifier.engines.watch import Watch
from verifier.evidence.confirm import confirm
from verifier.evidence.replay import replay
from verifier.system.expressions import Not
from verifier.system.interpreter import Interpreter
from verifier.system.system import Property, PropertyKind, System

WITH_FORMULA = (PropertyKind.ALWAYS, PropertyKind.STEP)

LARGEST = 2
"""Blocks of each orbit where a search begins."""


@pytest.fixture(scope="module")
def solver() -> Iterator[Solver]:
    with Solver("z3") as opened:
        yield opened


def family_or_none(system: System) -> Family:
    """The family, if there is one with something open."""
    try:
        family = family_of(system, system.properties)
    except NotUniformError:
        assume(False)
    assume(family.orbits)
    return family


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(systems(), st.data())
def test_steps_violate_a_claim_if_some_behaviour_that_takes_them_does(
    solver: Solver, system: System, data: st.DataObject
) -> None:
    """Of any claim and any steps, in a system of any kind."""
    claims = provable(system.properties)
    opposites = [replace(claim, formula=Not(claim.formula)) for claim in claims if claim.kind in WITH_FORMULA]
    claim = data.draw(st.sampled_from((*claims, *opposites)))
    names = data.draw(st.lists(st.sampled_from([action.name for action in system.actions]), min_size=1, max_size=3))
    try:
        expected = is_violated(system, claim, names)
    except TooManyError:
        assume(False)

    line = Line(system, claim, names)
    reply = solver.ask(line.text, 20, tables=line.tables())

    event(f"{claim.kind.value} {reply.answer.value}")
    if may_be_seen_otherwise(system, claim, names):
        assert reply.answer is Answer.SAT or not expected
        return
    assert reply.answer is (Answer.SAT if expected else Answer.UNSAT)
    if reply.model is not None:
        behaviour = line.behaviour(reply.model)
        interpreter = Interpreter(system)
        confirm(interpreter, claim, replay(interpreter, behaviour))
        assert is_part([name for name, _ in behaviour.steps], names)


def may_be_seen_otherwise(system: System, claim: Property, names: Sequence[str]) -> bool:
    """Of two numbers that one step writes to a cell, the interpreter looks at the first only."""
    return claim.kind is PropertyKind.RANGE and is_violated(system, system.property_named("conflict"), names)


def is_part(some: Sequence[str], names: Sequence[str]) -> bool:
    return any(tuple(some) == part for part in combinations(names, len(some)))


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(systems())
def test_what_a_search_found_is_shown_at_sizes_that_nothing_smaller_can_replace(solver: Solver, system: System) -> None:
    """Of a counterexample of the largest sizes: the sizes are smallest for its steps, and the steps are fewest."""
    family = family_or_none(system)
    scale = scale_of_blocks(family)
    largest = (LARGEST,) * len(family.orbits)
    claims = provable(instance(family, largest).properties)
    for verdict in explicit.check(instance(family, largest), claims, Budget(states=2000)).verdicts:
        if verdict.behaviour is None:
            continue
        steps = [name for name, _ in verdict.behaviour.steps]
        claim = family.text.property_named(verdict.property)

        found = smallest(scale, claim.name, largest, steps, solver, Watch(Budget()))

        assert isinstance(found, Smallest), found
        if may_be_seen_otherwise(found.system, claim, [name for name, _ in found.behaviour.steps]):
            continue
        event(f"sizes {found.numbers}{'?' * bool(found.reason)}, {claim.kind.value}")
        check_shown(found, claim)
        names = [name for name, _ in found.behaviour.steps]
        for fewer in () if found.reason else choices_below(scale.least, found.numbers):
            assert not is_violated(instance(family, fewer), claim_in(instance(family, fewer), claim), names), fewer


def check_shown(found: Smallest, claim: Property) -> None:
    """The behaviour is one of the system, violates the claim, and a breadth-first search finds none of fewer steps."""
    interpreter = Interpreter(found.system)
    own = claim_in(found.system, claim)
    confirm(interpreter, own, replay(interpreter, found.behaviour))
    assert found.fewest
    (verdict,) = explicit.check(found.system, (own,), Budget(states=5000)).verdicts
    assert verdict.behaviour is not None
    assert len(found.behaviour.steps) == len(verdict.behaviour.steps)


def claim_in(system: System, claim: Property) -> Property:
    return system.property_named(claim.name)
