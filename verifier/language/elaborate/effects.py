"""What a body does, statement by statement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from verifier.language.elaborate import fold
from verifier.language.elaborate.problems import Problems
from verifier.language.elaborate.scope import Scope
from verifier.system.expressions import TRUE, Constant, Expression, Variable
from verifier.system.span import Span
from verifier.system.system import Assertion, Call, Condition, Update

MOST_BRANCHES = 26
MOST_COMBINATIONS = 64
_R = TypeVar("_R")


class Decisions:
    """Which branch of each `either` to take. `start` says it for the first ones; after them it is the first branch."""

    def __init__(self, start: tuple[int, ...] = ()) -> None:
        self._start = start
        self.taken: list[tuple[int, int]] = []
        """For each `either` met: the branch taken, and how many there are."""

    def take(self, count: int) -> int:
        index = len(self.taken)
        choice = self._start[index] if index < len(self._start) else 0
        self.taken.append((choice, count))
        return choice

    @property
    def name(self) -> str:
        """`.a`, `.b.a`: the branches by letter; nothing where there is no `either`."""
        return "".join(f".{chr(ord('a') + choice)}" for choice, _ in self.taken)

    def following(self) -> tuple[int, ...] | None:
        """How to start to get the next combination of branches; None after the last."""
        choices = list(self.taken)
        while choices:
            choice, count = choices.pop()
            if choice + 1 < count:
                return (*(c for c, _ in choices), choice + 1)
        return None


def every_branch(make: Callable[[Decisions], _R], span: Span, problems: Problems) -> tuple[_R, ...]:
    """What `make` makes for every combination of branches, in order."""
    made: list[_R] = []
    start: tuple[int, ...] | None = ()
    while start is not None:
        if len(made) == MOST_COMBINATIONS:
            problems.error("E0325", span, "there are too many ways through `either`", f"more than {MOST_COMBINATIONS}")
            break
        decisions = Decisions(start)
        made.append(make(decisions))
        start = decisions.following()
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Jump:
    """`goto`: where the process is next, if the conditions hold. `path` are the branches of `if` it stands in."""

    condition: Expression
    target: Constant
    path: tuple[tuple[Span, bool], ...]
    span: Span

    def excludes(self, other: Jump) -> bool:
        """Whether the two stand in different branches of one `if`."""
        return any((span, not taken) in other.path for span, taken in self.path)


@dataclass(slots=True)
class Effects:
    """What the statements so far amount to."""

    decisions: Decisions
    guards: list[Expression] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    assertions: list[Assertion] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    chosen: list[Variable] = field(default_factory=list)
    jumps: list[Jump] = field(default_factory=list)

    def require(self, formula: Expression, place: Place, span: Span) -> None:
        """A condition of the guard, written where the statement stands."""
        condition = place.closed(formula)
        self.guards.append(condition)
        if not place.called and condition != TRUE:
            self.conditions.append(Condition(condition, span))

    @property
    def guard(self) -> Expression:
        return fold.both(*self.guards)

    @property
    def jumping(self) -> Expression:
        """Whether some `goto` is taken."""
        return fold.either(*(jump.condition for jump in self.jumps))

    def destination(self, otherwise: Expression) -> Expression:
        """Where the process is next."""
        result = otherwise
        for jump in reversed(self.jumps):
            result = fold.choose(jump.condition, jump.target, result)
        return result


@dataclass(frozen=True, slots=True)
class Place:
    """Where a statement stands: under which conditions, for which values, in what kind of body."""

    scope: Scope
    binders: tuple[Variable, ...] = ()
    conditions: tuple[Expression, ...] = ()
    path: tuple[tuple[Span, bool], ...] = ()
    called: bool = False
    """Whether it is inside an operation, which the caller has recorded already."""

    def under(self, condition: Expression, scope: Scope, branch: tuple[Span, bool]) -> Place:
        return replace(self, scope=scope, conditions=(*self.conditions, condition), path=(*self.path, branch))

    @property
    def condition(self) -> Expression:
        return fold.both(*self.conditions)

    def closed(self, formula: Expression) -> Expression:
        """The formula, required for all binders where the conditions hold."""
        return fold.for_all(self.binders, fold.implies(self.condition, formula))

    def happens(self) -> Expression:
        """Whether the statement applies to anything."""
        return fold.exists(self.binders, self.condition)
