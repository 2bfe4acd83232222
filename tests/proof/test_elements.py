"""Queries name few elements and say with which of them quantifiers are instantiated; that is enough for most proofs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.proof.specs import claims_of, opened
from verifier.engines.proof.conditions import PROGRESS_CLAIMS, STATE_CLAIMS, STEP_CLAIMS, Conditions, Lemma
from verifier.engines.proof.elements import Elements
from verifier.engines.proof.family import Family
from verifier.engines.proof.progress.obligations import obligations
from verifier.engines.proof.progress.search import find_ranking
from verifier.engines.proof.prover import BY_PATTERNS, conditions_of, prove
from verifier.engines.proof.solver import Answer, Solver
from verifier.engines.proof.transition import Step
from verifier.engines.proof.translation import Now, Translator
from verifier.engines.proof.uniform import uniform
from verifier.engines.proof.vocabulary import Vocabulary
from verifier.engines.verdict import Budget
from verifier.engines.watch import Watch
from verifier.language.specification import Specification, open_specification
from verifier.system.expressions import (
    And,
    Constant,
    Count,
    Equal,
    Exists,
    Expression,
    ForAll,
    Implies,
    Less,
    Next,
    Not,
    Or,
    Read,
    Variable,
)
from verifier.system.system import Anything, Function, Property, PropertyKind, Update
from verifier.system.types import BOOL, IntType, SortType

FAMILY = opened("handover").family
VM = SortType(FAMILY.sorts["Vm"])
PAGE = Variable("p", SortType(FAMILY.sorts["Page"]))
CONDITIONS = conditions_of(FAMILY)


def owned(vm: int) -> Expression:
    return Equal(Read("owner", (PAGE,), VM), Constant(vm, VM))


SOME_FIRST, SOME_SECOND = Exists(PAGE, owned(0)), Exists(PAGE, owned(1))
FOR_ALL = [ForAll(PAGE, owned(vm)) for vm in (0, 1)]


def elements() -> Elements:
    return Elements(Translator(CONDITIONS.vocabulary))


def named(made: Elements) -> int:
    """How many constants there are."""
    return len(list(made.declarations()))


def now() -> Now:
    return Now(CONDITIONS.vocabulary)


@pytest.mark.parametrize(
    ("formula", "count"),
    [
        (And((SOME_FIRST, SOME_SECOND)), 2),
        (Or((SOME_FIRST, SOME_SECOND)), 1),
        (Implies(FOR_ALL[0], SOME_SECOND), 1),
        (Not(Implies(SOME_FIRST, FOR_ALL[1])), 2),
        (And((Or((SOME_FIRST, SOME_SECOND)), SOME_SECOND)), 2),
        (Exists(PAGE, And((owned(0), SOME_SECOND))), 2),
        (FOR_ALL[0], 0),
        (ForAll(PAGE, SOME_FIRST), 0),
    ],
)
def test_alternatives_share_elements_and_others_do_not(formula: Expression, count: int) -> None:
    """Two that are there together may be different ones; of two of which one is there, one is enough."""
    made = elements()
    made.fact(formula, {}, now())

    assert named(made) == count


def test_failures_share_elements_with_one_another_but_not_with_facts() -> None:
    """The guard holds whichever goal fails."""
    made = elements()
    made.fact(SOME_FIRST, {}, now())
    for vm in (0, 1):
        made.failure(ForAll(PAGE, owned(vm)), {}, now())

    assert named(made) == 2


def test_a_fact_about_one_page_says_nothing_of_another() -> None:
    """A page of one VM and a page of the other can be there, and both can be without the other."""
    made = elements()
    terms = [made.fact(formula, {}, now()) for formula in (SOME_FIRST, SOME_SECOND)]
    head = [*CONDITIONS.vocabulary.declarations(), *made.declarations()]
    head += [f"(assert {axiom})" for axiom in CONDITIONS.vocabulary.axioms()]
    with Solver("z3") as solver:
        text = "\n".join((*head, *(f"(assert {term})" for term in terms), "(check-sat)", ""))

        assert solver.ask(text, 20).answer is Answer.SAT


@pytest.mark.parametrize("name", ["handover", "tied"])
def test_marked_elements_are_enough(name: str) -> None:
    """Every question of a proof is answered by instances with them alone."""
    family = opened(name).family
    proof = prove(family, claims_of(opened(name)))
    claims = [claim for claim in family.text.properties if claim.name in proof.proved]
    conditions = conditions_of(family)
    on_steps = [claim for claim in claims if claim.kind in STEP_CLAIMS]
    queries = [conditions.step(action, proof.lemmas, proof.lemmas, on_steps) for action in family.text.actions]
    queries += [conditions.initial(proof.lemmas), conditions.implied(proof.lemmas, claims)]
    assert any(claim.kind in STATE_CLAIMS for claim in claims)
    with Solver("z3") as solver:
        for query in filter(lambda query: query.goals, queries):
            assert solver.ask(query.text, 20, options=BY_PATTERNS).answer is Answer.UNSAT, query.text


def test_what_is_said_of_the_state_after_has_elements_as_well() -> None:
    """Not only what is said of the state before: of two goals about the step, both name a page."""
    step = Step(Translator(CONDITIONS.vocabulary), FAMILY.text.actions[0], now())
    for formula, count in [(Next(FOR_ALL[0]), 1), (Or((FOR_ALL[1], Next(FOR_ALL[0]))), 2), (Next(SOME_FIRST), 0)]:
        made = Elements(step.translator)
        made.failure(formula, {}, step.now, step)

        assert named(made) == count


def test_the_same_formula_of_another_state_is_another_part() -> None:
    """What was translated of the state before is not taken for the state after, which `Next` is about."""
    action = next(a for a in FAMILY.text.actions if any(update.function == "owner" for update in a.updates))
    step = Step(Translator(CONDITIONS.vocabulary), action, now())
    made = Elements(step.translator)
    before, after = (made.failure(FOR_ALL[0], {}, state) for state in (step.now, step))

    assert before != after
    assert made.failure(Next(FOR_ALL[0]), {}, step.now, step) == after
    assert Elements(step.translator).failure(FOR_ALL[0], {}, step) == after


def test_the_same_formula_said_twice_is_about_two_elements() -> None:
    """A part depends on how many elements those before it have taken."""
    made = elements()
    made.failure(Or((FOR_ALL[0], FOR_ALL[0])), {}, now())

    assert named(made) == 2


@pytest.mark.parametrize(("value", "count"), [(SOME_FIRST, 1), (Not(FOR_ALL[0]), 1), (FOR_ALL[0], 0)])
def test_what_a_flag_is_set_to_has_elements(value: Expression, count: int) -> None:
    """After a step that sets a flag to a formula, "the flag is not set" is false means that the formula is true."""
    flag = Function("flag!", (), BOOL, Anything())
    action = replace(FAMILY.text.actions[0], updates=(Update("flag!", (), value),))
    text = replace(FAMILY.text, functions=(*FAMILY.text.functions, flag), actions=(action,))
    conditions = conditions_of(replace(FAMILY, text=text))
    step = Step(Translator(conditions.vocabulary), action, Now(conditions.vocabulary))
    made = Elements(step.translator)
    term = made.failure(Not(Read("flag!", (), BOOL)), {}, step)

    assert named(made) == count
    assert "flag!" not in term


def test_a_flag_that_is_not_always_set_is_what_it_was() -> None:
    """A condition of the update counts."""
    flag = Function("flag!", (), BOOL, Anything())
    action = replace(FAMILY.text.actions[0], updates=(Update("flag!", (), SOME_FIRST, (), SOME_SECOND),))
    text = replace(FAMILY.text, functions=(*FAMILY.text.functions, flag), actions=(action,))
    conditions = conditions_of(replace(FAMILY, text=text))
    step = Step(Translator(conditions.vocabulary), action, Now(conditions.vocabulary))

    assert "state/flag!" in Elements(step.translator).failure(Not(Read("flag!", (), BOOL)), {}, step)


@pytest.mark.parametrize("name", ["handover", "tied", "batch"])
def test_a_question_is_the_same_whatever_was_asked_before(name: str) -> None:
    """Parts that were translated for other goals, or for other questions, are what they are for this one."""
    family = opened(name).family if name != "batch" else ranked()
    lemmas = [Lemma(claim.name, claim.formula) for claim in family.text.properties if claim.kind in STATE_CLAIMS]
    claims = [claim for claim in family.text.properties if claim.kind in STEP_CLAIMS]
    used = conditions_of(family)
    for action in family.text.actions:
        used.step(action, lemmas, lemmas[::-1], claims[::-1])
        for some in (claims, claims[1::2], claims[-1:]):
            assert used.step(action, lemmas, lemmas, some) == conditions_of(family).step(action, lemmas, lemmas, some)


def ranked() -> Family:
    """The obligations of a ranking: goals that have much in common."""
    found = open_specification(Path(__file__).parent / "progress" / "batch.flip")
    assert isinstance(found, Specification)
    family = uniform(found.family(None, None)).family
    claim = next(claim for claim in family.text.properties if claim.kind in PROGRESS_CLAIMS)
    ranking = find_ranking(family, claim, Watch(Budget(), None))
    assert isinstance(ranking, tuple)
    return obligations(family, claim, ranking)


KEPT_BY_ALL = {
    "it stays": Implies(owned(0), Next(owned(0))),
    "it comes from nowhere": Implies(Next(owned(0)), owned(0)),
    "it is what it was": Equal(Next(owned(0)), owned(0)),
    "if some page is": Implies(SOME_SECOND, Implies(owned(0), Next(owned(0)))),
}
ASKED_OF_ALL = {
    "another one": Implies(owned(0), Next(owned(1))),
    "afterwards": Next(owned(0)),
    "the other way": Implies(Implies(owned(0), Next(owned(0))), owned(1)),
}


@pytest.mark.parametrize("said", [*KEPT_BY_ALL, *ASKED_OF_ALL])
def test_steps_that_write_nothing_a_claim_concludes_about_are_not_asked_about(said: str) -> None:
    """Those that write it are, and where that does not settle it, all are."""
    formula = ForAll(PAGE, {**KEPT_BY_ALL, **ASKED_OF_ALL}[said])
    claim = Property("it", PropertyKind.STEP, formula)
    writing = {a.name for a in FAMILY.text.actions if any(update.function == "owner" for update in a.updates)}
    others = {action.name for action in FAMILY.text.actions} - writing
    asked = {action.name for action in FAMILY.text.actions if CONDITIONS.step(action, (), (), (claim,)).goals}

    assert writing & asked
    assert others
    assert others & asked == (set() if said in KEPT_BY_ALL else others)


def test_what_functions_lead_to_is_marked() -> None:
    """From the arguments of the step, from elements that a goal needs, and from members: once."""
    family = opened("tied").family
    text = conditions_of(family).step(family.text.action("hand"), (), (), ()).text

    assert "(marked/Address argument/a)" in text
    assert "(marked/Page (state/ept member/Vm/vm1 argument/a))" in text
    assert "(state/ept member/Vm/vm1 (" not in text


def test_without_marks_there_are_no_patterns() -> None:
    """Where a solver is to find models, patterns are in its way."""
    lemmas = [Lemma("first", FOR_ALL[0])]

    assert ":pattern" in CONDITIONS.initial(lemmas).text
    plain = Conditions(Vocabulary(FAMILY, CONDITIONS.vocabulary.anchors)).initial(lemmas).text
    assert ":pattern" not in plain
    assert "marked/" not in plain


def test_what_cannot_be_asked_leaves_the_others_proved() -> None:
    """Goals that are too much together are halved until the one is alone that is to blame."""
    many = Count(PAGE, owned(0), IntType(0, 9))
    beyond = Lemma("beyond", Less(many, Constant(50, IntType(0, 50))))
    proof = prove(FAMILY, claims_of(opened("handover")), (beyond,))

    failure = proof.failure("beyond")
    assert failure is not None
    assert failure.answer is Answer.UNKNOWN
    assert "compared with more than 4" in failure.reason
    assert set(proof.proved) == {claim.name for claim in claims_of(opened("handover"))}
