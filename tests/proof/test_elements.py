"""Queries name few elements and say with which of them quantifiers are instantiated; that is enough for most proofs."""

from __future__ import annotations

import pytest

from tests.proof.specs import claims_of, opened
from verifier.engines.proof.conditions import STATE_CLAIMS, STEP_CLAIMS, Conditions, Lemma
from verifier.engines.proof.elements import Elements
from verifier.engines.proof.prover import BY_PATTERNS, conditions_of, prove
from verifier.engines.proof.solver import Answer, Solver
from verifier.engines.proof.translation import Now, Translator
from verifier.engines.proof.vocabulary import Vocabulary
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
    Not,
    Or,
    Read,
    Variable,
)
from verifier.system.types import IntType, SortType

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
