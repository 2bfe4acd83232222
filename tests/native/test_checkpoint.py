"""Searches that were stopped go on to the results of one that was not; what was tampered with is refused."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engines.builders import everywhere, put, read, step, system, two_phase_commit
from tests.native.test_search import one_by_one
from tests.native.test_store import everything
from verifier.engines.explicit.compiler import Program
from verifier.engines.native import checkpoint, legality
from verifier.engines.native.checkpoint import HEADER
from verifier.engines.native.context import Slot
from verifier.engines.native.search import NativeSearch
from verifier.engines.verdict import Budget, CheckpointError, Keeping, Progress
from verifier.engines.watch import Stopped, Watch
from verifier.system.expressions import TRUE, Not
from verifier.system.system import Kind, System
from verifier.system.types import BOOL

ALWAYS = 1e-9
"""Seconds between checkpoints that are written at every opportunity."""


def search_kept(model: System, directory: Path, states: int | None = None, places: int = 64) -> NativeSearch:
    budget = Budget(states=states, keeping=Keeping(directory, ALWAYS))
    return NativeSearch(Program(model), model.properties, Watch(budget), places)


def stopped(model: System, directory: Path, states: int) -> NativeSearch:
    search = search_kept(model, directory, states)
    with pytest.raises(Stopped, match="--resume"):
        search.run(whole=True)
    return search


def only(directory: Path) -> Path:
    (found,) = directory.iterdir()
    return found


def half_idle() -> System:
    """Twelve flags that the hardware sets, and a step that the first of them prevents: in half of the states."""
    flags = [everywhere(f"flag{number}", (), BOOL, False) for number in range(12)]
    hardware = [
        replace(step(f"set{number}", (), Not(read(flag)), put(flag, value=TRUE)), kind=Kind.HARDWARE)
        for number, flag in enumerate(flags)
    ]
    return system("half_idle", tuple(flags), (*hardware, step("stay", (), Not(read(flags[0])))))


@pytest.mark.parametrize("model", [two_phase_commit(5), half_idle(), one_by_one(100)], ids=lambda model: model.name)
def test_stopped_again_and_again(model: System, tmp_path: Path) -> None:
    """Order, parents, counts, what was idle, what happened how often and behaviours are those of an undisturbed run."""
    plain = NativeSearch(Program(model), model.properties, Watch(Budget()))
    plain.run(whole=True)
    for part in range(1, 6):
        before = stopped(model, tmp_path, len(plain.states) * part // 6)
        assert not before.complete
    last = search_kept(model, tmp_path)
    last.run(whole=True)
    assert everything(last) == everything(plain)
    assert last._store.fired == plain._store.fired
    assert last._store.idle() == plain._store.idle()
    assert last.find_stuck(Watch(Budget())) == plain.find_stuck(Watch(Budget()))


def test_a_finished_search_is_finished_when_it_is_resumed(tmp_path: Path) -> None:
    """Nothing is searched again, and the claims that were decided still are."""
    model = two_phase_commit(4)
    first = search_kept(model, tmp_path)
    first.run(whole=True)
    again = search_kept(model, tmp_path, states=10_000)
    again.run(whole=True)
    assert everything(again) == everything(first)
    assert again.shown != {}


def test_every_checkpoint_leads_to_the_same_end(tmp_path: Path) -> None:
    """Whatever is on the disk whenever a process might be killed: the directory is copied at every look."""
    model = two_phase_commit(4)
    plain = NativeSearch(Program(model), model.properties, Watch(Budget()))
    plain.run(whole=True)
    copies: list[Path] = []
    directory = tmp_path / "run"
    search = search_kept(model, directory, places=16)
    look = search._look

    def killed() -> None:
        look()
        copy = tmp_path / f"copy{len(copies)}"
        if directory.exists():
            copies.append(shutil.copytree(directory, copy))

    search._look = killed  # type: ignore[method-assign]
    search.run(whole=True)
    assert len(copies) > 5
    for copy in copies:
        resumed = search_kept(model, copy)
        resumed.run(whole=True)
        assert everything(resumed) == everything(plain)


def test_what_is_pending_is_kept(tmp_path: Path) -> None:
    """Successors that were not looked up yet are put aside again, with where they come from."""
    model = two_phase_commit(4)
    search = stopped(model, tmp_path, 500)
    store, kept = search._store, search._keeper._checkpoint
    assert kept is not None
    for state in list(search.states)[100:103]:
        store.put_aside(list(state))
    kept.write(store)
    aside = {name: bytes(waiting.content(0, 3)) for name, waiting in store.aside.items()}
    budget = Budget(seconds=0, keeping=Keeping(tmp_path, ALWAYS))
    again = NativeSearch(Program(model), model.properties, Watch(budget))
    with pytest.raises(Stopped):
        again.run(whole=True)
    assert again._store.get(Slot.PENDING) == 3
    assert {name: bytes(waiting.content(0, 3)) for name, waiting in again._store.aside.items()} == aside


def test_an_interrupt_keeps_what_was_found(tmp_path: Path) -> None:
    """A checkpoint is written even if none was due."""

    def interrupt(progress: Progress) -> None:
        if progress.states > 1000:
            raise KeyboardInterrupt

    model = two_phase_commit(9)
    budget = Budget(keeping=Keeping(tmp_path, 1e9))
    search = NativeSearch(Program(model), model.properties, Watch(budget, interrupt))
    with pytest.raises(Stopped, match=r"interrupted; \d+ states are kept"):
        search.run(whole=True)
    slots = json.loads((only(tmp_path) / HEADER).read_text())["slots"]
    assert slots["FOUND"] == len(search.states)


def damage(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda directory: (directory / name).write_bytes(change((directory / name).read_bytes())) and None


def flipped(at: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


DAMAGES = {
    "no header": (lambda directory: (directory / HEADER).unlink(), "is missing"),
    "an empty header": (damage(HEADER, lambda data: b""), "is damaged"),
    "half a header": (damage(HEADER, lambda data: data[: len(data) // 2]), "is damaged"),
    "another count": (damage(HEADER, lambda data: data.replace(b'"DEPTH": ', b'"DEPTH": 1')), "was changed"),
    "a list": (damage(HEADER, lambda data: b"[]"), "is damaged"),
    "no states": (lambda directory: (directory / "states").unlink(), "the file states is missing"),
    "no parents": (lambda directory: (directory / "parents").unlink(), "the file parents is missing"),
    "fewer states": (damage("states", lambda data: data[:4096]), "the file states is cut short"),
    "a bit of a state": (damage("states", flipped(1003)), "the file states was changed"),
    "a bit of a parent": (damage("parents", flipped(500)), "the file parents was changed"),
    "an idle state more": (damage("idle", flipped(500)), "the file idle was changed"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_checkpoint_is_refused(name: str, tmp_path: Path) -> None:
    """By an error that says what is wrong, whatever was damaged."""
    harm, message = DAMAGES[name]
    model = two_phase_commit(5)
    stopped(model, tmp_path, 5000)
    harm(only(tmp_path))
    with pytest.raises(CheckpointError, match=message):
        search_kept(model, tmp_path).run(whole=True)


def test_a_checkpoint_of_another_search_is_refused(tmp_path: Path) -> None:
    """It is not even looked at under its own name, and refused under the name of another."""
    stopped(two_phase_commit(5), tmp_path, 5000)
    foreign = only(tmp_path)
    other = search_kept(two_phase_commit(6), tmp_path, states=500)
    with pytest.raises(Stopped):
        other.run(whole=True)
    assert len(other.states) < 600
    (own,) = set(tmp_path.iterdir()) - {foreign}
    shutil.rmtree(own)
    foreign.rename(own)
    with pytest.raises(CheckpointError, match="another search"):
        search_kept(two_phase_commit(6), tmp_path).run(whole=True)


def test_no_state_is_believed_to_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With checksums made to fit, a word that is no state and a parent that comes later are refused all the same."""
    model = two_phase_commit(5)
    search = stopped(model, tmp_path, 5000)
    search._store.arrays["parents"].content(4000, 4001).cast("I")[0] = 4500
    search._keeper._checkpoint._sums["parents"] = (checkpoint._digest(), 0)  # type: ignore[union-attr]
    search._keeper._checkpoint.write(search._store)  # type: ignore[union-attr]
    with pytest.raises(CheckpointError, match="state 4000 is none"):
        search_kept(model, tmp_path).run(whole=True)
    monkeypatch.setattr(legality, "PART", 7)
    with pytest.raises(CheckpointError, match="state 4000 is none"):
        search_kept(model, tmp_path).run(whole=True)


def test_a_full_disk_leaves_the_last_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever cannot be written, what was kept before is whole, and the search goes on from there."""
    model = two_phase_commit(5)
    plain = NativeSearch(Program(model), model.properties, Watch(Budget()))
    plain.run(whole=True)
    stopped(model, tmp_path, 3000)

    def full(source: object, target: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint.os, "replace", full)
        with pytest.raises(Stopped, match=r"the disk is full; 30.. states are kept"):
            search_kept(model, tmp_path).run(whole=True)
    last = search_kept(model, tmp_path)
    last.run(whole=True)
    assert everything(last) == everything(plain)


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    """A reason for a verdict, and no traceback."""
    (tmp_path / "file").write_text("")
    search = search_kept(two_phase_commit(3), tmp_path / "file")
    with pytest.raises(Stopped, match="file"):
        search.run(whole=True)


def test_every_slot_is_kept_or_made_again() -> None:
    """Whoever gives the kernel another number to remember has to say what becomes of it."""
    assert set(checkpoint.KEPT) | checkpoint.MADE_AGAIN == set(Slot)
    assert not set(checkpoint.KEPT) & checkpoint.MADE_AGAIN


def test_all_that_a_search_depends_on_tells_it_from_others(tmp_path: Path) -> None:
    """Other claims, or other initial states, are another search."""
    model = two_phase_commit(3)
    names = set()
    for claims in (model.properties, model.properties[:1], ()):
        for whole in (True, False):
            search = NativeSearch(Program(model), claims, Watch(Budget(keeping=Keeping(tmp_path, ALWAYS))))
            search.run(whole)
            assert search._keeper._checkpoint is not None
            names.add(search._keeper._checkpoint.directory)
    assert len(names) == 3
    assert os.path.isdir(tmp_path)
