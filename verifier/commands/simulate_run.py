"""What `flip simulate` does once its arguments are understood."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from rich.text import Text

from verifier.commands.complaints import Complaints
from verifier.commands.interrupt import interruptible
from verifier.commands.output import print_lines
from verifier.commands.progress import progress
from verifier.commands.sources import expectations_of, settings_of, single, subject_of
from verifier.engines.explicit.simulate import Walks, simulate
from verifier.engines.verdict import LONGER_TRACE, Budget, Outcome, Verdict
from verifier.evidence.checking import judge
from verifier.evidence.confirm import shown_by_a_run
from verifier.evidence.results import WRONG, CheckResult, Counts, exit_code
from verifier.language.diagnostics import escape
from verifier.report.json import check_to_json, dumps
from verifier.report.terminal import Look, specification_lines
from verifier.system.system import Property


def run(arguments: argparse.Namespace) -> int:
    """Take the walks, print what they saw, and give the exit code."""
    found = single(arguments, Complaints())
    if found is None:
        return WRONG
    specification, elaborated = found
    system = elaborated.system
    with interruptible() as interrupt, progress(specification.name) as observer:
        walks = simulate(
            system,
            system.properties,
            arguments.seed,
            arguments.walks,
            arguments.length,
            Budget(seconds=arguments.time),
            interrupt.ending(observer),
        )
        interrupt.end_if_happened()
    verdicts = tuple(_verdict(claim, walks) for claim in system.properties)
    settings = settings_of(arguments.settings)
    subject = subject_of(specification, arguments.variant, arguments.instance, settings)
    judged = judge(subject, system, system.properties, verdicts, expectations_of(elaborated))
    result = CheckResult(subject, judged, Counts())
    code = exit_code([result])
    if arguments.format == "json":
        print(dumps({**check_to_json([result], [], code), "walks": _counts(walks)}), end="")
    else:
        print_lines(specification_lines([result], Look(arguments.trace, arguments.all_traces)))
        print_lines(_activity(walks))
    return code


def _verdict(claim: Property, walks: Walks) -> Verdict:
    behaviour = walks.shown.get(claim.name)
    if behaviour is not None:
        steps = len(behaviour.steps)
        return Verdict(claim.name, shown_by_a_run(claim), LONGER_TRACE, depth=steps, behaviour=behaviour)
    return Verdict(claim.name, Outcome.UNDETERMINED, f"not seen in {walks.walks} walks", reason=walks.reason)


def _counts(walks: Walks) -> dict[str, object]:
    actions = {name: {"possible": walks.enabled[name], "taken": taken} for name, taken in walks.fired.items()}
    return {"walks": walks.walks, "steps": walks.steps, "states": walks.states, "actions": actions}


def _activity(walks: Walks) -> Iterator[Text]:
    """How often each action was possible and was taken: what never happens is seldom intended."""
    yield Text(f"\n  {walks.walks} walks, {walks.steps} steps, {walks.states} states\n", "dim")
    width = max(len(escape(name)) for name in ("action", *walks.fired))
    yield Text(f"  {'action':{width}}  {'possible':>9}  {'taken':>9}", "bold")
    for name, taken in walks.fired.items():
        style = "" if taken else "yellow"
        yield Text(f"  {escape(name):{width}}  {walks.enabled[name]:9}  {taken:9}", style)
