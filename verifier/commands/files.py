"""Files as commands use them: found under folders, read whole, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from verifier.commands.refusal import RefusalError

SUFFIX = ".flip"


def find_sources(paths: Iterable[str]) -> tuple[Path, ...]:
    """The Flip files that the paths name: files themselves, and those in folders, in order, each once.

    Hidden folders are not looked into.
    """
    found: dict[Path, None] = {}
    for text in paths:
        path = Path(text)
        if path.is_dir():
            inside = sorted(_in_folder(path))
            if not inside:
                raise RefusalError(f"no {SUFFIX} files in folder {text}")
            found.update(dict.fromkeys(inside))
        elif path.exists():
            found[path] = None
        else:
            raise RefusalError(f"no such file or folder: {text}")
    return tuple(found)


def _in_folder(folder: Path) -> Iterator[Path]:
    for directory, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(directory, name) for name in names if name.endswith(SUFFIX))


def read_bytes(path: Path) -> bytes:
    """What is in a file. Raises RefusalError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise RefusalError(f"cannot read {path}: {reason(error)}") from None


def read_text(path: Path) -> str:
    """The text of a file. Raises RefusalError if it cannot be read or is none."""
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        raise RefusalError(f"cannot read {path}: it is not UTF-8 text") from None


def write_atomically(path: Path, text: str) -> None:
    """Put the text into the file: all of it or, if anything happens on the way, nothing."""
    target = path.resolve()
    try:
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
