"""How a proof is cut into questions: which goals go together, and which lemmas each of them needs.

A file with all lemmas in it and all that an action must keep is one that a second solver may take for ever over. So z3
says which lemmas are enough, and where it does not get through within a number of its own steps, which is the same on
every machine, the goals are halved. Nobody has to believe that choice: `uncovered` says whether questions, whoever
wrote them, leave out anything that has to be shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from verifier.engines.proof.conditions import (
    CLAIM,
    LEMMA,
    STATE_CLAIMS,
    STEP_CLAIMS,
    Conditions,
    Goal,
    Lemma,
    Query,
    lemma_symbol,
)
from verifier.engines.proof.family import Family
from verifier.engines.proof.prover import BY_MODELS, BY_PATTERNS, Proof, conditions_of
from verifier.engines.proof.solver import Answer, Reply, Solver
from verifier.engines.proof.solver.client import NO_OPTIONS, Options, Wait
from verifier.engines.proof.terms import bare
from verifier.system.system import Action, Property

CONSISTENT, INITIAL, CLAIMS, STEP = "consistent", "initial", "claims", "step"
"""What a question is about: that there is an initial state, that lemmas hold in those, that they imply the claims on
states, and that an action keeps lemmas and is as the claims on steps say."""

WAYS: tuple[Options, ...] = (BY_PATTERNS, BY_MODELS, NO_OPTIONS)
"""How z3 is asked to look at quantifiers, one way after the other."""

STEPS = "rlimit"
"""What z3 calls the number of its steps."""

TOGETHER, ALONE = 500_000, 20_000_000
"""Steps of z3 for a question with several goals, and with one. A million took about half a second."""

SECONDS = 60.0
"""The longest time for one question: a limit for a machine that is far slower than that."""

Look = Callable[[str], None]
"""Called with what is asked, again and again while a solver works. What it raises ends the work."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: do these lemmas and claims hold, where the lemmas in `uses` do? All by name."""

    about: str
    action: str | None = None
    lemmas: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()

    @property
    def goals(self) -> tuple[Goal, ...]:
        return (*(Goal(LEMMA, name) for name in self.lemmas), *(Goal(CLAIM, name) for name in self.claims))


T = TypeVar("T")


class UnknownNameError(Exception):
    """A question names a lemma, claim or action that there is not; the message says which."""


@dataclass(frozen=True)
class Obligations:
    """All that must be shown for lemmas to be inductive, and for claims to follow from them."""

    family: Family
    lemmas: tuple[Lemma, ...]
    claims: tuple[Property, ...]

    @staticmethod
    def of(proof: Proof) -> Obligations:
        """What a proof has shown."""
        claims = tuple(claim for claim in proof.family.text.properties if claim.name in proof.proved)
        return Obligations(proof.family, proof.lemmas, claims)

    @cached_property
    def maker(self) -> Conditions:
        return conditions_of(self.family)

    @cached_property
    def _lemma(self) -> Mapping[str, Lemma]:
        return {lemma.name: lemma for lemma in self.lemmas}

    @cached_property
    def _claim(self) -> Mapping[str, Property]:
        return {claim.name: claim for claim in self.claims}

    @cached_property
    def _action(self) -> Mapping[str, Action]:
        return {action.name: action for action in self.family.text.actions}

    @property
    def on_states(self) -> tuple[Property, ...]:
        return tuple(claim for claim in self.claims if claim.kind in STATE_CLAIMS)

    def query(self, asked: Asked) -> Query:
        """The question to a solver. Raises UnknownNameError, UnsupportedError and TooLargeError."""
        lemmas = _found(asked.lemmas, self._lemma, "lemma")
        claims = _found(asked.claims, self._claim, "claim")
        uses = _found(asked.uses, self._lemma, "lemma")
        match asked.about:
            case "initial":
                return self.maker.initial(lemmas)
            case "claims":
                return self.maker.implied(uses, claims)
            case "step":
                action = _found((asked.action or "",), self._action, "action")[0]
                return self.maker.step(action, uses, lemmas, claims)
            case _:
                return self.maker.consistent()

    def goals(self, action: Action) -> tuple[Goal, ...]:
        """What the action could break: not the lemmas that read nothing it writes."""
        on_steps = tuple(claim for claim in self.claims if claim.kind in STEP_CLAIMS)
        return self.maker.step(action, self.lemmas, self.lemmas, on_steps).goals

    def uncovered(self, questions: Sequence[Asked]) -> str | None:
        """What none of the questions is about, though it must be shown, in a sentence; None if there is nothing."""
        if all(asked.about != CONSISTENT for asked in questions):
            return "nothing in it shows that there is an initial state"
        initially = {name for asked in questions if asked.about == INITIAL for name in asked.lemmas}
        for lemma in self.lemmas:
            if lemma.name not in initially:
                return f"nothing in it shows that lemma {lemma.name} holds initially"
        implied = {name for asked in questions if asked.about == CLAIMS for name in asked.claims}
        for claim in self.on_states:
            if claim.name not in implied:
                return f"nothing in it shows that the lemmas imply {claim.name}"
        for action in self.family.text.actions:
            shown = {
                goal
                for asked in questions
                if asked.about == STEP and asked.action == action.name
                for goal in asked.goals
            }
            missing = next((goal for goal in self.goals(action) if goal not in shown), None)
            if missing is not None:
                return f"nothing in it shows that {action.name} does not break {missing.kind} {missing.name}"
        return None

    def all(self) -> Iterator[tuple[Asked, tuple[Goal, ...]]]:
        """What each question is to be about, but for the first: that there is an initial state."""
        yield Asked(INITIAL), tuple(Goal(LEMMA, lemma.name) for lemma in self.lemmas)
        yield Asked(CLAIMS), tuple(Goal(CLAIM, claim.name) for claim in self.on_states)
        for action in self.family.text.actions:
            yield Asked(STEP, action.name), self.goals(action)

    def about(self, about: Asked, goals: Sequence[Goal], uses: Sequence[str] | None = None) -> Asked:
        """The question about these goals, with these lemmas or with all."""
        lemmas = tuple(goal.name for goal in goals if goal.kind == LEMMA)
        claims = tuple(goal.name for goal in goals if goal.kind == CLAIM)
        assumed = tuple(lemma.name for lemma in self.lemmas) if uses is None else tuple(uses)
        return Asked(about.about, about.action, lemmas, claims, () if about.about == INITIAL else assumed)

    def plan(self, look: Look = lambda _: None) -> tuple[Asked, ...]:
        """Questions that leave out nothing, each as easy as it can easily be made."""
        with Solver("z3") as solver:
            planner = Planner(self, solver, look)
            parts = [asked for about, goals in self.all() for asked in planner.split(about, goals)]
        return (Asked(CONSISTENT), *parts)


def _found(names: Sequence[str], among: Mapping[str, T], what: str) -> tuple[T, ...]:
    unknown = next((name for name in names if name not in among), None)
    if unknown is not None:
        raise UnknownNameError(f"there is no {what} {unknown}")
    return tuple(among[name] for name in names)


@dataclass(frozen=True)
class Planner:
    """Cuts obligations into questions, with z3."""

    obligations: Obligations
    solver: Solver
    look: Look

    def split(self, about: Asked, goals: Sequence[Goal]) -> Iterator[Asked]:
        """Questions about these goals, in as few parts as z3 gets through."""
        if not goals:
            return
        uses = self.enough(self.obligations.about(about, goals))
        if uses is not None:
            yield self.obligations.about(about, goals, uses)
            return
        half = len(goals) // 2
        yield from self.split(about, goals[:half])
        yield from self.split(about, goals[half:])

    def enough(self, asked: Asked) -> tuple[str, ...] | None:
        """Lemmas that are enough, all if none are known to be; None if z3 is to be asked about fewer goals."""
        goals = len(asked.goals)
        steps = TOGETHER if goals > 1 else ALONE
        what = f"which lemmas {asked.action or asked.about} needs"
        reply = ask(self.solver, self.obligations.query(asked), steps, lambda: self.look(what))
        if reply.answer is Answer.UNSAT:
            return tuple(name for name in asked.uses if bare(lemma_symbol(name)) in reply.core)
        return None if goals > 1 else asked.uses


def ask(
    solver: Solver, query: Query, steps: int, wait: Wait, ways: Sequence[Options] = WAYS, fewest: bool = False
) -> Reply:
    """What z3 says in one of these ways, and which hypotheses were enough, in so many steps of its own for each.

    With `fewest`, none of these hypotheses can be left out alone, as far as z3 gets through that. `wait` is called
    before and all the while.
    """
    for options in ways:
        wait()
        limited: Options = {**options, STEPS: steps, "core.minimize": fewest}
        reply = solver.ask(query.text, SECONDS, wait, core=True, options=limited)
        if reply.answer is not Answer.UNKNOWN:
            break
    return reply
