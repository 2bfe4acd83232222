"""A step that does not keep a lemma, or an initial state where it does not hold: as small and as plain as possible.

It comes from a solver's model, but the reference interpreter has performed it. The state may well be unreachable: it is
one that the lemmas allow. So it says that a lemma is missing or too strong, never that the protocol is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from verifier.engines.proof.conditions import LEMMA, Lemma
from verifier.engines.proof.family import Family, Place
from verifier.engines.proof.instances import instance_of, members_of_size
from verifier.engines.proof.model import Small, small
from verifier.engines.proof.partial import Partial, PartialInterpreter
from verifier.engines.proof.prover import QUERY_SECONDS, Failure
from verifier.engines.proof.solver import Answer, Model, Solver
from verifier.engines.proof.transfer import transfer
from verifier.evidence.failing import FailingPart, failing_parts
from verifier.system.expressions import Expression
from verifier.system.interpreter import (
    AssertionFailed,
    Environment,
    Interpreter,
    OutOfRange,
    WrittenTwice,
    environment_of,
)
from verifier.system.layout import State
from verifier.system.system import Action, Property, PropertyKind, System
from verifier.system.types import SortType, Value


class UnconfirmedError(Exception):
    """The reference interpreter does not see in the solver's model what the solver saw; the message says what."""


@dataclass(frozen=True, slots=True)
class FailedStep:
    """`action(arguments)` leads from `state` to `after`, and `goal` fails: a lemma in `after`, a claim of the step.

    Without an action `state` is an initial one. `facts` are the places of the cells that make it so: whatever the
    others are, the same happens. Members without a name in the specification are called after the parameters and the
    variables that they are the values of. `after` is None if the step cannot take place.
    """

    goal: str
    system: System
    state: State
    action: Action | None
    arguments: tuple[Value, ...]
    after: State | None
    facts: tuple[int, ...]
    failing: tuple[FailingPart, ...]


def failed_step(family: Family, failure: Failure, seconds: float = QUERY_SECONDS) -> FailedStep:
    """The step of a failure whose answer is "sat", at the smallest sizes. Raises UnconfirmedError."""
    level, model = _smallest(family, failure, seconds)
    step = _Performed(family, failure, level, model, {})
    step.confirm()
    step = _Performed(family, failure, level, model, _roles(family, step))
    step.confirm()
    return FailedStep(
        failure.goal.name,
        step.system,
        step.state,
        step.action,
        step.arguments,
        step.after,
        tuple(step.facts()),
        step.failing(),
    )


def _smallest(family: Family, failure: Failure, seconds: float) -> tuple[Small, Model]:
    """A model with few blocks: of the first orbit as few as there can be, then of the second, and so on."""
    with Solver("z3") as solver:
        best = _model(family, failure, failure.sizes, solver, seconds)
        if best is None:
            raise UnconfirmedError("the solver does not find the state again")
        for orbit, most in enumerate(failure.sizes):
            for size in range(family.least[orbit], most):
                fewer = tuple(size if o == orbit else n for o, n in enumerate(best[0].sizes))
                found = _model(family, failure, fewer, solver, seconds)
                if found is not None:
                    best = found
                    break
    return best


def _model(
    family: Family, failure: Failure, sizes: Sequence[int], solver: Solver, seconds: float
) -> tuple[Small, Model] | None:
    """A state of these sizes where the goal fails, if there is one."""
    level = small(family, sizes)
    if failure.goal.kind == LEMMA:
        goal: Lemma | Property = Lemma(failure.goal.name, failure.formula)
    else:
        goal = family.text.property_named(failure.goal.name)
    query = failure.question.query(level, failure.assumed, {goal.name: goal})  # type: ignore[arg-type]
    reply = solver.ask(query.text, seconds, tables=level.tables(query))
    return (level, reply.model) if reply.answer is Answer.SAT and reply.model is not None else None


class _Performed:
    """The failure, done again by the reference interpreter in the instance that the model describes."""

    def __init__(
        self, family: Family, failure: Failure, level: Small, model: Model, names: Mapping[Place, str]
    ) -> None:
        self.failure = failure
        self.members = members_of_size(family, level.sizes, names)
        self.system = instance_of(self.members)
        self.interpreter = Interpreter(self.system)
        self.state = level.state(model)
        self.action = None if failure.action is None else self.system.action(failure.action)
        self.arguments: tuple[Value, ...] = ()
        self.after: State | None = None
        self.failures: Sequence[OutOfRange | WrittenTwice | AssertionFailed] = ()
        if self.action is not None:
            self.arguments = level.arguments(level.system.action(self.action.name), model)
            outcome = self.interpreter.perform(self.action, self.arguments, self.state)
            self.after, self.failures = outcome.state, outcome.failures
        self.formula: Expression = transfer(failure.formula, self.members.sorts)

    def confirm(self) -> None:
        """The lemmas hold, the action is possible, and the goal fails. Raises UnconfirmedError."""
        for lemma in self.failure.assumed if self.action is not None else ():
            if not self._holds(lemma):
                raise UnconfirmedError(f"lemma {lemma.name} does not hold in the model")
        if self.action is not None and not self.interpreter.is_enabled(self.action, self.arguments, self.state):
            raise UnconfirmedError(f"{self.action.name} is not possible in the model")
        if not self._fails():
            raise UnconfirmedError(f"{self.failure.goal.name} does not fail in the model")

    def _holds(self, lemma: Lemma) -> bool:
        return self.interpreter.holds(transfer(lemma.formula, self.members.sorts), self.state)

    def _kind(self) -> PropertyKind:
        if self.failure.goal.kind == LEMMA:
            return PropertyKind.ALWAYS
        return self.system.property_named(self.failure.goal.name).kind

    def _fails(self) -> bool:
        match self._kind():
            case PropertyKind.RANGE:
                return any(isinstance(f, OutOfRange) for f in self.failures)
            case PropertyKind.CONFLICT:
                return any(isinstance(f, WrittenTwice) for f in self.failures)
            case PropertyKind.ASSERTION:
                name = self.failure.goal.name
                return any(isinstance(f, AssertionFailed) and f.property == name for f in self.failures)
            case PropertyKind.STEP:
                return self.after is not None and not self.interpreter.evaluate(
                    self.formula, self.state, {}, self.after
                )
            case _:
                after = self.state if self.action is None else self.after
                return after is not None and not self.interpreter.holds(self.formula, after)

    def failing(self) -> tuple[FailingPart, ...]:
        """The part of the lemma, the claim or the assertion that fails."""
        kind = self._kind()
        if kind is PropertyKind.ASSERTION:
            assert self.action is not None
            found = next(f for f in self.failures if isinstance(f, AssertionFailed))
            names = {**self._environment(), **dict(found.bindings)}
            return failing_parts(self.interpreter, self.action.assertions[found.index].formula, self.state, names)
        if kind is PropertyKind.STEP:
            return failing_parts(self.interpreter, self.formula, self.state, {}, self.after)
        if kind in (PropertyKind.RANGE, PropertyKind.CONFLICT):
            return ()
        after = self.state if self.after is None else self.after
        return failing_parts(self.interpreter, self.formula, after)

    def _environment(self) -> Environment:
        return {} if self.action is None else environment_of(self.action, self.arguments)

    # Which cells matter

    def facts(self) -> Iterator[int]:
        """Cells that are enough for the same to happen, found by leaving out one after the other."""
        known: dict[int, Value] = dict(enumerate(self.state))
        if self._is_settled(known):
            for place in reversed(range(len(self.state))):
                without = {p: v for p, v in known.items() if p != place}
                if self._is_settled(without):
                    known = without
        yield from known

    def _is_settled(self, known: Partial) -> bool:
        """Whether the known cells are enough for the action to be possible and the goal to fail."""
        partial = PartialInterpreter(self.interpreter)
        names = self._environment()
        if self.action is None:
            return partial.value(self.formula, known, {}) is False
        if partial.value(self.action.guard, known, names) is not True:
            return False
        match self._kind():
            case PropertyKind.RANGE | PropertyKind.CONFLICT:
                return partial.goes_wrong(self.action, self.arguments, known, self._kind())
            case PropertyKind.ASSERTION:
                return any(
                    partial.value(a.formula, known, bound) is False
                    for a in self.action.assertions
                    if a.property == self.failure.goal.name
                    for bound in self.interpreter.bindings(a.binders, names)
                )
            case PropertyKind.STEP:
                after = partial.after(self.action, self.arguments, known)
                return partial.value(self.formula, known, {}, after) is False
            case _:
                return partial.value(self.formula, partial.after(self.action, self.arguments, known), {}) is False


def _roles(family: Family, step: _Performed) -> dict[Place, str]:
    """Names for the members that have none: of the parameter, or the variable of the failing part, that they are."""
    placed = step.members.placed()
    names: dict[Place, str] = {}
    if step.action is not None:
        for parameter, value in zip(step.action.parameters, step.arguments, strict=True):
            if isinstance(parameter.type, SortType) and value is not None:
                _call(names, placed.get((parameter.type.sort.name, value)), parameter.name)
    for part in step.failing():
        for variable, shown in part.bindings:
            for sort in family.free:
                members = step.members.sorts[sort].members
                if shown in members:
                    _call(names, placed.get((sort, members.index(shown))), variable)
    return names


def _call(names: dict[Place, str], place: Place | None, name: str) -> None:
    if place is not None:
        names.setdefault(place, name)
