"""Does a run decide a property? One rule for each kind of property, in the words of the reference interpreter."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.engines.verdict import Outcome
from verifier.evidence.failing import FailingPart, failing_parts
from verifier.evidence.fairness import neglected
from verifier.evidence.replay import ContradictionError, Performed, Run
from verifier.evidence.scenarios import performs
from verifier.evidence.stuck import step_remains_possible
from verifier.language.show_expression import show_expression
from verifier.system.expressions import TRUE, Expression
from verifier.system.interpreter import AssertionFailed, Interpreter, OutOfRange, WrittenTwice, environment_of
from verifier.system.system import Property, PropertyKind
from verifier.system.types import render


def shown_by_a_run(claim: Property) -> Outcome:
    """The outcome that one run can establish; the other one is about all runs."""
    match claim.kind, claim.scenario:
        case PropertyKind.REACHABLE, _:
            return Outcome.HOLDS
        case PropertyKind.SCENARIO, scenario if scenario is not None and scenario.possible:
            return Outcome.HOLDS
        case _:
            return Outcome.VIOLATED


def confirm(interpreter: Interpreter, claim: Property, run: Run) -> tuple[FailingPart, ...]:
    """What is wrong at the end of the run; nothing if it is a witness of something that is to be possible.

    Raises ContradictionError if the run does not decide the property.
    """
    match claim.kind:
        case PropertyKind.EVENTUALLY | PropertyKind.LEADS_TO:
            return _never_happens(interpreter, claim, run)
        case PropertyKind.SCENARIO:
            assert claim.scenario is not None
            if not performs(interpreter, claim.scenario, run):
                raise ContradictionError("it does not perform the scenario")
            return () if claim.scenario.possible else (FailingPart("the scenario can be performed"),)
        case PropertyKind.ALWAYS | PropertyKind.REACHABLE | PropertyKind.STUCK:
            return _at_the_end(interpreter, claim, run)
        case _:
            return _in_the_last_step(interpreter, claim, run)


def _at_the_end(interpreter: Interpreter, claim: Property, run: Run) -> tuple[FailingPart, ...]:
    state = run.last
    if state is None:
        raise ContradictionError("its last step has no next state")
    if claim.kind is PropertyKind.STUCK:
        if interpreter.holds(interpreter.system.final, state):
            raise ContradictionError("the protocol may stop where it ends")
        possible = step_remains_possible(interpreter, state)
        if possible is True:
            raise ContradictionError("a step of the protocol remains possible where it ends")
        cut = "" if possible is False else " (searched in part: there are many states to look through)"
        return (FailingPart(f"no step of the protocol remains possible{cut}"),)
    holds = interpreter.holds(claim.formula, state)
    if claim.kind is PropertyKind.REACHABLE:
        if not holds:
            raise ContradictionError("the formula does not hold where it ends")
        return ()
    if holds:
        raise ContradictionError("the formula holds where it ends")
    return failing_parts(interpreter, claim.formula, state)


def _in_the_last_step(interpreter: Interpreter, claim: Property, run: Run) -> tuple[FailingPart, ...]:
    if not run.steps:
        raise ContradictionError("it has no steps")
    step = run.steps[-1]
    if claim.kind is PropertyKind.STEP:
        if step.after is None or interpreter.evaluate(claim.formula, step.before, {}, step.after):
            raise ContradictionError("the last step is as the formula demands")
        return failing_parts(interpreter, claim.formula, step.before, following=step.after)
    parts = tuple(_failures(interpreter, claim, step))
    if not parts:
        raise ContradictionError("nothing goes wrong in its last step")
    return parts


def _failures(interpreter: Interpreter, claim: Property, step: Performed) -> Iterator[FailingPart]:
    kinds = {cell.name: cell.type for cell in interpreter.layout.cells}
    for failure in step.failures:
        match failure:
            case AssertionFailed(name, index, bindings) if claim.kind is PropertyKind.ASSERTION and name == claim.name:
                assertion = step.action.assertions[index]
                environment = {**environment_of(step.action, step.arguments), **dict(bindings)}
                named = tuple((v.name, render(v.type, environment[v.name])) for v in assertion.binders)
                for part in failing_parts(interpreter, assertion.formula, step.before, environment):
                    yield FailingPart(part.text, named + part.bindings, part.cells)
            case OutOfRange(cell, value) if claim.kind is PropertyKind.RANGE:
                yield FailingPart(f"{cell} would become {value}, which is not in {kinds[cell]}")
            case WrittenTwice(cell) if claim.kind is PropertyKind.CONFLICT:
                yield FailingPart(f"{cell} is written twice")
            case _:
                pass


def _never_happens(interpreter: Interpreter, claim: Property, run: Run) -> tuple[FailingPart, ...]:
    """A lasso that is fair and on which the formula is false for ever from where it is owed."""
    if run.loop is None:
        raise ContradictionError("it ends, but a violation must go on for ever")
    ignored = neglected(interpreter, run)
    if ignored is not None:
        raise ContradictionError(f"it is not fair: {ignored} is put off for ever")
    trigger = TRUE if claim.kind is PropertyKind.EVENTUALLY else claim.trigger
    owed = _last_owed(interpreter, trigger, run)
    if owed is None:
        raise ContradictionError("nothing is owed on it")
    # From a state of the loop, the whole loop follows.
    start = min(owed, run.loop) if claim.kind is PropertyKind.LEADS_TO else 0
    if any(interpreter.holds(claim.formula, state) for state in run.states[start:]):
        raise ContradictionError("what is owed does happen on it")
    since = "" if trigger == TRUE else f", though {show_expression(trigger)} held after step {owed}"
    return (FailingPart(f"{show_expression(claim.formula)} never comes to hold{since}"),)


def _last_owed(interpreter: Interpreter, trigger: Expression, run: Run) -> int | None:
    """The last state in which the trigger holds: the one that demands least of what follows."""
    owing = [index for index, state in enumerate(run.states) if interpreter.holds(trigger, state)]
    return owing[-1] if owing else None
