"""A certificate without one of the lemmas that it needs is refused, however well the rest is made to fit."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest

from tests.proof.specs import HERE
from verifier.commands.sources import subject_of
from verifier.engines.proof.asking import Asked
from verifier.engines.proof.prover import Proof, provable, prove
from verifier.engines.proof.uniform import Uniform, uniform
from verifier.engines.verdict import Budget
from verifier.evidence.certificate import Certificate, certificate_of, conditions_for, obligations_of
from verifier.evidence.certificate_check import Check, answers, translated_again
from verifier.evidence.certificate_files import Stated, read_certificate, write_certificate
from verifier.evidence.proving import attempt
from verifier.language.specification import Elaborated, Specification, open_specification

PROTOCOLS = {path.stem: path for path in sorted((HERE.parent / "protocols").glob("*.flip"))}
SPECS = {**PROTOCOLS, "handover": HERE / "handover.flip"}
SLOW = ("german", "ring_election", "sharded_store")
NAMES = [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in SPECS]


@lru_cache(maxsize=8)
def proved(name: str) -> tuple[Specification, Uniform, Proof]:
    """The protocol, and the proof of all that it claims."""
    spec = open_specification(SPECS[name])
    assert isinstance(spec, Specification)
    assert isinstance(spec.elaborate(None, None), Elaborated)
    found = uniform(spec.family(None, None))
    claims = provable(found.family.text.properties)
    proof = attempt(found.family, claims, Budget(seconds=120)).proof
    assert set(proof.proved) == {claim.name for claim in claims}
    return spec, found, proof


def certificate(name: str) -> Certificate:
    spec, found, proof = proved(name)
    return certificate_of(subject_of(spec, None, None, ()), found.describe(), proof)


@pytest.mark.parametrize("name", NAMES)
def test_without_a_lemma_that_is_needed_a_certificate_is_refused(name: str, tmp_path: Path) -> None:
    """Not only are the formulas of the lemma taken away: all files are made again as if it had never been there."""
    _, found, proof = proved(name)
    whole = certificate(name)
    refused = 0
    for number, lemma in enumerate(proof.lemmas):
        folder = tmp_path / str(number)
        write_certificate(folder, _forged(whole, lemma.name))
        stated = read_certificate(folder)
        assert translated_again(stated, found).check is Check.PASSED
        check = answers(_of_what_changed(stated, whole), "z3").check
        assert check is Check.FAILED or not _is_needed(proof, lemma.name), lemma
        refused += check is Check.FAILED
    assert refused > len(proof.lemmas) / 2


def _of_what_changed(stated: Stated, whole: Certificate) -> Stated:
    """The certificate, with those of its files that the whole one does not have: z3 has answered the others."""
    known = {condition.text for condition in whole.parts[0].conditions}
    changed = tuple(condition for condition in stated.parts[0].conditions if condition.text not in known)
    return replace(stated, parts=(replace(stated.parts[0], conditions=changed),))


def _forged(whole: Certificate, lost: str) -> Certificate:
    """The certificate that would be made if the lemma were none, and the others enough."""
    part = whole.parts[0]
    lemmas = tuple(lemma for lemma in part.lemmas if lemma.name != lost)
    made = obligations_of(whole.family, lemmas, part.claims)
    asked = tuple(_without(condition.asked, lost) for condition in part.conditions)
    return replace(whole, parts=(replace(part, lemmas=lemmas, conditions=conditions_for(0, made, asked)),))


def _without(asked: Asked, lost: str) -> Asked:
    lemmas, uses = (tuple(n for n in names if n != lost) for names in (asked.lemmas, asked.uses))
    return replace(asked, lemmas=lemmas, uses=uses)


def _is_needed(proof: Proof, lost: str) -> bool:
    """Whether the other lemmas are not inductive by themselves, or no longer prove the claims."""
    if lost in proof.proved:
        return True
    left = [lemma for lemma in proof.lemmas if lemma.name != lost]
    claims = [claim for claim in proof.family.text.properties if claim.name in proof.proved]
    again = prove(proof.family, claims, left)
    return bool(again.failures)


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_done_to_one_lemma_a_certificate_is_refused(name: str, tmp_path: Path) -> None:
    """Dropped, or its negation put in its place, with the files left as they were."""
    _, found, _ = proved(name)
    write_certificate(tmp_path / "whole", certificate(name))
    manifest = (tmp_path / "whole" / "manifest.json").read_text()

    def check() -> Check:
        return translated_again(read_certificate(tmp_path / "whole"), found).check

    assert check() is Check.PASSED
    for number in range(len(json.loads(manifest)["parts"][0]["lemmas"])):
        for edited in (None, "not"):
            data = json.loads(manifest)
            lemmas = data["parts"][0]["lemmas"]
            if edited is None:
                del lemmas[number]
            else:
                lemmas[number]["formula"] = [edited, lemmas[number]["formula"]]
            (tmp_path / "whole" / "manifest.json").write_text(json.dumps(data))
            assert check() is Check.FAILED, (number, edited)
