"""Signs of life: none for what is quick, a status on a terminal, a line every ten seconds in a log."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from verifier.commands.forecast import Forecast
from verifier.commands.interrupt import Interrupt, interruptible
from verifier.commands.progress import _duration, _line, _short, progress
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
    assert lines[0] == "hand: search, 10 states, 0/s, depth 3, 4 waiting, 10 s; no end in sight"
    assert [line.split(", ")[-1].split(";")[0] for line in lines] == ["10 s", "20 s", "31 s"]


def search(depth: int, sizes: list[int], seconds: float, memory: int = 0) -> Progress:
    """The moment at which the search begins with a layer, when layers have these sizes."""
    return Progress("search", sum(sizes[: depth + 1]), 9, depth, sizes[depth], seconds, memory)


LAYERS = [1, 15, 105, 462, 1456, 3570, 7259, 12861, 20449, 29372, 37772, 42924, 42651, 36785, 27371, 17447, 9436, 4277]
"""Of two-phase commit with 7 managers, which has 296,448 states; 2,235 more follow."""


def test_no_forecast_while_layers_grow() -> None:
    """Then, one that is near the truth, and nearer towards the end."""
    forecast = Forecast()
    for depth in range(len(LAYERS)):
        forecast.take(search(depth, LAYERS, 1.0 + depth))
        taken = sum(LAYERS[:depth])
        if depth < 12:
            assert forecast.done is forecast.seconds_left is None
        elif depth > 13:
            assert forecast.done == pytest.approx(taken / 296_448, rel=0.05)
    assert forecast.rate == pytest.approx(sum(LAYERS[-6:]) / 6, rel=0.2)
    assert forecast.seconds_left is not None
    assert 0 < forecast.seconds_left < 1


def test_layers_that_never_shrink() -> None:
    """There is no forecast at all, and no error."""
    forecast = Forecast()
    for depth in range(60):
        forecast.take(search(depth, [1 << min(depth, 40) for depth in range(60)], 1.0 + depth))
        assert forecast.done is None


def test_a_pass_over_states_that_are_known() -> None:
    """How much of it is done is known; a new search begins anew."""
    forecast = Forecast()
    for looked in range(0, 1000, 100):
        forecast.take(Progress("stuck", looked, 0, 0, 1000 - looked, 1.0 + looked / 100))
        assert forecast.done == looked / 1000
    assert forecast.seconds_left == pytest.approx(1)
    forecast.take(Progress("search", 50, 60, 2, 20, 12.0))
    assert forecast.done is None
    assert forecast.rate == pytest.approx(50 / 12)


@pytest.mark.parametrize(
    ("number", "short"), [(0, "0"), (734, "734"), (1200, "1.2 k"), (999_700, "1.0 M"), (2_500_000_000, "2.5 G")]
)
def test_numbers_are_short(number: int, short: str) -> None:
    """Whoever watches wants the size, not the digits."""
    assert _short(number) == short


@pytest.mark.parametrize(("seconds", "said"), [(0.2, "0 s"), (89, "89 s"), (100, "2 min"), (7200, "2 h")])
def test_durations_are_round(seconds: float, said: str) -> None:
    """A guess has no digits after the first ones."""
    assert _duration(seconds) == said


def test_the_line_says_it_all() -> None:
    """States, rate, depth, what is waiting, memory, time, and the forecast."""
    forecast = Forecast()
    for depth in range(17):
        forecast.take(search(depth, LAYERS, 1.0 + depth, 123_456_789))
    assert _line("hand", forecast.moments[-1], forecast) == (
        "hand: search, 289,936 states, 26.7 k/s, depth 16, 9,436 waiting, 123 MB, 17 s; about 94 % done, 0 s left"
    )


def test_what_has_no_states_says_what_it_does() -> None:
    """There is nothing to count, and nothing to forecast."""
    moment = Progress("proof", 0, 0, 0, 0, 12.3, 44_000_000, "question 3, hv1.flip, 12 goals")

    assert _line("hand", moment, Forecast()) == "hand: proof, question 3, hv1.flip, 12 goals, 44.0 MB, 12 s"


def test_an_interrupt_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine may take an interrupt for the end of one search; the next one is ended by its first report."""
    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
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
    process = subprocess.Popen(
        command, stdout=theirs, stderr=theirs, env={**known, "TERM": "xterm-256color", **environment}
    )
    os.close(theirs)
    printed = b""
    while True:
        try:
            printed += os.read(ours, 65536)
        except OSError:  # how Linux says that the other side is closed
            break
    os.close(ours)
    process.wait(timeout=60)
    return printed


def test_colour_on_a_terminal(folder: Path) -> None:
    """Green holds; with NO_COLOR it does not."""
    arguments = ("check", "hand.flip", "--variant", "none")
    assert b"\x1b[32mholds" in on_terminal(*arguments)
    assert b"\x1b[32m" not in on_terminal(*arguments, NO_COLOR="1")


@pytest.mark.slow
def test_a_line_on_a_terminal_and_none_in_a_pipe(folder: Path) -> None:
    """While a search takes more than a second; in a pipe a report is what it is without it."""
    spec = Path(__file__).parents[1] / "oracles" / "two_phase_commit.flip"
    arguments = ("check", str(spec), "--no-symmetry", "--variant", "none", "--set", "Manager=9")
    shown = on_terminal(*arguments, NO_COLOR="1")
    assert b"two_phase_commit: search, " in shown
    assert b"/s, depth " in shown
    piped = subprocess.run([sys.executable, "-m", "verifier", *arguments], capture_output=True, timeout=60)
    assert (piped.returncode, piped.stderr) == (0, b"")
