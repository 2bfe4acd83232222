"""The parser of the language, from tables that were made beforehand.

To make them from `flip.lark` takes lark longer than all else that a small check does. So they come with the package,
in `flip.tables.json`, and `python -m verifier.language.tables` makes them anew after a change of the grammar. The file
says what it was made from; where that is not the grammar and the lark that are here, the grammar is what is used.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, cast

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

from verifier.language.lexer import LineEnds
from verifier.language.scanner import QuickLexer

_FOLDER = Path(__file__).parent
_GRAMMAR = _FOLDER / "flip.lark"
_TABLES = _FOLDER / "flip.tables.json"


def parser() -> Lark:
    """The parser, by the quickest way there is."""
    if _TABLES.is_file():
        content: dict[str, Any] = json.loads(_TABLES.read_text(encoding="utf-8"))
        if content["origin"] == origin():
            return _from_tables(content["data"], content["memo"])
    return from_grammar()


def from_grammar() -> Lark:
    """The parser, made from the grammar."""
    return Lark(
        _text(),
        parser="lalr",
        lexer="contextual",
        start=["start", "lone_header", "lone_declaration"],
        propagate_positions=True,
        maybe_placeholders=True,
        postlex=LineEnds(),
    )


def origin() -> str:
    """What tables have to be made from to be of use: this grammar, by this lark."""
    return hashlib.sha256(f"{lark.__version__}\n{_text()}".encode()).hexdigest()


def made() -> str:
    """The content of the file of tables."""
    grammar = from_grammar()
    data, memo = cast("Any", grammar).memo_serialize([TerminalDef, Rule])
    data["options"] = {**data["options"], "postlex": None}
    return json.dumps({"origin": origin(), "data": data, "memo": memo}, separators=(",", ":"), sort_keys=True) + "\n"


def _text() -> str:
    return _GRAMMAR.read_text(encoding="utf-8")


def _from_tables(data: dict[str, Any], memo: dict[str, Any]) -> Lark:
    """In JSON the keys of all objects are text; some of lark's are numbers."""
    table = data["parser"]["parser"]
    table["tokens"] = {int(key): token for key, token in table["tokens"].items()}
    table["states"] = {
        int(state): {int(token): action for token, action in actions.items()}
        for state, actions in table["states"].items()
    }
    numbered = {int(key): value for key, value in memo.items()}
    load = cast("Any", Lark)._load_from_dict
    return cast(Lark, load(data, numbered, postlex=LineEnds(), _plugins={"ContextualLexer": QuickLexer}))


if __name__ == "__main__":
    _TABLES.write_text(made(), encoding="utf-8")
