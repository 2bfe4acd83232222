"""Sentences: `map nic a to p` is the body of the operation `map`, with the arguments in place of its parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from verifier.language import tree
from verifier.language.elaborate.effects import Place
from verifier.language.elaborate.names import arguments
from verifier.language.elaborate.problems import did_you_mean
from verifier.system.expressions import FALSE
from verifier.system.system import Call

if TYPE_CHECKING:
    from verifier.language.elaborate.statements import Statements


def perform(statements: Statements, sentence: tree.Sentence, place: Place) -> None:
    """Adds what the operation does, and that it is performed."""
    world, name = statements.world, sentence.operation.text
    operation = world.declared.operation(name)
    if operation is None:
        _no_operation(statements, sentence)
        return
    key = f"operation {name}"
    if key in place.scope.inside:
        circle = place.scope.inside[place.scope.inside.index(key) :]
        first = next(action for other, action in world.declared.actions.items() if f"operation {other}" in circle)
        message = f"the operation `{first.name.text}` performs itself"
        statements.complain("E0115", first.name.span, message, "would never end")
        return
    if not _well_said(statements, sentence, operation):
        return
    kinds = [world.type(parameter.type) for parameter in operation.parameters]
    written = [argument.value for argument in sentence.arguments]
    given = arguments(world.expressions, name, written, kinds, place.scope, sentence.span)
    if given is None:
        return
    if not place.called and place.condition != FALSE:
        statements.effects.calls.append(Call(name, given, place.binders, place.condition))
    meaning = {
        parameter.name.text: value
        for parameter, value in zip(operation.parameters, given, strict=True)
        if parameter.name is not None
    }
    statements.run(operation.body, replace(place, scope=place.scope.body_of(key, meaning), called=True))


def _no_operation(statements: Statements, sentence: tree.Sentence) -> None:
    declared, name = statements.world.declared, sentence.operation
    other = declared.actions.get(name.text)
    if other is not None:
        statements.complain(
            "E0318", name.span, f"`{name.text}` is a {other.word} action", "happens by itself, nobody calls it"
        )
        return
    operations = (n for n, action in declared.actions.items() if action.word == "operation")
    statements.complain(
        "E0104", name.span, f"there is no operation `{name.text}`", "unknown", did_you_mean(name.text, operations)
    )


def _well_said(statements: Statements, sentence: tree.Sentence, operation: tree.ActionDecl) -> bool:
    """Whether the words between the arguments are those of the declaration."""
    for argument, parameter in zip(sentence.arguments, operation.parameters, strict=False):
        if argument.preposition != parameter.preposition:
            said = f"`{argument.preposition}`" if argument.preposition else "no word"
            meant = f"`{parameter.preposition}`" if parameter.preposition else "no word"
            statements.complain(
                "E0317",
                argument.span,
                f"before this argument of `{operation.name.text}` there must be {meant}, not {said}",
                "said differently",
                f"say `{usage(operation)}`",
            )
            return False
    return True


def usage(operation: tree.ActionDecl) -> str:
    """How the operation is said: `map d a to p`."""
    words = [operation.name.text]
    for index, parameter in enumerate(operation.parameters, start=1):
        words += [parameter.preposition] if parameter.preposition else []
        words.append(parameter.name.text if parameter.name else f"x{index}")
    return " ".join(words)
