"""Does a certificate show what it says? Three ways, each of which must agree.

1. Two solvers, z3 and cvc5, answer its files, and nothing else is asked of them.
2. The files are, to the byte, what translating the specification again gives, with the lemmas of the certificate, and
   nothing is missing that must be shown.
3. The reference interpreter, which knows nothing of the translation, finds no counterexample in small instances: the
   lemmas hold initially and in reached states, and from any state where they hold, reachable or not, every step leads
   to one where they do (`verifier.evidence.certificate_samples`). A claim that was said in other words is searched for
   in small instances as it was written.

The first finds errors of a solver, the third errors of the translation.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from verifier.engines.proof.asking import STEPS, TOGETHER, WAYS, UnknownNameError
from verifier.engines.proof.conditions import PROGRESS_CLAIMS, STATE_CLAIMS, STEP_CLAIMS
from verifier.engines.proof.family import Family, NotUniformError
from verifier.engines.proof.instances import instance
from verifier.engines.proof.progress.obligations import obligations
from verifier.engines.proof.rephrased import can_be_rephrased, in_other_words
from verifier.engines.proof.solver import Answer, Solver, SolverError
from verifier.engines.proof.solver.client import NO_OPTIONS, Options, Wait
from verifier.engines.proof.terms import TooLargeError
from verifier.engines.proof.translation import UnsupportedError
from verifier.engines.proof.uniform import Uniform
from verifier.engines.verdict import Budget
from verifier.evidence.certificate import Certificate, Condition, Part, lemmas_text, obligations_of
from verifier.evidence.certificate_files import MalformedCertificateError, Stated, StatedPart
from verifier.evidence.certificate_samples import Samples, sample
from verifier.evidence.proving import Violation
from verifier.evidence.small_instances import in_small_instances
from verifier.system.system import Property, System

QUERY_SECONDS = 60.0

SEARCHED = 3_000
"""The states of a small instance that are searched for a violation of a claim that was said in other words."""


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


# 1. The solvers


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


MODEL_FINDING = {"finite-model-find": True}
"""Without it cvc5 does not find a model where there are quantifiers; with it, it is slower where there is none."""


def _answer(solver: Solver, condition: Condition, wait: Wait) -> tuple[Answer, str]:
    ways: tuple[Options, ...]
    if solver.name == "z3":
        ways = (*({**options, STEPS: TOGETHER} for options in WAYS), *WAYS)
    else:
        ways = (MODEL_FINDING, NO_OPTIONS) if condition.expected == "sat" else (NO_OPTIONS, MODEL_FINDING)
    for options in ways:
        reply = solver.ask(condition.text, QUERY_SECONDS, wait, options=options)
        if reply.answer is not Answer.UNKNOWN:
            break
    return reply.answer, reply.reason


# 2. The translation


def translated_again(stated: Stated, about: Uniform) -> Finding:
    """Whether the files are what the specification gives, with the lemmas that the certificate states."""
    try:
        parts = checked(stated, about)
        detail = _difference(stated, parts, about.family, about.describe())
    except (MalformedCertificateError, UnknownNameError, UnsupportedError) as error:
        detail = str(error)
    except TooLargeError:
        detail = "the formulas grow too large"
    if detail is not None:
        return Finding("translation", Check.FAILED, detail)
    return Finding("translation", Check.PASSED, "the files are what the specification gives")


def checked(stated: Stated, about: Uniform) -> tuple[Part, ...]:
    """The parts, with formulas over the family. Raises MalformedCertificateError."""
    return tuple(_checked(part, about) for part in stated.parts)


def _checked(part: StatedPart, about: Uniform) -> Part:
    family = about.family if part.rephrased is None else _in_other_words(about, part.rephrased)
    ranked = part.ranked(family)
    if ranked is not None:
        claim = next((c for c in family.text.properties if c.name == ranked.claim), None)
        if claim is None or claim.kind not in PROGRESS_CLAIMS:
            raise MalformedCertificateError(f"the specification does not claim that {ranked.claim} comes to pass")
        family = obligations(family, claim, ranked.ranking)
    return Part(family, part.rephrased, ranked, part.claims, part.formulas(family.text), part.conditions)


def _in_other_words(about: Uniform, name: str) -> Family:
    if name not in _rephrasable(about):
        raise MalformedCertificateError(f"the specification claims no {name} that would be said in other words")
    try:
        return in_other_words(about, name).family
    except NotUniformError as reason:
        raise MalformedCertificateError(str(reason)) from None


def _rephrasable(about: Uniform) -> dict[str, Property]:
    system = about.systems.at(about.systems.here)
    assert system is not None, "it has been elaborated"
    return {claim.name: claim for claim in system.properties if can_be_rephrased(claim)}


def _difference(stated: Stated, parts: Sequence[Part], family: Family, sizes: str) -> str | None:
    """What is not as the specification says, in a sentence."""
    certificate = Certificate(stated.subject, sizes, family, tuple(parts))
    if not stated.claims:
        return "it claims nothing"
    if certificate.claims != stated.claims:
        return "it claims something else than its parts do"
    if sizes != stated.sizes:
        return f"it is about {stated.sizes or 'this instance'}, and the specification about {sizes or 'this instance'}"
    different = next(filter(None, map(_different, parts)), None)
    if different is not None:
        return different
    if lemmas_text(certificate) != stated.lemmas_text:
        return "the text of the lemmas is not that of the formulas"
    return None


def _different(part: Part) -> str | None:
    """What of a part is not as the specification says, in a sentence."""
    known = {claim.name for claim in part.family.text.properties if claim.kind in STATE_CLAIMS + STEP_CLAIMS}
    strange = next((name for name in part.claims if name not in known), None)
    if strange is not None:
        return f"the specification has no claim {strange} that a certificate could be about"
    if part.ranked is not None and known - set(part.claims):
        return f"it does not show of the ranking that {min(known - set(part.claims))}"
    made = obligations_of(part.family, part.lemmas, part.claims)
    for condition in part.conditions:
        query = made.query(condition.asked)
        if query.text != condition.text or query.expected != condition.expected:
            return f"{condition.file} is not what the specification gives"
    return made.uncovered([condition.asked for condition in part.conditions])


# 3. The interpreter


def interpreted(stated: Stated, uniform: Uniform, seconds: float, wait: Wait = lambda: None) -> Finding:
    """Whether the reference interpreter finds nothing against the certificate in small instances, in so many seconds.

    Raises MalformedCertificateError.
    """
    started = time.monotonic()
    seen = Samples()
    parts = checked(stated, uniform)
    claims = [_rephrasable(uniform)[part.rephrased] for part in parts if part.rephrased is not None]
    for claim in claims:
        wait()
        found = in_small_instances(uniform, claim, Budget(seconds=seconds, states=SEARCHED))
        if isinstance(found, Violation):
            return Finding("interpreter", Check.FAILED, f"{claim.name} is violated", time.monotonic() - started)
    samples = [(part, system) for part in parts for system in _instances(part, uniform)]
    for part, system in samples:
        until = time.monotonic() + seconds / len(samples)
        against = sample(system, part.lemmas, part.claims, until, seen, wait)
        if against is not None:
            return Finding("interpreter", Check.FAILED, against, time.monotonic() - started)
    detail = (
        f"{seen.reached} reached states and {seen.others} others that the lemmas allow, {seen.steps} steps from them, "
        f"in {len(samples)} instances"
    )
    check = Check.PASSED if seen.reached else Check.UNKNOWN
    return Finding("interpreter", check, detail, time.monotonic() - started)


def _instances(part: Part, uniform: Uniform) -> Iterator[System]:
    """The instance that the family was read off, if the part is about that, and the smallest ones."""
    if part.ranked is None and part.rephrased is None:
        yield uniform.source
    yield from (instance(part.family, sizes) for sizes in dict.fromkeys(map(part.family.sizes, (1, 2))))
