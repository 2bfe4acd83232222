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
from verifier.engines.native.machine_code import MachineCode, rest
from verifier.engines.native.memory import Array
from verifier.engines.native.search import NativeSearch
from verifier.engines.native.store import Store
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
    """Where there is no memory for a larger table, 15 of 16 places are used instead of 17 of 20, and no more."""
    model = two_phase_commit(4)
    plain = NativeSearch(Program(model), model.properties, Watch(Budget()))
    plain.run(whole=True)
    only_tables(monkeypatch, lambda places: places <= 1840)
    full = search_within(model, 1 << 30, places=920)
    full.run(whole=True)
    assert (len(full.states), full._store.get(Slot.PLACES)) == (1_568, 1840)
    assert 1840 * 17 // 20 < 1_568 < 1840 * 15 // 16
    assert everything(full) == everything(plain)
    only_tables(monkeypatch, lambda places: places <= 920)
    with pytest.raises(Stopped, match="memory"):
        search_within(model, 1 << 30, places=920).run(whole=True)


@pytest.mark.parametrize("model", [two_phase_commit(6), mcs_lock(3), one_by_one(40)], ids=lambda model: model.name)
def test_a_table_grows_where_it_is(model: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """By twice its size and by half of it, with states of one word and of many; no state is found a second time."""
    filled = []
    fill = Store.fill

    def counted(self: Store, code: MachineCode) -> None:
        filled.append(self.get(Slot.PLACES))
        fill(self, code)

    monkeypatch.setattr(Store, "fill", counted)
    one_go = NativeSearch(Program(model), model.properties, Watch(Budget()), 1 << 18)
    one_go.run(whole=True)
    assert not filled
    for large in (1 << 30, 16):
        monkeypatch.setattr("verifier.engines.native.store.LARGE", large)
        grown = NativeSearch(Program(model), model.properties, Watch(Budget()), 1 << 14)
        grown.run(whole=True)
        assert everything(grown) == everything(one_go)
    assert not filled


def test_a_table_that_cannot_grow_where_it_is_is_filled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """States that all belong to the same place, before which there is none: they go on from the end of the table."""
    filled = []
    fill = Store.fill

    def counted(self: Store, code: MachineCode) -> None:
        filled.append(self.get(Slot.PLACES))
        fill(self, code)

    model = two_phase_commit(4)
    usual = NativeSearch(Program(model), model.properties, Watch(Budget()))
    usual.run(whole=True)
    monkeypatch.setattr(Store, "fill", counted)
    monkeypatch.setattr("verifier.engines.native.table.MULTIPLIER", 1)
    crowded = NativeSearch(Program(model), model.properties, Watch(Budget()), 64)
    crowded.run(whole=True)
    assert filled
    assert everything(crowded) == everything(usual)


def test_when_all_is_found_the_table_is_given_back() -> None:
    """It is much of the memory that a search takes, and whoever comes next has a table of their own."""
    model = two_phase_commit(4)
    search = NativeSearch(Program(model), model.properties, Watch(Budget()), 1 << 21)
    before = memory_used()
    search.run(whole=True)
    assert search.complete
    assert memory_used() < before + (8 << 20)
    assert search._store._table.size < 1 << 20


def test_code_that_rests_comes_back() -> None:
    """LLVM's own code leaves memory, and what is compiled afterwards works as before."""
    model = two_phase_commit(3)
    before = NativeSearch(Program(model), model.properties, Watch(Budget()))
    resident = memory_resident()
    rest()
    assert memory_resident() < resident - (10 << 20)
    after = NativeSearch(Program(model), model.properties, Watch(Budget()))
    for search in (before, after):
        search.run(whole=True)
    assert everything(before) == everything(after)


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
