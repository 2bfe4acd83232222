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
from verifier.engines.proof.failed_step import FailedStep, UnconfirmedError, failed_step
from verifier.engines.proof.prover import VacuousError, provable
from verifier.engines.proof.solver import Answer, SolverError
from verifier.engines.proof.strata import cycles
from verifier.engines.proof.support import rests_on, spare_parts
from verifier.engines.proof.uniform import Uniform
from verifier.engines.verdict import Budget, Observer, Progress
from verifier.engines.watch import Watch
from verifier.evidence.certificate import certificate_of
from verifier.evidence.certificate_files import write_certificate
from verifier.evidence.proving import Attempted, attempt, judged
from verifier.evidence.proving_progress import Progressed, attempt_progress, judged_progress, progress_claims
from verifier.evidence.results import WRONG, CheckResult, Counts, exit_code
from verifier.evidence.trace import Subject
from verifier.report.json import dumps
from verifier.report.proof import ProofReport
from verifier.report.proof_json import proof_to_json
from verifier.report.proof_text import proof_lines

DEFAULT_SECONDS = 300.0


def run(arguments: argparse.Namespace) -> int:
    """Prove what can be proved, print it, and give the exit code."""
    found = single(arguments, Complaints(quiet=arguments.format == "json"))
    if found is None:
        return WRONG
    specification, elaborated = found
    settings = settings_of(arguments.settings)
    uniform = in_all_sizes(specification, arguments.variant, arguments.instance, settings)
    subject = subject_of(specification, arguments.variant, arguments.instance, settings)
    claims = provable(uniform.family.text.properties)
    comings = progress_claims(uniform.family)
    if not claims and not comings:
        raise RefusalError(f"{specification.name} claims nothing that can be proved")
    if arguments.explain is not None and arguments.explain not in [claim.name for claim in claims]:
        raise unknown("claim about states or steps", arguments.explain, [claim.name for claim in claims])
    with interruptible() as interrupt, progress(specification.name) as observer:
        watching = interrupt.ending(observer)
        watch = Watch(Budget(seconds=arguments.time or DEFAULT_SECONDS), None)
        expectations = expectations_of(elaborated)
        try:
            budget = _part(watch, 2 if comings else 1)
            tried = attempt(uniform.family, claims, budget, watching, not arguments.own_lemmas)
            interrupt.end_if_happened()
            verdicts = judged(subject, uniform, claims, tried, expectations)
            come: list[Progressed] = []
            for number, claim in enumerate(comings):
                budget = _part(watch, len(comings) - number)
                come.append(attempt_progress(uniform.family, claim, budget, watching, not arguments.own_lemmas))
                interrupt.end_if_happened()
            verdicts += judged_progress(subject, uniform, come, expectations)
            report = _report(arguments, uniform, tried, come, _look(interrupt, watching))
        except (VacuousError, SolverError) as error:
            raise RefusalError(str(error)) from None
    result = CheckResult(subject, verdicts, Counts())
    code = exit_code([result])
    if arguments.format == "json":
        print(dumps(proof_to_json(result, report, code)), end="")
    else:
        print_lines(proof_lines(result, report))
    if arguments.certificate is not None:
        _write(Path(arguments.certificate), subject, uniform, tried)
    return code


def _part(watch: Watch, parts: int) -> Budget:
    """One of several parts of the time that is left."""
    assert watch.budget.seconds is not None
    return Budget(seconds=max(0.1, watch.budget.seconds - watch.seconds) / parts)


def _report(
    arguments: argparse.Namespace,
    uniform: Uniform,
    tried: Attempted,
    come: Sequence[Progressed],
    look: Callable[[str], None],
) -> ProofReport:
    proof = tried.proof
    explained = arguments.explain if arguments.explain in proof.proved else None
    return ProofReport(
        sizes=uniform.describe(),
        kept=tuple(map(str, uniform.kept)),
        covers_instance=uniform.covers_instance,
        lemmas=proof.lemmas,
        failed_steps=_failed_steps(uniform, tried),
        warnings=cycles(uniform.family, proof.lemmas),
        explained=None if explained is None else rests_on(proof, explained, look),
        spare=tuple(spare_parts(proof, look)) if arguments.core and proof.proved else None,
        rankings={one.claim.name: one.ranking for one in come if one.ranking and one.violation is None},
    )


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
    def look(asked: str) -> None:
        interrupt.end_if_happened()
        observer(Progress(asked, 0, 0, 0, 0, 0.0))

    return look


def _write(folder: Path, subject: Subject, uniform: Uniform, tried: Attempted) -> None:
    if not tried.proof.proved:
        raise RefusalError("nothing was proved, so there is no certificate")
    try:
        write_certificate(folder, certificate_of(subject, uniform.describe(), tried.proof))
    except FileExistsError as error:
        raise RefusalError(str(error)) from None
    except OSError as error:
        raise RefusalError(f"cannot write {folder}: {reason(error)}") from None
