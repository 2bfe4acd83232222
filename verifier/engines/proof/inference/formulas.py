"""Patterns as formulas that a person can read: "all p: Page: window.pages(p) implies owner(p) == vm1"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from verifier.engines.proof.family import Coordinate, Family, Fixed, Placed
from verifier.engines.proof.inference.classes import Words
from verifier.engines.proof.inference.patterns import Item, Literal, Others, Pattern
from verifier.system.expressions import (
    FALSE,
    TRUE,
    Constant,
    Equal,
    Expression,
    ForAll,
    Implies,
    IsSome,
    Not,
    Open,
    Or,
    Read,
    Some,
    Variable,
    conjunction,
)
from verifier.system.types import BoolType, OptionalType, SortType, Type, values_of

Key = tuple[int, int, int]
"""Orbit, slot and block (of the pattern) of a member."""


class NoWordError(Exception):
    """The family has no word for a class or for what is of one block; see `classes.with_words`."""


def formula(pattern: Pattern, family: Family) -> Expression:
    """That no state is in the pattern, over the family's sorts. Raises NoWordError."""
    return _Writer(pattern, family).written()


def universe(kind: Type, family: Family) -> tuple[Item, ...]:
    """All values of a type of the family: the fixed ones, and the members of the classes."""
    base = kind.base if isinstance(kind, OptionalType) else kind
    classes = (
        Others(number, slot, ())
        for number, orbit in enumerate(family.orbits)
        for slot, one in enumerate(orbit)
        if isinstance(base, SortType) and one.sort == base.sort.name
    )
    return (*(Fixed(value) for value in values_of(kind)), *classes)


def complement(items: tuple[Item, ...], kind: Type, family: Family) -> tuple[Item, ...]:
    """All values of the type but those of the items."""
    rest: list[Item] = []
    for item in universe(kind, family):
        if isinstance(item, Fixed):
            if item not in items:
                rest.append(item)
            continue
        assert isinstance(item, Others)
        here = [i for i in items if isinstance(i, Placed | Others) and (i.orbit, i.slot) == (item.orbit, item.slot)]
        whole = next((i for i in here if isinstance(i, Others)), None)
        placed = tuple(sorted(i.block for i in here if isinstance(i, Placed)))
        if whole is None:
            rest.append(Others(item.orbit, item.slot, placed))
        else:
            rest += [Placed(item.orbit, item.slot, block) for block in whole.blocks if block not in placed]
    return tuple(rest)


@dataclass(frozen=True)
class _Writer:
    pattern: Pattern
    family: Family

    @property
    def words(self) -> Words:
        return Words(self.family)

    def written(self) -> Expression:
        terms = self._terms()
        literals = list(self.pattern.literals)
        if not literals:
            return FALSE
        last = max(range(len(literals)), key=lambda index: (self._plain(literals[index]), index))
        conclusion = literals.pop(last)
        kind = self.family.text.function(conclusion.function).result
        said = self._says(conclusion, complement(conclusion.allowed, kind, self.family), terms)
        given = conjunction(
            *self._guards(terms), *(self._says(literal, literal.allowed, terms) for literal in literals)
        )
        body = said if given == TRUE else Implies(given, said)
        for term in reversed(terms.values()):
            if isinstance(term, Variable):
                body = ForAll(term, body)
        return body

    def _plain(self, literal: Literal) -> bool:
        """Whether its negation is a single equality."""
        kind = self.family.text.function(literal.function).result
        rest = complement(literal.allowed, kind, self.family)
        return len(rest) == 1 and not isinstance(rest[0], Others)

    # Members

    def _terms(self) -> dict[Key, Expression]:
        """A variable for each block: its anchor, or its only member that is spoken of. Others are found from there."""
        slots: dict[tuple[int, int], set[int]] = {}
        for literal in self.pattern.literals:
            for item in (*literal.point, *literal.allowed):
                if isinstance(item, Placed):
                    slots.setdefault((item.orbit, item.block), set()).add(item.slot)
                elif isinstance(item, Others):
                    for block in item.blocks:
                        slots.setdefault((item.orbit, block), set()).add(item.slot)
        keys: list[Key] = []
        for (orbit, block), found in sorted(slots.items()):
            anchor = self.words.anchor(orbit)
            tied = len(found) > 1 or any(
                o == orbit and b > block and anchor not in found | others and found != others
                for (o, b), others in slots.items()
            )
            here = found | {anchor} if tied else found
            keys += [(orbit, slot, block) for slot in sorted(here, key=lambda slot: (slot != anchor, slot))]
        names = self._names()
        made: dict[Key, Expression] = {}
        for key in keys:
            orbit, slot, block = key
            kind = self.words.sort_type(orbit, slot)
            start = made.get((orbit, self.words.anchor(orbit), block))
            if start is None:
                made[key] = Variable(next(names[kind.sort.name]), kind)
            else:
                made[key] = self._found(self.words.member(orbit, slot, start))
        return made

    def _names(self) -> dict[str, Iterator[str]]:
        """Names for the variables of each sort: the first letter that is free, then that with numbers."""
        text = self.family.text
        taken = {f.name for f in text.functions} | {m for sort in text.sorts for m in sort.members}
        found: dict[str, Iterator[str]] = {}
        for name in self.family.free:
            letter = next((c for c in name.lower() if c.isalpha() and c not in taken), "x")
            taken.add(letter)
            found[name] = _numbered(letter, taken)
        return found

    def _guards(self, terms: dict[Key, Expression]) -> Iterator[Expression]:
        """Of which classes the variables are, and that they are of different blocks."""
        for (orbit, slot, block), term in terms.items():
            if isinstance(term, Variable):
                yield self._found(self.words.in_class(orbit, slot, term))
                yield from self._apart(orbit, block, terms)

    def _apart(self, orbit: int, block: int, terms: dict[Key, Expression]) -> Iterator[Expression]:
        """That a block is none of those before it, of which one slot in each is enough to say it."""
        anchor = self.words.anchor(orbit)
        here = {s: v for (o, s, b), v in terms.items() if (o, b) == (orbit, block)}
        for other in range(block):
            there = {s: v for (o, s, b), v in terms.items() if (o, b) == (orbit, other)}
            common = sorted(here.keys() & there.keys(), key=lambda slot: (slot != anchor, slot))
            if common:
                yield Not(Equal(there[common[0]], here[common[0]]))
            elif anchor in here:
                slot, variable = min(there.items(), key=lambda pair: pair[0])
                yield Not(Equal(self._found(self.words.member(orbit, slot, here[anchor])), variable))
            else:
                slot, variable = min(here.items(), key=lambda pair: pair[0])
                yield Not(Equal(self._found(self.words.member(orbit, slot, there[anchor])), variable))

    @staticmethod
    def _found(said: Expression | None) -> Expression:
        if said is None:
            raise NoWordError
        return said

    # Literals

    def _says(self, literal: Literal, items: tuple[Item, ...], terms: dict[Key, Expression]) -> Expression:
        """That the function's value at the point is one of the items."""
        function = self.family.text.function(literal.function)
        arguments = tuple(
            self._term(kind, c, terms) for kind, c in zip(function.parameters, literal.point, strict=True)
        )
        read = Read(function.name, arguments, function.result)
        rest = complement(items, function.result, self.family)
        if self._length(rest) < self._length(items):
            return _negation(self._one_of(read, rest, terms))
        return self._one_of(read, items, terms)

    @staticmethod
    def _length(items: tuple[Item, ...]) -> int:
        return sum(2 if isinstance(item, Others) else 1 for item in items)

    def _one_of(self, read: Read, items: tuple[Item, ...], terms: dict[Key, Expression]) -> Expression:
        parts = tuple(self._is(read, item, terms) for item in items)
        return parts[0] if len(parts) == 1 else Or(parts)

    def _is(self, read: Read, item: Item, terms: dict[Key, Expression]) -> Expression:
        kind = read.type
        match item:
            case Fixed(None):
                return Not(IsSome(read))
            case Fixed(value):
                if isinstance(kind, BoolType):
                    return read if value else Not(read)
                return Equal(read, Constant(value, kind))
            case Placed():
                term = terms[item.orbit, item.slot, item.block]
                return Equal(read, Some(term, kind) if isinstance(kind, OptionalType) else term)
            case Others(orbit, slot, blocks):
                held = Open(read, kind.base) if isinstance(kind, OptionalType) else read
                there = IsSome(read) if isinstance(kind, OptionalType) else TRUE
                others = (Not(Equal(held, terms[orbit, slot, block])) for block in blocks)
                return conjunction(there, self._found(self.words.in_class(orbit, slot, held)), *others)

    def _term(self, kind: Type, coordinate: Coordinate, terms: dict[Key, Expression]) -> Expression:
        if isinstance(coordinate, Fixed):
            return Constant(coordinate.value, kind)
        return terms[coordinate.orbit, coordinate.slot, coordinate.block]


def _negation(formula: Expression) -> Expression:
    return formula.operand if isinstance(formula, Not) else Not(formula)


def _numbered(letter: str, taken: set[str]) -> Iterator[str]:
    yield letter
    number = 2
    while True:
        if f"{letter}{number}" not in taken:
            yield f"{letter}{number}"
        number += 1
