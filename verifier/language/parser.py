"""Text to syntax tree, with every syntax error of the file in one run.

A text without mistakes is parsed once, as a whole. Where that fails it is parsed again in parts, one for each top-level
declaration, so that each part can have an error of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lark import Token, Tree

from verifier.language import source, tree
from verifier.language.attempt import Attempt, Start
from verifier.language.builder import Builder
from verifier.language.diagnostics import Diagnostic
from verifier.language.words import DECLARATION_WORDS
from verifier.system.span import Span

if TYPE_CHECKING:
    from verifier.language.outline import Part

DEEPEST_TREE = 120
"""How many levels of operators, blocks and conditions may stand in each other."""

MOST_ERRORS = 50


def parse(text: str, file: str) -> tuple[tree.File | None, tuple[Diagnostic, ...]]:
    """The tree of a file, or the mistakes in it: there is a tree exactly if there is no error."""
    refused = source.check(text, file)
    if refused is not None:
        return None, (refused,)
    parsed = Attempt(text, file).parse("start")
    if isinstance(parsed, Tree):
        return _built(parsed, file)
    return None, (parsed,) if parsed.code == source.TOO_LARGE else _mistakes(text, file) or (parsed,)


def _built(parsed: Tree[Token], file: str, lines: int = 0) -> tuple[tree.File | None, tuple[Diagnostic, ...]]:
    builder = Builder(file, lines)
    deep = _too_deep(parsed, builder)
    if deep is not None:
        return None, (deep,)
    node = builder.build(parsed)
    return (None if builder.diagnostics else node), tuple(builder.diagnostics[:MOST_ERRORS])


def _mistakes(text: str, file: str) -> tuple[Diagnostic, ...]:
    """What is wrong in each part of a text."""
    from verifier.language.outline import outline

    found: list[Diagnostic] = []
    for position, part in enumerate(outline(text, file)):
        found += _part_mistakes(part, file, "lone_header" if position == 0 else "lone_declaration")
        if len(found) >= MOST_ERRORS:
            last = found[MOST_ERRORS - 1]
            message = f"there are more than {MOST_ERRORS} errors; the others are not shown"
            return (*found[:MOST_ERRORS], Diagnostic("E0025", "error", message, last.span, "the last one shown"))
    return tuple(found)


def _part_mistakes(part: Part, file: str, start: Start) -> tuple[Diagnostic, ...]:
    if part.problem is not None:
        return (part.problem,)
    parsed = Attempt(part.text, file, part.lines).parse(start)
    if isinstance(parsed, Tree):
        return _built(parsed, file, part.lines)[1]
    if start == "lone_header" and part.text.lstrip().startswith(tuple(DECLARATION_WORDS)):
        return (parsed, *_part_mistakes(part, file, "lone_declaration"))
    return (parsed,)


def _too_deep(parsed: Tree[Token], builder: Builder) -> Diagnostic | None:
    """The walks over the tree go down with it: it has a limited depth, whatever made it deep."""
    pending = [(parsed, 1)]
    while pending:
        part, depth = pending.pop()
        if depth > DEEPEST_TREE:
            start = builder.span(part.meta)
            return Diagnostic(
                "E0007",
                "error",
                f"this is nested more than {DEEPEST_TREE} levels deep",
                Span(start.file, start.line, start.column, start.line, start.column + 1),
                "one level too many",
                "every operator of a chain is one level: name the parts with `define`",
            )
        pending += [(child, depth + 1) for child in reversed(part.children) if isinstance(child, Tree)]
    return None
