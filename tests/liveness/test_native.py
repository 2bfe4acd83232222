"""The graph that machine code explores is the one that closures explore, and so are the answers."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.engines.builders import mcs_lock, peterson, two_phase_commit
from tests.engines.oracles import TooMany, explore
from tests.native.symmetric import pointing_systems
from tests.strategies import graphs, systems
from verifier.engines.explicit import check
from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.liveness import automatic
from verifier.engines.explicit.liveness.graph import Graph, PlainGraph
from verifier.engines.explicit.liveness.routines import NO_UNIT
from verifier.engines.explicit.liveness.runner import Room, view
from verifier.engines.explicit.liveness.symmetric import lively_symmetry
from verifier.engines.explicit.liveness.units import Units
from verifier.engines.explicit.quotient import Quotient
from verifier.engines.native import bits, edges, formulas, successors
from verifier.engines.native.counting.graph import CountedGraph
from verifier.engines.native.graph import NativeGraph
from verifier.engines.native.unavailable import NativeUnavailable
from verifier.engines.verdict import Budget, Outcome
from verifier.engines.watch import Stopped, Watch
from verifier.system.expressions import FALSE, TRUE
from verifier.system.system import Fairness, Property, PropertyKind, System

MANNERS: dict[str, list[tuple[object, str, int]]] = {
    "as it is": [],
    "loops, small words": [(formulas, "UNROLL", 0), (successors, "UNROLL", 0), (bits, "WORD", 5)],
    "one at a time": [(edges, "ASIDE", 1), (edges, "TOGETHER", 1), (edges, "CHUNK", 1)],
    "two at a time": [(edges, "ASIDE", 3), (edges, "TOGETHER", 2), (edges, "CHUNK", 2)],
}


def edges_of(graph: Graph) -> list[set[tuple[int, int]]]:
    """For each state its transitions: the unit and the state that it leads to."""
    rows = graph.rows
    first, targets, units = view(rows.first), view(rows.targets), view(rows.units)
    return [
        {(units[edge], targets[edge]) for edge in range(first[state], first[state + 1])} for state in range(rows.count)
    ]


def marks(graph: Graph, claim: Property) -> tuple[list[int], bool]:
    flags = Room(Watch(Budget())).zeros(8, graph.rows.count)
    triggered = graph.mark(claim, flags, Watch(Budget()))
    return list(flags.view[: graph.rows.count]), triggered


@pytest.mark.parametrize("manner", MANNERS)
@given(model=st.one_of(systems(), graphs()))
@settings(max_examples=15, deadline=None)
def test_the_graph_is_the_same(manner: str, model: System) -> None:
    """States and their numbers, parents, transitions with their units, and what claims say of states."""
    try:
        explore(model, 200)
    except TooMany:
        assume(False)
    formulas_of = [claim.formula for claim in model.properties if claim.kind is not PropertyKind.STEP]
    goal, trigger = formulas_of[0], formulas_of[-2]
    claims = (
        Property("goal", PropertyKind.EVENTUALLY, goal, trigger),
        Property("response", PropertyKind.LEADS_TO, goal, trigger),
    )
    program, units, watch = Program(model), Units(model), Watch(Budget())
    plain = PlainGraph(program, Quotient(program), units, claims)
    plain.explore(watch)
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in MANNERS[manner]:
            patch.setattr(module, name, value)
        native = NativeGraph(program, units, watch)
        native.explore(watch)
        assert list(native.keys) == plain.keys
        assert list(view(native.rows.parents)) == list(view(plain.rows.parents))
        assert (native.transitions, native.depth) == (plain.transitions, plain.depth)
        assert edges_of(native) == edges_of(plain)
        for claim in claims:
            assert marks(native, claim) == marks(plain, claim)


@pytest.mark.parametrize("counted", [True, False])
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_the_graph_of_orbits_is_the_same(counted: bool, data: st.DataObject) -> None:
    """Up to the numbers of states: the same keys with the same transitions, units and marks, by counts or not."""
    model = data.draw(systems() if counted else st.one_of(systems(), pointing_systems()))
    formulas_of = [claim.formula for claim in model.properties if claim.kind is not PropertyKind.STEP]
    goal, trigger = formulas_of[0], formulas_of[-2]
    claims = (
        Property("goal", PropertyKind.EVENTUALLY, goal, trigger),
        Property("response", PropertyKind.LEADS_TO, goal, trigger),
    )
    program, units, watch = Program(model), Units(model), Watch(Budget())
    symmetry = lively_symmetry(program.interpreter, claims)
    assume(symmetry.orbits)
    try:
        explore(model, 200)
        native: Graph
        if counted:
            native = CountedGraph(program, symmetry, units, watch)
        else:
            native = NativeGraph(program, units, watch, symmetry)
        native.explore(watch)
    except (TooMany, NativeUnavailable):
        assume(False)
    plain = PlainGraph(program, Quotient(program, symmetry), units, claims)
    plain.explore(watch)
    number = {key: index for index, key in enumerate(plain.keys)}
    states = [native.quotient.view(key).state for key in native.keys]
    same = [number[plain.quotient.key(program.packing.seal(tuple(state)))] for state in states]
    assert sorted(same) == list(range(len(plain.keys)))
    assert native.depth == plain.depth
    assert native.transitions == plain.transitions or not counted
    theirs, ours = edges_of(native), edges_of(plain)
    for index, known in enumerate(same):
        assert {(unit, same[target]) for unit, target in theirs[index]} == ours[known]
    for claim in claims:
        flags, triggered = marks(native, claim)
        expected, anywhere = marks(plain, claim)
        assert (triggered, [expected[known] for known in same]) == (anywhere, flags)


@given(st.one_of(systems(), graphs()))
@settings(max_examples=100, deadline=None)
def test_units_are_told_apart_by_name_and_values(model: System) -> None:
    """Two transitions take one unit if the name and the first values agree, and only then; kinds are the actions'."""
    units = Units(model)
    kinds = units.kinds()
    seen: dict[object, int] = {}
    program = Program(model)
    for state in program.initial_states():
        for action, arguments, _ in program.successors(state):
            number = units.number(action, arguments)
            assert (number == NO_UNIT) == (action.fairness is Fairness.NONE)
            assert kinds[number] == (Fairness.NONE, Fairness.WEAK, Fairness.STRONG).index(action.fairness)
            if number != NO_UNIT:
                key = action.fair_name, arguments[: action.fair_parameters]
                assert seen.setdefault(key, number) == number
    assert len(set(seen.values())) == len(seen)
    assert len(kinds) == units.count


@given(graphs())
@settings(max_examples=25, deadline=None)
def test_answers_do_not_depend_on_who_finds_them(model: System) -> None:
    """Outcome and trace are the same; the method tells who found that there is none."""
    claims = tuple(claim for claim in model.properties if claim.kind is not PropertyKind.STUCK)
    plain = check(model, claims).verdicts
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(automatic, "MANY", 0)
        patch.setattr(automatic, "MANY_COUNTED", 0)
        native = check(model, claims).verdicts
    for one, other in zip(plain, native, strict=True):
        assert (one.outcome, one.states, one.transitions) == (other.outcome, other.states, other.transitions)
        assert (one.behaviour is None) == (other.behaviour is None)
        if one.behaviour is not None and other.behaviour is not None:
            assert one.behaviour.loop == other.behaviour.loop
        if other.outcome is Outcome.HOLDS:
            assert other.method == one.method + ", by machine code"


def never(model: System) -> Property:
    return Property("never", PropertyKind.EVENTUALLY, FALSE, span=model.properties[0].span)


def test_many_states_go_to_machine_code_only_where_there_is_some(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without llvmlite the answer is the same, and does not claim to be by machine code."""
    model = two_phase_commit(4)
    claim = Property("always", PropertyKind.LEADS_TO, TRUE)
    monkeypatch.setattr(automatic, "MANY", 100)
    (native,) = check(model, (claim,), symmetry=False).verdicts
    assert native.method == "exhaustive for this instance (1568 states), by machine code"
    for name in [name for name in sys.modules if name.startswith("verifier.engines.native.")]:
        if name.rpartition(".")[2] in ("graph", "routine", "edges"):
            monkeypatch.delitem(sys.modules, name)
            monkeypatch.setitem(sys.modules, name, None)
    (plain,) = check(model, (claim,), symmetry=False).verdicts
    assert plain.method == "exhaustive for this instance (1568 states)"
    assert replace(plain, method="", seconds=0) == replace(native, method="", seconds=0)


def test_a_large_quotient_goes_to_machine_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it can be explored there or not, the analysis is, and the method says both."""
    monkeypatch.setattr(automatic, "MANY_COUNTED", 100)
    (verdict,) = check(peterson(3), (Property("always", PropertyKind.LEADS_TO, TRUE),)).verdicts
    assert verdict.method.startswith("exhaustive for this instance (172 states), reduced by symmetry of ")
    assert verdict.method.endswith(", by machine code")


def test_a_large_quotient_that_cannot_be_counted_does_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """State by state; the answer and the way are those of the plain search."""
    model = mcs_lock(2)
    (plain,) = check(model, (never(model),)).verdicts
    explored = []
    explore_graph = NativeGraph.explore
    monkeypatch.setattr(NativeGraph, "explore", lambda self, watch: (explored.append(self), explore_graph(self, watch)))
    monkeypatch.setattr(automatic, "MANY_COUNTED", 10)
    (native,) = check(model, (never(model),)).verdicts
    assert len(explored) == 1
    assert (native.outcome, native.states, native.depth) == (plain.outcome, plain.states, plain.depth)
    assert native.behaviour is not None
    assert plain.behaviour is not None
    assert len(native.behaviour.steps) == len(plain.behaviour.steps)


def test_a_budget_leaves_claims_undetermined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of states or of memory, in either way of exploring and in the analysis; the reason says which."""
    model = two_phase_commit(4)
    for many in (10, 10**6):
        monkeypatch.setattr(automatic, "MANY", many)
        (verdict,) = check(model, (never(model),), Budget(states=500), symmetry=False).verdicts
        assert (verdict.outcome, verdict.reason) == (Outcome.UNDETERMINED, "the budget of 500 states was used up")
    monkeypatch.setattr(automatic, "MANY", 10)

    def full(self: Room, width: int, count: int) -> object:
        raise Stopped("the budget of 1 bytes of memory was used up")

    monkeypatch.setattr(Room, "zeros", full)
    (verdict,) = check(model, (never(model),), symmetry=False).verdicts
    assert verdict.outcome is Outcome.UNDETERMINED
    assert "memory" in verdict.reason


def test_too_many_units_are_not_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is decided then."""
    monkeypatch.setattr("verifier.engines.explicit.liveness.units.MOST", 2)
    model = peterson(3)
    fair = replace(model, actions=tuple(replace(a, fairness=Fairness.WEAK, fair_parameters=1) for a in model.actions))
    (verdict,) = check(fair, (never(model),)).verdicts
    assert (verdict.outcome, verdict.reason) == (
        Outcome.UNDETERMINED,
        "fairness is assumed of more than 2 things",
    )
