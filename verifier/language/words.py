"""The words of the language, and what a description between triple quotes says."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


DECLARATION_WORDS = word_set(
    "use sort enum state const define fair strongly unfair operation hardware environment fault action machine protocol"
    " set always never lemma step reachable eventually final for impossible scenario instance variant"
)

RESERVED = word_set(
    "and or not implies in is at if then else true false none any all some no count when await send goto skip each"
    " either assert choose crash where leads expect to from into on of with by as"
)
"""Words that cannot be names, because a name may stand where they do. All others are words only in their place."""

STATEMENT_WORDS = word_set("when await send goto skip if each all either assert choose")

_BLANKS = " \r"
_TAB = 8


def docstring(quoted: str | None) -> str:
    """The text of a description without its quotes, its indentation and the blank lines around it."""
    if quoted is None:
        return ""
    lines = [line.expandtabs(_TAB).rstrip(_BLANKS) for line in quoted[3:-3].split("\n")]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    margin = min((len(line) - len(line.lstrip(" ")) for line in lines[1:] if line), default=0)
    return "\n".join([line.lstrip(" ") for line in lines[:1]] + [line[margin:] for line in lines[1:]])
