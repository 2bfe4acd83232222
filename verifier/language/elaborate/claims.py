"""What a specification claims: its properties, the assertions in its actions, and where it may stop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from verifier.language import tree
from verifier.language.elaborate import fold
from verifier.language.elaborate.declarations import Declarations
from verifier.language.elaborate.scope import Scope
from verifier.language.elaborate.source import source_of
from verifier.language.elaborate.syntax import body_of, statements
from verifier.system.expressions import TRUE, Expression, ForAll, Variable
from verifier.system.span import Span
from verifier.system.system import Property, PropertyKind

if TYPE_CHECKING:
    from verifier.language.elaborate.world import World

_KINDS = {
    "always": PropertyKind.ALWAYS,
    "never": PropertyKind.ALWAYS,
    "lemma": PropertyKind.ALWAYS,
    "step": PropertyKind.STEP,
    "reachable": PropertyKind.REACHABLE,
    "eventually": PropertyKind.EVENTUALLY,
}


def elaborate_property(declared: tree.PropertyDecl, world: World, sources: Mapping[str, str]) -> Property | None:
    scope = Scope(two_state=declared.word == "step")
    trigger: Expression | None = TRUE
    if declared.trigger is not None:
        trigger = world.expressions.truth(declared.trigger, scope)
    formula = world.expressions.truth(declared.formula, scope)
    if formula is None or trigger is None:
        return None
    text, kind = source_of(declared.formula.span, sources), _KINDS[declared.word]
    if declared.word == "never":
        formula, text = fold.negate(formula), f"not ({text})"
    if declared.trigger is not None:
        kind, text = PropertyKind.LEADS_TO, f"{source_of(declared.trigger.span, sources)} leads to {text}"
    lemma = declared.word == "lemma"
    return Property(declared.name.text, kind, formula, trigger, None, text, declared.doc, declared.span, lemma)


def elaborate_final(world: World) -> Expression:
    """Where the protocol may stop: as it says, or where every process is over."""
    for final in world.declared.finals[:1]:
        formula = world.expressions.truth(final.formula, Scope())
        return TRUE if formula is None else formula
    plans = [world.plan(name) for name in world.declared.processes]
    parts = []
    for plan in (plan for plan in plans if plan is not None):
        everyone = tuple(Variable(f"process_{index}", kind) for index, kind in enumerate(plan.parameters, start=1))
        over = plan.is_over(everyone)
        for variable in reversed(everyone):
            over = ForAll(variable, over)
        parts.append(over)
    return fold.both(*parts)


def assertions(declared: Declarations) -> tuple[tree.Assert, ...]:
    """The assertions in everything that can happen, in the order of the text, the first of each name."""
    found: dict[str, tree.Assert] = {}
    for happening in _happening(declared):
        for statement in statements(body_of(happening)):
            if isinstance(statement, tree.Assert):
                found.setdefault(statement.name.text, statement)
    return tuple(found.values())


def _happening(declared: Declarations) -> Iterator[tree.ActionDecl | tree.Process]:
    """Processes, actions, and the operations that they perform."""
    roots = (a for a in declared.actions.values() if a.word != "operation")
    pending: list[tree.ActionDecl | tree.Process] = [*roots, *declared.processes.values()]
    performed: set[str] = set()
    while pending:
        top = pending.pop(0)
        yield top
        for statement in statements(body_of(top)):
            if isinstance(statement, tree.Sentence) and statement.operation.text not in performed:
                performed.add(statement.operation.text)
                operation = declared.operation(statement.operation.text)
                pending += [operation] if operation is not None else []


def assertion_properties(
    found: Iterable[tree.Assert], taken: Mapping[str, Span], world: World, sources: Mapping[str, str]
) -> tuple[Property, ...]:
    """A property for each name that assertions have."""
    made = []
    for node in found:
        name = node.name.text
        if name in taken:
            world.problems.error(
                "E0331",
                node.name.span,
                f"`{name}` is also the name of a property",
                "an assertion here",
                f"rename one of them; the property is declared at {taken[name]}",
            )
            continue
        text = source_of(node.condition.span, sources)
        made.append(Property(name, PropertyKind.ASSERTION, text=text, span=node.span))
    return tuple(made)
