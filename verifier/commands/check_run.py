"""What `flip check` does once its arguments are understood."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from verifier.commands.complaints import Complaints
from verifier.commands.files import find_sources
from verifier.commands.interrupt import Interrupt, interruptible
from verifier.commands.memory import most_memory
from verifier.commands.output import JsonOutput, Output, TextOutput
from verifier.commands.progress import progress
from verifier.commands.refusal import RefusalError, unknown
from verifier.commands.run_directory import run_directory
from verifier.commands.sources import (
    Settings,
    elaborated,
    expectations_of,
    opened,
    settings_of,
    subject_of,
    variant_names,
)
from verifier.commands.trace_files import TraceFolder
from verifier.engines.verdict import Budget, Keeping, Outcome
from verifier.evidence.all_sizes import part_for_other_sizes
from verifier.evidence.checking import Search, check
from verifier.evidence.results import CheckResult, Counts, exit_code
from verifier.evidence.trace import Subject
from verifier.language.specification import Elaborated, Specification
from verifier.report.terminal import Look
from verifier.system.family import Family
from verifier.system.system import Property, System

DEFAULT_DEPTH = 10

ATTEMPTS = 4
"""How many other sizes are tried for one claim."""


def run(arguments: argparse.Namespace) -> int:
    """Check what the arguments name, and give the exit code."""
    complaints = Complaints(quiet=arguments.format == "json")
    file = None if arguments.output is None else Path(arguments.output)
    look = Look(arguments.trace, arguments.all_traces, arguments.seconds)
    output: Output = JsonOutput(complaints, file) if arguments.format == "json" else TextOutput(complaints, look, file)
    traces = None if arguments.save_traces is None else TraceFolder(Path(arguments.save_traces))
    sources = find_sources(arguments.paths)
    _refuse_many(arguments, sources)
    results: list[CheckResult] = []
    with interruptible() as interrupt:
        checks = _Checks(arguments, _search(arguments), settings_of(arguments.settings), complaints, interrupt)
        for specification in _specifications(sources, complaints):
            with run_directory(arguments, specification) as keeping:
                found = list(checks.with_keeping(keeping).of(specification))
            if found:
                output.specification(found)
            if traces is not None:
                traces.save(found)
            results += found
            interrupt.end_if_happened()
    if not results and not complaints.errors:
        raise RefusalError(f"no specifications in {', '.join(arguments.paths)}")
    code = exit_code(results, wrong=complaints.errors > 0)
    output.end(results, code)
    return code


def _refuse_many(arguments: argparse.Namespace, sources: tuple[Path, ...]) -> None:
    if arguments.resume is not None and arguments.run_directory is not None:
        raise RefusalError("--resume goes on in the directory that it names; there is no --run-directory besides")
    named = arguments.resume or arguments.run_directory
    if named is None and arguments.checkpoint_every is not None:
        raise RefusalError("--checkpoint-every needs --run-directory or --resume")
    if named is not None and len(sources) != 1:
        raise RefusalError("a run directory is for one specification")


def _search(arguments: argparse.Namespace) -> Search:
    budget = Budget(arguments.time, arguments.states, arguments.memory or most_memory(), threads=arguments.threads)
    if arguments.engine == "bounded":
        if arguments.no_symmetry or arguments.states is not None:
            raise RefusalError("--no-symmetry and --states are for --engine explicit")
        if arguments.threads is not None:
            raise RefusalError("--threads is for --engine explicit")
        if arguments.first:
            raise RefusalError("--first is for --engine explicit; --engine bounded always looks for the shortest")
        if arguments.run_directory is not None or arguments.resume is not None:
            raise RefusalError("--run-directory and --resume are for --engine explicit")
        return Search("bounded", depth=arguments.depth or DEFAULT_DEPTH, budget=budget)
    if arguments.depth is not None:
        raise RefusalError("--depth is for --engine bounded")
    return Search(symmetry=not arguments.no_symmetry, first=arguments.first, budget=budget)


def _specifications(sources: tuple[Path, ...], complaints: Complaints) -> Iterator[Specification]:
    """Those among the files that are specifications; of models it is only said what is wrong with them."""
    for path in sources:
        specification = opened(path, complaints)
        if specification is not None:
            yield specification


@dataclass(frozen=True)
class _Checks:
    arguments: argparse.Namespace
    search: Search
    settings: Settings
    complaints: Complaints
    interrupt: Interrupt

    def with_keeping(self, keeping: Keeping | None) -> _Checks:
        """The same, with checkpoints if there is to be a place for them."""
        budget = replace(self.search.budget, keeping=keeping)
        return replace(self, search=replace(self.search, budget=budget))

    def of(self, specification: Specification) -> Iterator[CheckResult]:
        """The results of the protocol and of its variants, as far as they are asked for."""
        for variant in self._variants(specification):
            system = elaborated(specification, variant, self.arguments.instance, self.settings, self.complaints)
            if system is not None:
                result = self._check(specification, system)
                yield result
                yield from self._at_other_sizes(specification, system, result)
            if self.interrupt.happened:
                return

    def _variants(self, specification: Specification) -> tuple[str | None, ...]:
        match self.arguments.variant:
            case "all":
                return (None, *variant_names(specification))
            case "none":
                return (None,)
            case name:
                return (name,)

    def _check(self, specification: Specification, system: Elaborated) -> CheckResult:
        instance = self.arguments.instance
        subject = subject_of(specification, system.variant, instance, self.settings)

        def family() -> Family:
            return specification.family(system.variant, instance, dict(self.settings))

        with progress(_title(subject)) as observer:
            return check(
                subject,
                system.system,
                self._properties(system.system),
                expectations_of(system),
                self.search,
                self.interrupt.ending(observer),
                family,
            )

    def _at_other_sizes(
        self, specification: Specification, system: Elaborated, result: CheckResult
    ) -> Iterator[CheckResult]:
        """Results for the sizes that violate what holds in the instance, one for each claim at most.

        Nothing is expected of them if it was the user who asked for this instance.
        """
        asked_for = self.arguments.instance is not None or bool(self.settings)
        here = {judged.verdict.property for judged in result.verdicts if judged.verdict.outcome is Outcome.VIOLATED}
        waiting = {suspicion.claim: suspicion for suspicion in result.suspicions if suspicion.claim not in here}
        while waiting and not self.interrupt.happened:
            suspicion = waiting.pop(next(iter(waiting)))
            for sizes in islice(suspicion.sizes(), ATTEMPTS):
                found = self._check_at(specification, system.variant, sizes, {suspicion.claim, *waiting})
                if found is not None and found.verdicts:
                    judged_so = tuple(replace(judged, expected=None) for judged in found.verdicts)
                    yield replace(found, verdicts=judged_so) if asked_for else found
                    for judged in found.verdicts:
                        waiting.pop(judged.verdict.property, None)
                    break

    def _check_at(
        self, specification: Specification, variant: str | None, sizes: Mapping[str, int], claims: set[str]
    ) -> CheckResult | None:
        """What is violated of the claims at these sizes; None if they make no instance."""
        instance = self.arguments.instance
        settings = tuple({**dict(self.settings), **{name: str(size) for name, size in sizes.items()}}.items())
        made = specification.elaborate(variant, instance, dict(settings))
        if not isinstance(made, Elaborated):
            return None
        subject = subject_of(specification, variant, instance, settings)
        asked = tuple(claim for claim in made.system.properties if claim.name in claims)
        with progress(_title(subject)) as observer:
            found = check(
                subject,
                made.system,
                asked,
                expectations_of(made),
                replace(self.search, budget=part_for_other_sizes(self.search.budget)),
                self.interrupt.ending(observer),
            )
        violated = tuple(judged for judged in found.verdicts if judged.verdict.outcome is Outcome.VIOLATED)
        return replace(found, verdicts=violated, counts=Counts(), findings=(), elsewhere=True)

    def _properties(self, system: System) -> tuple[Property, ...]:
        wanted = self.arguments.properties
        names = [claim.name for claim in system.properties]
        for name in wanted:
            if name not in names:
                raise unknown(f"property of {system.name}", name, names)
        return tuple(c for c in system.properties if not wanted or c.name in wanted or c.kind.underlies_all)


def _title(subject: Subject) -> str:
    return subject.spec if subject.variant is None else f"{subject.spec}, variant {subject.variant}"
