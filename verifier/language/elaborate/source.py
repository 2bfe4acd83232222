"""The text of a specification, for reports."""

from __future__ import annotations

from collections.abc import Mapping

from verifier.system.span import Span


def source_of(span: Span, sources: Mapping[str, str]) -> str:
    """What is written there, on one line and without comments."""
    lines = sources.get(span.file, "").split("\n")[span.line - 1 : span.end_line]
    if not lines:
        return ""
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return " ".join(" ".join(line.split("//")[0] for line in lines).split())
