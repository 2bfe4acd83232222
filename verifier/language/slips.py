"""Likely slips: where a text goes wrong in a way that has a name, the diagnostic says it, often with a fix.

Each function looks at one place and answers with a diagnostic or with None; the first answer counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from dataclasses import dataclass
from difflib import get_close_matches

from lark import Token

from verifier.language.diagnostics import Diagnostic, Fix
from verifier.language.words import DECLARATION_WORDS, RESERVED, STATEMENT_WORDS
from verifier.system.span import Span


@dataclass(frozen=True, slots=True)
class Place:
    """Where the parser cannot go on: the text there, the tokens before it, and what would be accepted instead."""

    span: Span
    offset: int
    found: Token | None
    rest: str
    before: tuple[Token, ...]
    accepts: Set[str]
    at: Callable[[Token], Span]

    @property
    def last(self) -> Token | None:
        return self.before[-1] if self.before else None


_FOREIGN_OPERATORS = {
    "&&": "and",
    "||": "or",
    "=>": "implies",
    "->": "implies",
    "==>": "implies",
    "!": "not",
    "∧": "and",
    "∨": "or",
    "¬": "not",
    "→": "implies",
    "⇒": "implies",
    "≠": "!=",
    "≤": "<=",
    "≥": ">=",
    "≔": ":=",
}
_FOREIGN_WORDS = {
    "forall": "all",
    "exists": "some",
    "foreach": "each",
    "elif": "else if",
    "elsif": "else if",
    "unless": "if not",
}
_LONGEST_SHOWN = 30


def recognise(place: Place) -> Diagnostic | None:
    """The slip at a place, if it is one of those known."""
    for slip in (
        _quotation,
        _foreign_comment,
        _foreign_operator,
        _foreign_word,
        _assignment,
        _chained_comparison,
        _statement_word,
        _parenthesised_sentence,
        _number,
        _declaration,
        _reserved_word,
    ):
        diagnostic = slip(place)
        if diagnostic is not None:
            return diagnostic
    return None


def shown(text: str) -> str:
    """Text of the file as quoted in a message."""
    return f"`{text}`" if len(text) <= _LONGEST_SHOWN else f"`{text[: _LONGEST_SHOWN - 3]}...`"


def _error(
    code: str, message: str, span: Span, label: str, hint: str | None = None, replacement: str | None = None
) -> Diagnostic:
    fix = None if replacement is None else Fix(span, replacement)
    return Diagnostic(code, "error", message, span, label, hint, fix)


def _wide(span: Span, width: int, back: int = 0) -> Span:
    return Span(span.file, span.line, span.column - back, span.line, span.column - back + width)


def _quotation(place: Place) -> Diagnostic | None:
    quoted = re.match(r"\"[^\"\n]*\"?(?!\")|[“”][^“”\n]*[“”]?|'[^'\n]*'?", place.rest)
    if quoted is None or place.rest.startswith('"""'):
        return None
    text, span = quoted.group(), _wide(place.span, len(quoted.group()))
    if "DOC" not in place.accepts:
        return _error("E0015", "there are no strings in Flip", span, "text in quotation marks")
    inner = text.strip("\"“”'")
    message = "a description stands between triple quotes"
    return _error("E0015", message, span, "not a description", f'write `"""{inner}"""`', f'"""{inner}"""')


def _foreign_comment(place: Place) -> Diagnostic | None:
    opening = re.match(r"#|/\*|--|%", place.rest)
    if opening is None or (place.found is not None and opening.group() != "--"):
        return None
    mark = opening.group()
    span = _wide(place.span, len(mark))
    return _error("E0013", f"`{mark}` does not begin a comment", span, "unknown", "a comment begins with `//`")


def _foreign_operator(place: Place) -> Diagnostic | None:
    back = 1 if place.rest.startswith(">") and place.last is not None and place.last == "-" else 0
    text = "-" * back + place.rest
    for operator in sorted(_FOREIGN_OPERATORS, key=len, reverse=True):
        if text.startswith(operator) and not (operator == "!" and text.startswith("!=")):
            word = _FOREIGN_OPERATORS[operator]
            span = _wide(place.span, len(operator), back)
            spaced = f"{word} " if operator in "!¬" else word
            return _error("E0020", f"`{operator}` is written `{word}`", span, "unknown operator", None, spaced)
    return None


def _foreign_word(place: Place) -> Diagnostic | None:
    if place.last is None or place.last.type != "NAME" or str(place.last) not in _FOREIGN_WORDS:
        return None
    word = _FOREIGN_WORDS[str(place.last)]
    span = place.at(place.last)
    return _error("E0020", f"`{place.last}` is written `{word}`", span, "unknown word", None, word)


def _assignment(place: Place) -> Diagnostic | None:
    operator = re.match(r":=|==|=(?!>)", place.rest)
    if operator is None:
        return None
    found = operator.group()
    span = _wide(place.span, len(found))
    if found == "=" and place.last is not None and place.last == "=" and place.last.end_pos == place.offset:
        message = "expected `=`, found `==`"
        return _error("E0019", message, _wide(place.span, 2, 1), "a value is given with `=`", None, "=")
    meant = {
        "ASSIGN": (":=", "a new value is assigned with `:=`"),
        "COMPARISON": ("==", "two values are compared with `==`"),
        "EQUAL": ("=", "an initial value or a definition is given with `=`"),
    }
    for terminal, (right, explanation) in meant.items():
        if terminal in place.accepts:
            message = f"expected `{right}`, found `{found}`"
            return _error("E0019", message, span, explanation, None, right)
    return None


def _chained_comparison(place: Place) -> Diagnostic | None:
    chained = place.found is not None and place.found.type == "COMPARISON"
    if not chained or "AND" not in place.accepts or "COMPARISON" in place.accepts:
        return None
    hint = "compare two values at a time: `a < b and b < c`"
    return _error("E0027", "comparisons cannot be chained", place.span, "the second comparison", hint)


def _statement_word(place: Place) -> Diagnostic | None:
    if place.found is None or str(place.found) not in STATEMENT_WORDS or place.last is None:
        return None
    end = place.at(place.last)
    after = Span(end.file, end.end_line, end.end_column, end.end_line, end.end_column)
    if "COLON" in place.accepts and place.last.type == "NAME":
        message = f"expected `:` after the label `{place.last}`, found `{place.found}`"
        hint = f"write `{place.last}: {place.found} ...`"
        return Diagnostic("E0026", "error", message, place.span, "the step begins here", hint, Fix(after, ":"))
    if "_SEP" in place.accepts:
        message = f"expected `;` or a line end before `{place.found}`"
        return Diagnostic("E0028", "error", message, place.span, "a new statement", None, Fix(after, ";"))
    return None


def _parenthesised_sentence(place: Place) -> Diagnostic | None:
    if place.last is None or place.last.type != "RPAR" or "ASSIGN" not in place.accepts:
        return None
    tokens = _back_to_call(place.before)
    if tokens is None:
        return None
    operation, *arguments = tokens
    sentence = " ".join([str(operation), *(str(token) for token in arguments[1:-1] if token.type != "COMMA")])
    start, end = place.at(operation), place.at(place.last)
    span = Span(start.file, start.line, start.column, end.end_line, end.end_column)
    message = "the arguments of an operation stand without parentheses"
    plain = len(arguments) == 3 and arguments[1].type in ("NAME", "NUMBER")
    return _error(
        "E0021", message, span, "a sentence, or `:=` missing", f"write `{sentence}`", sentence if plain else None
    )


def _back_to_call(before: tuple[Token, ...]) -> list[Token] | None:
    """The tokens of the call that ends where the place is."""
    depth = 0
    for position in range(len(before) - 1, 0, -1):
        depth += {"RPAR": 1, "LPAR": -1}.get(before[position].type, 0)
        if depth == 0:
            name = before[position - 1]
            return list(before[position - 1 :]) if name.type == "NAME" else None
    return None


def _number(place: Place) -> Diagnostic | None:
    number = re.match(r"[0-9][A-Za-z_0-9]*", place.rest)
    if number is None or place.found is not None:
        return None
    text = number.group()
    hint = "a number is decimal (`255`) or hexadecimal (`0xff`); a name begins with a letter"
    return _error(
        "E0024", f"{shown(text)} is neither a number nor a name", _wide(place.span, len(text)), "unknown", hint
    )


def _declaration(place: Place) -> Diagnostic | None:
    if "USE" not in place.accepts or place.found is None or not re.match(r"[A-Za-z_]", place.rest):
        return None
    found = str(place.found)
    if found in ("spec", "model"):
        return _error("E0018", "a file has one header", place.span, "the second one", "one file for each spec or model")
    close = get_close_matches(found.lower()[:_LONGEST_SHOWN], sorted(DECLARATION_WORDS), 1)
    hint = f"did you mean `{close[0]}`?" if close else "a declaration begins with a word like `state` or `protocol`"
    message = f"expected a declaration, found {shown(found)}"
    return _error("E0022", message, place.span, "no declaration begins so", hint, close[0] if close else None)


def _reserved_word(place: Place) -> Diagnostic | None:
    if place.found is None or "NAME" not in place.accepts or str(place.found) not in RESERVED:
        return None
    found = str(place.found)
    message = f"`{found}` is a word of the language and cannot stand here"
    return _error("E0006", message, place.span, "expected a name", f"if it is a name, choose another: `{found}_`")
