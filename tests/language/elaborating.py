"""Helpers: a text becomes a specification, its diagnostics, or one of its systems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verifier.language.diagnostics import Diagnostic
from verifier.language.loader import Loaded
from verifier.language.parser import parse
from verifier.language.specification import Elaborated, Specification, check
from verifier.system.interpreter import Interpreter
from verifier.system.layout import State
from verifier.system.system import System
from verifier.system.types import render


def checked(text: str) -> Specification | tuple[Diagnostic, ...]:
    """The specification in a text, or what is wrong with it."""
    file, found = parse(text, "s.flip")
    if file is None or found:
        return found
    return check(Loaded((file,), {"s.flip": text}, ""), "s.flip")


def complaints(text: str) -> list[str]:
    """The codes of what is reported for a text."""
    result = checked(text)
    return [part.code for part in (result.notes if isinstance(result, Specification) else result)]


def specification(text: str) -> Specification:
    """The specification in a text without mistakes; its header may be left out."""
    result = checked(text if text.lstrip().startswith(("spec", "model")) else f"spec s\n{text}")
    assert isinstance(result, Specification), result
    return result


def elaborated(
    text: str, variant: str | None = None, instance: str | None = None, settings: Mapping[str, int | str] | None = None
) -> Elaborated:
    result = specification(text).elaborate(variant, instance, settings or {})
    assert isinstance(result, Elaborated), result
    return result


def system_of(text: str) -> System:
    return elaborated(text).system


def initially(system: System) -> dict[str, str]:
    """Every cell by name with its value as text, in the only initial state."""
    interpreter = Interpreter(system)
    (state,) = interpreter.initial_states()
    return _named(interpreter, state)


def _named(interpreter: Interpreter, state: State) -> dict[str, str]:
    cells = interpreter.layout.cells
    return {cell.name: render(cell.type, value) for cell, value in zip(cells, state, strict=True)}


def reachable(system: System, most: int = 20_000) -> dict[State, dict[str, str]]:
    """Every reachable state, with its cells by name."""
    interpreter = Interpreter(system)
    found: dict[State, dict[str, str]] = {}
    pending = list(interpreter.initial_states())
    while pending:
        state = pending.pop()
        if state in found:
            continue
        found[state] = _named(interpreter, state)
        assert len(found) <= most
        for action, arguments in interpreter.enabled(state):
            following = interpreter.perform(action, arguments, state).state
            if following is not None:
                pending.append(following)
    return found


def happening(system: System, state: State) -> Iterator[str]:
    """The names of the actions that are possible in a state, with their arguments."""
    for action, arguments in Interpreter(system).enabled(state):
        given = ", ".join(render(p.type, a) for p, a in zip(action.parameters, arguments, strict=True))
        yield f"{action.name}({given})" if given else action.name
