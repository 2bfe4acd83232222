"""Ctrl-C: whatever runs ends soon, and in order.

Engines turn an interrupt into an undetermined verdict of the search that runs just then, and would go on with the next
one. Here the interrupt is remembered, so that every later search of theirs ends as well.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from verifier.commands.refusal import RefusalError
from verifier.engines.verdict import Observer, Progress


@dataclass
class Interrupt:
    """Whether there was an interrupt."""

    happened: bool = False

    def handle(self, _signal: int, _frame: FrameType | None) -> None:
        self.happened = True
        # Objects that it leaves half made, as some of z3's, would be complained about when they are thrown away.
        sys.unraisablehook = _ignored
        raise KeyboardInterrupt

    def end_if_happened(self) -> None:
        if self.happened:
            raise KeyboardInterrupt

    def ending(self, observer: Observer) -> Observer:
        """The observer, which also ends the search that it observes."""

        def observe(moment: Progress) -> None:
            self.end_if_happened()
            observer(moment)

        return observe


def _ignored(_: sys.UnraisableHookArgs) -> None:
    """Says nothing."""


@contextmanager
def interruptible() -> Iterator[Interrupt]:
    """Remembers a Ctrl-C that happens inside.

    Where Python is called by C, as z3's interface is by ctypes, an interrupt can become an error of another kind. It
    is one again at the end.
    """
    interrupt = Interrupt()
    before = signal.signal(signal.SIGINT, interrupt.handle)
    try:
        yield interrupt
    except RefusalError:
        raise
    except Exception:
        interrupt.end_if_happened()
        raise
    finally:
        signal.signal(signal.SIGINT, before)
