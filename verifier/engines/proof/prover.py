"""Which lemmas are inductive, and which claims they prove: for every size of the free sorts.

All lemmas are tried together, and those that fail are taken out until the rest carry one another. That something fails
is seen at small sizes, where a query has no quantifiers; that nothing does is believed only when the solver says
"unsat" of the query for every size. If neither comes in time, it counts against the lemma, and the failure says so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from verifier.engines.proof.conditions import (
    CLAIM,
    LEMMA,
    STATE_CLAIMS,
    STEP_CLAIMS,
    Conditions,
    Goal,
    Lemma,
    Query,
)
from verifier.engines.proof.family import Family
from verifier.engines.proof.model import Small, small
from verifier.engines.proof.solver import Answer, Model, Reply, Solver
from verifier.engines.proof.solver.client import NO_OPTIONS, Options, Tables
from verifier.engines.proof.strata import anchors_of
from verifier.engines.proof.terms import TooLargeError, bare
from verifier.engines.proof.translation import UnsupportedError
from verifier.engines.proof.vocabulary import Vocabulary
from verifier.engines.verdict import Budget, Observer
from verifier.engines.watch import Stopped, Watch
from verifier.system.expressions import Expression
from verifier.system.system import Property

QUERY_SECONDS = 20.0
"""The longest time for one question to a solver about one goal."""
TOGETHER_SECONDS = 5.0
"""The longest time for one about several goals: after that each is asked about by itself."""

BY_PATTERNS: Options = {"smt.mbqi": False}
"""Quantifiers are instantiated with the elements that the query marks for it, and no others: "unsat" or "unknown".

Measured on the 31 queries for 174 lemmas on flip_rollback: all are "unsat", 2.3 s together, the longest 0.15 s.
"""

QUICKLY: Options = {**BY_PATTERNS, "rlimit": 500_000}
"""The same for about a quarter of a second, in steps of z3: where a goal fails, it tries for long to find out how."""

BY_MODELS: Mapping[str, bool] = {"smt.ematching": False}
"""Quantifiers are instantiated for what a candidate model gets wrong, if the marked elements are not enough.

Slower and less steady: of such queries 8 of 31 had no answer after 5 s on a busy machine.
"""

FIRST_LOOK, SECOND_LOOK = (1, 2), (3, 4)
"""Blocks of each orbit where a failure is looked for: before more time is given to a query for every size, and after.
"""

UNLIMITED = Budget()

Formulas = Mapping[str, Lemma] | Mapping[str, Property]
"""What is to be shown, by name."""


class VacuousError(Exception):
    """The axioms have no model, or nothing is known of it: whatever followed from them would mean nothing."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of an action, or of the initial states if it is None: whether goals of this kind fail."""

    action: str | None
    kind: str = LEMMA

    def query(self, level: Conditions | Small, assumed: Sequence[Lemma], goals: Formulas) -> Query:
        """The query for every size, or for small ones. Raises UnsupportedError and TooLargeError."""
        lemmas = [goal for goal in goals.values() if isinstance(goal, Lemma)]
        claims = [goal for goal in goals.values() if isinstance(goal, Property)]
        conditions = level
        if isinstance(level, Small):
            conditions = level.conditions
            assumed, lemmas, claims = level.lemmas(assumed), level.lemmas(lemmas), level.claims(claims)
        assert isinstance(conditions, Conditions)
        if self.action is None:
            return conditions.initial(lemmas)
        return conditions.step(conditions.family.text.action(self.action), assumed, lemmas, claims)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a lemma or claim is not proved: which question failed first, and how.

    `assumed` are the lemmas that the query had as hypotheses, `formula` is that of the lemma or claim. With "sat" there
    is a state that the hypotheses allow, at `sizes`: see `failed_step`. "Unknown" leaves it open, for `reason`.
    """

    goal: Goal
    question: Question
    answer: Answer
    reason: str
    assumed: tuple[Lemma, ...]
    formula: Expression
    sizes: tuple[int, ...] = ()

    @property
    def action(self) -> str | None:
        return self.question.action

    def __str__(self) -> str:
        where = f"by {self.action}" if self.action else "in the initial states"
        how = "is not kept" if self.answer is Answer.SAT else f"is undecided ({self.reason})"
        return f"{self.goal.kind} {self.goal.name} {how} {where}"


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proved, for every size of the family's free sorts.

    `lemmas` is an inductive invariant, all of it, claims on states among it. `proved` are the names of claims that
    hold; `failures` has one entry for each other claim and lemma. `reason` says what ended the attempt before it was
    complete: then nothing is proved.
    """

    family: Family
    lemmas: tuple[Lemma, ...] = ()
    proved: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    questions: int = 0
    seconds: float = 0.0
    reason: str = ""

    def failure(self, name: str) -> Failure | None:
        """Why the claim or lemma of this name is not proved; None if it is, or was not tried."""
        return next((failure for failure in self.failures if failure.goal.name == name), None)


def conditions_of(family: Family) -> Conditions:
    """The maker of queries about the family."""
    return Conditions(Vocabulary(family, anchors_of(family), marks=True))


def provable(claims: Iterable[Property]) -> tuple[Property, ...]:
    """The claims that this engine can prove: those about states and steps."""
    return tuple(claim for claim in claims if claim.kind in STATE_CLAIMS + STEP_CLAIMS)


def prove(
    family: Family,
    claims: Sequence[Property],
    lemmas: Sequence[Lemma] = (),
    budget: Budget = UNLIMITED,
    observer: Observer | None = None,
    seed: int = 0,
) -> Proof:
    """What of the claims, over the family's sorts, the lemmas prove.

    Claims on states are lemmas themselves. `budget.seconds` is for everything, `budget.memory` for the solver's
    process; `observer` is called all the time. Raises VacuousError, and ValueError if two lemmas share a name.
    """
    watch = Watch(Budget(seconds=budget.seconds), observer)
    on_states = tuple(Lemma(c.name, c.formula) for c in claims if c.kind in STATE_CLAIMS)
    with Solver("z3", seed=seed) if budget.memory is None else Solver("z3", budget.memory, seed) as solver:
        attempt = Attempt(conditions_of(family), solver, watch, _named((*lemmas, *on_states)))
        try:
            attempt.require_a_state()
            attempt.settle()
            on_steps = attempt.decide({c.name: c for c in claims if c.kind in STEP_CLAIMS})
        except Stopped as stopped:
            return Proof(family, questions=attempt.asked, seconds=watch.seconds, reason=str(stopped))
    proved = {*on_steps, *(lemma.name for lemma in on_states if lemma.name in attempt.kept)}
    names = tuple(claim.name for claim in claims if claim.name in proved)
    kept = tuple(attempt.kept.values())
    return Proof(family, kept, names, tuple(attempt.failures), attempt.asked, watch.seconds)


def _named(lemmas: Iterable[Lemma]) -> dict[str, Lemma]:
    found: dict[str, Lemma] = {}
    for lemma in lemmas:
        if found.setdefault(lemma.name, lemma) != lemma:
            raise ValueError(f"two lemmas are called {lemma.name}")
    return found


@dataclass
class Attempt:
    """The lemmas that are left, and what became of the others."""

    conditions: Conditions
    solver: Solver
    watch: Watch
    kept: dict[str, Lemma]
    failures: list[Failure] = field(default_factory=list)
    asked: int = 0
    _small: dict[tuple[int, ...], Small] = field(default_factory=dict)

    def require_a_state(self) -> None:
        """There is an initial state. Raises VacuousError."""
        query = self.conditions.consistent()
        reply = self._ask(query)
        if reply.answer is Answer.UNKNOWN:
            reply = self._ask(query, options=BY_MODELS)
        if reply.answer is Answer.UNSAT:
            raise VacuousError("the constants and initial values contradict one another: there is no initial state")
        if reply.answer is Answer.UNKNOWN:
            raise VacuousError(f"it is not known whether there is an initial state: {reply.reason}")

    def settle(self) -> None:
        """Take out lemmas until the rest hold initially and are kept by every action."""
        self._take_out(Question(None), self.kept)
        actions = deque(action.name for action in self.conditions.family.text.actions)
        unchanged = 0
        while unchanged < len(actions):
            before = len(self.kept)
            self._take_out(Question(actions[0]), self.kept)
            unchanged = unchanged + 1 if len(self.kept) == before else 1
            actions.rotate(-1)

    def decide(self, claims: dict[str, Property]) -> frozenset[str]:
        """The names of the claims about steps that follow from the lemmas."""
        for action in self.conditions.family.text.actions:
            self._take_out(Question(action.name, CLAIM), claims)
        return frozenset(claims)

    def _take_out(self, question: Question, left: dict[str, Lemma] | dict[str, Property]) -> None:
        """Take what fails out of `left`, again and again, until nothing does."""
        while left and (lost := self._try(question, left)):
            for failure in lost:
                self.failures.append(failure)
                del left[failure.goal.name]

    def _try(self, question: Question, left: Formulas) -> list[Failure]:
        """The goals that fail, or that nothing is known of; perhaps not all of them, but none only if none does."""
        for options, looks in ((QUICKLY, FIRST_LOOK), (BY_PATTERNS, SECOND_LOOK)):
            if self._holds(question, left, options) is None:
                return []
            for blocks in looks:
                lost = self._look(question, left, blocks)
                if lost:
                    return lost
        return self._divided(question, left)

    def _divided(self, question: Question, left: Formulas) -> list[Failure]:
        """The goals that nothing is known of. None is seen to fail at small sizes."""
        if len(left) > 1:
            names = list(left)
            halves = (names[: len(names) // 2], names[len(names) // 2 :])
            parts: list[Formulas] = [{name: left[name] for name in half} for half in halves]  # type: ignore[misc]
            unknown = [part for part in parts if self._holds(question, part, BY_PATTERNS) is not None]
            return [failure for part in unknown for failure in self._divided(question, part)]
        reason = self._holds(question, left, BY_MODELS) and self._holds(question, left, NO_OPTIONS)
        if reason is None:
            return []
        goal = Goal(question.kind, next(iter(left)))
        assumed = tuple(self.kept.values())
        return [Failure(goal, question, Answer.UNKNOWN, reason, assumed, left[goal.name].formula)]

    def _holds(self, question: Question, left: Formulas, options: Options) -> str | None:
        """Why it is not known that the goals hold at every size; None if they do."""
        try:
            query = question.query(self.conditions, tuple(self.kept.values()), left)
        except UnsupportedError as error:
            return str(error)
        except TooLargeError:
            return "the formulas grow too large"
        if not query.goals:
            return None
        reply = self._ask(query, options=options)
        if reply.answer is Answer.UNSAT:
            return None
        return reply.reason or "there may be a state, but none was found at small sizes"

    def _look(self, question: Question, left: Formulas, blocks: int) -> list[Failure]:
        """The goals that fail in the instance with so many blocks of each orbit."""
        sizes = self.conditions.family.sizes(blocks)
        if blocks > 1 and sizes == self.conditions.family.sizes(blocks - 1):
            return []
        if sizes not in self._small:
            self._small[sizes] = small(self.conditions.family, sizes)
        level = self._small[sizes]
        assumed = tuple(self.kept.values())
        try:
            query = question.query(level, assumed, left)
        except (TooLargeError, UnsupportedError):
            return []
        reply = self._ask(query, tables=level.tables(query))
        if reply.answer is not Answer.SAT:
            return []
        assert reply.model is not None
        return [
            Failure(goal, question, Answer.SAT, "", assumed, left[goal.name].formula, sizes)
            for goal in failing(query, reply.model)
        ]

    def _ask(
        self,
        query: Query,
        tables: Tables | None = None,
        options: Options = NO_OPTIONS,
    ) -> Reply:
        """What z3 says. Raises Stopped when the time is used up."""
        self.asked += 1
        doing = f"question {self.asked}, {query.action or query.name}, {len(query.goals)} goals"

        def wait() -> None:
            self.watch.say("proof", doing)

        wait()
        left = QUERY_SECONDS if len(query.goals) == 1 else TOGETHER_SECONDS
        if self.watch.budget.seconds is not None:
            left = min(left, max(0.1, self.watch.budget.seconds - self.watch.seconds))
        reply = self.solver.ask(query.text, left, wait, tables=tables, options=options)
        wait()
        return reply


def failing(query: Query, model: Model) -> tuple[Goal, ...]:
    """The goals of the query that fail in a model of it, as far as it says so."""
    return tuple(goal for goal in query.goals if model.get(bare(goal.symbol), {}).get(()) == "true")
