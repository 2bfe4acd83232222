"""What an action does, by substitution: a function read after the step is the update that writes the point, or what it
was. There is one vocabulary, and nothing has to be said of what does not change.

Where a binder of an update is one of its arguments (`all a: iotlb(d, a) := none`), which of its values writes a point
is read off the point. Elsewhere (`all a: owner(ept(v, a)) := w`) a *witness* function of the point is it: no point is
written twice in a step, so there is such a function, and `witnesses` says what is known of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

from verifier.engines.proof.terms import (
    FALSE,
    TRUE,
    Optional,
    Term,
    Value,
    conjunction,
    disjunction,
    equality,
    implication,
    negation,
    node,
    select,
    symbol,
)
from verifier.engines.proof.translation import Environment, State, Translator
from verifier.engines.proof.vocabulary import within
from verifier.system.expressions import TRUE as ALWAYS
from verifier.system.expressions import Count, Expression, Variable, walk
from verifier.system.system import Action, Update
from verifier.system.types import IntType, OptionalType, Type


def argument_symbol(parameter: Variable, number: int | None = None) -> Term:
    """The constant that is a parameter of an action; of step `number` where a query is about several."""
    return symbol("argument", parameter.name, *_tag(number))


def _tag(number: int | None) -> tuple[str, ...]:
    return () if number is None else (str(number),)


@dataclass(frozen=True)
class Step:
    """One action, its parameters being constants of the query, from the state `now`.

    `number` tells it from the other steps where a query is about several.
    """

    translator: Translator
    action: Action
    now: State
    number: int | None = None
    names: Environment = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", {p.name: argument_symbol(p, self.number) for p in self.action.parameters})

    def declarations(self) -> Iterator[str]:
        """The parameters and the witnesses."""
        vocabulary = self.translator.vocabulary
        for parameter in self.action.parameters:
            yield f"(declare-fun {argument_symbol(parameter, self.number)} () {vocabulary.sort(parameter.type)})"
        for index, update in enumerate(self.action.updates):
            function = vocabulary.family.text.function(update.function)
            points = " ".join(map(vocabulary.sort, function.parameters))
            for binder in hidden_binders(update):
                yield f"(declare-fun {self._witness(index, binder)} ({points}) {vocabulary.sort(binder.type)})"

    def guard(self) -> Term:
        """The action is possible, for the arguments that it has."""
        return conjunction((self.has_arguments(), self.translator.formula(self.action.guard, self.names, self.now)))

    def has_arguments(self) -> Term:
        """The arguments that are numbers lie in their ranges."""
        return conjunction(
            within(argument_symbol(p, self.number), p.type)
            for p in self.action.parameters
            if isinstance(p.type, IntType)
        )

    def elements(self) -> Iterator[tuple[Term, Term]]:
        """The arguments of free sorts, each with its sort."""
        vocabulary = self.translator.vocabulary
        for parameter in self.action.parameters:
            if vocabulary.is_free(parameter.type):
                yield argument_symbol(parameter, self.number), vocabulary.sort(parameter.type)

    # What can go wrong

    def in_range(self) -> Term:
        """No update writes a number that is out of the range of its function."""
        return conjunction(self._in_range(update) for update in self.action.updates)

    def _in_range(self, update: Update) -> Term:
        declared, written = self._function_type(update), update.value.type
        kind = declared.base if isinstance(declared, OptionalType) else declared
        if not isinstance(kind, IntType) or not (_may_leave(declared, written) or self._is_open(update.value)):
            return TRUE

        def body(names: Environment) -> Term:
            value = self.translator.value(update.value, names, self.now)
            if not isinstance(value, Optional):
                fits = within(value, kind)
            else:
                fits = TRUE if value.value is None else implication(value.some, within(value.value, kind))
            return implication(self._condition(update, names), fits)

        return self.translator.for_all(update.binders, body, self.names)

    def _is_open(self, value: Expression) -> bool:
        """Whether the type of a value says what it can be at one size only: it counts what has an open number."""
        counted = (part.variable.type for part in walk(value) if isinstance(part, Count))
        return any(map(self.translator.vocabulary.is_free, counted))

    def _function_type(self, update: Update) -> Type:
        return self.translator.vocabulary.family.text.function(update.function).result

    def no_conflict(self) -> Term:
        """No two updates write one point, and no update writes one for two values of its binders."""
        updates = self.action.updates
        pairs = [(a, b) for a, b in combinations(updates, 2) if a.function == b.function]
        hits = [self._both_hit(a, b, different=False) for a, b in pairs]
        hits += [self._both_hit(u, u, different=True) for u in updates if hidden_binders(u)]
        return negation(disjunction(hits))

    def _both_hit(self, one: Update, other: Update, different: bool) -> Term:
        def first(names: Environment) -> Term:
            points = self._point(one, names)
            holds = self._condition(one, names)

            def second(inner: Environment) -> Term:
                parts = [holds, self._condition(other, inner)]
                parts += [equality(a, b) for a, b in zip(points, self._point(other, inner), strict=True)]
                if different:
                    alike = (_same(names[b.name], inner[b.name]) for b in one.binders)
                    parts.append(negation(conjunction(alike)))
                return conjunction(parts)

            return self.translator.exists(other.binders, second, self.names)

        return self.translator.exists(one.binders, first, self.names)

    def witnesses(self) -> Term:
        """The witness of a point that is written is the value of the binder that writes it."""
        return conjunction(
            self._witnessed(index, update) for index, update in enumerate(self.action.updates) if hidden_binders(update)
        )

    def _witnessed(self, index: int, update: Update) -> Term:
        def body(names: Environment) -> Term:
            point = self._point(update, names)
            found = (_same(node(self._witness(index, b), *point), names[b.name]) for b in hidden_binders(update))
            return implication(self._condition(update, names), conjunction(found))

        return self.translator.for_all(update.binders, body, self.names)

    # The state after

    def read(self, function: str, arguments: tuple[Term, ...]) -> Value:
        """The value of the function at a point after the step, if it takes place: a `State`."""
        result = self.now.read(function, arguments)
        for index, update in enumerate(self.action.updates):
            if update.function == function:
                names, hit = self._hit(index, update, arguments)
                if hit != FALSE:
                    result = select(hit, self.translator.value(update.value, names, self.now), result)
        return result

    def sets(self, function: str) -> Expression | None:
        """What a function without arguments is set to, if it is by one update whatever the state; over `names`."""
        updates = [update for update in self.action.updates if update.function == function]
        match updates:
            case [Update(_, (), value, (), condition)] if condition == ALWAYS:
                return value
        return None

    def _hit(self, index: int, update: Update, point: tuple[Term, ...]) -> tuple[Environment, Term]:
        """Values of the binders, and whether the update writes the point with them."""
        names = dict(self.names)
        ranges = []
        for binder in update.binders:
            position = _position(update, binder)
            value = node(self._witness(index, binder), *point) if position is None else point[position]
            names[binder.name] = value
            if isinstance(binder.type, IntType):
                ranges.append(within(value, binder.type))
        same_point = (equality(a, b) for a, b in zip(point, self._point(update, names), strict=True))
        return names, conjunction((*ranges, *same_point, self._condition(update, names)))

    def _witness(self, index: int, binder: Variable) -> Term:
        return symbol("witness", str(index), binder.name, *_tag(self.number))

    def _point(self, update: Update, names: Environment) -> tuple[Term, ...]:
        return tuple(self.translator.plain(argument, names, self.now) for argument in update.arguments)

    def _condition(self, update: Update, names: Environment) -> Term:
        return self.translator.formula(update.condition, names, self.now)


def _position(update: Update, binder: Variable) -> int | None:
    """The argument that is the binder itself."""
    for position, argument in enumerate(update.arguments):
        if isinstance(argument, Variable) and argument.name == binder.name:
            return position
    return None


def hidden_binders(update: Update) -> tuple[Variable, ...]:
    """The binders that cannot be read off the point that is written."""
    return tuple(binder for binder in update.binders if _position(update, binder) is None)


def _same(left: Value, right: Value) -> Term:
    assert not isinstance(left, Optional)
    assert not isinstance(right, Optional)
    return equality(left, right)


def _may_leave(declared: Type, written: Type) -> bool:
    """Whether a value of the type `written` can be out of the range of `declared`."""
    if isinstance(declared, OptionalType):
        declared = declared.base
    if isinstance(written, OptionalType):
        written = written.base
    if not isinstance(declared, IntType) or not isinstance(written, IntType):
        return False
    return written.low < declared.low or written.high > declared.high
