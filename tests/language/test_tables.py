"""The tables that come with the package are those of the grammar."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import pytest
from lark import Lark

from verifier.language import tables

ROOT = Path(__file__).parents[2]
LANGUAGE = ROOT / "verifier" / "language"
SPECIFICATIONS = sorted(
    path for folder in ("specs", "models", "tests/oracles") for path in (ROOT / folder).glob("*.flip")
)


@pytest.fixture(scope="module")
def made() -> Lark:
    return tables.from_grammar()


def test_the_file_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a change of the grammar: `python -m verifier.language.tables`. With these tables no grammar is needed."""

    def refused() -> Lark:
        raise AssertionError("flip.tables.json is not what flip.lark makes")

    monkeypatch.setattr(tables, "from_grammar", refused)
    tables.parser()


@pytest.mark.parametrize("path", SPECIFICATIONS, ids=lambda path: path.stem)
def test_both_parsers_build_the_same_tree(path: Path, made: Lark) -> None:
    """Whatever is parsed, and wherever its parts stand."""

    def seen(parser: Lark) -> Any:
        tree = parser.parse(path.read_text(encoding="utf-8"), start="start")
        return tree, [(part.data, vars(part.meta)) for part in cast(Any, tree).iter_subtrees_topdown()]

    assert seen(tables.parser()) == seen(made)


def test_other_tables_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the grammar or lark is another one, the parser is made from the grammar."""
    grammar = tables.from_grammar()
    monkeypatch.setattr(tables, "origin", lambda: "another")
    monkeypatch.setattr(tables, "from_grammar", lambda: grammar)
    assert tables.parser() is grammar


def test_no_group_has_a_possessive_quantifier() -> None:
    """Python 3.11.2, as in Debian 12, matches `(?:a|b)*+` wrongly (python/cpython#106052): no file could be read."""
    texts = {path: path.read_text(encoding="utf-8") for path in LANGUAGE.rglob("*") if path.suffix in (".py", ".lark")}
    assert len(texts) > 40
    found = [path.name for path, text in texts.items() if re.search(r"\)[*+?]\+", text)]
    assert found == []
