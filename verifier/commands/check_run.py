"""What `flip check` does once its arguments are understood."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from verifier.commands.complaints import Complaints
from verifier.commands.files import find_sources
from verifier.commands.interrupt import Interrupt, interruptible
from verifier.commands.memory import most_memory
from verifier.commands.output import JsonOutput, Output, TextOutput
from verifier.commands.progress import progress
from verifier.commands.refusal import RefusalError, unknown
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
from verifier.engines.verdict import Budget
from verifier.evidence.checking import Search, check
from verifier.evidence.results import CheckResult, exit_code
from verifier.language.specification import Elaborated, Specification
from verifier.report.terminal import Look
from verifier.system.system import Property, PropertyKind, System

DEFAULT_DEPTH = 10


def run(arguments: argparse.Namespace) -> int:
    """Check what the arguments name, and give the exit code."""
    complaints = Complaints(quiet=arguments.format == "json")
    file = None if arguments.output is None else Path(arguments.output)
    look = Look(arguments.trace, arguments.all_traces, arguments.seconds)
    output: Output = JsonOutput(complaints, file) if arguments.format == "json" else TextOutput(complaints, look, file)
    traces = None if arguments.save_traces is None else TraceFolder(Path(arguments.save_traces))
    sources = find_sources(arguments.paths)
    results: list[CheckResult] = []
    with interruptible() as interrupt:
        checks = _Checks(arguments, _search(arguments), settings_of(arguments.settings), complaints, interrupt)
        for specification in _specifications(sources, complaints):
            found = list(checks.of(specification))
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


def _search(arguments: argparse.Namespace) -> Search:
    budget = Budget(arguments.time, arguments.states, arguments.memory or most_memory())
    if arguments.engine == "bounded":
        if arguments.no_symmetry or arguments.states is not None:
            raise RefusalError("--no-symmetry and --states are for --engine explicit")
        return Search("bounded", depth=arguments.depth or DEFAULT_DEPTH, budget=budget)
    if arguments.depth is not None:
        raise RefusalError("--depth is for --engine bounded")
    return Search(symmetry=not arguments.no_symmetry, budget=budget)


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

    def of(self, specification: Specification) -> Iterator[CheckResult]:
        """The results of the protocol and of its variants, as far as they are asked for."""
        for variant in self._variants(specification):
            system = elaborated(specification, variant, self.arguments.instance, self.settings, self.complaints)
            if system is not None:
                yield self._check(specification, system)
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
        subject = subject_of(specification, system.variant, self.arguments.instance, self.settings)
        name = subject.spec if subject.variant is None else f"{subject.spec}, variant {subject.variant}"
        with progress(name) as observer:
            return check(
                subject,
                system.system,
                self._properties(system.system),
                expectations_of(system),
                self.search,
                self.interrupt.ending(observer),
            )

    def _properties(self, system: System) -> tuple[Property, ...]:
        wanted = self.arguments.properties
        names = [claim.name for claim in system.properties]
        for name in wanted:
            if name not in names:
                raise unknown(f"property of {system.name}", name, names)
        # A step that breaks one of these does not take place, so no verdict stands without them.
        always = (PropertyKind.RANGE, PropertyKind.CONFLICT)
        return tuple(c for c in system.properties if not wanted or c.name in wanted or c.kind in always)
