"""`flip fmt`: a text in its canonical form, with its comments where they were.

Line breaks of the author are kept where they mean something to a reader: blank lines, several statements on one line,
a block on one line. Everything else follows from the tree.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeVar, cast

from verifier.language import inline, tree
from verifier.language.breaking import STEP, broken
from verifier.language.comments import Comments, Position, comments_of, end, start
from verifier.language.diagnostics import Diagnostic
from verifier.language.parser import parse
from verifier.language.shapes import Block, Blocks, Node, Text, shape
from verifier.system.span import NOWHERE, Span

WIDTH = 120
_FAR: Position = (2**31, 0)

_T = TypeVar("_T")


def format_source(text: str, file: str) -> str | tuple[Diagnostic, ...]:
    """The canonical text of a file, or the mistakes that keep it from having one."""
    parsed, diagnostics = parse(text, file)
    return diagnostics if parsed is None else format_tree(parsed, text)


def format_tree(file: tree.File, text: str = "") -> str:
    """The canonical text of a tree; `text` is where it was parsed from, for comments and blank lines."""
    layout = _Layout(comments_of(text))
    layout.file(file)
    return layout.text()


def strip_spans(node: _T) -> _T:
    """The same tree with all spans alike, to compare what was written and not where."""
    return cast(_T, _stripped(node))


def _stripped(node: Any) -> Any:
    if isinstance(node, Span):
        return NOWHERE
    if isinstance(node, tuple):
        return tuple(map(_stripped, node))
    if dataclasses.is_dataclass(node) and not isinstance(node, type):
        return type(node)(*(_stripped(getattr(node, part.name)) for part in dataclasses.fields(node)))
    return node


@dataclass(slots=True)
class _Line:
    indent: int
    text: str
    comment: str = ""


@dataclass(slots=True)
class _Layout:
    comments: Comments
    lines: list[_Line] = field(default_factory=list)

    def text(self) -> str:
        """All lines; comments at the ends of neighbouring lines begin in one column."""
        drawn = [f"{' ' * line.indent}{line.text}".rstrip(" ") for line in self.lines]
        for first, last in self.commented():
            widths = [len(text.rsplit("\n", 1)[-1]) for text in drawn[first:last]]
            for position, width in enumerate(widths, first):
                drawn[position] += " " * (max(widths) - width + 2) + self.lines[position].comment
        return "\n".join(drawn) + "\n"

    def commented(self) -> list[tuple[int, int]]:
        """The stretches of neighbouring lines that end with comments."""
        borders = [position for position, line in enumerate(self.lines) if not line.comment]
        stretches = pairwise([-1, *borders, len(self.lines)])
        return [(before + 1, after) for before, after in stretches if before + 1 < after]

    def file(self, file: tree.File) -> None:
        self.notes(start(file.name.span), 0)
        self.add(0, f"{file.word} {file.name.text}")
        first = start(file.declarations[0].span) if file.declarations else _FAR
        self.trail(file.name.span, first)
        if file.doc:
            self.add(0, inline.description(file.doc, 0))
        self.blank()
        self.nodes(file.declarations, 0, joined=False)
        self.notes(_FAR, 0)
        while self.lines and not self.lines[-1].text:
            self.lines.pop()

    # Lines, blank lines and comments

    def add(self, indent: int, text: str) -> None:
        self.lines.append(_Line(indent, text))

    def blank(self) -> None:
        if self.lines and self.lines[-1].text:
            self.add(0, "")

    def keep_blank(self, line: int, opened: int) -> None:
        """A blank line where the author had one, but not at the beginning of a block."""
        if line - 1 in self.comments.blank and len(self.lines) > opened:
            self.blank()

    def notes(self, position: Position, indent: int, opened: int = 0) -> None:
        """The comments up to a place, each on a line of its own."""
        for comment in self.comments.before(position):
            if comment.alone:
                self.keep_blank(comment.position[0], opened)
            self.add(indent, comment.text)

    def trail(self, span: Span, limit: Position) -> None:
        comment = self.comments.trailing(span.end_line, limit)
        if comment is not None:
            self.lines[-1].comment = comment.text

    # Nodes

    def nodes(self, nodes: tuple[Node, ...], indent: int, joined: bool = True) -> None:
        """Nodes in order; those that were on one line stay on one if `joined` allows it."""
        opened = len(self.lines)
        groups = _groups(nodes) if joined else [(node,) for node in nodes]
        width = _label_width(nodes)
        columns = self.columns(nodes)
        limits = [*(start(group[0].span) for group in groups), _FAR][1:]
        for group, limit in zip(groups, limits, strict=False):
            self.notes(start(group[0].span), indent, opened)
            self.keep_blank(group[0].span.line, opened)
            together = self.together(group, indent) if len(group) > 1 else None
            if together is not None:
                self.add(indent, together)
                self.trail(group[-1].span, limit)
                continue
            starts = [start(node.span) for node in group[1:]]
            for node, next_start in zip(group, [*starts, limit], strict=True):
                self.node(node, indent, width, columns.get(id(node), (0, 0)))
                self.trail(node.span, next_start)

    def columns(self, nodes: tuple[Node, ...]) -> dict[int, tuple[int, int]]:
        """How wide the kinds and the names of properties are: alike for those with no blank line between them."""
        widths: dict[int, tuple[int, int]] = {}
        run: list[tree.PropertyDecl] = []
        for node in (*nodes, None):
            if run and (node is None or not isinstance(node, tree.PropertyDecl) or self.apart(run[-1], node)):
                columns = max(len(part.word) for part in run), max(len(part.name.text) + 1 for part in run)
                widths |= dict.fromkeys(map(id, run), columns)
                run = []
            if isinstance(node, tree.PropertyDecl):
                run.append(node)
        return widths

    def apart(self, first: Node, second: Node) -> bool:
        return any(line in self.comments.blank for line in range(first.span.end_line + 1, second.span.line))

    def together(self, group: tuple[Node, ...], indent: int) -> str | None:
        """Several nodes on one line, if they fit there."""
        texts = [self.flat(node) for node in group]
        if None in texts or any(map(self.comments.within, (node.span for node in group))):
            return None
        text = ";  ".join(part for part in texts if part is not None)
        return text if indent + len(text) <= WIDTH else None

    def node(self, node: Node, indent: int, width: int, columns: tuple[int, int]) -> None:
        match node:
            case tree.Step():
                self.step(node, indent, width)
            case tree.PropertyDecl():
                self.property(node, indent, columns)
            case _:
                self.shaped(node, shape(node), indent)

    def shaped(self, node: Node, form: Text | Blocks, indent: int) -> None:
        flat = self.flat(node)
        if isinstance(form, Text):
            self.notes(end(node.span), indent)
            self.flow(form.head, form.expression, form.tail, indent)
        elif flat is not None and indent + len(flat) <= WIDTH:
            self.add(indent, flat)
        elif _continued(node) and flat is not None and indent + len(flat) - len(form.tail) <= WIDTH:
            self.add(indent, flat.removesuffix(form.tail))
            self.add(indent + STEP, form.tail.strip())
        elif isinstance(node, tree.Either) and (branches := self.branches(node, form)) is not None:
            for line in branches:
                self.add(indent, line)
        else:
            self.blocks(form, indent)

    def blocks(self, form: Blocks, indent: int) -> None:
        prefix = ""
        for block in form.blocks:
            self.add(indent, f"{prefix}{block.head} {{")
            first = start(block.children[0].span) if block.children else _FAR
            inside = end(block.children[-1].span) if block.children else start(block.start)
            closing = self.comments.closing(inside)
            self.head_comment(min(first, closing))
            opened = len(self.lines)
            self.nodes(block.children, indent + STEP)
            self.notes(closing, indent + STEP, opened)
            prefix = "} "
        self.add(indent, f"}}{form.tail}")

    def head_comment(self, limit: Position) -> None:
        """A comment behind an opening brace stays there; one inside the head joins it."""
        waiting = self.comments.comments[self.comments.printed : self.comments.printed + 1]
        if waiting and not waiting[0].alone and waiting[0].position < limit:
            self.trail(_at(waiting[0].position), limit)

    def step(self, step: tree.Step, indent: int, width: int) -> None:
        first = step.body[0]
        self.notes(end(first.span) if isinstance(shape(first), Text) else start(first.span), indent)
        beginning = len(self.lines)
        self.nodes(step.body, indent + width)
        line = self.lines[beginning]
        self.lines[beginning] = _Line(indent, f"{_label(step):<{width}}{line.text}", line.comment)

    def property(self, node: tree.PropertyDecl, indent: int, columns: tuple[int, int]) -> None:
        self.notes(end(node.span), indent)
        head = f"{node.word:<{columns[0]}} {node.name.text + ':':<{columns[1]}} "
        if node.trigger is not None:
            text = f"{head}{inline.expression(node.trigger)} leads to {inline.expression(node.formula)}"
            if indent + len(text) <= WIDTH:
                self.add(indent, text)
            else:
                self.flow(head, node.trigger, "", indent)
                self.flow("leads to ", node.formula, "", indent + STEP)
        else:
            self.flow(head, node.formula, "", indent)
        if node.doc:
            self.add(indent + STEP, inline.description(node.doc, indent + STEP))

    def flow(self, head: str, expression: tree.Expr | None, tail: str, indent: int) -> None:
        """A line with an expression at its end, on several lines if it is too long for one."""
        text = head + ("" if expression is None else inline.expression(expression)) + tail
        if expression is None or indent + len(text) <= WIDTH:
            self.add(indent, text)
            return
        if head.endswith("= "):
            self.add(indent, head.rstrip())
            self.flow("", expression, tail, indent + STEP)
            return
        for further, line in broken(head, expression, tail, WIDTH - indent):
            self.add(indent + further, line)

    def flat(self, node: Node) -> str | None:
        """A node as one line, if the author wrote it on one line."""
        if isinstance(node, tree.Step | tree.PropertyDecl):
            return None
        form = shape(node)
        if isinstance(form, Text):
            return form.head + ("" if form.expression is None else inline.expression(form.expression)) + form.tail
        if form.open_always or self.comments.within(node.span):
            return None
        texts: list[str] = []
        for block in form.blocks:
            text = self.flat_block(block, form.separator, node.span.line)
            if text is None:
                return None
            texts.append(text)
        return " ".join(texts) + form.tail

    def branches(self, node: tree.Either, form: Blocks) -> list[str] | None:
        """Alternatives that are short enough, each on a line, under each other."""
        if self.comments.within(node.span):
            return None
        lines: list[str] = []
        for block in form.blocks:
            text = self.flat_block(block, form.separator, block.children[0].span.line if block.children else 0)
            if text is None or len(text) > WIDTH // 2:
                return None
            lines.append(f"{block.head:<{len('either')}}{text.removeprefix(block.head)}")
        return lines

    def flat_block(self, block: Block, separator: str, line: int) -> str | None:
        children = [self.flat(child) for child in block.children]
        if None in children or any(child.span.end_line != line for child in block.children):
            return None
        inner = separator.join(child for child in children if child is not None)
        return f"{block.head} {{ {inner} }}" if inner else f"{block.head} {{ }}"


def _continued(node: Node) -> bool:
    """Whether the tail begins with a word that goes on with the line above."""
    return isinstance(node, tree.Variant | tree.Instance)


def _at(position: Position) -> Span:
    line, column = position
    return Span("", line, column, line, column)


def _groups(nodes: tuple[Node, ...]) -> list[tuple[Node, ...]]:
    """Neighbours that were written on the same line."""
    groups: list[tuple[Node, ...]] = []
    for node in nodes:
        last = groups[-1][-1] if groups else None
        if last is not None and last.span.end_line == node.span.line and last.span != NOWHERE:
            groups[-1] = (*groups[-1], node)
        else:
            groups.append((node,))
    return groups


def _label(step: tree.Step) -> str:
    fairness = "" if step.fairness is None else f"{step.fairness} "
    return f"{fairness}{step.label.text}:"


def _label_width(nodes: tuple[Node, ...]) -> int:
    """Where the statements of steps begin: they stand in one column for a process."""
    return max((len(_label(node)) + 1 for node in nodes if isinstance(node, tree.Step)), default=0)
