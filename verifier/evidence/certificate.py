"""A proof for every size as files that others can check.

- `manifest.json`: what was proved, of which specification, the lemmas as formulas, and what each condition is about;
- `lemmas.txt`: the lemmas for people, in the notation of the language where it has one;
- `conditions/*.smt2`: that there is an initial state, that the lemmas hold there, that they imply the claims on states,
  and that each action keeps them and is as the claims on steps say: some goals a file, with the lemmas that are enough
  for them. Each file stands alone and ends in one `(check-sat)`; the answer must be "sat" for the first of a proof and
  "unsat" for all others.

Claims on states and steps are proved together, and each of the others by itself. That something comes to pass is shown
by the claims that its ranking makes (`verifier.engines.proof.progress`); that nothing gets stuck and that a scenario is
impossible is said in other words first (`verifier.engines.proof.rephrased`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from verifier import __version__
from verifier.engines.proof.asking import Asked, Look, Obligations
from verifier.engines.proof.conditions import Lemma
from verifier.engines.proof.family import Family
from verifier.engines.proof.progress.ranking import Ranking, described
from verifier.engines.proof.progress.units import units
from verifier.engines.proof.prover import Proof
from verifier.engines.proof.rephrased import can_be_rephrased
from verifier.evidence.certificate_formulas import formula_to_json
from verifier.evidence.certificate_ranking import ranking_to_json
from verifier.evidence.own_proof import OwnProof
from verifier.evidence.readable_text import lemma_lines
from verifier.evidence.trace import Subject
from verifier.system.system import PropertyKind

VERSION = 3

MANIFEST = "manifest.json"
LEMMAS = "lemmas.txt"
CONDITIONS = "conditions"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Condition:
    """One file: its name, what it asks, its text, and the answer that it must have."""

    file: str
    asked: Asked
    text: str
    expected: str

    @property
    def digest(self) -> str:
        return digest(self.text)


@dataclass(frozen=True, slots=True)
class Ranked:
    """What comes to rest while `claim`, that something comes to pass, is waited for."""

    claim: str
    ranking: Ranking


@dataclass(frozen=True, slots=True)
class Part:
    """Claims of the family, by name, that follow from lemmas, and the conditions that say so.

    With `ranked` the claims are those of its ranking, and what they show is the claim that is ranked. With `rephrased`
    the family is the one in which the claim of this name is said in other words.
    """

    family: Family
    rephrased: str | None
    ranked: Ranked | None
    claims: tuple[str, ...]
    lemmas: tuple[Lemma, ...]
    conditions: tuple[Condition, ...]

    @property
    def shows(self) -> tuple[str, ...]:
        """The claims of the specification that are proved."""
        return self.claims if self.ranked is None else (self.ranked.claim,)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was proved, and why. `sizes` says for which sizes, in words; `free` are the sorts of any size."""

    subject: Subject
    sizes: str
    family: Family
    parts: tuple[Part, ...]

    @property
    def claims(self) -> tuple[str, ...]:
        return tuple(name for part in self.parts for name in part.shows)


def certificate_of(
    subject: Subject,
    sizes: str,
    proof: Proof,
    own: Sequence[OwnProof] = (),
    look: Look = lambda _: None,
) -> Certificate:
    """The certificate of what a proof has proved, and of claims with proofs of their own, as far as they are proved.

    What solvers are asked is planned here, which takes about as long as a proof. `look` is called before each question.
    """
    parts = [_own_part(number, one, one.proof, look) for number, one in enumerate(own, 1) if one.proof is not None]
    if proof.proved:
        parts.insert(0, _part(0, None, None, proof, look))
    return Certificate(subject, sizes, proof.family, tuple(parts))


def _own_part(number: int, one: OwnProof, proof: Proof, look: Look) -> Part:
    name = one.claim.name
    ranked = None if one.claim.kind is PropertyKind.SCENARIO else Ranked(name, one.parts)
    return _part(number, name if can_be_rephrased(one.claim) else None, ranked, proof, look)


def _part(number: int, rephrased: str | None, ranked: Ranked | None, proof: Proof, look: Look) -> Part:
    made = Obligations.of(proof)
    conditions = conditions_for(number, made, made.plan(look))
    return Part(proof.family, rephrased, ranked, proof.proved, proof.lemmas, conditions)


def obligations_of(family: Family, lemmas: Sequence[Lemma], claims: Sequence[str]) -> Obligations:
    """What must be shown for these lemmas to prove the claims of these names."""
    return Obligations(family, tuple(lemmas), tuple(c for c in family.text.properties if c.name in claims))


def conditions_for(part: int, made: Obligations, questions: Sequence[Asked]) -> tuple[Condition, ...]:
    """The files for these questions of a part: the same to the byte whenever they are made.

    Raises UnknownNameError, UnsupportedError and TooLargeError.
    """
    found = []
    for index, asked in enumerate(questions):
        query = made.query(asked)
        slug = re.sub(r"[^A-Za-z0-9_.-]", "_", asked.action or asked.about)[:60]
        number = f"{index:03}" if part == 0 else f"p{part}-{index:03}"
        found.append(Condition(f"{CONDITIONS}/{number}-{slug}.smt2", asked, query.text, query.expected))
    return tuple(found)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def files_of(certificate: Certificate) -> dict[str, str]:
    """The text of each file, by its name; the manifest is `manifest_of`."""
    conditions = {c.file: c.text for part in certificate.parts for c in part.conditions}
    return {LEMMAS: lemmas_text(certificate), **conditions}


def lemmas_text(certificate: Certificate) -> str:
    """The lemmas for people."""
    subject = certificate.subject
    variant = f", variant {subject.variant}" if subject.variant is not None else ""
    lines = [f"// {subject.spec}{variant}, for {certificate.sizes or 'this instance'}"]
    for part in certificate.parts:
        shown = ", ".join(part.shows)
        if part.ranked is not None:
            fair = units(part.family.text)
            lines += ["", f"// {shown}: while it does not come, these come to rest in turn"]
            lines += [f"//   {line}" for line in described(part.ranked.ranking, fair)]
            # What the ranking says is said: these are the lemmas that it takes beside.
            lemmas = [lemma for lemma in part.lemmas if lemma.name not in part.claims]
            lines += lemma_lines(lemmas, part.family)
        else:
            lines += ["", f"// {shown}: because all of this is always so"]
            lines += lemma_lines(part.lemmas, part.family)
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
        "free": list(certificate.family.free),
        "claims": list(certificate.claims),
        "parts": [_part_to_json(part) for part in certificate.parts],
    }


def _part_to_json(part: Part) -> Json:
    ranked = part.ranked
    return {
        "rephrased": part.rephrased,
        "ranked": None if ranked is None else {"claim": ranked.claim, "ranking": ranking_to_json(ranked.ranking)},
        "claims": list(part.claims),
        "lemmas": [{"name": lemma.name, "formula": formula_to_json(lemma.formula)} for lemma in part.lemmas],
        "conditions": [
            {
                "file": c.file,
                "about": c.asked.about,
                "action": c.asked.action,
                "lemmas": list(c.asked.lemmas),
                "claims": list(c.asked.claims),
                "uses": list(c.asked.uses),
                "expected": c.expected,
                "sha256": c.digest,
            }
            for c in part.conditions
        ],
    }
