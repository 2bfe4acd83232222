"""The comments of a text, which the syntax tree does not have, and the places the formatter needs to put them back."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from verifier.system.span import Span

Position = tuple[int, int]
"""Line and column, from 1."""

_PIECES = re.compile(r'(?P<comment>//[^\n]*+)|(?P<doc>"""(?>(?:[^"]|"(?!""))*)""")|(?P<close>\})|(?P<line>\n)')


@dataclass(frozen=True, slots=True)
class Comment:
    position: Position
    text: str
    alone: bool
    """Whether nothing stands before it on its line."""


@dataclass(slots=True)
class Comments:
    """The comments not yet printed, in order, and where braces close."""

    comments: list[Comment]
    closings: list[Position]
    blank: frozenset[int]
    """The lines with nothing on them."""
    printed: int = 0

    def before(self, position: Position) -> list[Comment]:
        """The comments up to a place; from now on they count as printed."""
        first = self.printed
        while self.printed < len(self.comments) and self.comments[self.printed].position < position:
            self.printed += 1
        return self.comments[first : self.printed]

    def trailing(self, line: int, limit: Position) -> Comment | None:
        """The comment at the end of a line, if nothing else comes before it: it counts as printed."""
        if self.printed == len(self.comments):
            return None
        comment = self.comments[self.printed]
        if comment.position[0] != line or comment.position > limit:
            return None
        self.printed += 1
        return comment

    def within(self, span: Span) -> bool:
        """Whether there is a comment inside a node."""
        first = bisect_left(self.comments, start(span), key=lambda comment: comment.position)
        return first < len(self.comments) and self.comments[first].position < end(span)

    def closing(self, position: Position) -> Position:
        """Where the block that contains a place ends, if no block begins between the place and that end."""
        found = bisect_left(self.closings, position)
        return self.closings[found] if found < len(self.closings) else position


def start(span: Span) -> Position:
    return span.line, span.column


def end(span: Span) -> Position:
    return span.end_line, span.end_column


def comments_of(text: str) -> Comments:
    """The comments of a text that parses."""
    comments: list[Comment] = []
    closings: list[Position] = []
    line, line_start = 1, 0
    for piece in _PIECES.finditer(text):
        position = (line, piece.start() - line_start + 1)
        if piece.lastgroup == "comment":
            alone = not text[line_start : piece.start()].strip()
            comments.append(Comment(position, piece.group().rstrip(), alone))
        elif piece.lastgroup == "close":
            closings.append(position)
        else:
            line += piece.group().count("\n")
            line_start = text.rfind("\n", 0, piece.end()) + 1
    blank = frozenset(number for number, source in enumerate(text.split("\n"), 1) if not source.strip())
    return Comments(comments, closings, blank)
