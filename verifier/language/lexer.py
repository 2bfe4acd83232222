"""Which line ends separate statements, and which words are names.

As in Go, a line end counts only after a token that can end a statement; inside parentheses it never does. Lines that
go on with an operator or a clause are joined by the grammar's `_SEP` terminal itself.

The contextual lexer takes any word for a name where only names can stand. Reserved words get a type of their own there,
which the grammar does not know, so that `notify send pause` is not a sentence about something called "send".
"""

from __future__ import annotations

from collections.abc import Iterator

from lark import Token
from lark.lark import PostLex

from verifier.language.words import RESERVED, word_set

_ENDS = word_set("NAME NUMBER DOC RPAR RSQB RBRACE QMARK TRUE FALSE NONE ANY STATES HOLDS SKIP MISHAP GAP CRASH")
_PATH_WORDS = frozenset({"GUARD_WORD", "LOOP_WORD", "ASSERT", "SEND", "GOTO", "WHEN", "AWAIT"})


class LineEnds(PostLex):
    """Passes the tokens on without the separators that separate nothing, and with reserved words marked."""

    always_accept = ("_SEP",)

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        depth = 0
        before = last = ""
        for token in stream:
            if token.type == "_SEP":
                ends = last in _ENDS or (last in _PATH_WORDS and before == "DOT")
                if depth == 0 and ends:
                    yield token
                    before, last = last, token.type
                continue
            if token.type == "NAME" and str(token) in RESERVED:
                token.type = "RESERVED"
            if token.type in ("LPAR", "LSQB"):
                depth += 1
            elif token.type in ("RPAR", "RSQB"):
                depth = max(0, depth - 1)
            yield token
            before, last = last, token.type
