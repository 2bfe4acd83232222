"""What actions and processes do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from verifier.language.tree.expressions import Binder, Expr, Name, Reference
from verifier.system.span import Span


@dataclass(frozen=True, slots=True)
class Guard:
    """`when e` in an operation or a move of the machine, `await e` in a step of a process."""

    word: Literal["when", "await"]
    condition: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Assign:
    """`f(arguments) := value`."""

    target: Reference
    value: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Argument:
    preposition: str | None
    value: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Sentence:
    """A call of an operation, written as a sentence: `map nic a to p`."""

    operation: Name
    arguments: tuple[Argument, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Send:
    message: Name
    receiver: Name
    span: Span


@dataclass(frozen=True, slots=True)
class Goto:
    label: Name
    span: Span


@dataclass(frozen=True, slots=True)
class Skip:
    span: Span


@dataclass(frozen=True, slots=True)
class IfStatement:
    condition: Expr
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Loop:
    """`each b { }`: the elements one at a time in any order; `all b { }`: all at once."""

    word: Literal["each", "all"]
    binder: Binder
    body: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Either:
    branches: tuple[tuple[Statement, ...], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Assert:
    name: Name
    condition: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Choose:
    """`choose c: Context where e`: the rest of the action holds for some such value."""

    binder: Binder
    span: Span


Statement = (
    Guard | Assign | Sentence | Send | Goto | Skip | IfStatement | Loop | Either | Assert | Choose
)  # fmt: skip
