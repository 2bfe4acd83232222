"""Variants, and the file as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from verifier.language.tree.declarations import (
    ActionDecl,
    Define,
    Final,
    ForAny,
    FunctionDecl,
    Instance,
    Machine,
    PropertyDecl,
    Protocol,
    ScenarioDecl,
    SetConstant,
    SortDecl,
    Use,
)
from verifier.language.tree.expressions import Name
from verifier.language.tree.statements import Statement
from verifier.system.span import Span


@dataclass(frozen=True, slots=True)
class Drop:
    """`drop drain`, `drop remap.invalidate`, `drop confirm.await`: a step, or the statements of that kind in one."""

    path: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Add:
    """`add { assign nic to none } to save`."""

    body: tuple[Statement, ...]
    path: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Replace:
    """`replace remap.invalidate with { flush nic }`."""

    path: tuple[Name, ...]
    body: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Move:
    """`move restore before remap`."""

    path: tuple[Name, ...]
    where: Literal["before", "after"]
    anchor: tuple[Name, ...]
    span: Span


Edit = Drop | Add | Replace | Move | SetConstant


@dataclass(frozen=True, slots=True)
class Expectation:
    """`expect holds` (no properties), or `expect violated a, b`."""

    violated: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Variant:
    name: Name
    edits: tuple[Edit, ...]
    expectation: Expectation
    doc: str
    span: Span


Declaration = (
    Use | SetConstant | SortDecl | FunctionDecl | Define | ActionDecl | Machine | Protocol | PropertyDecl | Final
    | ForAny | ScenarioDecl | Instance | Variant
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class File:
    """One `.flip` file: a specification or a model."""

    word: Literal["spec", "model"]
    name: Name
    doc: str
    declarations: tuple[Declaration, ...]
    span: Span
