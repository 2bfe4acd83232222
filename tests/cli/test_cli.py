"""What every command has in common: exit codes, one message, no traceback, no waiting."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

from verifier import __version__, cli
from verifier.cli import COMMANDS, main
from verifier.commands import explain
from verifier.commands.refusal import RefusalError

NAMES = [command.__name__.rsplit(".", 1)[-1] for command in COMMANDS]
HEAVY = {"lark", "z3", "rich", "networkx", "verifier.language", "verifier.engines", "verifier.system"}


def flip(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A real process."""
    return subprocess.run([sys.executable, "-m", "verifier", *arguments], capture_output=True, text=True, timeout=60)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"flip {__version__}\n"


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help_with_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert f"\nexamples:\n  flip {name} " in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["chek"], ["check"], ["check", "x", "--time", "soon"], ["show", "a", "b"]])
def test_a_wrong_command_line_is_one_message(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, the message and where the help is: not the usage of every option."""
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 2
    assert "--help" in captured.err


def test_starting_loads_nothing_heavy() -> None:
    """`flip --help` and `import verifier` leave the parser, the solver and the engines alone."""
    code = "import sys, verifier.cli; verifier.cli.main(['--help']); print(*sys.modules, file=sys.stderr)"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert HEAVY & set(process.stderr.split()) == set()


def failing(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> int:
    """The exit code of a command that ends with the exception."""

    def fail(_: argparse.Namespace) -> int:
        raise error

    monkeypatch.setattr(explain, "main", fail)
    return cli.main(["explain"])


def test_a_mistake_of_the_tool_is_told_apart(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 4 and one line; the traceback is there for whoever asks."""
    assert failing(ZeroDivisionError("over\n\nthere"), monkeypatch) == 4
    assert capsys.readouterr().err == "flip failed: ZeroDivisionError over there (FLIP_DEBUG=1 shows where)\n"
    monkeypatch.setenv("FLIP_DEBUG", "1")
    assert failing(ZeroDivisionError("over there"), monkeypatch) == 4
    assert capsys.readouterr().err.startswith("Traceback")


def test_deep_recursion_is_a_mistake_of_the_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    assert failing(RecursionError(), monkeypatch) == 4
    assert failing(MemoryError(), monkeypatch) == 4


def test_an_interrupt_is_undetermined(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert failing(KeyboardInterrupt(), monkeypatch) == 3
    assert capsys.readouterr().err == "flip: interrupted; what was not printed is undetermined\n"


def test_nobody_reads_on() -> None:
    """`flip ... | head` ends quietly, and does not end well: the report was not delivered."""
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run([sys.executable, "-m", "verifier", "explain"], stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (process.returncode, process.stderr) == (4, b"")


def test_explain() -> None:
    """A code's page, all codes, and an unknown code."""
    assert flip("explain", "E0030").stdout.startswith("E0030: no model of this name\n")
    assert main(["explain"]) == 0
    unknown = flip("explain", "E0030x")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert unknown.stderr == "flip: there is no code 'E0030x'; did you mean 'E0030'?\n"


def test_nobody_reads_on_what_is_printed_in_colour(folder: Path) -> None:
    """Nor does a report of verdicts end with 1, which would say that something is violated."""
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run([sys.executable, "-m", "verifier", "check", "hand.flip"], stdout=writer, stderr=-1)
    os.close(writer)
    assert (process.returncode, process.stderr) == (4, b"")


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.is_char_device(), reason="there is no device that is always full")
def test_a_full_disk() -> None:
    """A report that does not fit is no success; a message that does not fit changes no exit code."""
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    with FULL.open("w") as full:
        command = [sys.executable, "-m", "verifier", "explain"]
        short = subprocess.run([*command, "E0030"], stdout=full, stderr=-1, text=True, env=environment)
        wrong = subprocess.run([*command, "E"], stdout=-1, stderr=full, env=environment)
    assert (short.returncode, short.stderr) == (4, "flip failed: cannot print: No space left on device\n")
    assert wrong.returncode == 2


def closed(redirection: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A real process with a stream closed."""
    command = f'exec "$0" -m verifier "$@" {redirection}'
    return subprocess.run(["sh", "-c", command, sys.executable, *arguments], capture_output=True, text=True, timeout=60)


def test_closed_streams(folder: Path) -> None:
    """Without standard output nothing is delivered; without standard error or input, what needs neither goes on."""
    output = closed(">&-", "check", "hand.flip")
    assert (output.returncode, output.stderr) == (4, "flip: standard output is closed\n")
    assert closed("2>&-", "check", "hand.flip").returncode == 0
    assert closed("2>&-", "check", "missing.flip").returncode == 2
    source = closed("<&-", "fmt", "-")
    assert (source.returncode, source.stderr) == (2, "flip: standard input is closed\n")


def test_a_message_is_harmless_for_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names of files, and what a trace says, come from strangers."""
    assert failing(RefusalError("no \x1b[2J\nfile"), monkeypatch) == 2
    assert capsys.readouterr().err == "flip: no \\x1b[2J\\x0afile\n"


def test_an_interrupt_ends_with_the_exit_code_and_not_with_a_signal(folder: Path) -> None:
    """Also in a module that `python -m` runs, where it came while code was run by `exec`, as it is for a dataclass."""
    (folder / "late.py").write_text(
        "import sys; from verifier import cli; from verifier.commands import explain\n"
        "import verifier.language.diagnostics  # here: another `exec`, later, would hide the first one\n"
        "explain.main = lambda _: exec('raise KeyboardInterrupt')\n"
        "sys.exit(cli.main(['explain']))\n"
    )
    process = subprocess.run([sys.executable, "-m", "late"], capture_output=True, text=True, timeout=60)
    assert (process.returncode, len(process.stderr.splitlines())) == (3, 1)
