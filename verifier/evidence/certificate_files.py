"""Certificates in folders: written, and read back from anyone's.

What is read may have been made by a stranger: only files of the names that a certificate has are opened, only so much
of them is read, and what goes to a solver has no commands but declarations, assertions and one question.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from verifier.engines.proof.asking import CLAIMS, CONSISTENT, INITIAL, STEP, Asked
from verifier.engines.proof.conditions import Lemma
from verifier.engines.proof.family import Family
from verifier.evidence.certificate import (
    CONDITIONS,
    LEMMAS,
    MANIFEST,
    VERSION,
    Certificate,
    Condition,
    Ranked,
    digest,
    files_of,
    manifest_of,
)
from verifier.evidence.certificate_formulas import MalformedFormulaError, formula_from_json
from verifier.evidence.certificate_ranking import MalformedRankingError, ranking_from_json
from verifier.evidence.trace import Subject
from verifier.evidence.trace_json import Fields, MalformedTraceError
from verifier.system.system import System

LARGEST = 20_000_000
"""Bytes of one file."""
LARGEST_SUM = 200_000_000
"""Bytes of all files."""
MOST = 10_000
"""Files, and lemmas of one part."""

_NAME = re.compile(rf"{CONDITIONS}/[A-Za-z0-9_.-]{{1,100}}\.smt2")
_COMMANDS = ("set-option :produce-unsat-cores true", "set-logic ALL", "check-sat")
_OPEN_COMMANDS = ("declare-sort ", "declare-fun ", "declare-datatypes ", "assert ")


class MalformedCertificateError(Exception):
    """The folder is no certificate; the message says why, in a sentence."""


@dataclass(frozen=True, slots=True)
class StatedPart:
    """Claims that are proved together, as a folder states it. `lemmas` are JSON until it is known what they speak of.

    With a `claim` it is about what `ranking`, JSON too, has to do with that claim.
    """

    rephrased: str | None
    claim: str | None
    ranking: tuple[object, ...]
    claims: tuple[str, ...]
    lemmas: tuple[tuple[str, object], ...]
    conditions: tuple[Condition, ...]

    def formulas(self, system: System) -> tuple[Lemma, ...]:
        """The lemmas over the system. Raises MalformedCertificateError."""
        made = []
        for name, data in self.lemmas:
            try:
                made.append(Lemma(name, formula_from_json(data, system)))
            except MalformedFormulaError as error:
                raise MalformedCertificateError(f"lemma {name}: {error}") from None
        return tuple(made)

    def ranked(self, family: Family) -> Ranked | None:
        """The claim and its ranking over the family. Raises MalformedCertificateError."""
        if self.claim is None:
            return None
        try:
            return Ranked(self.claim, ranking_from_json(self.ranking, family))
        except MalformedRankingError as error:
            raise MalformedCertificateError(f"the ranking of {self.claim}: {error}") from None


@dataclass(frozen=True, slots=True)
class Stated:
    """A certificate as a folder states it."""

    subject: Subject
    sizes: str
    claims: tuple[str, ...]
    parts: tuple[StatedPart, ...]
    lemmas_text: str

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return tuple(condition for part in self.parts for condition in part.conditions)


def read_certificate(folder: Path) -> Stated:
    """What the folder states, if all of its files are there and no others. Raises MalformedCertificateError."""
    try:
        data = json.loads(_text(folder, MANIFEST))
    except (ValueError, RecursionError) as error:
        raise MalformedCertificateError(f"{MANIFEST} is not JSON: {error}") from None
    try:
        return _stated(folder, Fields(data, MANIFEST))
    except MalformedTraceError as error:
        raise MalformedCertificateError(str(error)) from None


def _stated(folder: Path, whole: Fields) -> Stated:
    version = whole.get("version", int)
    if version != VERSION:
        raise MalformedCertificateError(f"it has version {version}; this Flip reads version {VERSION}")
    parts = whole.each("parts", lambda item, _: Fields(item, "parts"))
    listed = [part.each("conditions", lambda item, where: _listed(Fields(item, where))) for part in parts]
    names = [each.file for of_part in listed for each in of_part]
    if len(names) > MOST:
        raise MalformedCertificateError(f"it has more than {MOST} conditions")
    _require_once("condition", names)
    _require_files(folder, {MANIFEST, LEMMAS, *names})
    return Stated(
        Subject(
            whole.get("spec", str),
            whole.get("file", str),
            whole.get("hash", str),
            whole.get("variant", str, type(None)),
            whole.get("instance", str),
            whole.mapping("settings", str),
        ),
        whole.get("sizes", str),
        _names(whole, "claims"),
        tuple(_part(folder, fields, conditions) for fields, conditions in zip(parts, listed, strict=True)),
        _text(folder, LEMMAS),
    )


def _part(folder: Path, fields: Fields, listed: tuple[_Listed, ...]) -> StatedPart:
    lemmas = fields.each("lemmas", lambda item, where: _lemma(Fields(item, where)))
    if len(lemmas) > MOST:
        raise MalformedCertificateError(f"it has more than {MOST} lemmas")
    _require_once("lemma", [name for name, _ in lemmas])
    ranked = None if fields.get("ranked", dict, type(None)) is None else Fields(fields.data["ranked"], "ranked")
    return StatedPart(
        fields.get("rephrased", str, type(None)),
        None if ranked is None else ranked.get("claim", str),
        () if ranked is None else tuple(ranked.get("ranking", list)),
        _names(fields, "claims"),
        lemmas,
        tuple(_condition(folder, each) for each in listed),
    )


def _require_once(what: str, names: list[str]) -> None:
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise MalformedCertificateError(f"it has {what} {twice} twice")


def _names(fields: Fields, name: str) -> tuple[str, ...]:
    return fields.each(name, _string)


def _string(item: object, where: str) -> str:
    if not isinstance(item, str):
        raise MalformedCertificateError(f"{where} is not a text")
    return item


def _lemma(fields: Fields) -> tuple[str, object]:
    return fields.get("name", str), fields.get("formula", list)


@dataclass(frozen=True, slots=True)
class _Listed:
    """A condition as the manifest lists it."""

    file: str
    asked: Asked
    expected: str
    digest: str


def _listed(fields: Fields) -> _Listed:
    file, expected, about = (fields.get(name, str) for name in ("file", "expected", "about"))
    if not _NAME.fullmatch(file):
        raise MalformedCertificateError(f"{file!r} is not the name of a condition")
    if expected not in ("sat", "unsat"):
        raise MalformedCertificateError(f"{file}: {expected!r} is no answer")
    if about not in (CONSISTENT, INITIAL, CLAIMS, STEP):
        raise MalformedCertificateError(f"{file}: {about!r} is nothing that a condition is about")
    lemmas, claims, uses = (_names(fields, name) for name in ("lemmas", "claims", "uses"))
    action = fields.get("action", str, type(None))
    return _Listed(file, Asked(about, action, lemmas, claims, uses), expected, fields.get("sha256", str))


def _require_files(folder: Path, wanted: set[str]) -> None:
    """The folder has these files and nothing else."""
    found: set[str] = set()
    size = 0
    try:
        for directory, _, names in os.walk(folder):
            for name in names:
                found.add(Path(directory, name).relative_to(folder).as_posix())
                size += Path(directory, name).stat().st_size
            if len(found) > MOST or size > LARGEST_SUM:
                raise MalformedCertificateError("the folder is too large")
    except OSError as error:
        raise MalformedCertificateError(f"the folder cannot be read: {error.strerror}") from None
    if wanted - found:
        raise MalformedCertificateError(f"{min(wanted - found)} is missing")
    if found - wanted:
        raise MalformedCertificateError(f"{min(found - wanted)} does not belong to it")


def _condition(folder: Path, listed: _Listed) -> Condition:
    text = _text(folder, listed.file)
    if digest(text) != listed.digest:
        raise MalformedCertificateError(f"{listed.file} has been changed: its hash is another one than in {MANIFEST}")
    _require_harmless(listed.file, text)
    return Condition(listed.file, listed.asked, text, listed.expected)


def _require_harmless(file: str, text: str) -> None:
    """The text has nothing but declarations, assertions and, at its end, one question."""
    commands = [line for line in text.split("\n") if line and not line.startswith(";")]
    for command in commands:
        inside = command[1:-1]
        balanced = _is_one_list(command)
        if not balanced or not (inside in _COMMANDS or inside.startswith(_OPEN_COMMANDS)):
            raise MalformedCertificateError(f"{file} has a line that is no declaration and no assertion")
    if commands.count("(check-sat)") != 1 or commands[-1] != "(check-sat)":
        raise MalformedCertificateError(f"{file} does not end in one question")


_QUOTED = re.compile(r"\|[^|\\]*\|")


def _is_one_list(line: str) -> bool:
    """Whether the line is one list in parentheses, and no part of it is hidden in a text or a comment."""
    depth = 0
    plain = _QUOTED.sub("x", line)
    if any(c in plain for c in '|";\\'):
        return False
    for index, character in enumerate(plain):
        depth += (character == "(") - (character == ")")
        if depth < 0 or (depth == 0 and index < len(plain) - 1):
            return False
    return depth == 0 and plain.startswith("(")


def _text(folder: Path, name: str) -> str:
    path = folder / name
    try:
        if path.is_symlink():
            raise MalformedCertificateError(f"{name} is a link")
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise MalformedCertificateError(f"{name} is missing") from None
    except OSError as error:
        raise MalformedCertificateError(f"{name} cannot be read: {error.strerror}") from None
    if len(data) > LARGEST:
        raise MalformedCertificateError(f"{name} has more than {LARGEST} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedCertificateError(f"{name} is not text") from None


def write_certificate(folder: Path, certificate: Certificate) -> None:
    """The certificate in a folder that is new, or has an older certificate in it, and nothing else.

    Raises FileExistsError if there is something else in the folder, and OSError if it cannot be written.
    """
    if folder.exists():
        _remove_certificate(folder)
    (folder / CONDITIONS).mkdir(parents=True, exist_ok=True)
    manifest = json.dumps(manifest_of(certificate), indent=1, ensure_ascii=False) + "\n"
    # The manifest comes last: a folder without one is no certificate.
    for name, text in (*files_of(certificate).items(), (MANIFEST, manifest)):
        (folder / name).write_text(text, encoding="utf-8")


def _remove_certificate(folder: Path) -> None:
    """Take the files of an older certificate out of the folder, if that is all there is in it."""
    files = [path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()]
    names = [path.relative_to(folder).as_posix() for path in files]
    foreign = [name for name in names if name not in (MANIFEST, LEMMAS) and not _NAME.fullmatch(name)]
    if foreign or any(path.is_symlink() for path in files):
        raise FileExistsError(f"{folder} has files in it that are no certificate")
    for path in files:
        path.unlink()
