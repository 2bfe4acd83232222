"""What could stand at a place, in words."""

from __future__ import annotations

from collections.abc import Callable, Set

from verifier.language.words import word_set

_DECLARATION = word_set(
    "USE SORT ENUM FUNCTION_WORD DEFINE FAIR STRONGLY UNFAIR ACTION_WORD MACHINE PROTOCOL PROPERTY_WORD FINAL"
    " FOR IMPOSSIBLE SCENARIO INSTANCE VARIANT"
)
_STATEMENT = word_set("GUARD_WORD NAME SEND GOTO SKIP IF LOOP_WORD EITHER ASSERT CHOOSE")
_EXPRESSION = word_set("NAME NUMBER TRUE FALSE NONE LPAR MINUS NOT QUANTIFIER IF")
_ARGUMENT = word_set("NAME NUMBER TRUE FALSE NONE")
_OPERATOR = word_set("AND OR IMPLIES COMPARISON IS IN PLUS MINUS STAR NOT")
_PART = word_set("NAME WHEN AWAIT ASSERT SEND GOTO CRASH")
_PREPOSITION = word_set("TO FROM INTO IN ON AT OF WITH BY AS")

# Each group stands for the terminals it contains wherever all of the terminals that mark it are possible.
_GROUPS: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    ("a declaration", frozenset({"USE", "SORT"}), _DECLARATION),
    ("a statement", frozenset({"GUARD_WORD", "SKIP"}), _STATEMENT),
    ("a type", frozenset({"NUMBER", "LPAR", "LBRACE", "NAME"}), _EXPRESSION | {"LBRACE"}),
    ("an expression", frozenset({"NUMBER", "LPAR", "MINUS", "NAME"}), _EXPRESSION),
    ("an argument", frozenset({"NUMBER", "TRUE"}), _ARGUMENT),
    ("a preposition", frozenset({"INTO", "WITH", "AS"}), _PREPOSITION),
    ("an operator", frozenset({"AND", "OR"}), _OPERATOR),
    ("an operator", frozenset({"PLUS", "STAR"}), _OPERATOR),
    ("the name of a step", frozenset({"WHEN", "AWAIT"}), _PART),
)

_WORDS = {
    "NAME": "a name",
    "NUMBER": "a number",
    "DOC": 'a description (`"""..."""`)',
    "_SEP": "the end of the line",
    "$END": "the end of the file",
    "FILE_WORD": "`spec` or `model`",
    "FUNCTION_WORD": "`state` or `const`",
    "ACTION_WORD": "the kind of an action",
    "GUARD_WORD": "`when` or `await`",
    "LOOP_WORD": "`each` or `all`",
    "PROPERTY_WORD": "the kind of a property",
    "QUANTIFIER": "`all`, `some`, `no` or `count`",
    "COMPARISON": "a comparison",
    "MISHAP": "`lost` or `repeated`",
    "SIDE": "`before` or `after`",
    "IMPOSSIBLE": "`impossible`",
    "HOLDS": "`holds`",
    "ANY": "`any`",
    "NONE": "`none`",
    "NOT": "`not`",
    "GAP": "`...`",
}

# What hardly anyone forgot where so much else is possible.
_UNLIKELY = frozenset({"DOT", "QMARK", "LSQB", "LPAR", "_SEP"})

_MOST_WORTH_SAYING = 6


def in_words(terminals: Set[str], spelling: Callable[[str], str]) -> str:
    """ "a name, `(` or `:`". `spelling` gives the text of a terminal that is always spelled the same."""
    left = set(terminals)
    phrases: list[str] = []
    for phrase, marks, members in _GROUPS:
        if marks <= left:
            phrases.append(phrase)
            left -= members
    if phrases:
        left -= _UNLIKELY
    phrases += sorted(_WORDS.get(name) or f"`{spelling(name)}`" for name in left - {"$END"})
    if "$END" in left and not phrases:
        phrases.append(_WORDS["$END"])
    if len(phrases) > _MOST_WORTH_SAYING:
        phrases = [*phrases[:_MOST_WORTH_SAYING], "..."]
    return phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} or {phrases[-1]}"
