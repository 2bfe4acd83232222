"""The syntax tree: what was written, with nothing resolved.

Names are plain strings here; `verifier.language.elaborate` gives them meaning. Every node carries the span of its text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from verifier.system.span import Span

# Names and types


@dataclass(frozen=True, slots=True)
class Name:
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class NamedType:
    """`bool`, or a sort or enumeration by name."""

    name: Name
    span: Span


@dataclass(frozen=True, slots=True)
class RangeType:
    """`low .. high`; both ends are constant expressions."""

    low: Expr
    high: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class InlineEnum:
    """`{ running, stopping, stopped }` as the type of one state function."""

    members: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class OptionalOf:
    base: NamedType | RangeType | InlineEnum
    span: Span


TypeExpr = NamedType | RangeType | InlineEnum | OptionalOf


@dataclass(frozen=True, slots=True)
class Parameter:
    """`name: Type`, or only `Type` (then `name` is None) where nothing refers to it.

    `preposition` is the word that introduces the argument in a sentence: the "to" of `map nic a to p`.
    """

    name: Name | None
    type: TypeExpr
    preposition: str | None
    span: Span


# Expressions


@dataclass(frozen=True, slots=True)
class LiteralExpr:
    """`true`, `false`, `none` or a number. A number may stand for a page or an address that has it."""

    value: bool | int | None
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Reference:
    """`name`, or `name(arguments)`. `arguments` is None where there are no parentheses."""

    name: Name
    arguments: tuple[Expr, ...] | None
    span: Span


@dataclass(frozen=True, slots=True)
class Element:
    """`window[0]`: the page of a region by position."""

    region: Name
    index: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Unary:
    operator: Literal["not", "-"]
    operand: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    operator: Literal["and", "or", "implies", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*"]
    left: Expr
    right: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Is:
    """`operand is word` / `operand is not word`: a status (`nic is stopped`), `none`, or a name for what is there."""

    operand: Expr
    word: Name
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True)
class At:
    """`process at label`."""

    process: Reference
    label: Name
    span: Span


@dataclass(frozen=True, slots=True)
class NamedSet:
    """A region or a whole sort."""

    name: Name
    span: Span


@dataclass(frozen=True, slots=True)
class ListedSet:
    """`{ vm1, vm2 }`."""

    elements: tuple[Expr, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class UnionSet:
    """`window | rest`."""

    parts: tuple[SetExpr, ...]
    span: Span


SetExpr = NamedSet | ListedSet | UnionSet


@dataclass(frozen=True, slots=True)
class Member:
    """`operand in set` / `operand not in set`."""

    operand: Expr
    set: SetExpr
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Conditional:
    """`if c then a else b`."""

    condition: Expr
    then: Expr
    otherwise: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Binder:
    """`p: Page`, `p, q in window`, `address a in window where c`.

    Exactly one of `type` and `set` is given; `noun` picks the sort where a set could be of several.
    """

    names: tuple[Name, ...]
    type: TypeExpr | None
    noun: Name | None
    set: SetExpr | None
    where: Expr | None
    span: Span


@dataclass(frozen=True, slots=True)
class Quantified:
    """`all b: e`, `some b: e`, `no b: e`, `count b: e`."""

    quantifier: Literal["all", "some", "no", "count"]
    binder: Binder
    body: Expr
    span: Span


Expr = (
    LiteralExpr | Reference | Element | Unary | Binary | Is | At | Member | Conditional | Quantified
)  # fmt: skip

# Statements


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

# Declarations


@dataclass(frozen=True, slots=True)
class Use:
    names: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class SortDecl:
    """`sort Page`, `sort Page size 4`, `sort Vm { vm1, vm2 }`, or `enum Phase { a, b }` (`enumeration`)."""

    name: Name
    size: Expr | None
    members: tuple[Name, ...] | None
    enumeration: bool
    span: Span


@dataclass(frozen=True, slots=True)
class FunctionDecl:
    """`state f(T): U = e` or `const f(T): U = e`; `initial` is None where nothing is written, "any" for `= any`."""

    word: Literal["state", "const"]
    name: Name
    parameters: tuple[Parameter, ...]
    type: TypeExpr
    initial: Expr | Literal["any"] | None
    span: Span


@dataclass(frozen=True, slots=True)
class Define:
    name: Name
    parameters: tuple[Parameter, ...]
    type: TypeExpr | None
    body: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class ActionDecl:
    """`operation`, `hardware`, `environment`, `fault` or `action`; `limit` is the N of `at most N`.

    `fairness` is the word before it: "fair", "strongly fair", "unfair", or None for the kind's own.
    """

    word: Literal["operation", "hardware", "environment", "fault", "action"]
    fairness: Literal["fair", "strongly fair", "unfair"] | None
    name: Name
    parameters: tuple[Parameter, ...]
    limit: Expr | None
    body: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Range:
    """`low .. high` of numbers in a region; one number is a range of itself."""

    low: LiteralExpr
    high: LiteralExpr
    span: Span


@dataclass(frozen=True, slots=True)
class Setting:
    """`driver vm1` in an item of the machine: a function's name and what it is for the item."""

    function: Name
    values: tuple[Expr, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Region:
    name: Name
    gpa: tuple[Range, ...]
    hpa: tuple[Range, ...]
    settings: tuple[Setting, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Item:
    """`vm vm1, vm2` or `device nic { driver vm1 }`: members of the sort that `noun` names, and their settings."""

    noun: Name
    names: tuple[Name, ...]
    settings: tuple[Setting, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Machine:
    items: tuple[Region | Item, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Message:
    """`message moved may be lost at most 1`."""

    name: Name
    may: Literal["lost", "repeated"]
    limit: Expr | None
    span: Span


@dataclass(frozen=True, slots=True)
class Step:
    label: Name
    fairness: Literal["fair", "strongly fair", "unfair"] | None
    body: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Crash:
    """`crash at most 1 { ... goto recover }` in a process."""

    limit: Expr | None
    body: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Process:
    name: Name
    parameters: tuple[Parameter, ...]
    steps: tuple[Step, ...]
    crash: Crash | None
    span: Span


@dataclass(frozen=True, slots=True)
class Protocol:
    messages: tuple[Message, ...]
    processes: tuple[Process, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class PropertyDecl:
    """`trigger` is set in `eventually name: trigger leads to formula`."""

    word: Literal["always", "never", "lemma", "step", "reachable", "eventually"]
    name: Name
    formula: Expr
    trigger: Expr | None
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Final:
    formula: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Perform:
    """`hv1.flip.each(p)`, with `_` for an argument that may be anything (None here)."""

    path: tuple[Name, ...]
    arguments: tuple[Expr | None, ...] | None
    span: Span


@dataclass(frozen=True, slots=True)
class Gap:
    span: Span


@dataclass(frozen=True, slots=True)
class Check:
    condition: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class ScenarioDecl:
    name: Name
    possible: bool
    lines: tuple[Perform | Gap | Check, ...]
    doc: str
    span: Span


@dataclass(frozen=True, slots=True)
class Choice:
    """`window = 4` in an instance or on the command line: a size or a constant's value."""

    name: Name
    value: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Instance:
    name: Name
    choices: tuple[Choice, ...]
    states: int | None
    span: Span


@dataclass(frozen=True, slots=True)
class SetConstant:
    """`set driver_lies = true`: another value for a constant, in a specification or in one of its variants."""

    choice: Choice
    span: Span


# Variants


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
    | ScenarioDecl | Instance | Variant
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class File:
    """One `.flip` file: a specification or a model."""

    word: Literal["spec", "model"]
    name: Name
    doc: str
    declarations: tuple[Declaration, ...]
    span: Span
