"""A specification is loaded with the models it uses, from a few folders and nowhere else."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from verifier.language import loader
from verifier.language.loader import Failed, Loaded, load


def _write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.flip").write_text(text, encoding="utf-8")


def _codes(result: Loaded | Failed) -> list[str]:
    assert isinstance(result, Failed)
    return [part.code for part in result.diagnostics]


def _names(result: Loaded | Failed) -> list[str]:
    assert isinstance(result, Loaded), result.diagnostics
    return [file.name.text for file in result.files]


def test_files_come_after_those_they_use(tmp_path: Path) -> None:
    """Every model is loaded once, before its users; the specification is the last one."""
    _write(tmp_path, s="spec s\nuse a, b", a="model a\nuse c", b="model b\nuse c, a", c="model c")
    assert _names(load(tmp_path / "s.flip")) == ["c", "a", "b", "s"]


def test_the_nearest_model_is_taken(tmp_path: Path) -> None:
    """Beside the file, then `models` beside it, then `models` beside its parent, then Flip's own."""
    specs = tmp_path / "specs"
    _write(specs, s="spec s\nuse x, y, z", x="model x")
    _write(specs / "models", x="spec wrong", y="model y")
    _write(tmp_path / "models", y="spec wrong", z="model z")
    assert _names(load(specs / "s.flip")) == ["x", "y", "z", "s"]


def test_the_models_of_flip_are_found_from_anywhere(tmp_path: Path) -> None:
    """A specification anywhere can use `memory`."""
    _write(tmp_path, s="spec s\nuse memory")
    assert _names(load(tmp_path / "s.flip"))[-1] == "s"


def test_a_missing_model_is_named_with_a_guess(tmp_path: Path) -> None:
    """The place is that of the name in the `use`."""
    _write(tmp_path, s="spec s\nuse memroy")
    result = load(tmp_path / "s.flip")
    assert _codes(result) == ["E0030"]
    assert isinstance(result, Failed)
    assert (result.diagnostics[0].span.line, result.diagnostics[0].span.column) == (2, 5)
    assert result.diagnostics[0].hint == "did you mean `memory`?"


def test_a_circle_is_named(tmp_path: Path) -> None:
    """The message lists the models of the circle, not those that lead to it; a model may even use itself."""
    _write(tmp_path, s="spec s\nuse a", a="model a\nuse b", b="model b\nuse c", c="model c\nuse b", d="model d\nuse d")
    result = load(tmp_path / "s.flip")
    assert _codes(result) == ["E0031"]
    assert isinstance(result, Failed)
    assert "`b` uses `c` uses `b`" in result.diagnostics[0].message
    assert _codes(load(tmp_path / "d.flip")) == ["E0031"]


def test_what_is_found_must_be_the_model(tmp_path: Path) -> None:
    """A specification is no model, a model is called like its file, and no model is used twice."""
    _write(tmp_path, s="spec s\nuse a, b\nuse a", a="spec a", b="model c")
    assert sorted(_codes(load(tmp_path / "s.flip"))) == ["E0032", "E0033", "E0036"]


def test_mistakes_of_all_files_are_reported(tmp_path: Path) -> None:
    """One run shows what is wrong in the models and in the specification."""
    _write(tmp_path, s="spec s\nuse a, b", a="model a\nstate x bool", b="model b\nstat y: bool")
    result = load(tmp_path / "s.flip")
    assert _codes(result) == ["E0012", "E0022"]
    assert len(result.sources) == 3


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    """A missing file, a directory, a bad name, a pipe, a circle of links, bytes that are no text, a large file."""
    (tmp_path / "folder.flip").mkdir()
    (tmp_path / "bytes.flip").write_bytes(b"spec \xff")
    (tmp_path / "large.flip").write_bytes(b" " * 1_000_001)
    (tmp_path / "loop.flip").symlink_to(tmp_path / "loop.flip")
    os.mkfifo(tmp_path / "pipe.flip")
    expected = {"bytes": "E0003", "large": "E0002"}
    for name in ("missing", "folder", "pipe", "loop", "nul\x00", *expected):
        code = expected.get(name, "E0001")
        assert _codes(load(tmp_path / f"{name}.flip")) == [code], name


def test_a_link_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    """What a `use` finds lies in the folder it was found in; a link within the folder is all right."""
    _write(tmp_path / "outside", a="model a")
    _write(tmp_path / "specs", s="spec s\nuse a", t="spec t\nuse b", c="model b")
    (tmp_path / "specs" / "a.flip").symlink_to(tmp_path / "outside" / "a.flip")
    (tmp_path / "specs" / "b.flip").symlink_to(tmp_path / "specs" / "c.flip")
    assert _codes(load(tmp_path / "specs" / "s.flip")) == ["E0035"]
    assert _names(load(tmp_path / "specs" / "t.flip")) == ["b", "t"]


def test_the_number_of_models_is_bounded(tmp_path: Path) -> None:
    """A long chain of models ends with a message."""
    chain = {f"m{n}": f"model m{n}\nuse m{n + 1}" for n in range(loader.MOST_MODELS + 5)}
    _write(tmp_path, s="spec s\nuse m0", **chain)
    assert _codes(load(tmp_path / "s.flip")) == ["E0034"]


def test_the_digest_is_that_of_all_texts(tmp_path: Path) -> None:
    """It changes with any character of any file, and not with the place of the files."""
    digests = []
    for number, model in enumerate(("model a", "model a ", "model a")):
        folder = tmp_path / str(number)
        _write(folder, s="spec s\nuse a", a=model)
        result = load(folder / "s.flip")
        assert isinstance(result, Loaded)
        digests.append(result.digest)
    assert digests[0] == digests[2] != digests[1]
    assert len(digests[0]) == hashlib.sha256().digest_size * 2
