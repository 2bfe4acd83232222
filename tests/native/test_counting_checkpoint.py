"""Searches by counts that were stopped go on to the results of one that was not; what cannot be is refused."""

from __future__ import annotations

import errno
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.test_run_directory import HURRIED, flip, kept, report, when
from tests.native.test_checkpoint import ALWAYS
from verifier.engines.explicit.compiler import Program
from verifier.engines.native import checkpoint
from verifier.engines.native.context import NONE
from verifier.engines.native.counting import ledger
from verifier.engines.native.counting.legality import illegal_key
from verifier.engines.native.counting.search import CountingSearch
from verifier.engines.verdict import Budget, CheckpointError, Keeping
from verifier.engines.watch import Stopped, Watch
from verifier.language.specification import Elaborated, open_specification
from verifier.system.symmetry import infer
from verifier.system.system import System

TESTS = Path(__file__).parents[1]


def opened(file: str, instance: str) -> System:
    specification = open_specification(TESTS / file)
    assert not isinstance(specification, tuple)
    found = specification.elaborate(None, instance)
    assert isinstance(found, Elaborated)
    return found.system


MODELS = [opened("bench/page_flip.flip", "four"), opened("oracles/two_phase_commit.flip", "seven")]


NARROW = 1, 2, 2
"""Words and bits that do not do for long: keys are written anew several times."""


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "FIRST_WIDTHS", NARROW)


def search_kept(model: System, directory: Path | None, states: int | None = None) -> CountingSearch:
    program = Program(model)
    keeping = None if directory is None else Keeping(directory, ALWAYS)
    claims = [claim for claim in model.properties if claim.kind.value in ("always", "reachable", "assertion")]
    symmetry = infer(program.interpreter, claims)
    return CountingSearch(program, claims, Watch(Budget(states=states, keeping=keeping)), symmetry, places=16)


def everything(search: CountingSearch) -> tuple[object, ...]:
    store = search.ledger.store
    counted = search.transitions, search.depth, search.complete, store.fired.tolist(), store.idle()
    return list(search.states), list(search.parents), *counted, search.shown


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_stopped_again_and_again(model: System, tmp_path: Path) -> None:
    """Keys, order, parents and counts are those of an undisturbed run, though keys were written anew on the way."""
    plain = search_kept(model, None)
    plain.run(whole=True)
    assert plain.ledger.store.bits.widths != NARROW  # type: ignore[attr-defined]
    for part in range(1, 6):
        before = search_kept(model, tmp_path, len(plain.states) * part // 6)
        with pytest.raises(Stopped, match="--resume"):
            before.run(whole=True)
    last = search_kept(model, tmp_path)
    last.run(whole=True)
    assert everything(last) == everything(plain)
    again = search_kept(model, tmp_path, states=10**6)
    again.run(whole=True)
    assert everything(again) == everything(plain)
    (directory,) = tmp_path.iterdir()
    assert len(list(directory.iterdir())) == 4


def test_keys_that_are_written_anew_leave_the_last_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk is full just then, the older files are still there and whole."""
    model = MODELS[0]
    plain = search_kept(model, None)
    plain.run(whole=True)
    with pytest.raises(Stopped):
        search_kept(model, tmp_path, 40).run(whole=True)

    def full(source: object, target: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint.os, "replace", full)
        with pytest.raises(Stopped, match=r"the disk is full; \d+ states are kept"):
            search_kept(model, tmp_path).run(whole=True)
    last = search_kept(model, tmp_path)
    last.run(whole=True)
    assert everything(last) == everything(plain)


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    """Every key that is found is one; every bit that is changed makes one with other numbers, or none."""
    search = search_kept(MODELS[0], None)
    search.run(whole=True)
    found = search.ledger
    assert illegal_key(found) is None
    keys = found.store.arrays["states"].content(5, 6).cast("Q")
    refused = 0
    for bit in range(64 * len(keys)):
        keys[bit // 64] ^= 1 << bit % 64
        refused += illegal_key(found) == 5
        assert illegal_key(found) in (5, None)
        keys[bit // 64] ^= 1 << bit % 64
    assert refused > 32 * len(keys)
    _, rest_bits, _ = found.store.bits.widths  # type: ignore[attr-defined]
    for bit in range(3):  # of a count: more blocks than there are, or fewer
        keys[0] ^= 1 << rest_bits + bit
        assert illegal_key(found) == 5
        keys[0] ^= 1 << rest_bits + bit
    parents = found.store.arrays["parents"].content(5, 6).cast("I")
    before = parents[0]
    for wrong in (5, 6, NONE - 1):
        parents[0] = wrong
        assert illegal_key(found) == 5
    parents[0] = before


def test_a_damaged_checkpoint_is_refused(tmp_path: Path) -> None:
    """As of any search; and so are rows that cannot be."""
    with pytest.raises(Stopped):
        search_kept(MODELS[0], tmp_path, 1000).run(whole=True)
    (directory,) = tmp_path.iterdir()
    (file,) = directory.glob("states*")
    data = bytearray(file.read_bytes())
    data[100] ^= 1
    file.write_bytes(data)
    with pytest.raises(CheckpointError, match="was changed"):
        search_kept(MODELS[0], tmp_path).run(whole=True)


@pytest.mark.slow
def test_killed_again_and_again(tmp_path: Path) -> None:
    """As a process of its own, whatever it is doing: counts and verdicts are those of a run that nobody killed."""
    spec = str(TESTS / "bench" / "page_flip.flip")
    arguments = [spec, "--instance", "two", "--set", "Page=14", "--variant", "none", "--format", "json"]
    undisturbed = subprocess.run(flip(*arguments), capture_output=True, text=True, timeout=120)
    assert undisturbed.returncode == 0
    directory = tmp_path / "run"
    begin = ["--run-directory", str(directory), *HURRIED]
    for least in (1, 300_000, 700_000):
        process = subprocess.Popen(flip(*arguments, *begin), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        when(process, lambda least=least: kept(directory) >= least)
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        begin = ["--resume", str(directory), *HURRIED]
    assert kept(directory) >= 700_000
    last = subprocess.run(flip(*arguments, "--resume", str(directory)), capture_output=True, text=True, timeout=120)
    assert (last.returncode, last.stderr) == (0, "")
    assert report(last.stdout) == report(undisturbed.stdout)
    assert report(last.stdout)["specs"][0]["states"] == 931_272
