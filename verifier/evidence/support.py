"""What a proof rests on: which lemmas each claim needs, and which guards and updates no claim needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from verifier.engines import explicit
from verifier.engines.proof.asking import ALONE, STEP, TOGETHER, WAYS, Asked, Look, Obligations, ask
from verifier.engines.proof.conditions import CLAIM, LEMMA, STATE_CLAIMS, Goal, Lemma, lemma_symbol
from verifier.engines.proof.family import Family
from verifier.engines.proof.progress.obligations import obligations
from verifier.engines.proof.progress.ranking import Ranking
from verifier.engines.proof.prover import BY_PATTERNS, Proof
from verifier.engines.proof.solver import Answer, Solver
from verifier.engines.proof.solver.client import Wait
from verifier.engines.proof.terms import TooLargeError, bare
from verifier.engines.proof.translation import UnsupportedError
from verifier.engines.verdict import Budget, Outcome
from verifier.language.show_expression import show_expression
from verifier.system.expressions import TRUE, And, Expression, IsSome, Open, walk
from verifier.system.span import Span
from verifier.system.system import Action, Kind, Property, PropertyKind, System, Update

WITNESSED = (PropertyKind.REACHABLE, PropertyKind.SCENARIO, PropertyKind.STUCK)
"""Claims on what can happen, at small sizes."""

SHORT = Budget(seconds=2, states=5_000)
"""How long they are searched for."""


@dataclass(frozen=True, slots=True)
class ByRanking:
    """A claim that something comes to pass, its ranking, and the proof of what the ranking claims."""

    claim: Property
    ranking: Ranking
    proof: Proof


@dataclass(frozen=True, slots=True)
class Need:
    """To show that `action` keeps the lemma or is as the claim says, these other lemmas are enough."""

    goal: str
    action: str
    lemmas: tuple[str, ...]


def rests_on(proof: Proof, names: Sequence[str], look: Look = lambda _: None) -> tuple[Need, ...]:
    """What proved claims or lemmas need, and what that needs in turn: themselves first, then as it is met.

    One of possibly several sufficient choices, as small as the solver can easily make it. Actions that need nothing are
    left out. KeyError if one of the names was not proved.
    """
    made = Obligations.of(proof)
    goals = {**{c.name: Goal(CLAIM, c.name) for c in made.claims}, **{m.name: Goal(LEMMA, m.name) for m in made.lemmas}}
    if not set(names) <= set(goals):
        raise KeyError(min(set(names) - set(goals)))
    found: list[Need] = []
    waiting = list(names)
    with Solver("z3") as solver:
        enough = {
            (asked.action, goal): asked.uses for asked in made.plan(look) if asked.about == STEP for goal in asked.goals
        }
        for name in waiting:
            for action in proof.family.text.actions:
                uses = enough.get((action.name, goals[name]))
                if uses is not None:
                    asked = made.about(Asked(STEP, action.name), [goals[name]], uses)
                    fewest = _fewest(made, solver, asked, partial(look, f"what {name} needs of {action.name}"))
                    needed = tuple(lemma for lemma in fewest if lemma != name)
                    if needed:
                        found.append(Need(name, action.name, needed))
                    waiting += [lemma for lemma in needed if lemma not in waiting]
    return tuple(found)


def _fewest(made: Obligations, solver: Solver, asked: Asked, wait: Wait) -> tuple[str, ...]:
    """Lemmas that are enough, none of which can be left out alone; all of them if the solver does not say."""
    reply = ask(solver, made.query(asked), ALONE, wait, fewest=True)
    if reply.answer is not Answer.UNSAT:
        return asked.uses
    return tuple(name for name in asked.uses if bare(lemma_symbol(name)) in reply.core)


@dataclass(frozen=True, slots=True)
class Spare:
    """A part of an action, `guard` or `update`, without which everything is still proved, with the same lemmas.

    As a `step` it is all that is written in a step of the protocol.
    """

    action: str
    part: str
    text: str
    span: Span


def spare_parts(
    proof: Proof, ranked: Sequence[ByRanking], instance: System, look: Look = lambda _: None
) -> Iterator[Spare]:
    """Conditions that a guard could do without, and updates that an action could, as far as what is proved goes.

    Each was left out, alone, and the proof done again; all of a step together, if each of its parts can be left out.
    Where nothing happens nothing goes wrong: so what can be reached in the instance, its scenarios, and that it does
    not get stuck must be as before, too, as far as they are decided in a short search. State that Flip adds (`hv.at`)
    is left alone.
    """
    with Solver("z3") as solver:
        again = _Again(proof, ranked, solver, look, _Witnessed.of(instance))
        for action in proof.family.text.actions:
            parts = [part for part in _parts(action) if not _is_opened(action, part)]
            spare = [part for part in parts if again.is_proved(action, [part])]
            yield from (Spare(action.name, part.name, part.text, part.span) for part in spare)
            if action.kind is Kind.STEP and len(spare) == len(parts) > 1 and again.is_proved(action, parts):
                yield Spare(action.name, "step", f"all of {action.name}", action.span)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of an action: the condition or the update with this number."""

    name: str
    number: int
    text: str
    span: Span


def _parts(action: Action) -> Iterator[_Part]:
    conjuncts = _conjuncts(action.guard)
    for number, condition in enumerate(action.conditions):
        if any(c in _conjuncts(condition.formula) for c in conjuncts):
            yield _Part("guard", number, f"when {show_expression(condition.formula)}", condition.span)
    for number, update in enumerate(action.updates):
        if "." not in update.function:
            yield _Part("update", number, _written(update), update.span)


def _dropped(action: Action, parts: Sequence[_Part]) -> set[Expression]:
    conditions = (action.conditions[part.number] for part in parts if part.name == "guard")
    return {conjunct for condition in conditions for conjunct in _conjuncts(condition.formula)}


def _without(action: Action, parts: Sequence[_Part]) -> Action:
    dropped = _dropped(action, parts)
    rest = tuple(c for c in _conjuncts(action.guard) if c not in dropped)
    gone = {part.number for part in parts if part.name == "update"}
    updates = tuple(update for number, update in enumerate(action.updates) if number not in gone)
    return replace(action, guard=And(rest) if rest else TRUE, updates=updates)


def _is_opened(action: Action, part: _Part) -> bool:
    """Whether the action, without the part, speaks of what an optional holds that the part says is there."""
    without, dropped = _without(action, [part]), _dropped(action, [part])
    there = {node.operand for conjunct in dropped for node in walk(conjunct) if isinstance(node, IsSome)}
    updates = [e for update in without.updates for e in (*update.arguments, update.value, update.condition)]
    spoken = (without.guard, *updates, *(assertion.formula for assertion in without.assertions))
    return any(isinstance(node, Open) and node.operand in there for e in spoken for node in walk(e))


def _written(update: Update) -> str:
    point = f"({', '.join(map(show_expression, update.arguments))})" if update.arguments else ""
    return f"{update.function}{point} := {show_expression(update.value)}"


def _conjuncts(formula: Expression) -> tuple[Expression, ...]:
    return formula.operands if isinstance(formula, And) else (formula,)


@dataclass(frozen=True)
class _Again:
    """Does proofs again, with one action changed."""

    proof: Proof
    ranked: Sequence[ByRanking]
    solver: Solver
    look: Look
    witnessed: _Witnessed

    def is_proved(self, action: Action, parts: Sequence[_Part]) -> bool:
        """Whether all is proved, with the same lemmas, of the family without these parts of the action."""
        doing = f"{action.name} without {', '.join(part.text for part in parts)}"
        without, family = _without(action, parts), self.proof.family
        actions = tuple(without if a is action else a for a in family.text.actions)
        changed = replace(family, text=replace(family.text, actions=actions))
        try:
            made = Obligations.of(replace(self.proof, family=changed))
            return (
                self._are_shown(made, Asked(STEP, without.name), made.goals(without), doing)
                and all(self._is_ranked(changed, one, doing) for one in self.ranked)
                and self.witnessed.is_as_before(action.name, parts)
            )
        except (UnsupportedError, TooLargeError):
            return False

    def _is_ranked(self, changed: Family, one: ByRanking, doing: str) -> bool:
        """Whether the ranking is one in the changed family: it speaks of when actions are possible, all of them."""
        wider = obligations(changed, one.claim, one.ranking)
        claims = {claim.name: claim.formula for claim in wider.text.properties if claim.kind in STATE_CLAIMS}
        lemmas = tuple(Lemma(m.name, claims.get(m.name, m.formula)) for m in one.proof.lemmas)
        made = Obligations(wider, lemmas, wider.text.properties)
        return all(self._are_shown(made, about, goals, doing) for about, goals in made.all())

    def _are_shown(self, made: Obligations, about: Asked, goals: Sequence[Goal], doing: str) -> bool:
        """Whether z3 shows the goals soon, together or in halves. It is not asked why they do not hold together."""
        if not goals:
            return True
        ways = WAYS if len(goals) == 1 else (BY_PATTERNS,)
        reply = ask(self.solver, made.query(made.about(about, goals)), TOGETHER, lambda: self.look(doing), ways)
        if reply.answer is not Answer.UNKNOWN or len(goals) == 1:
            return reply.answer is Answer.UNSAT
        half = len(goals) // 2
        return all(self._are_shown(made, about, part, doing) for part in (goals[:half], goals[half:]))


@dataclass(frozen=True)
class _Witnessed:
    """What can happen in an instance: claims that hold there, and are no proofs."""

    system: System
    claims: tuple[Property, ...]

    @staticmethod
    def of(system: System) -> _Witnessed:
        claims = tuple(claim for claim in system.properties if claim.kind in WITNESSED)
        verdicts = explicit.check(system, claims, SHORT).verdicts
        held = {verdict.property for verdict in verdicts if verdict.outcome is Outcome.HOLDS}
        return _Witnessed(system, tuple(claim for claim in claims if claim.name in held))

    def is_as_before(self, name: str, parts: Sequence[_Part]) -> bool:
        """Whether the claims hold without these parts of an action."""
        actions = tuple(_without(a, parts) if a.name == name else a for a in self.system.actions)
        changed = replace(self.system, actions=actions)
        verdicts = explicit.check(changed, self.claims, SHORT).verdicts
        return all(verdict.outcome is Outcome.HOLDS for verdict in verdicts)
