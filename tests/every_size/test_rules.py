"""From how many on more makes no difference: each rule has a specification that would seem right without it."""

from __future__ import annotations

import pytest

from tests.every_size.families import family
from tests.language.elaborating import specification
from verifier.engines.every_size import EverySize, prove
from verifier.engines.explicit import check
from verifier.engines.verdict import Budget, Outcome
from verifier.engines.watch import Watch

PAGES = """
sort Page size 2
state done(Page): bool
state seen(Page): bool
state bad: bool
action finish(p: Page) { when not done(p);  done(p) := true }
"""


def proof(text: str, states: int = 20_000) -> EverySize:
    made = family(text)
    system = made.at(made.here)
    assert system is not None
    return prove(made, system.properties, Watch(Budget(states=states)))


def proved(text: str) -> set[str]:
    found = proof(text)
    assert found.reason == "" or "may be violated" in found.reason, found.reason
    return {verdict.property for verdict in found.verdicts}


LARGER = [
    pytest.param(
        "never three: some p, q, r: Page where p != q and q != r and p != r: done(p) and done(q) and done(r)",
        id="quantifiers in each other",
    ),
    pytest.param("always few: (count p: Page: done(p)) <= 2", id="count at most"),
    pytest.param("never four: (count p: Page: done(p)) == 4", id="count exactly"),
    pytest.param("never four: 3 < (count p: Page: done(p))", id="count more than"),
    pytest.param("always few: (count p: Page: done(p)) < 4", id="count fewer than"),
    pytest.param(
        """action look(x: Page) { when done(x) and (count q: Page where q != x: done(q)) >= 2;  bad := true }
        never reached: bad""",
        id="count beside a parameter",
    ),
    pytest.param(
        """action look(x: Page) { when all p: Page: done(p)
          when some p, q: Page: p != x and q != x and p != q;  bad := true }
        never reached: bad""",
        id="quantifiers beside a parameter",
    ),
    pytest.param(
        "step one_left: no p, q: Page where p != q: not next(done(p)) and not next(done(q))",
        id="what stays in a step",
    ),
    pytest.param("step all_done: all p: Page: next(done(p))", id="equal before a step, not after it"),
    pytest.param(
        "step last: (count p: Page: not next(done(p))) < 2",
        id="count of what stays in a step",
    ),
    pytest.param(
        """action write(x: Page) { when done(x);  all p: Page where p != x and done(p) { bad := true } }""",
        id="two choices of a binder",
    ),
    pytest.param(
        """action sweep(x: Page) { when not bad and no p: Page: done(p)
          bad := true;  all p: Page where p != x { seen(p) := true } }
        never two: some p, q: Page where p != q: seen(p) and seen(q)""",
        id="all but one move",
    ),
    pytest.param(
        """action sweep(x: Page) { when no p: Page: done(p)
          bad := true;  all p: Page where p != x { seen(p) := true } }
        never mixed: bad and (no p: Page: done(p)) and some p, q: Page: seen(p) and not seen(q)""",
        id="all but one move, one stays",
    ),
    pytest.param(
        """action close { all p: Page { if all q: Page where q != p: done(q) { seen(p) := true } } }
        never closed: some p, q: Page where p != q: seen(p) and seen(q)""",
        id="quantifier below a binder",
    ),
    pytest.param(
        """action close { all p: Page { if (count q: Page where q != p: not done(q)) < 1 { seen(p) := true } } }
        never closed: some p, q: Page where p != q: seen(p) and seen(q)""",
        id="count below a binder",
    ),
    pytest.param(
        """action meet(p: Page, q: Page) { when p != q and done(p) and done(q);  bad := true }
        never met: bad""",
        id="two parameters",
    ),
    pytest.param(
        """action meet(p: Page, q: Page) { assert apart: p == q or not done(p) or not done(q);  seen(p) := true }""",
        id="an assertion about two parameters",
    ),
    pytest.param(
        """action look(x: Page) {
          when done(x)
          all p: Page where p != x { assert lone: not done(p) or no q: Page where q != p and q != x: done(q) }
        }""",
        id="an assertion for all pages beside a parameter",
    ),
    pytest.param(
        "never even: (count p: Page: done(p)) == 2 and (count p: Page: not done(p)) == 2", id="many more are left"
    ),
    pytest.param(
        """state pick: Page?
        action take(p: Page) { when pick is none and done(p);  pick := p }
        never more: pick is p and some q: Page: q != p and done(q)""",
        id="a page that is held, and another one",
    ),
]


@pytest.mark.parametrize("text", LARGER)
def test_what_only_larger_sizes_violate_is_not_proved(text: str) -> None:
    """It holds of one page, where there is one; the claim of the text is a suspicion, which the sizes named show."""
    found = proof(PAGES + text)
    (suspicion,) = found.suspicions
    spec = specification(PAGES + text)
    outcomes = []
    for sizes in suspicion.sizes():
        made = spec.elaborate(None, None, sizes)
        assert not isinstance(made, tuple)
        (verdict,) = check(made.system, [made.system.property_named(suspicion.claim)]).verdicts
        outcomes.append(verdict.outcome)
    assert Outcome.VIOLATED in outcomes
    assert suspicion.claim not in {verdict.property for verdict in found.verdicts}


ALL = [
    pytest.param("always one: all p: Page: seen(p) implies done(p)", {"one"}, id="always"),
    pytest.param("step kept: all p: Page: done(p) implies next(done(p))", {"kept"}, id="step"),
    pytest.param(
        """action write(x: Page) { when done(x);  all p: Page where p == x { seen(p) := true;  bad := true } }
        always seen_done: all p: Page: seen(p) implies done(p)""",
        {"seen_done", "single_write"},
        id="no cell is written twice",
    ),
    pytest.param(
        """state pick: Page?
        action take(p: Page) { when pick is none and done(p);  pick := p }
        action leave { when pick is p;  pick := none;  seen(p) := true }
        always picked: pick is p implies done(p)
        always seen_done: all p: Page: seen(p) implies done(p)
        action check(p: Page) { when pick == p;  assert held: done(p) and not seen(p) or seen(p);  skip }""",
        {"picked", "seen_done", "held"},
        id="a page that is held",
    ),
    pytest.param(
        """state half: bool
        action begin { when all p: Page: done(p);  half := true;  all p: Page { done(p) := false } }
        never both: half and no p: Page: not done(p) and bad""",
        set(),
        id="nothing about pages in doubt",
    ),
    pytest.param("always few: (count p: Page: seen(p)) <= 1", {"few"}, id="a count that stays small"),
]


@pytest.mark.parametrize(("text", "names"), ALL)
def test_what_holds_of_every_size_is_proved(text: str, names: set[str]) -> None:
    """The search of all sizes is good enough to see it."""
    assert names <= proved(PAGES + text)


def test_named_members_are_there_whatever_the_size() -> None:
    """Sizes begin at the named page alone; "every size" is any number of pages beside it."""
    text = """
    action first { seen(page0) := true }
    never alone: seen(page0) and (all p: Page: p == page0)
    """
    found = proof(PAGES + text)
    (suspicion,) = found.suspicions
    assert dict(suspicion.first) == {"Page": 1}
