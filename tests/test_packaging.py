"""What an installation contains."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_every_package_is_installed() -> None:
    """The list in pyproject.toml names every folder with code, and the models that come with Flip."""
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {path.parent.relative_to(ROOT) for path in ROOT.glob("verifier/**/__init__.py")}

    assert set(setup["packages"]) == {".".join(folder.parts) for folder in folders} | {"verifier.models"}
    assert setup["package-dir"] == {"verifier.models": "models"}


KNOWS = {
    "system": set(),
    "language": {"system"},
    "engines": {"system"},
    "evidence": {"system", "language", "engines"},
    "machine": set(),
    "execution": {"system", "engines", "machine"},
    "report": {"system", "language", "engines", "evidence", "machine", "execution"},
    "commands": {"system", "language", "engines", "evidence", "machine", "execution", "report"},
}
"""Which packages each one may import from, beside itself."""


@pytest.mark.parametrize("package", KNOWS)
def test_imports_point_one_way(package: str) -> None:
    """What a text means depends on no engine, what an engine finds on no report, and the machine on nothing else."""
    known = set[str]()
    for path in (ROOT / "verifier" / package).rglob("*.py"):
        known |= set(re.findall(r"^\s*(?:from|import) verifier\.(\w+)", path.read_text(), re.MULTILINE))

    assert known - {package} == KNOWS[package]
