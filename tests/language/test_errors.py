"""Texts with mistakes, each a file in `errors/` that says in its first lines what the front end must report.

A line `// error: E0012 at 4:12` (or `// warning: ...`) announces one diagnostic. All that is reported for the file is
compared with all that is announced, so a fixture for a later stage must be faultless for the earlier ones.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from verifier.language.codes import ENTRIES
from verifier.language.diagnostics import Diagnostic, render
from verifier.language.loader import Loaded
from verifier.language.parser import parse
from verifier.language.specification import Specification, check

_FOLDER = Path(__file__).parent / "errors"
_FIXTURES = sorted(_FOLDER.glob("*.flip"))
_ANNOUNCED = re.compile(r"// (error|warning): ([EW]\d{4}) at (\d+):(\d+)")


def reported(text: str, file: str) -> tuple[Diagnostic, ...]:
    """Everything the front end says about a file: the syntax now, then what elaboration finds."""
    parsed, found = parse(text, file)
    if parsed is None or found:
        return found
    result = check(Loaded((parsed,), {file: text}, ""), file)
    return result.notes if isinstance(result, Specification) else result


@pytest.mark.parametrize("path", _FIXTURES, ids=lambda path: path.stem)
def test_every_mistake_is_reported_where_it_is(path: Path) -> None:
    """What is reported for the file is what its first lines announce: severity, code, line and column, in order."""
    text = path.read_text(encoding="utf-8")
    announced = [(kind, code, int(line), int(column)) for kind, code, line, column in _ANNOUNCED.findall(text)]
    assert announced, "a fixture announces what is wrong with it"
    found = [(part.severity, part.code, part.span.line, part.span.column) for part in reported(text, path.name)]
    assert found == announced


@pytest.mark.parametrize("path", _FIXTURES, ids=lambda path: path.stem)
def test_every_reported_code_is_explained_and_shown(path: Path) -> None:
    """`flip explain` knows each code, and the rendering names the code and the place."""
    text = path.read_text(encoding="utf-8")
    for diagnostic in reported(text, path.name):
        assert diagnostic.code in ENTRIES
        shown = render(diagnostic, {path.name: text})
        assert shown.startswith(f"{diagnostic.severity}[{diagnostic.code}]: ")
        assert f"--> {diagnostic.span}" in shown
