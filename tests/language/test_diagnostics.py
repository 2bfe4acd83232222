"""How a diagnostic looks, for people and for machines, and that the explanations are true."""

from __future__ import annotations

import json

import pytest

from tests.language.elaborating import checked
from verifier.language.codes import ENTRIES, explain
from verifier.language.diagnostics import WIDEST, Diagnostic, Fix, as_json, escape, render
from verifier.language.parser import parse
from verifier.language.specification import Specification
from verifier.system.span import Span


def _diagnostic(column: int, end: int, line: int = 1, message: str = "wrong") -> Diagnostic:
    return Diagnostic("E0012", "error", message, Span("x.flip", line, column, line, end), "here", "do that")


def test_the_place_is_shown_with_carets_under_it() -> None:
    """The heading, the place, the line, carets of the span's width with the label, and the help."""
    shown = render(_diagnostic(7, 12, line=2), {"x.flip": "spec a\nstate owner\n"})
    assert shown == (
        "error[E0012]: wrong\n --> x.flip:2:7\n  |\n2 | state owner\n  |       ^^^^^ here\n  = help: do that"
    )


def test_tabs_are_drawn_as_blanks_and_the_caret_follows() -> None:
    """A tab moves the text and the caret by the same amount."""
    lines = render(_diagnostic(3, 4), {"x.flip": "\t\tx"}).split("\n")
    assert lines[3].index("x") == lines[4].index("^") == len("1 | ") + 8


@pytest.mark.parametrize("column", [1, 60, 5000, 100_000])
def test_long_lines_are_clipped_around_the_place(column: int) -> None:
    """A line of any length is shown in part, with the place in it."""
    source = "a" * (column - 1) + "X" + "b" * 100_000
    lines = render(_diagnostic(column, column + 1), {"x.flip": source}).split("\n")
    assert all(len(line) <= WIDEST + 20 for line in lines)
    assert lines[3][lines[4].index("^")] == "X"


def test_control_characters_do_not_reach_the_terminal() -> None:
    """Escape sequences and characters that change the direction of the text are made visible everywhere."""
    source = "\x1b[31m x \u202e"
    shown = render(_diagnostic(7, 8, message="\x1b[2J"), {"x.flip": source})
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert escape("\x1b\u202e") == "\\x1b\\u202e"
    lines = shown.split("\n")
    assert lines[3][lines[4].index("^")] == "x"


def test_a_place_outside_the_source_is_no_problem() -> None:
    """A file that was not read, a line or a column past the end: the message is shown all the same."""
    for sources in ({}, {"x.flip": ""}, {"x.flip": "ab"}):
        for line in (1, 9):
            assert "error[E0012]: wrong" in render(_diagnostic(50, 60, line=line), sources)


def test_the_json_form_has_everything() -> None:
    """All fields, as plain data."""
    span = Span("x.flip", 1, 2, 1, 3)
    data = as_json(Diagnostic("E0019", "error", "m", span, "l", None, Fix(span, ":=")))
    assert json.loads(json.dumps(data)) == data
    assert data["span"] == {"file": "x.flip", "line": 1, "column": 2, "end_line": 1, "end_column": 3}
    assert data["fix"]["replacement"] == ":="


@pytest.mark.parametrize("code", [code for code, entry in ENTRIES.items() if entry.wrong and code < "E0030"])
def test_the_examples_of_an_explanation_are_what_they_say(code: str) -> None:
    """The wrong example of a syntax code has exactly this mistake, and the right one has none."""
    entry = ENTRIES[code]
    assert [part.code for part in parse(entry.wrong, "x.flip")[1]] == [code]
    assert parse(entry.right, "x.flip")[1] == ()


def test_a_code_is_found_in_any_case_and_unknown_ones_are_not() -> None:
    """`flip explain e0019` works; a code that does not exist has no page."""
    assert "E0019" in (explain("e0019") or "")
    assert explain("E9999") is None


_PAUSED = """\
spec s
sort Page size 2
state owner(Page): bool
state running: bool = true
operation stop { running := false }
protocol {
  process hv {
    pause: stop
    hand:  await not running
  }
}
always fine: running or not running
scenario done { hv.pause;  hv.hand }
"""


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("await not running", "await not runing", "E0101"),
        ("owner(Page)", "owner(Pag)", "E0102"),
        ("running := false", "runing := false", "E0308"),
        ("pause: stop", "pause: stopp", "E0104"),
        ("hv.hand }", "hv.hnd }", "E0410"),
    ],
)
def test_a_name_with_one_likely_meaning_can_be_corrected_by_a_machine(old: str, new: str, code: str) -> None:
    """What stands at the fix is the misspelt word; with the other one in its place nothing is wrong."""
    text = _PAUSED.replace(old, new)
    found = checked(text)
    assert not isinstance(found, Specification)
    (wrong,) = found
    assert wrong.code == code
    assert wrong.fix is not None
    lines = text.split("\n")
    span = wrong.fix.span
    line = lines[span.line - 1]
    lines[span.line - 1] = line[: span.column - 1] + wrong.fix.replacement + line[span.end_column - 1 :]
    assert "\n".join(lines) == _PAUSED


def test_a_name_with_several_likely_meanings_is_for_the_author() -> None:
    """The closest one is a hint, and no more; nor is there a fix where nothing is close."""
    text = _PAUSED.replace("state running", "state runnings: bool\nstate running")
    close = checked(text.replace("await not running", "await not runing"))
    far = checked(_PAUSED.replace("await not running", "await not ready_now"))
    for found, hint in ((close, "did you mean `running`?"), (far, None)):
        assert not isinstance(found, Specification)
        assert [(part.hint, part.fix) for part in found] == [(hint, None)]
