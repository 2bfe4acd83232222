"""A watch looks after a budget; a part of a search has a limit of its own besides."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.engines.verdict import Budget, Keeping, Progress
from verifier.engines.watch import Enough, Part, Stopped, Watch


def test_a_part_ends_with_its_states_or_its_transitions() -> None:
    part = Part(Watch(Budget()), states=10, transitions=100)
    part.look("search", 10, 100, 1, 1)
    with pytest.raises(Enough):
        part.look("search", 11, 100, 1, 1)
    with pytest.raises(Enough):
        part.look("search", 10, 101, 1, 1)


def test_a_part_without_limits_never_has_enough() -> None:
    Part(Watch(Budget())).look("search", 10**12, 10**12, 1, 1)


def test_the_budget_of_the_whole_ends_a_part() -> None:
    """That is no end in good order, so it comes first."""
    part = Part(Watch(Budget(states=5)), states=3)
    with pytest.raises(Stopped):
        part.look("search", 6, 0, 1, 1)


def test_a_part_has_a_name_for_observers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.engines.watch.INTERVAL", 0.0)
    seen: list[Progress] = []
    watch = Watch(Budget(), seen.append)
    Part(watch).look("search", 1, 0, 1, 1)
    Part(watch, name="liveness").look("search", 1, 0, 1, 1)
    assert [moment.engine for moment in seen] == ["search", "liveness"]


def test_a_part_keeps_nothing(tmp_path: Path) -> None:
    """What is kept is for the search as a whole to go on from."""
    whole = Watch(Budget(memory=7, keeping=Keeping(tmp_path)))
    assert Part(whole).budget == Budget(memory=7)
