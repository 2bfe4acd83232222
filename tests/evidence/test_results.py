"""From verdicts to judgements to the one exit code."""

from __future__ import annotations

import itertools

import pytest

from tests.evidence.systems import SYSTEM
from verifier.engines.verdict import Budget, Outcome, Verdict
from verifier.evidence.checking import Expectations, Search, check
from verifier.evidence.results import CheckResult, Counts, Judged, exit_code
from verifier.evidence.trace import Place, Subject

HOLDS, VIOLATED, UNDETERMINED, ERROR = Outcome.HOLDS, Outcome.VIOLATED, Outcome.UNDETERMINED, Outcome.ERROR
SUBJECT = Subject("hand", "hand.flip", "abc", None, "small")


def result(outcome: Outcome, expected: Outcome | None = HOLDS, counts: Counts | None = None) -> CheckResult:
    judged = Judged(Verdict("p", outcome, "m"), "always", Place("f", 1, 1), expected)
    return CheckResult(SUBJECT, (judged,), counts or Counts())


@pytest.mark.parametrize(
    ("outcome", "expected", "code"),
    [
        (HOLDS, HOLDS, 0),
        (VIOLATED, HOLDS, 1),
        (UNDETERMINED, HOLDS, 3),
        (ERROR, HOLDS, 4),
        (HOLDS, VIOLATED, 1),
        (VIOLATED, VIOLATED, 0),
        (UNDETERMINED, VIOLATED, 3),
        (ERROR, VIOLATED, 4),
        (HOLDS, None, 0),
        (VIOLATED, None, 0),
        (UNDETERMINED, None, 0),
        (ERROR, None, 4),
    ],
)
def test_one_verdict(outcome: Outcome, expected: Outcome | None, code: int) -> None:
    """An error is an error whatever is expected; where nothing is, only that counts."""
    assert exit_code([result(outcome, expected)]) == code


def test_precedence() -> None:
    """4 > 2 > 1 > 3 > 0, in whatever order the results come."""
    results = {4: result(ERROR), 1: result(VIOLATED), 3: result(UNDETERMINED), 0: result(HOLDS)}
    order = [4, 2, 1, 3, 0]
    for some in itertools.chain.from_iterable(itertools.permutations(order, n) for n in range(1, 6)):
        code = exit_code([results[c] for c in some if c != 2], wrong=2 in some)
        assert code == min(some, key=order.index)


def test_another_number_of_states_is_a_failure() -> None:
    assert exit_code([result(HOLDS, HOLDS, Counts(states=5, expected_states=5))]) == 0
    assert exit_code([result(HOLDS, HOLDS, Counts(states=5, expected_states=6))]) == 1


def checked(expectations: Expectations, search: Search, *names: str) -> CheckResult:
    properties = tuple(map(SYSTEM.property_named, names)) if names else SYSTEM.properties
    return check(SUBJECT, SYSTEM, properties, expectations, search)


def test_every_property_gets_a_verdict_and_its_evidence() -> None:
    """In the order of the properties; whatever one behaviour can show comes with a trace."""
    outcome = checked(Expectations(), Search())
    assert [judged.verdict.property for judged in outcome.verdicts] == [p.name for p in SYSTEM.properties]
    by_name = {judged.verdict.property: judged for judged in outcome.verdicts}
    assert all(judged.verdict.outcome is not ERROR for judged in outcome.verdicts)
    violated = by_name["together"]
    assert violated.as_expected is False
    assert violated.trace is not None
    assert [step.action for step in violated.trace.steps] == ["hv1.give"]
    assert by_name["midway"].trace is not None
    assert exit_code([outcome]) == 1


def test_what_is_not_named_may_be_open() -> None:
    """A variant names what it breaks; nothing is expected of the rest."""
    expectations = Expectations({"together": VIOLATED}, others_open=True)
    outcome = checked(expectations, Search())
    assert {judged.verdict.property for judged in outcome.verdicts if judged.as_expected} == {"together"}
    assert exit_code([outcome]) == 0


def test_states_are_counted_only_where_the_number_means_something() -> None:
    """Not in a search for some of the properties, and not without symmetry: fewer or more states are no mistake."""
    states = checked(Expectations(), Search()).counts.states
    assert not checked(Expectations(states=states + 1), Search()).counts.as_expected
    assert checked(Expectations(states=states), Search()).counts.as_expected
    assert checked(Expectations(states=states + 1), Search(), "together").counts.as_expected
    assert checked(Expectations(states=states + 1), Search(symmetry=False)).counts.as_expected
    cut = checked(Expectations(states=states + 1), Search(budget=Budget(states=2)))
    assert cut.counts.as_expected
    assert exit_code([cut]) != 0


def test_the_bounded_engine_agrees() -> None:
    """It finds the same violation, and leaves open what it cannot establish."""
    outcome = checked(Expectations(), Search("bounded", depth=2), "together", "not_stuck")
    together, stuck = outcome.verdicts
    assert together.trace is not None
    assert together.verdict.outcome is VIOLATED
    assert stuck.verdict.outcome is UNDETERMINED
