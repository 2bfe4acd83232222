"""The text of a specification, for reports."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from verifier.system.span import Span


def source_of(span: Span, sources: Mapping[str, str]) -> str:
    """What is written there, on one line and without comments."""
    lines = list(_lines(sources.get(span.file, ""))[span.line - 1 : span.end_line])
    if not lines:
        return ""
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return " ".join(" ".join(line.split("//")[0] for line in lines).split())


@lru_cache(maxsize=1)
def _lines(text: str) -> tuple[str, ...]:
    """Kept for the next one: what is asked for is mostly in one file."""
    return tuple(text.split("\n"))
