"""Which search is taken, and that its results do not depend on that."""

from __future__ import annotations

import sys

import pytest

from tests.engines.builders import peterson, two_phase_commit
from verifier.engines.explicit.compiler import Program
from verifier.engines.native import automatic
from verifier.engines.native.automatic import AutomaticSearch
from verifier.engines.verdict import Budget
from verifier.engines.watch import Stopped, Watch
from verifier.system.symmetry import Symmetry, infer
from verifier.system.system import System

NO_SYMMETRY = Symmetry(())


def searched(model: System, symmetry: Symmetry = NO_SYMMETRY, budget: Budget | None = None) -> AutomaticSearch:
    return AutomaticSearch(Program(model), model.properties, Watch(budget or Budget()), symmetry)


def test_many_states_are_searched_in_machine_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few states are not; everything that is found is the same."""
    model = two_phase_commit(4)
    plain = searched(model)
    plain.run(whole=True)
    monkeypatch.setattr(automatic, "MANY", 100)
    native = searched(model)
    native.run(whole=True)
    assert (plain.native, native.native) == (False, True)
    assert native.shown == plain.shown
    assert list(native.space.states) == plain.space.states
    measures = [(search.space.transitions, search.space.depth, search.space.complete) for search in (plain, native)]
    assert measures == [(8_257, 13, True)] * 2
    assert native.space.behaviour(1567) == plain.space.behaviour(1567)


def test_a_search_under_symmetry_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Machine code finds as many states as the plain search under the same symmetry."""
    monkeypatch.setattr(automatic, "MANY", 100 * automatic.SLOWER)
    model = peterson(3)
    search = searched(model, infer(Program(model).interpreter, model.properties))
    search.run(whole=True)
    assert (search.native, len(search.space.states)) == (True, 172)


def test_without_machine_code_the_search_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is kept, and the search is complete all the same."""
    monkeypatch.setattr(automatic, "MANY", 100)
    for name in [name for name in sys.modules if name.startswith("verifier.engines.native.search")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "verifier.engines.native.search", None)
    search = searched(two_phase_commit(4))
    search.run(whole=True)
    assert (search.native, len(search.space.states), search.space.complete) == (False, 1_568, True)
    assert "not installed" in search.without


def test_a_budget_ends_either_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found by then is kept, as incomplete."""
    for many in (100, 10_000):
        monkeypatch.setattr(automatic, "MANY", many)
        search = searched(two_phase_commit(5), budget=Budget(states=1000))
        with pytest.raises(Stopped, match="1000 states"):
            search.run(whole=True)
        assert search.native == (many == 100)
        assert 1000 < len(search.space.states) < 2000
        assert not search.space.complete
        assert list(search.shown) == ["never_aborts"]
