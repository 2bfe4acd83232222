"""Where the results of checks go: printed as they come, or written to a file when all is done."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from rich.text import Text

from verifier.commands.complaints import Complaints
from verifier.commands.files import write_atomically
from verifier.evidence.results import CheckResult
from verifier.report.json import check_to_json, dumps
from verifier.report.terminal import Look, plain_text, specification_lines, summary


class Output(Protocol):
    """Takes the results of one specification after the other, then the end."""

    def specification(self, results: Sequence[CheckResult]) -> None: ...

    def end(self, results: Sequence[CheckResult], exit_code: int) -> None: ...


COLOUR = frozenset({"FORCE_COLOR", "TTY_COMPATIBLE"})
"""Variables of the environment that can make rich take for a terminal what is none."""


def print_lines(lines: Iterable[Text]) -> None:
    """Lines on standard output, in colour on a terminal; never wrapped, so that they can be searched and compared.

    Elsewhere they are what a file gets, and the larger part of rich is not loaded.
    """
    if sys.stdout.isatty() or not COLOUR.isdisjoint(os.environ):
        from verifier.commands.console import print_in_colour

        print_in_colour(lines)
    else:
        print(plain_text(lines), end="", flush=True)


@dataclass
class TextOutput:
    complaints: Complaints
    look: Look
    file: Path | None
    lines: list[Text] = field(default_factory=list)

    def specification(self, results: Sequence[CheckResult]) -> None:
        self._put([*specification_lines(results, self.look), Text("")])

    def end(self, results: Sequence[CheckResult], exit_code: int) -> None:
        self._put([summary(results, self.complaints.errors)])
        if self.file is not None:
            write_atomically(self.file, plain_text(self.lines))

    def _put(self, lines: list[Text]) -> None:
        if self.file is None:
            print_lines(lines)
        else:
            self.lines += lines


@dataclass(frozen=True)
class JsonOutput:
    complaints: Complaints
    file: Path | None

    def specification(self, results: Sequence[CheckResult]) -> None:
        """A document is written whole."""

    def end(self, results: Sequence[CheckResult], exit_code: int) -> None:
        text = dumps(check_to_json(results, self.complaints.found, exit_code))
        if self.file is None:
            sys.stdout.write(text)
        else:
            write_atomically(self.file, text)
