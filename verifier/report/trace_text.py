"""A trace for people: who did what, what changed, and which part of which property that breaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from rich.text import Text

from verifier.evidence.failing import FailingPart
from verifier.evidence.trace import Change, Plain, Trace, TraceStep, shown
from verifier.language.diagnostics import escape

Mode = Literal["diff", "full", "off"]
"""`diff` shows what each step changes, `full` also the whole state after it."""

FEW = 12
"""So many changes of one step are shown in a diff; a step that changes all pages at once would fill the screen."""

_KIND_STYLE = {"hardware": "magenta", "environment": "blue", "fault": "red"}


def trace_lines(trace: Trace, mode: Mode) -> Iterator[Text]:
    """The lines that show the trace; none if the mode is `off`."""
    if mode == "off":
        return
    yield _heading(trace)
    if mode == "full":
        yield from _state("  start", dict(trace.initial))
    width = max((len(escape(step.actor)) for step in trace.steps), default=0)
    for step in trace.steps:
        if trace.loop == step.index - 1:
            yield Text("  -- from here on, for ever:", "bold")
        yield _step_line(step, width)
        yield from _changes(step, mode)
        if mode == "full":
            yield from _state(f"  state {step.index}", state_after(trace, step.index))
    yield from _ending(trace)


def state_after(trace: Trace, index: int) -> dict[str, Plain]:
    """Every cell after the step with this index; after 0, the initial state."""
    state = dict(trace.initial)
    for step in trace.steps[:index]:
        state.update((change.cell, change.new) for change in step.changes)
    return state


def steps_in_words(count: int) -> str:
    """`1 step`, `12 steps`."""
    return "1 step" if count == 1 else f"{count} steps"


def _heading(trace: Trace) -> Text:
    variant = f" in variant {escape(trace.subject.variant)}" if trace.subject.variant else ""
    outcome = "violated" if trace.outcome == "violated" else "witnessed"
    return Text.assemble(
        (escape(trace.property), "bold"),
        f" is {outcome}{variant} after {steps_in_words(len(trace.steps))}  ",
        (escape(str(trace.place)), "dim"),
    )


def _step_line(step: TraceStep, width: int) -> Text:
    arguments = ", ".join(escape(shown(value)) for _, value in step.arguments)
    action = f"{escape(step.action)}({arguments})" if step.arguments else escape(step.action)
    line = Text.assemble(f"  {step.index:3}  {escape(step.actor):{width}}  ", (action, "bold"))
    if step.kind != "step":
        line.append(f"  [{step.kind}]", _KIND_STYLE.get(step.kind, ""))
    return line.append(f"  {escape(str(step.place))}", "dim")


def _changes(step: TraceStep, mode: Mode) -> Iterator[Text]:
    visible = step.changes if mode == "full" else step.changes[:FEW]
    for change in visible:
        yield _change(change)
    left_out = len(step.changes) - len(visible)
    if left_out:
        yield Text(f"         ... and {left_out} more cells (--trace full shows them)", "dim")


def _change(change: Change) -> Text:
    return Text.assemble(
        f"         {escape(change.cell)}: ",
        (escape(shown(change.old)), "red"),
        " -> ",
        (escape(shown(change.new)), "green"),
    )


def _state(title: str, state: dict[str, Plain]) -> Iterator[Text]:
    yield Text(f"{title}:", "dim")
    for cell, value in state.items():
        yield Text(f"         {escape(cell)} = {escape(shown(value))}", "dim")


def _ending(trace: Trace) -> Iterator[Text]:
    if trace.loop is not None:
        if trace.loop == len(trace.steps):
            yield Text("  -- and nothing happens any more", "bold")
        else:
            yield Text(f"  -- back to the state after step {trace.loop}", "bold")
    if trace.text:
        yield Text(f"  {trace.kind} {escape(trace.property)}: {_on_one_line(trace.text)}")
    for part in trace.failing:
        yield from _failing(part)


def _failing(part: FailingPart) -> Iterator[Text]:
    bindings = ", ".join(f"{name} = {value}" for name, value in part.bindings)
    line = Text.assemble(("  fails: ", "bold red"), escape(part.text))
    yield line.append(f"   for {escape(bindings)}", "yellow") if bindings else line
    for cell, value in part.cells:
        yield Text(f"         {escape(cell)} = {escape(value)}")


def _on_one_line(text: str) -> str:
    return escape(" ".join(text.split()))
