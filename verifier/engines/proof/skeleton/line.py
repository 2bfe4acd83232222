"""A sequence of actions as one query, with everything but their names left open.

Is there a behaviour of a system that takes these steps, or some of them, and violates the claim? A step that is not
*taken* changes nothing. A function has a new symbol after each step that may write it; of the others nothing has to be
said. Nothing is quantified: z3 answers such a query about 23 steps in 0.1 s. About all sizes up to some at once, over
sorts whose members are open, it answered in 0.1 s too, or not in 20 s, and harmless changes decided which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from verifier.engines.proof.conditions import STATE_CLAIMS, Conditions, Query, violations
from verifier.engines.proof.elements import Elements
from verifier.engines.proof.instances import Members
from verifier.engines.proof.model import Small, all_named
from verifier.engines.proof.solver import Model
from verifier.engines.proof.solver.client import Tables
from verifier.engines.proof.terms import (
    Optional,
    Term,
    TooLargeError,
    Value,
    bare,
    conjunction,
    disjunction,
    implication,
    negation,
    node,
    same,
    select,
    symbol,
)
from verifier.engines.proof.transition import Step, argument_symbol
from verifier.engines.proof.translation import Environment, Now, Translator
from verifier.engines.proof.vocabulary import Vocabulary
from verifier.engines.verdict import Behaviour
from verifier.system.expressions import Variable
from verifier.system.system import Function, Property, System
from verifier.system.types import OptionalType

LONGEST = 20_000_000
"""Characters of a query, beyond which it is given up."""


class Line:
    """The query about a system, and the behaviour that a model of it describes.

    A claim about states is violated at the end, another one by the last step. If that writes a cell twice, both numbers
    count for a range, and for the interpreter only the first: what it then does not confirm is not shown. `look` is
    called again and again while the query is made, and may raise to end that. Raises UnsupportedError and
    TooLargeError where there is none.
    """

    def __init__(
        self, system: System, claim: Property, names: Sequence[str], look: Callable[[], None] = lambda: None
    ) -> None:
        named = all_named(system)
        vocabulary = Vocabulary(named, ())
        self._names = tuple(names)
        self._level = Small((), system, Members(named, named.sorts, {}), Conditions(vocabulary))
        lines = ["(set-logic QF_UFDTLIA)"]
        length = 0
        for command in _Lines(vocabulary, Translator(vocabulary)).lines(claim, names):
            look()
            length += len(command)
            if length > LONGEST:
                raise TooLargeError
            lines.append(command)
        self.text = "\n".join((*lines, "(check-sat)", ""))

    def tables(self) -> Tables:
        """What a model has to say to be read by `behaviour`."""
        found = dict(self._level.tables(Query("line", None, (), self.text)))
        for number, name in enumerate(self._names, 1):
            parameters = self._level.system.action(name).parameters
            symbols = (_taken(number), *(argument_symbol(parameter, number) for parameter in parameters))
            found |= {bare(one): () for one in symbols}
        return found

    def behaviour(self, model: Model) -> Behaviour:
        """The steps that are taken in the model, from the state that it begins in."""
        steps = tuple(
            (name, self._level.arguments(self._level.system.action(name), model, number))
            for number, name in enumerate(self._names, 1)
            if model.get(bare(_taken(number)), {}).get(()) == "true"
        )
        return Behaviour(self._level.state(model), steps)


def _taken(number: int) -> Term:
    """The symbol that says that step `number` takes place; the first one is step 1."""
    return symbol("taken", str(number))


@dataclass(frozen=True)
class _Later:
    """The state after some steps: `written` has the number of the last one that may have written a function."""

    first: Now
    written: Mapping[str, int]

    def read(self, function: str, arguments: tuple[Term, ...]) -> Value:
        value = self.first.read(function, arguments)
        if function not in self.written:
            return value
        tag = str(self.written[function])
        later = node(symbol("state", function, tag), *arguments)
        return (
            Optional(node(symbol("some", function, tag), *arguments), later) if isinstance(value, Optional) else later
        )


@dataclass(frozen=True)
class _Lines:
    vocabulary: Vocabulary
    translator: Translator

    def lines(self, claim: Property, names: Sequence[str]) -> Iterator[str]:
        """The commands of the query."""
        text = self.vocabulary.family.text
        yield from self.vocabulary.declarations()
        yield from map(_asserted, self.vocabulary.axioms())
        for function in text.state_functions:
            yield from map(_asserted, self.vocabulary.initial(function))
        state = _Later(Now(self.vocabulary), {})
        for number, name in enumerate(names, 1):
            step = Step(self.translator, text.action(name), state, number)
            yield from step.declarations()
            yield f"(declare-fun {_taken(number)} () Bool)"
            yield _asserted(implication(_taken(number), step.guard()))
            performed = conjunction((step.in_range(), step.no_conflict(), step.witnesses()))
            if number == len(names) and claim.kind not in STATE_CLAIMS:
                yield _asserted(_taken(number))
                yield _asserted(disjunction(violations(claim, step, performed, Elements(self.translator))))
                return
            yield _asserted(implication(_taken(number), performed))
            written = {update.function: number for update in step.action.updates}
            after = _Later(state.first, {**state.written, **written})
            for function in map(text.function, written):
                yield from self._declared(function, number)
                yield _asserted(self._after(function, step, number, after))
            state = after
        yield _asserted(negation(self.translator.formula(claim.formula, {}, state)))

    def _declared(self, function: Function, number: int) -> Iterator[str]:
        """The symbols of the function after step `number`."""
        points = " ".join(map(self.vocabulary.sort, function.parameters))
        if isinstance(function.result, OptionalType):
            yield f"(declare-fun {symbol('some', function.name, str(number))} ({points}) Bool)"
        sort = self.vocabulary.sort(function.result)
        yield f"(declare-fun {symbol('state', function.name, str(number))} ({points}) {sort})"

    def _after(self, function: Function, step: Step, number: int, after: _Later) -> Term:
        """What the function is at every point after a step that may not be taken."""
        variables = tuple(Variable(f"x{index}", kind) for index, kind in enumerate(function.parameters))

        def at_a_point(names: Environment) -> Term:
            point = tuple(_plain(names[variable.name]) for variable in variables)
            name = function.name
            value = select(_taken(number), step.read(name, point), step.now.read(name, point))
            return same(after.read(name, point), value)

        return self.translator.for_all(variables, at_a_point, {})


def _asserted(term: Term) -> str:
    return f"(assert {term})"


def _plain(value: Value) -> Term:
    assert not isinstance(value, Optional)
    return value
