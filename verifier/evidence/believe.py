"""Nothing an engine found is shown before the reference interpreter has seen it too."""

from __future__ import annotations

from dataclasses import replace

from verifier.engines.verdict import Outcome, Verdict
from verifier.evidence.confirm import confirm, shown_by_a_run
from verifier.evidence.replay import ContradictionError, replay
from verifier.evidence.trace import Subject, Trace, trace_of
from verifier.system.interpreter import Interpreter
from verifier.system.system import Property


def believed(
    interpreter: Interpreter, subject: Subject, claim: Property, verdict: Verdict
) -> tuple[Verdict, Trace | None]:
    """The verdict and the trace behind it; an ERROR in its place if the behaviour is not what it is said to be."""
    if verdict.outcome is not shown_by_a_run(claim):
        return verdict, None
    try:
        if verdict.behaviour is None:
            raise ContradictionError("there is no behaviour that shows it")
        run = replay(interpreter, verdict.behaviour)
        failing = confirm(interpreter, claim, run)
    except ContradictionError as contradiction:
        reason = f"the tool contradicts itself: {verdict.outcome.value}, but {contradiction}"
        return replace(verdict, outcome=Outcome.ERROR, behaviour=None, reason=reason), None
    return verdict, trace_of(subject, interpreter, claim, verdict.outcome.value, run, failing)
