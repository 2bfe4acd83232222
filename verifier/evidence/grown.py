"""What a small instance shows, done in a larger one: every further member does what one of the small ones does.

A violation that needs every page to be handed over lies hundreds of steps deep where there are hundreds of pages, and
a search by layers does not get there. With two pages it is found at once. The same steps are then taken in the large
instance; after each of them that is about a certain page, every page that the small instance lacks takes it too, as
far as it can. That is a guess: only what the reference interpreter can do there, and what decides the claim at its
end, is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from math import inf

from verifier.engines.verdict import LONGER_TRACE, Behaviour, Budget, Observer, Outcome, Verdict
from verifier.engines.watch import Watch
from verifier.evidence.all_sizes import MakeFamily
from verifier.evidence.confirm import confirm, shown_by_a_run
from verifier.evidence.replay import ContradictionError, replay
from verifier.system.family import Family
from verifier.system.interpreter import Arguments, Interpreter
from verifier.system.layout import State
from verifier.system.symmetry import Block, Member, infer
from verifier.system.system import Action, Kind, Property, PropertyKind, System
from verifier.system.types import SortType, Type, Value

TRIES = 8
"""How many choices of the members that the others follow are tried for one behaviour."""

SIZES = (2, 3)
"""The small instances: every size at most that."""

STATES = 30_000
"""How many states of each are looked at."""

SHARE = 0.2
"""How much of the seconds of a check is kept for this."""

MOST = 40_000_000
"""How much work one try may be: steps, times members that follow, times cells. That is about half a second."""

Step = tuple[str, Arguments]


def but_for_growing(budget: Budget, make_family: MakeFamily) -> Budget:
    """What of the budget is for the instance itself, if there are smaller ones."""
    if budget.seconds is None or not any(size.here > max(SIZES[0], size.least) for size in make_family().sizes):
        return budget
    return replace(budget, seconds=budget.seconds * (1 - SHARE))


def what_remains(
    make_family: MakeFamily, system: System, verdicts: tuple[Verdict, ...], budget: Budget, observer: Observer | None
) -> tuple[Verdict, ...]:
    """The verdicts; those that are undetermined are made up for by behaviours of small instances where these grow."""
    open_claims = {verdict.property for verdict in verdicts if verdict.outcome is Outcome.UNDETERMINED}
    if not open_claims:
        return verdicts
    from verifier.engines import explicit

    family, large = make_family(), Interpreter(system)
    claims = {claim.name: claim for claim in system.properties}
    states = min(STATES, budget.states or STATES)
    watch, most_seconds = Watch(budget), inf if budget.seconds is None else budget.seconds * SHARE
    shown: dict[str, Behaviour] = {}
    for most in SIZES:
        seconds = None if budget.seconds is None else max(0.0, most_seconds - watch.seconds)
        part = Budget(seconds, states, budget.memory, threads=budget.threads)
        small = smaller(family, most)
        if small is None:
            continue
        asked = [claim for claim in small.properties if claim.name in open_claims and claim.name not in shown]
        for verdict in explicit.check(small, asked, part, observer).verdicts if asked else ():
            claim = claims.get(verdict.property)
            if verdict.behaviour is not None and claim is not None and watch.seconds <= most_seconds:
                behaviour = grown(small, large, claim, verdict.behaviour)
                if behaviour is not None:
                    shown[claim.name] = behaviour
    return tuple(
        replace(
            verdict,
            outcome=shown_by_a_run(claims[verdict.property]),
            method=LONGER_TRACE,
            behaviour=shown[verdict.property],
            reason="",
        )
        if verdict.property in shown
        else verdict
        for verdict in verdicts
    )


def smaller(family: Family, most: int) -> System | None:
    """The instance with no size above `most` that may be less; None if there is none, or it is not smaller."""
    numbers = tuple(min(size.here, max(most, size.least)) for size in family.sizes)
    return None if numbers == family.here else family.at(numbers)


def grown(small: System, large: Interpreter, claim: Property, behaviour: Behaviour) -> Behaviour | None:
    """A behaviour of the large instance that decides the claim, made from one of the small instance; None if none is.

    Members are the same if their names are. A lasso's way to its loop is what others follow; the loop stays as it is.
    That no step remains possible is not claimed in this way: it cannot be seen to the end in a large instance.
    """
    if claim.kind is PropertyKind.STUCK:
        return None
    initial = next(large.initial_states(), None)
    growth = _Growth.between(small, large.system)
    if initial is None or growth is None:
        return None
    steps = growth.renamed(behaviour.steps)
    if steps is None:
        return None
    for followers in islice(growth.followers(large, claim), TRIES):
        if len(steps) * len(followers) * len(large.layout.cells) > MOST:
            return None
        for kinds in (frozenset({Kind.STEP}), frozenset(Kind)):
            found = _followed(large, initial, steps, behaviour.loop, followers, kinds)
            if found is not None and _decides(large, claim, found):
                return found
    return None


def _decides(interpreter: Interpreter, claim: Property, behaviour: Behaviour) -> bool:
    try:
        confirm(interpreter, claim, replay(interpreter, behaviour))
    except ContradictionError:
        return False
    return True


Exchange = dict[Member, Member]
"""From the members that are followed to those that follow."""


@dataclass(frozen=True)
class _Growth:
    """`numbers` are the members of the small instance by their place in the large one, sort by sort."""

    small: System
    large: System
    numbers: dict[str, tuple[int, ...]]

    @staticmethod
    def between(small: System, large: System) -> _Growth | None:
        members = {sort.name: sort.members for sort in large.sorts}
        numbers = {}
        for sort in small.sorts:
            place = {name: number for number, name in enumerate(members.get(sort.name, ()))}
            if not all(name in place for name in sort.members):
                return None
            numbers[sort.name] = tuple(place[name] for name in sort.members)
        return _Growth(small, large, numbers)

    def renamed(self, steps: Sequence[Step]) -> list[Step] | None:
        """The steps with the members of the large instance; None if it lacks one of the actions."""
        actions = {action.name: action for action in self.small.actions}
        there = {action.name: len(action.parameters) for action in self.large.actions}
        if any(there.get(name) != len(arguments) for name, arguments in steps):
            return None
        return [
            (name, tuple(map(self._member, (p.type for p in actions[name].parameters), arguments)))
            for name, arguments in steps
        ]

    def _member(self, kind: Type, value: Value) -> Value:
        return self.numbers[kind.sort.name][value] if isinstance(kind, SortType) and value is not None else value

    def followers(self, large: Interpreter, claim: Property) -> Iterator[list[Exchange]]:
        """For every choice of a block that others follow, one for each orbit, these others."""
        known = {(sort, number) for sort, numbers in self.numbers.items() for number in numbers}
        choices: list[list[list[Exchange]]] = []
        for orbit in infer(large, [claim]).orbits:
            old = [block for block in orbit if known.issuperset(block)]
            new = [block for block in orbit if known.isdisjoint(block)]
            if old and new:
                choices.append([[_exchange(block, other) for other in new] for block in reversed(old)])
        for chosen in product(*choices):
            yield [exchange for exchanges in chosen for exchange in exchanges]


def _exchange(block: Block, other: Block) -> Exchange:
    return dict(zip(block, other, strict=True))


def _followed(
    interpreter: Interpreter,
    initial: State,
    steps: Sequence[Step],
    loop: int | None,
    followers: list[Exchange],
    kinds: frozenset[Kind],
) -> Behaviour | None:
    """The steps with those of the followers in between, up to the loop; None if one of the steps is not possible."""
    taken: list[Step] = []
    state: State | None = initial
    start = None
    for number, (name, arguments) in enumerate(steps):
        if number == loop:
            start = len(taken)
        action = interpreter.system.action(name)
        if state is None or not interpreter.is_enabled(action, arguments, state):
            return None
        taken.append((name, arguments))
        state = interpreter.perform(action, arguments, state).state
        if start is not None or action.kind not in kinds or number == len(steps) - 1:
            continue
        for exchange in followers:
            other = _exchanged(action, arguments, exchange)
            if other != arguments and state is not None and interpreter.is_enabled(action, other, state):
                following = interpreter.perform(action, other, state).state
                if following is not None:
                    taken.append((name, other))
                    state = following
    if loop == len(steps):
        start = len(taken)
    return Behaviour(initial, tuple(taken), start)


def _exchanged(action: Action, arguments: Arguments, exchange: Exchange) -> Arguments:
    return tuple(
        exchange.get((parameter.type.sort.name, value), ("", value))[1]
        if isinstance(parameter.type, SortType) and value is not None
        else value
        for parameter, value in zip(action.parameters, arguments, strict=True)
    )
