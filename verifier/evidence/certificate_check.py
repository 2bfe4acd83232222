"""Does a certificate show what it says? Three ways, each of which must agree.

1. Two solvers, z3 and cvc5, answer its files, and nothing else is asked of them.
2. The files are, to the byte, what translating the specification again gives, with the lemmas of the certificate.
3. The reference interpreter, which knows nothing of the translation, finds no counterexample in small instances: the
   lemmas hold initially and in reached states, and from any state where they hold, reachable or not, every step leads
   to one where they do (`verifier.evidence.certificate_samples`).

The first finds errors of a solver, the third errors of the translation.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from verifier.engines.proof.conditions import STATE_CLAIMS, STEP_CLAIMS, Lemma
from verifier.engines.proof.family import Family
from verifier.engines.proof.prover import BY_MODELS
from verifier.engines.proof.solver import Answer, Solver, SolverError
from verifier.engines.proof.solver.client import NO_OPTIONS, Wait
from verifier.evidence.certificate import Certificate, conditions_for, lemmas_text
from verifier.evidence.certificate_files import MalformedCertificateError, Stated, StatedCondition
from verifier.evidence.certificate_samples import Samples, sample
from verifier.system.system import System

QUERY_SECONDS = 60.0


class Check(Enum):
    """What came of one way of checking."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` was checked, and what came of it; `detail` says why it failed, or how much was looked at."""

    what: str
    check: Check
    detail: str
    seconds: float = 0.0


def answers(stated: Stated, name: str, wait: Wait = lambda: None) -> Finding:
    """Whether a solver gives the answers that the files must have."""
    started = time.monotonic()
    open_question = ""
    try:
        with Solver("z3" if name == "z3" else "cvc5") as solver:
            for condition in stated.conditions:
                answer, reason = _answer(solver, condition, wait)
                if answer is Answer.UNKNOWN:
                    open_question = open_question or f"{condition.file}: {reason}"
                elif answer.value != condition.expected:
                    detail = f"{condition.file} is {answer.value}, and must be {condition.expected}"
                    return Finding(name, Check.FAILED, detail, time.monotonic() - started)
    except SolverError as error:
        return Finding(name, Check.UNKNOWN, str(error))
    check = Check.UNKNOWN if open_question else Check.PASSED
    return Finding(name, check, open_question or f"{len(stated.conditions)} answers", time.monotonic() - started)


def _answer(solver: Solver, condition: StatedCondition, wait: Wait) -> tuple[Answer, str]:
    for options in (BY_MODELS, NO_OPTIONS) if solver.name == "z3" else (NO_OPTIONS,):
        reply = solver.ask(condition.text, QUERY_SECONDS, wait, options=options)
        if reply.answer is not Answer.UNKNOWN:
            break
    return reply.answer, reply.reason


def translated_again(stated: Stated, family: Family, sizes: str) -> Finding:
    """Whether the files are what the specification gives, with the lemmas that the certificate states."""
    try:
        detail = _difference(stated, family, stated.formulas(family.text), sizes)
    except MalformedCertificateError as error:
        detail = str(error)
    if detail is not None:
        return Finding("translation", Check.FAILED, detail)
    return Finding("translation", Check.PASSED, "the files are what the specification gives")


def _difference(stated: Stated, family: Family, lemmas: Sequence[Lemma], sizes: str) -> str | None:
    """What is not as the specification says, in a sentence."""
    known = {claim.name: claim for claim in family.text.properties if claim.kind in STATE_CLAIMS + STEP_CLAIMS}
    strange = [name for name in stated.claims if name not in known]
    if strange:
        return f"the specification has no claim {strange[0]} that a certificate could be about"
    if not stated.claims:
        return "it claims nothing"
    if sizes != stated.sizes:
        return f"it is about {stated.sizes or 'this instance'}, and the specification about {sizes or 'this instance'}"
    made = conditions_for(family, lemmas, stated.claims, stated.split)
    if [c.file for c in made] != [c.file for c in stated.conditions]:
        return "it has other conditions than the specification"
    for mine, theirs in zip(made, stated.conditions, strict=True):
        if mine.text != theirs.text or mine.expected != theirs.expected:
            return f"{theirs.file} is not what the specification gives"
    certificate = Certificate(stated.subject, sizes, family.free, stated.claims, tuple(lemmas), stated.split, made)
    if lemmas_text(certificate) != stated.lemmas_text:
        return "the text of the lemmas is not that of the formulas"
    return None


def interpreted(
    stated: Stated, family: Family, instances: Sequence[System], seconds: float, wait: Wait = lambda: None
) -> Finding:
    """Whether the reference interpreter finds nothing against the certificate in the instances, in so many seconds."""
    started = time.monotonic()
    lemmas = stated.formulas(family.text)
    seen = Samples()
    for number, system in enumerate(instances, start=1):
        until = started + seconds * number / len(instances)
        against = sample(system, lemmas, stated.claims, until, seen, wait)
        if against is not None:
            return Finding("interpreter", Check.FAILED, against, time.monotonic() - started)
    detail = (
        f"{seen.reached} reached states and {seen.others} others that the lemmas allow, {seen.steps} steps from them, "
        f"in {len(instances)} instances"
    )
    check = Check.PASSED if seen.reached else Check.UNKNOWN
    return Finding("interpreter", check, detail, time.monotonic() - started)
