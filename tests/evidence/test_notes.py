"""What was tried and came to nothing is said in one line, where something could be gained."""

from __future__ import annotations

import pytest

from tests.language.elaborating import specification
from verifier.engines.verdict import Budget, Outcome
from verifier.evidence.all_sizes import look_at_all_sizes
from verifier.evidence.checking import Expectations, Search, check
from verifier.evidence.results import CheckResult, exit_code
from verifier.evidence.trace import Subject
from verifier.language.specification import Elaborated
from verifier.report.json import check_to_json
from verifier.report.terminal import Look, plain_text, specification_lines

PAGES = """
sort Page size 2
state a(Page): bool
state b(Page): bool
state c(Page): bool
action set_a(p: Page) { a(p) := true }
action set_b(p: Page) { b(p) := true }
action set_c(p: Page) { c(p) := true }
"""
MANY = PAGES + "always fine: all p: Page: a(p) or not a(p)"
"""Three to the power of eight abstract states, about."""

NUMBERED = PAGES + "never second: some p: Page: a(p) and number(p) == 5"
FIXED = """
state lit: bool
action go { lit := true }
always fine: lit or not lit
"""
LINKS = """
sort Page size 4
state next_of(Page): Page?
action link(p: Page, q: Page) { next_of(p) := q }
always fine: true
"""


def checked(text: str, budget: Budget | None = None, expectations: Expectations | None = None) -> CheckResult:
    spec = specification(text)
    made = spec.elaborate()
    assert isinstance(made, Elaborated)
    subject = Subject("pages", "pages.flip", "", None, "as written", ())
    search = Search(budget=budget or Budget())
    return check(
        subject, made.system, made.system.properties, expectations or Expectations(), search, family=spec.family
    )


def said(result: CheckResult, kind: str) -> list[str]:
    return [finding.text for finding in result.findings if finding.kind == kind]


CUT = "not proved for every size by counts: there are more than 1000 abstract states: --time 60 may help"


def test_a_proof_that_was_cut_short_is_said_and_what_may_help() -> None:
    assert said(checked(MANY), "every size") == [CUT]


def test_with_time_it_is_proved_and_nothing_is_said() -> None:
    result = checked(MANY, Budget(seconds=100))
    assert said(result, "every size") == []
    assert all("for every size" in j.verdict.method for j in result.verdicts if j.kind == "always")


def test_a_budget_that_was_too_small_is_named() -> None:
    spec = specification(MANY)
    made = spec.elaborate()
    assert isinstance(made, Elaborated)
    found = look_at_all_sizes(spec.family, made.system.properties, Budget(seconds=100, states=1500), None)
    (finding,) = found.findings
    wanted = "not proved for every size by counts: the budget of 1500 states was used up: a larger one may help"
    assert finding.text == wanted


def test_a_refusal_has_its_reason() -> None:
    (text,) = said(checked(NUMBERED), "every size")
    assert (
        text == "not proved for every size by counts: Page = 2: how many there are is read by `number` at s.flip:10:38"
    )


def test_nothing_is_said_where_nothing_has_a_size_or_no_claim_could_be_proved() -> None:
    assert said(checked(FIXED), "every size") == []
    assert said(checked(PAGES + "reachable some_a: some p: Page: a(p)"), "every size") == []


def test_a_proof_by_lemmas_is_enough() -> None:
    """Counts are cut short, but that is no loss."""
    pytest.importorskip("pysat")
    assert said(checked(MANY, Budget(seconds=100, states=1500)), "every size") == []


def test_nothing_is_said_of_what_is_to_fail() -> None:
    budget = Budget(seconds=100, states=1500)
    assert said(checked(MANY, budget, Expectations({"fine": Outcome.VIOLATED})), "every size") == []


def test_a_large_search_without_machine_code_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that point at each other cannot be counted, and of very many the images are not found."""
    assert said(checked(LINKS), "slow search") == []
    monkeypatch.setattr("verifier.engines.native.automatic.MANY", 8)
    assert said(checked(LINKS), "slow search") == []
    monkeypatch.setattr("verifier.engines.native.canonical.MOST", 8)
    (text,) = said(checked(LINKS), "slow search")
    assert text == "searched without machine code: there are too many interchangeable members"


def test_it_is_in_the_text_and_in_the_document() -> None:
    result = checked(MANY)
    assert f"  note          {CUT}  s.flip:10:1\n" in plain_text(specification_lines([result], Look()))
    (found,) = check_to_json([result], [], exit_code([result]))["specs"]
    assert {"kind": "every size", "text": CUT} in [
        {"kind": finding["kind"], "text": finding["text"]} for finding in found["findings"]
    ]
