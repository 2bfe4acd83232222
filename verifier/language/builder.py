"""From lark's parse tree to the syntax tree.

One method for each rule of the grammar. The children come first and the walk keeps its own stack, so depth of the text
is never depth of Python's. What the grammar cannot say (a statement before the first label)
is reported here; the node is built all the same.
"""

from __future__ import annotations

from typing import Any, cast

from lark import Token, Tree
from lark.tree import Meta

from verifier.language import tree
from verifier.language.diagnostics import Diagnostic, Fix
from verifier.language.words import docstring
from verifier.system.span import Span

LARGEST_NUMBER = 2**63 - 1

_MISSPELT = {
    **dict.fromkeys(("True", "TRUE"), "true"),
    **dict.fromkeys(("False", "FALSE"), "false"),
    **dict.fromkeys(("None", "NONE", "null", "NULL", "nil"), "none"),
}

Children = list[Any]
Binding = tuple[Any, ...]


class Builder:
    """Builds the nodes of one file. `lines` is how many lines stand before the text that was parsed."""

    def __init__(self, file: str, lines: int = 0) -> None:
        self.file = file
        self.lines = lines
        self.diagnostics: list[Diagnostic] = []

    def build(self, parsed: Tree[Token]) -> Any:
        """The node of a parse tree: children first, each rule by the method of its name."""
        order: list[Any] = []
        pending: list[Any] = [parsed]
        while pending:
            part = pending.pop()
            order.append(part)
            if isinstance(part, Tree):
                pending += part.children
        built: list[Any] = []
        for part in reversed(order):
            if isinstance(part, Tree):
                first = len(built) - len(part.children)
                children = built[first:]
                del built[first:]
                built.append(getattr(self, part.data)(part.meta, children))
            else:
                built.append(self.token(part) if isinstance(part, Token) else part)
        return built[0]

    # Spans and tokens

    def span(self, place: Meta | Token) -> Span:
        line, column = cast(int, place.line), cast(int, place.column)
        end_line, end_column = cast(int, place.end_line), cast(int, place.end_column)
        return Span(self.file, line + self.lines, column, end_line + self.lines, end_column)

    def report(self, code: str, message: str, span: Span, label: str, hint: str | None = None) -> None:
        self.diagnostics.append(Diagnostic(code, "error", message, span, label, hint))

    def token(self, token: Token) -> tree.Name | Token:
        if token.type != "NAME":
            return token
        name = tree.Name(str(token), self.span(token))
        if name.text in _MISSPELT:
            right = _MISSPELT[name.text]
            message = f"`{name.text}` is written `{right}`"
            fix = Fix(name.span, right)
            self.diagnostics.append(Diagnostic("E0023", "error", message, name.span, "unknown word", None, fix))
        return name

    # The file

    def start(self, meta: Meta, children: Children) -> tree.File:
        (word, name, doc), *declarations = children
        return tree.File(word, name, doc, tuple(declarations), self.span(meta))

    def header(self, _: Meta, children: Children) -> Binding:
        word, name, doc = children
        return str(word), name, docstring(doc)

    def lone_header(self, _: Meta, children: Children) -> Any:
        return children[0]

    def lone_declaration(self, _: Meta, children: Children) -> Any:
        return children[0]

    # Types and declarations

    def use(self, meta: Meta, names: Children) -> tree.Use:
        return tree.Use(tuple(names), self.span(meta))

    def sort_open(self, meta: Meta, children: Children) -> tree.SortDecl:
        return tree.SortDecl(children[0], None, None, False, self.span(meta))

    def sort_sized(self, meta: Meta, children: Children) -> tree.SortDecl:
        return tree.SortDecl(children[0], children[1], None, False, self.span(meta))

    def sort_named(self, meta: Meta, children: Children) -> tree.SortDecl:
        return tree.SortDecl(children[0], None, children[1], False, self.span(meta))

    def enum(self, meta: Meta, children: Children) -> tree.SortDecl:
        return tree.SortDecl(children[0], None, children[1], True, self.span(meta))

    def members(self, _: Meta, children: Children) -> tuple[tree.Name, ...]:
        return tuple(child for child in children if isinstance(child, tree.Name))

    def function(self, meta: Meta, children: Children) -> tree.FunctionDecl:
        word, name, parameters, type_, initial = children
        value: Any = "any" if isinstance(initial, Token) else initial
        return tree.FunctionDecl(word.value, name, parameters or (), type_, value, self.span(meta))

    def define(self, meta: Meta, children: Children) -> tree.Define:
        name, parameters, type_, body = children
        return tree.Define(name, parameters or (), type_, body, self.span(meta))

    def parameters(self, _: Meta, children: Children) -> tuple[tree.Parameter, ...]:
        found: list[tree.Parameter] = []
        preposition: str | None = None
        for child in children:
            if isinstance(child, str):
                preposition = child
            else:
                name, type_, span = child
                found.append(tree.Parameter(name, type_, preposition, span))
                preposition = None
        return tuple(found)

    def parameter(self, meta: Meta, children: Children) -> Binding:
        return children[0], children[1], self.span(meta)

    def preposition(self, _: Meta, children: Children) -> str:
        return str(children[0].value)

    def named_type(self, meta: Meta, children: Children) -> tree.NamedType:
        return tree.NamedType(children[0], self.span(meta))

    def range_type(self, meta: Meta, children: Children) -> tree.RangeType:
        return tree.RangeType(children[0], children[1], self.span(meta))

    def inline_enum(self, meta: Meta, children: Children) -> tree.InlineEnum:
        return tree.InlineEnum(children[0], self.span(meta))

    def optional(self, meta: Meta, children: Children) -> tree.OptionalOf:
        return tree.OptionalOf(children[0], self.span(meta))

    def action(self, meta: Meta, children: Children) -> tree.ActionDecl:
        fairness, word, name, parameters, limit, body = children
        return tree.ActionDecl(word.value, fairness, name, parameters or (), limit, body, self.span(meta))

    def fairness(self, _: Meta, children: Children) -> str:
        return " ".join(child.value for child in children)

    def limit(self, _: Meta, children: Children) -> tree.Expr:
        return cast(tree.Expr, children[0])

    # Statements

    def block(self, _: Meta, children: Children) -> tuple[tree.Statement, ...]:
        return tuple(children)

    def guard(self, meta: Meta, children: Children) -> tree.Guard:
        return tree.Guard(children[0].value, children[1], self.span(meta))

    def assign(self, meta: Meta, children: Children) -> tree.Assign:
        return tree.Assign(children[0], children[1], self.span(meta))

    def sentence(self, meta: Meta, children: Children) -> tree.Sentence:
        return tree.Sentence(children[0], tuple(children[1:]), self.span(meta))

    def argument(self, meta: Meta, children: Children) -> tree.Argument:
        return tree.Argument(children[0], children[1], self.span(meta))

    def send(self, meta: Meta, children: Children) -> tree.Send:
        return tree.Send(children[0], children[1], self.span(meta))

    def goto(self, meta: Meta, children: Children) -> tree.Goto:
        return tree.Goto(children[0], self.span(meta))

    def skip(self, meta: Meta, _: Children) -> tree.Skip:
        return tree.Skip(self.span(meta))

    def if_statement(self, meta: Meta, children: Children) -> tree.IfStatement:
        condition, then, otherwise = children
        if isinstance(otherwise, tree.IfStatement):
            otherwise = (otherwise,)
        return tree.IfStatement(condition, then, otherwise or (), self.span(meta))

    def loop(self, meta: Meta, children: Children) -> tree.Loop:
        word, binder, body = children
        return tree.Loop(word.value, binder, body, self.span(meta))

    def either(self, meta: Meta, branches: Children) -> tree.Either:
        return tree.Either(tuple(branches), self.span(meta))

    def assertion(self, meta: Meta, children: Children) -> tree.Assert:
        return tree.Assert(children[0], children[1], self.span(meta))

    def choose(self, meta: Meta, children: Children) -> tree.Choose:
        return tree.Choose(children[0], self.span(meta))

    def typed_binder(self, meta: Meta, children: Children) -> tree.Binder:
        names, type_, where = children
        return tree.Binder(names, type_, None, None, where, self.span(meta))

    def member_binder(self, meta: Meta, children: Children) -> tree.Binder:
        noun, names, within, where = children
        return tree.Binder(names, None, noun, within, where, self.span(meta))

    def names(self, _: Meta, children: Children) -> tuple[tree.Name, ...]:
        return tuple(children)

    # The machine description

    def machine(self, meta: Meta, children: Children) -> tree.Machine:
        return tree.Machine(tuple(children), self.span(meta))

    def region(self, meta: Meta, children: Children) -> tree.Region:
        name, *lines = children
        gpa = [part for kind, value in lines if kind == "gpa" for part in value]
        hpa = [part for kind, value in lines if kind == "hpa" for part in value]
        settings = [value for kind, value in lines if kind == "setting"]
        return tree.Region(name, tuple(gpa), tuple(hpa), tuple(settings), self.span(meta))

    def gpa(self, _: Meta, children: Children) -> Binding:
        return "gpa", children

    def hpa(self, _: Meta, children: Children) -> Binding:
        return "hpa", children

    def region_setting(self, _: Meta, children: Children) -> Binding:
        return "setting", children[0]

    def range(self, meta: Meta, children: Children) -> tree.Range:
        low, high = children
        return tree.Range(low, high or low, self.span(meta))

    def item(self, meta: Meta, children: Children) -> tree.Item:
        noun, names, settings = children
        return tree.Item(noun, names, settings or (), self.span(meta))

    def settings(self, _: Meta, children: Children) -> tuple[tree.Setting, ...]:
        return tuple(children)

    def setting(self, meta: Meta, children: Children) -> tree.Setting:
        return tree.Setting(children[0], tuple(children[1:]), self.span(meta))

    # Processes

    def protocol(self, meta: Meta, children: Children) -> tree.Protocol:
        messages = tuple(part for part in children if isinstance(part, tree.Message))
        processes = tuple(part for part in children if isinstance(part, tree.Process))
        return tree.Protocol(messages, processes, self.span(meta))

    def message(self, meta: Meta, children: Children) -> tree.Message:
        name, mishap, limit = children
        return tree.Message(name, mishap.value, limit, self.span(meta))

    def process(self, meta: Meta, children: Children) -> tree.Process:
        name, parameters, *entries = children
        steps: list[tree.Step] = []
        crashes: list[tree.Crash] = []
        for entry in entries:
            match entry:
                case tree.Crash():
                    crashes.append(entry)
                case tree.Step():
                    steps.append(entry)
                case _ if steps:
                    steps[-1] = _longer(steps[-1], entry)
                case _:
                    self.report(
                        "E0008",
                        "a process begins with the label of its first step",
                        entry.span,
                        "this statement belongs to no step",
                        "write a label and a colon before it, for example `begin: ...`",
                    )
        for crash in crashes[1:]:
            self.report("E0009", "a process has one `crash` block", crash.span, "the second one")
        return tree.Process(name, parameters or (), tuple(steps), next(iter(crashes), None), self.span(meta))

    def first_statement(self, meta: Meta, children: Children) -> tree.Step:
        (fairness, label), statement = children
        return tree.Step(label, fairness, (statement,), self.span(meta))

    def label(self, _: Meta, children: Children) -> Binding:
        return tuple(children)

    def crash(self, meta: Meta, children: Children) -> tree.Crash:
        return tree.Crash(children[0], children[1], self.span(meta))

    # Claims, scenarios, instances, variants

    def property(self, meta: Meta, children: Children) -> tree.PropertyDecl:
        word, name, first, response, doc = children
        trigger, formula = (None, first) if response is None else (first, response)
        if trigger is not None and word != "eventually":
            self.report(
                "E0010",
                "`leads to` stands in an `eventually` property only",
                self.span(meta),
                f"this is an `{word}` property",
                f"write `eventually {name.text}: ... leads to ...`",
            )
        return tree.PropertyDecl(word.value, name, formula, trigger, docstring(doc), self.span(meta))

    def final(self, meta: Meta, children: Children) -> tree.Final:
        return tree.Final(children[0], self.span(meta))

    def for_any(self, meta: Meta, children: Children) -> tree.ForAny:
        return tree.ForAny(tuple(children[1:]), self.span(meta))

    def at_least(self, meta: Meta, children: Children) -> tree.AtLeast:
        name, comparison, least = children
        if comparison is not None and comparison.value != ">=":
            self.report(
                "E0029",
                f"`for any` says from which size on: `{name.text} >= {least.text}`",
                self.span(comparison),
                "expected `>=`",
            )
        return tree.AtLeast(name, least, self.span(meta))

    def scenario(self, meta: Meta, children: Children) -> tree.ScenarioDecl:
        impossible, name, doc, *lines = children
        return tree.ScenarioDecl(name, impossible is None, tuple(lines), docstring(doc), self.span(meta))

    def perform(self, meta: Meta, children: Children) -> tree.Perform:
        path, call = children
        return tree.Perform(path, None if call is None else tuple(map(_anything, call)), self.span(meta))

    def call(self, _: Meta, children: Children) -> tuple[tree.Expr, ...]:
        return tuple(children)

    def gap(self, meta: Meta, _: Children) -> tree.Gap:
        return tree.Gap(self.span(meta))

    def check(self, meta: Meta, children: Children) -> tree.Check:
        return tree.Check(children[0], self.span(meta))

    def instance(self, meta: Meta, children: Children) -> tree.Instance:
        name, *choices, states = children
        return tree.Instance(name, tuple(choices), None if states is None else states.value, self.span(meta))

    def choice(self, meta: Meta, children: Children) -> tree.Choice:
        return tree.Choice(children[0], children[1], self.span(meta))

    def variant(self, meta: Meta, children: Children) -> tree.Variant:
        name, doc, *edits, expectation = children
        return tree.Variant(name, tuple(edits), expectation, docstring(doc), self.span(meta))

    def expectation(self, meta: Meta, children: Children) -> tree.Expectation:
        violated = tuple(child for child in children if isinstance(child, tree.Name))
        return tree.Expectation(violated, self.span(meta))

    def drop(self, meta: Meta, children: Children) -> tree.Drop:
        return tree.Drop(children[0], self.span(meta))

    def add(self, meta: Meta, children: Children) -> tree.Add:
        return tree.Add(children[0], children[1], self.span(meta))

    def replace(self, meta: Meta, children: Children) -> tree.Replace:
        return tree.Replace(children[0], children[1], self.span(meta))

    def move(self, meta: Meta, children: Children) -> tree.Move:
        path, side, anchor = children
        return tree.Move(path, side.value, anchor, self.span(meta))

    def set_constant(self, meta: Meta, children: Children) -> tree.SetConstant:
        return tree.SetConstant(children[0], self.span(meta))

    def path(self, _: Meta, children: Children) -> tuple[tree.Name, ...]:
        return tuple(children)

    def part(self, meta: Meta, children: Children) -> tree.Name:
        (word,) = children
        return word if isinstance(word, tree.Name) else tree.Name(word.value, self.span(meta))

    # Expressions

    def quantified(self, meta: Meta, children: Children) -> tree.Quantified:
        word, *binders, body = children
        return tree.Quantified(word.value, tuple(binders), body, self.span(meta))

    def conditional(self, meta: Meta, children: Children) -> tree.Conditional:
        condition, then, otherwise = children
        return tree.Conditional(condition, then, otherwise, self.span(meta))

    def compare(self, meta: Meta, children: Children) -> tree.Binary:
        left, operator, right = children
        return tree.Binary(operator.value, left, right, self.span(meta))

    def is_(self, meta: Meta, children: Children) -> tree.Is:
        operand, negation, word = children
        name = word if isinstance(word, tree.Name) else tree.Name(word.value, self.span(word))
        return tree.Is(operand, name, negation is not None, self.span(meta))

    def member(self, meta: Meta, children: Children) -> tree.Member:
        operand, negation, within = children
        return tree.Member(operand, within, negation is not None, self.span(meta))

    def at(self, meta: Meta, children: Children) -> tree.At:
        return tree.At(children[0], children[1], self.span(meta))

    def implies(self, meta: Meta, children: Children) -> tree.Binary:
        return tree.Binary("implies", children[0], children[1], self.span(meta))

    def or_(self, meta: Meta, children: Children) -> tree.Binary:
        return tree.Binary("or", children[0], children[1], self.span(meta))

    def and_(self, meta: Meta, children: Children) -> tree.Binary:
        return tree.Binary("and", children[0], children[1], self.span(meta))

    def add_(self, meta: Meta, children: Children) -> tree.Binary:
        return tree.Binary("+", children[0], children[1], self.span(meta))

    def subtract(self, meta: Meta, children: Children) -> tree.Binary:
        return tree.Binary("-", children[0], children[1], self.span(meta))

    def multiply(self, meta: Meta, children: Children) -> tree.Binary:
        return tree.Binary("*", children[0], children[1], self.span(meta))

    def not_(self, meta: Meta, children: Children) -> tree.Unary:
        return tree.Unary("not", children[-1], self.span(meta))

    def negative(self, meta: Meta, children: Children) -> tree.Unary:
        return tree.Unary("-", children[0], self.span(meta))

    def number(self, meta: Meta, children: Children) -> tree.LiteralExpr:
        (token,) = children
        digits = token.value.replace("_", "")
        base = 16 if digits.startswith("0x") else 10
        # Converting a long decimal takes time that grows with the square of its length.
        value = int(digits, base) if len(digits) <= len(str(LARGEST_NUMBER)) else LARGEST_NUMBER + 1
        if value > LARGEST_NUMBER:
            self.report("E0011", "this number is too large", self.span(meta), f"the largest is {LARGEST_NUMBER}")
        return tree.LiteralExpr(value, token.value, self.span(meta))

    def literal(self, meta: Meta, children: Children) -> tree.LiteralExpr:
        text = children[0].value
        value = {"true": True, "false": False, "none": None}[text]
        return tree.LiteralExpr(value, text, self.span(meta))

    def element(self, meta: Meta, children: Children) -> tree.Element:
        return tree.Element(children[0], children[1], self.span(meta))

    def reference(self, meta: Meta, children: Children) -> tree.Reference:
        return tree.Reference(children[0], children[1], self.span(meta))

    def set(self, meta: Meta, parts: Children) -> tree.SetExpr:
        return cast(tree.SetExpr, parts[0]) if len(parts) == 1 else tree.UnionSet(tuple(parts), self.span(meta))

    def named_set(self, meta: Meta, children: Children) -> tree.NamedSet:
        return tree.NamedSet(children[0], self.span(meta))

    def listed_set(self, meta: Meta, children: Children) -> tree.ListedSet:
        return tree.ListedSet(tuple(children), self.span(meta))


def _anything(argument: tree.Expr) -> tree.Expr | None:
    """None for `_`, which stands for any argument of a scenario's action."""
    is_blank = isinstance(argument, tree.Reference) and argument.name.text == "_" and argument.arguments is None
    return None if is_blank else argument


def _longer(step: tree.Step, statement: tree.Statement) -> tree.Step:
    start, end = step.span, statement.span
    span = Span(start.file, start.line, start.column, end.end_line, end.end_column)
    return tree.Step(step.label, step.fairness, (*step.body, statement), span)
