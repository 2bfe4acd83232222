"""Counterexamples as files, for `flip replay` and for other programs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from verifier.commands.files import reason, write_atomically
from verifier.commands.refusal import RefusalError
from verifier.engines.verdict import Outcome
from verifier.evidence.results import CheckResult
from verifier.evidence.trace import Trace
from verifier.evidence.trace_json import trace_to_json
from verifier.report.json import dumps

LONGEST_PART = 60


@dataclass
class TraceFolder:
    """A folder that gets one file for each counterexample, made when the first one comes."""

    folder: Path
    names: set[str] = field(default_factory=set)

    def save(self, results: Iterable[CheckResult]) -> None:
        for result in results:
            for judged in result.verdicts:
                if judged.trace is not None and judged.verdict.outcome is Outcome.VIOLATED:
                    self._save(judged.trace)

    def _save(self, trace: Trace) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RefusalError(f"cannot make folder {self.folder}: {reason(error)}") from None
        name = base = file_name(trace)
        number = 1
        while name.lower() in self.names:
            number += 1
            name = f"{base}-{number}"
        self.names.add(name.lower())
        write_atomically(self.folder / f"{name}.json", dumps(trace_to_json(trace)))


def file_name(trace: Trace) -> str:
    """`spec.variant.property`, whatever the specification calls them, harmless as a file name."""
    parts = (trace.subject.spec, trace.subject.variant, trace.property)
    return ".".join(re.sub(r"[^A-Za-z0-9_-]", "_", part)[:LONGEST_PART] for part in parts if part is not None)
