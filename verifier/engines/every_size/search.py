"""Search of all states of all sizes: which claims no state and no step violates, whatever the size.

A violation here is only a suspicion: a state stands for many, and a path need not exist for any one size.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

from verifier.engines.every_size.counts import AllSizes, Key, View
from verifier.engines.explicit.compiler import Main, Program
from verifier.engines.explicit.quotient import After
from verifier.engines.explicit.rows import Changes
from verifier.engines.watch import Watch, interruptible
from verifier.system.expressions import conjunction
from verifier.system.system import Property, PropertyKind

KINDS = frozenset(
    {
        PropertyKind.ALWAYS,
        PropertyKind.STEP,
        PropertyKind.ASSERTION,
        PropertyKind.RANGE,
        PropertyKind.CONFLICT,
    }
)
"""The kinds of property that can be proved: those that hold if they hold of every state and every step by itself."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A claim that seems to be violated after `steps` steps, and with how many blocks of each orbit that began."""

    claim: str
    steps: int
    blocks: tuple[int, ...]


class Search:
    """One search. `suspects` are the claims that are not proved; of the others nothing is known before the end."""

    def __init__(
        self,
        program: Program,
        all_sizes: AllSizes,
        claims: Iterable[Property],
        watch: Watch,
    ) -> None:
        self.suspects: dict[str, Suspect] = {}
        self.states: list[Key] = []
        self.transitions = self.depth = 0
        self._program = program
        self._all = all_sizes
        self._watch = watch
        self._seen: set[Key] = set()
        self._parents: array[int] = array("i")
        self._beginnings: list[tuple[int, ...]] = []
        self._claims = {claim.name: claim for claim in claims}
        self._prepare()

    def run(self) -> None:
        """Searches to the end, or until every claim is suspect.

        Raises Stopped, and NotForEverySize and TooFewBlocks of the states.
        """
        with interruptible():
            self._explore()

    def _explore(self) -> None:
        for key, blocks in self._all.initial():
            if key not in self._seen:
                self._beginnings.append(blocks)
            self._reach(key, -1)
        layer = len(self.states)
        out: list[Changes] = []
        bad: list[int] = []
        for index, key in enumerate(self.states):
            if not self._claims:
                return
            if index == layer:
                self.depth += 1
                layer = len(self.states)
            waiting = len(self.states) - index
            self._watch.look("every size", len(self.states), self.transitions, self.depth, waiting)
            view = self._all.view(key)
            self._look_at_state(index, view)
            self._all.expand(view, out, bad)
            for step in out:
                self._look_at_step(index, view, step)
                for following in self._all.after(view, step):
                    self.transitions += 1
                    self._reach(following, index)
            if bad:
                self._failed(index, bad)
            out.clear()
            bad.clear()

    def _reach(self, key: Key, parent: int) -> None:
        if key not in self._seen:
            self._seen.add(key)
            self.states.append(key)
            self._parents.append(parent)

    def _look_at_state(self, index: int, view: View) -> None:
        state, members = view.counted.state, view.members
        if self._all_states is not None and not self._all_states(state, members):
            for name, holds in self._state_claims.items():
                if not holds(state, members):
                    self._suspect(name, index, 0)
            self._prepare()

    def _look_at_step(self, index: int, view: View, step: Changes) -> None:
        state, members = view.counted.state, view.members
        if self._all_steps is not None and not self._all_steps(state, After(step, state), members):
            for name, holds in self._step_claims.items():
                if not holds(state, After(step, state), members):
                    self._suspect(name, index, 1)
            self._prepare()

    def _failed(self, index: int, codes: list[int]) -> None:
        for kind, name in dict.fromkeys(self._program.failures[code] for code in codes):
            for claim in list(self._claims.values()):
                if claim.kind == kind and name in ("", claim.name):
                    self._suspect(claim.name, index, 1)

    def _suspect(self, claim: str, index: int, steps: int) -> None:
        while self._parents[index] >= 0:
            index = self._parents[index]
            steps += 1
        self.suspects[claim] = Suspect(claim, steps, self._beginnings[index])
        self._claims.pop(claim)

    def _prepare(self) -> None:
        """Compiles what has to be true of the claims that are left."""
        usual = {c.name: c.formula for c in self._claims.values() if c.kind is PropertyKind.ALWAYS}
        steps = {c.name: c.formula for c in self._claims.values() if c.kind is PropertyKind.STEP}
        self._all_states: Main | None = self._all.predicate(conjunction(*usual.values())) if usual else None
        self._all_steps: Main | None = self._all.relation(conjunction(*steps.values())) if steps else None
        self._state_claims = {name: self._all.predicate(formula) for name, formula in usual.items()}
        self._step_claims = {name: self._all.relation(formula) for name, formula in steps.items()}
