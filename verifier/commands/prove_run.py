"""What `flip prove` does once its arguments are understood."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from verifier.commands.complaints import Complaints
from verifier.commands.families import in_all_sizes
from verifier.commands.files import reason
from verifier.commands.interrupt import Interrupt, interruptible
from verifier.commands.output import print_lines
from verifier.commands.progress import progress
from verifier.commands.refusal import RefusalError, unknown
from verifier.commands.sources import expectations_of, settings_of, single, subject_of
from verifier.engines.proof.conditions import PROGRESS_CLAIMS
from verifier.engines.proof.prover import Proof, VacuousError, provable
from verifier.engines.proof.solver import Answer, SolverError
from verifier.engines.proof.strata import cycles
from verifier.engines.proof.uniform import Uniform
from verifier.engines.verdict import Budget, Observer
from verifier.engines.watch import Watch
from verifier.evidence.certificate import Certificate, certificate_of
from verifier.evidence.certificate_files import write_certificate
from verifier.evidence.failed_step import FailedStep, UnconfirmedError, failed_step
from verifier.evidence.own_proof import OwnProof
from verifier.evidence.proving import Attempted, attempt, judged
from verifier.evidence.proving_alone import attempt_alone, judged_alone, proved_alone
from verifier.evidence.readable_text import paragraphs
from verifier.evidence.results import WRONG, CheckResult, Counts, exit_code
from verifier.evidence.smallest import at_smallest_sizes
from verifier.evidence.support import ByRanking, rests_on, spare_parts
from verifier.evidence.trace import Subject
from verifier.report.json import dumps
from verifier.report.proof import Explained, ProofReport
from verifier.report.proof_json import proof_to_json
from verifier.report.proof_text import proof_lines
from verifier.system.system import Property, System

DEFAULT_SECONDS = 300.0

KEPT = 0.1
"""How much of the time is kept for making counterexamples small."""


def run(arguments: argparse.Namespace) -> int:
    """Prove what can be proved, print it, and give the exit code."""
    found = single(arguments, Complaints(quiet=arguments.format == "json"))
    if found is None:
        return WRONG
    specification, elaborated = found
    settings = settings_of(arguments.settings)
    uniform = in_all_sizes(specification, arguments.variant, arguments.instance, settings)
    subject = subject_of(specification, arguments.variant, arguments.instance, settings)
    claims, alone = _chosen(arguments, specification.name, uniform, elaborated.system)
    with interruptible() as interrupt, progress(specification.name) as observer:
        watching = interrupt.ending(observer)
        watch = Watch(Budget(seconds=arguments.time or DEFAULT_SECONDS), None)
        expectations = expectations_of(elaborated)
        try:
            budget = watch.left((2 if alone else 1) / (1 - KEPT))
            tried = attempt(uniform.family, claims, budget, watching, not arguments.own_lemmas)
            interrupt.end_if_happened()
            tried = at_smallest_sizes(uniform, tried, watch.left(), watching)
            interrupt.end_if_happened()
            verdicts = judged(subject, uniform, claims, tried, expectations)
            own: list[OwnProof] = []
            for number, claim in enumerate(alone):
                budget = watch.left(len(alone) - number)
                search, known = not arguments.own_lemmas, tried.proof.lemmas
                own.append(attempt_alone(uniform, claim, budget, watching, search, known))
                interrupt.end_if_happened()
            verdicts += judged_alone(subject, uniform, own, expectations)
            look = _look(interrupt, watching)
            report = _report(arguments, uniform, elaborated.system, tried, own, look)
            certificate = None
            if arguments.certificate is not None:
                certificate = _certificate(subject, uniform, tried, own, look)
        except (VacuousError, SolverError) as error:
            raise RefusalError(str(error)) from None
    result = CheckResult(subject, verdicts, Counts())
    code = exit_code([result])
    if arguments.format == "json":
        print(dumps(proof_to_json(result, report, code)), end="")
    else:
        print_lines(proof_lines(result, report))
    if arguments.certificate is not None:
        _write(Path(arguments.certificate), certificate)
    return code


def _chosen(
    arguments: argparse.Namespace, name: str, uniform: Uniform, system: System
) -> tuple[tuple[Property, ...], tuple[Property, ...]]:
    """The claims that are proved together, and those of which each is proved by itself. Raises RefusalError."""
    together, alone = provable(uniform.family.text.properties), proved_alone(system.properties)
    names = [claim.name for claim in (*together, *alone)]
    if not names:
        raise RefusalError(f"{name} claims nothing that can be proved")
    for asked in (*arguments.properties, *([arguments.explain] if arguments.explain is not None else [])):
        if asked not in names:
            raise unknown("claim that can be proved", asked, names)
    wanted = arguments.properties or names
    first = tuple(claim for claim in together if claim.name in wanted or claim.kind.underlies_all)
    return first, tuple(claim for claim in alone if claim.name in wanted)


def _report(
    arguments: argparse.Namespace,
    uniform: Uniform,
    instance: System,
    tried: Attempted,
    own: Sequence[OwnProof],
    look: Callable[[str], None],
) -> ProofReport:
    proof = tried.proof
    # What is rephrased is not among them: what can happen at small sizes is looked at for that.
    coming = [one for one in own if one.claim.kind in PROGRESS_CLAIMS]
    ranked = [ByRanking(one.claim, one.parts, one.proof) for one in coming if one.proof is not None]
    proved = bool(proof.proved or ranked)
    return ProofReport(
        sizes=uniform.describe(),
        kept=tuple(map(str, uniform.kept)),
        covers_instance=uniform.covers_instance,
        lemmas=proof.lemmas,
        failed_steps=_failed_steps(uniform, tried),
        warnings=cycles(uniform.family, proof.lemmas),
        paragraphs=paragraphs(proof.lemmas, uniform.family) if arguments.lemmas else None,
        explained=_explained(arguments.explain, proof, own, look),
        spare=tuple(spare_parts(proof, ranked, instance, look)) if arguments.core and proved else None,
        rankings={one.claim.name: one.ranking for one in own if one.ranking and one.violation is None},
        needs={name: violation.needs for name, violation in tried.violated.items() if violation.needs is not None},
    )


def _explained(
    claim: str | None, proof: Proof, own: Sequence[OwnProof], look: Callable[[str], None]
) -> Explained | None:
    """What the claim rests on, if it was asked for and is proved."""
    names: tuple[str, ...] = (claim,) if claim in proof.proved else ()
    for one in own:
        if one.claim.name == claim and one.proof is not None:
            proof, names = one.proof, one.proof.proved
    if claim is None or not names:
        return None
    needs = rests_on(proof, names, look)
    needed = {name for need in needs for name in need.lemmas} - set(names)
    lemmas = tuple(lemma for lemma in proof.lemmas if lemma.name in needed)
    return Explained(claim, needs, tuple(lemma.name for lemma in lemmas), paragraphs(lemmas, proof.family))


def _failed_steps(uniform: Uniform, tried: Attempted) -> tuple[FailedStep, ...]:
    """A step for each claim that is neither proved nor violated, as far as there is one."""
    steps = []
    claims = {claim.name for claim in uniform.family.text.properties}
    for failure in tried.proof.failures:
        if failure.goal.name in claims and failure.goal.name not in tried.violated and failure.answer is Answer.SAT:
            try:
                steps.append(failed_step(uniform.family, failure))
            except UnconfirmedError as error:
                raise AssertionError(f"{failure}: {error}") from None
    return tuple(steps)


def _look(interrupt: Interrupt, observer: Observer) -> Callable[[str], None]:
    """What is called while something is made of a proof, with what is done."""
    watch = Watch(Budget(), observer)

    def look(doing: str) -> None:
        interrupt.end_if_happened()
        watch.say("proof", doing)

    return look


def _certificate(
    subject: Subject, uniform: Uniform, tried: Attempted, own: Sequence[OwnProof], look: Callable[[str], None]
) -> Certificate | None:
    """The certificate of what was proved; None if nothing was."""
    certificate = certificate_of(subject, uniform.describe(), tried.proof, own, look)
    return certificate if certificate.parts else None


def _write(folder: Path, certificate: Certificate | None) -> None:
    if certificate is None:
        raise RefusalError("nothing was proved, so there is no certificate")
    try:
        write_certificate(folder, certificate)
    except FileExistsError as error:
        raise RefusalError(str(error)) from None
    except OSError as error:
        raise RefusalError(f"cannot write {folder}: {reason(error)}") from None
