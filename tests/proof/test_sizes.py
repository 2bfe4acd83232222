"""What a specification says of its sizes is what proofs are about: no smaller ones, and no others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.language.elaborating import specification
from verifier.cli import main
from verifier.engines.proof.instances import instance
from verifier.engines.proof.progress.search import find_lasso
from verifier.engines.proof.prover import prove
from verifier.engines.proof.uniform import Uniform, uniform
from verifier.engines.verdict import Budget
from verifier.engines.watch import Watch
from verifier.evidence.proving import attempt

PAIRS = """\
spec pairs
sort Page size 4
sort Device size 2
state held(Page): bool
state running(Device): bool = true
action hold(p: Page) { when some q: Page where q != p: not held(q);  held(p) := true }
hardware stop(d: Device) { running(d) := false }
always others: all p: Page: some q: Page: q != p
always left: some p: Page: not held(p)
always two: (count d: Device: running(d)) <= 2
"""


def sized(line: str, text: str = PAIRS) -> Uniform:
    return uniform(specification(text + line).family())


def proved(found: Uniform) -> set[str]:
    proof = prove(found.family, found.family.text.properties)
    assert not proof.reason
    return set(proof.proved)


def test_without_the_line_one_page_is_enough_to_refute() -> None:
    found = sized("")

    assert found.describe() == "Page >= 1, Device >= 1"
    assert not {"others", "two"} & proved(found)


def test_smaller_sizes_do_not_count() -> None:
    """With two pages there is always another one, and `left` goes on to hold."""
    found = sized("for any Page >= 2, Device")

    assert found.describe() == "Page >= 2, Device >= 1"
    assert found.family.least == (2, 1)
    assert proved(found) == {"others", "left"}


def test_a_size_that_is_not_named_is_as_in_the_instance() -> None:
    """Then there are two devices: that is no matter of size, and all of them have a name in the proof."""
    found = sized("for any Page >= 2")

    assert found.describe() == "Page >= 2"
    assert [str(kept) for kept in found.kept] == ["Device = 2"]
    assert [[kind.sort for kind in orbit] for orbit in found.family.orbits] == [["Page"]]
    assert found.family.sorts["Device"].members == ("device0", "device1")
    assert proved(found) == {"others", "left", "two"}


def test_a_size_has_room_for_what_is_named_and_one_more() -> None:
    """Nothing is known of sizes where all members have names."""
    named = PAIRS + "never first: held(page0) and all p: Page: held(p)\n"

    assert sized("", named).describe() == "Page >= 2, Device >= 1"
    assert sized("for any Page", named).describe() == "Page >= 2"
    assert sized("for any Page >= 3", named).describe() == "Page >= 3"
    assert sized("for any Page >= 3", named).family.least == (2,)


def test_members_of_one_name_each_are_not_taken_for_a_size() -> None:
    """Nothing tells vm1 from vm2, but they are two, whatever the number of pages."""
    text = """\
    spec vms
    sort Vm { vm1, vm2 }
    sort Page size 2
    state owner(Page): Vm = vm1
    state seen(Vm): bool
    action look(v: Vm) { seen(v) := true }
    always two: some v, w: Vm: v != w
    """
    found = sized("", text.replace("= vm1", "= any").replace("    ", ""))

    assert found.describe() == "Page >= 1"
    assert found.family.sorts["Vm"].members == ("vm1", "vm2")
    assert "two" in proved(found)


@pytest.mark.parametrize("least", [1, 2, 4])
def test_instances_have_as_many_as_there_must_be(least: int) -> None:
    family = sized(f"for any Page >= {least}").family

    assert family.sizes(1) == (least,)
    assert family.sizes(3) == (max(3, least),)
    assert len(instance(family, family.sizes(1)).sorts[0].members) == least


def test_lemmas_are_not_refuted_by_what_is_too_small() -> None:
    """The search begins with the least size: with two of three pages, `some` would be violated."""
    pytest.importorskip("pysat")
    from verifier.engines.proof.inference.infer import infer

    text = """\
    spec three
    sort Page size 4
    state a: Page? = none
    state b: Page? = none
    state c: Page? = none
    action take(p: Page) { when a is none;  a := p }
    action take_b(p: Page) { when b is none and a is q and q != p;  b := p }
    always spare: some p: Page: a != p and b != p
    """.replace("    ", "")
    refuted = attempt(sized("for any Page >= 2", text).family, sized("", text).family.text.properties, Budget(30))
    found = attempt(sized("for any Page >= 3", text).family, sized("", text).family.text.properties, Budget(30))

    assert set(refuted.violated) == {"spare"}
    assert not found.violated
    assert found.proof.proved == ("spare",)
    family = sized("for any Page >= 3", text).family
    lemmas = infer(family, family.text.properties, Watch(Budget(30)))
    assert (lemmas.supported, lemmas.gaps) == (("spare",), ())


def test_nothing_waits_for_ever_at_sizes_that_are_not_meant() -> None:
    """One page waits for another one for ever; two do not."""
    text = """\
    spec turns
    sort Page size 2
    state done(Page): bool
    action finish(p: Page) { when not done(p) and some q: Page: q != p;  done(p) := true }
    eventually finished: all p: Page: done(p)
    """.replace("    ", "")
    for line, waits in (("", True), ("for any Page >= 2", False)):
        family = sized(line, text).family
        claim = family.text.property_named("finished")
        assert (find_lasso(family, claim, Budget(states=1000)) is not None) == waits


NAMED = """\
spec named
sort Ant size 2
state lit(Ant): bool
fair action light(a: Ant) { lit(a) := true }
always other: some a, b: Ant: a != b
eventually more: some a, b: Ant: a != b
eventually alone: all a, b: Ant: a == b
impossible scenario stays_dark { light(ant1);  check not lit(ant1) }
"""


def test_what_only_a_scenario_names_must_be_there_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There is no instance with one ant, so none violates that there are two."""
    (tmp_path / "named.flip").write_text(NAMED)

    main(["prove", str(tmp_path / "named.flip")])
    out = capsys.readouterr().out

    assert "holds         other       proved for every size (Ant >= 2)" in out
    assert "holds         more        proved for every size (Ant >= 2)" in out


def test_what_waits_for_ever_is_an_instance_of_the_specification(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The trace says of which size, and is done again there."""
    (tmp_path / "named.flip").write_text(NAMED)

    main(["prove", str(tmp_path / "named.flip"), "--property", "alone", "--format", "json"])
    verdict = next(v for v in json.loads(capsys.readouterr().out)["result"]["verdicts"] if v["property"] == "alone")
    (tmp_path / "trace.json").write_text(json.dumps(verdict["trace"]))

    assert verdict["outcome"] == "violated"
    assert verdict["trace"]["settings"] == {"Ant": "2"}
    assert main(["replay", str(tmp_path / "trace.json"), "--spec", str(tmp_path / "named.flip")]) == 0


def test_what_a_constant_makes_idle_may_name_a_member(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its condition is for reports: nothing else tells that page from the others."""
    (tmp_path / "idle.flip").write_text(
        "spec idle\n"
        "sort Page size 3\n"
        "state held(Page): bool\n"
        "const off: bool = false\n"
        "action hold(p: Page) { when held(page0);  when off;  held(p) := true }\n"
        "always free: no p: Page: held(p)\n"
    )

    assert main(["prove", str(tmp_path / "idle.flip"), "--own-lemmas"]) == 0
    assert "holds         free       proved for every size (Page >= 1)" in capsys.readouterr().out
