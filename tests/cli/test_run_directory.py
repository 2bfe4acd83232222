"""Runs that are kept: killed, interrupted and short of something, they go on to what an undisturbed run says."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from verifier.cli import main

ORACLES = Path(__file__).parents[1] / "oracles"
SPEC = (ORACLES / "two_phase_commit.flip").read_text()
BROKEN = (
    SPEC
    + "\nreachable all_done: all m: Manager: stage(m) == committed\n"
    + "never no_end: all m: Manager: stage(m) == aborted\n"
)
"""Two traces: one that is to be found, and one that is not."""
ALL = ["--variant", "none", "--no-symmetry"]
HURRIED = ["--checkpoint-every", "0.000001"]

Capture = pytest.CaptureFixture[str]
slow = pytest.mark.slow


@pytest.fixture
def spec(folder: Path) -> Path:
    (folder / "commit.flip").write_text(SPEC)
    (folder / "broken.flip").write_text(BROKEN)
    return folder


def flip(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "verifier", "check", *arguments]


def report(printed: str) -> Any:
    """A report without what differs from run to run."""
    found = json.loads(printed)
    for result in found["specs"]:
        for verdict in result["verdicts"]:
            del verdict["seconds"]
    return found


def kept(directory: Path) -> int:
    """How many states the run's only checkpoint has; 0 if there is none yet."""
    for header in directory.glob("*/checkpoint.json"):
        # The folder of the first checkpoint gets its name when it is whole: perhaps just now.
        with suppress(FileNotFoundError):
            return int(json.loads(header.read_text())["slots"]["FOUND"])
    return 0


def when(process: subprocess.Popen[str], condition: Callable[[], bool]) -> None:
    """Waits until the condition holds of a process that is still running."""
    end = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.005)


@slow
def test_killed_again_and_again(spec: Path) -> None:
    """Counts, verdicts and traces are those of a run that nobody killed."""
    arguments = ["broken.flip", *ALL, "--set", "Manager=8", "--format", "json"]
    undisturbed = subprocess.run(flip(*arguments), capture_output=True, text=True, timeout=120)
    assert undisturbed.returncode == 1
    directory = Path("run")
    begin = ["--run-directory", "run", *HURRIED]
    for least in (1, 300_000, 900_000):
        process = subprocess.Popen(flip(*arguments, *begin), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        when(process, lambda least=least: kept(directory) >= least)
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        begin = ["--resume", "run", *HURRIED]
    assert kept(directory) >= 900_000
    last = subprocess.run(flip(*arguments, "--resume", "run"), capture_output=True, text=True, timeout=120)
    assert (last.returncode, last.stderr) == (1, "")
    assert report(last.stdout) == report(undisturbed.stdout)
    assert report(last.stdout)["specs"][0]["states"] == 1_745_408


@slow
def test_interrupted(spec: Path) -> None:
    """Ctrl-C ends the run with exit code 3 and a checkpoint; what it says there can be done."""
    arguments = ["commit.flip", *ALL, "--set", "Manager=9"]
    directory = Path("run")
    process = subprocess.Popen(
        flip(*arguments, "--run-directory", "run", *HURRIED), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    when(process, lambda: kept(directory) > 100_000)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 3
    if out:
        assert "states are kept: --resume run goes on from there" in out
    assert "Traceback" not in err
    states = kept(directory)
    assert 100_000 < states < 10_340_352
    budget = ["--states", str(states + 1000)]
    last = subprocess.run(flip(*arguments, "--resume", "run", *budget), capture_output=True, text=True, timeout=60)
    assert last.returncode == 3
    assert "states are kept" in last.stdout
    assert kept(directory) > states


def test_stopped_by_a_budget(spec: Path, capsys: Capture) -> None:
    """The report says how to go on; with more of what was used up, the run ends as if it had never stopped."""
    arguments = ["check", "commit.flip", *ALL, "--set", "Manager=6"]
    assert main([*arguments, "--run-directory", "run", "--states", "40000"]) == 3
    assert "40000 states was used up; 40027 states are kept" in (out := capsys.readouterr().out)
    assert "states are kept: --resume run goes on from there" in out
    assert main([*arguments, "--resume", "run"]) == 0
    resumed = capsys.readouterr()
    assert main(arguments) == 0
    assert capsys.readouterr() == resumed


def begun(folder: Path) -> None:
    assert (
        main(["check", "commit.flip", *ALL, "--set", "Manager=6", "--run-directory", "run", "--states", "40000"]) == 3
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["commit.flip", "--resume", "run", "--no-symmetry", "--variant", "none"], "its settings is {"),
        (["commit.flip", "--resume", "run", "--variant", "none", "--set", "Manager=6"], "its symmetry is false"),
        (["broken.flip", "--resume", "run", *ALL, "--set", "Manager=6"], "its hash is "),
        (["commit.flip", "--resume", "run", "--no-symmetry", "--set", "Manager=6"], "its variant is none"),
        (
            ["commit.flip", "--resume", "run", *ALL, "--set", "Manager=6", "--property", "consistent"],
            "its properties is",
        ),
        (["commit.flip", "--run-directory", "run", *ALL], "run holds a run: --resume run goes on with it"),
        (["commit.flip", "--resume", "nothing", *ALL], "cannot use nothing as a run directory"),
        (["commit.flip", "--resume", ".", *ALL], ". holds no run: there is no run.json in it"),
        (["commit.flip", "--run-directory", ".", *ALL], ". is not empty, and what is in it is no run"),
        (["commit.flip", "--run-directory", "commit.flip", *ALL], "cannot use commit.flip as a run directory"),
        ([".", "--run-directory", "new"], "a run directory is for one specification"),
        (["commit.flip", "--run-directory", "new", "--resume", "run"], "there is no --run-directory besides"),
        (["commit.flip", "--checkpoint-every", "3"], "--checkpoint-every needs"),
        (["commit.flip", "--run-directory", "new", "--engine", "bounded"], "are for --engine explicit"),
        (["commit.flip", "--resume", ""], "the name is empty"),
    ],
)
def test_what_is_refused(spec: Path, capsys: Capture, arguments: list[str], said: str) -> None:
    """Another specification, other options, no run at all: exit code 2 and a sentence, and nothing is changed."""
    begun(spec)
    before = {path: path.read_bytes() for path in Path("run").rglob("*") if path.is_file()}
    capsys.readouterr()
    assert main(["check", *arguments]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.count("\n") <= 2
    assert {path: path.read_bytes() for path in Path("run").rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["checkpoint.json", "states", "parents"])
@pytest.mark.parametrize("harm", ["removed", "emptied", "changed"])
def test_a_damaged_run_is_refused(spec: Path, capsys: Capture, name: str, harm: str) -> None:
    """Exit code 2, and the name of what is damaged."""
    begun(spec)
    capsys.readouterr()
    (file,) = Path("run").glob(f"*/{name}")
    if harm == "removed":
        file.unlink()
    elif harm == "emptied":
        file.write_bytes(b"")
    else:
        data = bytearray(file.read_bytes())
        data[200] ^= 1
        file.write_bytes(data)
    assert main(["check", "commit.flip", *ALL, "--set", "Manager=6", "--resume", "run"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    if (name, harm) == ("checkpoint.json", "removed"):
        assert "run holds no checkpoint" in captured.err
    else:
        assert name in captured.err


def test_a_version_of_flip(spec: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version may number states otherwise."""
    begun(spec)
    monkeypatch.setattr("verifier.commands.run_directory.__version__", "99")
    assert main(["check", "commit.flip", *ALL, "--set", "Manager=6", "--resume", "run"]) == 2
    assert "its flip is " in capsys.readouterr().err


def test_two_at_once(spec: Path, capsys: Capture) -> None:
    """A directory that is in use is refused, and free again when its user has ended."""
    begun(spec)
    shutil.copytree("run", "copy")
    directory = os.open("run", os.O_RDONLY)
    fcntl.flock(directory, fcntl.LOCK_EX)
    capsys.readouterr()
    assert main(["check", "commit.flip", *ALL, "--set", "Manager=6", "--resume", "run"]) == 2
    assert capsys.readouterr().err == "flip: another flip is using run\n"
    os.close(directory)
    assert main(["check", "commit.flip", *ALL, "--set", "Manager=6", "--resume", "run"]) == 0


def test_no_room_for_files(spec: Path) -> None:
    """Where files may not grow the run is undetermined, says why, and goes on when they may."""
    arguments = ["commit.flip", *ALL, "--set", "Manager=7"]

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, 700_000))

    command = flip(*arguments, "--run-directory", "run")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, preexec_fn=small)
    assert (done.returncode, done.stderr) == (3, "")
    assert "a file may not become larger" in done.stdout
    assert "states are kept: --resume run goes on from there" in done.stdout
    after = subprocess.run(flip(*arguments, "--resume", "run"), capture_output=True, text=True, timeout=60)
    assert (after.returncode, after.stderr) == (0, "")
    assert "296448 states" in after.stdout
