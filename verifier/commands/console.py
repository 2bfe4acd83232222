"""Lines on a terminal, in colour where it has colours."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text


class _Console(Console):
    """A console that leaves it to `verifier.cli` what happens when nobody reads on; its own exit code would be 1."""

    def on_broken_pipe(self) -> None:
        raise


def print_in_colour(lines: Iterable[Text]) -> None:
    """Lines on standard output, as far as rich finds that it can show colours; never wrapped."""
    console = _Console(highlight=False, soft_wrap=True)
    for line in lines:
        console.print(line)
