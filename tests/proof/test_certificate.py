"""Certificates: what is written is checked and accepted, and whatever is done to it, it is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.proof.specs import HERE, claims_of, opened, specification
from tests.strategies import systems
from verifier.cli import main
from verifier.commands.sources import subject_of
from verifier.engines.proof.asking import Asked, Planner
from verifier.engines.proof.conditions import Lemma
from verifier.engines.proof.model import all_named
from verifier.engines.proof.prover import prove
from verifier.engines.proof.solver import Solver
from verifier.engines.proof.translation import Now, Translator
from verifier.engines.proof.vocabulary import Vocabulary
from verifier.evidence.certificate import certificate_of, digest, obligations_of
from verifier.evidence.certificate_check import Check, interpreted, translated_again
from verifier.evidence.certificate_files import (
    MalformedCertificateError,
    read_certificate,
    write_certificate,
)
from verifier.evidence.certificate_formulas import MalformedFormulaError, formula_from_json, formula_to_json
from verifier.system.expressions import TRUE, Constant, Equal, ForAll, Not, Read, Variable
from verifier.system.system import PropertyKind, System
from verifier.system.types import SortType

SPEC = str(HERE / "handover.flip")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("proof") / "handover"
    found = opened("handover")
    proof = prove(found.family, claims_of(found))
    subject = subject_of(specification("handover"), None, None, ())
    write_certificate(folder, certificate_of(subject, found.describe(), proof))
    return folder


@pytest.fixture
def copied(written: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "copy"
    for path in written.rglob("*.*"):
        target = folder / path.relative_to(written)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return folder


@pytest.mark.slow
def test_a_certificate_is_accepted(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["certify", str(written), "--spec", SPEC, "--time", "2"]) == 0
    assert "proved for Page >= 1, Device >= 1: in_place" in capsys.readouterr().out


def test_certificates_are_the_same_to_the_byte(written: Path, tmp_path: Path) -> None:
    found = opened("handover")
    subject = subject_of(specification("handover"), None, None, ())
    proof = prove(found.family, claims_of(found))
    write_certificate(tmp_path / "again", certificate_of(subject, found.describe(), proof))

    for path in written.rglob("*.*"):
        assert (tmp_path / "again" / path.relative_to(written)).read_bytes() == path.read_bytes()


def edit(folder: Path, change: Callable[[Any], object]) -> None:
    """Change the one part of the manifest."""
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest["parts"][0])
    (folder / "manifest.json").write_text(json.dumps(manifest))


def rehash(folder: Path, name: str) -> None:
    """The manifest says of the file what is true of it now."""

    def truly(part: Any) -> None:
        for condition in part["conditions"]:
            if condition["file"] == name:
                condition["sha256"] = digest((folder / name).read_text())

    edit(folder, truly)


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))


MOVE = "conditions/007-move.smt2"
BAD: dict[str, Callable[[Path], object]] = {
    f"{MOVE} is missing": lambda f: (f / MOVE).unlink(),
    "lemmas.txt is missing": lambda f: (f / "lemmas.txt").unlink(),
    "manifest.json is missing": lambda f: (f / "manifest.json").unlink(),
    "more.txt does not belong to it": lambda f: (f / "more.txt").write_text("x"),
    f"{MOVE} has been changed": lambda f: change(f, MOVE, "moving", "moved"),
    f"{MOVE} does not end in one question": lambda f: (change(f, MOVE, "(check-sat)", ""), rehash(f, MOVE)),
    f"{MOVE} has a line that is no declaration": lambda f: (
        change(f, MOVE, "(check-sat)", '(set-option :regular-output-channel "/tmp/x")\n(check-sat)'),
        rehash(f, MOVE),
    ),
    f"{MOVE} has a line that is no declaration and": lambda f: (
        change(f, MOVE, "(check-sat)", "(assert true) (include x)\n(check-sat)"),
        rehash(f, MOVE),
    ),
    "it is not JSON|manifest.json is not JSON": lambda f: (f / "manifest.json").write_text("{"),
    "manifest.json is not JSON": lambda f: (f / "manifest.json").write_text("[" * 100_000),
    "it has version 1": lambda f: change(f, "manifest.json", '"version": 3', '"version": 1'),
    "it has condition .* twice": lambda f: edit(f, lambda p: p["conditions"].append(p["conditions"][0])),
    "it has lemma halted twice": lambda f: edit(f, lambda p: p["lemmas"].append(p["lemmas"][-3])),
    "is nothing that a condition is about": lambda f: edit(f, lambda p: p["conditions"][0].update(about="luck")),
    "'parts' of manifest.json has the wrong type": lambda f: change(
        f, "manifest.json", '"parts": [', '"parts": 7, "p": ['
    ),
    "parts is not an object": lambda f: change(f, "manifest.json", '"parts": [', '"parts": [[],'),
    "is not the name of a condition": lambda f: change(f, "manifest.json", MOVE, "conditions/../../x.smt2"),
    "is no answer": lambda f: change(f, "manifest.json", '"expected": "sat"', '"expected": "maybe"'),
    "is a link": lambda f: ((f / MOVE).unlink(), (f / MOVE).symlink_to("/etc/passwd")),
    "is not text": lambda f: (f / "lemmas.txt").write_bytes(b"\xff\xfe"),
}


@pytest.mark.parametrize("reason", BAD)
def test_a_folder_that_is_no_certificate_is_refused_with_the_reason(copied: Path, reason: str) -> None:
    BAD[reason](copied)

    with pytest.raises(MalformedCertificateError, match=reason.replace("(", r"\(")):
        read_certificate(copied)


FALSIFIED: dict[str, Callable[[Path], object]] = {
    "is not what the specification gives": lambda f: (
        change(f, MOVE, "(assert (= state/phase member/phase.value/moving))", "(assert false)"),
        rehash(f, MOVE),
    ),
    "006-drain.smt2 is not what the specification gives": lambda f: swapped(f, MOVE, "conditions/006-drain.smt2"),
    "the text of the lemmas is not that of the formulas": lambda f: change(f, "lemmas.txt", "vm1", "vm2"),
    "nothing in it shows that move does not break lemma": lambda f: (
        (f / MOVE).unlink(),
        edit(f, lambda p: p["conditions"].remove(of_file(p, MOVE))),
    ),
    "nothing in it shows that there is an initial state": lambda f: without(f, "consistent"),
    "nothing in it shows that lemma in_place holds initially": lambda f: without(f, "initial"),
    "nothing in it shows that the lemmas imply in_place": lambda f: without(f, "claims"),
    "it is about every page": lambda f: change(f, "manifest.json", "Page >= 1, Device >= 1", "every page"),
    "the specification has no claim there": lambda f: change_all(f, "manifest.json", '"in_order"', '"there"'),
    "it claims something else than its parts do": lambda f: change(f, "manifest.json", '"in_order",', ""),
    "it claims nothing": lambda f: edit_all(f, lambda m: m.update(claims=[])),
    "there is no lemma lost": lambda f: edit(f, lambda p: of_file(p, MOVE)["uses"].append("lost")),
    "there is no action lost": lambda f: edit(f, lambda p: of_file(p, MOVE).update(action="lost")),
    "there is no claim lost": lambda f: edit(f, lambda p: of_file(p, MOVE)["claims"].append("lost")),
    "conditions/000-consistent.smt2 is not": lambda f: edit(f, lambda p: p["conditions"][0].update(expected="unsat")),
    "lemma halted: a part of a formula is not a list": lambda f: lemma_is(f, ["not", "x"]),
    "lemma halted: 'nonsense' does not stand with nothing": lambda f: lemma_is(f, ["nonsense"]),
    "lemma halted: the formula has more than": lambda f: lemma_is(f, deep(["value", "bool", True])),
}  # fmt: skip


def edit_all(folder: Path, change: Callable[[Any], object]) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def change_all(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new))


def of_file(part: Any, name: str) -> Any:
    return next(condition for condition in part["conditions"] if condition["file"] == name)


def swapped(folder: Path, one: str, other: str) -> None:
    """Each file stands where the other was, and the manifest has the hashes of what is there."""
    texts = (folder / one).read_text(), (folder / other).read_text()
    (folder / one).write_text(texts[1])
    (folder / other).write_text(texts[0])
    rehash(folder, one)
    rehash(folder, other)


def without(folder: Path, about: str) -> None:
    """The certificate without the conditions about this, and without their files."""

    def change(part: Any) -> None:
        for condition in [c for c in part["conditions"] if c["about"] == about]:
            part["conditions"].remove(condition)
            (folder / condition["file"]).unlink()

    edit(folder, change)


def deep(formula: list[object]) -> list[object]:
    for _ in range(300):
        formula = ["not", formula]
    return formula


def lemma_is(folder: Path, formula: object, *names: str) -> None:
    """The lemmas of these names, or `halted`, are another formula."""

    def change(part: Any) -> None:
        for lemma in part["lemmas"]:
            if lemma["name"] in (names or ("halted",)):
                lemma["formula"] = formula

    edit(folder, change)


@pytest.mark.parametrize("reason", FALSIFIED)
def test_what_the_specification_does_not_give_is_refused(copied: Path, reason: str) -> None:
    FALSIFIED[reason](copied)
    found = opened("handover")

    finding = translated_again(read_certificate(copied), found)

    assert finding.check is Check.FAILED
    assert reason in finding.detail


def test_a_certificate_of_another_protocol_is_refused(copied: Path) -> None:
    """The variant has other conditions than the protocol."""
    found = opened("handover", "no_drain")

    assert translated_again(read_certificate(copied), found).check is Check.FAILED


def test_a_certificate_of_an_older_text_is_refused(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = json.loads((copied / "manifest.json").read_text())
    (copied / "manifest.json").write_text(json.dumps({**manifest, "hash": "0" * 64}))

    assert main(["certify", str(copied), "--spec", SPEC]) == 2
    assert "the hash is another one" in capsys.readouterr().err


def test_the_interpreter_finds_a_lemma_that_is_not_inductive(copied: Path) -> None:
    """Whatever the translation thinks of it: here it is not even asked."""
    phase = opened("handover").family.text.function("phase").result
    assert isinstance(phase, SortType)
    never_moved = Not(Equal(Read("phase", (), phase), Constant(3, phase)))
    lemma_is(copied, formula_to_json(never_moved))

    finding = interpreted(read_certificate(copied), opened("handover"), 3)

    assert finding.check is Check.FAILED
    assert "halted" in finding.detail


def test_the_interpreter_finds_an_unreachable_state_where_a_lemma_is_not_kept(copied: Path) -> None:
    """Without its lemma, "in_place" is true of every reached state, and is not inductive."""
    lemma_is(copied, formula_to_json(TRUE), "halted", "drained", "at_home")
    edit(copied, lambda part: part.update(claims=["in_place"]))

    finding = interpreted(read_certificate(copied), opened("handover"), 10)

    assert finding.check is Check.FAILED
    assert "from a state that the lemmas allow" in finding.detail


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(systems())
def test_formulas_come_back_as_they_were(system: System) -> None:
    """As terms of first-order logic, to the byte."""
    vocabulary = Vocabulary(all_named(system), ())
    for claim in system.properties:
        if claim.kind in (PropertyKind.ALWAYS, PropertyKind.REACHABLE):
            again = formula_from_json(json.loads(json.dumps(formula_to_json(claim.formula))), system)
            texts = [Translator(vocabulary).formula(f, {}, Now(vocabulary)) for f in (claim.formula, again)]
            assert texts[0] == texts[1]


@settings(max_examples=200, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.sampled_from(
    ["not", "and", "read", "phase", "all", "p", "Page", "sort", "variable", "value", "bool", "equal", "if", "open"]
), lambda parts: st.lists(parts, max_size=4)))  # fmt: skip
def test_whatever_stands_for_a_formula_there_is_no_crash(data: object) -> None:
    with suppress(MalformedFormulaError):
        formula_from_json(data, opened("handover").family.text)


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    found = opened("handover")
    proof = prove(found.family, (), (Lemma("true", ForAll(Variable("p", SortType(found.family.sorts["Page"])), TRUE)),))

    with pytest.raises(FileExistsError):
        write_certificate(tmp_path, certificate_of(subject_of(specification("handover"), None, None, ()), "", proof))
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


@pytest.mark.slow
def test_documents_fit_their_schemas(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from importlib.resources import files

    schemas = files("verifier.report").joinpath("schema")
    manifest = json.loads((written / "manifest.json").read_text())
    jsonschema.validate(manifest, json.loads(schemas.joinpath("certificate.schema.json").read_text()))
    assert main(["certify", str(written), "--spec", SPEC, "--time", "1", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, json.loads(schemas.joinpath("certify.schema.json").read_text()))


def test_what_is_too_much_together_is_asked_in_parts() -> None:
    """Each goal once, so that together they say what one condition would."""
    found = opened("handover")
    proof = prove(found.family, claims_of(found))
    made = obligations_of(found.family, proof.lemmas, proof.proved)
    with Solver("z3") as solver:
        planner = Impatient(made, solver, lambda _: None)
        apart = list(planner.split(Asked("step", "land"), made.goals(found.family.text.action("land"))))

    together = [asked for asked in made.plan() if asked.action == "land"]
    assert len(together) == 1
    assert len(apart) == len(together[0].lemmas) + len(together[0].claims) > 1
    assert tuple(name for asked in apart for name in asked.lemmas) == together[0].lemmas
    assert tuple(name for asked in apart for name in asked.claims) == together[0].claims
    others = [asked for asked in made.plan() if asked.action != "land"]
    assert made.uncovered([*others, *apart]) is None
    assert "land does not break" in str(made.uncovered([*others, *apart[1:]]))


class Impatient(Planner):
    """Gets through questions with one goal only."""

    def enough(self, asked: Asked) -> tuple[str, ...] | None:
        return super().enough(asked) if len(asked.lemmas) + len(asked.claims) == 1 else None


def test_a_question_has_no_lemmas_that_it_does_not_need() -> None:
    found = opened("handover")
    proof = prove(found.family, claims_of(found))
    land = next(a for a in obligations_of(found.family, proof.lemmas, proof.proved).plan() if a.action == "land")

    assert "in_place" in land.uses
    assert "at_home" not in land.uses
