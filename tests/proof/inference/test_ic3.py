"""IC3 says what an exhaustive search says, and what it calls an invariant is one."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.bounded.oracle import search
from tests.proof.inference.protocols import protocol
from tests.proof.inference.test_circuit import claimed, nothing, violations
from tests.strategies import graphs, states_of, systems
from verifier.engines.proof.inference.circuit import Circuit
from verifier.engines.proof.inference.cubes import Cube, Cubes
from verifier.engines.proof.inference.ic3 import IC3, Answer
from verifier.engines.verdict import Budget
from verifier.engines.watch import Stopped, Watch
from verifier.evidence.confirm import confirm
from verifier.evidence.replay import replay
from verifier.system.expressions import Constant, Equal, Not, Read
from verifier.system.interpreter import Interpreter
from verifier.system.layout import State
from verifier.system.symmetry import Symmetry, infer
from verifier.system.system import Property, PropertyKind, System
from verifier.system.types import position_of, size_of

whatever = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))

ALL_STATES = 3_000
"""The most states for which an invariant's induction is checked on every one."""


def decide(system: System, seed: int = 0, symmetric: bool = True) -> tuple[Answer, Cubes]:
    circuit = Circuit(system, nothing)
    claims = claimed(system)
    cubes = Cubes(circuit, infer(Interpreter(system), claims) if symmetric else Symmetry(()))
    return IC3(circuit, cubes, Watch(Budget()), seed=seed).run(claims), cubes


def is_in(state: State, cube: Cube, system: System) -> bool:
    cells = Circuit(system, nothing).layout.cells
    return all(mask >> position_of(cells[place].type, state[place]) & 1 for place, mask in cube)


def excluded_by(answer: Answer, cubes: Cubes) -> list[Cube]:
    return [image for cube in answer.invariant for image in cubes.images(cube)]


@whatever
@given(systems(), st.integers(0, 3))
def test_verdicts_are_those_of_breadth_first_search(system: System, seed: int) -> None:
    """A claim is violated if and only if a search of all reachable states finds it so; the behaviour shown replays."""
    result = search(system)
    answer, cubes = decide(system, seed)
    violated = {violation.claim.name for violation in answer.violations}

    assert violated == {claim.name for claim in claimed(system)} & result.decided.keys()
    event(f"violated: {len(violated)}")
    interpreter = Interpreter(system)
    for violation in answer.violations:
        confirm(interpreter, violation.claim, replay(interpreter, violation.behaviour))
    excluded = excluded_by(answer, cubes)
    assert not any(is_in(state, cube, system) for state in result.states for cube in excluded)


def test_a_state_that_led_into_a_cube_counts_as_long_as_its_frame_has_it() -> None:
    """What was learnt after it was seen excludes it if and only if the frame does; then the question is asked again."""
    system = protocol("german")
    claims = claimed(system)
    circuit = Circuit(system, nothing)
    run = IC3(circuit, Cubes(circuit, infer(Interpreter(system), claims)), Watch(Budget()))
    run.run(claims)
    levels = range(1, len(run._frames))
    learnt = [one for level in levels for one in run._frames[level]]
    seen = [run._cubes.of_state(run._cubes.initial_state_in(()))]
    seen += [one.before for one in learnt if one.before is not None]
    seen += [image for one in learnt for image in one.images]
    told = {(run._excluded_since(cube, 0, level), run._excluded(cube, level)) for cube in seen for level in levels}
    assert told == {(True, True), (False, False)}
    known = len(run._history)
    assert not any(run._excluded_since(cube, known, level) for cube in seen for level in levels)
    last = next(level for level in levels if not run._frames[level])
    for one in run._frames[last + 1]:
        one.before, one.known = one.cube, 0
        assert run._stays_away(one, last)


@whatever
@given(systems())
def test_an_invariant_is_inductive_and_safe(system: System) -> None:
    """On every state of the types: from one that it allows no step leads to another, or violates an unrefuted claim."""
    interpreter = Interpreter(system)
    cells = interpreter.layout.cells
    total = 1
    for cell in cells:
        total *= size_of(cell.type)
    if total > ALL_STATES:
        return
    answer, cubes = decide(system)
    excluded = excluded_by(answer, cubes)
    circuit = Circuit(system, nothing)

    def allowed(state: State) -> bool:
        places = [position_of(cell.type, value) for cell, value in zip(cells, state, strict=True)]
        return not any(all(mask >> places[place] & 1 for place, mask in cube) for cube in excluded)

    event(f"clauses: {len(excluded)}")
    assert all(allowed(state) for state in interpreter.initial_states())
    good = {claim.name for claim in claimed(system)} - {v.claim.name for v in answer.violations}
    kept = [claim for claim in claimed(system) if claim.name in good]
    for state in product(*circuit.values):
        if allowed(state):
            broken = {c.name for c in kept if c.kind is PropertyKind.ALWAYS and not interpreter.holds(c.formula, state)}
            for action, arguments in interpreter.enabled(state):
                broken |= violations(interpreter, state, action, arguments) & good
                following = interpreter.perform(action, arguments, state).state
                assert following is None or allowed(following)
            assert not broken


@whatever
@given(st.data())
def test_images_of_a_cube_are_all_that_symmetry_makes_of_it(data: st.DataObject) -> None:
    """A state is in an image of a cube if and only if the state with two blocks exchanged is in an image of it."""
    system = data.draw(systems())
    interpreter = Interpreter(system)
    circuit = Circuit(system, nothing)
    symmetry = infer(interpreter, claimed(system))
    cubes = Cubes(circuit, symmetry)
    whole = cubes.of_state(data.draw(states_of(system)))
    chosen = data.draw(st.lists(st.sampled_from(whole), unique=True)) if whole else []
    cube = tuple(sorted((place, mask | data.draw(st.integers(0, cubes.everything[place]))) for place, mask in chosen))
    images = cubes.images(cube)
    assert images[0] == cube
    assert len(set(images)) == len(images)
    for orbit_number, orbit in enumerate(symmetry.orbits):
        for first in range(len(orbit) - 1):
            exchange = list(range(len(orbit)))
            exchange[first], exchange[first + 1] = first + 1, first
            assert {cubes._moved(image, {orbit_number: exchange}) for image in images} == set(images)


def test_a_run_that_is_cut_short_says_nothing() -> None:
    """With no time left there is no answer."""
    system = protocol("lock_service")
    circuit = Circuit(system, nothing)

    with pytest.raises(Stopped, match="seconds"):
        IC3(circuit, Cubes(circuit, Symmetry(())), Watch(Budget(seconds=0))).run(claimed(system))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(graphs(8), st.integers(0, 7))
def test_deep_states_are_found_or_excluded(system: System, target: int) -> None:
    """Walks of many steps: a place is never reached if and only if breadth-first search never gets there."""
    here = system.function("here")
    there = Equal(Read("here", (), here.result), Constant(target, here.result))
    system = replace(system, properties=(Property("away", PropertyKind.ALWAYS, Not(there)),))
    reached = search(system).decided
    answer, _ = decide(system)
    event(f"after {reached.get('away')} steps")

    assert [violation.claim.name for violation in answer.violations] == list(reached)


@pytest.mark.parametrize("variant", ["generous", "keeps_it"])
def test_violations_that_take_many_steps_are_found(variant: str) -> None:
    """Frames are equal only when no clause is left behind."""
    answer, _ = decide(protocol("lock_service", variant))

    assert [violation.claim.name for violation in answer.violations] == ["exclusive"]
