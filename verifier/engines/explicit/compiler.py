"""A system as Python functions over packed states.

The functions are generated from the typed tree (see `writer` and `actions`) and compiled when they are first asked for.
They agree with the reference interpreter on every state of the system's types, reachable or not; the tests hold them to
it. A transition whose update fails does not exist: it is reported and has no successor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from verifier.engines.explicit import actions as code
from verifier.engines.explicit.packing import Packed, Packing, initial_states
from verifier.engines.explicit.representatives import Choices
from verifier.engines.explicit.writer import Writer
from verifier.system.expressions import Expression
from verifier.system.interpreter import Arguments, Interpreter
from verifier.system.system import Action, PropertyKind, System

Main = Callable[..., Any]
"""A generated function."""

Predicate = Callable[[Packed], object]
Relation = Callable[[Packed, Packed], object]
Expand = Callable[[Packed, Callable[[Packed], None], Callable[[int], None]], None]
"""expand(state, out, bad): calls `out` with every successor and `bad` with the code of every failure."""

ExpandLabelled = Callable[
    [Packed, Callable[[tuple[int, Arguments, Packed]], None], Callable[[int], None]],
    None,
]
"""The same with the number of the action and its arguments beside each successor."""


@dataclass(frozen=True)
class Program:
    """The compiled form of one system."""

    system: System

    @cached_property
    def interpreter(self) -> Interpreter:
        return Interpreter(self.system)

    @cached_property
    def packing(self) -> Packing:
        return Packing(self.interpreter.layout)

    @cached_property
    def failures(self) -> tuple[tuple[PropertyKind, str], ...]:
        """What each code that `expand` reports stands for: the kind, and the property's name for an assertion."""
        names = dict.fromkeys(a.property for action in self.system.actions for a in action.assertions)
        assertions = [(PropertyKind.ASSERTION, name) for name in names]
        return ((PropertyKind.RANGE, ""), (PropertyKind.CONFLICT, ""), *assertions)

    @cached_property
    def expand(self) -> Expand:
        """Every transition of every action."""
        return self.expansion(self.system.actions, labelled=False)

    @cached_property
    def expand_labelled(self) -> ExpandLabelled:
        return self.expansion(self.system.actions, labelled=True)

    def predicate(self, formula: Expression) -> Predicate:
        """Whether a closed formula holds in a state."""
        return self.formula(("s",), formula)

    def relation(self, formula: Expression) -> Relation:
        """Whether a closed two-state formula holds of a step."""
        return self.formula(("s", "t"), formula)

    def initial_states(self) -> Iterator[Packed]:
        return initial_states(self.system, self.interpreter, self.packing)

    def successors(self, state: Packed) -> list[tuple[Action, Arguments, Packed]]:
        """Every transition from the state, in the order of actions and of their arguments."""
        found: list[tuple[int, Arguments, Packed]] = []
        self.expand_labelled(state, found.append, lambda failure: None)
        return [(self.system.actions[number], arguments, following) for number, arguments, following in found]

    def expansion(self, actions: tuple[Action, ...], labelled: bool, choices: Choices | None = None) -> Main:
        """main(state, out, bad); with symmetry main(state, representatives, out, bad). See `expand`."""
        writer = Writer(self.interpreter, choices)
        numbers = {name: number for number, (_, name) in enumerate(self.failures) if name}
        action_writer = code.ActionWriter(writer, self.packing.in_bytes, numbers)
        body: list[str] = []
        for number, action in enumerate(actions):

            def emit(successor: str, arguments: list[str], number: int = number) -> str:
                if not labelled:
                    return f"out({successor})"
                inside = "".join(f"{argument}, " for argument in arguments)
                return f"out(({number}, ({inside}), {successor}))"

            body += action_writer.action(action, emit)
        return _compiled(writer, ("s",), ("out", "bad"), body or ["pass"])

    def formula(self, states: tuple[str, ...], formula: Expression, choices: Choices | None = None) -> Main:
        """main(state); with another state that Next refers to if there are two; with symmetry, then representatives."""
        writer = Writer(self.interpreter, choices)
        return _compiled(writer, states, (), [f"return {writer.expression(formula, {}).text}"])


def _compiled(writer: Writer, states: tuple[str, ...], others: tuple[str, ...], body: list[str]) -> Main:
    parameters = (*states, *(("r",) if writer.choices else ()), *others)
    source = "\n".join([*writer.helpers, f"def main({', '.join(parameters)}):", *code.indented(body)])
    namespace = dict(writer.names)
    exec(compile(source, "<generated>", "exec"), namespace)
    return namespace["main"]  # type: ignore[return-value]
