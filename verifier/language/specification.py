"""Specifications: open one, and make transition systems of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from verifier.language import tree
from verifier.language.diagnostics import Diagnostic
from verifier.language.elaborate.choices import COMMAND_LINE, gather_choices, settings_as_choices
from verifier.language.elaborate.declarations import Declarations, gather
from verifier.language.elaborate.description import MachineDescription
from verifier.language.elaborate.effort import Effort
from verifier.language.elaborate.problems import Problems, did_you_mean
from verifier.language.elaborate.program import check_edits, elaborate_program
from verifier.language.elaborate.source import source_of
from verifier.language.elaborate.variants import apply, remember
from verifier.language.elaborate.world import SizeRead
from verifier.language.for_any import check_instance, check_names, check_openness
from verifier.language.loader import Failed, Loaded, load
from verifier.language.sizes import family_of
from verifier.system.family import Family
from verifier.system.span import Span
from verifier.system.system import PropertyKind, System

AS_WRITTEN = "as written"
"""The name of the instance that changes nothing."""

Outlook = Literal["holds", "violated"]
_NOTHING: Mapping[str, int | str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class VariantSummary:
    """`violated` are the properties that must be; none of them means that everything must hold."""

    name: str
    doc: str
    violated: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Elaborated:
    """A specification in one instance, as the protocol itself or as one of its variants.

    `expected` says of each property how it must turn out, None where a variant says nothing about it.
    `expected_states` is how many states the instance must have, where the specification says so. `size_reads` are the
    places whose meaning depends on how many members a sort has; `named` has the members that the text names, by sort
    and position, with the first place that names each.
    """

    system: System
    instance: str
    variant: str | None
    expected: Mapping[str, Outlook | None]
    expected_states: int | None
    machine: MachineDescription
    notes: tuple[Diagnostic, ...]
    size_reads: tuple[SizeRead, ...]
    named: Mapping[tuple[str, int], Span]


@dataclass(frozen=True)
class Specification:
    """A specification without errors. `sources` are its files by name, the specification itself last.

    `_checked` has what came of the protocol in each instance when that was checked.
    """

    name: str
    file: str
    hash: str
    doc: str
    instances: tuple[str, ...]
    variants: tuple[VariantSummary, ...]
    sources: Mapping[str, str]
    files: tuple[tree.File, ...]
    notes: tuple[Diagnostic, ...]
    _declared: Declarations
    _checked: Mapping[str | None, Elaborated] = field(default_factory=dict, repr=False, compare=False)

    def elaborate(
        self,
        variant: str | None = None,
        instance: str | None = None,
        settings: Mapping[str, int | str] = _NOTHING,
    ) -> Elaborated | tuple[Diagnostic, ...]:
        """The system of a variant (None: the protocol itself) in an instance (None: the first one)."""
        size = instance if instance is not None else next(iter(self.instances), None)
        if variant is None and not settings and size in self._checked:
            return self._checked[size]
        return self.elaborate_within(Effort(), variant, instance, settings)

    def elaborate_within(
        self,
        effort: Effort,
        variant: str | None = None,
        instance: str | None = None,
        settings: Mapping[str, int | str] = _NOTHING,
        open_sizes: bool = False,
        any_size: bool = False,
    ) -> Elaborated | tuple[Diagnostic, ...]:
        """Like `elaborate`, with the work bounded by what is left of the effort.

        With `open_sizes`, nothing is simplified because of how many members a sort happens to have. With `any_size`,
        sizes may be less than what the specification is about.
        """
        problems = Problems()
        declared = self._declared
        chosen = _known(variant, declared.variants, "variant", problems) if variant is not None else None
        size = _instance(instance, declared, problems)
        if problems.failed:
            return problems.in_order()
        layers = (
            declared.settings,
            size.choices if size is not None else (),
            [edit.choice for edit in chosen.edits if isinstance(edit, tree.SetConstant)] if chosen is not None else (),
            settings_as_choices(settings),
        )
        choices = gather_choices(layers, declared, problems)
        edited = apply(chosen, declared, problems) if chosen is not None else declared
        violated = chosen.expectation.violated if chosen is not None else ()
        asked = [name.text for name in violated]
        program = elaborate_program(edited, choices, self.sources, problems, effort, asked, open_sizes)
        if program is not None:
            _check_expectation(violated, [claim.name for claim in program.system.properties], problems)
            if not any_size:
                check_instance(declared, choices, program.system, program.machine, problems)
        if program is None or problems.failed:
            return problems.in_order()
        system = _claims_of(program.system, violated)
        return Elaborated(
            system=system,
            instance=_instance_text(*layers[1:], self.sources),
            variant=variant,
            expected=_expected(system, chosen),
            expected_states=size.states if size is not None and chosen is None and not settings else None,
            machine=program.machine,
            notes=problems.in_order(),
            size_reads=program.size_reads,
            named=program.named,
        )

    def family(
        self,
        variant: str | None = None,
        instance: str | None = None,
        settings: Mapping[str, int | str] = _NOTHING,
    ) -> Family:
        """The systems of the variant in all sizes that the specification is about, everything else as in the instance.

        The variant in this instance has been elaborated before, without errors.
        """

        def elaborate(sizes: Mapping[str, int]) -> Elaborated | None:
            chosen = {**settings, **sizes}
            found = self.elaborate_within(Effort(), variant, instance, chosen, open_sizes=True, any_size=True)
            return found if isinstance(found, Elaborated) else None

        return family_of(self._declared, elaborate)


def open_specification(path: Path | str) -> Specification | tuple[Diagnostic, ...]:
    """The specification in a file, or everything that is wrong with it, its variants and its instances."""
    loaded = load(path)
    if isinstance(loaded, Failed):
        return loaded.diagnostics
    return check(loaded, str(path))


def check(loaded: Loaded, file: str) -> Specification | tuple[Diagnostic, ...]:
    """Everything in the files is given a meaning, for the protocol, every instance and every variant."""
    problems = Problems()
    declared = remember(gather(loaded.files, problems))
    spec = Specification(
        name=declared.name,
        file=file,
        hash=loaded.digest,
        doc=declared.doc,
        instances=tuple(declared.instances),
        variants=tuple(_summary(variant) for variant in declared.variants.values()),
        sources=loaded.sources,
        files=loaded.files,
        notes=(),
        _declared=declared,
    )
    effort = Effort()
    made: dict[str | None, Elaborated] = {}
    check_names(declared, problems)
    for number, instance in enumerate(declared.instances or (None,)):
        result = spec.elaborate_within(effort, None, instance)
        problems.add(result.notes if isinstance(result, Elaborated) else result)
        if isinstance(result, Elaborated):
            made[instance] = result
            if number == 0:
                check_openness(declared, result, problems)
    if not problems.failed:
        for variant in declared.variants.values():
            _check_variant(spec, variant, effort, problems)
    if problems.failed:
        return problems.in_order()
    return replace(spec, notes=problems.in_order(), _checked=made)


def _check_variant(spec: Specification, variant: tree.Variant, effort: Effort, problems: Problems) -> None:
    """As little as possible is elaborated again, because there may be many variants."""
    declared = spec._declared
    claims = [*(claim.name.text for claim in declared.properties), *(a.name.text for a in declared.former_assertions)]
    if any(isinstance(edit, tree.SetConstant) for edit in variant.edits) or any(
        name.text not in claims for name in variant.expectation.violated
    ):
        result = spec.elaborate_within(effort, variant.name.text)
        problems.add(() if isinstance(result, Elaborated) else result)
        return
    found = Problems()
    instance = _instance(None, declared, found)
    choices = gather_choices((declared.settings, instance.choices if instance is not None else ()), declared, found)
    check_edits(declared, apply(variant, declared, found), choices, found, effort)
    problems.add(diagnostic for diagnostic in found.in_order() if diagnostic.severity == "error")


def _check_expectation(violated: Iterable[tree.Name], claims: list[str], problems: Problems) -> None:
    for name in violated:
        if name.text not in claims:
            problems.error(
                "E0404",
                name.span,
                f"the variant has no property `{name.text}`",
                "cannot be violated",
                did_you_mean(name.text, claims),
            )


def _summary(variant: tree.Variant) -> VariantSummary:
    violated = tuple(name.text for name in variant.expectation.violated)
    return VariantSummary(variant.name.text, variant.doc, violated, variant.span)


def _known(name: str, variants: Mapping[str, tree.Variant], what: str, problems: Problems) -> tree.Variant | None:
    if name not in variants:
        hint = did_you_mean(name, variants)
        problems.error("E0412", Span(COMMAND_LINE, 1, 1, 1, 1), f"there is no {what} `{name}`", "asked for", hint)
    return variants.get(name)


def _instance(name: str | None, declared: Declarations, problems: Problems) -> tree.Instance | None:
    if name is None:
        return next(iter(declared.instances.values()), None)
    if name not in declared.instances and name != AS_WRITTEN:
        hint = did_you_mean(name, (*declared.instances, AS_WRITTEN))
        problems.error("E0412", Span(COMMAND_LINE, 1, 1, 1, 1), f"there is no instance `{name}`", "asked for", hint)
    return declared.instances.get(name)


def _instance_text(
    instance: Iterable[tree.Choice],
    variant: Iterable[tree.Choice],
    settings: Iterable[tree.Choice],
    sources: Mapping[str, str],
) -> str:
    """What the instance and the command line choose, with the values that count in the end."""
    made = {choice.name.text: choice for choice in instance}
    made.update({choice.name.text: choice for choice in variant if choice.name.text in made})
    made.update({choice.name.text: choice for choice in settings})
    return ", ".join(f"{name} = {_chosen_text(choice, sources)}" for name, choice in made.items()) or AS_WRITTEN


def _chosen_text(choice: tree.Choice, sources: Mapping[str, str]) -> str:
    if choice.span.file != COMMAND_LINE:
        return source_of(choice.value.span, sources)
    match choice.value:
        case tree.LiteralExpr(_, text, _):
            return text
        case tree.Unary(_, tree.LiteralExpr(_, text, _), _):
            return f"-{text}"
        case tree.Reference(name, _, _):
            return name.text
        case _:
            raise AssertionError("settings are literals and names")


_ON_DEMAND = frozenset({PropertyKind.SCENARIO, PropertyKind.EVENTUALLY, PropertyKind.LEADS_TO})
"""Claims that take a search of their own."""


def _claims_of(system: System, violated: tuple[tree.Name, ...]) -> System:
    """A variant that must fail is asked for scenarios and progress only where it is expected to break them."""
    names = {name.text for name in violated}
    asked = (p for p in system.properties if not names or p.kind not in _ON_DEMAND or p.name in names)
    return replace(system, properties=tuple(asked))


def _expected(system: System, variant: tree.Variant | None) -> Mapping[str, Outlook | None]:
    names = [claim.name for claim in system.properties]
    if variant is None or not variant.expectation.violated:
        return dict.fromkeys(names, "holds")
    violated = {name.text for name in variant.expectation.violated}
    return {name: "violated" if name in violated else None for name in names}
