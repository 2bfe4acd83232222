"""The quick lexer reads what lark's own reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark, UnexpectedInput

from verifier.language import tables

ROOT = Path(__file__).parents[2]
TEXTS = tuple(
    path.read_text(encoding="utf-8")
    for folder in ("specs", "models", "tests/oracles")
    for path in sorted((ROOT / folder).glob("*.flip"))
)
SIGNS = ("{", "}", "[", ".", "..", "...", ". .", ":=", ":", "=", "==", "!=", "//", ";", '"""', "\n", "\t", "")
WORDS = ("0x", "1a", "all", "allx", "none", "ä")


@pytest.fixture(scope="module")
def parsers() -> tuple[Lark, Lark]:
    """The one of the tables, and the one that lark makes of the grammar."""
    return tables.parser(), tables.from_grammar()


def read(parser: Lark, text: str) -> Iterator[object]:
    """The tokens with their places, and where and on what reading ends."""
    parsing = parser.parse_interactive(text, start="start")
    try:
        for token in parsing.iter_parse():
            yield token.type, str(token), token.start_pos, token.line, token.column, token.end_pos
    except UnexpectedInput as error:
        yield type(error), error.pos_in_stream, error.line, error.column


@settings(deadline=None)
@given(st.sampled_from(TEXTS), st.data())
def test_damaged_texts_are_read_alike(parsers: tuple[Lark, Lark], text: str, data: st.DataObject) -> None:
    """In whatever state of the parser some text ends, or something else follows."""
    place = data.draw(st.integers(0, len(text)))
    dropped = data.draw(st.integers(0, 8))
    piece = data.draw(st.sampled_from(SIGNS + WORDS) | st.text(max_size=3))
    damaged = text[:place] + piece + text[place + dropped :]
    quick, slow = parsers
    assert list(read(quick, damaged)) == list(read(slow, damaged))
