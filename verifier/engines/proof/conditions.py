"""Verification conditions: what must be unsatisfiable for lemmas to be inductive and claims to hold.

One query for the initial states, one for each action, and one that says that the lemmas imply the claims on states. A
query has hypotheses, `uses/NAME`, and goals: it asks for a state in which one of the goals fails, `fails/KIND/NAME`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field

from verifier.engines.proof.elements import Elements, Parts
from verifier.engines.proof.family import Family
from verifier.engines.proof.terms import (
    FALSE,
    TRUE,
    Term,
    conjunction,
    disjunction,
    implication,
    negation,
    symbol,
)
from verifier.engines.proof.transition import Step
from verifier.engines.proof.translation import Now, Translator
from verifier.engines.proof.vocabulary import Vocabulary
from verifier.system.expressions import Equal, Expression, ForAll, Implies, Next, Read, Variable, rebuild, walk
from verifier.system.system import Action, Property, PropertyKind


@dataclass(frozen=True, slots=True)
class Lemma:
    """A formula over the family's sorts that is to hold in every reachable state."""

    name: str
    formula: Expression


@dataclass(frozen=True, slots=True)
class Goal:
    """What a query may show to hold: after the step a lemma, or of the step a claim."""

    kind: str
    name: str

    @property
    def symbol(self) -> Term:
        return symbol("fails", self.kind, self.name)


_OPTIONS = ("(set-option :produce-unsat-cores true)", "(set-logic ALL)")
"""Without the first, z3 takes named hypotheses for plain ones."""

LEMMA, CLAIM = "lemma", "claim"

STATE_CLAIMS = (PropertyKind.ALWAYS,)
STEP_CLAIMS = (PropertyKind.STEP, PropertyKind.ASSERTION, PropertyKind.RANGE, PropertyKind.CONFLICT)
PROGRESS_CLAIMS = (PropertyKind.EVENTUALLY, PropertyKind.LEADS_TO)
"""Not proved by queries themselves: see `verifier.engines.proof.progress`."""


@dataclass(frozen=True, slots=True)
class Query:
    """One question to a solver. `action` is None where it is not about a step; `expected` is the answer hoped for."""

    name: str
    action: str | None
    goals: tuple[Goal, ...]
    text: str
    expected: str = "unsat"


def lemma_symbol(name: str) -> Term:
    """The name of a hypothesis in queries."""
    return symbol("uses", name)


@dataclass(frozen=True)
class Conditions:
    """Makes the queries about one family, with the text of each lemma made once.

    All methods raise UnsupportedError or TooLargeError where something has no translation.
    """

    vocabulary: Vocabulary
    _head: tuple[str, ...] = field(init=False)
    _formulas: dict[Expression, Term] = field(init=False, default_factory=dict)
    _parts: dict[str, Parts] = field(init=False, default_factory=dict)
    """What was translated before, for each action."""
    _plain: dict[int, tuple[Property, Set[str] | None]] = field(init=False, default_factory=dict)
    """What `_unless_written` says of each claim; with it, so that no other has its identity."""

    def __post_init__(self) -> None:
        axioms = (f"(assert {axiom})" for axiom in self.vocabulary.axioms())
        object.__setattr__(self, "_head", (*_OPTIONS, *self.vocabulary.declarations(), *axioms))

    @property
    def family(self) -> Family:
        return self.vocabulary.family

    # Queries

    def consistent(self) -> Query:
        """There is an initial state: the axioms do not contradict one another. Must be satisfiable."""
        return Query("consistent", None, (), self._text("there is an initial state", self._initial()), "sat")

    def initial(self, lemmas: Sequence[Lemma]) -> Query:
        """The lemmas hold in every initial state."""
        elements, now = Elements(Translator(self.vocabulary)), Now(self.vocabulary)
        failures = [(Goal(LEMMA, lemma.name), elements.failure(lemma.formula, {}, now)) for lemma in lemmas]
        body = [*self._initial(), *elements.declarations(), *elements.marks()]
        return self._query("initial", None, "the lemmas hold in every initial state", body, failures)

    def implied(self, lemmas: Sequence[Lemma], claims: Sequence[Property]) -> Query:
        """The lemmas imply the claims that are about states."""
        elements, now = Elements(Translator(self.vocabulary)), Now(self.vocabulary)
        on_states = [claim for claim in claims if claim.kind in STATE_CLAIMS]
        failures = [(Goal(CLAIM, claim.name), elements.failure(claim.formula, {}, now)) for claim in on_states]
        body = [*self._uses(lemmas), *elements.declarations(), *elements.marks()]
        return self._query("claims", None, "the lemmas imply the claims", body, failures)

    def step(
        self, action: Action, hypotheses: Sequence[Lemma], lemmas: Sequence[Lemma], claims: Sequence[Property]
    ) -> Query:
        """The action keeps the lemmas, and the claims about steps hold of it, where the hypotheses hold.

        Lemmas that read nothing the action writes are left out: they are among the hypotheses.
        """
        step = Step(Translator(self.vocabulary), action, Now(self.vocabulary))
        elements = Elements(step.translator, self._parts.setdefault(action.name, {}))
        guard = conjunction((step.has_arguments(), elements.fact(action.guard, step.names, step.now)))
        body = [*step.declarations(), *self._uses(hypotheses)]
        performed = conjunction((step.in_range(), step.no_conflict(), step.witnesses()))
        failures: list[tuple[Goal, Term]] = []
        if performed != TRUE:
            # What goes out of range or writes a cell twice does not take place, but does happen.
            body += ["(declare-fun performed () Bool)", f"(assert {implication('performed', performed)})"]
            performed = "performed"
        failures += [
            (Goal(LEMMA, lemma.name), conjunction((performed, elements.failure(lemma.formula, {}, step))))
            for lemma in lemmas
            if not self._is_kept(lemma, action, hypotheses)
        ]
        written = {update.function for update in action.updates}
        for claim in claims:
            needed = self._unless_written(claim)
            if needed is not None and written.isdisjoint(needed):
                continue
            step.translator.restart()
            failing = violations(claim, step, performed, elements)
            failures += [(Goal(CLAIM, claim.name), failure) for failure in failing]
        body += [*elements.declarations(), f"(assert {guard})", *elements.marks(step.elements())]
        said = f"{action.name} keeps the lemmas, and is as the claims say"
        return self._query("step", action.name, said, body, failures)

    def _unless_written(self, claim: Property) -> Set[str] | None:
        """Functions such that a step that writes none of them does not violate the claim."""
        if claim.kind is not PropertyKind.STEP:
            return None
        if id(claim) not in self._plain:
            self._plain[id(claim)] = (claim, _unless_written(claim.formula))
        return self._plain[id(claim)][1]

    def _is_kept(self, lemma: Lemma, action: Action, hypotheses: Sequence[Lemma]) -> bool:
        written = {update.function for update in action.updates}
        read = {node.function for node in walk(lemma.formula) if isinstance(node, Read)}
        return lemma in hypotheses and not written & read

    # Text

    def _formula(self, formula: Expression) -> Term:
        """The formula in the state before."""
        if formula not in self._formulas:
            self._formulas[formula] = Translator(self.vocabulary).formula(formula, {}, Now(self.vocabulary))
        return self._formulas[formula]

    def _initial(self) -> list[str]:
        functions = self.family.text.state_functions
        return [f"(assert {term})" for function in functions for term in self.vocabulary.initial(function)]

    def _uses(self, lemmas: Iterable[Lemma]) -> list[str]:
        return [f"(assert (! {self._formula(m.formula)} :named {lemma_symbol(m.name)}))" for m in lemmas]

    def _query(
        self, name: str, action: str | None, said: str, body: Iterable[str], failures: Iterable[tuple[Goal, Term]]
    ) -> Query:
        possible: dict[Goal, list[Term]] = {}
        for goal, failure in failures:
            if failure != FALSE:
                possible.setdefault(goal, []).append(failure)
        lines = [*body]
        for goal, terms in possible.items():
            lines += [f"(declare-fun {goal.symbol} () Bool)", f"(assert (=> {goal.symbol} {disjunction(terms)}))"]
        lines.append(f"(assert {disjunction(goal.symbol for goal in possible)})")
        return Query(name, action, tuple(possible), self._text(said, lines))

    def _text(self, said: str, lines: Iterable[str]) -> str:
        safe = "".join(c if c.isprintable() else "?" for c in said)
        return "\n".join((f"; {safe}", *self._head, *lines, "(check-sat)", ""))


def violations(claim: Property, step: Step, performed: Term, elements: Elements) -> Iterator[Term]:
    """What it takes for the step to violate a claim about steps, with these elements; nothing if it cannot.

    `performed` is true only where the step takes place: no number leaves its range, and no cell is written twice.
    """
    match claim.kind:
        case PropertyKind.STEP:
            yield conjunction((performed, elements.failure(claim.formula, {}, step.now, step)))
        case PropertyKind.ASSERTION:
            broken = (for_all(a.binders, a.formula) for a in step.action.assertions if a.property == claim.name)
            yield disjunction(elements.failure(formula, step.names, step.now) for formula in broken)
        case PropertyKind.RANGE:
            yield negation(step.in_range())
        case PropertyKind.CONFLICT:
            yield negation(step.no_conflict())
        case _:
            pass


def _unless_written(formula: Expression) -> Set[str] | None:
    """Functions such that steps that write none of them are plainly as the formula says; None if there are no such.

    There are, if it concludes that something holds after the step if it holds before, or is what it was before.
    """
    match formula:
        case ForAll(_, body, _):
            return _unless_written(body)
        case Implies(left, right, _) | Equal(left, right, _) if _without_next(left) == _without_next(right):
            return frozenset(node.function for node in walk(formula) if isinstance(node, Read))
        case Implies(_, conclusion, _):
            return _unless_written(conclusion)
        case _:
            return None


def _without_next(e: Expression) -> Expression:
    """The expression where the state after the step is the one before it."""
    return _without_next(e.operand) if isinstance(e, Next) else rebuild(e, _without_next)


def for_all(variables: Iterable[Variable], body: Expression) -> Expression:
    """The body holds for all values of the variables."""
    for variable in reversed(tuple(variables)):
        body = ForAll(variable, body)
    return body
