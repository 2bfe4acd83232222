"""The parts of a document that claim something which can be run: fenced blocks, and code within lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lark import Tree

from verifier.language.attempt import Attempt

ROOT = Path(__file__).parents[2]
LANGUAGE = ROOT / "docs" / "language.md"
LIVENESS = ROOT / "docs" / "liveness.md"
LARGE_RUNS = ROOT / "docs" / "large_runs.md"
EVERY_SIZE = ROOT / "docs" / "every_size.md"
PROOFS = ROOT / "docs" / "proofs.md"
README = ROOT / "README.md"
DOCUMENTS = (LANGUAGE, LIVENESS, LARGE_RUNS, EVERY_SIZE, PROOFS, README)

_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_NOT_CODE = re.compile(r'//[^\n]*|"""(?:[^"]|"(?!""))*"""')
_HEADER = re.compile(r"(?:spec|model) (\w+)")


@dataclass(frozen=True)
class Block:
    """A fenced block. `kind` is the first word after the fence, `words` are the others."""

    document: Path
    line: int
    kind: str
    words: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        return f"{self.document.name}:{self.line}"

    @property
    def base(self) -> str | None:
        """The file that the declarations of the block are added to: the word after `more`."""
        return self.words[self.words.index("more") + 1] if "more" in self.words else None

    @property
    def codes(self) -> list[str]:
        """The diagnostics that the block must be refused with: the words after `error`."""
        expected = self.words[: self.words.index("more")] if "more" in self.words else self.words
        return sorted(expected[1:]) if expected[:1] == ("error",) else []

    @property
    def source(self) -> str:
        """The specification or model that the block comes to: its text, after the file that it is added to."""
        return self.text if self.base is None else f"{files_of(self.document)[self.base]}\n{self.text}"

    @property
    def name(self) -> str:
        """What the file is called."""
        header = _HEADER.match(self.source)
        assert header is not None, f"{self} is no file, and does not say which one it is added to"
        return header[1]


@lru_cache
def blocks(document: Path) -> tuple[Block, ...]:
    """Every fenced block, in order."""
    text = document.read_text(encoding="utf-8")
    found = []
    for fence in _FENCE.finditer(text):
        kind, *words = fence["info"].split() or [""]
        line = text.count("\n", 0, fence.start()) + 1
        found.append(Block(document, line, kind, tuple(words), fence["text"]))
    return tuple(found)


def blocks_of(kind: str) -> list[Block]:
    """The blocks of one kind in all documents."""
    return [block for document in DOCUMENTS for block in blocks(document) if block.kind == kind]


@lru_cache
def files_of(document: Path) -> dict[str, str]:
    """The text of every complete file in a document, by its name."""
    whole = [block for block in blocks(document) if block.kind == "flip" and block.base is None and not block.codes]
    names = [block.name for block in whole]
    assert len(set(names)) == len(names), f"two files have one name among {names}"
    return {block.name: block.text for block in whole}


def write_files(document: Path, folder: Path) -> None:
    """Puts the files of a document into a folder, as its reader has them."""
    for name, text in files_of(document).items():
        (folder / f"{name}.flip").write_text(text)


def prose(document: Path) -> str:
    """The document without its blocks and comments."""
    return _COMMENT.sub("", _FENCE.sub("", document.read_text(encoding="utf-8")))


def inline_code(document: Path) -> list[str]:
    """What stands between single backquotes."""
    return re.findall(r"`([^`\n]+)`", prose(document))


def code(document: Path) -> str:
    """All Flip in the blocks of a document that are right, without comments and descriptions."""
    return "\n".join(_NOT_CODE.sub("", block.text) for block in blocks(document) if block.kind == "flip")


def rules_used(block: Block) -> set[str]:
    """The grammar's rules that it takes to parse the block."""
    parsed = Attempt(block.source, str(block)).parse("start")
    return {str(part.data) for part in parsed.iter_subtrees()} if isinstance(parsed, Tree) else set()
