"""The circuit of a system and the reference interpreter mean the same, on random systems and random states."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.strategies import states_of, systems
from verifier.engines.proof.inference.circuit import CLAIMS, Circuit
from verifier.engines.proof.inference.gates import FALSE, TRUE, Gates, Literal
from verifier.engines.proof.inference.questions import Questions
from verifier.system import expressions
from verifier.system.expressions import Constant
from verifier.system.interpreter import AssertionFailed, Interpreter, OutOfRange, WrittenTwice
from verifier.system.layout import State
from verifier.system.system import Action, Function, Kind, Property, PropertyKind, System, Table, Update
from verifier.system.types import IntType, Value, position_of, values_of

whatever = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))


def nothing() -> None:
    """A look that never ends anything."""


def claimed(system: System) -> list[Property]:
    return [claim for claim in system.properties if claim.kind in CLAIMS]


class Ground:
    """A circuit with a solver that says what its literals are in a state."""

    def __init__(self, system: System, claims: list[Property]) -> None:
        self.circuit = Circuit(system, nothing)
        self.violated = {claim.name: self.circuit.violated(claim) for claim in claims}
        self.questions = Questions(self.circuit.gates.clauses, self.circuit.gates.top, nothing)

    def at(self, state: State, *chosen: Literal) -> Callable[[Literal], bool]:
        parts = [
            literals[position_of(cell.type, value)]
            for cell, literals, value in zip(self.circuit.layout.cells, self.circuit.before, state, strict=True)
        ]
        assert self.questions.possible([*parts, *chosen])
        return self.questions.model()

    def after(self, is_true: Callable[[Literal], bool]) -> State:
        return tuple(
            next(value for value, literal in zip(values, literals, strict=True) if is_true(literal))
            for values, literals in zip(self.circuit.values, self.circuit.after, strict=True)
        )


def violations(interpreter: Interpreter, state: State, action: Action, arguments: tuple[Value, ...]) -> set[str]:
    """The claims about steps that the interpreter finds violated by the action."""
    outcome = interpreter.perform(action, arguments, state)
    kinds = {OutOfRange: PropertyKind.RANGE, WrittenTwice: PropertyKind.CONFLICT}
    found = set()
    for claim in interpreter.system.properties:
        failures = outcome.failures
        if any(
            f.property == claim.name
            if isinstance(f, AssertionFailed) and claim.kind is PropertyKind.ASSERTION
            else kinds.get(type(f)) is claim.kind
            for f in failures
        ):
            found.add(claim.name)
        if (
            claim.kind is PropertyKind.STEP
            and outcome.state is not None
            and not interpreter.evaluate(claim.formula, state, {}, outcome.state)
        ):
            found.add(claim.name)
    return found


@whatever
@given(st.data())
def test_steps_and_violations_are_those_of_the_interpreter(data: st.DataObject) -> None:
    """In any state each action instance is possible, leads on, and violates claims as the interpreter says."""
    system = data.draw(systems())
    interpreter = Interpreter(system)
    ground = Ground(system, claimed(system))
    happenings = {(h.action.name, h.arguments): h for h in ground.circuit.happenings}
    state = data.draw(states_of(system))
    for action in system.actions:
        for arguments in product(*(values_of(parameter.type) for parameter in action.parameters)):
            enabled = interpreter.is_enabled(action, arguments, state)
            happening = happenings.get((action.name, arguments))
            if happening is None:
                assert not enabled
                continue
            is_true = ground.at(state, happening.literal)
            outcome = interpreter.perform(action, arguments, state) if enabled else None
            moved = outcome is not None and outcome.state is not None
            event(f"enabled: {enabled}, moved: {moved}")
            assert is_true(ground.circuit.moves) == moved
            assert ground.circuit.state(is_true) == state
            assert ground.circuit.happening(is_true) is happening
            if outcome is not None and outcome.state is not None:
                assert ground.after(is_true) == outcome.state
            expected = violations(interpreter, state, action, arguments) if enabled else set()
            found = {
                c.name
                for c in claimed(system)
                if c.kind is not PropertyKind.ALWAYS and is_true(ground.violated[c.name])
            }
            assert found == expected


@whatever
@given(st.data())
def test_formulas_are_true_where_the_interpreter_says(data: st.DataObject) -> None:
    """Claims on states, and the same formulas after a step."""
    system = data.draw(systems())
    interpreter = Interpreter(system)
    state = data.draw(states_of(system))
    claims = [c for c in system.properties if c.kind in (PropertyKind.ALWAYS, PropertyKind.REACHABLE)]
    circuit = Circuit(system, nothing)
    now = {claim.name: circuit.holds(claim.formula) for claim in claims}
    then = {claim.name: circuit.holds_after(claim.formula) for claim in claims}
    ground = Ground(system, [])
    ground.circuit = circuit
    ground.questions = Questions(circuit.gates.clauses, circuit.gates.top, nothing)
    is_true = ground.at(state)
    for claim in claims:
        assert is_true(now[claim.name]) == interpreter.holds(claim.formula, state)
    for happening in circuit.happenings:
        is_true = ground.at(state, happening.literal)
        if is_true(circuit.moves):
            following = interpreter.perform(happening.action, happening.arguments, state).state
            assert following is not None
            for claim in claims:
                assert is_true(then[claim.name]) == interpreter.holds(claim.formula, following)


@whatever
@given(systems())
def test_initial_states_are_those_of_the_interpreter(system: System) -> None:
    """As masks for each cell, and as literals."""
    circuit = Circuit(system, nothing)
    expected = set(Interpreter(system).initial_states())
    choices = [
        [value for index, value in enumerate(values) if mask >> index & 1]
        for values, mask in zip(circuit.values, circuit.initial, strict=True)
    ]

    assert set(product(*choices)) == expected

    questions = Questions(circuit.gates.clauses, circuit.gates.top, nothing)
    assert questions.possible(circuit.starts)
    assert circuit.state(questions.model()) in expected


def test_gates_fold() -> None:
    """Constants, repetitions and contradictions make no gate, and equal gates are one."""
    gates = Gates()
    a, b = gates.variable(), gates.variable()

    assert gates.conjunction(()) == TRUE
    assert gates.disjunction(()) == FALSE
    assert gates.conjunction((a, TRUE, a)) == a
    assert gates.conjunction((a, b, -a)) == FALSE
    assert gates.conjunction((a, b)) == gates.conjunction((b, a, TRUE))
    assert gates.disjunction((a, TRUE)) == TRUE
    assert gates.equivalence(a, a) == TRUE
    assert gates.equivalence(a, -a) == FALSE
    assert gates.equivalence(a, TRUE) == a


def test_a_second_write_is_a_conflict_and_held_against_the_range_too() -> None:
    """Updates have no order, so no write of a cell is the first."""
    one, two = IntType(0, 1), IntType(2, 2)
    action = Action(
        "twice",
        Kind.STEP,
        "actor",
        (),
        expressions.TRUE,
        (Update("x", (), Constant(1, one)), Update("x", (), Constant(2, two))),
    )
    claims = (Property("range", PropertyKind.RANGE), Property("conflict", PropertyKind.CONFLICT))
    system = System("twice", (), (Function("x", (), one, Table((0,))),), (action,), claims)
    ground = Ground(system, list(claims))
    is_true = ground.at((0,))

    assert violations(Interpreter(system), (0,), action, ()) == {"conflict", "range"}
    assert is_true(ground.violated["conflict"])
    assert is_true(ground.violated["range"])
