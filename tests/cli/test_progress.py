"""Signs of life: none for what is quick, a status on a terminal, a line every ten seconds in a log."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from verifier.commands.interrupt import Interrupt, interruptible
from verifier.commands.progress import progress
from verifier.engines.verdict import Progress


def moment(seconds: float) -> Progress:
    return Progress("search", 10, 20, 3, 4, seconds)


def test_a_line_every_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, so that a report on standard output stays what it is."""
    with progress("hand") as observer:
        for seconds in (0.2, 9.9, 10.1, 15.0, 20.0, 20.3, 31.0):
            observer(moment(seconds))
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert lines[0] == "hand: search, 10 states, 20 transitions, depth 3, 4 waiting, 10 s"
    assert [line.rsplit(", ", 1)[1] for line in lines] == ["10 s", "20 s", "31 s"]


def test_an_interrupt_is_remembered() -> None:
    """An engine may take an interrupt for the end of one search; the next one is ended by its first report."""
    before = signal.getsignal(signal.SIGINT)
    with interruptible() as interrupt:
        observer = interrupt.ending(lambda _: None)
        observer(moment(1))
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            observer(moment(2))
        with pytest.raises(KeyboardInterrupt):
            interrupt.end_if_happened()
    assert signal.getsignal(signal.SIGINT) is before
    Interrupt().end_if_happened()


def on_terminal(*arguments: str, **environment: str) -> bytes:
    """What a command prints on a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "verifier", *arguments]
    known = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    subprocess.run(command, stdout=theirs, env={**known, "TERM": "xterm-256color", **environment}, timeout=60)
    os.close(theirs)
    printed = b""
    while True:
        try:
            printed += os.read(ours, 65536)
        except OSError:  # how Linux says that the other side is closed
            break
    os.close(ours)
    return printed


def test_colour_on_a_terminal(folder: Path) -> None:
    """Green holds; with NO_COLOR it does not."""
    arguments = ("check", "hand.flip", "--variant", "none")
    assert b"\x1b[32mholds" in on_terminal(*arguments)
    assert b"\x1b[32m" not in on_terminal(*arguments, NO_COLOR="1")
