"""What a number or a name stands for in an expression."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

from verifier.language import tree
from verifier.language.elaborate import fold, syntax
from verifier.language.elaborate.coercion import fit, type_name
from verifier.language.elaborate.layout import ADDRESS
from verifier.language.elaborate.problems import Hint, did_you_mean, listed
from verifier.language.elaborate.scope import Scope
from verifier.language.elaborate.settings import region_places
from verifier.system.expressions import Constant, Expression, Next, Number, Open, Read, walk
from verifier.system.span import Span
from verifier.system.types import IntType, OptionalType, Sort, SortType, Type

if TYPE_CHECKING:
    from verifier.language.elaborate.expressions import Expressions


def sort_of(kind: Type | None) -> Sort | None:
    """The sort of a type or of what an optional holds."""
    base = kind.base if isinstance(kind, OptionalType) else kind
    return base.sort if isinstance(base, SortType) else None


def literal(elaborate: Expressions, written: tree.LiteralExpr, expected: Type | None) -> Expression | None:
    match written.value:
        case bool(value):
            return fold.truth(value)
        case None:
            if isinstance(expected, OptionalType):
                return Constant(None, expected)
            elaborate.problems.error(
                "E0206",
                written.span,
                "nothing here can be none" if expected is not None else "none of what?",
                "is none" if expected is None else f"{type_name(expected)} is needed",
            )
            return None
        case int(value):
            sort = sort_of(expected)
            return fold.number(value) if sort is None else _numbered(elaborate, written, value, sort)


def _numbered(elaborate: Expressions, written: tree.LiteralExpr, value: int, sort: Sort) -> Expression | None:
    """The member of the sort that has the number."""
    if sort.numbers is None:
        elaborate.problems.error(
            "E0201", written.span, f"a {sort} is needed here", "is a number", f"the members of {sort} have no numbers"
        )
    elif value not in sort.numbers:
        elaborate.problems.error(
            "E0207",
            written.span,
            f"no {sort} has the number {value:#x}",
            "in no region of this instance",
            "an instance that makes a region smaller keeps its first pages only",
        )
    else:
        return _named(elaborate, sort, sort.numbers.index(value), written.span)
    return None


def _named(elaborate: Expressions, sort: Sort, index: int, span: Span) -> Constant:
    """A member that the text names."""
    elaborate.world.named.setdefault((sort.name, index), span)
    return Constant(index, SortType(sort))


def element(elaborate: Expressions, written: tree.Element, scope: Scope, expected: Type | None) -> Expression | None:
    """`window[0]`."""
    world, name = elaborate.world, written.region.text
    region = world.machine.regions.get(name)
    if region is None:
        elaborate.problems.error(
            "E0107",
            written.region.span,
            f"there is no region `{name}`",
            "unknown region",
            did_you_mean(name, world.machine.regions),
        )
        return None
    wanted = sort_of(expected)
    sort = wanted if wanted is not None and wanted.name == ADDRESS else region_sort(elaborate, name)
    index = world.constants.number(written.index)
    if sort is None or index is None:
        return None
    places = region_places(world, name, sort) or ()
    if not 0 <= index < len(places):
        elaborate.problems.error(
            "E0208", written.span, f"region `{name}` has no page {index}", f"has {len(places)} in this instance"
        )
        return None
    return _named(elaborate, sort, places[index], written.span)


def region_sort(elaborate: Expressions, region: str) -> Sort | None:
    """What a region is a set of where nothing says otherwise: pages, or addresses if it has no pages."""
    world = elaborate.world
    layout = world.machine.regions[region]
    name = "Page" if layout.hpa is not None else ADDRESS
    return world.sort(name) if name in world.declared.sorts else None


def reference(
    elaborate: Expressions, written: tree.Reference, scope: Scope, expected: Type | None
) -> Expression | None:
    """A local name, a member, a state, a constant or a definition."""
    name, world = written.name.text, elaborate.world
    if written.arguments is None and name in scope.names:
        return scope.names[name]
    if name in ("next", "number") and written.arguments is not None:
        return _next(elaborate, written, scope) if name == "next" else _position(elaborate, written, scope)
    if name in world.declared.functions:
        return _function(elaborate, written, scope, expected)
    if name in world.declared.defines:
        return _definition(elaborate, written, scope)
    if written.arguments is None:
        return _member(elaborate, written.name, scope, expected)
    _unknown(elaborate, written.name, scope, called=True)
    return None


def _member(elaborate: Expressions, name: tree.Name, scope: Scope, expected: Type | None) -> Expression | None:
    wanted = sort_of(expected)
    if wanted is not None and name.text in wanted.members:
        return _named(elaborate, wanted, wanted.members.index(name.text), name.span)
    sorts = elaborate.world.member_sorts(name.text)
    if len(sorts) > 1 and wanted is None:
        elaborate.problems.error(
            "E0108",
            name.span,
            f"`{name.text}` is a member of several types",
            f"of {listed(sort.name for sort in sorts)}",
            "compare it with something of one type",
        )
        return None
    for sort in sorts[:1]:
        return _named(elaborate, sort, sort.members.index(name.text), name.span)
    _unknown(elaborate, name, scope, called=False)
    return None


def _unknown(elaborate: Expressions, name: tree.Name, scope: Scope, *, called: bool) -> None:
    declared = elaborate.world.declared
    if name.text in declared.regions:
        hint: Hint = f"a region is a set: write `{name.text}[0]`, or `p in {name.text}`"
        message = f"the region `{name.text}` is not a value"
    elif called and name.text in scope.names:
        message, hint = f"`{name.text}` takes no arguments", "it is a name of one value"
    elif name.text in declared.actions:
        message, hint = f"`{name.text}` is an action, not a value", None
    else:
        message = f"there is no {'state, constant or definition' if called else 'value'} `{name.text}`"
        known = chain(declared.functions, declared.defines)
        if not called:
            members = (member.text for sort in declared.sorts.values() for member in sort.members or ())
            machine = chain.from_iterable(elaborate.world.machine.members.values())
            known = chain(scope.names, known, members, machine)
        hint = did_you_mean(name.text, known)
    elaborate.problems.error("E0101", name.span, message, "unknown here", hint)


def arguments(
    elaborate: Expressions,
    what: str,
    written: Sequence[tree.Expr],
    parameters: Sequence[Type | None],
    scope: Scope,
    span: Span,
) -> tuple[Expression, ...] | None:
    """The arguments, each of which must fit the type of its parameter."""
    if len(written) != len(parameters):
        kinds = listed("?" if kind is None else str(kind) for kind in parameters)
        elaborate.problems.error(
            "E0203",
            span,
            f"`{what}` takes {_counted(len(parameters), 'argument')}, not {len(written)}",
            f"needs ({kinds})" if parameters else "takes none",
        )
        for argument in written:
            elaborate.value(argument, scope)
        return None
    made: list[Expression] = []
    for argument, kind in zip(written, parameters, strict=True):
        value = elaborate.value(argument, scope, kind)
        fitting = None if value is None or kind is None else fit(value, kind, argument.span, elaborate.problems)
        if fitting is not None:
            made.append(fitting)
    return tuple(made) if len(made) == len(parameters) else None


def _counted(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


def _function(
    elaborate: Expressions, written: tree.Reference, scope: Scope, expected: Type | None
) -> Expression | None:
    name, world = written.name.text, elaborate.world
    if written.arguments is None and elaborate.world.declared.functions[name].parameters:
        wanted = sort_of(expected)
        if wanted is not None and name in wanted.members:
            return _named(elaborate, wanted, wanted.members.index(name), written.span)
    signature = world.signature(name)
    if signature is None:
        return None
    if scope.constant and not signature.constant:
        elaborate.problems.error(
            "E0305", written.span, f"`{name}` is state, but only constants can be read here", "changes over time"
        )
        return None
    point = arguments(elaborate, name, written.arguments or (), signature.parameters, scope, written.span)
    if point is None:
        return None
    if signature.constant and not point:
        return world.constant(name)
    return Read(name, point, signature.result)


def _definition(elaborate: Expressions, written: tree.Reference, scope: Scope) -> Expression | None:
    """The body of a `define`, with the arguments in place of its parameters."""
    name, world = written.name.text, elaborate.world
    definition = world.declared.defines[name]
    if name in scope.inside:
        _circular(elaborate, (*scope.inside[scope.inside.index(name) :], name))
        return None
    kinds = [world.type(parameter.type) for parameter in definition.parameters]
    given = arguments(elaborate, name, written.arguments or (), kinds, scope, written.span)
    if given is None:
        return None
    meaning = {
        parameter.name.text: value
        for parameter, value in zip(definition.parameters, given, strict=True)
        if parameter.name is not None
    }
    return definition_body(elaborate, definition, scope.body_of(name, meaning))


def _circular(elaborate: Expressions, circle: tuple[str, ...]) -> None:
    """Reports definitions that need each other, once, at the one declared first."""
    definitions = elaborate.world.declared.defines
    first = next(name for name in definitions if name in circle)
    elaborate.problems.error(
        "E0115",
        definitions[first].name.span,
        f"the definition of `{first}` uses itself",
        "would never end",
        f"through {' -> '.join(circle)}",
    )


def definition_body(elaborate: Expressions, definition: tree.Define, scope: Scope) -> Expression | None:
    """The body of a definition in a scope that knows its parameters."""
    expected = elaborate.world.type(definition.type) if definition.type is not None else None
    if definition.type is not None and expected is None:
        return None
    value = elaborate.value(definition.body, scope, expected)
    if value is None or expected is None:
        return value
    return fit(value, expected, definition.body.span, elaborate.problems)


def _next(elaborate: Expressions, written: tree.Reference, scope: Scope) -> Expression | None:
    operand = _only_argument(elaborate, written, scope)
    if not scope.two_state:
        elaborate.problems.error(
            "E0209", written.span, "`next` looks one step ahead", "only in a `step` property", None
        )
        return None
    for node in syntax.walk(written.arguments):
        meaning = scope.names.get(node.name.text) if isinstance(node, tree.Reference) else None
        if meaning is not None and any(isinstance(part, Open) for part in walk(meaning)):
            elaborate.problems.error(
                "E0221",
                node.span,
                f"`{node.name.text}` names what was there before the step",
                "inside `next`",
                f"write it outside: next(...) == {node.name.text}",
            )
            return None
    if operand is not None and any(isinstance(node, Next) for node in walk(operand)):
        elaborate.problems.error("E0220", written.span, "`next` looks one step ahead, not two", "inside another `next`")
        return None
    return operand and fold.next_(operand)


def _position(elaborate: Expressions, written: tree.Reference, scope: Scope) -> Expression | None:
    operand = _only_argument(elaborate, written, scope)
    if operand is None:
        return None
    if not isinstance(operand.type, SortType):
        coerced = isinstance(operand.type, OptionalType)
        elaborate.problems.error(
            "E0202" if coerced else "E0201",
            written.span,
            "`number` gives the position of a sort's member",
            f"is given {type_name(operand.type)}",
        )
        return None
    elaborate.world.note_size_read(operand.type, "`number`", written.span)
    if isinstance(operand, Constant):
        assert operand.value is not None
        return fold.number(int(operand.value))
    return Number(operand, IntType(0, len(operand.type.sort.members) - 1))


def _only_argument(elaborate: Expressions, written: tree.Reference, scope: Scope) -> Expression | None:
    given = written.arguments or ()
    if len(given) != 1:
        elaborate.problems.error(
            "E0203", written.span, f"`{written.name.text}` takes one argument, not {len(given)}", "needs one"
        )
        return None
    return elaborate.value(given[0], scope)
