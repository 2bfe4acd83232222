"""Proving the claims of a specification for every size: with its own lemmas, then with lemmas that are found.

What comes out is as strong as it gets for each claim: proved, violated in some instance, or the step that no lemma
stops.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from verifier.engines.proof.conditions import Lemma
from verifier.engines.proof.family import Family
from verifier.engines.proof.prover import Proof, prove
from verifier.engines.proof.uniform import Uniform
from verifier.engines.verdict import LONGER_TRACE, TRACE, Behaviour, Budget, Observer, Outcome, Verdict
from verifier.engines.watch import Stopped, Watch
from verifier.evidence.believe import believed
from verifier.evidence.checking import Expectations
from verifier.evidence.results import Judged
from verifier.evidence.trace import Subject, place_of
from verifier.system.interpreter import Interpreter
from verifier.system.system import Property, System

METHOD = "proved for every size"
FOR_THE_INSTANCE = "proved by induction for this instance"
NOT_PROVED = "not proved"

ATTEMPTS = 3
"""Searches for lemmas, each on larger instances than the one before."""


@dataclass(frozen=True, slots=True)
class Needs:
    """At which sizes a claim is violated: numbers beside the names of what has this size.

    Without a `reason`, no smaller ones have it by the same steps or some of them; with one, that is not known. `least`
    says that the family has no smaller ones.
    """

    sizes: tuple[tuple[tuple[str, ...], int], ...]
    least: bool
    reason: str = ""

    def by_name(self) -> dict[str, int]:
        """The size of each name."""
        return {name: number for names, number in self.sizes for name in names}

    def __str__(self) -> str:
        return ", ".join(f"{' = '.join(names)} = {number}" for names, number in self.sizes)


@dataclass(frozen=True, slots=True)
class Violation:
    """A behaviour of an instance of the family that violates a claim.

    The instance has so many `blocks` of each orbit. If it is one of the specification itself, these are its `settings`.
    `fewest` says that none of fewer steps violates the claim there.
    """

    system: System
    behaviour: Behaviour
    blocks: tuple[int, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    fewest: bool = False
    needs: Needs | None = None


@dataclass(frozen=True, slots=True)
class Attempted:
    """The proof that went furthest, what is violated, and why no more was proved; of some claims, why not they."""

    proof: Proof
    violated: Mapping[str, Violation]
    reason: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)


def attempt(
    family: Family,
    claims: Sequence[Property],
    budget: Budget,
    observer: Observer | None = None,
    find_lemmas: bool = True,
    seed: int = 0,
    known: Sequence[Lemma] = (),
) -> Attempted:
    """Prove as many of the claims, over the family's sorts, as the budget allows. Raises VacuousError.

    Lemmas that are `known` may help, and are proved again: the search for others begins with them.
    """
    watch = Watch(Budget(seconds=budget.seconds), observer)
    first = () if known and find_lemmas else claims
    best = Attempted(prove(family, first, known if first else (), budget, observer, seed), {})
    if best.proof.reason or not find_lemmas:
        return replace(best, reason=best.proof.reason)
    blocks = 2
    for _ in range(ATTEMPTS):
        left = tuple(c for c in claims if c.name not in best.proof.proved and c.name not in best.violated)
        if not left:
            return best
        try:
            best, blocks = _better(best, family, claims, known, blocks, watch, observer, seed)
        except ImportError as error:
            if known:
                best = attempt(family, claims, budget, observer, False, seed, known)
            return replace(best, reason=f"lemmas cannot be searched for: {error}; pip install flip-verifier[proof]")
        except Stopped as stopped:
            return replace(best, reason=str(stopped))
        if best.reason:
            return best
    return best


def _better(
    best: Attempted,
    family: Family,
    claims: Sequence[Property],
    known: Sequence[Lemma],
    blocks: int,
    watch: Watch,
    observer: Observer | None,
    seed: int,
) -> tuple[Attempted, int]:
    """What is known after a search for lemmas that starts with so many blocks; and with how many to start the next."""
    from verifier.engines.proof.inference.infer import infer

    still = tuple(c for c in claims if c.name not in best.violated)
    sizes = (blocks,) * len(family.orbits)
    found = infer(family, still, watch, known, sizes, seed)
    violated = {**best.violated, **{r.claim: Violation(r.system, r.behaviour, r.sizes) for r in found.refuted}}
    if found.reason:
        return replace(best, violated=violated, reason=found.reason), blocks
    lemmas = _apart(found.lemmas, {claim.name for claim in claims})
    open_claims = [claim for claim in still if claim.name not in violated]
    proof = prove(family, open_claims, lemmas, watch.left(), observer, seed)
    if len(proof.proved) < len(best.proof.proved):
        proof = best.proof
    return Attempted(proof, violated), max((blocks, *found.sizes)) + 1


def _apart(lemmas: Sequence[Lemma], taken: set[str]) -> tuple[Lemma, ...]:
    """The lemmas with names that no claim has, but for those that are claims."""
    made = []
    for lemma in lemmas:
        name = lemma.name
        while name in taken:
            name += "'"
        made.append(Lemma(name, lemma.formula))
    return tuple(made)


def judged(
    subject: Subject, uniform: Uniform, claims: Sequence[Property], tried: Attempted, expectations: Expectations
) -> tuple[Judged, ...]:
    """A verdict on each claim, beside what is expected of it. Violations are replayed by the reference interpreter."""
    made = []
    for claim in claims:
        verdict, system, about = _verdict(uniform, claim, tried), uniform.source, subject
        if verdict.behaviour is not None:
            violation = tried.violated[claim.name]
            system = violation.system
            about = replace(subject, settings=tuple({**dict(subject.settings), **dict(violation.settings)}.items()))
        belief, trace = believed(Interpreter(system), about, system.property_named(claim.name), verdict)
        made.append(Judged(belief, claim.kind.value, place_of(claim.span), expectations.of(claim.name), trace))
    return tuple(made)


def _verdict(uniform: Uniform, claim: Property, tried: Attempted) -> Verdict:
    if claim.name in tried.violated:
        violation = tried.violated[claim.name]
        method, steps = TRACE if violation.fewest else LONGER_TRACE, len(violation.behaviour.steps)
        return Verdict(claim.name, Outcome.VIOLATED, method, depth=steps, behaviour=violation.behaviour)
    if claim.name in tried.proof.proved:
        sizes = uniform.describe()
        return Verdict(claim.name, Outcome.HOLDS, f"{METHOD} ({sizes})" if sizes else FOR_THE_INSTANCE)
    failure = tried.proof.failure(claim.name)
    why = str(failure) if failure is not None else "it was not tried"
    reason = tried.reasons.get(claim.name) or tried.reason or why
    return Verdict(claim.name, Outcome.UNDETERMINED, NOT_PROVED, reason=reason)
