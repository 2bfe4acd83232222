"""Files from strangers: whatever they hold, the answer is one clear message, quickly."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.language import source
from verifier.language.diagnostics import Diagnostic, render
from verifier.language.parser import MOST_ERRORS, parse

_HEADER = "spec a\n"


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("", "E0018", 1, 1),
        (" \n// nothing\n", "E0018", 1, 1),
        (_HEADER + "always x: " + "(" * 10_000 + "a" + ")" * 10_000, "E0005", 2, 111),
        (_HEADER + "action x " + "{ if a " * 5_000, "E0005", 2, 710),
        (_HEADER + "always x: " + "a and " * 5_000 + "a", "E0007", 2, 11),
        (_HEADER + "always x: a == " + "- " * 5_000 + "a", "E0007", 2, 250),
        (_HEADER + "always x: " + "not " * 5_000 + "a", "E0007", 2, 483),
        (_HEADER + "always x: " + "a implies " * 5_000 + "a", "E0007", 2, 1181),
        (_HEADER + "always x: " + "a + " * 5_000 + "a == 1", "E0007", 2, 11),
        (_HEADER + "action x { if a { }" + " else if a { }" * 5_000 + " }", "E0007", 2, 1639),
        (_HEADER + "always x: a\x00", "E0004", 2, 12),
        (_HEADER + "always x: a // \x1b[2J", "E0004", 2, 16),
        (_HEADER + "always x: a // \u202e", "E0004", 2, 16),
        (_HEADER + "const n: 0 .. " + "9" * 100_000 + " = 0", "E0011", 2, 15),
        (_HEADER + '"""' + '"' * 100_001, "E0012", 2, 7),
        (_HEADER + "x" * 900_000, "E0022", 2, 1),
        (_HEADER + "x " * 300_000, "E0022", 2, 1),
        (_HEADER + "action x { a " + "a " * 300_000 + "}", "E0002", 2, 100_000),
        ("a" * 1_000_001, "E0002", 1, 1),
        (_HEADER + "}" * 500_000, "E0017", 2, 1),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else str(value),
)
def test_one_clear_message(text: str, code: str, line: int, column: int) -> None:
    """The first diagnostic has this code and place; it comes soon, and it can be shown."""
    begun = time.process_time()
    tree, diagnostics = parse(text, "x.flip")
    assert time.process_time() - begun < 10
    assert tree is None
    first = diagnostics[0]
    assert (first.code, first.span.line, first.span.column) == (code, line, column)
    assert len(render(first, {"x.flip": text})) < 2_000


def test_a_large_file_is_refused_before_it_is_read_further() -> None:
    """Ten megabytes are refused without decoding or parsing."""
    begun = time.process_time()
    refused = source.decode(b"\xff" * 10_000_000, "x.flip")
    assert isinstance(refused, Diagnostic)
    assert refused.code == "E0002"
    assert time.process_time() - begun < 0.5


def test_a_byte_that_is_not_utf_8_is_found() -> None:
    """Its place is given in lines and columns of the text before it."""
    refused = source.decode("spec a\n// ü".encode() + b"\xff", "x.flip")
    assert isinstance(refused, Diagnostic)
    assert (refused.code, refused.span.line, refused.span.column) == ("E0003", 2, 5)


def test_a_byte_order_mark_is_accepted() -> None:
    """Some editors write one; it is no part of the text."""
    text = source.decode(b"\xef\xbb\xbfspec a\r\nstate x: bool\r\n", "x.flip")
    assert isinstance(text, str)
    assert parse(text, "x.flip")[1] == ()


def test_errors_are_not_shown_without_end() -> None:
    """After a number of errors one more says that there are others."""
    diagnostics = parse(_HEADER + "state x bool\n" * 5_000, "x.flip")[1]
    assert [part.code for part in diagnostics] == ["E0012"] * MOST_ERRORS + ["E0025"]


_FRAGMENTS = (
    "spec a|\n|state x: bool|machine {|}|protocol {|process p {|a: |send|to|each|in|(|)|[|]|{|:=|=|==|and|not|all|:|;"
    '|,|"""|"|//|...|..|0x1f|12ab|vm1|always|leads to|expect|variant|drop|.|@|é|\t| |if|then|else|either|or|crash|none'
)
_TEXTS = st.lists(st.sampled_from(_FRAGMENTS.split("|")), max_size=40).map(" ".join) | st.text(max_size=80)


@given(_TEXTS)
@settings(max_examples=500, deadline=None)
def test_no_text_makes_the_parser_fail(text: str) -> None:
    """Any text gives a tree or diagnostics with places inside it; never an exception."""
    for begun in (text, _HEADER + text):
        tree, diagnostics = parse(begun, "x.flip")
        assert (tree is None) == bool(diagnostics)
        for diagnostic in diagnostics:
            assert 1 <= diagnostic.span.line <= begun.count("\n") + 1
            render(diagnostic, {"x.flip": begun})
