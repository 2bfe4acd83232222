"""What a search under symmetry prepares before its first state."""

from __future__ import annotations

from collections.abc import Hashable

from tests.language.elaborating import elaborated
from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.rows import Rows
from verifier.system.interpreter import Interpreter
from verifier.system.symmetry import infer
from verifier.system.types import Sort

MAPPED = """
sort Page size {size}
sort Frame size {size}
state behind(Page): Frame?
state owner(p: Page): Page? = p
action forget(p: Page) {{ owner(p) := none }}
"""


def lookups(size: int) -> int:
    """How often a sort of so many members is hashed, each time all of it, while the rows are made."""
    system = elaborated(MAPPED.format(size=size)).system
    program = Program(system)
    symmetry = infer(Interpreter(system), ())
    hashed = 0

    def counting(sort: Sort) -> int:
        nonlocal hashed
        hashed += 1
        return hash(sort.name)

    plain: Hashable = Sort.__hash__
    Sort.__hash__ = counting  # type: ignore[method-assign,assignment]
    try:
        rows = Rows(system, program.interpreter.layout, program.packing, symmetry)
    finally:
        Sort.__hash__ = plain  # type: ignore[method-assign,assignment]
    assert rows.possible
    return hashed


def test_types_are_looked_up_once_for_each_function() -> None:
    """Not for each cell: a type is as long as its sort has members, and there are as many cells."""
    assert lookups(200) == lookups(10)
