"""Names, strings and comments that are safe in Murphi, whatever stood in the specification."""

from __future__ import annotations

import re

# fmt: off
RESERVED = frozenset((
    "alias", "array", "assert", "assume", "begin", "boolean", "by", "case", "clear", "const", "cover", "do", "else",
    "elsif", "end", "endalias", "endassert", "endassume", "endexists", "endfor", "endforall", "endfunction",
    "endif", "endinvariant", "endliveness", "endprocedure", "endrecord", "endrule", "endruleset", "endstartstate",
    "endswitch", "endwhile", "enum", "error", "exists", "false", "for", "forall", "from", "function", "if",
    "invariant", "ismember", "isundefined", "liveness", "multiset", "multisetadd", "multisetcount",
    "multisetremove", "multisetremovepred", "of", "procedure", "process", "program", "property", "put", "real",
    "record", "return", "rule", "ruleset", "scalarset", "startstate", "switch", "then", "to", "true", "type",
    "undefine", "union", "var", "while",
))
# fmt: on


class Names:
    """Hands out identifiers, no two in the same scope alike even when capitals are ignored."""

    def __init__(self) -> None:
        self._outer = set(RESERVED)
        self._inner: set[str] = set()
        self._ever_inner: set[str] = set()

    def fresh(self, text: str) -> str:
        """A new identifier for the whole model that resembles the text."""
        name = _resembling(text, self._outer | self._ever_inner)
        self._outer.add(name.lower())
        return name

    def local(self, text: str) -> str:
        """A new identifier for the current rule or formula."""
        name = _resembling(text, self._outer | self._inner)
        self._inner.add(name.lower())
        self._ever_inner.add(name.lower())
        return name

    def leave(self) -> None:
        """The current rule or formula is at its end: its local names are free again."""
        self._inner.clear()


def _resembling(text: str, taken: set[str]) -> str:
    stem = re.sub(r"[^A-Za-z0-9_]+", "_", text, flags=re.ASCII).strip("_")
    if not re.match("[A-Za-z]", stem):
        stem = f"x_{stem}" if stem else "x"
    name, number = stem, 1
    while name.lower() in taken:
        number += 1
        name = f"{stem}_{number}"
    return name


def plain(text: str) -> str:
    """The text with every character that could end a string or a comment, or is not ASCII, replaced."""
    return re.sub(r"[^A-Za-z0-9_ .,:()<>=+]", "?", text, flags=re.ASCII)
