"""Where the size itself is read nothing is said of other sizes: each text has a bug that only other sizes show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.every_size.families import family
from tests.every_size.test_rules import PAGES, proof
from verifier.engines.every_size import prove
from verifier.engines.verdict import Budget
from verifier.engines.watch import Watch
from verifier.system.expressions import FALSE
from verifier.system.family import Family
from verifier.system.system import System, Table

READ = "how many there are is read by"

REFUSED = [
    pytest.param("never fifth: some p: Page: done(p) and number(p) == 4", f"{READ} `number` at s.flip:8:", id="number"),
    pytest.param(
        "const big: bool = (count p: Page: true) > 30\nnever grown: big and bad == false",
        f"{READ} `count` in a constant at s.flip:8:",
        id="count in a constant",
    ),
    pytest.param(
        "const crowd: bool = some p, q, r: Page: p != q and q != r and p != r\nnever crowded: crowd",
        f"{READ} `some` in a constant at s.flip:8:",
        id="quantifier in a constant",
    ),
    pytest.param(
        "state alone(p: Page): bool = all q: Page: q == p\nalways always_alone: all p: Page: alone(p)",
        f"{READ} `all` in a constant at s.flip:8:",
        id="quantifier in what is so at first",
    ),
    pytest.param(
        "state left: 0 .. 40 = count p: Page: true\nalways some_left: left < 30",
        f"{READ} `count` in a constant at s.flip:8:",
        id="count in what is so at first",
    ),
    pytest.param(
        "define much = count p: Page: done(p)\nnever equal: much == (count p: Page: not done(p)) and much > 4",
        "`count` in `equal` is not compared with a constant",
        id="two counts",
    ),
    pytest.param(
        "never odd: (count p: Page: done(p)) * 2 == 10",
        "`count` in `odd` is not compared with a constant",
        id="arithmetic on a count",
    ),
    pytest.param(
        "never far: (count p: Page: done(p)) > 30",
        "up to 31 of them would have to be told from more",
        id="a large count",
    ),
    pytest.param(
        "state far: Page = any\nalways near: not done(far) or all p: Page: p == far or not done(p)",
        "`far` may be anything at first",
        id="any member at first",
    ),
    pytest.param(
        "state far(Page): bool = any\nnever two: some p, q, r: Page where p != q: far(p) and far(q) and far(r)",
        "a larger instance cannot be made",
        id="anything at first",
    ),
    pytest.param(
        """state link(Page, Page): bool
        action tie(p: Page, q: Page) { when p != q;  link(p, q) := true }
        never tied: some p, q: Page: link(p, q)""",
        "`link` relates them to one another",
        id="a relation",
    ),
    pytest.param(
        """state next_one(Page): Page?
        action tie(p: Page, q: Page) { when p != q;  next_one(p) := q }
        never tied: some p: Page: next_one(p) is not none""",
        "one of them refers to another one",
        id="a page in another page's cell",
    ),
    pytest.param(
        """const wanted: 0 .. 40 = 3
        sort Slot size wanted
        state used(Slot): bool
        action use(s: Slot) { used(s) := true }
        never many: wanted > 30 and no s: Slot: used(s)""",
        "its size is computed at s.flip:9:",
        id="a size that is a constant's",
    ),
    pytest.param(
        """protocol { process p {
          loop: each x: Page where (some a, b, c: Page: a != b and b != c and a != c) { bad := true }
        } }
        never reached: bad""",
        "the value of `p.loop.pending` at first depends on how many there are",
        id="quantifier in the set of a loop",
    ),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_a_size_that_is_read_is_not_free(text: str, reason: str) -> None:
    """The size is kept at what it is in the instance, and the place is named."""
    found = proof(PAGES + text)
    reasons = [found.reason, *(kept.reason for kept in found.kept)]
    assert any(reason in each for each in reasons), reasons
    assert ("Slot" if "Slot" in text else "Page") not in found.sizes


MACHINE = """
sort Vm
sort Page
sort Address
state owner(Page): Vm?
state ept(Vm, Address): Page?
operation flip(a: Address from v: Vm to w: Vm) {{
  when ept(v, a) is p
  owner(p) := w;  ept(v, a) := none;  ept(w, a) := p
}}
machine {{
  vm vm1 {{ ept one }}
  vm vm2
  region one {{ gpa 0x10 .. 0x2f;  hpa 0x110 .. 0x12f;  owner vm1 }}
  region two {{ gpa {gpa};  hpa {hpa};  owner vm2 }}
}}
protocol {{ process hv {{ move: each address a in one {{ flip a from vm1 to vm2 }} }} }}
instance small {{ {sizes} }}
"""


def regions(gpa: str, hpa: str, sizes: str) -> Family:
    text = "spec s" + MACHINE.format(gpa=gpa, hpa=hpa, sizes=sizes)
    return family(text)


def test_regions_apart_have_sizes_of_their_own() -> None:
    """What is not in common does not tie them."""
    found = regions("0x40 .. 0x5f", "0x140 .. 0x15f", "one = 2, two = 3")
    assert [(size.names, size.here, size.most) for size in found.sizes] == [(("one",), 2, 32), (("two",), 3, 32)]


def test_regions_with_addresses_in_common_have_one_size() -> None:
    """As long as it is one in the instance, too, and what is in common stands at the same positions."""
    (size,) = regions("0x10 .. 0x2f", "0x140 .. 0x15f", "one = 2, two = 2").sizes
    assert (size.names, size.here) == (("one", "two"), 2)
    differing = regions("0x10 .. 0x2f", "0x140 .. 0x15f", "one = 2, two = 3").kept
    assert list(map(str, differing)) == ["one = 2", "two = 3"]
    assert {kept.reason for kept in differing} == {"they have pages in common and differ in size"}
    shifted = regions("0x20 .. 0x3f", "0x140 .. 0x15f", "one = 2, two = 2").kept
    assert [kept.reason for kept in shifted] == ["they have pages in common at different positions"]


def changed(system: System) -> System:
    """The same, but `finish` never happens."""
    return replace(system, actions=tuple(replace(a, guard=FALSE) if a.name == "finish" else a for a in system.actions))


@pytest.mark.parametrize("odd", [1, 19, 2, 30])
def test_the_systems_themselves_are_compared(odd: int) -> None:
    """Whatever the text is thought to mean: a size that gives another protocol is found where it is looked at."""
    plain = family(PAGES + "always one: all p: Page: not seen(p)")

    def at(numbers: tuple[int, ...]) -> System | None:
        system = plain.at(numbers)
        assert system is not None
        return changed(system) if numbers == (odd,) else system

    (size,) = plain.sizes
    other = Family((replace(size, here=30 if odd == 30 else 2),), at)
    found = prove(other, plain.at((2,)).properties, Watch(Budget()))  # type: ignore[union-attr]
    assert not found.verdicts
    assert found.reason.endswith("finish")


def test_a_larger_instance_must_be_like_the_smaller_ones() -> None:
    """The tables of what it has more of are compared, too."""
    plain = family(PAGES + "always one: all p: Page: not seen(p)")

    def at(numbers: tuple[int, ...]) -> System | None:
        system = plain.at(numbers)
        assert system is not None
        last = Table((False,) * (numbers[0] - 1) + (numbers[0] == 30,))
        functions = tuple(replace(f, initial=last) if f.name == "seen" else f for f in system.functions)
        return replace(system, functions=functions)

    (size,) = plain.sizes
    found = prove(Family((replace(size, here=30),), at), plain.at((2,)).properties, Watch(Budget()))  # type: ignore[union-attr]
    assert found.reason == "what the instance has more of is not like the rest"
