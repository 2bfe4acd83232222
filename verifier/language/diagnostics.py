"""What the front end has to say about a text: one value for each mistake, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from verifier.system.span import Span

Severity = Literal["error", "warning"]

Style = Literal["error", "warning", "place", "caret", "help", "plain"]
"""What a piece of rendered text is, for whoever colours it."""

WIDEST = 120
"""Longer source lines are shown in part."""

_TAB = 4
_BEFORE_CARET = 50


@dataclass(frozen=True, slots=True)
class Fix:
    """Replace the text at `span` by `replacement`: certain enough for a machine to do it."""

    span: Span
    replacement: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """`message` says what is wrong, `label` what stands at the caret, `hint` what to do about it."""

    code: str
    severity: Severity
    message: str
    span: Span
    label: str
    hint: str | None = None
    fix: Fix | None = None


def as_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """The diagnostic as plain data, for reports and editors."""
    fix = diagnostic.fix
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "span": _span_json(diagnostic.span),
        "label": diagnostic.label,
        "hint": diagnostic.hint,
        "fix": None if fix is None else {"span": _span_json(fix.span), "replacement": fix.replacement},
    }


def render(
    diagnostic: Diagnostic,
    sources: Mapping[str, str],
    styled: Callable[[str, Style], str] = lambda text, _: text,
) -> str:
    """The diagnostic as text, with the line it is about. `sources` holds the text of each file by its name."""
    span = diagnostic.span
    heading = styled(f"{diagnostic.severity}[{diagnostic.code}]", diagnostic.severity)
    lines = [f"{heading}: {styled(escape(diagnostic.message), 'plain')}"]
    gutter = len(str(span.line))
    margin = " " * gutter
    lines.append(f"{margin}{styled('--> ' + escape(str(span)), 'place')}")
    source = _line_of(sources.get(span.file), span.line)
    if source is not None:
        end = span.end_column if span.end_line == span.line else len(source) + 1
        shown, start, width = _excerpt(source, span.column, end)
        caret = f"{' ' * start}{'^' * width} {escape(diagnostic.label)}".rstrip()
        lines.append(styled(f"{margin} |", "place"))
        lines.append(f"{styled(f'{span.line} |', 'place')} {shown}".rstrip())
        lines.append(f"{styled(f'{margin} |', 'place')} {styled(caret, 'caret')}")
    elif diagnostic.label:
        lines.append(f"{margin} {styled('= ' + escape(diagnostic.label), 'plain')}")
    if diagnostic.hint is not None:
        lines.append(f"{margin} {styled('= help: ' + escape(diagnostic.hint), 'help')}")
    return "\n".join(lines)


def escape(text: str) -> str:
    """Text of a stranger's file made harmless for a terminal: control and direction characters become visible."""
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    return f"\\x{ord(character):02x}" if ord(character) < 256 else f"\\u{ord(character):04x}"


def _line_of(source: str | None, line: int) -> str | None:
    lines = None if source is None else source.split("\n", line)[:line]
    return lines[-1].rstrip("\r") if lines is not None and len(lines) == line else None


def _excerpt(source: str, column: int, end: int) -> tuple[str, int, int]:
    """The part of a line worth showing, and where the carets begin and how many there are."""
    shown, offsets = _drawn(source, column)
    start = offsets[min(column - 1, len(offsets) - 1)]
    stop = max(offsets[min(end - 1, len(offsets) - 1)], start + 1)
    return shown, start, min(stop, WIDEST) - start if stop > start else 1


def _drawn(source: str, column: int) -> tuple[str, list[int]]:
    """The line as drawn, clipped around `column`, and for each of its characters where it is drawn."""
    first = max(0, column - 1 - _BEFORE_CARET) if len(source) > WIDEST else 0
    pieces = ["..."] if first else []
    width = len("...") if first else 0
    offsets = [width] * first
    for character in source[first:]:
        drawn = " " * (_TAB - width % _TAB) if character == "\t" else _visible(character)
        if width + len(drawn) > WIDEST:
            pieces.append("...")
            break
        offsets.append(width)
        pieces.append(drawn)
        width += len(drawn)
    offsets.append(width)
    return "".join(pieces), offsets


def _span_json(span: Span) -> dict[str, Any]:
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
