"""What an installation contains."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_package_is_installed() -> None:
    """The list in pyproject.toml names every folder with code, and the models that come with Flip."""
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {path.parent.relative_to(ROOT) for path in ROOT.glob("verifier/**/__init__.py")}

    assert set(setup["packages"]) == {".".join(folder.parts) for folder in folders} | {"verifier.models"}
    assert setup["package-dir"] == {"verifier.models": "models"}
