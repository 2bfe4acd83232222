"""What the files of a specification declare, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from verifier.language import tree
from verifier.language.elaborate.problems import Problems

RESERVED_VALUES = frozenset({"next", "number", "bool"})
RESERVED_LABELS = frozenset({"done", "crashed"})
BUILT_IN_PROPERTIES = frozenset({"not_stuck", "in_range", "single_write"})


_T = TypeVar("_T")
_Named = (
    tree.SortDecl | tree.FunctionDecl | tree.Define | tree.ActionDecl | tree.Region | tree.Process | tree.Instance
    | tree.Variant
)  # fmt: skip
_D = TypeVar("_D", bound=_Named)


@dataclass(frozen=True)
class Declarations:
    """Everything that is declared, each kind in the order of the files and of their texts."""

    name: str
    doc: str
    sorts: Mapping[str, tree.SortDecl]
    functions: Mapping[str, tree.FunctionDecl]
    defines: Mapping[str, tree.Define]
    actions: Mapping[str, tree.ActionDecl]
    owners: Mapping[str, str]
    """The file (model or specification) that declares an action."""
    regions: Mapping[str, tree.Region]
    items: tuple[tree.Item, ...]
    processes: Mapping[str, tree.Process]
    messages: tuple[tree.Message, ...]
    properties: tuple[tree.PropertyDecl, ...]
    finals: tuple[tree.Final, ...]
    scenarios: tuple[tree.ScenarioDecl, ...]
    sizes: tuple[tree.AtLeast, ...]
    """The sizes that the claims are about, as `for any` says; empty if it says nothing."""
    settings: tuple[tree.Choice, ...]
    """The constants of models that the specification sets."""
    instances: Mapping[str, tree.Instance]
    variants: Mapping[str, tree.Variant]
    former_labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The labels of each process in the protocol itself, also in its variants."""
    former_sends: tuple[tree.Send, ...] = ()
    """What is sent in the protocol itself."""
    former_assertions: tuple[tree.Assert, ...] = ()
    """The assertions of the protocol itself."""
    edited: bool = False
    """Whether this is a variant."""

    def operation(self, name: str) -> tree.ActionDecl | None:
        found = self.actions.get(name)
        return found if found is not None and found.word == "operation" else None


def gather(files: Iterable[tree.File], problems: Problems) -> Declarations:
    """The declarations of the files, the specification last; a name declared twice is reported and its first kept."""
    files = tuple(files)
    spec = files[-1]
    every = tuple((file, declaration) for file in files for declaration in file.declarations)

    def of(kind: type[_T]) -> tuple[_T, ...]:
        return tuple(d for _, d in every if isinstance(d, kind))

    items = tuple(item for machine in of(tree.Machine) for item in machine.items)
    processes = tuple(p for protocol in of(tree.Protocol) for p in protocol.processes)
    sorts = _by_name(of(tree.SortDecl), "type", problems)
    value_declarations: tuple[tree.FunctionDecl | tree.Define, ...] = (*of(tree.FunctionDecl), *of(tree.Define))
    values = _by_name(value_declarations, "name", problems)
    _check_reserved(values, problems)
    for sort in sorts.values():
        _distinct(sort.members or (), "member", problems)
    found = Declarations(
        name=spec.name.text,
        doc=spec.doc,
        sorts=sorts,
        functions={name: d for name, d in values.items() if isinstance(d, tree.FunctionDecl)},
        defines={name: d for name, d in values.items() if isinstance(d, tree.Define)},
        actions=_by_name(of(tree.ActionDecl), "action", problems),
        owners={d.name.text: file.name.text for file, d in every if isinstance(d, tree.ActionDecl)},
        regions=_by_name((i for i in items if isinstance(i, tree.Region)), "region", problems),
        items=tuple(i for i in items if isinstance(i, tree.Item)),
        processes=_by_name(processes, "process", problems),
        messages=tuple(m for protocol in of(tree.Protocol) for m in protocol.messages),
        properties=of(tree.PropertyDecl),
        finals=of(tree.Final),
        scenarios=of(tree.ScenarioDecl),
        sizes=tuple(size for d in spec.declarations if isinstance(d, tree.ForAny) for size in d.sizes),
        settings=tuple(d.choice for d in of(tree.SetConstant)),
        instances=_by_name(of(tree.Instance), "instance", problems),
        variants=_by_name(of(tree.Variant), "variant", problems),
    )
    _check_labels(found.processes.values(), problems)
    _check_claims(found, problems)
    _check_members(found, problems)
    for extra in found.finals[1:]:
        problems.error("E0329", extra.span, "`final` is given twice", "the second one", "join them with `or`")
    for file, declaration in every:
        if file is not spec and isinstance(declaration, tree.ForAny):
            problems.error("E0334", declaration.span, "`for any` is about a specification", "in a model")
    return found


def _by_name(declared: Iterable[_D], what: str, problems: Problems) -> dict[str, _D]:
    kept: dict[str, _D] = {}
    for declaration in declared:
        name = declaration.name
        first = kept.setdefault(name.text, declaration)
        if first is not declaration:
            _twice(name, first.name, what, problems)
    return kept


def _distinct(names: Iterable[tree.Name], what: str, problems: Problems) -> dict[str, tree.Name]:
    kept: dict[str, tree.Name] = {}
    for name in names:
        first = kept.setdefault(name.text, name)
        if first is not name:
            _twice(name, first, what, problems)
    return kept


def _twice(name: tree.Name, first: tree.Name, what: str, problems: Problems) -> None:
    problems.error(
        "E0103",
        name.span,
        f"the {what} `{name.text}` is declared twice",
        "the second one",
        f"the first is at {first.span}",
    )


def _check_reserved(values: Mapping[str, tree.FunctionDecl | tree.Define], problems: Problems) -> None:
    for name in sorted(RESERVED_VALUES & values.keys()):
        problems.error("E0109", values[name].name.span, f"`{name}` has a meaning of its own", "cannot be declared")


def _check_labels(processes: Iterable[tree.Process], problems: Problems) -> None:
    for process in processes:
        labels = _distinct((step.label for step in process.steps), "label", problems)
        for label in sorted(RESERVED_LABELS & labels.keys()):
            problems.error(
                "E0109",
                labels[label].span,
                f"`{label}` is where a process is when it has no step to do",
                "cannot be a label",
                "choose another name for the step",
            )


def _check_claims(found: Declarations, problems: Problems) -> None:
    claims: tuple[tree.PropertyDecl | tree.ScenarioDecl, ...] = (*found.properties, *found.scenarios)
    names = _distinct((claim.name for claim in claims), "property", problems)
    for name in sorted(BUILT_IN_PROPERTIES & names.keys()):
        problems.error("E0109", names[name].span, f"`{name}` is a built-in property", "cannot be declared")


def _check_members(found: Declarations, problems: Problems) -> None:
    """A member and a value without parameters cannot share a name: nothing would tell which one is meant."""
    values: dict[str, tree.FunctionDecl | tree.Define] = {**found.functions, **found.defines}
    lists: list[tuple[tree.Name, ...]] = [sort.members or () for sort in found.sorts.values()]
    for function in found.functions.values():
        base = function.type.base if isinstance(function.type, tree.OptionalOf) else function.type
        if isinstance(base, tree.InlineEnum):
            _distinct(base.members, "member", problems)
            lists.append(base.members)
    lists.extend(item.names for item in found.items)
    for member in (name for names in lists for name in names):
        value = values.get(member.text)
        if value is not None and not value.parameters:
            problems.error(
                "E0110",
                member.span,
                f"`{member.text}` is a member of a type and also the name of a value",
                "a member here",
                f"rename one of them; the value is declared at {value.name.span}",
            )
