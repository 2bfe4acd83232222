"""What a text must be before it is parsed: small enough, UTF-8, free of control characters, not nested too deep."""

from __future__ import annotations

import re

from verifier.language.diagnostics import Diagnostic
from verifier.system.span import Span

LARGEST_FILE = 1_000_000
"""In bytes, and in characters. The specifications of this project have some ten thousand."""

TOO_LARGE = "E0002"

MOST_WORDS = 50_000
"""Words, numbers and signs of one file: what bounds the time it takes to parse."""

DEEPEST_BRACKETS = 100

_BYTE_ORDER_MARK = "\ufeff"

# Besides control characters, those that make a line read in another order than it is parsed in.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

_BRACKETS = re.compile(r'//[^\n]*+|"""(?>(?:[^"]|"(?!""))*)"""|[(\[{]|[)\]}]')


def too_large(file: str) -> Diagnostic:
    """The one thing said about a file that is not even read."""
    return Diagnostic(
        TOO_LARGE,
        "error",
        f"the file is larger than {LARGEST_FILE:,} bytes",
        Span(file, 1, 1, 1, 1),
        "not read",
        "split it into models, and `use` them",
    )


def too_long(span: Span) -> Diagnostic:
    """What is said where a file has too many words to go on."""
    message = f"the file has more than {MOST_WORDS:,} words"
    return Diagnostic(TOO_LARGE, "error", message, span, "not read further", "split it into models, and `use` them")


def decode(data: bytes, file: str) -> str | Diagnostic:
    """The text of a file, or why it has none."""
    if len(data) > LARGEST_FILE:
        return too_large(file)
    try:
        return data.decode("utf-8").removeprefix(_BYTE_ORDER_MARK)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix(_BYTE_ORDER_MARK)
        byte = data[error.start]
        return Diagnostic(
            "E0003",
            "error",
            "the file is not UTF-8 text",
            point(file, before, len(before)),
            f"the byte 0x{byte:02x} at offset {error.start} cannot stand here",
            "save the file with the encoding UTF-8",
        )


def check(text: str, file: str) -> Diagnostic | None:
    """Why a text must not be parsed."""
    if len(text) > LARGEST_FILE:
        return too_large(file)
    forbidden = _FORBIDDEN.search(text)
    if forbidden is not None:
        character = forbidden.group()
        return Diagnostic(
            "E0004",
            "error",
            f"the character U+{ord(character):04X} is not allowed in a file",
            point(file, text, forbidden.start()),
            "control character",
            "remove it",
        )
    return _nesting(text, file)


def point(file: str, text: str, offset: int, width: int = 1) -> Span:
    """The span of `width` characters of one line."""
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return Span(file, line, column, line, column + width)


def _nesting(text: str, file: str) -> Diagnostic | None:
    depth = 0
    for bracket in _BRACKETS.finditer(text):
        if bracket.group() in "([{":
            depth += 1
            if depth > DEEPEST_BRACKETS:
                return Diagnostic(
                    "E0005",
                    "error",
                    f"brackets are nested more than {DEEPEST_BRACKETS} deep",
                    point(file, text, bracket.start()),
                    "one too many",
                    "name the inner parts with `define`",
                )
        elif bracket.group() in ")]}":
            depth = max(0, depth - 1)
    return None
