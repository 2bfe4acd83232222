"""What a proof rests on: which lemmas each claim needs, and which guards and updates no claim needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from verifier.engines.proof.conditions import STATE_CLAIMS, STEP_CLAIMS, Conditions, Lemma, lemma_symbol
from verifier.engines.proof.family import Family
from verifier.engines.proof.prover import BY_MODELS, QUERY_SECONDS, Proof, conditions_of
from verifier.engines.proof.solver import Answer, Solver
from verifier.engines.proof.terms import bare
from verifier.language.show_expression import show_expression
from verifier.system.expressions import TRUE, And, Expression
from verifier.system.span import Span
from verifier.system.system import Action, Property, Update

Look = Callable[[str], None]
"""Called with what is asked, before each question. What it raises ends the search."""


@dataclass(frozen=True, slots=True)
class Need:
    """To show that `action` keeps the lemma or is as the claim says, these other lemmas are enough."""

    goal: str
    action: str
    lemmas: tuple[str, ...]


def rests_on(proof: Proof, name: str, look: Look = lambda _: None) -> tuple[Need, ...]:
    """What a proved claim or lemma needs, and what that needs in turn: itself first, then as it is met.

    One of possibly several sufficient choices, as small as the solver can easily make it. Actions that need nothing are
    left out. KeyError if the name was not proved.
    """
    lemmas = {lemma.name: lemma for lemma in proof.lemmas}
    claims = {c.name: c for c in proof.family.text.properties if c.name in proof.proved and c.kind in STEP_CLAIMS}
    if name not in lemmas and name not in claims:
        raise KeyError(name)
    conditions = conditions_of(proof.family)
    found: list[Need] = []
    waiting = [name]
    with Solver("z3") as solver:
        for goal in waiting:
            for action in proof.family.text.actions:
                look(f"{goal}, {action.name}")
                core = _core(conditions, solver, action, proof.lemmas, lemmas.get(goal) or claims[goal])
                if core:
                    found.append(Need(goal, action.name, core))
                waiting += [lemma for lemma in core if lemma not in waiting]
    return tuple(found)


def _core(
    conditions: Conditions, solver: Solver, action: Action, lemmas: tuple[Lemma, ...], goal: Lemma | Property
) -> tuple[str, ...]:
    """The other lemmas that are enough; all of them if the solver does not say."""
    if isinstance(goal, Lemma):
        query = conditions.step(action, lemmas, (goal,), ())
    else:
        query = conditions.step(action, lemmas, (), (goal,))
    if not query.goals:
        return ()
    reply = solver.ask(query.text, QUERY_SECONDS, core=True, options=BY_MODELS)
    named = [lemma.name for lemma in lemmas if lemma.name != goal.name]
    if reply.answer is not Answer.UNSAT:
        return tuple(named)
    return tuple(name for name in named if bare(lemma_symbol(name)) in reply.core)


@dataclass(frozen=True, slots=True)
class Spare:
    """A part of an action, `guard` or `update`, without which everything is still proved, with the same lemmas."""

    action: str
    part: str
    text: str
    span: Span


def spare_parts(proof: Proof, look: Look = lambda _: None) -> Iterator[Spare]:
    """Conditions that a guard could do without, and updates that an action could, as far as what is proved goes.

    Each was left out, alone, and the proof done again. State that Flip adds (`hv.at`) is left alone.
    """
    claims = [claim for claim in proof.family.text.properties if claim.name in proof.proved]
    with Solver("z3") as solver:
        for action in proof.family.text.actions:
            for part, text, span, without in _left_out(action):
                look(f"{action.name} without {text}")
                if _is_proved(proof.family, action, without, proof.lemmas, claims, solver):
                    yield Spare(action.name, part, text, span)


def _left_out(action: Action) -> Iterator[tuple[str, str, Span, Action]]:
    conjuncts = action.guard.operands if isinstance(action.guard, And) else (action.guard,)
    for condition in action.conditions:
        dropped = _conjuncts(condition.formula)
        rest = tuple(c for c in conjuncts if c not in dropped)
        if len(rest) < len(conjuncts):
            text = f"when {show_expression(condition.formula)}"
            yield "guard", text, condition.span, replace(action, guard=And(rest) if rest else TRUE)
    for index, update in enumerate(action.updates):
        if "." not in update.function:
            rest_of = action.updates[:index] + action.updates[index + 1 :]
            yield "update", _written(update), update.span, replace(action, updates=rest_of)


def _written(update: Update) -> str:
    point = f"({', '.join(map(show_expression, update.arguments))})" if update.arguments else ""
    return f"{update.function}{point} := {show_expression(update.value)}"


def _conjuncts(formula: Expression) -> tuple[Expression, ...]:
    return formula.operands if isinstance(formula, And) else (formula,)


def _is_proved(
    family: Family, action: Action, without: Action, lemmas: tuple[Lemma, ...], claims: list[Property], solver: Solver
) -> bool:
    """Whether the lemmas and claims are proved of the action without the part: nothing else has changed."""
    actions = tuple(without if a is action else a for a in family.text.actions)
    conditions = conditions_of(replace(family, text=replace(family.text, actions=actions)))
    on_steps = [claim for claim in claims if claim.kind not in STATE_CLAIMS]
    query = conditions.step(without, lemmas, lemmas, on_steps)
    return solver.ask(query.text, QUERY_SECONDS, options=BY_MODELS).answer is Answer.UNSAT


def by_goal(needs: tuple[Need, ...]) -> Mapping[str, tuple[Need, ...]]:
    """The needs, by what needs them, in their order."""
    found: dict[str, tuple[Need, ...]] = {}
    for need in needs:
        found[need.goal] = (*found.get(need.goal, ()), need)
    return found
