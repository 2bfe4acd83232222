"""Collecting what is wrong with a specification.

Elaboration never stops at an error: it reports, gives `None` in place of what could not be made, and goes on. Whoever
gets `None` stays silent, so one mistake is reported once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from verifier.language.diagnostics import Diagnostic, Fix, Severity
from verifier.system.span import Span

MOST_SUGGESTIONS = 50
MOST_KNOWN = 1_000


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A hint that is yet to be found: which of the known words was meant, the closest ones first."""

    word: str
    known: Iterable[str]

    def find(self) -> list[str]:
        known = sorted(set(islice(self.known, MOST_KNOWN)))
        return get_close_matches(self.word[:MOST_KNOWN], known, n=2)


Hint = str | Suggestion | None


class Problems:
    """Diagnostics in the making; at most one of each code at a place."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Span], Diagnostic] = {}
        self._suggested = 0

    def error(self, code: str, span: Span, message: str, label: str, hint: Hint = None, fix: Fix | None = None) -> None:
        self._report(code, "error", span, message, label, hint, fix)

    def warning(self, code: str, span: Span, message: str, label: str, hint: Hint = None) -> None:
        self._report(code, "warning", span, message, label, hint)

    def _report(
        self,
        code: str,
        severity: Severity,
        span: Span,
        message: str,
        label: str,
        hint: Hint,
        fix: Fix | None = None,
    ) -> None:
        if (code, span) in self._found:
            return
        if isinstance(hint, Suggestion):
            self._suggested += 1
            close = hint.find() if self._suggested <= MOST_SUGGESTIONS else []
            fix = _correction(hint.word, close, span)
            hint = f"did you mean `{close[0]}`?" if close else None
        self._found[code, span] = Diagnostic(code, severity, message, span, label, hint, fix)

    def add(self, found: Iterable[Diagnostic]) -> None:
        """Takes over what was found elsewhere."""
        for diagnostic in found:
            self._found.setdefault((diagnostic.code, diagnostic.span), diagnostic)

    @property
    def failed(self) -> bool:
        return any(found.severity == "error" for found in self._found.values())

    def in_order(self) -> tuple[Diagnostic, ...]:
        """Everything found, by place."""
        return tuple(sorted(self._found.values(), key=lambda d: (d.span.file, d.span.line, d.span.column, d.code)))


def _correction(word: str, close: list[str], span: Span) -> Fix | None:
    """The other word in the place of this one, if no third one is close and the place has nothing but the word."""
    alone = span.end_line == span.line and span.end_column - span.column == len(word)
    return Fix(span, close[0]) if len(close) == 1 and alone else None


def did_you_mean(word: str, known: Iterable[str]) -> Suggestion:
    """A hint that names the closest known word, if one is close."""
    return Suggestion(word, known)


def listed(words: Iterable[str], limit: int = 8) -> str:
    """Words for a message: `a, b, c, ...`."""
    words = list(words)
    return ", ".join(words[:limit]) + (", ..." if len(words) > limit else "")
