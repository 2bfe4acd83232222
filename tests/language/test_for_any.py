"""`for any Page, Device >= 2`: which sizes claims are about, what cannot be left open, what is too small."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.language.elaborating import checked, specification
from verifier.language.diagnostics import Diagnostic
from verifier.language.elaborate.description import RegionDescription
from verifier.language.for_any import UNNAMED
from verifier.language.sizes import groups
from verifier.language.specification import Elaborated, Specification, open_specification

TWO_SORTS = """\
spec s
sort Page size 3
sort Device size 2
state owned(Page): bool
state run(Device): bool
"""

WINDOW = """\
spec s
sort Page
sort Address
sort Vm
sort Device
state owner(Page): Vm?
state table(Device, Address): Page?
machine {
  vm vm1
  region window {
    gpa 0x10 .. 0x17
    hpa 0x20 .. 0x27
  }
  region rest {
    gpa 0x00 .. 0x03
    hpa 0x30 .. 0x33
  }
  region own {
    gpa 0x00 .. 0x03
    hpa 0x40 .. 0x43
  }
  device nic { table window }
}
always there: all p in window: owner(p) is none
instance small { window = 2, rest = 1, own = 1 }
"""

NUMBERED = "always n: all p: Page: number(p) < 5\n"


def sizes(text: str) -> dict[str, int]:
    """From which size on each free size is claimed about."""
    return {str(size): size.least for size in specification(text).family().sizes}


def refused(text: str) -> Diagnostic:
    """The only thing that is wrong with the text."""
    found = checked(text)
    assert not isinstance(found, Specification)
    (diagnostic,) = found
    return diagnostic


def region(name: str, gpa: set[int], hpa: set[int]) -> RegionDescription:
    return RegionDescription(name, (), (), tuple(gpa), tuple(hpa), ())


_NUMBERS = st.sets(st.integers(0, 9), max_size=2)


@given(st.lists(st.tuples(_NUMBERS, _NUMBERS), max_size=7))
def test_regions_are_joined_by_what_they_have_in_common(pages: list[tuple[set[int], set[int]]]) -> None:
    """Two are in one group exactly if a chain of regions leads from one to the other; none is lost or twice."""
    regions = [region(str(number), *both) for number, both in enumerate(pages)]
    found = [[int(r.name) for r in group] for group in groups(regions)]
    reach = [{i} for i in range(len(pages))]
    for _ in pages:
        for i, (gpa, hpa) in enumerate(pages):
            for j, (other_gpa, other_hpa) in enumerate(pages):
                if gpa & other_gpa or hpa & other_hpa:
                    reach[i] |= reach[j]
    assert sorted(chain.from_iterable(found)) == list(range(len(pages)))
    assert all(reach[i] == set(group) for group in found for i in group)


def test_many_names() -> None:
    """Regions, names of them and named pages by the hundred."""
    regions = "".join(f"  region r{n} {{ gpa {n:#x}\n hpa {n:#x}\n }}\n" for n in range(1500))
    names = ", ".join(f"r{n}" for n in range(1500))
    named = " and ".join(f"owner({n:#x}) is none" for n in range(100))
    text = (
        "spec s\nsort Page\nsort Address\nsort Vm\nstate owner(Page): Vm?\n"
        f"machine {{\n  vm vm1\n{regions}}}\nfor any {names}\nalways a: {named}\n"
    )
    assert isinstance(checked(text), Specification)


def codes(found: Elaborated | Iterable[Diagnostic]) -> list[str]:
    return [] if isinstance(found, Elaborated) else [diagnostic.code for diagnostic in found]


def test_without_the_line_every_size_is_free() -> None:
    assert sizes(TWO_SORTS) == {"Page": 1, "Device": 1}


def test_what_is_not_named_is_as_in_the_instance() -> None:
    """The size is kept, and why is said."""
    family = specification(TWO_SORTS + "for any Device >= 2\n").family()

    assert [(str(size), size.least, size.here) for size in family.sizes] == [("Device", 2, 2)]
    assert [(str(kept), kept.reason) for kept in family.kept] == [("Page = 3", UNNAMED)]


def test_several_lines_are_one() -> None:
    assert sizes(TWO_SORTS + "for any Device >= 2\nfor any Page") == {"Page": 1, "Device": 2}


def test_regions_with_one_size_have_the_larger_of_their_least_sizes() -> None:
    assert sizes(WINDOW + "for any window >= 2, rest, own\n") == {"window": 2, "rest = own": 1}
    assert sizes(WINDOW.replace("rest = 1, own = 1", "rest = 2, own = 2") + "for any rest >= 2, own\n") == {
        "rest = own": 2
    }


def test_families_have_smaller_systems_too() -> None:
    """Engines compare sizes to see that nothing else depends on them; it is for them not to claim anything there."""
    family = specification(TWO_SORTS + "for any Page, Device >= 2\n").family()

    assert family.at((1, 1)) is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TWO_SORTS + "for any Pages", "there is no sort or region `Pages`"),
        (TWO_SORTS + "enum Vm { vm1, vm2 }\nfor any Vm", "`Vm` lists its members, so its size is fixed"),
        (TWO_SORTS + "sort Vm { vm1, vm2 }\nfor any Vm", "`Vm` lists its members, so its size is fixed"),
        (TWO_SORTS + "const n: 0 .. 3 = 2\nsort Slot size n\nfor any Slot", "the size of `Slot` is computed"),
        (
            TWO_SORTS + "always n: all p: Page: number(p) < 5\nfor any Page",
            "how many Page there are is read by `number`",
        ),
        (WINDOW + "for any Page", "the size of `Page` is that of its regions"),
        (WINDOW + "for any Device", "the machine names the members of `Device`"),
        (WINDOW + "for any own", "rest, own have pages in common, and one size together"),
        (
            WINDOW + "always n: all p: Page: number(p) < 50\nfor any window",
            "how many Page there are is read by `number`",
        ),
    ],
)
def test_what_cannot_be_of_any_size(text: str, message: str) -> None:
    """The name is marked, and what is in the way is said."""
    found = refused(text)

    assert (found.code, found.message) == ("E0334", message)
    line = text.split("\n")[found.span.line - 1]
    assert line.startswith("for any ")
    assert found.span.column == len("for any ") + 1


def test_a_name_without_the_line_may_be_anything() -> None:
    """What keeps a size from being free is an error only where it is asked for."""
    assert sizes(TWO_SORTS + NUMBERED + "for any Device") == {"Device": 1}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("for any Page, Page", "E0332"),
        ("for any Page\nfor any Page >= 2", "E0332"),
        ("for any Page >= 0", "E0333"),
        ("for any Page >= 65537", "E0333"),
        ("for any Page > 1", "E0029"),
        ("for any Page == 2", "E0029"),
    ],
)
def test_lines_that_are_wrong_by_themselves(line: str, code: str) -> None:
    assert refused(TWO_SORTS + line).code == code


def test_only_a_specification_has_the_line(tmp_path: Path) -> None:
    """What a model says would change what the specifications that use it claim."""
    (tmp_path / "m.flip").write_text("model m\nsort Page size 2\nfor any Page\n")
    (tmp_path / "s.flip").write_text("spec s\nuse m\nstate f(Page): bool\n")
    found = open_specification(tmp_path / "s.flip")
    assert not isinstance(found, Specification)
    assert [(part.code, Path(part.span.file).name, part.span.line) for part in found] == [("E0334", "m.flip", 3)]


@pytest.mark.parametrize(
    ("text", "least"),
    [
        (TWO_SORTS + "always a: owned(page1) implies owned(page1)\nfor any Page", "Page >= 2"),
        (TWO_SORTS + "scenario a { check not owned(page2) }\nfor any Page >= 2", "Page >= 3"),
        (TWO_SORTS + "const first: Page? = page1\nfor any Page", "Page >= 2"),
        (WINDOW + "always a: owner(window[1]) is none\nfor any window", "window >= 2"),
        (WINDOW + "always a: owner(0x21) is none\nfor any window", "window >= 2"),
        (WINDOW + "always a: table(nic, 0x11) is none\nfor any window >= 1", "window >= 2"),
        (WINDOW + "always a: owner(0x20) is none or table(nic, 0x11) is none\nfor any window", "window >= 2"),
        (WINDOW + "always a: owner(0x21) is none or table(nic, 0x10) is none\nfor any window", "window >= 2"),
    ],
)
def test_what_is_named_must_be_there_at_every_size(text: str, least: str) -> None:
    """The fix is the least size that has it, and cures it."""
    found = refused(text)

    assert found.code == "E0335"
    assert found.fix is not None
    assert found.fix.replacement == least
    line = text.split("\n")[found.span.line - 1]
    cured = line[: found.fix.span.column - 1] + least + line[found.fix.span.end_column - 1 :]
    assert isinstance(checked(text.replace(line, cured)), Specification)


def test_the_first_of_a_sort_may_be_named_at_any_size() -> None:
    assert sizes(TWO_SORTS + "always a: owned(page0) implies owned(page0)\nfor any Page") == {"Page": 1}
    assert sizes(WINDOW + "always a: owner(window[0]) is none\nfor any window") == {"window": 1}


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ("instance small { Device = 2 }\ninstance smaller { Device = 1 }", "instance smaller { "),
        ("variant v { set Device = 1 } expect holds", "variant v { set "),
    ],
)
def test_an_instance_that_is_too_small(more: str, place: str) -> None:
    """Whoever chooses the size is told, with the place that asks for more."""
    text = TWO_SORTS + "for any Device >= 2\n" + more
    found = refused(text)

    assert found.code == "E0414"
    assert text.split("\n")[found.span.line - 1][: found.span.column - 1] == place
    assert found.hint == "`for any Device >= 2` is at s.flip:6:9"


def test_the_size_of_the_declaration_is_too_small() -> None:
    assert refused(TWO_SORTS + "for any Device >= 3\n").code == "E0414"
    assert isinstance(checked(TWO_SORTS + "for any Device >= 3\ninstance three { Device = 3 }"), Specification)


def test_the_command_line_cannot_choose_less() -> None:
    spec = specification(TWO_SORTS + "for any Device >= 2\n")

    assert codes(spec.elaborate(settings={"Device": 1})) == ["E0414"]
    assert codes(spec.elaborate(settings={"Device": 2})) == []
    assert codes(specification(WINDOW + "for any window >= 2").elaborate(settings={"window": 1})) == ["E0414"]
