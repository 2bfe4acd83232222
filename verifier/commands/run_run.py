"""What `flip run` does once its arguments are understood."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from rich.text import Text

from verifier.commands.complaints import Complaints
from verifier.commands.interrupt import interruptible
from verifier.commands.output import print_lines
from verifier.commands.progress import progress
from verifier.commands.refusal import RefusalError
from verifier.commands.sources import elaborated, expectations_of, required, settings_of, subject_of
from verifier.engines.explicit import check
from verifier.engines.verdict import Budget, Outcome
from verifier.evidence.checking import judge
from verifier.evidence.results import FAILED, SUCCESS, UNDETERMINED, VIOLATED, WRONG
from verifier.execution.concrete import Facts
from verifier.execution.replay import perform
from verifier.execution.run import Run
from verifier.execution.run import run as execute
from verifier.language.diagnostics import escape
from verifier.language.specification import AS_WRITTEN, Elaborated, Specification
from verifier.machine.errors import MachineError
from verifier.machine.figure import Figure
from verifier.machine.handover import copy, flip, reattach, undisturbed
from verifier.report.execution_json import run_to_json, taken_to_json
from verifier.report.execution_text import replay_lines, run_lines
from verifier.report.json import dumps
from verifier.report.trace_text import trace_lines
from verifier.system.interpreter import Interpreter


def run(arguments: argparse.Namespace) -> int:
    """Execute the protocol, or the shortest failure of a variant that must fail, and give the exit code."""
    specification = required(Path(arguments.spec), Complaints())
    if specification is None:
        return WRONG
    settings = settings_of(arguments.settings)
    try:
        if arguments.variant is not None:
            variant = elaborated(specification, arguments.variant, arguments.instance, settings, Complaints())
            if variant is None:
                return WRONG
            if "violated" in variant.expected.values():
                return _show_damage(arguments, specification, variant)
        instance = arguments.instance or (None if settings else AS_WRITTEN)
        system = elaborated(specification, arguments.variant, instance, settings, Complaints())
        return WRONG if system is None else _run_protocol(arguments, specification, system)
    except MachineError as error:
        raise RefusalError(f"{specification.name} cannot be executed: {error}") from None


def _run_protocol(arguments: argparse.Namespace, specification: Specification, system: Elaborated) -> int:
    window = _window(system)
    with interruptible() as interrupt, progress(specification.name) as observer:
        executed = execute(system.system, window, interrupt.ending(observer))
        interrupt.end_if_happened()
    figure = Figure.contiguous(len(window))
    reference, ways = undisturbed(figure), (flip(figure), copy(figure), reattach(figure))
    if arguments.format == "json":
        print(dumps(run_to_json(executed, reference, ways)), end="")
    else:
        print_lines([_heading(specification, system, window), *run_lines(executed, reference, ways)])
    return SUCCESS if _is_clean(executed) and executed.output == reference.output else VIOLATED


def _is_clean(executed: Run) -> bool:
    wrong = any(step.differences or step.refused or step.failures for step in executed.taken)
    return executed.finished and not wrong and not executed.lockstep.bench.machine.violations()


def _heading(specification: Specification, system: Elaborated, window: tuple[int, ...]) -> Text:
    pages = f"{len(window)} pages, gpa {window[0]:#x} .. {window[-1]:#x}"
    return Text.assemble((escape(f"{specification.name} ({system.instance})"), "bold"), f"  window of {pages}")


def _window(system: Elaborated) -> tuple[int, ...]:
    """The guest pages of the region that a device's context is saved in: context, ring and buffers."""
    pages = set(Facts(Interpreter(system.system)).table("save_page", ()).values())
    for region in system.machine.regions:
        if region.gpa and pages & set(region.hpa or ()):
            return region.gpa
    raise MachineError("expected a region that holds a device's save_page, found none")


def _show_damage(arguments: argparse.Namespace, specification: Specification, variant: Elaborated) -> int:
    """Search for what the variant is expected to violate, and do the shortest of it on the machine."""
    system = variant.system
    wanted = {name for name, outcome in variant.expected.items() if outcome == "violated"}
    claims = tuple(claim for claim in system.properties if claim.name in wanted)
    with interruptible() as interrupt, progress(specification.name) as observer:
        report = check(system, claims, Budget(), interrupt.ending(observer))
        interrupt.end_if_happened()
    settings = settings_of(arguments.settings)
    subject = subject_of(specification, arguments.variant, arguments.instance, settings)
    judged = judge(subject, system, claims, report.verdicts, expectations_of(variant))
    shown = next((j for j in judged if j.verdict.outcome is Outcome.VIOLATED and j.trace is not None), None)
    if shown is None or shown.trace is None or shown.verdict.behaviour is None:
        outcomes = {j.verdict.outcome for j in judged}
        print_lines([Text(f"{escape(str(arguments.variant))}: none of {', '.join(sorted(wanted))} is violated here")])
        return FAILED if Outcome.ERROR in outcomes else UNDETERMINED if Outcome.UNDETERMINED in outcomes else VIOLATED
    lockstep, taken = perform(system, replace(shown.verdict.behaviour, loop=None))
    machine = lockstep.bench.machine
    if arguments.format == "json":
        print(dumps({"version": 1, "property": shown.trace.property, **taken_to_json(machine, taken)}), end="")
    else:
        print_lines([*trace_lines(shown.trace, "diff"), Text(""), *replay_lines(machine, taken)])
    return SUCCESS
