"""Expressions as terms of first-order logic.

Quantifiers over free sorts stay; all others are written out, value by value. What a state is does not matter here:
reading a function is left to a `State`, which is the plain one or the one after a step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Protocol

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
    numeral,
    same,
    select,
    symbol,
)
from verifier.engines.proof.vocabulary import Vocabulary
from verifier.system.expressions import (
    And,
    Arithmetic,
    Constant,
    Count,
    Equal,
    Exists,
    Expression,
    ForAll,
    If,
    Implies,
    IsSome,
    Less,
    Next,
    Not,
    Number,
    Open,
    Or,
    Read,
    Some,
    Variable,
)
from verifier.system.system import Function
from verifier.system.types import IntType, size_of, values_of

MOST_VALUES = 256
"""Values of a type that a quantifier is written out for."""

MOST_COUNTED = 4
"""The largest number that a count over a free sort is compared with."""

Environment = Mapping[str, Value]
"""The variables in scope."""


class UnsupportedError(Exception):
    """The expression has no translation; the message names the construct, in a sentence."""


class State(Protocol):
    """Where functions are read."""

    def read(self, function: str, arguments: tuple[Term, ...]) -> Value: ...


@dataclass(frozen=True)
class Now:
    """The state itself: a symbol for each function."""

    vocabulary: Vocabulary

    @cached_property
    def _functions(self) -> Mapping[str, Function]:
        return {function.name: function for function in self.vocabulary.family.text.functions}

    def read(self, function: str, arguments: tuple[Term, ...]) -> Value:
        return self.vocabulary.read(self._functions[function], arguments)


@dataclass
class Translator:
    """Translates the expressions of one query: no two of its quantifiers have a variable of the same name.

    After `restart` there may be such, in terms that stand beside one another.
    """

    vocabulary: Vocabulary
    _taken: int = 0

    def fresh(self, category: str, name: str) -> Term:
        """A name that nothing else in the query has."""
        self._taken += 1
        return symbol(category, name, str(self._taken - 1))

    def restart(self) -> None:
        """Take the names again that have been used. What follows must not go into a term that has them."""
        self._taken = 0

    def formula(self, e: Expression, names: Environment, state: State, after: State | None = None) -> Term:
        """The truth of a boolean expression. Raises UnsupportedError and TooLargeError."""
        return self.plain(e, names, state, after)

    def plain(self, e: Expression, names: Environment, state: State, after: State | None = None) -> Term:
        """The value of an expression that is not optional."""
        value = self.value(e, names, state, after)
        assert not isinstance(value, Optional)
        return value

    def value(self, e: Expression, names: Environment, state: State, after: State | None = None) -> Value:
        """The value of the expression in `state`; `after` is what `Next` refers to."""

        def plain(part: Expression) -> Term:
            return self.plain(part, names, state, after)

        match e:
            case Constant(value, kind):
                return self.vocabulary.constant(kind, value)
            case Variable(name, _):
                return names[name]
            case Read(function, arguments, _):
                return state.read(function, tuple(map(plain, arguments)))
            case Next(operand):
                assert after is not None, "Next outside a two-state property"
                return self.value(operand, names, after)
            case Not(operand, _):
                return negation(plain(operand))
            case And(operands, _):
                return conjunction(map(plain, operands))
            case Or(operands, _):
                return disjunction(map(plain, operands))
            case Implies(left, right, _):
                return implication(plain(left), plain(right))
            case Equal(Count() as counted, other, _) | Equal(other, Count() as counted, _) if self._is_free(counted):
                number = _constant(other)
                enough = self._at_least(counted, number, names, state, after)
                return conjunction((enough, negation(self._at_least(counted, number + 1, names, state, after))))
            case Less(Count() as counted, other, _) if self._is_free(counted):
                return negation(self._at_least(counted, _constant(other), names, state, after))
            case Less(other, Count() as counted, _) if self._is_free(counted):
                return self._at_least(counted, _constant(other) + 1, names, state, after)
            case Equal(left, right, _):
                return same(self.value(left, names, state, after), self.value(right, names, state, after))
            case Less(left, right, _):
                return node("<", plain(left), plain(right))
            case Arithmetic(operator, left, right, _):
                return node(operator, plain(left), plain(right))
            case If(condition, then, otherwise, _):
                branches = (self.value(part, names, state, after) for part in (then, otherwise))
                return select(plain(condition), *branches)
            case Some(operand, _):
                return Optional(TRUE, plain(operand))
            case IsSome(operand, _):
                return self._optional(operand, names, state, after).some
            case Open(operand, _):
                held = self._optional(operand, names, state, after).value
                # A value that is never there is opened only where that does not matter.
                return self._any(e) if held is None else held
            case Number(operand, _):
                return self._number(plain(operand), operand)
            case ForAll():
                variables, body = _prefix(e)
                return self.for_all(variables, lambda n: self.formula(body, n, state, after), names)
            case Exists(variable, body, _):
                return self.exists((variable,), lambda n: self.formula(body, n, state, after), names)
            case Count(variable, body, _):
                return self._total(e, [self.formula(body, n, state, after) for n in self.choices(variable, names)])

    def _optional(self, e: Expression, names: Environment, state: State, after: State | None) -> Optional:
        value = self.value(e, names, state, after)
        assert isinstance(value, Optional)
        return value

    def _any(self, e: Open) -> Term:
        value = self.vocabulary.constant(e.type, values_of(e.type)[0]) if size_of(e.type) else None
        if value is None or isinstance(value, Optional):
            raise UnsupportedError(f"a value of {e.type} is opened that is never there")
        return value

    def _number(self, term: Term, operand: Expression) -> Term:
        kind = operand.type
        result = numeral(0)
        for member in reversed(values_of(kind)):
            here = self.vocabulary.constant(kind, member)
            assert not isinstance(here, Optional)
            assert member is not None
            chosen = select(equality(term, here), numeral(int(member)), result)
            assert not isinstance(chosen, Optional)
            result = chosen
        return result

    # Quantifiers

    def for_all(self, variables: Iterable[Variable], body: Body, names: Environment) -> Term:
        """The body holds for all values of the variables."""
        return self._quantified("forall", tuple(variables), body, names)

    def exists(self, variables: Iterable[Variable], body: Body, names: Environment) -> Term:
        """The body holds for some values of the variables."""
        return self._quantified("exists", tuple(variables), body, names)

    def _quantified(self, quantifier: str, variables: tuple[Variable, ...], body: Body, names: Environment) -> Term:
        if not variables:
            return body(names)
        join = conjunction if quantifier == "forall" else disjunction
        bound = next((v for v in variables if not self.vocabulary.is_free(v.type)), None)
        if bound is not None:
            rest = tuple(v for v in variables if v is not bound)
            return join(self._quantified(quantifier, rest, body, inner) for inner in self.choices(bound, names))
        chosen = {variable.name: self.fresh("var", variable.name) for variable in variables}
        sorts = [(chosen[variable.name], self.vocabulary.sort(variable.type)) for variable in variables]
        return self.vocabulary.quantified(quantifier, sorts, body({**names, **chosen}))

    def choices(self, variable: Variable, names: Environment) -> Iterator[Environment]:
        """The environment with every value of a variable whose sort is not free."""
        if self.vocabulary.is_free(variable.type):
            raise UnsupportedError(f"the number of {variable.type} is open: a count of them can only be compared "
                                   f"with a number up to {MOST_COUNTED}")  # fmt: skip
        if size_of(variable.type) > MOST_VALUES:
            raise UnsupportedError(f"{variable.name} has more than {MOST_VALUES} values")
        for value in values_of(variable.type):
            yield {**names, variable.name: self.vocabulary.constant(variable.type, value)}

    # Counts

    def _is_free(self, counted: Count) -> bool:
        return self.vocabulary.is_free(counted.variable.type)

    def _at_least(self, counted: Count, number: int, names: Environment, state: State, after: State | None) -> Term:
        """So many values of the variable, or more, make the body true."""
        if number <= 0:
            return TRUE
        if number > MOST_COUNTED + 1:
            raise UnsupportedError(f"a count of {counted.variable.type} is compared with more than {MOST_COUNTED}")
        sort = self.vocabulary.sort(counted.variable.type)
        chosen = [self.fresh("var", counted.variable.name) for _ in range(number)]
        parts = [negation(equality(a, b)) for a, b in combinations(chosen, 2)]
        parts += [self.formula(counted.body, {**names, counted.variable.name: c}, state, after) for c in chosen]
        return self.vocabulary.quantified("exists", [(name, sort) for name in chosen], conjunction(parts))

    @staticmethod
    def _total(counted: Count, truths: list[Term]) -> Term:
        constant = sum(truth == TRUE for truth in truths)
        open_ones = [node("ite", truth, "1", "0") for truth in truths if truth not in (TRUE, FALSE)]
        if not open_ones:
            return numeral(constant)
        return node("+", numeral(constant), *open_ones)


class Body(Protocol):
    """A formula under the values that a quantifier gives to its variables."""

    def __call__(self, names: Environment, /) -> Term: ...


def _prefix(e: Expression) -> tuple[tuple[Variable, ...], Expression]:
    """The variables of "for all" at the beginning, as long as no two have one name, and what is said of them."""
    variables: dict[str, Variable] = {}
    while isinstance(e, ForAll) and e.variable.name not in variables:
        variables[e.variable.name] = e.variable
        e = e.body
    return tuple(variables.values()), e


def _constant(e: Expression) -> int:
    match e:
        case Constant(value, IntType()) if value is not None:
            return int(value)
        case _:
            raise UnsupportedError(
                f"a count of members whose number is open can only be compared with a number up to {MOST_COUNTED}"
            )
