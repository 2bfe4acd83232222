"""Reads a specification and the models it uses.

A name in a `use` is a plain word, so it cannot lead out of the few folders that are searched; a link that does is
refused. What is read is bounded, and everything that is wrong with any of the files is said in one run.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from verifier.language import source, tree
from verifier.language.diagnostics import Diagnostic
from verifier.language.parser import parse
from verifier.system.span import Span

MOST_MODELS = 100
MOST_BYTES = 4_000_000
_SUFFIX = ".flip"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The files of a specification, each after those it uses; the specification itself is the last one.

    `sources` holds the text of every file by the name that spans carry; `digest` is a SHA-256 over all of them.
    """

    files: tuple[tree.File, ...]
    sources: Mapping[str, str]
    digest: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Why nothing could be loaded, with the texts that were read, for showing the places."""

    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str]


def load(path: Path | str) -> Loaded | Failed:
    """A specification (or a model by itself) with all that it uses."""
    loading = _Loading()
    loading.enter(Path(path))
    if loading.diagnostics:
        return Failed(tuple(loading.diagnostics), loading.sources)
    return Loaded(tuple(loading.files), loading.sources, _digest(loading.sources))


def built_in_models() -> Path:
    """The folder of the models that come with Flip: in the installed package, or in the repository."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "models"
    return installed if installed.is_dir() else package.parent / "models"


def search_folders(path: Path) -> tuple[Path, ...]:
    """Where the models that a file uses are looked for, in order."""
    beside = path.parent
    return (beside, beside / "models", beside.parent / "models", built_in_models())


@dataclass(slots=True)
class _Pending:
    """A file whose models are being loaded."""

    path: Path
    file: tree.File
    uses: Iterator[tree.Name]


@dataclass(slots=True)
class _Loading:
    files: list[tree.File] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    size: int = 0
    seen: set[Path] = field(default_factory=set)
    stack: list[_Pending] = field(default_factory=list)

    def enter(self, path: Path) -> None:
        """Load a file and, depth first, what it uses. The stack is explicit: a chain of models may be long."""
        self.read(path, None)
        while self.stack:
            pending = self.stack[-1]
            name = next(pending.uses, None)
            if name is None:
                self.files.append(self.stack.pop().file)
            else:
                self.use(pending.path, name)

    def use(self, user: Path, name: tree.Name) -> None:
        found = self.find(user, name)
        if found is None:
            return
        circle = [_real(pending.path) for pending in self.stack]
        if _real(found) in circle:
            names = [pending.file.name.text for pending in self.stack[circle.index(_real(found)) :]]
            chain = " uses ".join(f"`{part}`" for part in [*names, name.text])
            self.report("E0031", f"models use each other in a circle: {chain}", name.span, "closes the circle")
        elif _real(found) not in self.seen:
            if len(self.seen) > MOST_MODELS:
                self.report("E0034", f"more than {MOST_MODELS} models are used", name.span, "one too many")
            else:
                self.read(found, name)

    def read(self, path: Path, name: tree.Name | None) -> None:
        """Read and parse one file, named by a `use` or (None) by the user."""
        shown = str(path)
        place = name.span if name is not None else Span(shown, 1, 1, 1, 1)
        data = _contents(path)
        if isinstance(data, str):
            self.report("E0001", f"cannot read {shown}: {data}", place, "named here" if name is not None else "")
            return
        self.seen.add(_real(path))
        self.size += len(data)
        if self.size > MOST_BYTES and name is not None:
            self.report("E0034", f"the models have more than {MOST_BYTES:,} bytes", place, "one too many")
            return
        text = source.decode(data, shown)
        if isinstance(text, Diagnostic):
            self.diagnostics.append(text)
            return
        self.sources[shown] = text
        file, diagnostics = parse(text, shown)
        self.diagnostics += diagnostics
        if file is not None and self.fits(file, path, name):
            self.stack.append(_Pending(path, file, iter(self.uses(file))))

    def fits(self, file: tree.File, path: Path, name: tree.Name | None) -> bool:
        """Whether the file is what the `use` said."""
        if name is None:
            return True
        if file.word == "spec":
            self.report("E0032", f"`{name.text}` is a specification, not a model", name.span, f"found in {path}")
            return False
        if file.name.text != name.text:
            message = f"{path} holds the model `{file.name.text}`"
            self.report("E0036", message, file.name.span, f"expected `{name.text}`, like the file")
            return False
        return True

    def uses(self, file: tree.File) -> list[tree.Name]:
        """The models a file names, in order, each once."""
        names: dict[str, tree.Name] = {}
        for declaration in file.declarations:
            for name in declaration.names if isinstance(declaration, tree.Use) else ():
                if name.text in names:
                    message = f"`{name.text}` is used twice"
                    self.report("E0033", message, name.span, f"already used in line {names[name.text].span.line}")
                names.setdefault(name.text, name)
        return list(names.values())

    def find(self, user: Path, name: tree.Name) -> Path | None:
        folders = search_folders(user)
        for folder in folders:
            path = folder / f"{name.text}{_SUFFIX}"
            if not os.path.lexists(path):
                continue
            if _real(path).parent != _real(folder):
                self.report("E0035", f"{path} leads out of its folder", name.span, "refused")
                return None
            return path
        known = sorted({path.stem for folder in folders for path in _models_in(folder)})
        close = get_close_matches(name.text, known, 1)
        hint = (
            f"did you mean `{close[0]}`?"
            if close
            else f"looked for `{name.text}{_SUFFIX}` in " + ", ".join(f"`{folder}`" for folder in folders)
        )
        self.report("E0030", f"there is no model `{name.text}`", name.span, "not found", hint)
        return None

    def report(self, code: str, message: str, span: Span, label: str, hint: str | None = None) -> None:
        self.diagnostics.append(Diagnostic(code, "error", message, span, label, hint))


def _real(path: Path) -> Path:
    """Where a path leads; links that lead in a circle are no reason to fail here."""
    return Path(os.path.realpath(path))


def _contents(path: Path) -> bytes | str:
    """The bytes of a file, as far as they are worth reading, or why there are none."""
    try:
        if path.is_dir():
            return "it is a directory"
        if not path.is_file() and path.exists():
            return "it is not a regular file"
        with path.open("rb") as file:
            return file.read(source.LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        return (error.strerror if isinstance(error, OSError) else None) or "the name is not valid"


def _models_in(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.suffix == _SUFFIX]
    except OSError:
        return []


def _digest(sources: Mapping[str, str]) -> str:
    """Over the texts in the order of loading; each with its length, so that none can run into the next."""
    digest = hashlib.sha256()
    for text in sources.values():
        data = text.encode("utf-8")
        digest.update(f"{len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()
