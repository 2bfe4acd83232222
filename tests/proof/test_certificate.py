"""Certificates: what is written is checked and accepted, and whatever is done to it, it is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.proof.specs import HERE, claims_of, opened, specification
from tests.strategies import systems
from verifier.cli import main
from verifier.commands.sources import subject_of
from verifier.engines.proof.conditions import Lemma
from verifier.engines.proof.model import all_named
from verifier.engines.proof.prover import prove
from verifier.engines.proof.translation import Now, Translator
from verifier.engines.proof.vocabulary import Vocabulary
from verifier.evidence.certificate import certificate_of, conditions_for, digest
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


def rehash(folder: Path, name: str) -> None:
    """The manifest says of the file what is true of it now."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for condition in manifest["conditions"]:
        if condition["file"] == name:
            condition["sha256"] = digest((folder / name).read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest))


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
    "it has version 2": lambda f: change(f, "manifest.json", '"version": 1', '"version": 2'),
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
    "the text of the lemmas is not that of the formulas": lambda f: change(f, "lemmas.txt", "vm1", "vm2"),
    "it has other conditions than the specification": lambda f: ((f / MOVE).unlink(), without_condition(f)),
    "it is about every page": lambda f: change(f, "manifest.json", "Page >= 1, Device >= 1", "every page"),
    "the specification has no claim there": lambda f: change(f, "manifest.json", '"in_order"', '"there"'),
    "lemma halted: a part of a formula is not a list": lambda f: lemma_is(f, ["not", "x"]),
    "lemma halted: 'nonsense' does not stand with nothing": lambda f: lemma_is(f, ["nonsense"]),
    "lemma halted: the formula has more than": lambda f: lemma_is(f, deep(["value", "bool", True])),
}


def deep(formula: list[object]) -> list[object]:
    for _ in range(300):
        formula = ["not", formula]
    return formula


def without_condition(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["conditions"] = [c for c in manifest["conditions"] if c["file"] != MOVE]
    (folder / "manifest.json").write_text(json.dumps(manifest))


def lemma_is(folder: Path, formula: object) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    next(lemma for lemma in manifest["lemmas"] if lemma["name"] == "halted")["formula"] = formula
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize("reason", FALSIFIED)
def test_what_the_specification_does_not_give_is_refused(copied: Path, reason: str) -> None:
    FALSIFIED[reason](copied)
    found = opened("handover")

    finding = translated_again(read_certificate(copied), found.family, found.describe())

    assert finding.check is Check.FAILED
    assert reason in finding.detail


def test_a_certificate_of_another_protocol_is_refused(copied: Path) -> None:
    """The variant has other conditions than the protocol."""
    found = opened("handover", "no_drain")

    assert translated_again(read_certificate(copied), found.family, found.describe()).check is Check.FAILED


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
    found = opened("handover")

    finding = interpreted(read_certificate(copied), found.family, [found.source], 3)

    assert finding.check is Check.FAILED
    assert "halted" in finding.detail


def test_the_interpreter_finds_an_unreachable_state_where_a_lemma_is_not_kept(copied: Path) -> None:
    """Without its lemma, "in_place" is true of every reached state, and is not inductive."""
    lemma_is(copied, formula_to_json(TRUE))
    manifest = json.loads((copied / "manifest.json").read_text())
    for lemma in manifest["lemmas"]:
        if lemma["name"] in ("drained", "at_home"):
            lemma["formula"] = formula_to_json(TRUE)
    manifest["claims"] = ["in_place"]
    (copied / "manifest.json").write_text(json.dumps(manifest))
    found = opened("handover")

    finding = interpreted(read_certificate(copied), found.family, [found.source], 10)

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


def test_what_was_too_much_together_is_written_goal_by_goal() -> None:
    """Each goal once, so that together they say what one condition would."""
    found = opened("handover")
    proof = prove(found.family, claims_of(found))
    together = conditions_for(found.family, proof.lemmas, proof.proved, ())
    apart = conditions_for(found.family, proof.lemmas, proof.proved, ("land",))

    goals = [
        line for c in together if c.action == "land" for line in c.text.splitlines() if "(declare-fun fails/" in line
    ]
    others = [
        line for c in apart if c.action == "land" for line in c.text.splitlines() if "(declare-fun fails/" in line
    ]
    assert goals == others
    assert len([c for c in apart if c.action == "land"]) > 1
