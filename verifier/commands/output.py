"""Where the results of checks go: printed as they come, or written to a file when all is done."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from rich.console import Console
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


class _Console(Console):
    """A console that leaves it to `verifier.cli` what happens when nobody reads on; its own exit code would be 1."""

    def on_broken_pipe(self) -> None:
        raise


def print_lines(lines: Iterable[Text]) -> None:
    """Lines on standard output, in colour on a terminal; never wrapped, so that they can be searched and compared."""
    console = _Console(highlight=False, soft_wrap=True)
    for line in lines:
        console.print(line)


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
