"""The canonical form, by example."""

from __future__ import annotations

from pathlib import Path

import pytest

from verifier.language.diagnostics import Diagnostic
from verifier.language.format import WIDTH, format_source, strip_spans
from verifier.language.parser import parse

_REPOSITORY = Path(__file__).parents[2]
_SPECIFICATIONS = sorted([*_REPOSITORY.glob("models/*.flip"), *_REPOSITORY.glob("specs/*.flip")])


def _formatted(text: str) -> str:
    result = format_source(text, "x.flip")
    assert isinstance(result, str)
    return result


def test_spaces_and_empty_lines_are_canonical() -> None:
    """One space where the author had several; at most one empty line; none at the beginning of a block."""
    text = "spec   a\n\n\n\nmachine   {\n\n  vm a  ,b\n\n\n  vm c\n\n}\nstate  x(Page ):bool=  true\n\n\n"
    assert _formatted(text) == "spec a\n\nmachine {\n  vm a, b\n\n  vm c\n}\nstate x(Page): bool = true\n"


def test_steps_begin_in_one_column() -> None:
    """The statements of a process' steps stand under each other; those written on one line stay there."""
    text = "spec a\nprotocol {\nprocess p {\nstop: await x; halt nic\nresume:\nstart nic\nsend ok to q\n}\n}\n"
    assert _formatted(text) == (
        "spec a\n\nprotocol {\n  process p {\n    stop:   await x;  halt nic\n"
        "    resume: start nic\n            send ok to q\n  }\n}\n"
    )


def test_blocks_stay_on_one_line_or_on_several() -> None:
    """A block written on one line stays on one if it fits; one written on several lines stays on several."""
    flat = "spec a\n\naction go { x := 1;  y := 2 }\n"
    long = "spec a\n\naction go {\n  x := 1\n  y := 2\n}\n"
    assert _formatted(flat) == flat
    assert _formatted(long) == long
    wide = "spec a\n\naction go { " + "; ".join(f"quite_a_long_name_{n} := {n}" for n in range(9)) + " }\n"
    assert all(len(line) <= WIDTH for line in _formatted(wide).split("\n"))


def test_long_expressions_are_broken_at_their_loosest_operator() -> None:
    """Each operand of a chain that does not fit stands on a line that begins with the operator."""
    text = "spec a\n\nalways x: " + " and ".join(f"(some_name_{n} or other_{n})" for n in range(6)) + "\n"
    lines = _formatted(text).split("\n")
    assert lines[2] == "always x: (some_name_0 or other_0)"
    assert lines[3:8] == [f"  and (some_name_{n} or other_{n})" for n in range(1, 6)]


def test_what_is_still_too_long_is_broken_again() -> None:
    """Inside of quantifiers and of parentheses; the lines of an operand stand further in than its neighbours."""
    one, two, three = (f"{word}_{'x' * 34}(p, q)" for word in ("one", "two", "three"))
    text = f"all p: Page: {one} implies (some q: Page: {two} and ({one} or all r: Page: {two} or {three} or {one}))"
    assert _formatted(f"spec a\nalways safe: {text} and {three}\n") == (
        "spec a\n\n"
        f"always safe: all p: Page: {one}\n"
        f"  implies (some q: Page: {two}\n"
        f"      and ({one}\n"
        f"        or all r: Page: {two}\n"
        f"          or {three}\n"
        f"          or {one}))\n"
        f"    and {three}\n"
    )


def test_a_quantifier_does_not_reach_further_when_a_line_is_broken() -> None:
    """Without parentheses it would reach to the end of the next line."""
    one, two, three = (f"{word}_{'x' * 50}" for word in ("one", "two", "three"))
    text = f"spec a\n\nalways safe: {one} and (all p: Page: {two}) implies {three}\n"
    formatted = _formatted(text)
    assert all(len(line) <= WIDTH for line in formatted.split("\n"))
    assert strip_spans(parse(formatted, "x.flip")[0]) == strip_spans(parse(text, "x.flip")[0])


def test_an_operand_that_begins_a_line_is_set_off_too() -> None:
    """Where a definition begins on a line of its own, its first operand may be broken."""
    words = [f"{word}_{'x' * 40}" for word in ("one", "two", "three", "four")]
    assert _formatted(f"spec a\ndefine long = {' and '.join(words[:3])} implies {words[3]}\n") == (
        f"spec a\n\ndefine long =\n  {words[0]}\n    and {words[1]}\n    and {words[2]}\n  implies {words[3]}\n"
    )


def test_parentheses_stand_where_they_are_needed_and_nowhere_else() -> None:
    """The tree decides about parentheses, not the author; `and` within `or` is told apart for the reader's sake."""
    text = "spec a\nalways x: ((a and b)) or (c implies (d)) and (all p: P: p == (1 + 2) * 3) and not (a == b)\n"
    assert "x: (a and b) or ((c implies d) and (all p: P: p == (1 + 2) * 3) and not a == b)\n" in _formatted(text)


@pytest.mark.parametrize(
    "formula",
    [
        "a and (b and c)",
        "a or (b or c)",
        "(a implies b) implies c",
        "a - (b - c) == 0",
        "a * (b + c) == (a + b) * c",
        "-(a + b) == a",
        "not (a and b)",
        "(a == b) == c",
        "(if a then b else c) and d",
        "a and (if b then c else d) and e",
        "not (all p: P: a) and b",
    ],
)
def test_parentheses_that_make_another_tree_are_kept(formula: str) -> None:
    """Without them, the text would say something else."""
    assert f" {formula}\n" in _formatted(f"spec a\nfinal {formula}\n")


def test_a_long_chain_of_cases_has_a_line_for_each() -> None:
    """And what does not fit behind `=` begins on the next line."""
    cases = " ".join(f"if x == {n} then {n + 1} else" for n in range(12))
    text = f"spec a\nconst long(x: 0 .. 20): 0 .. 20 = {cases} 0\n"
    lines = _formatted(text).splitlines()

    assert lines[2:5] == ["const long(x: 0 .. 20): 0 .. 20 =", "  if x == 0 then 1", "  else if x == 1 then 2"]
    assert lines[-1] == "  else 0"


def test_a_description_of_several_lines_ends_on_a_line_of_its_own() -> None:
    """A short one stays on one line."""
    assert '"""One."""\n' in _formatted('spec a\n"""One."""\n')
    assert '"""One.\n\nTwo.\n"""\n' in _formatted('spec a\n"""One.\n\nTwo."""\n')


def test_only_a_word_that_goes_on_begins_a_line() -> None:
    """`expect` may stand on the next line; the `to` of an edit may not, and its block is opened instead."""
    body = ";  ".join(f"name_{n} := {n}" for n in range(8))
    text = f"spec a\nvariant v {{ add {{ {body} }} to step }} expect holds\n"
    assert "\n  } to step\n} expect holds\n" in _formatted(text)
    doc = "x" * (WIDTH - 35)
    text = f'spec a\n\nvariant v """{doc}""" {{ drop a }}\n  expect holds\n'
    assert _formatted(text) == text


def test_comments_stay_where_they_are() -> None:
    """Comments on their own line, at the end of a line, behind an opening brace and before a closing one."""
    text = (
        "// first\nspec a  // name\n\n// about x\nstate x: bool  // x\nstate longer: bool  // longer\n\n"
        "machine {  // the machine\n  // one\n  vm a\n  // last\n}\n// end\n"
    )
    expected = text.replace("state x: bool  // x", "state x: bool       // x")
    assert _formatted(text) == expected


def test_properties_of_one_group_are_aligned() -> None:
    """Kinds, names and formulas of neighbouring properties stand in columns; an empty line ends a group."""
    text = "spec a\nalways x: a\neventually longer: b\n\nnever z: c\n"
    assert _formatted(text) == "spec a\n\nalways     x:      a\neventually longer: b\n\nnever z: c\n"


def test_a_text_with_mistakes_is_not_touched() -> None:
    """The mistakes are the answer."""
    result = format_source("spec a\nstate x bool\n", "x.flip")
    assert isinstance(result, tuple)
    assert [part.code for part in result if isinstance(part, Diagnostic)] == ["E0012"]


@pytest.mark.parametrize("path", _SPECIFICATIONS, ids=lambda path: path.stem)
def test_the_specifications_of_this_repository(path: Path) -> None:
    """Formatting keeps their trees and their comments, and a second time changes nothing."""
    text = path.read_text(encoding="utf-8")
    once = _formatted(text)
    assert strip_spans(parse(once, "x.flip")[0]) == strip_spans(parse(text, "x.flip")[0])
    assert once.count("//") == text.count("//")
    assert _formatted(once) == once
