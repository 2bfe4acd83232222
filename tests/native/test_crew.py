"""Several threads find what one thread finds: the same states in the same order, and all that is told of them."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.engines.builders import mcs_lock, two_phase_commit
from tests.engines.oracles import TooMany, explore
from tests.native.test_agreement import started
from tests.native.test_checkpoint import half_idle
from tests.native.test_search import one_by_one
from tests.strategies import states_of, systems
from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.search import KINDS
from verifier.engines.native import bits, crew, kernel, search, shared, stretches, table
from verifier.engines.native.context import Slot, Status
from verifier.engines.native.search import NativeSearch
from verifier.engines.verdict import Budget, Keeping, Progress
from verifier.engines.watch import Stopped, Watch
from verifier.system.system import Property, PropertyKind, System

MANNERS: dict[str, dict[str, int]] = {
    "as it is": {},
    "one state at a time": {"STRETCH": 1, "BATCH": 1},
    "few at a time": {"STRETCH": 3, "BATCH": 2, "STRETCHES": 2},
    "no room in a stretch": {"STRETCH": 50, "BATCH": 1, "AGAIN": 1, "STRETCHES": 3},
    "words": {"WORD": 4, "STRETCH": 2},
    "one home for all": {"WORD": 4, "MULTIPLIER": 1, "STRETCH": 2},
}
"""Borders in other places, by the constants that say where they are."""


def arranged(patch: pytest.MonkeyPatch, manner: str = "as it is") -> None:
    """From the first state on, all threads are used."""
    for name, value in {"MANY": 0, "WIDE": 0, **MANNERS[manner]}.items():
        for module in (bits, crew, kernel, search, shared, stretches, table):
            if hasattr(module, name):
                patch.setattr(module, name, value)
    run = crew.Crew.run

    def at_rest(self: crew.Crew) -> Status:
        """Nobody may be at work on the store when Python is."""
        status = run(self)
        assert self._board[shared.Board.BUSY] == 0
        return status

    patch.setattr(crew.Crew, "run", at_rest)


def searched(
    system: System, threads: int, places: int = 64, whole: bool = True, states: int | None = None
) -> NativeSearch:
    claims = [claim for claim in system.properties if claim.kind in KINDS]
    found = NativeSearch(Program(system), claims, Watch(Budget(states=states, threads=threads)), places)
    try:
        found.run(whole)
    except Stopped:
        assert states is not None
    return found


def everything(found: NativeSearch) -> tuple[object, ...]:
    """All that a search tells, and all that later looks at its states rest on."""
    store = found.store
    told = found.transitions, found.depth, found.complete, found.shown, found.fired
    taken = store.get(Slot.TAKEN)
    idle = [number for number in store.idle_states() if number < taken]
    return list(found.states), list(found.parents), told, taken, idle, list(store.first)


@pytest.mark.parametrize("manner", MANNERS)
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_threads_find_what_one_finds(manner: str, data: st.DataObject) -> None:
    """Random systems, wherever the borders are, with tables that grow; to the end, and only until all is decided."""
    system = data.draw(systems())
    if data.draw(st.booleans()):
        system = started(system, data.draw(states_of(system)))
    try:
        explore(system, 400)
    except TooMany:
        assume(False)
    places, whole = data.draw(st.sampled_from((1, 64))), data.draw(st.booleans())
    with pytest.MonkeyPatch.context() as patch:
        arranged(patch, manner)
        one, three = searched(system, 1, places, whole), searched(system, 3, places, whole)
        assert everything(three) == everything(one)
        if one.complete:
            assert three.find_stuck(Watch(Budget())) == one.find_stuck(Watch(Budget()))


LARGE = [two_phase_commit(6), mcs_lock(3), half_idle(), one_by_one(100)]


@pytest.mark.parametrize("threads", [2, 5])
@pytest.mark.parametrize("model", LARGE, ids=lambda model: model.name)
def test_large_searches(model: System, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many turns, tables that grow in the middle, states of one word and of many, layers that are wide and narrow."""
    arranged(monkeypatch)
    one, several = searched(model, 1, places=1), searched(model, threads, places=1)
    assert several._crew is not None
    assert everything(several) == everything(one)
    assert several.find_stuck(Watch(Budget())) == one.find_stuck(Watch(Budget()))


@pytest.mark.parametrize("states", [1, 100, 5_000, 20_000])
def test_a_budget_of_states_ends_the_search_at_the_same_state(states: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it ends early, what was found does not depend on the threads."""
    arranged(monkeypatch)
    model = two_phase_commit(6)
    one, again, three = (searched(model, threads, states=states) for threads in (1, 3, 3))
    assert everything(one) == everything(again) == everything(three)
    assert not one.complete


def test_a_claim_that_is_decided_ends_the_search_at_the_same_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """A violation is found with the same trace, and the same states beside it, however often it is looked for."""
    arranged(monkeypatch)
    model = two_phase_commit(5)
    for claim in model.properties[1:]:
        asked = replace(model, properties=(claim,))
        found = [everything(searched(asked, threads, whole=False)) for threads in (1, 2, 4)]
        assert found.count(found[0]) == len(found)


def test_one_event_is_seen_in_many_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all the states and steps that show an event, the first one is taken, whichever thread saw another before."""
    arranged(monkeypatch)
    model = one_by_one(7)
    never = replace(model.properties[0], name="never", formula=model.properties[1].formula)
    step_ = Property("stays", PropertyKind.STEP, never.formula)
    for claims in ((never,), (step_,), (never, step_)):
        asked = replace(two_phase_commit(1), functions=model.functions, actions=model.actions, properties=claims)
        assert everything(searched(asked, 4)) == everything(searched(asked, 1))


def test_what_was_begun_with_some_threads_goes_on_with_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint does not know of threads; and interrupts leave one that is whole."""
    arranged(monkeypatch)
    monkeypatch.setattr(search, "LONG_TURN", 0.001)
    monkeypatch.setattr("verifier.engines.watch.INTERVAL", 0)
    model = two_phase_commit(6)
    plain = NativeSearch(Program(model), model.properties, Watch(Budget(threads=1)))
    plain.run(whole=True)
    for part, threads in enumerate((2, 1, 3, 2), 1):

        def interrupt(progress: Progress, at: int = len(plain.states) * part // 5) -> None:
            if progress.states > at:
                raise KeyboardInterrupt

        budget = Budget(keeping=Keeping(tmp_path, 1e-9), threads=threads)
        cut = NativeSearch(Program(model), model.properties, Watch(budget, interrupt))
        with pytest.raises(Stopped, match="interrupted"):
            cut.run(whole=True)
        assert not cut.complete
        assert list(cut.states) == list(plain.states)[: len(cut.states)]
    last = NativeSearch(Program(model), model.properties, Watch(Budget(keeping=Keeping(tmp_path), threads=3)))
    last.run(whole=True)
    assert everything(last) == everything(plain)


@pytest.mark.parametrize("budget", [Budget(threads=4), Budget(states=10_000, threads=4)])
def test_no_thread_is_left(budget: Budget, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads end with the search, whether it was complete or not."""
    arranged(monkeypatch)
    model = two_phase_commit(6)
    before = threading.active_count()
    found = NativeSearch(Program(model), (), Watch(budget))
    try:
        found.run(whole=True)
    except Stopped:
        assert budget.states is not None
    assert found._crew is not None
    assert threading.active_count() == before


def test_threads_that_cannot_be_had_are_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread does the work of all."""

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    arranged(monkeypatch)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    model = two_phase_commit(5)
    assert everything(searched(model, 4)) == everything(searched(model, 1))


def test_small_and_narrow_searches_stay_with_one_thread() -> None:
    """Few states are found sooner by one thread; and so is a long row of them."""
    for model in (two_phase_commit(5), one_by_one(225)):
        assert searched_as_usual(model)._crew is None


def searched_as_usual(model: System) -> NativeSearch:
    found = NativeSearch(Program(model), (), Watch(Budget(threads=8)))
    found.run(whole=True)
    return found


@pytest.mark.parametrize(("idle", "threads", "expected"), [(True, None, 2), (False, None, 1), (False, 2, 2)])
def test_by_itself_a_search_uses_processors_that_are_idle(
    idle: bool, threads: int | None, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many threads as are asked for; if nobody asks, those there are processors for, unless all of them are busy."""
    arranged(monkeypatch)
    monkeypatch.setattr(crew, "processors", lambda: 2)
    monkeypatch.setattr(search, "idle_processor", lambda: idle)
    model = two_phase_commit(4)
    found = NativeSearch(Program(model), (), Watch(Budget(threads=threads)))
    found.run(whole=True)
    assert (1 if found._crew is None else 1 + len(found._crew._threads)) == expected
