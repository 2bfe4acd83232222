"""A system as Python functions over packed states.

The functions are generated from the typed tree (see `writer` and `actions`) and compiled when they are first asked for.
They agree with the reference interpreter on every state of the system's types, reachable or not; the tests hold them to
it. A transition whose update fails does not exist: it is reported and has no successor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from verifier.engines.explicit import actions as code
from verifier.engines.explicit.packing import Packed, Packing, initial_states
from verifier.engines.explicit.writer import Writer
from verifier.system.expressions import Exists, Expression, conjunction
from verifier.system.interpreter import Arguments, Interpreter
from verifier.system.system import Action, PropertyKind, System

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
        return self._expansion(self.system.actions, labelled=False)  # type: ignore[return-value]

    @cached_property
    def expand_labelled(self) -> ExpandLabelled:
        return self._expansion(self.system.actions, labelled=True)  # type: ignore[return-value]

    def expand_by(self, actions: Iterable[Action]) -> Expand:
        """The transitions of some of the actions."""
        return self._expansion(tuple(actions), labelled=False)  # type: ignore[return-value]

    def predicate(self, formula: Expression) -> Predicate:
        """Whether a closed formula holds in a state."""
        return self._formula("s", formula)  # type: ignore[return-value]

    def relation(self, formula: Expression) -> Relation:
        """Whether a closed two-state formula holds of a step."""
        return self._formula("s, t", formula)  # type: ignore[return-value]

    def enabled(self, action: Action, guard: Iterable[Expression]) -> Predicate:
        """Whether for some values of the action's parameters all of the formulas hold."""
        formula = conjunction(*guard)
        for parameter in reversed(action.parameters):
            formula = Exists(parameter, formula)
        return self.predicate(formula)

    def initial_states(self) -> Iterator[Packed]:
        return initial_states(self.system, self.interpreter, self.packing)

    def successors(self, state: Packed) -> list[tuple[Action, Arguments, Packed]]:
        """Every transition from the state, in the order of actions and of their arguments."""
        found: list[tuple[int, Arguments, Packed]] = []
        self.expand_labelled(state, found.append, lambda failure: None)
        return [(self.system.actions[number], arguments, following) for number, arguments, following in found]

    def _expansion(self, actions: tuple[Action, ...], labelled: bool) -> object:
        writer = Writer(self.interpreter)
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
        return _compiled(writer, "s, out, bad", body or ["pass"])

    def _formula(self, parameters: str, formula: Expression) -> object:
        writer = Writer(self.interpreter)
        return _compiled(writer, parameters, [f"return {writer.expression(formula, {}).text}"])


def _compiled(writer: Writer, parameters: str, body: list[str]) -> object:
    source = "\n".join([*writer.helpers, f"def main({parameters}):", *code.indented(body)])
    namespace = dict(writer.names)
    exec(compile(source, "<generated>", "exec"), namespace)
    return namespace["main"]
