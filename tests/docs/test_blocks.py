"""What the documents show is what Flip does: every fenced block is run."""

from __future__ import annotations

import difflib
import re
import shlex
from pathlib import Path

import pytest

from tests.docs.blocks import DOCUMENTS, LANGUAGE, README, ROOT, Block, blocks, blocks_of, write_files
from verifier.cli import main
from verifier.language.format import format_source
from verifier.language.parser import parse
from verifier.language.specification import Specification, open_specification

Capture = pytest.CaptureFixture[str]

FLIP = blocks_of("flip")
RIGHT = [block for block in FLIP if not block.codes]
WRONG = [block for block in FLIP if block.codes]
CONSOLE = blocks_of("console")
SHELL = blocks_of("sh")


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory of the block: one with the document's files, for the README the project."""
    block: Block = request.getfixturevalue("block")
    monkeypatch.setenv("COLUMNS", "100")
    if block.document == README:
        monkeypatch.chdir(ROOT)
        return ROOT
    write_files(block.document, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_block_is_of_a_kind_that_is_run(document: Path) -> None:
    """A block without a kind, or with a fence of another form, would escape these tests."""
    found = blocks(document)
    assert {block.kind for block in found} <= {"flip", "console", "sh", "text"}
    fences = re.findall(r"^\s*(?:```|~~~)", document.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(fences) == 2 * len(found)
    assert {block.kind for block in found if block.document == LANGUAGE} <= {"flip", "console", "text"}


@pytest.mark.parametrize("block", RIGHT, ids=str)
def test_flip_that_is_right(block: Block, folder: Path, capsys: Capture) -> None:
    """A specification is checked in all its instances: no complaint, and all is as the block expects.

    A model has no verdict of its own. It must parse, and the specifications that use it are checked.
    """
    file = folder / f"{block.name}.flip"
    file.write_text(block.source)
    if block.source.startswith("model"):
        assert parse(block.source, str(block))[1] == ()
        return
    opened = open_specification(file)
    instances = opened.instances if isinstance(opened, Specification) else ()
    for choice in [["--instance", name] for name in instances] or [[]]:
        code = main(["check", file.name, *choice])
        captured = capsys.readouterr()
        assert (code, captured.err) == (0, ""), f"{block}\n{captured.out}{captured.err}"


@pytest.mark.parametrize("block", [block for block in RIGHT if block.base is None], ids=str)
def test_files_are_laid_out_as_flip_fmt_does(block: Block) -> None:
    """A complete file is shown as `flip fmt` writes it."""
    formatted = format_source(block.text, str(block))
    assert isinstance(formatted, str)
    assert block.text == formatted, "".join(difflib.ndiff(block.text.splitlines(True), formatted.splitlines(True)))


@pytest.mark.parametrize("block", WRONG, ids=str)
def test_flip_that_is_wrong(block: Block, folder: Path) -> None:
    """It is refused, with the codes that the block names and no others."""
    file = folder / f"{block.name}.flip"
    file.write_text(block.source)
    found = open_specification(file)
    assert not isinstance(found, Specification), f"{block} is not refused"
    assert sorted(diagnostic.code for diagnostic in found) == block.codes


@pytest.mark.parametrize("block", CONSOLE, ids=str)
def test_console(block: Block, folder: Path, capsys: Capture) -> None:
    """Each command prints what follows it and ends with the exit code of the block, 0 if it names none."""
    expected_code = int(block.words[1]) if block.words else 0
    assert block.words == (() if expected_code == 0 else ("exit", str(expected_code)))
    for command, expected in commands(block):
        code = main(command)
        captured = capsys.readouterr()
        printed = captured.out + captured.err
        assert matches(expected, printed), f"{block}: flip {shlex.join(command)} prints\n{printed}"
        assert code == expected_code


def commands(block: Block) -> list[tuple[list[str], str]]:
    """The arguments of each `$ flip` in a console block, and the lines after it."""
    first, *parts = re.split(r"^\$ flip ", block.text, flags=re.MULTILINE)
    assert first == "", f"{block} begins with something that is no `$ flip` command"
    assert parts, f"{block} is empty"
    split = [part.partition("\n") for part in parts]
    assert not any("\n$ " in part for part in parts), f"{block} has a command that is not `flip`"
    return [(shlex.split(command), output) for command, _, output in split]


def matches(expected: str, printed: str) -> bool:
    """Whether the lines are those that are expected, up to blanks at their ends; `...` stands for any lines."""
    printed = "".join(f"{line.rstrip()}\n" for line in printed.splitlines())
    lines = (r"(?:.*\n)*" if line == "..." else re.escape(line) + r"\n" for line in expected.splitlines())
    return re.fullmatch("".join(lines), printed) is not None


@pytest.mark.parametrize(
    ("expected", "printed", "match"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\n...\nc\n", "a\nb\nb\nc\n", True),
        ("a\n...\nc\n", "a\nc\n", True),
        ("a\nb\n", "a\n", False),
        ("a\n", "a\nb\n", False),
        ("a.\n", "ab\n", False),
        ("a\n...\n", "b\na\n", False),
        ("...\nb\n", "ab\n", False),
    ],
)
def test_matching_is_by_whole_lines(expected: str, printed: str, match: bool) -> None:
    """A block that is wrong is found wrong: nothing is optional except what `...` stands for."""
    assert matches(expected, printed) is match


def targets() -> set[str]:
    """What `make` can be told to make."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][\w-]*):(?!=)", makefile, re.MULTILINE))


@pytest.mark.parametrize("block", SHELL, ids=str)
def test_shell_blocks_make_what_there_is_to_make(block: Block) -> None:
    """Every line is `make` and the name of a target of the Makefile."""
    for line in block.text.splitlines():
        command, target, *rest = line.partition("#")[0].split()
        assert (command, rest) == ("make", [])
        assert target in targets()
