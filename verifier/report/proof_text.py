"""A proof for people: the verdicts, the steps that no lemma stops, and what the proof rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from verifier.engines.proof.strata import Cycle
from verifier.evidence.failed_step import FailedStep
from verifier.evidence.proving import Needs
from verifier.evidence.readable_text import Paragraph
from verifier.evidence.results import CheckResult
from verifier.evidence.support import Spare
from verifier.evidence.trace import changes, place_of, shown
from verifier.language.diagnostics import escape
from verifier.report.proof import Explained, ProofReport
from verifier.report.terminal import Look, specification_lines
from verifier.system.interpreter import Interpreter
from verifier.system.types import render


def proof_lines(result: CheckResult, report: ProofReport) -> Iterator[Text]:
    """The lines that show the result."""
    yield from specification_lines([result], Look("diff"))
    yield from _remarks(report)
    yield from _smallest(report)
    for step in report.failed_steps:
        yield from failed_step_lines(step)
    for name, parts in report.rankings.items():
        yield from _ranking(name, parts)
    for cycle in report.warnings:
        yield from _warning(cycle)
    if report.paragraphs is not None:
        yield from _paragraphs(report.paragraphs)
    if report.explained is not None:
        yield from _explained(report.explained)
    if report.spare is not None:
        yield from _spare(report.spare)


def _remarks(report: ProofReport) -> Iterator[Text]:
    parts = [f"{len(report.lemmas)} lemma{'s' if len(report.lemmas) != 1 else ''}"]
    if report.sizes:
        parts.append(f"for every {report.sizes}")
    if report.kept:
        parts.append(f"with {', '.join(report.kept)}")
    yield Text(escape("  " + ", ".join(parts)), "dim")
    if not report.covers_instance:
        yield Text("  the instance itself is smaller than that", "yellow")


def _smallest(report: ProofReport) -> Iterator[Text]:
    """At which sizes claims are violated, where sizes can be chosen."""
    claims: dict[Needs, list[str]] = {}
    for name, needs in report.needs.items():
        if needs.sizes:
            claims.setdefault(needs, []).append(name)
    for needs, names in claims.items():
        if needs.reason:
            why = f"; whether with smaller ones is not known: {needs.reason}"
        elif needs.least:
            why = ", the smallest sizes that this is about"
        else:
            why = ", and with no smaller sizes by these steps or some of them"
        yield Text.assemble(f"  {escape(', '.join(names))} violated with {escape(str(needs))}", (escape(why), "dim"))


def failed_step_lines(step: FailedStep) -> Iterator[Text]:
    """One step that the lemmas do not stop: the cells that matter, and what it changes."""
    interpreter = Interpreter(step.system)
    cells = interpreter.layout.cells
    what = f"{step.goal} is not inductive" if step.action is not None else f"{step.goal} does not hold initially"
    why = ": from a state that the lemmas allow, and that may never be reached" if step.action is not None else ""
    yield Text.assemble("\n", (escape(what), "bold"), why)
    for place in step.facts:
        cell = cells[place]
        yield Text(f"         {escape(cell.name)} = {escape(render(cell.type, step.state[place]))}")
    if step.action is not None:
        inside = ", ".join(render(p.type, v) for p, v in zip(step.action.parameters, step.arguments, strict=True))
        arguments = f"({inside})" if inside else ""
        where = (f"  {escape(str(place_of(step.action.span)))}", "dim")
        yield Text.assemble(f"  step   {escape(step.action.name + arguments)}", where)
        for change in changes(interpreter, step.state, step.after):
            yield Text(f"         {escape(change.cell)}: {escape(shown(change.old))} -> {escape(shown(change.new))}")
    for part in step.failing:
        bound = ", ".join(f"{name} = {value}" for name, value in part.bindings)
        with_values = f"  where {bound}" if bound else ""
        yield Text.assemble("  fails: ", (escape(part.text + with_values), "bold"))
        for name, value in part.cells:
            yield Text(f"         {escape(name)} = {escape(value)}", "dim")


def _ranking(name: str, parts: tuple[str, ...]) -> Iterator[Text]:
    yield Text.assemble("\n", (escape(name), "bold"), ": while it does not come, these come to rest in turn")
    for part in parts:
        yield Text(f"         {escape(part)}")


def _warning(cycle: Cycle) -> Iterator[Text]:
    where = (f"  {escape(str(place_of(cycle.edges[0].span)))}", "dim")
    yield Text.assemble("\n", ("warning  ", "yellow"), escape(str(cycle)), where)
    for advice in cycle.advice:
        yield Text(f"         {escape(advice)}")


def _explained(explained: Explained) -> Iterator[Text]:
    """The lemmas that it takes, and which of them each step needs directly."""
    count = len(explained.lemmas)
    what = f" rests on {count} lemma{'s' if count != 1 else ''}" if count else " rests on nothing but itself"
    yield Text.assemble("\n", (escape(explained.claim), "bold"), what)
    for need in explained.needs:
        if need.goal == explained.claim:
            yield Text(f"         {escape(need.action)} needs {escape(', '.join(need.lemmas))}")
    yield from _paragraphs(explained.paragraphs)


def _paragraphs(paragraphs: Iterable[Paragraph]) -> Iterator[Text]:
    for paragraph in paragraphs:
        yield Text(f"\n  {escape(paragraph.heading)}", "bold")
        for sentence in paragraph.sentences:
            yield Text.assemble(f"    {escape(sentence.text)}", (f"  {escape(', '.join(sentence.names))}", "dim"))


def _spare(spare: tuple[Spare, ...]) -> Iterator[Text]:
    yield Text("\nwhat no claim that was proved needs", "bold")
    if not spare:
        yield Text("  everything is needed")
    for part in spare:
        where = (f"  {escape(str(place_of(part.span)))}", "dim")
        yield Text.assemble(f"  {escape(part.action)}: {escape(part.text)}", where)
