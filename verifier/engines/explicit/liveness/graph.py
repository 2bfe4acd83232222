"""The reachable graph with its transitions, as arrays: of all states, or of one for each orbit of a symmetry."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.liveness.routines import NO_UNIT, NONE, TRIGGERED, WAITING
from verifier.engines.explicit.liveness.units import Units
from verifier.engines.explicit.quotient import Key, Quotient, View
from verifier.engines.native.arrays import Buffer, Placed
from verifier.engines.watch import Stopped, Watch, interruptible
from verifier.system.expressions import FALSE
from verifier.system.system import Property, PropertyKind

Predicate = Callable[[View], object]


@dataclass(frozen=True)
class Rows:
    """A graph as `routines` take it; `count` is the number of states, and arrays are as wide as said there.

    Transitions that take no unit and lead back to the same state are left out.
    """

    count: int
    parents: Buffer
    first: Buffer
    targets: Buffer
    units: Buffer


class Graph:
    """What liveness needs to know of a system. `keys` are states as the quotient stores them, by their numbers.

    `transitions` and `depth` measure what was explored. `native` tells whether machine code did it.
    """

    native = False

    def __init__(self, program: Program, quotient: Quotient, units: Units) -> None:
        self.program = program
        self.quotient = quotient
        self.units = units
        self.keys: Sequence[Key] = ()
        self.transitions = 0
        self.depth = 0

    @property
    def rows(self) -> Rows:
        raise NotImplementedError

    def explore(self, watch: Watch) -> None:
        """Explores everything. Raises Stopped."""
        raise NotImplementedError

    def mark(self, claim: Property, flags: Placed, watch: Watch) -> bool:
        """Says in `flags`, which are all 0, where the goal is missing and where a LEADS_TO claim's trigger holds.

        Returns whether the trigger holds anywhere. Raises Stopped.
        """
        raise NotImplementedError


class PlainGraph(Graph):
    """The graph that closures explore for some claims, with one state for each key of the quotient.

    The symmetry has to leave every unit of fairness and every claim alone: see `symmetric`. Then transitions that are
    images of each other take the same unit, and the representative ones that a quotient has are enough.
    """

    def __init__(self, program: Program, quotient: Quotient, units: Units, claims: Iterable[Property]) -> None:
        super().__init__(program, quotient, units)
        self.keys: list[Key] = []
        self._numbers: dict[Key, int] = {}
        self._parents = array("I")
        self._first = array("Q", [0])
        self._targets = array("I")
        self._units = array("I")
        self._flags = {claim.name: bytearray() for claim in claims}
        self._judges = [(self._flags[claim.name], *self._predicates(claim)) for claim in claims]

    def _predicates(self, claim: Property) -> tuple[Predicate, Predicate]:
        """Whether the goal is reached in what a quotient views, and whether the trigger of a LEADS_TO claim holds."""
        trigger = claim.trigger if claim.kind is PropertyKind.LEADS_TO else FALSE
        return self.quotient.predicate(claim.formula), self.quotient.predicate(trigger)

    @property
    def rows(self) -> Rows:
        return Rows(len(self.keys), self._parents, self._first, self._targets, self._units)

    def explore(self, watch: Watch) -> None:
        with interruptible():
            for initial in self.program.initial_states():
                watch.look("liveness", len(self.keys), 0, 0, len(self.keys))
                self._reach(self.quotient.key(initial), NONE)
            self._explore(watch)

    def _reach(self, key: Key, parent: int) -> int:
        number = self._numbers.setdefault(key, len(self.keys))
        if number == len(self.keys):
            if number == NONE:
                raise Stopped(f"there are more than {number} states")
            self.keys.append(key)
            self._parents.append(parent)
        return number

    def _explore(self, watch: Watch) -> None:
        view_of, after = self.quotient.view, self.quotient.after
        moves = self.quotient.moves(self.program.system.actions)
        unit_of = self.units.number
        layer = len(self.keys)
        for index, key in enumerate(self.keys):
            if index == layer:
                self.depth += 1
                layer = len(self.keys)
            watch.look("liveness", len(self.keys), self.transitions, self.depth, len(self.keys) - index)
            view = view_of(key)
            for flags, goal, trigger in self._judges:
                flags.append((0 if goal(view) else WAITING) | (TRIGGERED if trigger(view) else 0))
            found = moves(view)
            self.transitions += len(found)
            edges = ((self._reach(after(view, step), index), unit_of(action, args)) for action, args, step in found)
            for target, unit in dict.fromkeys(edges):
                if target != index or unit != NO_UNIT:
                    self._targets.append(target)
                    self._units.append(unit)
            self._first.append(len(self._targets))

    def mark(self, claim: Property, flags: Placed, watch: Watch) -> bool:
        known = self._flags[claim.name]
        flags.write(known)
        return any(flag & TRIGGERED for flag in known)
