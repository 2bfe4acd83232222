"""Which of some lemmas hold together at one size, and which of them a claim rests on.

Houdini: start from all lemmas that hold at first, and drop one that a step can break as long as there is one. What
remains is inductive. A lemma is checked in one of its cubes only: symmetry takes the others there.

Source: Flanagan and Leino, Houdini, an Annotation Assistant for ESC/Java (2001).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from verifier.engines.proof.inference.gates import FALSE, Literal
from verifier.engines.proof.inference.patterns import Pattern, grounded
from verifier.engines.proof.inference.questions import Questions
from verifier.engines.proof.inference.sized import Sized
from verifier.engines.watch import Watch
from verifier.system.expressions import Expression
from verifier.system.system import Property

Lemma = Pattern | Expression
"""A pattern that is excluded, or a closed formula that is true."""

Goal = int | str
"""The number of a lemma that is to be kept, or the name of a claim that is to hold."""


@dataclass(frozen=True, slots=True)
class Support:
    """The lemmas (by number) that are inductive together, what each needs, and what each claim needs.

    A claim that the lemmas do not exclude violations of is in `lost`.
    """

    needs: Mapping[int, frozenset[int]]
    claims: Mapping[str, frozenset[int]]
    lost: tuple[str, ...]

    def used(self) -> tuple[int, ...]:
        """The lemmas that some claim needs, directly or through others, in order."""
        found = set().union(*self.claims.values()) if self.claims else set()
        waiting = list(found)
        while waiting:
            for number in self.needs[waiting.pop()]:
                if number not in found:
                    found.add(number)
                    waiting.append(number)
        return tuple(sorted(found))


def stated(lemma: Lemma, target: Sized) -> list[list[Literal]]:
    """Clauses that say that the lemma holds in the state before. A formula is one over the family's sorts."""
    circuit, cubes = target.circuit, target.cubes
    if not isinstance(lemma, Pattern):
        return [[circuit.holds(target.transferred(lemma))]]
    cube = grounded(lemma, target)
    return [] if cube is None else [cubes.clause(image, circuit.before) for image in cubes.images(cube)]


def broken(lemma: Lemma, target: Sized) -> list[Literal]:
    """Literals that say together that a step leads out of the lemma; of a pattern, out of its first cube."""
    circuit, cubes = target.circuit, target.cubes
    if not isinstance(lemma, Pattern):
        return [-circuit.holds_after(target.transferred(lemma))]
    cube = grounded(lemma, target)
    return [FALSE] if cube is None else [literal for literal, _, _ in cubes.parts(cube, circuit.after)]


def houdini(target: Sized, lemmas: Sequence[Lemma], claims: Iterable[Property], watch: Watch) -> Support:
    """The lemmas that hold in the instance, and the claims that follow. Raises Stopped."""
    return _Houdini(target, lemmas, tuple(claims), watch).run()


def reduced(
    target: Sized, lemmas: Sequence[Lemma], claims: Iterable[Property], order: Sequence[int], watch: Watch
) -> Support:
    """Like `houdini`, without lemmas that can be spared; those that come first in `order` are spared first."""
    run = _Houdini(target, lemmas, tuple(claims), watch)
    run.run()
    return run.without_superfluous(order)


class _Houdini:
    def __init__(self, target: Sized, lemmas: Sequence[Lemma], claims: Sequence[Property], watch: Watch) -> None:
        self._target = target
        self._watch = watch
        self._circuit = target.circuit
        self._left = len(lemmas)
        self._alive: list[int] = []
        self._needs: dict[Goal, frozenset[int]] = {}
        """The lemmas that are enough for a lemma to be kept, or for a claim to hold."""
        self._stated = {number: stated(lemma, target) for number, lemma in enumerate(lemmas)}
        self._broken = {number: broken(lemma, target) for number, lemma in enumerate(lemmas)}
        self._violated = {claim.name: self._circuit.violated(claim) for claim in claims}
        gates = self._circuit.gates
        self._questions = Questions(gates.clauses, gates.top, self._look)
        self._act = {number: self._questions.variable() for number in self._stated}
        self._number = {act: number for number, act in self._act.items()}
        for number, clauses in self._stated.items():
            for clause in clauses:
                self._questions.add([-self._act[number], *clause])

    def run(self) -> Support:
        self._alive = [number for number in self._act if self._holds_at_first(number)]
        while True:
            alive = set(self._alive)
            self._left = len(alive)
            unknown = [n for n in self._alive if n not in self._needs or not self._needs[n] <= alive]
            broken = next((n for n in unknown if not self._settle(n, self._alive)), None)
            if broken is None:
                break
            self._alive.remove(broken)
        lost = tuple(claim for claim in self._violated if not self._settle(claim, self._alive))
        return self._support(lost)

    def without_superfluous(self, order: Sequence[int]) -> Support:
        """After `run`: drop, in this order, each lemma that neither the claims nor the lemmas left need."""
        lost = tuple(claim for claim in self._violated if claim not in self._needs)
        for number in order:
            if number not in self._alive:
                continue
            fewer = [other for other in self._alive if other != number]
            goals: list[Goal] = [*fewer, *self._violated]
            users = [goal for goal in goals if number in self._needs.get(goal, ())]
            before = {user: self._needs[user] for user in users}
            if all(self._settle(user, fewer) for user in users):
                self._alive = fewer
            else:
                self._needs.update(before)
        return self._support(lost)

    def _support(self, lost: tuple[str, ...]) -> Support:
        needs = {number: self._needs[number] for number in self._alive}
        claims = {claim: self._needs[claim] for claim in self._violated if claim not in lost}
        return Support(needs, claims, lost)

    def _settle(self, goal: Goal, lemmas: Sequence[int]) -> bool:
        """Whether the lemmas keep this lemma, or imply this claim; notes which of them do."""
        step = [self._circuit.moves, *self._broken[goal]] if isinstance(goal, int) else [self._violated[goal]]
        if self._questions.possible([*step, *(self._act[number] for number in lemmas)]):
            return False
        self._needs[goal] = self._cited()
        return True

    def _holds_at_first(self, number: int) -> bool:
        """Whether it does; what holds of one image of a pattern holds of all."""
        return not any(
            self._questions.possible([*self._circuit.starts, *(-literal for literal in clause)])
            for clause in self._stated[number][:1]
        )

    def _cited(self) -> frozenset[int]:
        """The lemmas without which the last question would have been possible."""
        return frozenset(self._number[literal] for literal in self._questions.needed() if literal in self._number)

    def _look(self) -> None:
        self._watch.say("lemmas", f"{self._left} left")
