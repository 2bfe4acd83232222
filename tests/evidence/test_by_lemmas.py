"""`flip check` reports the strongest method per property: lemmas where counts are not enough and there is time."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.language.elaborating import specification
from verifier.commands.sources import expectations_of
from verifier.engines.verdict import Budget, Keeping, Outcome, Verdict
from verifier.engines.watch import Watch
from verifier.evidence import by_lemmas
from verifier.evidence.all_sizes import NOTHING, AllSizes
from verifier.evidence.by_lemmas import look_for_lemmas, open_claims, seconds_for_lemmas
from verifier.evidence.checking import Search, check
from verifier.evidence.results import CheckResult
from verifier.evidence.trace import Subject
from verifier.language.specification import Elaborated

SUBJECT = Subject("s", "s.flip", "abc", None, "as written")

TOLD = """\
spec told
sort Page size 2
state started: bool
state marked(Page): bool = any
state moved(Page): bool
action start { when all p: Page: not moved(p);  started := true;  all p: Page { marked(p) := true } }
action move(p: Page) { when started;  moved(p) := true }
always marked_first: all p: Page: moved(p) implies marked(p)
always two: (count p: Page: moved(p)) <= 2
eventually done: started
"""
"""A state that may be anything at first is nothing for counts. `two` holds in the instance only."""


def checked(text: str, search: Search, names: tuple[str, ...] = ()) -> CheckResult:
    spec = specification(text)
    made = spec.elaborate()
    assert isinstance(made, Elaborated)
    asked = tuple(claim for claim in made.system.properties if not names or claim.name in names)
    return check(SUBJECT, made.system, asked, expectations_of(made), search, None, spec.family)


def methods(result: CheckResult) -> dict[str, str]:
    return {judged.verdict.property: judged.verdict.method for judged in result.verdicts}


needs_sat = pytest.mark.skipif(find_spec("pysat") is None, reason="python-sat is not installed")
TIMED = Search(budget=Budget(seconds=60))


@needs_sat
def test_what_counts_cannot_prove_lemmas_do() -> None:
    """The verdict says so, with the sizes; what they do not prove keeps its verdict on the instance."""
    result = checked(TOLD, TIMED)
    said = methods(result)

    assert said["marked_first"] == "proved for every size by lemmas (Page >= 1)"
    assert said["done"].startswith("proved for every size by lemmas (Page >= 1), sorts being finite")
    assert said["two"].startswith("exhaustive for this instance (")


@needs_sat
def test_what_another_size_violates_is_looked_for_there() -> None:
    """Three pages are needed, and it is said that there is such a size."""
    result = checked(TOLD, TIMED)

    assert [(s.claim, dict(s.first)) for s in result.suspicions] == [("two", {"Page": 3})]
    assert [f.text for f in result.findings if f.kind == "size"] == ["two is violated at some other size"]


@needs_sat
def test_lemmas_cover_sizes_that_counts_leave_as_they_are() -> None:
    """What is proved with two devices is worth proving with any number, if the specification is about any number."""
    text = """\
    spec pairs
    sort Page size 2
    sort Device size 2
    state used(Page, Device): bool
    state off(Device): bool
    action use(p: Page, d: Device) { when not off(d);  used(p, d) := true }
    action stop(d: Device) { off(d) := true;  all p: Page { used(p, d) := false } }
    always unused: all p: Page: all d: Device: off(d) implies not used(p, d)
    """.replace("    ", "")
    assert "with Device = 2" in methods(checked(text, Search()))["unused"]
    assert methods(checked(text, TIMED))["unused"] == "proved for every size by lemmas (Page >= 1, Device >= 1)"
    said = methods(checked(text + "for any Page", TIMED))["unused"]
    assert said.startswith("proved for every size of Page with Device = 2 (")


@pytest.mark.parametrize(
    "search",
    [Search(), Search(budget=Budget(seconds=60), first=True), Search("bounded", 3, budget=Budget(seconds=60)),
     Search(budget=Budget(seconds=60), symmetry=False)],
    ids=["no time", "first violation", "bounded", "no symmetry"],
)  # fmt: skip
def test_only_a_search_of_everything_that_has_time_is_followed_by_lemmas(search: Search) -> None:
    with patch("verifier.evidence.checking.look_for_lemmas") as look:
        checked(TOLD, search)
    assert not look.called


def test_a_variant_that_must_fail_gets_none() -> None:
    spec = specification(TOLD + "variant v { drop start } expect violated done")
    made = spec.elaborate("v")
    assert isinstance(made, Elaborated)
    with patch("verifier.evidence.checking.look_for_lemmas") as look:
        check(SUBJECT, made.system, made.system.properties, expectations_of(made), TIMED, None, spec.family)
    assert not look.called


@needs_sat
def test_without_the_extra_it_is_said_and_nothing_else_changes() -> None:
    with patch.object(by_lemmas, "find_spec", return_value=None):
        result = checked(TOLD, TIMED)

    assert methods(result).keys() == methods(checked(TOLD, Search())).keys()
    (found,) = (f for f in result.findings if f.kind == "not_proved")
    assert found.text == (
        "not proved for every size by lemmas: marked_first, two, done, not_stuck "
        "(lemmas are not searched for: pip install flip-verifier[proof])"
    )


@needs_sat
def test_what_takes_too_long_is_said() -> None:
    """The claims keep the verdict that they have."""
    spec = specification(TOLD)
    made = spec.elaborate()
    assert isinstance(made, Elaborated)
    claims = [claim for claim in made.system.properties if claim.name == "marked_first"]
    found = look_for_lemmas(spec.family, claims, [Verdict("marked_first", Outcome.HOLDS, "m")], 0.0, None)

    assert not found.proved
    (said,) = found.findings
    assert said.text == "not proved for every size by lemmas: marked_first (the budget of 0.1 seconds was used up)"
    kept = Verdict("marked_first", Outcome.HOLDS, "m")
    assert found.strengthened(kept) is kept


@needs_sat
def test_where_there_is_no_size_induction_decides_what_the_search_did_not() -> None:
    """What all states have shown needs no other proof."""
    text = "spec s\nstate n: 0 .. 1000 = 0\naction up { when n < 1000;  n := n + 1 }\nalways low: n <= 1000\n"
    text += "always no_less: n >= 0\n"
    spec = specification(text)
    made = spec.elaborate()
    assert isinstance(made, Elaborated)
    claims = [claim for claim in made.system.properties if claim.name == "low"]
    cut = Verdict("low", Outcome.UNDETERMINED, "cut", reason="no time")
    found = look_for_lemmas(spec.family, claims, [cut], 30.0, None)

    assert found.strengthened(cut).outcome is Outcome.HOLDS
    assert found.strengthened(cut).method == "proved by induction for this instance"
    seen = Verdict("no_less", Outcome.HOLDS, "all")
    assert look_for_lemmas(spec.family, made.system.properties, [cut, seen], 30.0, None).strengthened(seen) is seen
    assert look_for_lemmas(spec.family, claims, [Verdict("low", Outcome.HOLDS, "all")], 30.0, None).proved == {}


@needs_sat
def test_an_interrupt_keeps_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.engines.watch.INTERVAL", 0)

    def interrupt(_moment: object) -> None:
        raise KeyboardInterrupt

    spec = specification(TOLD)
    made = spec.elaborate()
    assert isinstance(made, Elaborated)
    known = [Verdict(claim.name, Outcome.HOLDS, "m") for claim in made.system.properties]
    found = look_for_lemmas(spec.family, made.system.properties[:1], known, 30.0, interrupt)

    assert [finding.text for finding in found.findings] == [
        "not proved for every size by lemmas: marked_first (interrupted)"
    ]


def test_which_claims_are_open() -> None:
    """Those that are not proved; and all if some size that they are about was left as it is."""
    made = specification(TOLD).elaborate()
    assert isinstance(made, Elaborated)
    proved = {"two": Verdict("two", Outcome.HOLDS, "proved for every size of Page")}

    def names(everywhere: AllSizes) -> list[str]:
        return [claim.name for claim in open_claims(made.system.properties, everywhere)]

    assert names(NOTHING) == ["marked_first", "two", "done", "not_stuck"]
    assert names(AllSizes(proved)) == ["marked_first", "done", "not_stuck"]
    assert names(AllSizes(proved, partly=True)) == ["marked_first", "two", "done", "not_stuck"]


def budgets(search: Search) -> list[float | None]:
    """The seconds that searches of states are given, one after the other."""
    from verifier.engines import explicit

    with patch.object(explicit, "check", wraps=explicit.check) as searched:
        checked(TOLD, search)
    return [call.args[2].seconds for call in searched.call_args_list]


def test_the_instance_is_searched_for_a_while_before_lemmas_and_then_for_what_is_left() -> None:
    """Here the first search is enough."""
    first = budgets(Search(budget=Budget(seconds=60)))[0]

    assert first is not None
    assert 6 < first <= 9


def test_what_neither_decides_the_instance_is_searched_for_again() -> None:
    """Too few states for a first search, and lemmas do not prove `two`: the second one has the rest of the time."""
    first, *_, last = budgets(Search(budget=Budget(seconds=60, states=2)))

    assert first is not None
    assert last is not None
    assert first < 10 < 30 < last


def test_a_run_that_is_kept_searches_the_instance_once(tmp_path: Path) -> None:
    """All but what is for lemmas is for this."""
    first, *others = budgets(Search(budget=Budget(seconds=60, keeping=Keeping(tmp_path / "run"))))

    assert first is not None
    assert 30 < first <= 45
    assert not others


def test_all_together_take_no_longer_than_asked() -> None:
    """A quarter is kept for lemmas, and what has taken longer is taken from it."""
    watch = Watch(Budget(seconds=100))
    assert seconds_for_lemmas(watch) == 25
    watch._started -= 90
    assert 9 < seconds_for_lemmas(watch) <= 10
    watch._started -= 90
    assert seconds_for_lemmas(watch) == 0.1
