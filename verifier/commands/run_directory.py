"""The directory that `--run-directory` and `--resume` name: whose run it is, and that nobody else is using it.

`run.json` says what the run checks. Beside it the engines keep their checkpoints, in a directory for each search.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from verifier import __version__
from verifier.commands.files import read_text, reason, write_atomically
from verifier.commands.refusal import RefusalError
from verifier.commands.sources import settings_of
from verifier.engines.verdict import CheckpointError, Keeping
from verifier.language.specification import Specification

FORMAT = 1
MANIFEST = "run.json"
CHECKPOINTS = "*/checkpoint.json"

SECONDS = 60.0
"""Between two checkpoints, if nobody says."""


@contextmanager
def run_directory(arguments: argparse.Namespace, specification: Specification) -> Iterator[Keeping | None]:
    """Where the engines keep checkpoints while this specification is checked; None if the arguments ask for none.

    Raises RefusalError if the directory cannot be used, is in use, or holds a run of something else.
    """
    name = arguments.resume or arguments.run_directory
    if name is None:
        yield None
        return
    directory = Path(name)
    with _held(directory, begin=arguments.resume is None):
        _claim(directory, _manifest(arguments, specification), begin=arguments.resume is None)
        try:
            yield Keeping(directory, arguments.checkpoint_every or SECONDS)
        except CheckpointError as error:
            raise RefusalError(f"{error}; without --resume the search begins anew") from None


@contextmanager
def _held(directory: Path, begin: bool) -> Iterator[None]:
    """Keeps other processes from using the directory at the same time."""
    try:
        if begin:
            directory.mkdir(parents=True, exist_ok=True)
        file = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise RefusalError(f"cannot use {directory} as a run directory: {reason(error)}") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise RefusalError(f"another flip is using {directory}") from None
    try:
        yield
    finally:
        os.close(file)


def _manifest(arguments: argparse.Namespace, specification: Specification) -> dict[str, object]:
    """All that the states of a run, and what is looked for among them, depend on."""
    return {
        "format": FORMAT,
        "flip": __version__,
        "spec": specification.name,
        "hash": specification.hash,
        "variant": arguments.variant,
        "instance": arguments.instance,
        "settings": dict(settings_of(arguments.settings)),
        "properties": sorted(arguments.properties),
        "symmetry": not arguments.no_symmetry,
    }


def _claim(directory: Path, manifest: dict[str, object], begin: bool) -> None:
    file = directory / MANIFEST
    kept = any(directory.glob(CHECKPOINTS))
    if begin:
        if kept:
            raise RefusalError(f"{directory} holds a run: --resume {directory} goes on with it; or name another one")
        if not file.exists() and any(directory.iterdir()):
            raise RefusalError(f"{directory} is not empty, and what is in it is no run of Flip's")
        write_atomically(file, json.dumps(manifest, indent=2) + "\n")
        return
    if not file.exists():
        raise RefusalError(f"{directory} holds no run: there is no {MANIFEST} in it")
    if not kept:
        raise RefusalError(f"{directory} holds no checkpoint yet: use --run-directory to begin anew")
    found = _read(file)
    for name, now in manifest.items():
        if found.get(name) != now:
            shown = f"its {name} is {_shown(found.get(name))}, and here it is {_shown(now)}"
            raise RefusalError(f"the run in {directory} is not of this check: {shown}")


def _read(file: Path) -> dict[str, object]:
    try:
        found = json.loads(read_text(file))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise RefusalError(f"{file} is damaged")
    return found


def _shown(value: object) -> str:
    text = json.dumps(value) if not isinstance(value, str) else value
    return text if len(text) <= 60 else f"{text[:60]}..."
