"""Sets, the names that range over them, and quantifiers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.language import tree
from verifier.language.elaborate import fold
from verifier.language.elaborate.coercion import coerce, type_name
from verifier.language.elaborate.names import region_sort, sort_of
from verifier.language.elaborate.problems import did_you_mean
from verifier.language.elaborate.scope import Scope
from verifier.system.expressions import TRUE, Expression, Read, Variable, index_type
from verifier.system.span import Span
from verifier.system.types import BOOL, OptionalType, SortType, Type

if TYPE_CHECKING:
    from verifier.language.elaborate.expressions import Expressions


@dataclass(frozen=True, slots=True)
class Bound:
    """New names: the scope that has them, their variables, and what is known of their values.

    `variables` and `condition` are None where the binder is wrong.
    """

    scope: Scope
    variables: tuple[Variable, ...] | None
    condition: Expression | None


def member(elaborate: Expressions, written: tree.Member, scope: Scope) -> Expression | None:
    """`x in set`, `x not in set`."""
    expected = set_type(elaborate, written.set, scope, report=False)
    operand = elaborate.value(written.operand, scope, expected)
    if operand is None:
        return None
    inside = contains(elaborate, written.set, operand, scope, written.operand.span)
    return inside and fold.negate(inside) if written.negated else inside


def contains(
    elaborate: Expressions, written: tree.SetExpr, operand: Expression, scope: Scope, span: Span
) -> Expression | None:
    """Whether the operand, written at `span`, is in the set."""
    match written:
        case tree.UnionSet(parts, _):
            tests = [contains(elaborate, part, operand, scope, span) for part in parts]
            known = [test for test in tests if test is not None]
            return fold.either(*known) if len(known) == len(tests) else None
        case tree.ListedSet(elements, _):
            return _is_listed(elaborate, elements, operand, scope)
        case tree.NamedSet(name, _):
            return _in_named(elaborate, name, operand, span)


def _is_listed(
    elaborate: Expressions, elements: tuple[tree.Expr, ...], operand: Expression, scope: Scope
) -> Expression | None:
    tests: list[Expression] = []
    for written in elements:
        value = elaborate.value(written, scope, operand.type)
        if value is None:
            continue
        left = operand
        if isinstance(value.type, OptionalType) and not isinstance(operand.type, OptionalType):
            left = fold.some(operand)
        value = coerce(value, left.type, written.span, elaborate.problems)
        if value is not None:
            tests.append(fold.equal(left, value))
    return fold.either(*tests) if len(tests) == len(elements) else None


def _in_named(elaborate: Expressions, name: tree.Name, operand: Expression, span: Span) -> Expression | None:
    world = elaborate.world
    kind = operand.type.base if isinstance(operand.type, OptionalType) else operand.type
    held = fold.open_(operand) if isinstance(operand.type, OptionalType) else operand
    present = fold.is_some(operand) if isinstance(operand.type, OptionalType) else TRUE
    if name.text in world.machine.regions:
        sort = sort_of(kind)
        if sort is not None and world.machine.regions[name.text].numbers(sort.name) is not None:
            function = world.region_function(name.text, sort)
            return present if function is None else fold.both(present, Read(function.name, (held,), BOOL))
        what = "pages and addresses"
    else:
        whole = _named_type(elaborate, name)
        if whole is None or kind == whole:
            return None if whole is None else present
        what = f"{whole}"
    elaborate.problems.error(
        "E0201", span, f"`{name.text}` is a set of {what}", f"is {type_name(operand.type)}, which cannot be in it"
    )
    return None


def _named_type(elaborate: Expressions, name: tree.Name) -> Type | None:
    world = elaborate.world
    if name.text in world.declared.sorts or name.text == "bool":
        return world.named_type(name)
    known = (*world.machine.regions, *world.declared.sorts)
    hint = did_you_mean(name.text, known)
    elaborate.problems.error("E0107", name.span, f"there is no region or sort `{name.text}`", "unknown set", hint)
    return None


def set_type(elaborate: Expressions, written: tree.SetExpr, scope: Scope, *, report: bool) -> Type | None:
    """What the set is a set of, taking regions for sets of pages."""
    match written:
        case tree.UnionSet(parts, _):
            kinds = [set_type(elaborate, part, scope, report=report) for part in parts]
            return _widest([kind for kind in kinds if kind is not None])
        case tree.NamedSet(name, _):
            if name.text in elaborate.world.machine.regions:
                sort = region_sort(elaborate, name.text)
                return None if sort is None else SortType(sort)
            if report or name.text in elaborate.world.declared.sorts:
                return _named_type(elaborate, name)
            return None
        case tree.ListedSet(elements, _):
            if not report and all(isinstance(e, tree.LiteralExpr | tree.Element) for e in elements):
                return None
            if not report:
                return _guess(elaborate, elements)
            values = [elaborate.value(element, scope) for element in elements]
            return _widest([value.type for value in values if value is not None])


def _guess(elaborate: Expressions, elements: tuple[tree.Expr, ...]) -> Type | None:
    """The type of members listed by name, where their names say it."""
    for element in elements:
        if isinstance(element, tree.Reference) and element.arguments is None:
            sorts = elaborate.world.member_sorts(element.name.text)
            if len(sorts) == 1:
                return SortType(sorts[0])
    return None


def _widest(kinds: list[Type]) -> Type | None:
    if not kinds:
        return None
    widest = kinds[0]
    for kind in kinds[1:]:
        widest = fold.wider(widest, kind)
    return widest


# Binders


def bind(elaborate: Expressions, binder: tree.Binder, scope: Scope) -> Bound:
    """The names of a binder as new variables."""
    kind = _binder_type(elaborate, binder, scope)
    variables: list[Variable] = []
    tests: list[Expression | None] = []
    outer = scope
    for name in binder.names:
        if name.text in scope.names:
            elaborate.problems.error(
                "E0111", name.span, f"`{name.text}` already has a meaning here", "already known", "choose a new name"
            )
        scope, variable = scope.declare(name.text, kind)
        if variable is not None:
            variables.append(variable)
            if binder.set is not None:
                tests.append(contains(elaborate, binder.set, variable, outer, binder.span))
    if binder.where is not None:
        condition, scope = elaborate.condition(binder.where, scope)
        tests.append(condition)
    known = [test for test in tests if test is not None]
    if len(variables) < len(binder.names) or len(known) < len(tests):
        return Bound(scope, None, None)
    return Bound(scope, tuple(variables), fold.both(*known))


def _bind_all(elaborate: Expressions, binders: Iterable[tree.Binder], scope: Scope) -> Bound:
    """One after the other: what a name ranges over may depend on those before it."""
    variables: tuple[Variable, ...] | None = ()
    condition: Expression | None = TRUE
    for binder in binders:
        bound = bind(elaborate, binder, scope)
        scope = bound.scope
        variables = None if variables is None or bound.variables is None else variables + bound.variables
        condition = None if condition is None or bound.condition is None else fold.both(condition, bound.condition)
    return Bound(scope, variables, condition)


def _binder_type(elaborate: Expressions, binder: tree.Binder, scope: Scope) -> Type | None:
    world = elaborate.world
    if binder.type is not None:
        return world.index_type(binder.type)
    assert binder.set is not None
    if binder.noun is not None:
        nouns = {name.lower(): name for name in world.declared.sorts}
        name = nouns.get(binder.noun.text.replace("_", ""))
        if name is None:
            hint = did_you_mean(binder.noun.text, nouns)
            elaborate.problems.error(
                "E0309", binder.noun.span, f"there is no sort for the noun `{binder.noun.text}`", "unknown noun", hint
            )
            return None
        sort = world.sort(name)
        return None if sort is None else SortType(sort)
    kind = set_type(elaborate, binder.set, scope, report=True)
    if kind is not None and not index_type(kind):
        elaborate.problems.error(
            "E0216", binder.set.span, "nothing can range over values that may be none", f"is a set of {type_name(kind)}"
        )
        return None
    return kind


def quantified(elaborate: Expressions, written: tree.Quantified, scope: Scope) -> Expression | None:
    """`all`, `some`, `no` and `count`."""
    bound = _bind_all(elaborate, written.binders, scope)
    body = elaborate.truth(written.body, bound.scope)
    if bound.variables is None or bound.condition is None or body is None:
        return None
    if scope.constant:
        for variable in bound.variables:
            elaborate.world.note_size_read(variable.type, f"`{written.quantifier}` in a constant", written.span)
    match written.quantifier:
        case "all":
            return fold.for_all(bound.variables, fold.implies(bound.condition, body))
        case "some":
            return fold.exists(bound.variables, fold.both(bound.condition, body))
        case "no":
            return fold.negate(fold.exists(bound.variables, fold.both(bound.condition, body)))
        case "count":
            if len(bound.variables) > 1:
                span = written.binders[-1].span
                elaborate.problems.error("E0218", span, "`count` counts the values of one name", "several names")
                return None
            (variable,) = bound.variables
            most = elaborate.world.most_counted(variable.type)
            return fold.count(variable, fold.both(bound.condition, body), most)
