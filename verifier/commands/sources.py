"""Specifications as commands use them: opened, then elaborated as the options say, or refused with diagnostics."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from verifier.commands.complaints import Complaints
from verifier.commands.refusal import RefusalError, unknown
from verifier.engines.verdict import Outcome
from verifier.evidence.checking import Expectations
from verifier.evidence.trace import Subject
from verifier.language.loader import Failed, load
from verifier.language.specification import AS_WRITTEN, Elaborated, Specification, check

Settings = tuple[tuple[str, str], ...]


def opened(path: Path, complaints: Complaints) -> Specification | None:
    """The specification in a file; None if there is none.

    What is wrong with the file was said then. Of a model only the form is checked: most of what it declares gets its
    meaning from the machine of a specification.
    """
    loaded = load(path)
    if isinstance(loaded, Failed):
        complaints.add(loaded.diagnostics, loaded.sources)
        return None
    if loaded.files[-1].word == "model":
        return None
    found = check(loaded, str(path))
    if isinstance(found, Specification):
        complaints.add(found.notes, found.sources)
        return found
    complaints.add(found, loaded.sources)
    return None


def required(path: Path, complaints: Complaints) -> Specification | None:
    """The specification in a file; None, after saying why, if it is wrong. Raises RefusalError if it is a model."""
    specification = opened(path, complaints)
    if specification is None and not complaints.errors:
        raise RefusalError(f"{path} is a model, not a specification")
    return specification


def elaborated(
    specification: Specification, variant: str | None, instance: str | None, settings: Settings, complaints: Complaints
) -> Elaborated | None:
    """The system of one instance and variant; None, after saying why, if there is none.

    Raises RefusalError if the specification has no instance or variant of that name.
    """
    _require("variant", variant, variant_names(specification), specification)
    _require("instance", instance, (*specification.instances, AS_WRITTEN), specification)
    found = specification.elaborate(variant, instance, dict(settings))
    if isinstance(found, Elaborated):
        return found
    complaints.add(found, specification.sources)
    return None


def variant_names(specification: Specification) -> tuple[str, ...]:
    """The variants, in the order of the file."""
    return tuple(variant.name for variant in specification.variants)


def _require(what: str, name: str | None, known: tuple[str, ...], specification: Specification) -> None:
    if name is not None and name not in known:
        raise unknown(f"{what} of {specification.name}", name, known)


def single(arguments: argparse.Namespace, complaints: Complaints) -> tuple[Specification, Elaborated] | None:
    """The one system that `SPEC --variant --instance --set` mean; None, after saying why, if there is none."""
    specification = required(Path(arguments.spec), complaints)
    if specification is None:
        return None
    settings = settings_of(arguments.settings)
    system = elaborated(specification, arguments.variant, arguments.instance, settings, complaints)
    return None if system is None else (specification, system)


def settings_of(given: Iterable[tuple[str, str]]) -> Settings:
    """What `--set` gave, each name once."""
    settings: dict[str, str] = {}
    for name, value in given:
        if name in settings:
            raise RefusalError(f"--set {name} is given twice")
        settings[name] = value
    return tuple(settings.items())


def subject_of(specification: Specification, variant: str | None, instance: str | None, settings: Settings) -> Subject:
    """What a result or a trace is about; without an instance it is about the first one."""
    first = specification.instances[0] if specification.instances else AS_WRITTEN
    return Subject(
        specification.name,
        shown_path(specification.file),
        specification.hash,
        variant,
        instance or first,
        settings,
    )


def expectations_of(system: Elaborated) -> Expectations:
    """What the specification says will come out; of a variant it says nothing about what it does not name."""
    outcomes = {name: Outcome(expected) for name, expected in system.expected.items() if expected is not None}
    return Expectations(outcomes, others_open=system.variant is not None, states=system.expected_states)


def shown_path(file: str) -> str:
    """The path from the current directory where the file lies beneath it: the same on every machine."""
    path = Path(file)
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):  # elsewhere; or the current directory is gone
        return str(path)
