"""The transition system: what the language elaborates to and the only thing an engine sees.

A system is one finite instance: every sort has its members. It is immutable, and every collection in it is a tuple in
a fixed order, so that the same input gives the same output to the byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from verifier.system.expressions import FALSE, TRUE, Expression, Variable
from verifier.system.span import NOWHERE, Span
from verifier.system.types import Sort, Type, Value


@dataclass(frozen=True, slots=True)
class Formula:
    """A value for every point: `body` over `parameters`, reading constant functions only."""

    parameters: tuple[Variable, ...]
    body: Expression


@dataclass(frozen=True, slots=True)
class Table:
    """A value for every point, in row-major order of the points."""

    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Anything:
    """Every value of the result type is a possible initial value, independently at each point."""


@dataclass(frozen=True, slots=True)
class Function:
    """A total function over index types: a piece of state, or a constant when `constant` is true.

    `initial` is its value in the initial states (for a constant: in every state; never `Anything`).
    """

    name: str
    parameters: tuple[Type, ...]
    result: Type
    initial: Formula | Table | Anything
    constant: bool = False
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Update:
    """For all values of `binders` for which `condition` holds: function(arguments) := value.

    No binders is a point; some binders make a row or all points. Everything is evaluated in the state before the step.
    """

    function: str
    arguments: tuple[Expression, ...]
    value: Expression
    binders: tuple[Variable, ...] = ()
    condition: Expression = TRUE
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Assertion:
    """For all values of `binders`: `formula` must hold in the state before the step, whenever the action happens.

    Failing violates the property called `property`; the step still takes place.
    """

    property: str
    formula: Expression
    binders: tuple[Variable, ...] = ()
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Call:
    """One operation that the action performs, for the concrete machine: operation(arguments), in order.

    Performed for all values of `binders` for which `condition` holds in the state before the step.
    """

    operation: str
    arguments: tuple[Expression, ...]
    binders: tuple[Variable, ...] = ()
    condition: Expression = TRUE


@dataclass(frozen=True, slots=True)
class Condition:
    """A part of an action's guard that its author wrote, as opposed to what its place in a process adds."""

    formula: Expression
    span: Span = NOWHERE


class Kind(Enum):
    """Who takes an action; see design section 3."""

    STEP = "step"
    HARDWARE = "hardware"
    ENVIRONMENT = "environment"
    FAULT = "fault"


class Fairness(Enum):
    """What is assumed of an action: nothing; weak (if enabled for ever) or strong (if again and again)."""

    NONE = "none"
    WEAK = "weak"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Action:
    """A guarded atomic step, for every value of its parameters.

    `conditions` are the parts of the guard that somebody wrote, for reports: the guard implies each of them.
    `actor` is the process, device or model it belongs to. `step` is the label in the source (process.label) that it
    came from, the same for all parts of one `each` loop. Fairness is assumed once for each `fair_name` and each value
    of the first `fair_parameters` parameters ("the process"), whatever the values of the others.
    """

    name: str
    kind: Kind
    actor: str
    parameters: tuple[Variable, ...]
    guard: Expression
    updates: tuple[Update, ...]
    assertions: tuple[Assertion, ...] = ()
    calls: tuple[Call, ...] = ()
    conditions: tuple[Condition, ...] = ()
    fairness: Fairness = Fairness.NONE
    fair_parameters: int = 0
    step: str | None = None
    span: Span = NOWHERE

    @property
    def fair_name(self) -> str:
        """What may not be put off for ever.

        If weakly fair, the step that the action is a part or a branch of; if strongly fair, each branch by itself.
        """
        return self.name if self.fairness is Fairness.STRONG or self.step is None else self.step


class PropertyKind(Enum):
    ALWAYS = "always"
    """`formula` holds in every reachable state (`never` is elaborated to the negation)."""
    STEP = "step"
    """`formula`, which may contain `Next`, holds of every reachable transition."""
    ASSERTION = "assertion"
    """No reachable transition fails an assertion of this name."""
    REACHABLE = "reachable"
    """`formula` holds in some reachable state."""
    EVENTUALLY = "eventually"
    """On every fair behaviour, `formula` holds at some time."""
    LEADS_TO = "leads to"
    """On every fair behaviour, whenever `trigger` holds, `formula` holds then or later."""
    STUCK = "stuck"
    """From every reachable state that is not `final`, a protocol step remains possible: see `System.final`."""
    RANGE = "range"
    """No reachable transition takes an integer out of its declared range."""
    CONFLICT = "conflict"
    """No reachable transition writes one location twice."""
    SCENARIO = "scenario"
    """`scenario` can be performed (or cannot, if it says so)."""

    @property
    def underlies_all(self) -> bool:
        """Whether no verdict stands without it: a step that breaks it does not take place."""
        return self in (PropertyKind.RANGE, PropertyKind.CONFLICT)


@dataclass(frozen=True, slots=True)
class Perform:
    """The named action happens. An argument that is None may be anything (parameters are never optional)."""

    action: str
    arguments: tuple[bool | int | None, ...]
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Gap:
    """Any number of actions happen, perhaps none (written "...")."""

    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Check:
    """`formula` holds in the state reached here."""

    formula: Expression
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Scenario:
    """A sequence that some behaviour from an initial state must perform, or that none may if `possible` is false."""

    happenings: tuple[Perform | Gap | Check, ...]
    possible: bool


@dataclass(frozen=True, slots=True)
class Property:
    """A claim about the system. `text` is its source; `description` is prose for reports.

    A `lemma` is an `always` that is there to help prove others: it holds or not as any other does.
    """

    name: str
    kind: PropertyKind
    formula: Expression = TRUE
    trigger: Expression = TRUE
    scenario: Scenario | None = None
    text: str = ""
    description: str = ""
    span: Span = NOWHERE
    lemma: bool = False


@dataclass(frozen=True, slots=True)
class System:
    """One finite instance of a specification.

    `final` holds where the protocol may stop. A state is *stuck* if it is not final and no sequence of steps,
    hardware and environment actions from it ever takes a step of the protocol (`Kind.STEP`) again.
    """

    name: str
    sorts: tuple[Sort, ...]
    functions: tuple[Function, ...]
    actions: tuple[Action, ...]
    properties: tuple[Property, ...]
    final: Expression = FALSE

    def function(self, name: str) -> Function:
        """The function called `name`. Raises KeyError if there is none."""
        for function in self.functions:
            if function.name == name:
                return function
        raise KeyError(name)

    def action(self, name: str) -> Action:
        """The action called `name`. Raises KeyError if there is none."""
        for action in self.actions:
            if action.name == name:
                return action
        raise KeyError(name)

    def property_named(self, name: str) -> Property:
        """The property called `name`. Raises KeyError if there is none."""
        for claim in self.properties:
            if claim.name == name:
                return claim
        raise KeyError(name)

    @property
    def state_functions(self) -> tuple[Function, ...]:
        return tuple(function for function in self.functions if not function.constant)

    @property
    def constant_functions(self) -> tuple[Function, ...]:
        return tuple(function for function in self.functions if function.constant)
