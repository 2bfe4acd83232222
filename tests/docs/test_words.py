"""The documents and the implementation speak of the same words, codes, options and limits."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import pytest
from lark import Lark
from lark.lexer import PatternStr

from tests.docs.blocks import DOCUMENTS, LANGUAGE, README, ROOT, blocks, blocks_of, code, inline_code, prose, rules_used
from verifier.cli import COMMANDS, main
from verifier.language import loader, parser, source
from verifier.language.codes import ENTRIES
from verifier.language.elaborate import choices, effects, effort, expressions, layout, program, world
from verifier.language.elaborate.declarations import BUILT_IN_PROPERTIES, RESERVED_LABELS, RESERVED_VALUES
from verifier.language.words import DECLARATION_WORDS, RESERVED, STATEMENT_WORDS

PUNCTUATION = {"_SEP": (";",), "DOC": ('"""',)}
"""Spellings of the terminals that are described by what they may contain."""
ANYTHING = {"BLANK", "NUMBER", "NAME"}
"""Terminals without a spelling."""


@lru_cache(maxsize=1)
def grammar() -> Lark:
    text = files("verifier.language").joinpath("flip.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", start=["start", "lone_header", "lone_declaration"], maybe_placeholders=True)


def spellings() -> set[str]:
    """Every word and every sign of the grammar."""
    found: set[str] = set()
    for terminal in grammar().terminals:
        if terminal.name in ANYTHING:
            continue
        if terminal.name in PUNCTUATION:
            found.update(PUNCTUATION[terminal.name])
        elif isinstance(terminal.pattern, PatternStr):
            found.add(terminal.pattern.value)
        else:
            found.update(alternatives(terminal.pattern.value))
    return found


def alternatives(pattern: str) -> list[str]:
    r"""Of `(?:spec|model)\b` or `(?:==|!=)` what stands between the bars."""
    plain = pattern.removesuffix(r"\b").removeprefix("(?:").removesuffix(")").replace("\\", "")
    assert re.fullmatch(r"[\w|=!<>]+", plain), f"{pattern} is more than a list of words: say how it is spelt"
    return plain.split("|")


def rules() -> set[str]:
    """The names of the grammar's constructs: its rules, and the names of their alternatives."""
    named = {rule.alias or (None if rule.options.expand1 else str(rule.origin.name)) for rule in grammar().rules}
    return {name for name in named if name is not None and not name.startswith(("_", "lone_"))}


def tokens(text: str) -> set[str]:
    """The words and signs in a piece of Flip."""
    signs = r'\.\.\.|\.\.|:=|==|!=|<=|>=|"""|[^\w\s]'
    return set(re.findall(rf"[A-Za-z_]\w*|{signs}", text))


def test_every_word_and_sign_of_the_grammar_is_in_the_reference() -> None:
    """In a block that is run, or at least in code within the text."""
    shown = tokens(code(LANGUAGE)) | tokens("\n".join(inline_code(LANGUAGE))) | {'"""', ";"}
    assert {"process", "strongly", ":=", "...", "<=", "into", "repeated"} <= spellings()
    assert spellings() - shown == set()


def test_every_construct_of_the_grammar_has_an_example_that_is_run() -> None:
    """Each rule of the grammar is needed to parse some block of the reference."""
    used = set().union(*(rules_used(block) for block in blocks_of("flip") if block.document == LANGUAGE))
    assert {"crash", "set_constant", "optional", "either"} <= rules()
    assert rules() - used == set()


def test_the_words_that_cannot_be_names() -> None:
    """The reference lists exactly the reserved words."""
    (block,) = (block for block in blocks(LANGUAGE) if block.kind == "text")
    assert block.text.split() == sorted(RESERVED)


def test_words_with_a_meaning_are_explained() -> None:
    """Words of declarations and statements, and names that are built in."""
    words = DECLARATION_WORDS | STATEMENT_WORDS | BUILT_IN_PROPERTIES | RESERVED_VALUES | RESERVED_LABELS
    assert words - tokens("\n".join([code(LANGUAGE), *inline_code(LANGUAGE)])) == set()


@pytest.mark.parametrize(
    "limit",
    [
        source.LARGEST_FILE,
        source.MOST_WORDS,
        source.DEEPEST_BRACKETS,
        parser.DEEPEST_TREE,
        parser.MOST_ERRORS,
        loader.MOST_MODELS,
        loader.MOST_BYTES,
        choices.LARGEST_SORT,
        world.LARGEST_NUMBER,
        world.MOST_DEPENDENCIES,
        expressions.DEEPEST,
        expressions.WIDEST_NUMBER.bit_length() - 1,
        layout.MOST_CELLS,
        program.MOST_ARGUMENTS,
        effects.MOST_BRANCHES,
        effects.MOST_COMBINATIONS,
        effort.MOST_EFFORT,
    ],
)
def test_limits(limit: int) -> None:
    """Each limit of the implementation is in the section on limits."""
    _, _, section = prose(LANGUAGE).partition("Limits\n")
    assert f"{limit:,}" in re.findall(r"\d[\d,]*\d|\d", section)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_code_within_a_line_ends_in_it(document: Path) -> None:
    """A line has its backquotes in pairs; otherwise code would escape the tests here."""
    assert [line for line in prose(document).splitlines() if line.count("`") % 2] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_commands_and_options_exist(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`flip check --format` in the text is a command with such an option; a lone `--time` is one of some command."""
    options: dict[str, set[str]] = {}
    for command in (module.__name__.rsplit(".", 1)[-1] for module in COMMANDS):
        main([command, "--help"])
        options[command] = set(re.findall(r"--[a-z][a-z-]*", capsys.readouterr().out))
    for text in inline_code(document):
        first, *words = text.split()
        if first == "flip" and words:
            assert words[0] in options, text
            assert {word for word in words if word.startswith("--")} <= options[words[0]], text
        elif first.startswith("--"):
            assert first in set().union(*options.values()), text


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_codes_and_files_exist(document: Path) -> None:
    """Codes are those of `flip explain`; the README names files and folders of the project."""
    text = document.read_text(encoding="utf-8")
    assert set(re.findall(r"\b[EW]0\d{3}\b", text)) <= ENTRIES.keys()
    if document == README:
        named = [name for name in inline_code(README) if name.endswith(("/", ".md")) and " " not in name]
        assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_models_that_come_with_flip() -> None:
    """Every one of them has a line in the reference."""
    models = {file.stem for file in (ROOT / "models").glob("*.flip")}
    _, _, table = prose(LANGUAGE).partition("| model that comes with Flip | |\n")
    rows = re.findall(r"^\| `(\w+)` \|", table.partition("\n\n")[0], re.MULTILINE)
    assert sorted(rows) == sorted(models)
