"""Files as commands use them: found under folders, read whole, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from verifier.commands.refusal import RefusalError

SUFFIX = ".flip"

LARGEST = 50_000_000
"""Bytes that are read of a file."""


def find_sources(paths: Iterable[str]) -> tuple[Path, ...]:
    """The Flip files that the paths name: files themselves, and those in folders, in order, each once.

    Hidden folders are not looked into.
    """
    found: dict[Path, None] = {}
    for text in paths:
        path = Path(text)
        try:
            folder = path.is_dir()
            inside = sorted(_in_folder(path)) if folder else [path]
            missing = not folder and not path.exists()
        except OSError as error:
            raise RefusalError(f"cannot look into {error.filename or text}: {reason(error)}") from None
        if missing:
            raise RefusalError(f"no such file or folder: {text}")
        if not inside:
            raise RefusalError(f"no {SUFFIX} files in folder {text}")
        found.update(dict.fromkeys(inside))
    return tuple(found)


def _in_folder(folder: Path) -> Iterator[Path]:
    """Raises OSError at a folder that cannot be read: what is in it would go unchecked and unmentioned."""
    for directory, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for path in (Path(directory, name) for name in names if name.endswith(SUFFIX)):
            # A stranger's link must not make us show, or format, what lies elsewhere.
            if not leads_into(path, folder):
                raise RefusalError(f"{path} is a link that leads out of folder {folder}")
            yield path


def leads_into(path: Path, folder: Path) -> bool:
    """Whether the file that is meant, when links are followed, lies beneath the folder."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _raise(error: OSError) -> None:
    raise error


def read_bytes(path: Path, most: int = LARGEST) -> bytes:
    """What is in a file, `most` bytes of it. Raises RefusalError if it cannot be read, or might never end."""
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise RefusalError(f"cannot read {path}: it is not a regular file")
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise RefusalError(f"cannot read {path}: {reason(error)}") from None


def read_text(path: Path) -> str:
    """The text of a file. Raises RefusalError if it cannot be read or is none."""
    data = read_bytes(path, LARGEST + 1)
    if len(data) > LARGEST:
        raise RefusalError(f"cannot read {path}: it has more than {LARGEST:,} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise RefusalError(f"cannot read {path}: it is not UTF-8 text") from None


def write_atomically(path: Path, text: str) -> None:
    """Put the text into the file: all of it or, if anything happens on the way, nothing.

    What is no regular file, as a pipe or /dev/null, is written to: putting a file in its place would destroy it.
    """
    target = path.resolve()
    try:
        if path.exists() and not path.is_file():
            _write_into(path, text)
            return
        descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            os.chmod(temporary, _mode(target))
            os.replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
    except OSError as error:
        raise RefusalError(f"cannot write {path}: {reason(error)}") from None


def _write_into(path: Path, text: str) -> None:
    # Opening a pipe that nobody reads would wait for ever, but for O_NONBLOCK.
    descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    os.set_blocking(descriptor, True)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        file.write(text)


def _mode(target: Path) -> int:
    """The permissions of the file that is replaced, or those that a new file gets."""
    try:
        return target.stat().st_mode & 0o7777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def reason(error: OSError) -> str:
    """What the operating system says, without the number and the path."""
    return (error.strerror or str(error)).lower()
