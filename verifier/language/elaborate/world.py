"""The types, functions and constants of one instance, each resolved when it is first needed.

Sizes and ranges may be given by constants and constants have types, so there is no order in which to resolve them all;
what needs itself is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial

from verifier.language import tree
from verifier.language.elaborate.choices import LARGEST_SORT, Choices, chosen_size
from verifier.language.elaborate.constants import Constants
from verifier.language.elaborate.declarations import Declarations
from verifier.language.elaborate.effort import Effort
from verifier.language.elaborate.expressions import Expressions
from verifier.language.elaborate.layout import ADDRESS, PAGE, MachineLayout, lay_out
from verifier.language.elaborate.messages import MessagePlan, plan_messages
from verifier.language.elaborate.phases import ProcessPlan, plan
from verifier.language.elaborate.problems import Problems, did_you_mean
from verifier.system.expressions import Constant
from verifier.system.span import Span
from verifier.system.system import Function, Table
from verifier.system.types import BOOL, IntType, OptionalType, Sort, SortType, Type, size_of

LARGEST_NUMBER = 2**31
MOST_DEPENDENCIES = 20


@dataclass(frozen=True, slots=True)
class SizeRead:
    """A place in the text whose meaning depends on how many members a sort has; `what` stands there."""

    sort: str
    what: str
    span: Span


@dataclass(frozen=True, slots=True)
class Signature:
    """A state or constant function: what it takes and gives."""

    name: str
    parameters: tuple[Type, ...]
    result: Type
    declaration: tree.FunctionDecl

    @property
    def constant(self) -> bool:
        return self.declaration.word == "const"


class World:
    """What names of types and functions stand for.

    With `open_sizes`, nothing is simplified because of how many members a sort happens to have. `size_reads` are the
    places where that number counts all the same. `named` has the members that the text names, by sort and position,
    and where each is named first.
    """

    def __init__(
        self,
        declared: Declarations,
        choices: Choices,
        problems: Problems,
        effort: Effort,
        open_sizes: bool = False,
    ) -> None:
        self.open_sizes = open_sizes
        self.size_reads: dict[SizeRead, None] = {}
        self.named: dict[tuple[str, int], Span] = {}
        self.declared = declared
        self.choices = choices
        self.problems = problems
        self.effort = effort
        self.machine: MachineLayout = lay_out(declared, choices, problems)
        self.expressions = Expressions(self)
        self.constants = Constants(self)
        self._sorts: dict[str, Sort | None] = {}
        self._signatures: dict[str, Signature | None] = {}
        self._region_functions: dict[tuple[str, str], Function | None] = {}
        self._plans: dict[str, ProcessPlan | None] = {}
        self._resolving: dict[str, None] = {}

    # Sorts

    def sort(self, name: str) -> Sort | None:
        """The sort or enumeration of that name, which is declared."""
        if name not in self._sorts:
            declaration = self.declared.sorts[name]
            with self.resolving(f"sort {name}", declaration.name.span) as free:
                if not free:
                    return None
                self._sorts[name] = self._resolve_sort(declaration)
        return self._sorts[name]

    def _resolve_sort(self, declaration: tree.SortDecl) -> Sort | None:
        name = declaration.name.text
        if declaration.members is not None:
            members = dict.fromkeys(member.text for member in declaration.members)
            return Sort(name, tuple(members), interchangeable=not declaration.enumeration)
        choice = self.choices.sorts.get(name)
        if choice is not None:
            size = chosen_size(choice, LARGEST_SORT, "not a size", self.problems)
            return (size and self._sized(name, size)) or None
        if declaration.size is not None:
            return self._sized_by(declaration, declaration.size)
        return self._from_machine(declaration)

    def _sized_by(self, declaration: tree.SortDecl, size: tree.Expr) -> Sort | None:
        value = self.constants.number(size)
        if value is None:
            return None
        if not 1 <= value <= LARGEST_SORT:
            self.problems.error(
                "E0304", size.span, f"the size of a sort must be from 1 to {LARGEST_SORT}", f"is {value}"
            )
            return None
        return self._sized(declaration.name.text, value)

    def _sized(self, name: str, size: int) -> Sort | None:
        if not self.effort.spend(size, self.declared.sorts[name].name.span, self.problems):
            return None
        return Sort(name, tuple(f"{name.lower()}{index}" for index in range(size)), interchangeable=True)

    def _from_machine(self, declaration: tree.SortDecl) -> Sort | None:
        name = declaration.name.text
        members, numbers = self.machine.members.get(name, ()), self.machine.numbers(name)
        if len(numbers) > LARGEST_SORT:
            self.problems.error(
                "E0304", declaration.name.span, f"a sort has at most {LARGEST_SORT} members", f"{len(numbers)}"
            )
            return None
        if numbers and not members:
            return Sort(name, tuple(f"{n:#x}" for n in numbers), interchangeable=True, numbers=numbers)
        if members and not numbers:
            return Sort(name, members, interchangeable=True)
        if members:
            message = f"sort {name} has members from regions and members with names"
            self.problems.error("E0316", declaration.name.span, message, "can have only one kind")
        elif self.machine.complete:
            self.problems.error(
                "E0303",
                declaration.name.span,
                f"sort {name} has no members",
                "nothing says how many there are",
                f"give it members in `machine {{ }}`, a size in an instance (`{name} = 2`), or `size 2`",
            )
        return None

    @cached_property
    def _homes(self) -> Mapping[str, tuple[Callable[[], Sort | None], ...]]:
        """For each member's name the sorts that have such a member, not resolved yet."""
        homes: dict[str, dict[str, Callable[[], Sort | None]]] = {}

        def note(members: Iterable[str], owner: str, home: Callable[[], Sort | None]) -> None:
            for member in members:
                homes.setdefault(member, {}).setdefault(owner, home)

        for name, declaration in self.declared.sorts.items():
            listed = (member.text for member in declaration.members or ())
            note((*listed, *self.machine.members.get(name, ())), name, partial(self.sort, name))
        for name, function in self.declared.functions.items():
            base = function.type.base if isinstance(function.type, tree.OptionalOf) else function.type
            if isinstance(base, tree.InlineEnum):
                note((member.text for member in base.members), f"{name}.value", partial(self._inline, name, base))
        return {member: tuple(found.values()) for member, found in homes.items()}

    @cached_property
    def _counted(self) -> Mapping[str, tuple[str, ...]]:
        """The sorts whose members are counted, by what the members' names begin with."""
        found: dict[str, tuple[str, ...]] = {}
        for name, declaration in self.declared.sorts.items():
            if declaration.members is None and name not in self.machine.members:
                found[name.lower()] = (*found.get(name.lower(), ()), name)
        return found

    def member_sorts(self, member: str) -> tuple[Sort, ...]:
        """Every sort with a member of that name."""
        stem = member.rstrip("0123456789")
        counted = [name for name in self._counted.get(stem, ()) if stem != member]
        found = (*(home() for home in self._homes.get(member, ())), *map(self.sort, counted))
        return tuple(sort for sort in found if sort is not None and member in sort.members)

    def _inline(self, owner: str, written: tree.InlineEnum) -> Sort:
        name = f"{owner}.value"
        if name not in self._sorts:
            members = dict.fromkeys(member.text for member in written.members)
            self._sorts[name] = Sort(name, tuple(members), interchangeable=False)
        sort = self._sorts[name]
        assert sort is not None
        return sort

    def inline_sorts(self) -> Iterator[Sort]:
        """The enumerations that are written where a type stands, by the functions they belong to."""
        for name in self.declared.functions:
            sort = self._sorts.get(f"{name}.value")
            if sort is not None:
                yield sort

    def most_counted(self, kind: Type) -> int:
        """The most that a `count` over the type may come to."""
        if self.open_sizes and isinstance(kind, SortType) and kind.sort.interchangeable:
            return LARGEST_NUMBER
        return size_of(kind)

    def note_size_read(self, kind: Type, what: str, span: Span) -> None:
        if isinstance(kind, SortType):
            self.size_reads[SizeRead(kind.sort.name, what, span)] = None

    # Types

    def type(self, written: tree.TypeExpr, owner: str | None = None) -> Type | None:
        """The type that is written; `owner` is the function whose result an enumeration without a name describes."""
        match written:
            case tree.NamedType(name, span):
                return self.named_type(name)
            case tree.RangeType(low, high, span):
                return self._range(low, high, span)
            case tree.OptionalOf(base, _):
                plain = self.type(base, owner)
                assert not isinstance(plain, OptionalType)
                return plain and OptionalType(plain)
            case tree.InlineEnum(_, span):
                if owner is not None:
                    return SortType(self._inline(owner, written))
                self.problems.error(
                    "E0216", span, "an enumeration without a name can only be what a state or constant gives",
                    "needs a name", "declare `enum Name { ... }`",
                )  # fmt: skip
                return None

    def named_type(self, name: tree.Name) -> Type | None:
        if name.text == "bool":
            return BOOL
        if name.text not in self.declared.sorts:
            hint = did_you_mean(name.text, (*self.declared.sorts, "bool"))
            self.problems.error("E0102", name.span, f"there is no type `{name.text}`", "unknown type", hint)
            return None
        sort = self.sort(name.text)
        return None if sort is None else SortType(sort)

    def _range(self, low: tree.Expr, high: tree.Expr, span: Span) -> Type | None:
        ends = self.constants.number(low), self.constants.number(high)
        if ends[0] is None or ends[1] is None:
            return None
        if ends[0] > ends[1]:
            self.problems.error("E0217", span, f"no number is in {ends[0]} .. {ends[1]}", "ends before it begins")
            return None
        if max(map(abs, (ends[0], ends[1]))) > LARGEST_NUMBER:
            self.problems.error("E0304", span, f"numbers go from -{LARGEST_NUMBER} to {LARGEST_NUMBER}", "too large")
            return None
        return IntType(ends[0], ends[1])

    def index_type(self, written: tree.TypeExpr) -> Type | None:
        """A type that parameters and quantified names may have: small, and without none."""
        kind = self.type(written)
        if isinstance(kind, OptionalType):
            self.problems.error(
                "E0216", written.span, "an optional cannot be a parameter here", "may be none",
                "use the plain type, and a second state for what happens without it",
            )  # fmt: skip
            return None
        if kind is not None and size_of(kind) > LARGEST_SORT:
            self.problems.error(
                "E0304", written.span, f"a parameter has at most {LARGEST_SORT} values", f"{size_of(kind)} values"
            )
            return None
        return kind

    # Functions

    def signature(self, name: str) -> Signature | None:
        """The state or constant of that name, which is declared."""
        if name not in self._signatures:
            declaration = self.declared.functions[name]
            with self.resolving(f"type of {name}", declaration.name.span) as free:
                if not free:
                    return None
                parameters = [self.index_type(parameter.type) for parameter in declaration.parameters]
                result = self.type(declaration.type, name)
                known = tuple(p for p in parameters if p is not None)
                complete = result is not None and len(known) == len(parameters)
                self._signatures[name] = (
                    Signature(name, known, result, declaration) if complete and result is not None else None
                )
        return self._signatures[name]

    @cached_property
    def statuses(self) -> Mapping[str, tuple[Signature, ...]]:
        """For each member of an enumeration the functions of one parameter that may have it as their value."""
        found: dict[str, list[Signature]] = {}
        for name in self.declared.functions:
            signature = self.signature(name)
            if signature is not None and len(signature.parameters) == 1 and isinstance(signature.result, SortType):
                sort = signature.result.sort
                for member in () if sort.interchangeable else sort.members:
                    found.setdefault(member, []).append(signature)
        return {member: tuple(signatures) for member, signatures in found.items()}

    def region_function(self, region: str, sort: Sort) -> Function | None:
        """Which members of the sort are in the region; None if all are. The region has such members."""
        key = region, sort.name
        if key not in self._region_functions:
            inside = set(self.machine.regions[region].numbers(sort.name) or ())
            values = tuple(number in inside for number in sort.numbers or ())
            plural = {PAGE: "pages", ADDRESS: "addresses"}[sort.name]
            function = Function(
                f"{region}.{plural}",
                (SortType(sort),),
                BOOL,
                Table(values),
                constant=True,
                span=self.declared.regions[region].name.span,
            )
            self._region_functions[key] = None if all(values) else function
        return self._region_functions[key]

    @property
    def region_functions(self) -> tuple[Function, ...]:
        """The regions that were asked for so far."""
        return tuple(function for function in self._region_functions.values() if function is not None)

    def any_function(self, name: str) -> Function | None:
        """The constant or region of that name, with its values."""
        if name in self.declared.functions:
            return self.constants.function(name)
        return next((function for function in self.region_functions if function.name == name), None)

    def constant(self, name: str) -> Constant | None:
        """The value of a constant without parameters."""
        return self.constants.value(name)

    @contextmanager
    def resolving(self, what: str, span: Span) -> Iterator[bool]:
        """Guards the resolution of `what`: False, and an error, if it is needed for itself."""
        if what in self._resolving:
            self.problems.error("E0219", span, f"the {what} depends on itself", "needed to find itself")
            yield False
            return
        if len(self._resolving) == MOST_DEPENDENCIES:
            self.problems.error(
                "E0215", span, "constants and types depend on each other too deeply", f"more than {MOST_DEPENDENCIES}"
            )
            yield False
            return
        self._resolving[what] = None
        try:
            yield True
        finally:
            del self._resolving[what]

    # Processes and messages

    def plan(self, process: str) -> ProcessPlan | None:
        """The places of a process, which is declared."""
        if process not in self._plans:
            self._plans[process] = plan(self.declared.processes[process], self)
        return self._plans[process]

    @cached_property
    def messages(self) -> Mapping[str, MessagePlan]:
        return plan_messages(self.declared, self.problems)
