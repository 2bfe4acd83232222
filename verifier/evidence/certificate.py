"""A proof for every size as files that others can check.

- `manifest.json`: what was proved, of which specification, and the lemmas as formulas;
- `lemmas.txt`: the lemmas for people, in the notation of the language where it has one;
- `conditions/*.smt2`: that there is an initial state, that the lemmas hold there, that they imply the claims on states,
  and for each action that it keeps them and is as the claims on steps say. Each file stands alone and ends in one
  `(check-sat)`; the answer must be "sat" for the first and "unsat" for all others.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from verifier import __version__
from verifier.engines.proof.conditions import STEP_CLAIMS, Conditions, Lemma, Query
from verifier.engines.proof.family import Family
from verifier.engines.proof.prover import Proof, conditions_of
from verifier.evidence.certificate_formulas import formula_to_json
from verifier.evidence.trace import Subject
from verifier.language.show_expression import show_expression
from verifier.system.system import Property

VERSION = 1

MANIFEST = "manifest.json"
LEMMAS = "lemmas.txt"
CONDITIONS = "conditions"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Condition:
    """One file: its name, its text, the answer that it must have, and the action that it is about."""

    file: str
    text: str
    expected: str
    action: str | None

    @property
    def digest(self) -> str:
        return digest(self.text)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was proved, and why. `sizes` says for which sizes, in words; `free` are the sorts of any size.

    The actions in `split` have a condition for each goal, the others one for all goals together.
    """

    subject: Subject
    sizes: str
    free: tuple[str, ...]
    claims: tuple[str, ...]
    lemmas: tuple[Lemma, ...]
    split: tuple[str, ...]
    conditions: tuple[Condition, ...]


def certificate_of(subject: Subject, sizes: str, proof: Proof) -> Certificate:
    """The certificate of what a proof has proved."""
    conditions = conditions_for(proof.family, proof.lemmas, proof.proved, proof.split)
    return Certificate(subject, sizes, proof.family.free, proof.proved, proof.lemmas, proof.split, conditions)


def conditions_for(
    family: Family, lemmas: Sequence[Lemma], claims: Sequence[str], split: Sequence[str]
) -> tuple[Condition, ...]:
    """The files for these lemmas and claims: the same to the byte whenever they are made."""
    maker = conditions_of(family)
    properties = [claim for claim in family.text.properties if claim.name in claims]
    return tuple(
        Condition(f"{CONDITIONS}/{index:03}-{_slug(query)}.smt2", query.text, query.expected, query.action)
        for index, query in enumerate(_queries(maker, lemmas, properties, split))
    )


def _queries(
    maker: Conditions, lemmas: Sequence[Lemma], claims: Sequence[Property], split: Sequence[str]
) -> Iterator[Query]:
    yield maker.consistent()
    yield maker.initial(lemmas)
    yield maker.implied(lemmas, claims)
    on_steps = [claim for claim in claims if claim.kind in STEP_CLAIMS]
    for action in maker.family.text.actions:
        if action.name not in split:
            yield maker.step(action, lemmas, lemmas, on_steps)
            continue
        yield from (maker.step(action, lemmas, (lemma,), ()) for lemma in lemmas)
        yield from (maker.step(action, lemmas, (), (claim,)) for claim in on_steps)


def _slug(query: Query) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "_", query.action or query.name)[:80]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def files_of(certificate: Certificate) -> dict[str, str]:
    """The text of each file, by its name; the manifest is `manifest_of`."""
    return {LEMMAS: lemmas_text(certificate), **{c.file: c.text for c in certificate.conditions}}


def lemmas_text(certificate: Certificate) -> str:
    """The lemmas for people."""
    subject = certificate.subject
    variant = f", variant {subject.variant}" if subject.variant is not None else ""
    lines = [f"// {subject.spec}{variant}: {', '.join(certificate.claims)}"]
    lines += [f"// for {certificate.sizes or 'this instance'}", ""]
    lines += [f"lemma {lemma.name}: {show_expression(lemma.formula)}" for lemma in certificate.lemmas]
    return "\n".join(lines) + "\n"


def manifest_of(certificate: Certificate) -> Json:
    """The document of `schema/certificate.schema.json`."""
    subject = certificate.subject
    return {
        "version": VERSION,
        "tool": f"flip {__version__}",
        "spec": subject.spec,
        "file": subject.file,
        "hash": subject.hash,
        "variant": subject.variant,
        "instance": subject.instance,
        "settings": dict(subject.settings),
        "sizes": certificate.sizes,
        "free": list(certificate.free),
        "claims": list(certificate.claims),
        "lemmas": [{"name": lemma.name, "formula": formula_to_json(lemma.formula)} for lemma in certificate.lemmas],
        "split": list(certificate.split),
        "conditions": [
            {"file": c.file, "action": c.action, "expected": c.expected, "sha256": c.digest}
            for c in certificate.conditions
        ],
    }
