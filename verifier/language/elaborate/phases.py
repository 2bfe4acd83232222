"""The places where a process can be: its labels, the middle of its loops, and the end.

A step that begins with `each` over a constant set is one place, its loop. Any other step with a loop is two: `flip`,
before its first part, and `flip.each`, among the elements.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from verifier.language import tree
from verifier.language.elaborate import fold
from verifier.language.elaborate.declarations import Declarations
from verifier.language.elaborate.names import arguments
from verifier.language.elaborate.problems import did_you_mean
from verifier.language.elaborate.scope import Scope
from verifier.language.elaborate.syntax import walk
from verifier.system.expressions import Constant, Expression, Read
from verifier.system.types import Sort, SortType, Type

if TYPE_CHECKING:
    from verifier.language.elaborate.expressions import Expressions
    from verifier.language.elaborate.world import World

DONE, CRASHED = "done", "crashed"


@dataclass(frozen=True, slots=True)
class StepPlan:
    """A step cut at its loop. `entry` says whether there is a part before the loop."""

    label: str
    step: tree.Step
    before: tuple[tree.Statement, ...]
    loop: tree.Loop | None
    after: tuple[tree.Statement, ...]
    entry: bool

    @property
    def loop_place(self) -> str:
        return f"{self.label}.each" if self.entry else self.label

    @property
    def places(self) -> tuple[str, ...]:
        return (self.label,) if self.loop is None or not self.entry else (self.label, self.loop_place)


@dataclass(frozen=True)
class ProcessPlan:
    """A process as its steps and places."""

    name: str
    process: tree.Process
    parameters: tuple[Type, ...]
    steps: tuple[StepPlan, ...]

    @property
    def at(self) -> str:
        """The state function that says where the process is."""
        return f"{self.name}.at"

    @cached_property
    def sort(self) -> Sort:
        places = [place for step in self.steps for place in step.places]
        return Sort(f"{self.name}.label", (*places, DONE, *self._crashed), interchangeable=False)

    @property
    def _crashed(self) -> tuple[str, ...]:
        crash = self.process.crash
        returns = crash is not None and any(isinstance(statement, tree.Goto) for statement in crash.body)
        return (CRASHED,) if crash is not None and not returns else ()

    def place(self, name: str) -> Constant:
        return Constant(self.sort.members.index(name), SortType(self.sort))

    @property
    def first(self) -> Constant:
        return self.place(self.sort.members[0])

    def after(self, step: StepPlan) -> Constant:
        """Where the process goes on after the step."""
        index = self.steps.index(step) + 1
        return self.place(self.steps[index].label if index < len(self.steps) else DONE)

    def is_at(self, place: str, arguments: tuple[Expression, ...]) -> Expression:
        return fold.equal(self.whereabouts(arguments), self.place(place))

    def whereabouts(self, arguments: tuple[Expression, ...]) -> Expression:
        return Read(self.at, arguments, SortType(self.sort))

    def is_over(self, arguments: tuple[Expression, ...]) -> Expression:
        """Whether the process has finished or crashed for good."""
        return fold.either(*(self.is_at(place, arguments) for place in (DONE, *self._crashed)))


def plan(process: tree.Process, world: World) -> ProcessPlan | None:
    """The plan of a process; None if its parameters are wrong."""
    kinds = [world.index_type(parameter.type) for parameter in process.parameters]
    known = tuple(kind for kind in kinds if kind is not None)
    steps = tuple(_step(step, world) for step in _distinct(process.steps))
    return ProcessPlan(process.name.text, process, known, steps) if len(known) == len(kinds) else None


def _distinct(steps: tuple[tree.Step, ...]) -> tuple[tree.Step, ...]:
    kept: dict[str, tree.Step] = {}
    for step in steps:
        kept.setdefault(step.label.text, step)
    return tuple(kept.values())


def _step(step: tree.Step, world: World) -> StepPlan:
    places = [
        i for i, statement in enumerate(step.body) if isinstance(statement, tree.Loop) and statement.word == "each"
    ]
    if not places:
        return StepPlan(step.label.text, step, step.body, None, (), entry=True)
    for extra in places[1:]:
        world.problems.error(
            "E0321",
            step.body[extra].span,
            "a step has one `each` at most",
            "the second one",
            "give it a label of its own",
        )
    first = places[0]
    loop = step.body[first]
    assert isinstance(loop, tree.Loop)
    entry = first > 0 or reads_state(loop.binder, world.declared)
    after = tuple(s for i, s in enumerate(step.body) if i > first and i not in places)
    return StepPlan(step.label.text, step, step.body[:first], loop, after, entry)


def reads_state(binder: tree.Binder, declared: Declarations) -> bool:
    """Whether the elements of a loop may depend on the state; sometimes true although they do not."""
    pending: list[object] = [binder]
    seen: set[str] = set()
    while pending:
        for node in walk(pending.pop()):
            if isinstance(node, tree.Is | tree.At):
                return True
            if not isinstance(node, tree.Reference) or node.name.text in seen:
                continue
            name = node.name.text
            seen.add(name)
            if name in declared.functions and declared.functions[name].word == "state":
                return True
            if name in declared.defines:
                pending.append(declared.defines[name].body)
    return False


def at(elaborate: Expressions, written: tree.At, scope: Scope) -> Expression | None:
    """`process at label`."""
    world, name = elaborate.world, written.process.name.text
    if name not in world.declared.processes:
        elaborate.problems.error(
            "E0105",
            written.process.name.span,
            f"there is no process `{name}`",
            "unknown process",
            did_you_mean(name, world.declared.processes),
        )
        return None
    if scope.constant:
        elaborate.problems.error("E0305", written.span, "only constants can be read here", "changes over time")
        return None
    process = world.plan(name)
    if process is None:
        return None
    given = written.process.arguments or ()
    point = arguments(elaborate, name, given, process.parameters, scope, written.process.span)
    places = _places(elaborate, written.label, process)
    if point is None or places is None:
        return None
    return fold.either(*(process.is_at(place, point) for place in places))


def _places(elaborate: Expressions, label: tree.Name, process: ProcessPlan) -> tuple[str, ...] | None:
    if label.text == DONE:
        return (DONE,)
    if label.text == CRASHED:
        if CRASHED in process.sort.members:
            return (CRASHED,)
        elaborate.problems.warning(
            "W0501",
            label.span,
            f"`{process.name}` is never crashed",
            "always false",
            "it goes on after a crash, if any",
        )
        return ()
    for step in process.steps:
        if step.label == label.text:
            return step.places
    labels = [step.label for step in process.steps]
    if label.text in elaborate.world.declared.former_labels.get(process.name, ()):
        return ()
    elaborate.problems.error(
        "E0106",
        label.span,
        f"process `{process.name}` has no step `{label.text}`",
        "unknown label",
        did_you_mean(label.text, (*labels, DONE)),
    )
    return None
