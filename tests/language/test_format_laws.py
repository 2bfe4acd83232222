"""What holds of the formatter for every tree."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.language import trees
from verifier.language import tree
from verifier.language.format import WIDTH, format_source, format_tree, strip_spans
from verifier.language.parser import parse
from verifier.system.span import NOWHERE

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@given(trees.cases())
@settings(max_examples=300, deadline=None, suppress_health_check=_SLOW)
def test_a_printed_tree_is_parsed_to_itself(case: trees.Case) -> None:
    """Printing loses nothing and adds nothing: parsing the text gives the tree back."""
    text = format_tree(case.file)
    parsed, diagnostics = parse(text, "x.flip")
    assert diagnostics == ()
    assert strip_spans(parsed) == case.file


@given(trees.cases())
@settings(max_examples=150, deadline=None, suppress_health_check=_SLOW)
def test_a_formatted_text_stays_as_it_is(case: trees.Case) -> None:
    """Formatting a second time changes nothing."""
    once = format_source(format_tree(case.file), "x.flip")
    assert isinstance(once, str)
    assert format_source(once, "x.flip") == once


_ATOMS = st.sampled_from([f"{word}_{'x' * 50}" for word in ("one", "two", "three")]).map(
    lambda text: tree.Reference(tree.Name(text, NOWHERE), None, NOWHERE)
)


def _joined(part: st.SearchStrategy[tree.Expr]) -> st.SearchStrategy[tree.Expr]:
    operators = st.sampled_from(("and", "or", "implies"))
    page = tree.NamedType(tree.Name("Page", NOWHERE), NOWHERE)
    bound = tree.Binder((tree.Name("p", NOWHERE),), page, None, None, None, NOWHERE)
    return st.one_of(
        st.builds(tree.Binary, operators, part, part, st.just(NOWHERE)),
        st.builds(tree.Binary, operators, part, part, st.just(NOWHERE)),
        st.builds(tree.Quantified, st.sampled_from(("all", "some")), st.just((bound,)), part, st.just(NOWHERE)),
        st.builds(tree.Conditional, part, part, part, st.just(NOWHERE)),
    )


@given(st.recursive(_ATOMS, _joined, max_leaves=20), st.booleans())
@settings(max_examples=300, deadline=None, suppress_health_check=_SLOW)
def test_long_expressions_are_the_same_on_several_lines(expression: tree.Expr, claimed: bool) -> None:
    """Wherever they are broken, and nothing is broken that fits."""
    name = tree.Name("q", NOWHERE)
    part: tree.Declaration = (
        tree.PropertyDecl("always", name, expression, None, "", NOWHERE)
        if claimed
        else tree.Define(name, (), None, expression, NOWHERE)
    )
    file = tree.File("spec", name, "", (part,), NOWHERE)
    text = format_tree(file)
    parsed, diagnostics = parse(text, "x.flip")
    assert diagnostics == ()
    assert strip_spans(parsed) == file
    assert format_source(text, "x.flip") == text
    lines = text.split("\n")[2:-1]
    assert len(lines) == 1 or sum(map(len, lines)) > WIDTH - 2 * len(lines)


@given(trees.cases(), st.integers(1, 9))
@settings(max_examples=150, deadline=None, suppress_health_check=_SLOW)
def test_comments_are_kept_wherever_they_stand(case: trees.Case, every: int) -> None:
    """Comments at the ends of lines and on lines of their own survive, in order, and the tree is the same."""
    lines = format_tree(strip_docs(case.file)).split("\n")
    text = ""
    for number, line in enumerate(lines):
        text += f"// own {number}\n" if number % every == 0 else ""
        text += f"{line} // end {number}\n" if number % (every + 1) == 0 else f"{line}\n"
    formatted = format_source(text, "x.flip")
    assert isinstance(formatted, str)
    assert sorted(_comments(formatted)) == sorted(_comments(text))
    assert strip_spans(parse(formatted, "x.flip")[0]) == strip_spans(parse(text, "x.flip")[0])
    assert format_source(formatted, "x.flip") == formatted


def strip_docs(file: tree.File) -> tree.File:
    """The file without descriptions of several lines, in which `//` is no comment."""
    kept = tuple(part for part in file.declarations if "\n" not in getattr(part, "doc", ""))
    return tree.File(file.word, file.name, "", kept, file.span)


def _comments(text: str) -> list[str]:
    return [line[line.index("//") :] for line in text.split("\n") if "//" in line]
