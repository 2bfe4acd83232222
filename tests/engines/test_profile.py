"""What a profile counts is what an obvious search counts."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

from tests.engines.builders import peterson, two_phase_commit, window
from verifier.engines.explicit.compiler import Program
from verifier.engines.native import automatic
from verifier.engines.profile import Profile, profile
from verifier.engines.verdict import Budget, Progress
from verifier.language.specification import Elaborated, Specification, open_specification
from verifier.system.layout import State
from verifier.system.system import System

ORACLES = Path(__file__).parents[1] / "oracles"
MODELS = [two_phase_commit(3), peterson(2), window(2)]


def obvious(model: System) -> tuple[list[State], dict[str, tuple[int, int, int]], int]:
    """All states, per action where it is possible, what it makes and what it finds, and the initial states, by hand."""
    program = Program(model)
    interpreter, unpack = program.interpreter, program.packing.unpack
    states = [unpack(state) for state in program.initial_states()]
    initial = len(states)
    seen = set(states)
    enabled, fired, first = Counter[str](), Counter[str](), Counter[str]()
    for state in states:
        here = set()
        for action, arguments in interpreter.enabled(state):
            after = interpreter.perform(action, arguments, state).state
            if after is None:
                continue
            here.add(action.name)
            fired[action.name] += 1
            if after not in seen:
                seen.add(after)
                states.append(after)
                first[action.name] += 1
        enabled.update(here)
    names = [action.name for action in model.actions]
    return states, {name: (enabled[name], fired[name], first[name]) for name in names}, initial


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
@pytest.mark.parametrize("native", [False, True])
def test_everything_is_counted(model: System, native: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without symmetry, after a search in Python or in machine code, for every action, function and cell."""
    if native:
        monkeypatch.setattr(automatic, "MANY", 5)
    states, actions, initial = obvious(model)
    found = profile(model, model.properties, 10**6, symmetry=False)
    assert (found.states, found.looked, found.initial, found.exact) == (len(states), len(states), initial, True)
    assert {a.name: (a.enabled, a.fired, a.first) for a in found.actions} == actions
    assert sum(a.fired for a in found.actions) == found.transitions
    assert sum(a.first for a in found.actions) + initial == found.states
    cells = Program(model).interpreter.layout.cells
    for function in found.functions:
        places = [place for place, cell in enumerate(cells) if cell.function == function.name]
        assert function.values == len({tuple(state[p] for p in places) for state in states})
        rest = {tuple(v for p, v in enumerate(state) if p not in places) for state in states}
        assert function.without == len(rest)
        assert [cell.values for cell in function.cells] == [len({state[p] for state in states}) for p in places]
        assert all(cell.values <= cell.possible for cell in function.cells)
    assert [f.name for f in found.functions] == [name for name, _ in groupby(cell.function for cell in cells)]


def test_representatives() -> None:
    """Under symmetry the numbers are those of the search; every state but the initial one was found by an action."""
    opened = open_specification(ORACLES / "two_phase_commit.flip")
    assert isinstance(opened, Specification)
    elaborated = opened.elaborate()
    assert isinstance(elaborated, Elaborated)
    model = elaborated.system
    found = profile(model, model.properties, 10**6)
    assert (found.states, found.exact) == (80, True)
    assert "interchangeable" in found.symmetry
    assert sum(a.fired for a in found.actions) == found.transitions
    assert sum(a.first for a in found.actions) == 79


def test_a_sample_says_that_it_is_one() -> None:
    """It is spread over the search, is the same each time, and does not claim what only all states could tell."""
    model = two_phase_commit(4)
    found, again = (profile(model, model.properties, 100, symmetry=False) for _ in range(2))
    assert found == again
    assert (found.states, found.looked, found.exact, found.complete) == (1_568, 100, False, True)
    assert all(function.without is None for function in found.functions)
    assert 0 < sum(a.first for a in found.actions) <= 100
    whole = profile(model, model.properties, 1_568, symmetry=False)
    assert whole.exact
    for part, all_ in zip(found.functions, whole.functions, strict=True):
        assert part.values <= all_.values


def cut(found: Profile, word: str) -> None:
    assert not found.exact
    assert not found.complete
    assert word in found.reason
    assert found.looked == found.states


def test_cut_short() -> None:
    """What there is by then is profiled, and the reason is given."""
    model = two_phase_commit(5)
    cut(profile(model, model.properties, 10**6, Budget(states=500), symmetry=False), "500 states")

    def interrupt(progress: Progress) -> None:
        raise KeyboardInterrupt

    found = profile(two_phase_commit(7), (), 10**6, observer=interrupt, symmetry=False)
    assert not found.exact
    assert found.reason == "interrupted"
