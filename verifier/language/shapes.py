"""What the formatter needs to know of each node: its text if it is one line, or its heads, its blocks and its tail."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from verifier.language import inline, tree
from verifier.system.span import Span


@dataclass(frozen=True, slots=True)
class Ranges:
    """All `gpa` or all `hpa` ranges of a region, as one line."""

    word: str
    ranges: tuple[tree.Range, ...]
    span: Span


Node = (
    tree.Declaration | tree.Statement | tree.Region | tree.Item | tree.Setting | Ranges | tree.Message | tree.Process
    | tree.Step | tree.Crash | tree.Perform | tree.Gap | tree.Check | tree.Choice | tree.Edit
)  # fmt: skip


_Placed = tree.Setting | Ranges | tree.Message | tree.Process | tree.Step | tree.Crash


@dataclass(frozen=True, slots=True)
class Block:
    """`head { children }`. `start` is a place in the source before the opening brace, for an empty block's end."""

    head: str
    children: tuple[Node, ...]
    start: Span


@dataclass(frozen=True, slots=True)
class Blocks:
    """A node with braces. `open_always` says that its blocks are never written on one line.

    `separator` stands between children on one line.
    """

    blocks: tuple[Block, ...]
    tail: str = ""
    separator: str = ";  "
    open_always: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A node without braces: what stands before its expression, and the expression, which may need several lines."""

    head: str
    expression: tree.Expr | None = None
    tail: str = ""


def shape(node: Node) -> Text | Blocks:
    """How a node other than a step or a property is written."""
    make: Callable[..., Text | Blocks] = _SHAPES[type(node)]
    return make(node)


def between(first: Span, last: Span) -> Span:
    return Span(first.file, first.line, first.column, last.end_line, last.end_column)


# Declarations


def _use(node: tree.Use) -> Text:
    return Text(f"use {inline.names(node.names)}")


def _sort(node: tree.SortDecl) -> Text:
    size = "" if node.size is None else f" size {inline.sum_(node.size)}"
    members = "" if node.members is None else f" {{ {inline.names(node.members)} }}"
    return Text(f"{'enum' if node.enumeration else 'sort'} {node.name.text}{size}{members}")


def _function(node: tree.FunctionDecl) -> Text:
    head = f"{node.word} {node.name.text}{inline.parameters(node.parameters)}: {inline.type_(node.type)}"
    match node.initial:
        case None:
            return Text(head)
        case "any":
            return Text(f"{head} = any")
        case initial:
            return Text(f"{head} = ", initial)


def _define(node: tree.Define) -> Text:
    type_ = "" if node.type is None else f": {inline.type_(node.type)}"
    return Text(f"define {node.name.text}{inline.parameters(node.parameters)}{type_} = ", node.body)


def _action(node: tree.ActionDecl) -> Blocks:
    fairness = "" if node.fairness is None else f"{node.fairness} "
    head = f"{fairness}{node.word} {node.name.text}{inline.parameters(node.parameters)}{inline.limit(node.limit)}"
    last = node.parameters[-1].span if node.parameters else node.name.span
    return _one(head, node.body, last if node.limit is None else node.limit.span)


def _machine(node: tree.Machine) -> Blocks:
    return _one("machine", node.items, node.span, open_always=True)


def _region(node: tree.Region) -> Blocks:
    lines: list[_Placed] = list(node.settings)
    for word, ranges in (("gpa", node.gpa), ("hpa", node.hpa)):
        if ranges:
            lines.append(Ranges(word, ranges, between(ranges[0].span, ranges[-1].span)))
    return _one(f"region {node.name.text}", _by_place(lines), node.name.span)


def _item(node: tree.Item) -> Text | Blocks:
    head = f"{node.noun.text} {inline.names(node.names)}"
    if not node.settings:
        return Text(head)
    if len(node.settings) == 1 and node.settings[0].span.end_column == node.span.end_column:
        return Text(f"{head} {inline.setting(node.settings[0])}")
    return _one(head, node.settings, node.names[-1].span)


def _protocol(node: tree.Protocol) -> Blocks:
    return _one("protocol", _by_place((*node.messages, *node.processes)), node.span, open_always=True)


def _process(node: tree.Process) -> Blocks:
    crash = () if node.crash is None else (node.crash,)
    entries = _by_place((*node.steps, *crash))
    head = f"process {node.name.text}{inline.parameters(node.parameters)}"
    last = node.parameters[-1].span if node.parameters else node.name.span
    return _one(head, entries, last, open_always=True)


def _at_least(node: tree.AtLeast) -> str:
    return node.name.text if node.least is None else f"{node.name.text} >= {node.least.text}"


def _scenario(node: tree.ScenarioDecl) -> Blocks:
    word = "scenario" if node.possible else "impossible scenario"
    return _one(f"{word} {node.name.text}{_doc(node.doc)}", node.lines, node.name.span)


def _instance(node: tree.Instance) -> Blocks:
    tail = "" if node.states is None else f" expect {node.states} states"
    return Blocks((Block(f"instance {node.name.text}", node.choices, node.name.span),), tail, ", ")


def _variant(node: tree.Variant) -> Blocks:
    violated = node.expectation.violated
    tail = f" expect violated {inline.names(violated)}" if violated else " expect holds"
    return _one(f"variant {node.name.text}{_doc(node.doc)}", node.edits, node.name.span, tail)


def _doc(doc: str) -> str:
    return f" {inline.description(doc, _DOC_INDENT)}" if doc else ""


def _one(head: str, children: tuple[Node, ...], start: Span, tail: str = "", open_always: bool = False) -> Blocks:
    return Blocks((Block(head, children, start),), tail, open_always=open_always)


def _by_place(nodes: Iterable[_Placed]) -> tuple[Node, ...]:
    """Nodes that the tree keeps by kind, in the order they were written."""
    return tuple(sorted(nodes, key=lambda node: (node.span.line, node.span.column)))


# Statements


def _sentence(node: tree.Sentence) -> Text:
    return Text(" ".join([node.operation.text, *map(inline.argument, node.arguments)]))


def _if(node: tree.IfStatement) -> Blocks:
    blocks = [Block(f"if {inline.expression(node.condition)}", node.then, node.condition.span)]
    while len(node.otherwise) == 1 and isinstance(node.otherwise[0], tree.IfStatement):
        node = node.otherwise[0]
        blocks.append(Block(f"else if {inline.expression(node.condition)}", node.then, node.condition.span))
    if node.otherwise:
        blocks.append(Block("else", node.otherwise, node.otherwise[0].span))
    return Blocks(tuple(blocks))


def _loop(node: tree.Loop) -> Blocks:
    return _one(f"{node.word} {inline.binder(node.binder)}", node.body, node.binder.span)


def _either(node: tree.Either) -> Blocks:
    blocks: list[Block] = []
    for branch in node.branches:
        start = branch[0].span if branch else blocks[-1].start if blocks else node.span
        blocks.append(Block("or" if blocks else "either", branch, start))
    return Blocks(tuple(blocks))


def _crash(node: tree.Crash) -> Blocks:
    return _one(f"crash{inline.limit(node.limit)}", node.body, node.span if node.limit is None else node.limit.span)


# Scenarios and variants


def _perform(node: tree.Perform) -> Text:
    if node.arguments is None:
        return Text(inline.path(node.path))
    arguments = ("_" if argument is None else inline.expression(argument) for argument in node.arguments)
    return Text(f"{inline.path(node.path)}({', '.join(arguments)})")


_SHAPES: dict[type, Callable[..., Text | Blocks]] = {
    tree.Use: _use,
    tree.SortDecl: _sort,
    tree.FunctionDecl: _function,
    tree.Define: _define,
    tree.ActionDecl: _action,
    tree.Machine: _machine,
    tree.Protocol: _protocol,
    tree.Final: lambda node: Text("final ", node.formula),
    tree.ForAny: lambda node: Text(f"for any {', '.join(map(_at_least, node.sizes))}"),
    tree.ScenarioDecl: _scenario,
    tree.Instance: _instance,
    tree.Variant: _variant,
    tree.Guard: lambda node: Text(f"{node.word} ", node.condition),
    tree.Assign: lambda node: Text(f"{inline.reference(node.target)} := ", node.value),
    tree.Sentence: _sentence,
    tree.Send: lambda node: Text(f"send {node.message.text} to {node.receiver.text}"),
    tree.Goto: lambda node: Text(f"goto {node.label.text}"),
    tree.Skip: lambda _: Text("skip"),
    tree.IfStatement: _if,
    tree.Loop: _loop,
    tree.Either: _either,
    tree.Assert: lambda node: Text(f"assert {node.name.text}: ", node.condition),
    tree.Choose: lambda node: Text(f"choose {inline.binder(node.binder)}"),
    tree.Region: _region,
    tree.Item: _item,
    tree.Setting: lambda node: Text(inline.setting(node)),
    Ranges: lambda node: Text(inline.ranges(node.word, node.ranges)),
    tree.Message: lambda node: Text(f"message {node.name.text} may be {node.may}{inline.limit(node.limit)}"),
    tree.Process: _process,
    tree.Crash: _crash,
    tree.Perform: _perform,
    tree.Gap: lambda _: Text("..."),
    tree.Check: lambda node: Text("check ", node.condition),
    tree.Choice: lambda node: Text(f"{node.name.text} = ", node.value),
    tree.Drop: lambda node: Text(f"drop {inline.path(node.path)}"),
    tree.Add: lambda node: _one("add", node.body, node.span, f" to {inline.path(node.path)}"),
    tree.Replace: lambda node: _one(f"replace {inline.path(node.path)} with", node.body, node.path[-1].span),
    tree.Move: lambda node: Text(f"move {inline.path(node.path)} {node.where} {inline.path(node.anchor)}"),
    tree.SetConstant: lambda node: Text(f"set {node.choice.name.text} = ", node.choice.value),
}

_DOC_INDENT = 2
