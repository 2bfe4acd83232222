"""What `flip replay` does once its arguments are understood."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

from rich.text import Text

from verifier.commands.complaints import Complaints
from verifier.commands.files import leads_into, read_text
from verifier.commands.output import print_lines
from verifier.commands.refusal import RefusalError
from verifier.commands.sources import elaborated, required
from verifier.evidence.replay import ContradictionError
from verifier.evidence.results import SUCCESS, VIOLATED, WRONG
from verifier.evidence.retrace import behaviour_of, retrace
from verifier.evidence.trace import Trace
from verifier.evidence.trace_json import MalformedTraceError, trace_from_text, trace_to_json
from verifier.execution.replay import perform
from verifier.language.diagnostics import escape
from verifier.machine.errors import MachineError
from verifier.report.execution_json import taken_to_json
from verifier.report.execution_text import replay_lines
from verifier.report.json import dumps
from verifier.report.trace_text import steps_in_words, trace_lines
from verifier.system.interpreter import Interpreter


def run(arguments: argparse.Namespace) -> int:
    """Perform the trace again, print it as it happens now, and give the exit code."""
    file = Path(arguments.file)
    try:
        trace = trace_from_text(read_text(file))
    except MalformedTraceError as error:
        raise RefusalError(f"{file} is not a trace: {error}") from None
    complaints = Complaints()
    specification = required(Path(arguments.spec) if arguments.spec else _named_by(trace), complaints)
    if specification is None:
        return WRONG
    if specification.hash != trace.subject.hash:
        raise RefusalError(f"{specification.file} (or a model that it uses) has changed since the trace was made")
    subject = trace.subject
    system = elaborated(specification, subject.variant, subject.instance, subject.settings, complaints)
    if system is None:
        return WRONG
    interpreter = Interpreter(system.system)
    try:
        found = retrace(interpreter, trace)
    except ContradictionError as contradiction:
        if arguments.format == "json":
            print(dumps({"confirmed": False, "reason": str(contradiction)}), end="")
        else:
            print_lines([Text.assemble(("not confirmed", "bold red"), f": {escape(str(contradiction))}")])
        return VIOLATED
    if arguments.format == "json":
        print(dumps({"confirmed": True, "trace": trace_to_json(found), "machine": _facts(interpreter, found)}), end="")
        return SUCCESS
    what = "violation" if found.outcome == "violated" else "witness"
    text = f": this is a {what} of {escape(found.property)}, in {steps_in_words(len(found.steps))}"
    print_lines([*trace_lines(found, arguments.trace), Text.assemble(("confirmed", "bold green"), text), Text("")])
    print_lines(_on_the_machine(interpreter, found))
    return SUCCESS


def _facts(interpreter: Interpreter, trace: Trace) -> dict[str, object] | None:
    """What happened on the machine; None where the models have no counterpart there."""
    try:
        lockstep, taken = perform(interpreter.system, behaviour_of(interpreter, trace))
    except MachineError:
        return None
    return taken_to_json(lockstep.bench.machine, taken)


def _on_the_machine(interpreter: Interpreter, trace: Trace) -> Iterator[Text]:
    """The same steps on the emulated machine, where the models have a counterpart there."""
    try:
        lockstep, taken = perform(interpreter.system, behaviour_of(interpreter, trace))
    except MachineError as reason:
        yield Text(f"not performed on the machine: {escape(str(reason))}", "dim")
    else:
        yield from replay_lines(lockstep.bench.machine, taken)


def _named_by(trace: Trace) -> Path:
    """The file that the trace names. A trace is anyone's text: it may only name what lies beneath this directory."""
    path = Path(trace.subject.file)
    if path.is_absolute() or ".." in path.parts or "\0" in trace.subject.file or not leads_into(path, Path.cwd()):
        raise RefusalError(f"the trace names {trace.subject.file}, which is not beneath here; give --spec SPEC")
    # Not Path.is_file, which fails on a name that is too long.
    if not os.path.isfile(path):
        raise RefusalError(f"there is no file {trace.subject.file}; give --spec SPEC")
    return path
