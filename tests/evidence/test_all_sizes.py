"""How much of a check goes into proofs for every size."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from tests.every_size.test_specs import BENCHMARK, opened
from tests.language.elaborating import specification
from verifier.engines.every_size import EverySize
from verifier.engines.verdict import Budget, Outcome
from verifier.evidence.all_sizes import look_at_all_sizes
from verifier.evidence.checking import Expectations, Search, check
from verifier.evidence.trace import Subject
from verifier.language.specification import Elaborated


def methods(budget: Budget) -> set[str]:
    """How the claims of the benchmark are proved; it has 2,676 states of all sizes."""
    spec = opened(BENCHMARK)
    made = spec.elaborate(None, "four_singly")
    assert isinstance(made, Elaborated)
    found = look_at_all_sizes(lambda: spec.family(None, "four_singly"), made.system.properties, budget, None)
    return {verdict.method for verdict in found.proved.values()}


PROVED = "proved for every size of Page (2676 abstract states), by machine code"


def test_a_check_without_a_limit_is_not_made_much_longer() -> None:
    """Many states are not searched, and no machine code is made."""
    assert methods(Budget()) == set()


def test_a_check_that_has_time_gets_the_proof() -> None:
    assert methods(Budget(seconds=100)) == {PROVED}


def test_a_quarter_of_the_time_is_for_all_sizes_and_machine_code_only_then() -> None:
    """Without it, to make machine code would take longer than the search may."""
    spec = opened(BENCHMARK)
    with patch("verifier.engines.every_size.prove", return_value=EverySize()) as prove:
        look_at_all_sizes(lambda: spec.family(None, "two"), (), Budget(seconds=100), None)
        assert prove.call_args.args[2].budget.seconds == 25
        assert prove.call_args.kwargs == {"machine_code": True}
        look_at_all_sizes(lambda: spec.family(None, "two"), (), Budget(), None)
        assert prove.call_args.args[2].budget.seconds is None
        assert prove.call_args.kwargs == {"machine_code": False}


MISTAKEN = """
sort Page size 2
state done(Page): bool
state seen(Page): bool
action finish(p: Page) { done(p) := true }
always kept: no p: Page: seen(p)
never  ends: some p: Page: done(p)
never  three: (count p: Page: done(p)) == 3
"""


@pytest.mark.parametrize("seconds", [None, 100.0])
def test_what_a_mistake_does_not_violate_is_proved_where_there_is_time(seconds: float | None) -> None:
    """Other sizes are not looked at: nothing is expected of the other claims."""
    spec = specification(MISTAKEN)
    made = spec.elaborate()
    assert isinstance(made, Elaborated)
    expectations = Expectations({"ends": Outcome.VIOLATED}, others_open=True)
    subject = Subject("mistaken", "mistaken.flip", "", None, "as written", ())
    search = Search(budget=Budget(seconds))
    result = check(subject, made.system, made.system.properties, expectations, search, family=spec.family)
    verdicts = {judged.verdict.property: judged.verdict for judged in result.verdicts}
    assert verdicts["ends"].outcome is Outcome.VIOLATED
    assert verdicts["kept"].outcome is Outcome.HOLDS
    assert verdicts["kept"].method.startswith("proved for every size") == (seconds is not None)
    assert result.suspicions == ()


def test_the_budget_of_states_is_for_this_search_too() -> None:
    assert methods(Budget(seconds=100, states=2_000)) == set()
    assert methods(Budget(seconds=100, states=3_000)) == {PROVED}
