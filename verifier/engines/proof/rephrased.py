"""Claims of other kinds, said as claims of those kinds that lemmas and rankings prove, about a system with more state.

- The protocol never gets stuck, if from each state in which it cannot go on and may not stop, fair behaviours of
  hardware and environment lead to one in which it can: there always is a fair behaviour.
- A scenario is impossible, if a monitor that follows the actions never comes to its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from verifier.engines.proof.family import NotUniformError
from verifier.engines.proof.uniform import Uniform, uniform
from verifier.system.expressions import (
    FALSE,
    TRUE,
    And,
    Constant,
    Equal,
    Exists,
    Expression,
    Not,
    Or,
    Read,
    Variable,
    conjunction,
)
from verifier.system.family import Family
from verifier.system.system import (
    Action,
    Check,
    Fairness,
    Formula,
    Function,
    Gap,
    Kind,
    Perform,
    Property,
    PropertyKind,
    Scenario,
    System,
    Update,
)
from verifier.system.types import BOOL

OTHERS = (Kind.HARDWARE, Kind.ENVIRONMENT)
"""Who may help a protocol that cannot go on by itself."""


def can_be_rephrased(claim: Property) -> bool:
    """Whether `rephrased` takes the claim."""
    if claim.kind is PropertyKind.SCENARIO:
        return claim.scenario is not None and not claim.scenario.possible
    return claim.kind is PropertyKind.STUCK


def in_other_words(about: Uniform, name: str) -> Uniform:
    """The family of the specification whose only claim is `rephrased`, for the same sizes. Raises NotUniformError."""
    other = uniform(rephrased(about.systems, name), about.named)
    # What the claim names is told apart from the rest.
    if (other.least, other.kept) != (about.least, about.kept):
        raise NotUniformError(f"{name} is about other sizes: {other.describe()}")
    return other


def rephrased(family: Family, name: str) -> Family:
    """All sizes of the specification, as systems whose only claim, an ALWAYS or a LEADS_TO, implies that of this name.

    `can_be_rephrased` must hold of that. Behaviours stay what they are.
    """

    def at(numbers: tuple[int, ...]) -> System | None:
        system = family.at(numbers)
        return None if system is None else _rephrased(system, system.property_named(name))

    return replace(family, at=at)


def _rephrased(system: System, claim: Property) -> System:
    if claim.scenario is not None:
        return _monitored(system, claim, claim.scenario)
    return _helped(system, claim)


def _helped(system: System, claim: Property) -> System:
    """Where no step of the protocol is possible, one comes to be, if hardware and environment are strongly fair."""
    idle = conjunction(*(Not(_possible(action)) for action in system.actions if action.kind is Kind.STEP))
    coming = replace(claim, kind=PropertyKind.LEADS_TO, trigger=conjunction(idle, Not(system.final)), formula=Not(idle))
    actions = tuple(
        replace(action, fairness=Fairness.STRONG if action.kind in OTHERS else Fairness.NONE)
        for action in system.actions
    )
    return replace(system, actions=actions, properties=(coming,))


def _possible(action: Action) -> Expression:
    possible = action.guard
    for parameter in reversed(action.parameters):
        possible = Exists(parameter, possible)
    return possible


def _monitored(system: System, claim: Property, scenario: Scenario) -> System:
    """The end of the scenario is never come to."""
    monitor = _Monitor(scenario)
    ended = Or(tuple(monitor.arrives(len(scenario.happenings))))
    return replace(
        system,
        functions=(*system.functions, *(monitor.function(place) for place in monitor.places)),
        actions=tuple(replace(a, updates=(*a.updates, *monitor.updates(a))) for a in system.actions),
        properties=(replace(claim, kind=PropertyKind.ALWAYS, formula=Not(ended), scenario=None),),
    )


@dataclass(frozen=True)
class _Monitor:
    """For each place of a scenario, whether the behaviour may be there.

    A place is the position of a gap, or one that an action led to; checks behind it have not been made. They are made
    of the same state, before the next action.
    """

    scenario: Scenario

    @property
    def places(self) -> tuple[int, ...]:
        found = {0}
        for position, happening in enumerate(self.scenario.happenings):
            if isinstance(happening, Perform):
                found.add(position + 1)
            elif isinstance(happening, Gap):
                found.add(position)
        return tuple(sorted(found))

    def function(self, place: int) -> Function:
        return Function(self.name(place), (), BOOL, Formula((), TRUE if place == 0 else FALSE))

    def name(self, place: int) -> str:
        """After the action that led there. No name of a specification has an exclamation mark."""
        before = self._before(place)
        return f"{'place' if before is None else before.action}!{place}"

    def _before(self, place: int) -> Perform | None:
        """The action that leads to the place; None if none does."""
        before = self.scenario.happenings[place - 1] if place else None
        return before if isinstance(before, Perform) else None

    def updates(self, action: Action) -> Iterator[Update]:
        """What the action does to the places."""
        happenings = self.scenario.happenings
        for place in self.places:
            ways: list[Expression] = []
            if place < len(happenings) and isinstance(happenings[place], Gap):
                ways += self.arrives(place)
            before = self._before(place)
            if before is not None and before.action == action.name:
                performed = _is(before, action.parameters)
                ways += (conjunction(way, performed) for way in self.arrives(place - 1))
            yield Update(self.name(place), (), Or(tuple(ways)))

    def arrives(self, position: int) -> Iterator[Expression]:
        """The ways to be at the position in a state: from each place where only gaps and checks lie between."""
        for place in self.places:
            between = self.scenario.happenings[place:position]
            if place <= position and not any(isinstance(happening, Perform) for happening in between):
                checks = (happening.formula for happening in between if isinstance(happening, Check))
                yield conjunction(Read(self.name(place), (), BOOL), *checks)


def _is(happening: Perform, parameters: tuple[Variable, ...]) -> Expression:
    wanted = zip(parameters, happening.arguments, strict=True)
    return And(tuple(Equal(p, Constant(value, p.type)) for p, value in wanted if value is not None))
