"""What a complete search shows to be without effect: a claim that says nothing, a test that never matters.

- an action that never happens (not one that a constant switches off);
- a condition that somebody wrote in a guard and that holds wherever the rest of the guard does (not asked of one that
  the rest needs in order to mean something);
- an implication that always holds because its left side is never true;
- an `always` that no state whatever could violate. This is asked only where the formula reads so few cells that all
  their values can be tried.

All of these are invariant under symmetry, so representatives are enough.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TypeVar

from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.guards import conjuncts, needs
from verifier.engines.explicit.packing import Packed
from verifier.engines.explicit.quotient import Quotient, View, ignore
from verifier.engines.explicit.rows import Changes
from verifier.engines.explicit.space import Space
from verifier.engines.watch import Watch, interruptible
from verifier.system.expressions import FALSE, Exists, Expression, ForAll, Implies, Not, Read, conjunction, walk
from verifier.system.span import Span
from verifier.system.system import Action, Property, PropertyKind
from verifier.system.types import size_of

Key = TypeVar("Key")

_NEVER_TRUE = "the left side of {} is never true, so it says nothing"

TRIED = 4096
"""The most assignments to the cells of a formula that are tried."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something without effect. `kind` is `dead action`, `idle guard`, `vacuous implication` or `tautology`."""

    kind: str
    subject: str
    message: str
    span: Span


Unseen = Callable[[Mapping[Finding, Expression]], set[Finding]]
"""What tells of formulas which of them are true in no state."""


def findings(space: Space, claims: Iterable[Property], watch: Watch) -> tuple[Finding, ...]:
    """What the states of a complete space show, actions first. Raises Stopped.

    The space's symmetry has to leave the claims alone.
    """
    quotient = space.quotient

    def unseen(asked: Mapping[Finding, Expression]) -> set[Finding]:
        return _unseen(space, watch, {finding: quotient.predicate(formula) for finding, formula in asked.items()})

    with interruptible():
        never = _unseen(space, watch, {a.name: _happens(quotient, a) for a in space.program.system.actions})
        return concluded(space.program, tuple(claims), never, unseen)


def concluded(
    program: Program, claims: Iterable[Property], never: Container[str], unseen: Unseen
) -> tuple[Finding, ...]:
    """The findings, given the names of the actions that never happen and a way to see which formulas are never true."""
    actions = program.system.actions
    dead = [action for action in actions if action.name in never and action.guard != FALSE]
    asked = dict(_questions([action for action in actions if action.name not in never], claims))
    idle = unseen(asked)
    return (
        *(Finding("dead action", a.name, f"{a.name} never happens", a.span) for a in dead),
        *(finding for finding in asked if finding in idle),
        *_tautologies(program, claims),
    )


def idle_triggers(claims: Iterable[Property]) -> tuple[Finding, ...]:
    """What to say of LEADS_TO claims whose left side is true in no state."""
    return tuple(
        Finding("vacuous implication", claim.name, _NEVER_TRUE.format(claim.name), claim.span) for claim in claims
    )


def _happens(quotient: Quotient, action: Action) -> Callable[[View], object]:
    expand = quotient.expand([action])

    def happens(view: View) -> object:
        out: list[Changes | Packed] = []
        expand(view, out.append, ignore)
        return out

    return happens


def _enabled(action: Action, guard: Iterable[Expression]) -> Expression:
    """Whether for some values of the action's parameters all of the formulas hold."""
    formula = conjunction(*guard)
    for parameter in reversed(action.parameters):
        formula = Exists(parameter, formula)
    return formula


def _unseen(space: Space, watch: Watch, predicates: dict[Key, Callable[[View], object]]) -> set[Key]:
    """The keys of the predicates that are true in no state."""
    waiting = dict(predicates)
    for index, key in enumerate(space.states):
        if not waiting:
            break
        watch.look("vacuity", index, 0, 0, len(space.states) - index)
        view = space.quotient.view(key)
        for seen in [name for name, predicate in waiting.items() if predicate(view)]:
            del waiting[seen]
    return set(waiting)


def _questions(actions: Iterable[Action], claims: Iterable[Property]) -> Iterator[tuple[Finding, Expression]]:
    """Findings, each with what has to be true in some state for it not to be one."""
    for action in actions:
        parts = conjuncts(action.guard)
        for condition in action.conditions:
            own = {index for index, part in enumerate(parts) if part in conjuncts(condition.formula)}
            others = [index for index in range(len(parts)) if index not in own]
            if any(own & needs(parts, index) for index in others):
                continue
            message = f"{action.name} never has to wait for this: it holds wherever the rest of the guard does"
            rest = [*(parts[index] for index in others), Not(condition.formula)]
            yield Finding("idle guard", action.name, message, condition.span), _enabled(action, rest)
    for claim in claims:
        if claim.kind is PropertyKind.ALWAYS and (left := _left(claim.formula)) is not None:
            message = _NEVER_TRUE.format(claim.name)
            yield Finding("vacuous implication", claim.name, message, claim.span), left


def _left(formula: Expression) -> Expression | None:
    """Where the left side of an implication, perhaps for all values of some variables, is true for some of them."""
    match formula:
        case ForAll(variable, body, _):
            left = _left(body)
            return None if left is None else Exists(variable, left)
        case Implies(left, _, _):
            return left
        case _:
            return None


def _tautologies(program: Program, claims: Iterable[Property]) -> Iterator[Finding]:
    layout = program.interpreter.layout
    for claim in claims:
        if claim.kind is not PropertyKind.ALWAYS:
            continue
        functions = {node.function for node in walk(claim.formula) if isinstance(node, Read)}
        places = [place for place, cell in enumerate(layout.cells) if cell.function in functions]
        sizes = [size_of(layout.cells[place].type) for place in places]
        if prod(sizes) > TRIED:
            continue
        holds = program.predicate(claim.formula)
        blank = [0] * len(layout.cells)

        def state(values: tuple[int, ...], blank: list[int] = blank, places: list[int] = places) -> Packed:
            changed = dict(zip(places, values, strict=True))
            return program.packing.seal([changed.get(place, value) for place, value in enumerate(blank)])

        if all(holds(state(values)) for values in product(*map(range, sizes))):
            message = f"{claim.name} is true in every state whatever, reachable or not"
            yield Finding("tautology", claim.name, message, claim.span)
