"""What is read from a text without mistakes, and how a text with some is taken apart."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from verifier.language import tree
from verifier.language.diagnostics import Diagnostic
from verifier.language.parser import parse

_REPOSITORY = Path(__file__).parents[2]


def _declaration(text: str) -> tree.Declaration:
    file, diagnostics = parse(f"spec a\n{text}\n", "x.flip")
    assert diagnostics == ()
    assert file is not None
    (declaration,) = file.declarations
    return declaration


def _expression(text: str) -> tree.Expr:
    declaration = _declaration(f"final {text}")
    assert isinstance(declaration, tree.Final)
    return declaration.formula


def _shape(node: tree.Expr) -> str:
    """An expression with all of its parentheses."""
    match node:
        case tree.Binary():
            return f"({_shape(node.left)} {node.operator} {_shape(node.right)})"
        case tree.Unary():
            return f"({node.operator} {_shape(node.operand)})"
        case tree.Quantified():
            return f"({node.quantifier}: {_shape(node.body)})"
        case tree.Reference():
            return node.name.text
        case tree.LiteralExpr():
            return node.text
        case _:
            return type(node).__name__


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("a or b and c", "(a or (b and c))"),
        ("a implies b implies c", "(a implies (b implies c))"),
        ("a or b implies c", "((a or b) implies c)"),
        ("not a == b and c", "((not (a == b)) and c)"),
        ("a - b - c * d", "((a - b) - (c * d))"),
        ("a and all p: P: b and c implies d", "(a and (all: ((b and c) implies d)))"),
        ("(some p: P: b) and c", "((some: b) and c)"),
        ("not some p: P: b or c", "(not (some: (b or c)))"),
        ("hv1 at flip and a is none or b in { c }", "((At and Is) or Member)"),
    ],
)
def test_operators_bind_as_the_language_says(text: str, shape: str) -> None:
    """From loose to tight: implies, or, and, not, comparisons, sums, products; a quantifier takes all that follows."""
    assert _shape(_expression(text)) == shape


def test_a_line_end_separates_and_an_operator_continues() -> None:
    """A line that begins with an operator or a clause goes on with the one above, also after comments."""
    file, diagnostics = parse(
        "spec a\nalways x: a // says and more\n  // and this\n  and b\nstate y: bool\n  = true; state z: bool\n",
        "x.flip",
    )
    assert diagnostics == ()
    assert file is not None
    assert [type(part) for part in file.declarations] == [tree.PropertyDecl, tree.FunctionDecl, tree.FunctionDecl]


def test_line_ends_in_parentheses_separate_nothing() -> None:
    """Arguments and parenthesised expressions may be written over several lines."""
    assert _shape(_expression("f(a,\n  b\n)")) == "f"
    assert _shape(_expression("(a\n and b\n) or c")) == "((a and b) or c)"
    assert isinstance(_declaration("operation go(d: Device\n  to a: Address\n) { skip }"), tree.ActionDecl)


def test_spans_are_those_of_the_text() -> None:
    """Lines and columns count from 1, and the end is one past the last character; parentheses belong to the whole."""
    declaration = _declaration("always x: (a and b) or\n  not c")
    assert isinstance(declaration, tree.PropertyDecl)
    formula = declaration.formula
    assert (formula.span.line, formula.span.column, formula.span.end_line, formula.span.end_column) == (2, 11, 3, 8)
    assert (declaration.span.line, declaration.span.column) == (2, 1)


def test_descriptions_lose_quotes_and_indentation() -> None:
    """A description is its text, whatever its place in the file."""
    declaration = _declaration('always x: a\n    """One.\n\n      Two.\n    Three.\n    """')
    assert isinstance(declaration, tree.PropertyDecl)
    assert declaration.doc == "One.\n\n  Two.\nThree."


def test_words_are_words_only_in_their_place() -> None:
    """Words such as `state`, `step` or `region` can be names where no declaration can begin."""
    _declaration("operation step(region: Device) { state(region) := size }")


def test_crash_may_end_a_line() -> None:
    """As a line of a scenario and as the object of an edit."""
    file, diagnostics = parse(
        "spec a\nscenario s { a; crash; a }\n"
        "variant v {\n  drop crash\n  add { skip } to crash\n  drop a\n} expect holds",
        "x.flip",
    )
    assert diagnostics == ()
    assert file is not None


def test_numbers_are_decimal_or_hexadecimal() -> None:
    """`_` separates digits."""
    for text, value in (("0x1f", 31), ("1_000", 1000), ("007", 7), ("0xee_1f", 0xEE1F)):
        literal = _expression(text)
        assert isinstance(literal, tree.LiteralExpr)
        assert literal.value == value


def test_fixes_make_the_text_right() -> None:
    """Applying the fix that a diagnostic offers removes the mistake."""
    for wrong in (
        "action go { x = true }",
        "action go { x == true }",
        "always x: a = b",
        "always x: a && b",
        "always x: !a",
        "always x: a -> b",
        "always x: forall p: P: a",
        "state x: bool := true",
        "state x: bool = True",
        "stat x: bool",
        'always x: a "Why."',
        "instance i { n == 3 }",
        "protocol {\nprocess p {\na send x to y }}",
        "protocol {\nprocess p {\na: stop nic send x to y }}",
        "action go { stop(nic) }",
    ):
        text = f"spec a\n{wrong}\n"
        (diagnostic,) = parse(text, "x.flip")[1]
        assert parse(_applied(text, diagnostic), "x.flip")[1] == (), wrong


def _applied(text: str, diagnostic: Diagnostic) -> str:
    assert diagnostic.fix is not None, diagnostic
    span = diagnostic.fix.span
    lines = text.split("\n")
    line = lines[span.line - 1]
    lines[span.line - 1] = line[: span.column - 1] + diagnostic.fix.replacement + line[span.end_column - 1 :]
    return "\n".join(lines)


def test_all_mistakes_of_a_file_are_found_in_one_run() -> None:
    """Each declaration has a mistake of its own, and those without are not complained about."""
    text = "spec a\nstate x bool\nstate y: bool\naction go { x = 3 }\nmachine {\n  vm a\nalways z: a &&\n"
    assert [(part.code, part.span.line) for part in parse(text, "x.flip")[1]] == [
        ("E0012", 2), ("E0019", 4), ("E0016", 5), ("E0020", 7)
    ]  # fmt: skip


def test_a_long_specification_is_parsed_in_a_second() -> None:
    """Two thousand lines, of the kind this project has."""
    body = (_REPOSITORY / "specs" / "flip_rollback.flip").read_text(encoding="utf-8").split("\n", 1)[1]
    declarations = body.split('"""', 2)[2]
    text = "spec a\n" + declarations * (2_000 // declarations.count("\n") + 1)
    parse("spec warm", "x.flip")
    begun = time.process_time()
    assert parse(text, "x.flip")[1] == ()
    assert text.count("\n") >= 2_000
    assert time.process_time() - begun < 1
