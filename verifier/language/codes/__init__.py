"""Every code a diagnostic can have, and what it means: one table for each range of codes.

A new range is a module with a table `ENTRIES`, named in `_TABLES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from verifier.language.codes import declarations, files, names, syntax, types, variants
from verifier.language.codes.entry import Entry

_TABLES: tuple[Mapping[str, Entry], ...] = (
    files.ENTRIES,
    syntax.ENTRIES,
    names.ENTRIES,
    types.ENTRIES,
    declarations.ENTRIES,
    variants.ENTRIES,
)

ENTRIES: Mapping[str, Entry] = MappingProxyType(dict(sorted(pair for table in _TABLES for pair in table.items())))


def explain(code: str) -> str | None:
    """The page about a code, or None if there is no such code."""
    entry = ENTRIES.get(code.upper())
    return None if entry is None else entry.text(code.upper())
