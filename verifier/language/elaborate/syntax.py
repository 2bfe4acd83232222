"""Looking through syntax trees without caring what they mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from verifier.language import tree
from verifier.system.span import Span

Node = Any  # any dataclass of `verifier.language.tree`


def walk(node: Node) -> Iterator[Node]:
    """Every node of a tree or of a tuple of trees, parents first, in the order of the text."""
    stack = [node]
    while stack:
        top = stack.pop()
        if isinstance(top, tuple):
            stack.extend(reversed(top))
        elif hasattr(top, "__dataclass_fields__") and not isinstance(top, Span):
            yield top
            stack.extend(getattr(top, name) for name in reversed(top.__dataclass_fields__))


def statements(body: tuple[tree.Statement, ...]) -> Iterator[tree.Statement]:
    """Every statement of a body, at any depth, in the order of the text."""
    stack = list(reversed(body))
    while stack:
        top = stack.pop()
        yield top
        match top:
            case tree.IfStatement():
                stack.extend(reversed((*top.then, *top.otherwise)))
            case tree.Loop():
                stack.extend(reversed(top.body))
            case tree.Either():
                stack.extend(statement for branch in reversed(top.branches) for statement in reversed(branch))
            case _:
                pass


def body_of(declared: tree.ActionDecl | tree.Process) -> tuple[tree.Statement, ...]:
    """All statements of an action, or of the steps and the crash of a process."""
    if isinstance(declared, tree.ActionDecl):
        return declared.body
    crash = declared.crash.body if declared.crash is not None else ()
    return (*(statement for step in declared.steps for statement in step.body), *crash)
