"""What is asked of a complete search in machine code: stuck states, actions that happened, what is without effect."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.engines.builders import always, everywhere, put, read, step, system
from tests.engines.oracles import TooMany, explore, replay, stuck_states
from tests.native.test_agreement import started
from tests.strategies import states_of, systems
from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.search import KINDS, Search
from verifier.engines.explicit.stuck import find_stuck
from verifier.engines.explicit.vacuity import findings
from verifier.engines.native import automatic, bits, stuck, vacuity
from verifier.engines.native.automatic import AutomaticSearch
from verifier.engines.native.search import NativeSearch
from verifier.engines.native.unavailable import NativeUnavailable
from verifier.engines.verdict import Budget
from verifier.engines.watch import Stopped, Watch
from verifier.system.expressions import FALSE, TRUE, And, Arithmetic, Constant, Equal, Implies, Less, Not, Open, Read
from verifier.system.symmetry import Symmetry
from verifier.system.system import Kind, System, Update
from verifier.system.types import BOOL, IntType, OptionalType

NOW = Watch(Budget())


def searched(model: System) -> NativeSearch:
    search = NativeSearch(Program(model), [claim for claim in model.properties if claim.kind in KINDS], NOW)
    search.run(whole=True)
    return search


@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_stuck_states_and_findings_are_those_of_the_other_search(data: st.DataObject) -> None:
    """The same behaviour to the first stuck state, the same findings; and that state is stuck by definition.

    Whether Python answers what is easy or machine code answers everything, in one word or several.
    """
    model = data.draw(systems())
    if data.draw(st.booleans()):
        model = started(model, data.draw(states_of(model)))
    try:
        _, edges, _ = explore(model, 300)
    except TooMany:
        assume(False)
    claims = [claim for claim in model.properties if claim.kind in KINDS]
    plain = Search(Program(model), claims, NOW)
    plain.run(whole=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bits, "WORD", data.draw(st.sampled_from((63, 4))))
        patch.setattr(stuck, "FEW", data.draw(st.sampled_from((-1, 2_000))))
        patch.setattr(stuck, "CHUNK", data.draw(st.sampled_from((1, 1 << 20))))
        patch.setattr(stuck, "TURN", data.draw(st.sampled_from((1, 1 << 12))))
        patch.setattr(vacuity, "SAMPLE", data.draw(st.sampled_from((1, 256))))
        patch.setattr(vacuity, "CHUNK", data.draw(st.sampled_from((1, 1 << 20))))
        native = searched(model)
        shown = native.find_stuck(NOW)
        assert shown == find_stuck(plain.space, NOW)
        assert native.findings(model.properties, NOW) == findings(plain.space, model.properties, NOW)
    stuck_ones = stuck_states(model, 300)
    assert (shown is None) == (not stuck_ones)
    assert shown is None or replay(model, shown)[0][-1] in stuck_ones
    happened = Counter(action.name for _, action, _, _ in edges)
    fired = {action.name: count for action, count in zip(model.actions, native.fired, strict=True) if count}
    assert fired == happened


def chain(length: int, ending: int, backwards: bool) -> System:
    """Flags are thrown, then hardware counts in one direction; where it ends, a step is possible if it is `ending`."""
    number = IntType(0, length)
    started_, at = everywhere("started", (), BOOL, False), everywhere("at", (), number, 0)
    place = read(at)
    by = -1 if backwards else 1
    count = Arithmetic("+", place, Constant(by, IntType(by, by)), IntType(-1, length + 1))
    going = Less(Constant(0, number), place) if backwards else Less(place, Constant(length, number))
    first = replace(step("throw", (), Not(read(started_)), put(started_, value=Constant(True, BOOL))), kind=Kind.FAULT)
    jumps = [
        replace(
            step(f"jump{i}", (), Not(read(started_)), put(started_, value=TRUE), put(at, value=Constant(i, number))),
            kind=Kind.FAULT,
        )
        for i in range(1, length + 1)
    ]
    move = replace(step("move", (), And((read(started_), going)), put(at, value=count)), kind=Kind.HARDWARE)
    last = step(
        "end",
        (),
        And((read(started_), Equal(place, Constant(ending, number)))),
        put(at, value=Constant(ending, number)),
    )
    begin = step("begin", (), Not(read(started_)), put(started_, value=Constant(False, BOOL)))
    claim = always("says_nothing", Implies(Less(Constant(length, number), place), read(started_)))
    return replace(system("chain", (started_, at), (first, *jumps, move, last, begin), claim), final=FALSE)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("ending", [0, 5, 9])
def test_what_the_hardware_leads_to_is_followed_to_its_end(
    backwards: bool, ending: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stuck is only what lies beyond the last state with a step, in whichever order the states were found."""
    monkeypatch.setattr(stuck, "FEW", -1)
    model = chain(9, ending, backwards)
    native = searched(model)
    shown = native.find_stuck(NOW)
    beyond = range(ending) if backwards else range(ending + 1, 10)
    assert {dict(enumerate(state))[1] for state in stuck_states(model, 100)} == set(beyond)
    assert (shown is None) == (not beyond)
    assert shown is None or replay(model, shown)[0][-1] in stuck_states(model, 100)


def test_a_fault_is_not_relied_upon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only a fault leads to a step again, the protocol is stuck."""
    monkeypatch.setattr(stuck, "FEW", -1)
    model = chain(3, 3, backwards=False)
    assert searched(model).find_stuck(NOW) is None
    actions = tuple(replace(a, kind=Kind.FAULT) if a.name == "move" else a for a in model.actions)
    assert searched(replace(model, actions=actions)).find_stuck(NOW) is not None


def test_what_is_true_in_one_late_state_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Machine code goes through all states, however they are divided up."""
    monkeypatch.setattr(vacuity, "SAMPLE", 1)
    model = chain(9, 9, backwards=False)
    number = IntType(0, 9)
    at_end = Equal(Read("at", (), number), Constant(9, number))
    says = always("says", Implies(And((at_end, Read("started", (), BOOL))), FALSE))
    for size in (1, 4, 1 << 20):
        monkeypatch.setattr(vacuity, "CHUNK", size)
        for claim, vacuous in ((says, False), (model.properties[0], True)):
            found = searched(model).findings((claim,), NOW)
            assert ("vacuous implication" in [finding.kind for finding in found]) == vacuous


@given(states=st.integers(0, 300), row=st.integers(1, 40))
def test_all_states_are_looked_at_once(states: int, row: int) -> None:
    """Here and there: rows of states that make up all of them; the first ones are far apart."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vacuity, "CHUNK", row)
        rows = list(vacuity.here_and_there(states))
    assert sorted(state for start, count in rows for state in range(start, start + count)) == list(range(states))
    if len(rows) > 1:
        assert rows[1][0] >= states // 2 - row


def test_budgets_hold_afterwards_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither time nor memory beyond the budget; a question that is not answered is not answered "holds"."""
    monkeypatch.setattr(stuck, "FEW", -1)
    model = chain(9, 9, backwards=False)
    native = searched(model)
    for budget in (Budget(seconds=0), Budget(memory=1)):
        with pytest.raises(Stopped):
            native.find_stuck(Watch(budget))
    monkeypatch.setattr(vacuity, "SAMPLE", 1)
    with pytest.raises(Stopped):
        native.findings(model.properties, Watch(Budget(seconds=0)))
    assert native.findings(model.properties, NOW)[0].kind == "vacuous implication"


def test_where_there_is_no_machine_code_python_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """`final` may have values that fit into no word though no action has."""
    wide = IntType(0, 1 << 61)
    big = everywhere("big", (), OptionalType(BOOL), True)
    square = Arithmetic("*", Constant(1 << 61, wide), Constant(4, IntType(4, 4)), IntType(0, 1 << 63))
    over = Less(square, Constant(1, IntType(1, 1)))
    move = step("move", (), Open(read(big), BOOL), Update("big", (), Constant(False, big.result)))
    model = replace(system("wide", (big,), (move,)), final=over)
    monkeypatch.setattr(automatic, "MANY", 0)
    monkeypatch.setattr(stuck, "FEW", -1)
    search = AutomaticSearch(Program(model), (), NOW, Symmetry(()))
    search.run(whole=True)
    assert search.native
    with pytest.raises(NativeUnavailable):
        searched(model).find_stuck(NOW)
    shown = search.find_stuck(NOW)
    assert shown is not None
    assert [name for name, _ in shown.steps] == ["move"]
