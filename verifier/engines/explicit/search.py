"""Breadth-first search of all reachable states, deciding many safety properties at once.

A property is decided at the first state or transition that shows it, which is one of least depth. The search goes on
for the others, and to the end if it is asked for the whole space.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.packing import Packed
from verifier.engines.explicit.quotient import Key, Quotient, View
from verifier.engines.explicit.rows import Changes
from verifier.engines.explicit.space import Space
from verifier.engines.verdict import Behaviour
from verifier.engines.watch import Watch, interruptible
from verifier.system.expressions import Expression, Not, conjunction
from verifier.system.interpreter import AssertionFailed, Failure, OutOfRange, WrittenTwice
from verifier.system.symmetry import Symmetry
from verifier.system.system import Property, PropertyKind

KINDS = frozenset(
    {
        PropertyKind.ALWAYS,
        PropertyKind.STEP,
        PropertyKind.ASSERTION,
        PropertyKind.REACHABLE,
        PropertyKind.RANGE,
        PropertyKind.CONFLICT,
    }
)
"""The kinds of property that this search decides."""

KEPT = 500
"""How many states in waiting are kept in the form that they will be expanded in."""


class Search:
    """One search. `shown` has a behaviour for every property that a state or a transition has decided so far.

    Keys of states mean the same in two searches only if these share a quotient; without one it is made for `symmetry`.
    """

    def __init__(
        self,
        program: Program,
        properties: Iterable[Property],
        watch: Watch,
        symmetry: Symmetry | None = None,
        quotient: Quotient | None = None,
    ) -> None:
        self.space = Space(program, quotient or Quotient(program, symmetry))
        self.shown: dict[str, Behaviour] = {}
        self._program = program
        self._watch = watch
        self._seen: set[Key] = set()
        self._views: dict[int, View] = {}
        self._waiting = {claim.name: claim for claim in properties}
        self._state_claims: dict[str, Callable[[View], object]] = {}
        self._step_claims: dict[str, Callable[[View, Changes | Packed], object]] = {}
        self._unshown: Callable[[View], object] | None = None
        self._unshown_steps: Callable[[View, Changes | Packed], object] | None = None
        self._prepare()

    def run(self, whole: bool) -> None:
        """Searches until every property is decided, or to the end if `whole`. Raises Stopped."""
        with interruptible():
            self._explore(whole)

    def _explore(self, whole: bool) -> None:
        space, watch = self.space, self._watch
        for initial in self._program.initial_states():
            watch.look("search", len(space.states), space.transitions, 0, len(space.states))
            self._reach(space.quotient.key(initial), -1)
        out: list[Changes | Packed] = []
        bad: list[int] = []
        add, fail = out.append, bad.append
        expand = space.quotient.expand(self._program.system.actions)
        view_of, after = space.quotient.view, space.quotient.after
        taken = 0
        if not (whole or self._waiting):
            return
        for index in self._queue():
            watch.look("search", len(space.states), space.transitions, space.depth, len(space.states) - taken)
            view = self._views.pop(index, None) or view_of(space.states[index])
            expand(view, add, fail)
            space.transitions += len(out)
            if bad:
                self._failed(index, bad)
                bad.clear()
            for step in out:
                if self._unshown_steps is not None and not self._unshown_steps(view, step):
                    self._stepped(index, view, step)
                self._reach(after(view, step), index)
            out.clear()
            taken += 1
            if not (whole or self._waiting):
                break
        space.complete = taken == len(space.states)

    def _queue(self) -> Iterator[int]:
        """The numbers of the states in the order in which they are taken up; more are found meanwhile."""
        layer = len(self.space.states)
        for index, _ in enumerate(self.space.states):
            if index == layer:
                self.space.depth += 1
                layer = len(self.space.states)
            yield index

    def _reach(self, key: Key, parent: int) -> None:
        space = self.space
        if key in self._seen:
            return
        self._seen.add(key)
        space.states.append(key)
        space.parents.append(parent)
        if self._unshown is None:
            return
        view = space.quotient.view(key)
        if len(self._views) < KEPT:
            self._views[len(space.states) - 1] = view
        if not self._unshown(view):
            for name, usual in list(self._state_claims.items()):
                if not usual(view):
                    self._show(name, space.behaviour(len(space.states) - 1))

    def _stepped(self, index: int, view: View, step: Changes | Packed) -> None:
        for name, usual in list(self._step_claims.items()):
            if not usual(view, step):
                self._show(name, self.space.behaviour_and_step(index, usual))

    def _failed(self, index: int, codes: list[int]) -> None:
        for kind, name in dict.fromkeys(self._program.failures[code] for code in codes):
            for claim in list(self._waiting.values()):
                if claim.kind == kind and name in ("", claim.name):
                    self._show(claim.name, self.space.behaviour_and_failure(index, partial(shows, claim)))

    def _show(self, name: str, behaviour: Behaviour) -> None:
        self.shown[name] = behaviour
        del self._waiting[name]
        self._prepare()

    def _prepare(self) -> None:
        """Compiles what has to be true of states and of steps as long as nothing more is shown."""
        usual: dict[str, Expression] = {}
        steps: dict[str, Expression] = {}
        for claim in self._waiting.values():
            if claim.kind is PropertyKind.ALWAYS:
                usual[claim.name] = claim.formula
            elif claim.kind is PropertyKind.REACHABLE:
                usual[claim.name] = Not(claim.formula)
            elif claim.kind is PropertyKind.STEP:
                steps[claim.name] = claim.formula
        quotient = self.space.quotient
        for name in usual.keys() - self._state_claims.keys():
            self._state_claims[name] = quotient.predicate(usual[name])
        for name in steps.keys() - self._step_claims.keys():
            self._step_claims[name] = quotient.relation(steps[name])
        self._state_claims = {name: self._state_claims[name] for name in usual}
        self._step_claims = {name: self._step_claims[name] for name in steps}
        self._unshown = quotient.predicate(conjunction(*usual.values())) if usual else None
        self._unshown_steps = quotient.relation(conjunction(*steps.values())) if steps else None


def shows(claim: Property, failure: Failure) -> bool:
    """Whether the failure violates the claim."""
    match failure:
        case OutOfRange():
            return claim.kind is PropertyKind.RANGE
        case WrittenTwice():
            return claim.kind is PropertyKind.CONFLICT
        case AssertionFailed(name, _, _):
            return claim.kind is PropertyKind.ASSERTION and claim.name == name
