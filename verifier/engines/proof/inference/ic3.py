"""IC3 (property-directed reachability) on the circuit of one instance, with symmetry.

Frame i is a set of clauses that every state reachable in at most i steps satisfies. A cube from which a claim can be
violated is shown to be unreachable from one frame to the next, or traced back to an initial state. Each clause learnt
brings its images under the symmetry along. When two frames are equal, their clauses are an inductive invariant.

Sources: Bradley, SAT-Based Model Checking without Unrolling (2011); Een, Mishchenko and Brayton, Efficient
Implementation of Property Directed Reachability (2011).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random

from verifier.engines.proof.inference.circuit import Circuit, Happening
from verifier.engines.proof.inference.cubes import Cube, Cubes, subsumes
from verifier.engines.proof.inference.gates import FALSE, Literal
from verifier.engines.proof.inference.questions import Questions
from verifier.engines.verdict import Behaviour
from verifier.engines.watch import Watch
from verifier.system.layout import State
from verifier.system.system import Property, PropertyKind

TEMPORARY = 200
"""Clauses for one question only after which the solver is made anew without them.

Lemmas for flip_rollback take 7.5 s with 150, 7.8 s with 300 and 500, 9.0 s with 1,500 and 9.4 s with 3,000: means of
three seeds that differ by up to 2 s each.
"""


@dataclass(frozen=True, slots=True)
class Violation:
    """A claim, and a behaviour that ends in violating it (in the last state, or by the last step)."""

    claim: Property
    behaviour: Behaviour


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of the claims of one instance.

    `invariant` are cubes that no reachable state is in, one of each orbit; they, their images and what was known are
    inductive, and exclude violations of every claim that is not in `violations`.
    """

    violations: tuple[Violation, ...]
    invariant: tuple[Cube, ...]
    frames: int
    questions: int


@dataclass(order=True, slots=True)
class _Obligation:
    """A cube that a frame has to exclude, because `happening` leads from each of its states into `towards`."""

    level: int
    number: int
    cube: Cube = field(compare=False)
    happening: Happening | None = field(compare=False)
    towards: _Obligation | None = field(compare=False)


@dataclass(slots=True)
class _Learnt:
    """An orbit of excluded cubes: its representative and all its images.

    A step leads from `before`, a state of its frame, into the cube, so that it cannot be excluded from the next frame.
    It was in the frame when that had learnt the first `known` of all that was learnt.
    """

    cube: Cube
    images: list[Cube]
    before: Cube | None = None
    known: int = 0


class IC3:
    """A run on one circuit.

    `known` are clauses over the state before that are inductive without the rest. `seed` 0 takes everything in order;
    another shuffles what is tried first, for tests.
    """

    def __init__(
        self, circuit: Circuit, cubes: Cubes, watch: Watch, known: Iterable[Sequence[Literal]] = (), seed: int = 0
    ) -> None:
        self._circuit = circuit
        self._cubes = cubes
        self._known = tuple(known)
        self._watch = watch
        self._random = Random(seed) if seed else None
        self._numbers = count()
        self._frames: list[list[_Learnt]] = [[]]
        self._history: list[tuple[_Learnt, int]] = []
        """All that was learnt, and to which frame it was added."""
        self._asked = 0
        self._waiting = 0
        self._acts: list[Literal] = []
        self._temporary = 0
        self._violated: dict[str, Literal] = {}

    def run(self, claims: Sequence[Property]) -> Answer:
        """Decides the claims. Raises Stopped when the budget is used up, ValueError for a kind not in CLAIMS."""
        self._violated = {claim.name: self._circuit.violated(claim) for claim in claims}
        waiting = [claim for claim in claims if self._violated[claim.name] != FALSE]
        found: list[Violation] = []
        self._frames.append([])
        self._questions = self._solver()
        while True:
            violation = self._strengthen(waiting)
            if violation is not None:
                found.append(violation)
                waiting = [claim for claim in waiting if claim is not violation.claim]
                continue
            invariant = self._propagate()
            if invariant is not None:
                return Answer(tuple(found), invariant, len(self._frames) - 1, self._asked)
            self._frames.append([])

    @property
    def _last(self) -> int:
        return len(self._frames) - 1

    # Obligations

    def _strengthen(self, claims: Sequence[Property]) -> Violation | None:
        """Exclude from the last frame all states that violate a claim; or a violation, if that cannot be done."""
        for claim in claims:
            while (root := self._bad(claim)) is not None:
                first = self._block(root)
                if first is not None:
                    return Violation(claim, self._behaviour(first))
        return None

    def _bad(self, claim: Property) -> _Obligation | None:
        """A cube in the last frame from which the claim is violated."""
        self._refresh()
        literal = self._violated[claim.name]
        if not self._possible([literal, *self._from(self._last)]):
            return None
        model = self._questions.model()
        happening = None if claim.kind is PropertyKind.ALWAYS else self._circuit.happening(model)
        cube = self._widened(self._circuit.state(model), happening, [-literal])
        return self._obligation(self._last, cube, happening, None)

    def _obligation(
        self, level: int, cube: Cube, happening: Happening | None, towards: _Obligation | None
    ) -> _Obligation:
        return _Obligation(level, next(self._numbers), cube, happening, towards)

    def _block(self, root: _Obligation) -> _Obligation | None:
        """Exclude the obligation's cube from its frame; or the obligation with an initial state that leads to it."""
        queue = [root]
        while queue:
            self._waiting = len(queue)
            current = queue[0]
            if self._cubes.meets_initial(current.cube):
                return current
            if self._excluded(current.cube, current.level):
                heapq.heappop(queue)
                continue
            before = self._predecessor(current)
            if before is not None:
                heapq.heappush(queue, before)
                continue
            heapq.heappop(queue)
            if current.level < self._last:
                again = self._obligation(current.level + 1, current.cube, current.happening, current.towards)
                heapq.heappush(queue, again)
        return None

    def _predecessor(self, current: _Obligation) -> _Obligation | None:
        """A cube one frame earlier that leads into the obligation's; if there is none, its frame learns that."""
        core = self._unreachable(current.cube, current.level)
        if core is None:
            model = self._questions.model()
            happening = self._circuit.happening(model)
            state = self._circuit.state(model)
            target = self._cubes.clause(current.cube, self._circuit.after)
            cube = self._widened(state, happening, [-self._circuit.moves, *target])
            return self._obligation(current.level - 1, cube, happening, current)
        level = current.level
        cube = self._generalised(self._safe(core, current.cube), level)
        while level < self._last and (core := self._unreachable(cube, level + 1)) is not None:
            cube = self._safe(core, cube)
            level += 1
        self._learn(cube, level)
        return None

    def _behaviour(self, first: _Obligation) -> Behaviour:
        steps = []
        current: _Obligation | None = first
        while current is not None:
            if current.happening is not None:
                steps.append((current.happening.action.name, current.happening.arguments))
            current = current.towards
        return Behaviour(self._cubes.initial_state_in(first.cube), tuple(steps))

    def _widened(self, state: State, happening: Happening | None, refuted: list[Literal]) -> Cube:
        """A cube around the state in which, if `happening` happens, the clause `refuted` is false as well."""
        temporary = self._for_now(refuted)
        parts = list(self._cubes.parts(self._cubes.of_state(state), self._circuit.before))
        chosen = [temporary, *(() if happening is None else (happening.literal,))]
        possible = self._possible([*chosen, *(literal for literal, _, _ in parts)])
        assert not possible, "the state and the action instance determine the step"
        cube = self._kept(parts, self._questions.needed())
        self._questions.add([-temporary])
        return cube

    # Relative induction

    def _unreachable(self, cube: Cube, level: int) -> Cube | None:
        """If no step leads from outside of the cube in the frame before `level` into it: a larger such cube."""
        temporary = self._for_now(self._cubes.clause(cube, self._circuit.before))
        parts = list(self._cubes.parts(cube, self._circuit.after))
        fixed = [temporary, self._circuit.moves, *self._from(level - 1)]
        if self._possible([*fixed, *(literal for literal, _, _ in parts)]):
            return None
        core = self._kept(parts, self._questions.needed())
        self._questions.add([-temporary])
        return core

    def _kept(self, parts: Sequence[tuple[Literal, int, int]], needed: frozenset[Literal]) -> Cube:
        """The cube of those parts that are needed; of equal literals the first."""
        excluded: dict[int, int] = {}
        seen: set[Literal] = set()
        for literal, place, values in parts:
            if literal in needed and literal not in seen:
                seen.add(literal)
                excluded[place] = excluded.get(place, 0) | values
        return tuple((place, self._cubes.everything[place] & ~mask) for place, mask in sorted(excluded.items()))

    def _safe(self, core: Cube, cube: Cube) -> Cube:
        """The core, with one more part of the cube if it would have initial states in it."""
        if not self._cubes.meets_initial(core):
            return core
        initial = self._circuit.initial
        place, mask = next((place, mask) for place, mask in cube if not initial[place] & mask)
        return tuple(sorted({**dict(core), place: mask}.items()))

    def _generalised(self, cube: Cube, level: int) -> Cube:
        """A larger cube that is unreachable as well: with places left out, then with more values at those that stay."""
        for place, _ in self._in_order(cube):
            smaller = tuple(part for part in cube if part[0] != place)
            if len(smaller) == len(cube) or self._cubes.meets_initial(smaller):
                continue
            core = self._unreachable(smaller, level)
            if core is not None:
                cube = self._safe(core, smaller)
        return self._with_more_values(cube, level)

    def _with_more_values(self, cube: Cube, level: int) -> Cube:
        """Allow whole groups of values at once, so that a clause says nothing about how many members there are."""
        for place, mask in self._in_order(cube):
            if mask & (mask - 1) or (mask | self._circuit.initial[place]) == self._cubes.everything[place]:
                continue
            for group in self._cubes.groups(place):
                old = dict(cube)[place]
                wider = old | group
                if wider == old or wider == self._cubes.everything[place]:
                    continue
                larger = tuple((p, wider if p == place else m) for p, m in cube)
                if not self._cubes.meets_initial(larger) and self._unreachable(larger, level) is not None:
                    cube = larger
        return cube

    def _in_order(self, cube: Cube) -> list[tuple[int, int]]:
        parts = list(cube)
        if self._random is not None:
            self._random.shuffle(parts)
        return parts

    # Frames

    def _excluded(self, cube: Cube, level: int) -> bool:
        """Whether the frame excludes the cube already, by a single clause."""
        inside = dict(cube)
        return any(
            subsumes(image, inside) for learnts in self._frames[level:] for learnt in learnts for image in learnt.images
        )

    def _learn(self, cube: Cube, level: int) -> None:
        images = self._cubes.images(cube)
        for older in self._frames[1 : level + 1]:
            insides = [(o, dict(o.cube)) for o in older]
            older[:] = [o for o, inside in insides if not any(subsumes(image, inside) for image in images)]
        self._enter(_Learnt(cube, images), level)

    def _enter(self, learnt: _Learnt, level: int) -> None:
        learnt.before = None
        self._frames[level].append(learnt)
        self._history.append((learnt, level))
        self._state(learnt, level)

    def _state(self, learnt: _Learnt, level: int) -> None:
        act = self._act(level)
        for image in learnt.images:
            self._questions.add([-act, *self._cubes.clause(image, self._circuit.before)])

    def _propagate(self) -> tuple[Cube, ...] | None:
        """Move clauses on to the next frame where they hold there; the invariant, if two frames have become equal."""
        for level in range(1, self._last):
            for learnt in tuple(self._frames[level]):
                if self._stays_away(learnt, level):
                    self._frames[level].remove(learnt)
                    self._enter(learnt, level + 1)
            if not self._frames[level]:
                return tuple(learnt.cube for learnts in self._frames[level + 1 :] for learnt in learnts)
        return None

    def _stays_away(self, learnt: _Learnt, level: int) -> bool:
        """Whether no step leads from the frame into the cube."""
        if learnt.before is not None and not self._excluded_since(learnt.before, learnt.known, level):
            learnt.known = len(self._history)
            return False
        self._refresh()
        parts = [literal for literal, _, _ in self._cubes.parts(learnt.cube, self._circuit.after)]
        if not self._possible([self._circuit.moves, *self._from(level), *parts]):
            return True
        learnt.before = self._cubes.of_state(self._circuit.state(self._questions.model()))
        learnt.known = len(self._history)
        return False

    def _excluded_since(self, cube: Cube, known: int, level: int) -> bool:
        """Whether the frame excludes the cube by what it has learnt since then."""
        inside = dict(cube)
        return any(
            number >= level and subsumes(image, inside)
            for learnt, number in self._history[known:]
            for image in learnt.images
        )

    # The solver

    def _refresh(self) -> None:
        """Make the solver anew if much in it is of no use any more."""
        if self._temporary >= TEMPORARY:
            self._questions.close()
            self._questions = self._solver()

    def _solver(self) -> Questions:
        """A solver that knows the circuit and the frames."""
        gates = self._circuit.gates
        self._questions = Questions(gates.clauses, gates.top, self._look)
        self._temporary = 0
        self._acts = []
        initial = self._act(0)
        for literal in self._circuit.starts:
            self._questions.add([-initial, literal])
        for clause in self._known:
            self._questions.add(clause)
        for level, learnts in enumerate(self._frames):
            for learnt in learnts:
                self._state(learnt, level)
        return self._questions

    def _act(self, level: int) -> Literal:
        """The literal that makes the clauses of a frame count."""
        while len(self._acts) <= level:
            self._acts.append(self._questions.variable())
        return self._acts[level]

    def _from(self, level: int) -> list[Literal]:
        """The assumptions "in this frame"; a frame has the clauses of all later ones."""
        return [self._act(index) for index in range(level, len(self._frames))]

    def _for_now(self, clause: Sequence[Literal]) -> Literal:
        """Adds a clause that counts only where the literal returned is assumed."""
        self._refresh()
        temporary = self._questions.variable()
        self._questions.add([-temporary, *clause])
        self._temporary += 1
        return temporary

    def _possible(self, assumptions: Sequence[Literal]) -> bool:
        self._asked += 1
        return self._questions.possible(assumptions)

    def _look(self) -> None:
        clauses = sum(map(len, self._frames))
        doing = f"{clauses} clauses, frame {self._last}, {self._waiting} obligations"
        self._watch.say("inference", doing)
