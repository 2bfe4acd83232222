"""Where states are: in memory as long as the budget allows it, then in files, with the same results."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engines.builders import mcs_lock, two_phase_commit
from tests.native.test_search import one_by_one
from verifier.engines.explicit.compiler import Program
from verifier.engines.native import files, memory
from verifier.engines.native.context import Slot
from verifier.engines.native.memory import Array
from verifier.engines.native.search import NativeSearch
from verifier.engines.verdict import Budget
from verifier.engines.watch import Stopped, Watch, memory_resident, memory_used
from verifier.system.system import System


def search_within(model: System, more: int, places: int = 16) -> NativeSearch:
    """A search that may use `more` bytes than the process does now."""
    watch = Watch(Budget())
    search = NativeSearch(Program(model), model.properties, watch, places)
    watch.budget = Budget(memory=memory_used() + more)
    return search


def everything(search: NativeSearch) -> tuple[object, ...]:
    states, parents = list(search.states), list(search.parents)
    return states, parents, search.transitions, search.depth, search.complete, search.shown


def only_tables(monkeypatch: pytest.MonkeyPatch, allowed: Callable[[int], bool] = lambda places: True) -> None:
    """There is memory for the tables of some sizes, and none for states."""

    def decide(store: object, places: int, watch: Watch, in_memory: bool = False) -> bool:
        return not in_memory and allowed(places)

    monkeypatch.setattr("verifier.engines.native.store.Store._allowed", decide)


@pytest.mark.parametrize("model", [two_phase_commit(5), mcs_lock(3), one_by_one(40)], ids=lambda model: model.name)
def test_in_files_everything_is_the_same(model: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """States, their order, parents and behaviours, with states of one word and of many, and files that grow often."""
    plain = NativeSearch(Program(model), model.properties, Watch(Budget()))
    plain.run(whole=True)
    assert not plain._store.in_files
    only_tables(monkeypatch)
    monkeypatch.setattr("verifier.engines.native.store.LEAST", 16)
    filed = search_within(model, 1 << 30)
    filed.run(whole=True)
    assert filed._store.in_files
    assert everything(filed) == everything(plain)


def test_a_fuller_table_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no memory for a table of twice the size, 7 of 8 places are used instead of 5 of 8, and no more."""
    model = two_phase_commit(4)
    plain = NativeSearch(Program(model), model.properties, Watch(Budget()))
    plain.run(whole=True)
    only_tables(monkeypatch, lambda places: places <= 2048)
    full = search_within(model, 1 << 30)
    full.run(whole=True)
    assert (len(full.states), full._store.get(Slot.MASK)) == (1_568, 2047)
    assert 2048 * 5 // 8 < 1_568 < 2048 * 7 // 8
    assert everything(full) == everything(plain)
    only_tables(monkeypatch, lambda places: places <= 1024)
    with pytest.raises(Stopped, match="memory"):
        search_within(model, 1 << 30).run(whole=True)


def test_memory_that_the_budget_does_not_allow_is_in_files() -> None:
    """With memory for the table but not for all the states the search ends, and stays within the budget."""
    model = two_phase_commit(7)
    search = search_within(model, 9_000_000)
    limit = search._watch.budget.memory
    assert limit is not None
    search.run(whole=True)
    assert search._store.in_files
    assert (len(search.states), search.complete) == (296_448, True)
    assert memory_used() <= limit


def test_pages_of_files_are_no_memory_of_the_process(tmp_path: Path) -> None:
    """What is written to a file does not count, and can be taken out of memory without being lost."""
    array = Array(8)
    array.to_file(os.open(tmp_path / "numbers", os.O_RDWR | os.O_CREAT), 0)
    array.reserve(1 << 22, 0)
    used, resident = memory_used(), memory_resident()
    array.content(0, 1 << 22)[:] = bytes(range(256)) * (1 << 17)
    assert memory_resident() > resident + (30 << 20)
    assert memory_used() < used + (80 << 20)  # the bytes on the right side are gone again, if Python gives them back
    array.release()
    assert memory_resident() < resident + (80 << 20)
    assert bytes(array.content(5, 6)) == bytes(range(40, 48))


def test_a_full_disk_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a reason that names the place; what was found is still there to be shown."""
    real, asked = os.posix_fallocate, []

    def full(file: int, start: int, size: int) -> None:
        asked.append(size)
        if len(asked) > 6:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(file, start, size)

    monkeypatch.setattr(memory.os, "posix_fallocate", full)
    monkeypatch.setattr("verifier.engines.native.store.LEAST", 64)
    only_tables(monkeypatch)
    search = search_within(two_phase_commit(5), 1 << 30)
    with pytest.raises(Stopped, match=r"/tmp: the disk is full"):
        search.run(whole=True)
    assert not search.complete
    assert 0 < len(search.states) < 8_832
    assert len(list(search.states)) == len(search.states)


def test_no_temporary_files_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A temporary directory that is itself in memory would not save any."""
    monkeypatch.setattr(files, "is_in_memory", lambda directory: True)
    only_tables(monkeypatch)
    with pytest.raises(Stopped, match="no more memory, and no disk"):
        search_within(two_phase_commit(5), 1 << 30).run(whole=True)


def test_where_files_are_in_memory() -> None:
    """As the system says; where it has no such directory nothing is known."""
    if not os.path.isdir("/dev/shm"):
        pytest.skip("there is no /dev/shm")
    assert files.is_in_memory("/dev/shm")
    assert not files.is_in_memory("/proc")


def test_temporary_files_have_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are gone however the process ends."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(files, "is_in_memory", lambda directory: False)
    file = files.nameless_file()
    os.write(file, b"states")
    os.close(file)
    assert list(tmp_path.iterdir()) == []
