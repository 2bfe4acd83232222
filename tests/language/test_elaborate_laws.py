"""Laws of elaboration that hold for every specification."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.language.elaborating import checked, specification
from verifier.language.codes import ENTRIES
from verifier.language.diagnostics import Diagnostic
from verifier.language.format import format_source
from verifier.language.loader import Failed, Loaded, load
from verifier.language.parser import parse
from verifier.language.show import show
from verifier.language.specification import Elaborated, Specification, check, open_specification
from verifier.system.expressions import Read, walk
from verifier.system.interpreter import Interpreter

_ROOT = Path(__file__).parent.parent.parent
_SPECS = sorted((_ROOT / "specs").glob("*.flip"))
_OWN = [code for code in ENTRIES if code >= "E0100" and ENTRIES[code].wrong]


def _opened(path: Path) -> Specification:
    result = open_specification(path)
    assert isinstance(result, Specification), result
    return result


def _elaborated(spec: Specification, variant: str | None) -> Elaborated:
    result = spec.elaborate(variant)
    assert isinstance(result, Elaborated), result
    return result


@pytest.mark.parametrize("path", _SPECS, ids=lambda path: path.stem)
def test_formatting_does_not_change_the_meaning(path: Path) -> None:
    """The formatted text of a specification and its models has the same systems, for every variant."""
    loaded = load(path)
    assert not isinstance(loaded, Failed)
    formatted = {name: format_source(text, name) for name, text in loaded.sources.items()}
    sources = {name: text for name, text in formatted.items() if isinstance(text, str)}
    order = [file.span.file for file in loaded.files]
    files = tuple(parse(sources[name], name)[0] for name in order)
    again = check(Loaded(tuple(file for file in files if file is not None), sources, ""), str(path))
    assert isinstance(again, Specification)
    original = _opened(path)
    for variant in (None, *(variant.name for variant in original.variants)):
        assert show(_elaborated(again, variant).system) == show(_elaborated(original, variant).system)


@pytest.mark.parametrize("path", _SPECS, ids=lambda path: path.stem)
def test_every_variant_is_a_system_that_runs(path: Path) -> None:
    """Every initial state has its possible actions, and each of them a next state or a failure."""
    spec = _opened(path)
    for variant in (None, *(variant.name for variant in spec.variants)):
        interpreter = Interpreter(_elaborated(spec, variant).system)
        for state in interpreter.initial_states():
            for action, arguments in interpreter.enabled(state):
                outcome = interpreter.perform(action, arguments, state)
                assert outcome.state is not None or outcome.failures
            break


@pytest.mark.parametrize("path", _SPECS, ids=lambda path: path.stem)
def test_every_function_that_is_read_is_there(path: Path) -> None:
    """A system is closed: what its actions and claims read or write are its own functions."""
    spec = _opened(path)
    for variant in (None, *(variant.name for variant in spec.variants)):
        system = _elaborated(spec, variant).system
        names = {function.name for function in system.functions}
        assert len(names) == len(system.functions)
        for action in system.actions:
            assert {update.function for update in action.updates} <= names
            read = {node.function for node in walk(action.guard) if isinstance(node, Read)}
            assert read <= names
        for claim in system.properties:
            assert {node.function for node in walk(claim.formula) if isinstance(node, Read)} <= names


def test_the_same_text_gives_the_same_bytes() -> None:
    """Nothing depends on the order of a set: two processes with different hash seeds print the same system."""
    program = (
        "import sys; from verifier.language.specification import open_specification as o;"
        " from verifier.language.show import show; s = o(sys.argv[1]);"
        " [print(show(s.elaborate(v).system), s.elaborate(v).expected)"
        " for v in (None, *(v.name for v in s.variants))]"
    )
    path = str(_ROOT / "specs" / "ownership_flip.flip")
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, path],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(_ROOT)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1


def _codes(text: str) -> list[str]:
    result = checked(text)
    return [part.code for part in (result.notes if isinstance(result, Specification) else result)]


@pytest.mark.parametrize("code", _OWN)
def test_the_examples_of_a_code_show_it(code: str) -> None:
    """The wrong example has exactly this mistake, and the right one none."""
    assert _codes(ENTRIES[code].wrong) == [code]
    assert _codes(ENTRIES[code].right) == []


_PIECES = [ENTRIES[code].wrong.split("\n", 1)[1] for code in _OWN]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), min_size=1, max_size=4))
def test_mistakes_together_never_break_anything(pieces: list[str]) -> None:
    """Whatever wrong declarations stand together, the answer is diagnostics with places, in order."""
    result = checked("spec s\n" + "\n".join(pieces))
    found: tuple[Diagnostic, ...] = result.notes if isinstance(result, Specification) else result
    places = [(part.span.file, part.span.line, part.span.column) for part in found]
    assert places == sorted(places)
    assert {part.code for part in found} <= set(ENTRIES)


_FORMULAS = st.recursive(
    st.sampled_from(
        ["t", "n == 1", "f(p0) is none", "g(p1) is p0x", "p0 in { p0, p1 }", "s(p0) == busy", "none", "s(p0x) == busy"]
    ),
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("(g(p1) is p0x and {})".format, inner),
        st.builds("(g(p1) is p0x implies {})".format, inner),
        st.builds("(if g(p1) is p0x then {} else {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("({} implies {})".format, inner, inner),
        st.builds("(not {})".format, inner),
        st.builds("(if {} then {} else {})".format, inner, inner, inner),
        st.builds("(all q: P: {})".format, inner),
        st.builds("({} == {})".format, inner, inner),
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(_FORMULAS)
def test_what_is_accepted_can_be_evaluated(formula: str) -> None:
    """An optional is opened only where it is known to be there: no accepted formula fails in any state."""
    text = (
        "spec s\nsort P size 2\nenum S { idle, busy }\nstate f(P): P? = any\nstate g(p: P): P? = any\n"
        f"state s(P): S = busy\nstate n: 0 .. 2 = any\nstate t: bool = any\nalways a: {formula}"
    )
    result = checked(text)
    if not isinstance(result, Specification):
        return
    system = _elaborated(specification(text), None).system
    interpreter = Interpreter(system)
    for state in list(interpreter.initial_states())[::7]:
        assert interpreter.holds(system.property_named("a").formula, state) in (True, False)
