"""Random walks: what happens often, what rarely, and now and then a violation. They never show that anything holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.packing import Packed, initial_choices
from verifier.engines.explicit.search import shows
from verifier.engines.verdict import Behaviour, Budget, Observer
from verifier.engines.watch import Stopped, Watch, interruptible
from verifier.system.interpreter import Arguments
from verifier.system.system import Property, PropertyKind, System

OF_STATES = frozenset({PropertyKind.ALWAYS, PropertyKind.REACHABLE})


@dataclass(frozen=True, slots=True)
class Walks:
    """What random walks saw. `enabled` and `fired` count, per action, its instances over all states of the walks.

    `shown` has, for some properties, the first behaviour that violates them, or reaches what they say is reachable;
    nothing follows for the others. `reason` says why the walks were cut short, if they were.
    """

    walks: int
    steps: int
    states: int
    enabled: dict[str, int]
    fired: dict[str, int]
    shown: dict[str, Behaviour]
    reason: str = ""


def simulate(
    system: System,
    properties: Iterable[Property],
    seed: int,
    walks: int,
    length: int,
    budget: Budget | None = None,
    observer: Observer | None = None,
) -> Walks:
    """`walks` random walks of at most `length` actions, the same for the same seed.

    Looks for violations of ALWAYS, STEP, ASSERTION, RANGE and CONFLICT and for REACHABLE states.
    """
    simulation = _Simulation(Program(system), tuple(properties), Random(seed), Watch(budget or Budget(), observer))
    reason = ""
    done = 0
    try:
        with interruptible():
            while done < walks:
                simulation.walk(length)
                done += 1
    except Stopped as stopped:
        reason = str(stopped)
    enabled = {action.name: simulation.enabled[action.name] for action in system.actions}
    fired = {action.name: simulation.fired[action.name] for action in system.actions}
    return Walks(done, simulation.steps, len(simulation.seen), enabled, fired, simulation.shown, reason)


class _Simulation:
    def __init__(self, program: Program, claims: tuple[Property, ...], random: Random, watch: Watch) -> None:
        self.program = program
        self.random = random
        self.watch = watch
        self.choices = initial_choices(program.system, program.interpreter)
        self.seen: set[Packed] = set()
        self.enabled: Counter[str] = Counter()
        self.fired: Counter[str] = Counter()
        self.shown: dict[str, Behaviour] = {}
        self.steps = 0
        self.claims = claims
        self.states = {c: program.predicate(c.formula) for c in claims if c.kind in OF_STATES}
        self.relations = {c: program.relation(c.formula) for c in claims if c.kind is PropertyKind.STEP}

    def walk(self, length: int) -> None:
        state = self.program.packing.seal([self.random.choice(choice) for choice in self.choices])
        initial = state
        path: list[tuple[str, Arguments]] = []
        for _ in range(length + 1):
            self.watch.look("simulate", len(self.seen), self.steps, len(path), 0)
            self.seen.add(state)
            for claim, holds in self.states.items():
                if bool(holds(state)) == (claim.kind is PropertyKind.REACHABLE):
                    self._show(claim, initial, path)
            moves = self._moves(initial, path, state)
            if not moves or len(path) == length:
                return
            name, arguments, following = self.random.choice(moves)
            path.append((name, arguments))
            self.fired[name] += 1
            self.steps += 1
            for claim, related in self.relations.items():
                if not related(state, following):
                    self._show(claim, initial, path)
            state = following

    def _moves(
        self, initial: Packed, path: list[tuple[str, Arguments]], state: Packed
    ) -> list[tuple[str, Arguments, Packed]]:
        out: list[tuple[int, Arguments, Packed]] = []
        bad: list[int] = []
        self.program.expand_labelled(state, out.append, bad.append)
        actions = self.program.system.actions
        moves = [(actions[number].name, arguments, following) for number, arguments, following in out]
        self.enabled.update(name for name, _, _ in moves)
        for claim in self.claims if bad else ():
            if claim.name not in self.shown:
                self._failed(claim, initial, path, state)
        return moves

    def _failed(self, claim: Property, initial: Packed, path: list[tuple[str, Arguments]], state: Packed) -> None:
        """Shows the claim if an action in `state` fails in a way that violates it."""
        interpreter = self.program.interpreter
        values = self.program.packing.unpack(state)
        for action, arguments in interpreter.enabled(values):
            if any(shows(claim, failure) for failure in interpreter.perform(action, arguments, values).failures):
                self._show(claim, initial, [*path, (action.name, arguments)])
                return

    def _show(self, claim: Property, initial: Packed, path: list[tuple[str, Arguments]]) -> None:
        if claim.name not in self.shown:
            self.shown[claim.name] = Behaviour(self.program.packing.unpack(initial), tuple(path))
