"""What a tool says of a model, in the same words for all tools."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.bench.process import Cost


class FailedError(Exception):
    """A tool did not do what was asked of it; the text ends in what it printed last."""

    def __init__(self, tool: str, printed: str) -> None:
        super().__init__(f"{tool} failed: {printed.strip()}")


class NotOfferedError(Exception):
    """A tool answers in another way than the one that is asked about."""


@dataclass(frozen=True)
class Answer:
    """The distinct states that were counted, whether a violation was found, and the cost of it all.

    `stopped` if the time was up; then there are no counts.
    """

    states: int
    violated: bool
    cost: Cost
    transitions: int = 0
    stopped: bool = False


class Job(Protocol):
    """A tool with a model and options."""

    @property
    def tool(self) -> str:
        """Which tool it is, as the table calls it."""

    def run(self, folder: Path, limit: int) -> Answer:
        """Does it all, from the model's text to the answer, in an empty folder, each command for so many CPU seconds.

        Raises FailedError if the tool fails or the search is not complete, NotOfferedError as it says.
        """
