"""Lemmas for people say what the lemmas say, in fewer words."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.proof.specs import claims_of, opened
from tests.strategies import states_of, systems
from verifier.engines.proof.conditions import Lemma
from verifier.engines.proof.family import Family
from verifier.engines.proof.instances import instance
from verifier.engines.proof.model import all_named
from verifier.engines.proof.prover import prove
from verifier.engines.proof.transfer import transfer
from verifier.engines.proof.uniform import uniform
from verifier.engines.verdict import Budget
from verifier.evidence.proving import attempt
from verifier.evidence.readable import ORDER, Said, readable
from verifier.evidence.readable_text import text_of
from verifier.language.specification import Elaborated, Specification, open_specification
from verifier.system.expressions import (
    And,
    Constant,
    Equal,
    Expression,
    ForAll,
    Implies,
    IsSome,
    Not,
    Open,
    Or,
    Read,
    Some,
    Variable,
)
from verifier.system.interpreter import Interpreter
from verifier.system.system import PropertyKind, System
from verifier.system.types import BOOL, OptionalType, SortType, values_of


def said_of(lemmas: list[Lemma], family: Family) -> list[Said]:
    return [said for group in readable(lemmas, family) for said in group.said]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.data())
def test_together_they_are_true_of_the_same_states(data: st.DataObject) -> None:
    """Whatever the formulas are: of every sort of construct, and some of them twice."""
    system = data.draw(systems())
    formulas = [c.formula for c in system.properties if c.kind in (PropertyKind.ALWAYS, PropertyKind.REACHABLE)]
    formulas += [Not(formula) for formula in formulas] + [Or(tuple(formulas)), Implies(formulas[0], formulas[-1])]
    lemmas = [Lemma(f"l{number}", formula) for number, formula in enumerate(formulas)]
    states = [data.draw(states_of(system)) for _ in range(4)]
    interpreter = Interpreter(system)

    for chosen in (lemmas, *([lemma] for lemma in lemmas)):
        said = said_of(list(chosen), all_named(system))
        for state in states:
            wanted = all(interpreter.holds(lemma.formula, state) for lemma in chosen)
            assert all(interpreter.holds(one.formula(), state) for one in said) == wanted


@pytest.mark.parametrize("name", ["handover", "tied", "corners"])
def test_each_sentence_says_what_its_lemmas_say(name: str) -> None:
    """In random states of small instances, reachable or not. All lemmas are named once."""
    found = opened(name)
    proof = attempt(found.family, claims_of(found), Budget(seconds=60)).proof
    assert _mismatches(found.family, list(proof.lemmas)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["lock_service", "two_phase_commit"])
def test_each_sentence_says_what_lemmas_that_were_found_say(protocol: str) -> None:
    from tests.proof.test_dropped_lemmas import proved

    proof = proved(protocol)[2]
    assert _mismatches(proof.family, list(proof.lemmas)) == 0
    assert len(said_of(list(proof.lemmas), proof.family)) < len(proof.lemmas)


def _mismatches(family: Family, lemmas: list[Lemma]) -> int:
    said = said_of(lemmas, family)
    assert sorted(name for one in said for name in one.names) == sorted(lemma.name for lemma in lemmas)
    by_name = {lemma.name: lemma.formula for lemma in lemmas}
    wrong = 0
    for blocks in (1, 2):
        system = instance(family, (blocks,) * len(family.orbits))
        sorts = {sort.name: sort for sort in system.sorts}
        interpreter = Interpreter(system)
        for state in _random_states(interpreter, 300):
            for one in said:
                wanted = all(interpreter.holds(transfer(by_name[name], sorts), state) for name in one.names)
                wrong += interpreter.holds(transfer(one.formula(), sorts), state) != wanted
    return wrong


def _random_states(interpreter: Interpreter, number: int) -> list[tuple[bool | int | None, ...]]:
    chance = random.Random(1)
    cells = interpreter.layout.cells
    return [tuple(chance.choice(values_of(cell.type)) for cell in cells) for _ in range(number)]


SMALL = """\
spec small
sort Page size 3
sort Vm { vm1, vm2 }
state phase: { idle, moving, moved, gone } = idle
state owner(Page): Vm = vm1
state target: Page?
state first(Page): bool
const good(p: Page): bool = p == page0
action go { phase := moving }
always a: phase != gone
always b: first(page0) or not first(page0)
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Family:
    path = tmp_path_factory.mktemp("spec") / "small.flip"
    path.write_text(SMALL)
    found = open_specification(path)
    assert isinstance(found, Specification)
    assert isinstance(found.elaborate(None, None), Elaborated)
    return uniform(found.family(None, None)).family


def kind_of(system: System, name: str) -> SortType:
    kind = system.function(name).result
    assert isinstance(kind, SortType)
    return kind


def phase_is(family: Family, *values: int) -> Expression:
    kind = kind_of(family.text, "phase")
    parts = tuple(Equal(Read("phase", (), kind), Constant(value, kind)) for value in values)
    return parts[0] if len(parts) == 1 else Or(parts)


def owner_is(family: Family, page: Expression, value: int) -> Expression:
    kind = kind_of(family.text, "owner")
    return Equal(Read("owner", (page,), kind), Constant(value, kind))


def page(family: Family) -> Variable:
    return Variable("p", SortType(family.sorts["Page"]))


def shown(family: Family, *formulas: Expression) -> list[str]:
    lemmas = [Lemma(f"l{number}", formula) for number, formula in enumerate(formulas)]
    return [text_of(said, family) for said in said_of(lemmas, family)]


def test_lemmas_that_differ_in_one_value_are_one_with_a_set(small: Family) -> None:
    p = page(small)
    fact = owner_is(small, p, 1)
    lemmas = [ForAll(p, Implies(phase_is(small, value), fact)) for value in (1, 2)]

    assert shown(small, *lemmas) == ["all p: Page: phase in { moving, moved } implies owner(p) == vm2"]


def test_what_is_said_of_all_values_has_no_condition(small: Family) -> None:
    p = page(small)
    lemmas = [ForAll(p, Implies(phase_is(small, *values), owner_is(small, p, 1))) for values in ((0, 2), (1,), (3,))]

    assert shown(small, *lemmas) == ["all p: Page: owner(p) == vm2"]


def test_other_facts_are_not_joined_by_a_set(small: Family) -> None:
    p = page(small)
    lemmas = [ForAll(p, Implies(phase_is(small, value), owner_is(small, p, value))) for value in (0, 1)]

    assert len(shown(small, *lemmas)) == 2


def test_the_step_is_the_condition_and_the_thing_is_the_fact(small: Family) -> None:
    p = page(small)

    found = shown(small, ForAll(p, Implies(Not(owner_is(small, p, 0)), phase_is(small, 1, 2))))
    assert found == ["all p: Page: phase in { idle, gone } implies owner(p) == vm1"]


def test_what_an_optional_holds_or_not_is_one_set(small: Family) -> None:
    """`x is none or x is not none and what x holds is p`."""
    p = page(small)
    kind = OptionalType(p.type)  # type: ignore[arg-type]
    target = Read("target", (), kind)
    held = Or((Not(IsSome(target)), And((IsSome(target), Equal(Open(target, p.type), p)))))
    same = Or((Not(IsSome(target)), Equal(target, Some(p, kind))))
    condition = Read("first", (p,), BOOL)

    wanted = ["all p: Page: first(p) implies target in { none, p }"]
    assert shown(small, ForAll(p, Implies(condition, held))) == wanted
    assert shown(small, ForAll(p, Implies(condition, same))) == wanted


def first(page: Expression) -> Expression:
    return Read("first", (page,), BOOL)


def page0(family: Family) -> Expression:
    return Constant(0, SortType(family.sorts["Page"]))


def target_is(family: Family, page: Expression | None) -> Expression:
    kind = OptionalType(SortType(family.sorts["Page"]))
    target = Read("target", (), kind)
    return Not(IsSome(target)) if page is None else Equal(target, Some(page, kind))


def test_what_is_said_of_one_and_of_all_others_is_said_of_all(small: Family) -> None:
    p = page(small)
    others = ForAll(p, Implies(Not(Equal(p, page0(small))), owner_is(small, p, 0)))

    assert shown(small, others, owner_is(small, page0(small), 0)) == ["all p: Page: owner(p) == vm1"]
    assert len(shown(small, others, owner_is(small, page0(small), 1))) == 2


def test_a_condition_that_the_one_fulfils_does_not_keep_it_apart(small: Family) -> None:
    """`good` is true of page0, and of no other."""
    p = page(small)
    good, other = Read("good", (p,), BOOL), Not(Equal(p, page0(small)))
    one = owner_is(small, page0(small), 0)

    among = ForAll(p, Implies(And((good, other)), owner_is(small, p, 0)))
    assert shown(small, among, one) == ["all p: Page where good(p): owner(p) == vm1"]
    outside = ForAll(p, Implies(And((Not(good), other)), owner_is(small, p, 0)))
    assert len(shown(small, outside, one)) == 2


def test_what_two_conditions_leave_out_between_them_is_left_out(small: Family) -> None:
    p = page(small)
    fact = owner_is(small, p, 0)

    def unless(*held: Expression | None) -> Expression:
        return ForAll(p, Implies(And(tuple(Not(target_is(small, one)) for one in held)), fact))

    assert shown(small, unless(None), unless(page0(small))) == ["all p: Page: owner(p) == vm1"]
    assert shown(small, unless(None, page0(small)), unless(page0(small))) == [
        "all p: Page: target != page0 implies owner(p) == vm1"
    ]
    # Which page p is, is not known: it may be page0.
    assert len(shown(small, unless(p), unless(page0(small)))) == 2


def test_variables_of_the_same_name_are_kept_apart(small: Family) -> None:
    p = page(small)
    nobody = ForAll(p, Not(first(p)))
    tricky = [
        ForAll(p, Implies(first(p), ForAll(p, owner_is(small, p, 0)))),
        ForAll(p, Or((first(p), nobody))),
        ForAll(p, Implies(Not(Equal(p, page0(small))), Or((owner_is(small, p, 0), Not(nobody))))),
        Or((owner_is(small, page0(small), 0), Not(ForAll(p, Not(first(page0(small))))))),
    ]

    assert _mismatches(small, [Lemma(f"l{number}", formula) for number, formula in enumerate(tricky)]) == 0
    for formula in tricky:
        assert _mismatches(small, [Lemma("l", formula)]) == 0


def test_other_conditions_do_not_make_one_of_two_facts(small: Family) -> None:
    p = page(small)
    lemmas = [
        ForAll(p, Implies(phase_is(small, 0), owner_is(small, p, 0))),
        ForAll(p, Implies(phase_is(small, 1), first(p))),
    ]

    assert _mismatches(small, [Lemma(f"l{number}", formula) for number, formula in enumerate(lemmas)]) == 0
    assert len(shown(small, *lemmas)) == 2


def test_groups_are_headed_by_what_they_speak_of(small: Family) -> None:
    p = page(small)
    lemmas = [Lemma("l", ForAll(p, owner_is(small, p, 0))), Lemma("m", Not(phase_is(small, 3)))]

    assert [(g.heading, len(g.said)) for g in readable(lemmas, small)] == [
        ("Page: owner, first", 1),
        (ORDER, 1),
    ]


def test_a_proof_of_nothing_has_no_groups() -> None:
    found = opened("handover")
    assert readable(prove(found.family, ()).lemmas, found.family) == ()


def test_a_formula_that_is_too_large_is_told_as_it_is(small: Family) -> None:
    """As deep as a certificate may have one: it takes no long time, and no more stack than there is."""
    formula = phase_is(small, 1)
    for number in range(145):
        other = phase_is(small, 2) if number % 4 < 2 else Not(phase_is(small, 3))
        formula = And((formula, other)) if number % 2 else Or((formula, other))

    [said] = said_of([Lemma("deep", formula)], small)

    assert said.conditions == ()
    assert text_of(said, small).count("phase") == 146
