"""Where the top-level declarations of a text begin, found without a grammar: one mistake must not hide the next.

Brackets are followed by their kind. A declaration's word in the first column begins a new part even inside braces:
then a `}` is missing, and the opening brace is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from verifier.language.diagnostics import Diagnostic
from verifier.language.words import DECLARATION_WORDS, word_set
from verifier.system.span import Span

_PIECES = re.compile(
    r"""(?P<skipped>[ \t\r]++|//[^\n]*+)
    |(?P<doc>\"\"\"(?>(?:[^"]|"(?!""))*)\"\"\")
    |(?P<open_doc>\"\"\")
    |(?P<line>\n)
    |(?P<word>[A-Za-z_0-9]++)
    |(?P<open>[(\[{])
    |(?P<close>[)\]}])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_CONTINUING = word_set("and or implies else then leads where expect is in")
_NAME_FOLLOWS = re.compile(r"[ \t]+[A-Za-z_]|[ \t]*\{")


@dataclass(frozen=True, slots=True)
class Part:
    """One declaration's text, with the number of lines before it, and what is wrong with its brackets."""

    lines: int
    text: str
    problem: Diagnostic | None


@dataclass(frozen=True, slots=True)
class _Bracket:
    text: str
    line: int
    column: int
    indentation: int


@dataclass(slots=True)
class _Outliner:
    text: str
    file: str
    parts: list[Part] = field(default_factory=list)
    stack: list[_Bracket] = field(default_factory=list)
    suspect: _Bracket | None = None
    problem: Diagnostic | None = None
    start: int = 0
    start_line: int = 1

    def run(self) -> tuple[Part, ...]:
        line, line_start, indentation = 1, 0, 0
        fresh = True  # at the first word of a line
        complete = False  # after something that can end a declaration
        filled = False  # after anything but comments: those at the top belong to the header
        for piece in _PIECES.finditer(self.text):
            kind, text = piece.lastgroup, piece.group()
            column = piece.start() - line_start + 1
            if kind == "line":
                line, line_start, fresh = line + 1, piece.end(), True
                continue
            if kind == "skipped":
                continue
            if fresh:
                fresh, indentation = False, column - 1
                if filled and kind == "word" and self.begins(text, piece.end(), column, complete):
                    self.cut(line_start, line)
            filled = True
            if kind == "doc" and "\n" in text:
                line += text.count("\n")
                line_start = piece.start() + text.rindex("\n") + 1
            elif kind == "open_doc":
                self.unfinished(line, column)
                break
            elif kind == "open":
                self.stack.append(_Bracket(text, line, column, indentation))
            elif kind == "close":
                self.close(text, line, column, indentation if column == indentation + 1 else None)
            complete = kind in ("word", "doc", "close") or text in ".?"
        self.cut(len(self.text), line)
        return tuple(self.parts)

    def begins(self, word: str, end: int, column: int, complete: bool) -> bool:
        """Whether the word at the beginning of a line begins a declaration."""
        if column == 1 and word in DECLARATION_WORDS and _NAME_FOLLOWS.match(self.text, end) is not None:
            return True
        return not self.stack and complete and word not in _CONTINUING

    def cut(self, offset: int, line: int) -> None:
        """End the part before `offset`."""
        if self.stack and self.problem is None:
            bracket = self.suspect or self.stack[-1]
            self.report("E0016", f"this `{bracket.text}` is never closed", bracket.line, bracket.column, "opened here")
        if offset > self.start:
            self.parts.append(Part(self.start_line - 1, self.text[self.start : offset], self.problem))
        self.start, self.start_line = offset, line
        self.stack, self.suspect, self.problem = [], None, None

    def close(self, text: str, line: int, column: int, indentation: int | None) -> None:
        while self.stack and _CLOSING[self.stack[-1].text] != text and text == "}":
            opened = self.stack.pop()
            message = f"this `{opened.text}` is not closed before the `}}` in line {line}"
            self.report("E0016", message, opened.line, opened.column, "opened here")
        if not self.stack or _CLOSING[self.stack[-1].text] != text:
            self.report("E0017", f"this `{text}` closes nothing", line, column, "nothing to close")
            return
        opened = self.stack.pop()
        if indentation is not None and indentation < opened.indentation and self.suspect is None:
            self.suspect = opened

    def unfinished(self, line: int, column: int) -> None:
        self.problem, self.stack = None, []
        message = 'this description has no closing `"""`'
        self.report("E0014", message, line, column, "begins here", 'write `"""` where it ends', width=3)

    def report(
        self, code: str, message: str, line: int, column: int, label: str, hint: str | None = None, width: int = 1
    ) -> None:
        if self.problem is None:
            span = Span(self.file, line, column, line, column + width)
            self.problem = Diagnostic(code, "error", message, span, label, hint)


def outline(text: str, file: str) -> tuple[Part, ...]:
    """The parts of a text, in order; the first one holds the header."""
    return _Outliner(text, file).run()
