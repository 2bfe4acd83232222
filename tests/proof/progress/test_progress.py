"""What is proved to come to pass at every size does so at small ones, and what may not is never proved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files
from itertools import product
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from tests.proof.specs import opened
from tests.strategies import graphs, states_of, systems
from verifier.cli import main
from verifier.engines import explicit
from verifier.engines.proof.conditions import PROGRESS_CLAIMS
from verifier.engines.proof.family import Family, NotUniformError, family_of
from verifier.engines.proof.instances import instance
from verifier.engines.proof.progress import search
from verifier.engines.proof.progress.graph import MOST_STATES, TooManyStatesError
from verifier.engines.proof.progress.measures import measures
from verifier.engines.proof.progress.obligations import obligations
from verifier.engines.proof.progress.ranking import Part, Ranking, Rest, Unranked
from verifier.engines.proof.progress.search import find_lasso, find_ranking, searched
from verifier.engines.proof.progress.units import units
from verifier.engines.proof.uniform import uniform
from verifier.engines.verdict import Budget, Outcome
from verifier.engines.watch import Watch
from verifier.evidence.own_proof import OwnProof
from verifier.evidence.proving_progress import attempt_progress
from verifier.language.specification import Specification, open_specification
from verifier.system.expressions import TRUE, Arithmetic, Constant, Equal, Not, Read, Variable
from verifier.system.interpreter import Interpreter
from verifier.system.layout import points_of
from verifier.system.system import Action, Fairness, Function, Kind, Property, PropertyKind, System, Table, Update
from verifier.system.types import BOOL, IntType

BATCH = Path(__file__).parent / "batch.flip"
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


@cache
def batch(variant: str | None = None) -> Family:
    found = open_specification(BATCH)
    assert isinstance(found, Specification), found
    return uniform(found.family(variant, None)).family


def with_actions(family: Family, actions: tuple[Action, ...]) -> Family:
    return replace(family, text=replace(family.text, actions=actions))


def attempted(family: Family, name: str, find_lemmas: bool = True) -> OwnProof:
    return attempt_progress(family, family.text.property_named(name), Budget(seconds=120), None, find_lemmas)


def outcome(family: Family, name: str, blocks: tuple[int, ...]) -> Outcome:
    """What an exhaustive search of an instance says."""
    system = instance(family, blocks)
    return explicit.check(system, (system.property_named(name),), Budget(states=20_000)).verdicts[0].outcome


def sizes(family: Family, most: int) -> Iterator[tuple[int, ...]]:
    return product(range(1, most + 1), repeat=len(family.orbits))


def ranked(family: Family, name: str) -> Ranking | Unranked:
    return find_ranking(family, family.text.property_named(name), Watch(Budget(), None))


def is_ranking(family: Family, claim: Property, parts: Ranking) -> bool:
    return searched(family, claim, (2,) * len(family.orbits), Watch(Budget(), None)).is_ranking(parts)


def obligations_hold(family: Family, claim: Property, parts: Ranking, blocks: tuple[int, ...]) -> bool:
    """Whether an exhaustive search of the instance finds nothing against what the parts claim."""
    wider = instance(obligations(family, claim, parts), blocks)
    verdicts = explicit.check(wider, wider.properties, Budget(states=20_000)).verdicts
    assert all(verdict.outcome in (Outcome.HOLDS, Outcome.VIOLATED) for verdict in verdicts)
    return all(verdict.outcome is Outcome.HOLDS for verdict in verdicts)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["moved", "told"])
def test_what_comes_to_pass_is_proved(name: str) -> None:
    """By pending elements, by a unit for each device, and by one that is enabled again and again only."""
    tried = attempted(batch(), name)

    assert tried.proved, tried.reason
    assert all(outcome(batch(), name, blocks) is Outcome.HOLDS for blocks in sizes(batch(), 2))


@pytest.mark.parametrize(("variant", "name"), [("weak_enter", "told"), ("never_halts", "moved"), ("deaf", "moved")])
def test_what_a_variant_violates_is_shown_as_a_lasso(variant: str, name: str) -> None:
    tried = attempted(batch(variant), name)

    assert tried.violation is not None
    assert tried.violation.behaviour.loop is not None or outcome(batch(variant), name, (1, 1)) is Outcome.VIOLATED
    assert "no ranking was found" in tried.reason


SPECS = (
    ("ownership_flip", "not_rearmed", "resumed"),
    ("flip_rollback", "no_intent", "settled"),
    ("two_resume", "early_ack", "goes_on"),
    ("two_resume", "no_timeout", "goes_on"),
    ("two_resume", "dead_holder", "goes_on"),
    ("vfio_pair", "no_bus_master", "works"),
    ("vfio_pair", "no_interrupt", "works"),
)


@pytest.mark.long
@pytest.mark.parametrize(("spec", "variant", "name"), SPECS)
def test_what_a_variant_of_a_protocol_must_violate_is_not_proved(spec: str, variant: str, name: str) -> None:
    tried = attempted(opened(spec, variant).family, name)

    assert tried.violation is not None
    assert not tried.ranking


@pytest.mark.long
@pytest.mark.parametrize(("spec", "name"), [("ownership_flip", "resumed"), ("two_resume", "goes_on")])
def test_what_a_protocol_claims_to_come_to_pass_is_proved(spec: str, name: str) -> None:
    tried = attempted(opened(spec).family, name)

    assert tried.proved, tried.reason


@pytest.mark.long
def test_a_ranking_that_fails_at_another_size_is_not_believed() -> None:
    """The ranking is right for two devices. Of a single one nothing arrives anywhere, so it is not one there.

    The specification is about two and more; here, that is forgotten.
    """
    family = opened("vfio_pair").family
    tried = attempted(replace(family, least=(1,) * len(family.orbits)), "works")

    assert tried.ranking
    assert "is none at other sizes" in tried.reason
    assert tried.violation is not None


@pytest.mark.slow
@pytest.mark.parametrize(("variant", "holds"), [(None, True), ("running_in_circles", False)])
def test_where_no_size_is_free_the_search_of_the_only_instance_answers(variant: str | None, holds: bool) -> None:
    """What ends the DMA that an arc waits for are no sets that only shrink: there is no ranking."""
    tried = attempted(opened("vfio_migration", variant).family, "answered")

    assert tried.proved is holds
    assert (tried.violation is None) is holds
    assert not tried.ranking
    if tried.searched is not None:
        assert tried.searched.method == "exhaustive for this instance (3044 states)"


def test_where_a_size_is_free_the_search_of_instances_proves_nothing() -> None:
    assert find_lasso(batch(), batch().text.property_named("moved"), Budget(states=20_000)) is None


def test_what_a_claim_has_in_common_with_another_is_one_object_at_every_size() -> None:
    """So that it is translated once for all of the obligations."""
    shared = batch().text.property_named("moved").formula
    both = tuple(Property(name, PropertyKind.ALWAYS, Not(shared)) for name in ("one", "other"))
    family = replace(batch(), text=replace(batch().text, properties=both))
    one, other = instance(family, family.sizes(2)).properties

    assert isinstance(one.formula, Not)
    assert isinstance(other.formula, Not)
    assert one.formula.operand is other.formula.operand
    assert one.formula.operand != shared


def test_instances_that_are_larger_than_they_must_be_in_many_ways_are_given_up_sooner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A ranking comes from the next smaller one then; with one orbit to go, an instance has all the states it may."""
    tried: list[tuple[tuple[int, ...], int]] = []

    def too_many(family: Family, claim: Property, sizes: tuple[int, ...], watch: Watch, most: int) -> None:
        tried.append((sizes, most))
        raise TooManyStatesError

    monkeypatch.setattr(search, "searched", too_many)
    family = replace(batch(), orbits=batch().orbits[:1] * 2, apart=())
    with pytest.raises(TooManyStatesError):
        find_ranking(family, family.text.properties[0], Watch(Budget(), None))
    few, all_of_them = search.MANY_STATES, MOST_STATES

    assert tried == [((2, 2), few), ((2, 1), all_of_them), ((1, 1), all_of_them)]


def test_a_budget_that_is_used_up_proves_nothing() -> None:
    tried = attempt_progress(batch(), batch().text.property_named("moved"), Budget(seconds=0.01))

    assert not tried.proved
    assert "budget" in tried.reason


@pytest.mark.slow
def test_the_command_says_what_was_assumed_and_what_comes_to_rest(capsys: pytest.CaptureFixture[str]) -> None:
    schema = files("verifier.report").joinpath("schema", "proof.schema.json").read_text(encoding="utf-8")

    assert main(["prove", str(BATCH), "--format", "json"]) == 0
    made = json.loads(capsys.readouterr().out)

    jsonschema.validate(made, json.loads(schema))
    methods = {verdict["property"]: verdict["method"] for verdict in made["result"]["verdicts"]}
    assert methods["moved"] == "proved for every size (Page >= 1, Device >= 1), sorts being finite"
    assert made["rankings"][1]["claim"] == "told"
    assert "mover.enter is possible for the last time" in made["rankings"][1]["parts"]


FAIR = tuple(dict.fromkeys(action.fair_name for action in batch().text.actions if action.fairness is not Fairness.NONE))


@pytest.mark.parametrize("name", FAIR)
def test_without_fairness_of_one_thing_there_is_no_ranking(name: str) -> None:
    lazy = tuple(replace(a, fairness=Fairness.NONE) if a.fair_name == name else a for a in batch().text.actions)

    found = ranked(with_actions(batch(), lazy), "moved")

    assert isinstance(found, Unranked)


def test_weak_fairness_is_not_enough_for_what_is_enabled_again_and_again() -> None:
    weak = tuple(
        replace(a, fairness=Fairness.WEAK) if a.fairness is Fairness.STRONG else a for a in batch().text.actions
    )

    assert isinstance(ranked(with_actions(batch(), weak), "moved"), Unranked)


@pytest.mark.parametrize("name", ["moved", "told"])
def test_the_obligations_of_a_ranking_fail_without_any_of_its_parts(name: str) -> None:
    """And nothing but the ranking itself passes for one: neither weak fairness for strong nor another order."""
    family, claim, ranking = batch(), batch().text.property_named(name), ranked(batch(), name)
    assert not isinstance(ranking, Unranked)
    weakened = tuple(Rest(part.unit, strong=False) if isinstance(part, Rest) else part for part in ranking)
    others = [weakened, ranking[::-1], *(ranking[:i] + ranking[i + 1 :] for i in range(len(ranking)))]

    assert obligations_hold(family, claim, ranking, (2, 2))
    for other in others:
        assert not is_ranking(family, claim, other)
        assert not obligations_hold(family, claim, other, (2, 2)), other


@pytest.mark.parametrize("function", ["here", "running", "writing"])
def test_a_step_that_undoes_something_leaves_no_ranking(function: str) -> None:
    """An environment that puts an element back when it likes: what was done is not done for ever."""
    family = batch()
    parameter = Variable("x", family.text.function(function).parameters[0])
    undone = Update(function, (parameter,), Constant(True, BOOL))
    undo = Action("undo", Kind.ENVIRONMENT, "test", (parameter,), TRUE, (undone,))

    found = ranked(with_actions(family, (*family.text.actions, undo)), "moved")

    assert isinstance(found, Unranked)
    assert "undo" in found.actions


def test_a_step_that_fails_is_not_taken_for_progress() -> None:
    """What leaves a range is no step, so that what fairness is assumed of it does not help: nothing is proved."""
    kind = IntType(0, 1)
    level = Read("level", (), kind)
    grown = Arithmetic("+", level, Constant(1, kind), IntType(1, 2))
    up = Action("up", Kind.STEP, "test", (), TRUE, (Update("level", (), grown),), fairness=Fairness.WEAK)
    function = Function("level", (), kind, Table((1,)))
    claim = Property("low", PropertyKind.EVENTUALLY, Equal(level, Constant(0, kind)))
    family = family_of(System("test", (), (function,), (up,), (claim,)), (claim,))

    assert not attempted(family, "low").proved
    assert not obligations_hold(family, claim, (Rest(0, strong=False),), ())


def test_a_claim_may_name_one_of_many_members(tmp_path: Path) -> None:
    """It is told apart then from the others, whose number is open."""
    (tmp_path / "named.flip").write_text(
        BATCH.read_text().replace("ready and all p: Page: not here(p)", "not here(page1)")
    )
    found = open_specification(tmp_path / "named.flip")
    assert isinstance(found, Specification), found
    family = uniform(found.family(None, None)).family

    assert family.sorts["Page"].members == ("page1",)
    assert not isinstance(ranked(family, "moved"), Unranked)


# Random systems


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
@given(graphs())
def test_a_ranking_of_a_random_graph_is_found_only_where_the_claim_holds(system: System) -> None:
    claims = tuple(claim for claim in system.properties if claim.kind in PROGRESS_CLAIMS)
    family = family_of(system, claims)
    for claim in claims:
        found = ranked(family, claim.name)

        if not isinstance(found, Unranked):
            assert outcome(family, claim.name, (1,) * len(family.orbits)) is Outcome.HOLDS


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(graphs(), st.data())
def test_the_obligations_of_a_ranking_hold_exactly_where_it_is_one(system: System, data: st.DataObject) -> None:
    """In the instance that it was found in, and for lists of parts that are not rankings, too."""
    claims = tuple(claim for claim in system.properties if claim.kind in PROGRESS_CLAIMS)
    family = family_of(system, claims)
    claim = data.draw(st.sampled_from(claims))
    parts: list[Part] = [*measures(family.text)]
    parts += [Rest(n, strong) for n, unit in enumerate(units(family.text)) for strong in (False, True)
              if (unit.strong if strong else unit.weak)]  # fmt: skip
    found = ranked(family, claim.name)
    ranking = found if not isinstance(found, Unranked) and data.draw(st.booleans()) else tuple(
        data.draw(st.lists(st.sampled_from(parts), unique=True, max_size=6)))  # fmt: skip

    blocks = (2,) * len(family.orbits)
    assert obligations_hold(family, claim, ranking, blocks) == is_ranking(family, claim, ranking)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(systems(), st.data())
def test_a_measure_is_the_set_that_its_formula_says(system: System, data: st.DataObject) -> None:
    interpreter, state = Interpreter(system), data.draw(states_of(system))
    for measure in measures(system):
        for point in points_of(measure.function.parameters):
            names = dict(zip((v.name for v in measure.variables), point, strict=True))
            value = interpreter.value_at(measure.function.name, point, state)

            assert measure.holds(value) == interpreter.holds(measure.formula(), state, names), measure


@pytest.mark.long
@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(systems(), st.data())
def test_what_is_proved_of_a_random_system_holds_at_sizes_1_to_3(system: System, data: st.DataObject) -> None:
    goal, trigger = (system.property_named(name).formula for name in ("always", "reachable"))
    claims = (
        Property("comes", PropertyKind.EVENTUALLY, goal),
        Property("answers", PropertyKind.LEADS_TO, goal, trigger),
    )
    actions = tuple(
        replace(action, fairness=data.draw(st.sampled_from(Fairness)), assertions=()) for action in system.actions
    )
    try:
        family = family_of(replace(system, actions=actions, properties=claims), claims)
    except NotUniformError:
        assume(False)
    for claim in claims:
        tried = attempt_progress(family, claim, Budget(seconds=20), None, find_lemmas=False)

        event("proved" if tried.proved else "violated" if tried.violation else "open")
        found = {outcome(family, claim.name, blocks) for blocks in sizes(family, 3 if len(family.orbits) < 2 else 2)}
        assert not tried.proved or Outcome.VIOLATED not in found
        assert tried.violation is None or Outcome.VIOLATED in found
