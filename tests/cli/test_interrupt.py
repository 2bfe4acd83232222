"""Ctrl-C, wherever it happens."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from contextlib import suppress

import pytest

from verifier.commands.interrupt import interruptible
from verifier.commands.refusal import RefusalError


@pytest.fixture(autouse=True)
def same_hook_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)


def interrupted(error: Exception) -> None:
    """Ctrl-C, and right after it an error."""
    with interruptible():
        with suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0)
        raise error


def test_an_interrupt_that_became_another_error_is_one_again() -> None:
    """As where z3's interface converts an argument just then."""
    with pytest.raises(KeyboardInterrupt):
        interrupted(ctypes.ArgumentError("argument 1: KeyboardInterrupt"))


class HalfMade:
    """Like an object of z3's whose making was interrupted."""

    def __del__(self) -> None:
        raise AttributeError("ctx")


def test_nothing_is_said_of_what_an_interrupt_leaves_half_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """But without an interrupt it is."""
    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)
    HalfMade()
    assert "AttributeError: ctx" in capsys.readouterr().err
    with pytest.raises(KeyboardInterrupt):
        interrupted(ValueError())
    HalfMade()
    assert capsys.readouterr().err == ""


def test_an_error_is_none_where_nobody_interrupted() -> None:
    with pytest.raises(ctypes.ArgumentError), interruptible():
        raise ctypes.ArgumentError("argument 1: wrong type")


def test_what_is_refused_is_refused_all_the_same() -> None:
    with pytest.raises(RefusalError):
        interrupted(RefusalError("no"))
