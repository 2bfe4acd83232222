"""What the front end has to say, on its way to the reader."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from verifier.language.diagnostics import Diagnostic, as_json, render


@dataclass
class Complaints:
    """What the front end said: for people at once, on standard error; for a JSON report, kept until it is written."""

    quiet: bool = False
    found: list[dict[str, Any]] = field(default_factory=list)

    def add(self, diagnostics: Iterable[Diagnostic], sources: Mapping[str, str]) -> None:
        """Take up what was said of texts; `sources` has them by the name of their file.

        What was said before, as of another variant, is not said again.
        """
        for diagnostic in diagnostics:
            said = as_json(diagnostic)
            if said in self.found:
                continue
            self.found.append(said)
            if not self.quiet:
                print(render(diagnostic, sources), end="\n\n", file=sys.stderr)

    @property
    def errors(self) -> int:
        """How many of them are errors and not warnings."""
        return sum(diagnostic["severity"] == "error" for diagnostic in self.found)
