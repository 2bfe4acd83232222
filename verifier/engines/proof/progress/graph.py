"""The reachable part of an instance in which a behaviour waits, with what is needed to look for a ranking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.packing import Packed
from verifier.engines.proof.progress.units import Unit
from verifier.engines.watch import Watch
from verifier.system.expressions import Expression
from verifier.system.interpreter import Arguments
from verifier.system.layout import State
from verifier.system.system import System

MOST_STATES, MOST_STEPS = 30_000, 500_000
"""States and steps of an instance in which a ranking is looked for."""

Enabled = tuple[int, Arguments]
"""A unit by its number, with the values of its variables."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A step from a waiting state to a waiting one. `unit` is None if fairness is assumed of nothing in it."""

    source: int
    target: int
    action: str
    unit: int | None


@dataclass
class Waiting:
    """The states of one instance where a behaviour waits, and the units that are enabled in each."""

    states: list[State] = field(default_factory=list)
    enabled: list[frozenset[Enabled]] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)


class TooManyStatesError(Exception):
    """The instance has too many states, or more than MOST_STEPS steps between them."""


def explore(
    system: System, waits: Expression, units: Sequence[Unit], watch: Watch, most_states: int = MOST_STATES
) -> Waiting:
    """The waiting states of the instance. Raises TooManyStatesError, and Stopped."""
    program = Program(system)
    waits_in = program.predicate(waits)
    numbers = {action.name: (n, len(unit.variables)) for n, unit in enumerate(units) for action in unit.actions}
    found = Waiting()
    known: dict[Packed, None] = dict.fromkeys(islice(program.initial_states(), most_states + 1))
    names: dict[Packed, int] = {}
    steps: list[tuple[int, Packed, str, int | None]] = []
    queue = list(known)
    for state in queue:
        watch.look("ranking", len(queue), len(steps), 0, 0)
        if len(queue) > most_states or len(steps) > MOST_STEPS:
            raise TooManyStatesError
        enabled = set()
        waiting = bool(waits_in(state))
        for action, arguments, following in program.successors(state):
            unit, count = numbers.get(action.name, (None, 0))
            if unit is not None:
                enabled.add((unit, arguments[:count]))
            if waiting:
                steps.append((len(names), following, action.name, unit))
            if following not in known:
                known[following] = None
                queue.append(following)
        if waiting:
            names[state] = len(names)
            found.states.append(program.packing.unpack(state))
            found.enabled.append(frozenset(enabled))
    found.edges = [Edge(s, names[t], action, unit) for s, t, action, unit in steps if t in names]
    return found
