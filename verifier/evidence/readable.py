"""Lemmas for people: in fewer words, in the order of cause and effect, and grouped by what they speak of.

A lemma that was found is a clause: one of several things is so. It can be read in many ways, and here it is read as a
designer would say it: where a process is, and which message is there, is the condition; what is then so of devices,
pages and tables is the fact. Lemmas that differ in one value of a condition are one with a set of values, and facts
under the same condition stand together. All of this says the same as the lemmas, neither more nor less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from verifier.engines.proof.conditions import Lemma
from verifier.engines.proof.family import Case, Family, Fixed
from verifier.evidence.clauses import (
    Is,
    Literal,
    So,
    are_comparable,
    clause_of,
    either,
    formula_of,
    guards,
    is_anything,
    joint,
    literal_of,
    negated,
    parts_of,
)
from verifier.system.expressions import (
    And,
    Constant,
    Count,
    Exists,
    Expression,
    ForAll,
    Implies,
    Open,
    Read,
    Variable,
    conjunction,
    rebuild,
    walk,
)
from verifier.system.system import Function
from verifier.system.types import BoolType, SortType, Value

ORDER = "the order of the steps"
"""The heading of what is only about where processes are and what they have sent."""


MEMBER, CONTROL, THING = range(3)
"""What says which members are spoken of; what is about steps and messages; and the rest."""


@dataclass(frozen=True, slots=True)
class Said:
    """For all values of the variables: under the conditions, the facts. `names` are of the lemmas that say it."""

    names: tuple[str, ...]
    variables: tuple[Variable, ...]
    conditions: tuple[Literal, ...]
    facts: tuple[Literal, ...]

    def formula(self) -> Expression:
        """As a formula of the system."""
        facts = conjunction(*map(formula_of, self.facts))
        body = Implies(conjunction(*map(formula_of, self.conditions)), facts) if self.conditions else facts
        for variable in reversed(self.variables):
            body = ForAll(variable, body)
        return body


@dataclass(frozen=True, slots=True)
class Group:
    """What is said of one kind of thing."""

    heading: str
    said: tuple[Said, ...]


def readable(lemmas: Sequence[Lemma], family: Family) -> tuple[Group, ...]:
    """The lemmas, grouped. Together the groups say what the lemmas together say."""
    reader = _Reader(family)
    said = _merged([reader.said(lemma) for lemma in lemmas], reader)
    groups: dict[str, list[Said]] = {}
    for one in said:
        groups.setdefault(reader.heading(one), []).append(one)
    # Things before the order of the steps, in the order of the declarations.
    return tuple(Group(h, tuple(groups[h])) for h in (*reader.headings(), ORDER) if h in groups)


# Reading a formula


@dataclass(frozen=True)
class _Reader:
    family: Family

    def said(self, lemma: Lemma) -> Said:
        variables, literals = clause_of(lemma.formula)
        last = self._fact(literals)
        conditions = tuple(negated(literal) for literal in literals if literal != last)
        facts = joint(literal_of(part) for part in parts_of(formula_of(last)))
        return Said((lemma.name,), variables, tuple(sorted(conditions, key=self._rank)), facts)

    def _fact(self, literals: Sequence[Literal]) -> Literal:
        """What the others are conditions of: if it can be, not about steps; then, the best; then, the last."""
        free = [literal for literal in literals if not guards(literal, literals)] or list(literals)
        things = [literal for literal in free if self._rank(literal) == THING] or free
        return max(reversed(things), key=_worth)

    def _rank(self, literal: Literal) -> int:
        functions = [
            self.family.text.function(node.function) for node in walk(formula_of(literal)) if isinstance(node, Read)
        ]
        if any(_is_thing(function) for function in functions):
            return THING
        return MEMBER if all(function.constant for function in functions) else CONTROL

    def heading(self, said: Said) -> str:
        """What the first fact is about."""
        for fact in said.facts:
            for node in walk(formula_of(fact)):
                if isinstance(node, Read) and _is_thing(function := self.family.text.function(node.function)):
                    return self._sorts(function)
        return ORDER

    def headings(self) -> tuple[str, ...]:
        """All that there may be, in the order of the declarations."""
        return tuple(dict.fromkeys(self._sorts(f) for f in self.family.text.state_functions if _is_thing(f)))

    def _sorts(self, function: Function) -> str:
        """`Device: run, posted, driver`: the state that is kept for the same things."""
        things = [f for f in self.family.text.state_functions if _is_thing(f)]
        alike = ", ".join(f.name for f in things if f.parameters == function.parameters)
        of = ", ".join(map(str, function.parameters))
        return f"{of}: {alike}" if of else alike

    def includes(self, literal: Literal, value: Value) -> bool:
        """Whether a condition on a variable, by a constant of the specification, is true of this member."""
        match literal:
            case Is(Read(name, (Variable(),), BoolType()), (wanted,), excludes) if name in self.family.cases:
                found = Case((Fixed(value),), Fixed(wanted != excludes))
                return found in self.family.cases[name]
            case _:
                return False


def _is_thing(function: Function) -> bool:
    """State that is no constant, nor where a process or the whole is, nor a message."""
    kind = function.result
    is_phase = not function.parameters and isinstance(kind, SortType) and not kind.sort.interchangeable
    return not function.constant and "." not in function.name and not is_phase


def _worth(literal: Literal) -> int:
    """How well it reads as a fact: that something is in a region, that it is so and so, that it is not."""
    match literal:
        case So(And()) | Is(Read(_, (Open(),), BoolType()), (True,), False):
            return 2
        case Is(_, _, False):
            return 1
        case _:
            return 0


# Saying more at once


def _merged(said: Sequence[Said], reader: _Reader) -> list[Said]:
    """The same in fewer sentences."""
    left = list(said)
    while True:
        shorter = _of_all_members(_with_sets(left), reader)
        if len(shorter) == len(left):
            return _under_one_condition(left, reader)
        left = shorter


def _with_sets(said: Sequence[Said]) -> list[Said]:
    """What is said for two sets of values of one term is said for both together."""
    found: dict[int, Said] = dict(enumerate(said))
    seen: dict[object, int] = {}
    for number, one in enumerate(said):
        for literal in one.conditions:
            if not isinstance(literal, Is) or guards(literal, (*one.conditions, *one.facts)):
                continue
            rest = tuple(other for other in one.conditions if other != literal)
            key = (one.variables, frozenset(rest), frozenset(one.facts), literal.term)
            twin = seen.setdefault(key, number)
            if twin == number or twin not in found or number not in found:
                continue
            other = next((c for c in found[twin].conditions if isinstance(c, Is) and c.term == literal.term), None)
            if (
                other is None
                or not are_comparable(other, literal)
                or frozenset(found[twin].conditions) - {other} != frozenset(rest)
            ):
                continue
            both = either(other, literal)
            conditions = tuple(both if c == other else c for c in found[twin].conditions)
            if is_anything(both):
                conditions = tuple(c for c in conditions if c != both)
            names = (*found[twin].names, *one.names)
            found[twin] = replace(found[twin], names=names, conditions=conditions)
            del found[number]
            break
    return list(found.values())


def _of_all_members(said: Sequence[Said], reader: _Reader) -> list[Said]:
    """What is said of one member, and of all others of its kind, is said of all."""
    known = {(one.variables, frozenset(one.conditions), frozenset(one.facts)): one for one in said}
    changed: dict[Said, Said | None] = {}
    for one in said:
        for exception in one.conditions:
            match exception:
                case Is(Variable() as variable, (bool() | int() | None as member,), True):
                    alone = _instance(one, exception, variable, member, reader)
                    twin = known.get((alone.variables, frozenset(alone.conditions), frozenset(alone.facts)))
                    if twin is not None and twin not in changed and one not in changed:
                        conditions = tuple(c for c in one.conditions if c != exception)
                        changed[twin] = None
                        changed[one] = replace(one, names=(*one.names, *twin.names), conditions=conditions)
    return [kept for one in said if (kept := changed.get(one, one)) is not None]


def _instance(one: Said, exception: Literal, variable: Variable, member: Value, reader: _Reader) -> Said:
    """What would be said of the member if it were no exception."""

    def change(e: Expression) -> Expression:
        if isinstance(e, ForAll | Exists | Count) and e.variable.name == variable.name:
            return e
        return Constant(member, variable.type) if e == variable else rebuild(e, change)

    conditions = [c for c in one.conditions if c != exception and not reader.includes(c, member)]
    variables = tuple(v for v in one.variables if v != variable)
    changed = joint(literal_of(change(formula_of(c))) for c in conditions)
    return Said((), variables, changed, joint(literal_of(change(formula_of(fact))) for fact in one.facts))


def _under_one_condition(said: Sequence[Said], reader: _Reader) -> list[Said]:
    """Facts about the same things under the same conditions stand together."""
    found: dict[object, Said] = {}
    for one in said:
        key = (reader.heading(one), one.variables, frozenset(one.conditions))
        twin = found.get(key)
        if twin is None:
            found[key] = one
        else:
            facts = tuple(dict.fromkeys((*twin.facts, *one.facts)))
            found[key] = replace(twin, names=(*twin.names, *one.names), facts=facts)
    return list(found.values())
