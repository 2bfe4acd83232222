"""The sizes and constants that an instance, a variant or the command line chooses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from verifier.language import tree
from verifier.language.elaborate.declarations import Declarations
from verifier.language.elaborate.problems import Problems, did_you_mean
from verifier.system.span import Span

LARGEST_SORT = 65_536

COMMAND_LINE = "<command line>"

_NUMBER = re.compile(r"0x[0-9a-fA-F](?:_?[0-9a-fA-F]){0,15}|[0-9](?:_?[0-9]){0,18}")
"""Numbers as specifications have them, of a length that fits 64 bits."""


@dataclass(frozen=True)
class Choices:
    """By name: how many members of a sort, how many pages of a region, what value of a constant."""

    sorts: Mapping[str, tree.Choice]
    regions: Mapping[str, tree.Choice]
    constants: Mapping[str, tree.Choice]


def settings_as_choices(settings: Mapping[str, int | str]) -> tuple[tree.Choice, ...]:
    """Overrides from the command line, as if an instance said so."""
    made = []
    for index, (name, value) in enumerate(settings.items()):
        span = Span(COMMAND_LINE, index + 1, 1, index + 1, len(name) + len(str(value)) + 2)
        made.append(tree.Choice(tree.Name(name, span), _written(value, span), span))
    return tuple(made)


def _written(value: int | str, span: Span) -> tree.Expr:
    text = str(value).strip()
    if text in ("true", "false", "none"):
        return tree.LiteralExpr({"true": True, "false": False, "none": None}[text], text, span)
    digits = text.removeprefix("-")
    if not _NUMBER.fullmatch(digits):
        return tree.Reference(tree.Name(text, span), None, span)
    literal = tree.LiteralExpr(int(digits, 16 if digits.startswith("0x") else 10), digits, span)
    return literal if digits == text else tree.Unary("-", literal, span)


def gather_choices(layers: Iterable[Iterable[tree.Choice]], declared: Declarations, problems: Problems) -> Choices:
    """The choices of several places, a later one counting more than an earlier one."""
    sorts: dict[str, tree.Choice] = {}
    regions: dict[str, tree.Choice] = {}
    constants: dict[str, tree.Choice] = {}
    for layer in layers:
        seen: set[str] = set()
        for choice in layer:
            name = choice.name.text
            if name in seen:
                problems.error("E0413", choice.name.span, f"`{name}` is chosen twice", "the second choice")
            seen.add(name)
            sort, function = declared.sorts.get(name), declared.functions.get(name)
            if name in declared.regions:
                regions[name] = choice
            elif sort is not None and sort.members is None:
                sorts[name] = choice
            elif function is not None and function.word == "const" and not function.parameters:
                constants[name] = choice
            else:
                _unknown(choice, declared, problems)
    return Choices(sorts, regions, constants)


def _unknown(choice: tree.Choice, declared: Declarations, problems: Problems) -> None:
    name = choice.name.text
    if name in declared.sorts:
        message, hint = f"`{name}` lists its members, so its size is fixed", None
    elif name in declared.functions:
        message, hint = f"`{name}` is not a constant without parameters", None
    else:
        constants = (n for n, f in declared.functions.items() if f.word == "const" and not f.parameters)
        message = f"there is no sort, region or constant `{name}`"
        hint = did_you_mean(name, (*declared.sorts, *declared.regions, *constants))
    problems.error("E0408", choice.name.span, message, "cannot be chosen", hint)


def chosen_size(choice: tree.Choice, largest: int, what: str, problems: Problems) -> int | None:
    """The number a choice gives, which must be from 1 to `largest`."""
    match choice.value:
        case tree.LiteralExpr(bool() | None):
            pass
        case tree.LiteralExpr(int() as size) if 1 <= size <= largest:
            return size
        case _:
            pass
    problems.error(
        "E0409", choice.value.span, f"the size of `{choice.name.text}` must be a number from 1 to {largest}", what
    )
    return None
