"""Which places of a function can come to be compared with which others, or copied there.

Found by linking what each action and each claim compares and copies, for every choice of what its places depend on. A
place that depends on the state could be any, so nothing is known if it is linked to anything but the action's own
variables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from verifier.engines.explicit.guards import free_variables
from verifier.system.expressions import (
    Constant,
    Count,
    Equal,
    Exists,
    Expression,
    ForAll,
    If,
    Open,
    Read,
    Some,
    Variable,
    children,
    walk,
)
from verifier.system.interpreter import Interpreter
from verifier.system.system import Action, Function, Property
from verifier.system.types import OptionalType, Type, Value, values_of

Node = tuple[object, ...]

ELSEWHERE: Node = ("elsewhere",)
"""Everything that holds or is such a value and is neither a place of the function nor a variable."""

CELL, PLACE, VARIABLE = "cell", "place", "variable"

Environment = Mapping[str, Value]


def base(kind: Type) -> Type:
    """The type without `none`."""
    return kind.base if isinstance(kind, OptionalType) else kind


def twins(interpreter: Interpreter, function: Function, claims: Iterable[Property]) -> tuple[int, ...] | None:
    """For each place of the function, by number, its only twin, itself if it has none, -1 if it is linked to more.

    The function has one parameter. None if that cannot be known.
    """
    links = _Links(interpreter, function)
    known = all(map(links.action, interpreter.system.actions)) and all(map(links.claim, claims))
    return links.twins() if known else None


class _Classes:
    """Nodes, and which of them are linked."""

    def __init__(self) -> None:
        self._parents: dict[Node, Node] = {}

    def join(self, one: Node | None, other: Node | None) -> None:
        if one is not None and other is not None:
            self._parents[self._find(one)] = self._find(other)

    def classes(self) -> list[list[Node]]:
        found: dict[Node, list[Node]] = {}
        for node in self._parents:
            found.setdefault(self._find(node), []).append(node)
        return list(found.values())

    def _find(self, node: Node) -> Node:
        while (parent := self._parents.setdefault(node, node)) != node:
            node = parent
        return node


class _Links:
    def __init__(self, interpreter: Interpreter, function: Function) -> None:
        self._interpreter = interpreter
        self._function = function
        self._kind = function.result
        self._constants = frozenset(f.name for f in interpreter.system.constant_functions)
        self._results = {f.name: base(f.result) for f in interpreter.system.functions}
        self._all = _Classes()

    def action(self, action: Action) -> bool:
        """Takes in what the action links; False if it cannot be known."""
        targets = [update.arguments[0] for update in action.updates if update.function == self._function.name]
        parts = [action.guard, *(a.formula for a in action.assertions)]
        parts += [part for u in action.updates for part in (u.condition, u.value, *u.arguments)]
        for values in self._choices(action.parameters, {}, [*self._places(parts), *targets]):
            here = _Classes()
            self._walk(here, action.guard, values)
            for assertion in action.assertions:
                for inner in self._choices(assertion.binders, values, self._places([assertion.formula])):
                    self._walk(here, assertion.formula, inner)
            for update in action.updates:
                parts = [update.condition, update.value, *update.arguments]
                for inner in self._choices(update.binders, values, self._places(parts)):
                    for part in parts:
                        self._walk(here, part, inner)
                    if update.function == self._function.name:
                        target: Node | None = self._cell(update.arguments[0], inner)
                    else:
                        target = ELSEWHERE
                    if self._results[update.function] == self._kind:
                        here.join(target, self._node(here, update.value, inner))
            if not self._take(here):
                return False
        return True

    def claim(self, claim: Property) -> bool:
        """Takes in what the claim's formula links; False if it cannot be known."""
        here = _Classes()
        self._walk(here, claim.formula, {})
        return self._take(here)

    def twins(self) -> tuple[int, ...]:
        found = {}
        for nodes in self._all.classes():
            places = sorted(int(str(node[1])) for node in nodes if node[0] == CELL)
            for place in places:
                if len(nodes) > 2 or ELSEWHERE in nodes:
                    found[place] = -1
                else:
                    found[place] = sum(places) - place if len(places) == 2 else place
        return tuple(found.get(place, place) for place in range(len(values_of(self._function.parameters[0]))))

    def _take(self, here: _Classes) -> bool:
        for nodes in here.classes():
            linked = [node for node in nodes if node[0] != VARIABLE]
            if any(node[0] == PLACE for node in linked):
                if len(linked) > 1:
                    return False
                continue
            for node in linked:
                self._all.join(node, linked[0])
        return True

    def _places(self, parts: Iterable[Expression]) -> list[Expression]:
        """What stands for places of the function in the parts."""
        return [
            node.arguments[0]
            for part in parts
            for node in walk(part)
            if isinstance(node, Read) and node.function == self._function.name
        ]

    def _choices(
        self, variables: Sequence[Variable], values: Environment, places: Iterable[Expression]
    ) -> Iterator[Environment]:
        """Every choice of those variables on which places depend."""
        needed = {name for place in places for name in free_variables(place)}
        chosen = [variable for variable in variables if variable.name in needed]
        for choice in product(*(values_of(variable.type) for variable in chosen)):
            yield {**values, **{v.name: value for v, value in zip(chosen, choice, strict=True)}}

    def _walk(self, here: _Classes, expression: Expression, values: Environment) -> None:
        match expression:
            case Equal(left, right, _) if base(left.type) == self._kind:
                here.join(self._node(here, left, values), self._node(here, right, values))
            case ForAll(variable, body, _) | Exists(variable, body, _) | Count(variable, body, _):
                hidden = {name: value for name, value in values.items() if name != variable.name}
                for inner in self._choices([variable], hidden, self._places([body])):
                    self._walk(here, body, inner)
                return
        for part in children(expression):
            self._walk(here, part, values)

    def _node(self, here: _Classes, expression: Expression, values: Environment) -> Node | None:
        match expression:
            case Read(self._function.name, (place,), _):
                return self._cell(place, values)
            case Variable(name, _):
                return VARIABLE, name
            case Some(operand, _) | Open(operand, _):
                return self._node(here, operand, values)
            case If(_, then, otherwise, _):
                node = self._node(here, then, values)
                here.join(node, self._node(here, otherwise, values))
                return node
            case Constant(None, _):
                return None
            case _:
                return ELSEWHERE

    def _cell(self, place: Expression, values: Environment) -> Node | None:
        reads = {node.function for node in walk(place) if isinstance(node, Read)}
        free = free_variables(place)
        if reads <= self._constants and free <= values.keys():
            number = self._interpreter.evaluate(place, (), values)
            return None if number is None else (CELL, number)
        return PLACE, place, tuple(sorted((name, values[name]) for name in free if name in values))
