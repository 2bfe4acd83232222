"""Lemmas that prove the claims of a family at every size, found on small instances.

IC3 finds an invariant of a small instance; its clauses are lifted to patterns, which say the same at every size; those
that do not hold on an instance one block larger in each orbit are dropped, and those that no claim needs. If a claim is
lost on the way, the orbit that it was lost to has more blocks in the next attempt. Nothing is proved here: `prove` does
that with the lemmas, for every size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

from verifier.engines.proof.conditions import Lemma
from verifier.engines.proof.family import Family
from verifier.engines.proof.inference.circuit import CLAIMS
from verifier.engines.proof.inference.formulas import formula
from verifier.engines.proof.inference.guesses import guesses
from verifier.engines.proof.inference.houdini import Support, houdini, reduced, stated
from verifier.engines.proof.inference.ic3 import IC3, Answer
from verifier.engines.proof.inference.patterns import Pattern, lifted
from verifier.engines.proof.inference.simplify import simplified
from verifier.engines.proof.inference.sized import Sized, sized
from verifier.engines.verdict import Behaviour
from verifier.engines.watch import Stopped, Watch, interruptible
from verifier.system.expressions import Expression
from verifier.system.system import Property, System

Lemmas = list[Pattern | Expression]

SMALLEST = 2
"""Blocks of each orbit in the first attempt: with fewer nothing can be said of two pages."""


@dataclass(frozen=True, slots=True)
class Refuted:
    """A claim that is violated in an instance of the family, by a behaviour of that instance."""

    claim: str
    sizes: tuple[int, ...]
    system: System
    behaviour: Behaviour


@dataclass(frozen=True, slots=True)
class Gap:
    """Claims that held at some sizes, but whose lemmas were lost at larger ones."""

    claims: tuple[str, ...]
    sizes: tuple[int, ...]
    larger: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Inference:
    """What was found.

    `lemmas` are inductive and imply the claims named in `supported` in instances around `sizes`, and may be so at every
    size. `reason` says what ended the search if it ended early; then there may be no lemmas.
    """

    lemmas: tuple[Lemma, ...]
    supported: tuple[str, ...]
    refuted: tuple[Refuted, ...]
    gaps: tuple[Gap, ...]
    sizes: tuple[int, ...]
    reason: str = ""


def infer(
    family: Family,
    claims: Iterable[Property],
    watch: Watch,
    hints: Sequence[Lemma] = (),
    sizes: Sequence[int] | None = None,
    seed: int = 0,
) -> Inference:
    """Lemmas for the claims, or instances that violate them.

    `claims` and `hints` are over the family's sorts, as the text of the family. Hints are formulas that may help; those
    that do are among the lemmas under their names. `sizes` are the blocks of each orbit in the first attempt. Raises
    ValueError for a claim of a kind that no invariant proves.
    """
    claims = tuple(claims)
    for claim in claims:
        if claim.kind not in CLAIMS:
            raise ValueError(f"'{claim.kind.value}' properties are not proved by an invariant")
    sizes = tuple(map(max, sizes or family.sizes(SMALLEST), family.least))
    return _Search(family, claims, watch, hints, sizes, seed).run()


@dataclass(frozen=True, slots=True)
class _Lost:
    """Claims that do not follow in an instance, where these lemmas are left."""

    sizes: tuple[int, ...]
    claims: tuple[str, ...]
    left: Lemmas


class _Search:
    def __init__(
        self,
        family: Family,
        claims: tuple[Property, ...],
        watch: Watch,
        hints: Sequence[Lemma],
        sizes: Sequence[int],
        seed: int,
    ) -> None:
        self._family = family
        self._open = [claim.name for claim in claims]
        self._watch = watch
        self._names = {hint.formula: hint.name for hint in hints}
        self._sizes = tuple(sizes)
        self._seed = seed
        self._known: Lemmas = list(dict.fromkeys([*self._names, *guesses(family.text)]))
        self._refuted: list[Refuted] = []
        self._gaps: list[Gap] = []
        self._mended: set[tuple[int, ...]] = set()

    def run(self) -> Inference:
        try:
            with interruptible():
                while True:
                    found = self._attempt()
                    if found is not None:
                        return found
        except Stopped as stopped:
            return self._result((), str(stopped))

    def _result(self, lemmas: tuple[Lemma, ...], reason: str = "") -> Inference:
        supported = () if reason else tuple(self._open)
        return Inference(lemmas, supported, tuple(self._refuted), tuple(self._gaps), self._sizes, reason)

    def _attempt(self) -> Inference | None:
        """One round at the present sizes; None if a claim was lost, and there is something new to try."""
        small = self._sized(self._sizes)
        found = self._invariant(small)
        if not self._open:
            return self._result(())
        others = [self._sized(sizes) for sizes in self._other_sizes()]
        settled = self._settled(found, others)
        if isinstance(settled, _Lost):
            self._learn_from(settled, small)
            return None
        return self._result(self._lemmas(settled, others))

    def _other_sizes(self) -> list[tuple[int, ...]]:
        """One block more in each orbit; as few as there can be in each, and in all."""
        larger = tuple(size + 1 for size in self._sizes)
        least = self._family.least
        fewest = (
            tuple(least[o] if o == orbit else size for o, size in enumerate(self._sizes))
            for orbit in range(len(larger))
        )
        return list(dict.fromkeys((larger, *fewest, least)))

    def _settled(self, lemmas: Lemmas, instances: Sequence[Sized]) -> Lemmas | _Lost:
        """Those lemmas that some claim needs in some of the instances, when all hold in all of them."""
        while True:
            used: set[int] = set()
            alive = set(range(len(lemmas)))
            for instance in instances:
                support = self._supported(instance, lemmas)
                if support.lost:
                    return _Lost(instance.sizes, support.lost, [lemmas[number] for number in support.needs])
                alive &= support.needs.keys()
                used.update(support.used())
            if len(alive) == len(lemmas):
                return [lemmas[number] for number in sorted(used)]
            lemmas = [lemmas[number] for number in sorted(alive)]

    def _learn_from(self, lost: _Lost, small: Sized) -> None:
        """Where a claim was lost at a smaller size, more lemmas; at a larger one, larger sizes from now on."""
        self._gaps.append(Gap(lost.claims, self._sizes, lost.sizes))
        if lost.sizes not in self._mended and sum(lost.sizes) < sum(self._sizes):
            self._mended.add(lost.sizes)
            self._known = self._invariant(self._sized(lost.sizes), lost.left)
            return
        self._known = lost.left
        grown = [self._is_lost_to(orbit, lost.left) for orbit in range(len(self._sizes))]
        self._sizes = tuple(size + (grows or not any(grown)) for size, grows in zip(self._sizes, grown, strict=True))

    def _invariant(self, small: Sized, extra: Sequence[Pattern | Expression] = ()) -> Lemmas:
        """What IC3 finds, and what was known before; claims that it refutes are no longer open."""
        before = [*self._known, *extra]
        kept = [before[number] for number in self._supported(small, before).needs]
        known = [clause for lemma in kept for clause in stated(lemma, small)]
        claims = self._claims(small)
        answer = IC3(small.circuit, small.cubes, self._watch, known, self._seed).run(claims)
        self._note_violations(small, answer)
        return list(dict.fromkeys([*kept, *(lifted(cube, small) for cube in answer.invariant)]))

    def _note_violations(self, small: Sized, answer: Answer) -> None:
        for violation in answer.violations:
            name = violation.claim.name
            self._refuted.append(Refuted(name, small.sizes, small.circuit.system, violation.behaviour))
            self._open.remove(name)

    def _is_lost_to(self, orbit: int, found: Lemmas) -> bool:
        """Whether one block more in this orbit alone loses a claim."""
        sizes = tuple(size + (number == orbit) for number, size in enumerate(self._sizes))
        return bool(self._supported(self._sized(sizes), found).lost)

    def _lemmas(self, needed: Lemmas, instances: Sequence[Sized]) -> tuple[Lemma, ...]:
        """As few as they can easily be made, in a form for people."""
        patterns = simplified([lemma for lemma in needed if isinstance(lemma, Pattern)], self._family)
        rest: Lemmas = [*(lemma for lemma in needed if not isinstance(lemma, Pattern)), *patterns]
        longest_first = sorted(range(len(rest)), key=lambda number: _length(rest[number]), reverse=True)
        largest = instances[0]
        support = reduced(largest, rest, self._claims(largest), longest_first, self._watch)
        fewer = self._settled([rest[number] for number in support.needs], instances)
        if isinstance(fewer, _Lost):
            fewer = rest
        numbered = (f"lemma{number}" for number in count(1))
        new = (name for name in numbered if name not in self._names.values())
        said = [formula(lemma, self._family) if isinstance(lemma, Pattern) else lemma for lemma in fewer]
        return tuple(Lemma(self._names.get(each) or next(new), each) for each in said)

    def _sized(self, sizes: Sequence[int]) -> Sized:
        return sized(self._family, sizes, lambda: self._watch.say("circuit", f"{' x '.join(map(str, sizes))} blocks"))

    def _claims(self, instance: Sized) -> list[Property]:
        return [instance.circuit.system.property_named(name) for name in self._open]

    def _supported(self, instance: Sized, lemmas: Sequence[Pattern | Expression]) -> Support:
        return houdini(instance, lemmas, self._claims(instance), self._watch)


def _length(lemma: Pattern | Expression) -> int:
    """How much there is to read."""
    if isinstance(lemma, Pattern):
        return len(lemma.literals) + sum(lemma.blocks().values())
    return 0
