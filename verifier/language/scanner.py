"""The lexer of lark's, made ready with less work.

The parser is in one of many states, and lark looks for other terminals in each. For every set of them it puts one
large regular expression together, all alternatives in a row. Most are the same few again, and to compile them took
longer than to read a small specification with them. Here each terminal is an expression of its own, which Python
compiles once. They are tried in the order of the row, so what is found is the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Any, cast

from lark import lexer
from lark.lexer import BasicLexer, ContextualLexer, PatternStr, Scanner, TerminalDef


class _OneByOne(Scanner):
    """Tries terminals one after the other, but those next to each other that are plain text together."""

    def _build_mres(self, terminals: Sequence[TerminalDef], max_size: int) -> list[re.Pattern[str]]:
        found: list[re.Pattern[str]] = []
        for plain, row in groupby(terminals, lambda terminal: isinstance(terminal.pattern, PatternStr)):
            together = list(row)
            for group in [together] if plain else [[terminal] for terminal in together]:
                found += cast(Any, super())._build_mres(group, max_size)
        return found


class _Lexer(BasicLexer):
    def _build_scanner(self) -> Scanner:
        options = self.g_regex_flags, self.re, self.use_bytes
        terminals, self.callback = cast(Any, lexer)._create_unless(self.terminals, *options)
        return cast(Scanner, cast(Any, _OneByOne)(terminals, *options))


class QuickLexer(ContextualLexer):
    """Reads the same tokens as its base class. For the lark that the tables were made with; there are no callbacks."""

    BasicLexer = _Lexer
