"""What lemmas say, as text: in the notation of the language as far as that goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from verifier.engines.proof.conditions import Lemma
from verifier.engines.proof.family import Family
from verifier.evidence.clauses import Is, Literal, So, formula_of, guards, is_large, literal_of
from verifier.evidence.readable import Said, readable
from verifier.language.show_expression import show_expression
from verifier.system.expressions import And, Expression, ForAll, Implies, Not, Or, Read, Variable, walk
from verifier.system.types import BoolType, Type, Value, render


@dataclass(frozen=True, slots=True)
class Sentence:
    """What the lemmas of these names say."""

    names: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What is said of one kind of thing."""

    heading: str
    sentences: tuple[Sentence, ...]


def paragraphs(lemmas: Sequence[Lemma], family: Family) -> tuple[Paragraph, ...]:
    """What the lemmas say together, in groups with headings."""
    return tuple(
        Paragraph(group.heading, tuple(Sentence(said.names, text_of(said, family)) for said in group.said))
        for group in readable(lemmas, family)
    )


def lemma_lines(lemmas: Sequence[Lemma], family: Family) -> Iterator[str]:
    """The paragraphs, as lines of a file."""
    for paragraph in paragraphs(lemmas, family):
        yield ""
        yield f"// {paragraph.heading}"
        yield from (f"{', '.join(sentence.names)}: {sentence.text}" for sentence in paragraph.sentences)


def text_of(said: Said, family: Family) -> str:
    """The sentence, in the notation of the language as far as that goes."""
    return _Writer(frozenset(f.name for f in family.text.constant_functions)).sentence(said)


@dataclass(frozen=True)
class _Writer:
    constants: frozenset[str]

    def sentence(self, said: Said) -> str:
        """All variables, what they stand for, the conditions and the facts."""
        conditions = list(said.conditions)
        ranges = []
        for variable in said.variables:
            found = next((c for c in conditions if self._range(c, variable) is not None), None)
            told = None if found is None else self._range(found, variable)
            conditions = [c for c in conditions if c != found]
            ranges.append(told or f"{variable.name}: {variable.type}")
        where = [c for c in conditions if self._is_about_members(c)]
        rest = [c for c in conditions if c not in where]
        facts = self._joined(said.facts)
        body = f"{self._joined(rest)} implies {facts}" if rest else facts
        all_of_them = ", ".join(ranges) + (f" where {self._joined(where)}" if where else "")
        return f"all {all_of_them}: {body}" if ranges else body

    def _range(self, literal: Literal, variable: Variable) -> str | None:
        """`p in window`, `p behind a in window`: what a condition says of which members a variable stands for."""
        match literal:
            case Is(Read(name, (Variable() as first,), _), (second,), False) if name in self.constants:
                region = name.rpartition(".")[0]
                if first == variable and second is True and region:
                    return f"{variable.name} in {region}"
                if second == variable and name.endswith("_of"):
                    return f"{variable.name} behind {first.name} in {region}"
        return None

    def _is_about_members(self, literal: Literal) -> bool:
        reads = {node.function for node in walk(formula_of(literal)) if isinstance(node, Read)}
        return reads <= self.constants

    def _joined(self, literals: Sequence[Literal]) -> str:
        """All of them; that something is there goes without saying where it is said what it is."""
        shown = [self._text(o) for o in literals if not (_is_there(o) and guards(o, literals))]
        return " and ".join(shown) if shown else "true"

    def _text(self, literal: Literal) -> str:
        match literal:
            case Is(Read(name, (inside,), BoolType()), (true,), False) if name in self.constants and "." in name:
                return f"{show_expression(inside)} {'in' if true else 'not in'} {name.rpartition('.')[0]}"
            case Is(term, values, excludes) if not isinstance(term.type, BoolType):
                return _membership(show_expression(term), term.type, values, excludes)
            case So(formula) if is_large(formula):
                return f"({show_expression(formula)})"
            case So(And(operands, _)):
                return f"({self._joined([literal_of(operand) for operand in operands])})"
            case So(Or(operands, _)):
                return f"({' or '.join(self._text(literal_of(operand)) for operand in operands)})"
            case So(Not(And() as inner, _)):
                return f"not {self._text(So(inner))}"
            case So(ForAll() | Implies() as formula):
                return f"({show_expression(formula)})"
            case _:
                return show_expression(formula_of(literal))


def _is_there(literal: Literal) -> bool:
    return isinstance(literal, Is) and literal.excludes and literal.values == (None,)


def _membership(term: str, kind: Type, values: tuple[Value | Expression, ...], excludes: bool) -> str:
    if values == (None,):
        return f"{term} is {'not ' if excludes else ''}none"
    shown = [render(kind, v) if v is None or isinstance(v, bool | int) else show_expression(v) for v in values]
    if len(shown) == 1:
        return f"{term} {'!=' if excludes else '=='} {shown[0]}"
    return f"{term} {'not ' if excludes else ''}in {{ {', '.join(shown)} }}"
