"""One run of the generated parser over a text, and why it could not go on."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Literal, cast

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedToken
from lark.lexer import PatternStr
from lark.parsers.lalr_interactive_parser import InteractiveParser

from verifier.language import source, tables
from verifier.language.diagnostics import Diagnostic
from verifier.language.expected import in_words
from verifier.language.slips import Place, recognise, shown
from verifier.system.span import Span

Start = Literal["start", "lone_header", "lone_declaration"]

_REST = 200
"""How much of the text after a mistake is looked at."""


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    return tables.parser()


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    """The text of each terminal that has only one."""
    terminals = _grammar().terminals
    return {terminal.name: terminal.pattern.value for terminal in terminals if isinstance(terminal.pattern, PatternStr)}


class Attempt:
    """Keeps the tokens read so far, so that they can explain a failure. `lines` is how many lines stand before."""

    def __init__(self, text: str, file: str, lines: int = 0) -> None:
        self.text = text
        self.file = file
        self.lines = lines
        self.before: list[Token] = []

    def parse(self, start: Start) -> Tree[Token] | Diagnostic:
        parser = _grammar().parse_interactive(self.text, start=start)
        try:
            for token in parser.iter_parse():
                self.before.append(token)
                if len(self.before) > source.MOST_WORDS:
                    return source.too_long(self._at(token))
            feed_end = cast("Callable[[Token | None], Tree[Token]]", parser.feed_eof)
            return feed_end(self.before[-1] if self.before else None)
        except UnexpectedToken as error:
            return self._explain(parser, error.token, start)
        except UnexpectedCharacters as error:
            return self._explain(parser, error.pos_in_stream or 0, start)

    def _explain(self, parser: InteractiveParser, found: Token | int, start: Start) -> Diagnostic:
        """Why the parser cannot go on at a token, or at the offset of a character that begins none."""
        if self.before and self.before[-1] is found:
            self.before.pop()
        place = self._place(parser, found)
        ended = isinstance(found, Token) and found.type == "$END"
        if start != "lone_declaration" and not self.before:
            return _no_header(place, ended)
        return recognise(place) or _general(place, ended, start)

    def _place(self, parser: InteractiveParser, found: Token | int) -> Place:
        token = found if isinstance(found, Token) and found.type != "$END" else None
        if isinstance(found, int):
            offset = found
            span = self._span(source.point(self.file, self.text, offset))
        elif token is not None:
            offset = token.start_pos or 0
            span = self._at(token)
        else:
            offset = len(self.text)
            span = self._end()
        accepts = cast("Callable[[], set[str]]", parser.accepts)
        rest = self.text[offset : offset + _REST]
        return Place(span, offset, token, rest, tuple(self.before), frozenset(accepts()), self._at)

    def _at(self, token: Token) -> Span:
        line, column = cast(int, token.line), cast(int, token.column)
        if token.type == "_SEP":
            return self._span(Span(self.file, line, column, line, column + 1))
        return self._span(Span(self.file, line, column, cast(int, token.end_line), cast(int, token.end_column)))

    def _end(self) -> Span:
        """After the last thing that was read."""
        read = [token for token in self.before if token.type != "_SEP"]
        if not read:
            return Span(self.file, self.lines + 1, 1, self.lines + 1, 1)
        last = self._at(read[-1])
        return Span(self.file, last.end_line, last.end_column, last.end_line, last.end_column + 1)

    def _span(self, span: Span) -> Span:
        return Span(span.file, span.line + self.lines, span.column, span.end_line + self.lines, span.end_column)


def _no_header(place: Place, ended: bool) -> Diagnostic:
    hint = "begin with `spec NAME` for a protocol, or `model NAME` for hardware"
    if ended:
        return Diagnostic("E0018", "error", "there is nothing in this file", place.span, "empty", hint)
    message = "a file begins with a header: `spec NAME` or `model NAME`"
    return Diagnostic("E0018", "error", message, place.span, "no header before this", hint)


def _general(place: Place, ended: bool, start: Start) -> Diagnostic:
    if place.found is None and not ended:
        message = f"the character {shown(place.rest[:1])} has no meaning here"
        return Diagnostic("E0013", "error", message, place.span, f"expected {in_words(place.accepts, _spelling)}")
    if ended:
        found = "the end of the declaration" if start == "lone_declaration" else "the end of the file"
    elif place.rest.startswith(";"):
        found = "`;`"
    else:
        found = "the end of the line" if cast(Token, place.found).type == "_SEP" else shown(str(place.found))
    expected = in_words(place.accepts, _spelling)
    return Diagnostic("E0012", "error", f"expected {expected}, found {found}", place.span, f"expected {expected}")


def _spelling(terminal: str) -> str:
    return _spellings().get(terminal, terminal)
