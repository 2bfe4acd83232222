"""Variants: edits of the tree, made before anything is given a meaning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from verifier.language import tree
from verifier.language.elaborate.claims import assertions
from verifier.language.elaborate.declarations import Declarations
from verifier.language.elaborate.messages import sends
from verifier.language.elaborate.phases import DONE
from verifier.language.elaborate.problems import Problems, did_you_mean, listed

Body = tuple[tree.Statement, ...]
_KINDS: dict[str, Callable[[tree.Statement], bool]] = {
    "await": lambda s: isinstance(s, tree.Guard) and s.word == "await",
    "when": lambda s: isinstance(s, tree.Guard) and s.word == "when",
    "send": lambda s: isinstance(s, tree.Send),
    "assert": lambda s: isinstance(s, tree.Assert),
    "goto": lambda s: isinstance(s, tree.Goto),
}


@dataclass(frozen=True, slots=True)
class _Target:
    """What a path names: a step or the crash of a process, or an action; and the rest of the path."""

    process: str | None
    name: str
    """The label, "crash", or the action's name."""
    rest: tuple[tree.Name, ...]


def remember(declared: Declarations) -> Declarations:
    """The protocol itself, with what its variants must know of it."""
    labels = {name: tuple(step.label.text for step in process.steps) for name, process in declared.processes.items()}
    return replace(declared, former_labels=labels, former_sends=sends(declared), former_assertions=assertions(declared))


def apply(variant: tree.Variant, declared: Declarations, problems: Problems) -> Declarations:
    """The declarations as the variant changes them."""
    editor = _Editor(declared, problems)
    for edit in variant.edits:
        editor.edit(edit)
    return editor.declared


class _Editor:
    def __init__(self, declared: Declarations, problems: Problems) -> None:
        self.problems = problems
        self.declared = replace(declared, edited=True)

    def edit(self, edit: tree.Edit) -> None:
        match edit:
            case tree.SetConstant():
                pass  # a choice, like those of an instance
            case tree.Move():
                self._move(edit)
            case tree.Drop(path, _):
                self._drop(path)
            case tree.Add(body, path, _):
                target = self._whole(path)
                if target is not None:
                    self._change(target, lambda old: (*old, *body))
            case tree.Replace(path, body, _):
                target = self._find(path)
                if target is not None and target.rest:
                    self._statements(target, path, body)
                elif target is not None:
                    self._change(target, lambda _: body)

    # Finding

    def _find(self, path: tuple[tree.Name, ...]) -> _Target | None:
        first = path[0].text
        if len(path) > 1 and first in self.declared.processes:
            labels = {step.label.text for step in self.declared.processes[first].steps}
            if path[1].text in labels or path[1].text == "crash":
                return self._crash_or_step(first, path)
        if first == "crash":
            return self._only_crash(path)
        owners = [
            name
            for name, process in self.declared.processes.items()
            if any(step.label.text == first for step in process.steps)
        ]
        if len(owners) == 1:
            return _Target(owners[0], first, path[1:])
        if owners:
            ways = listed(f"{owner}.{first}" for owner in owners)
            self.problems.error(
                "E0402", path[0].span, f"several processes have a step `{first}`", "which one is meant?", f"say {ways}"
            )
            return None
        if first in self.declared.actions:
            return _Target(None, first, path[1:])
        labels = {step.label.text for process in self.declared.processes.values() for step in process.steps}
        hint = did_you_mean(first, (*labels, *self.declared.actions, *self.declared.processes))
        text = ".".join(name.text for name in path)
        self.problems.error("E0401", path[0].span, f"there is no step or action `{text}`", "not found", hint)
        return None

    def _only_crash(self, path: tuple[tree.Name, ...]) -> _Target | None:
        """`crash` by itself, where one process has one."""
        owners = [name for name, process in self.declared.processes.items() if process.crash is not None]
        if len(owners) == 1:
            return _Target(owners[0], "crash", path[1:])
        code, message = (
            ("E0402", "several processes have a `crash`") if owners else ("E0401", "no process has a `crash`")
        )
        hint = f"say {listed(f'{owner}.crash' for owner in owners)}" if owners else None
        self.problems.error(code, path[0].span, message, "which one is meant?" if owners else "not found", hint)
        return None

    def _crash_or_step(self, process: str, path: tuple[tree.Name, ...]) -> _Target | None:
        if path[1].text == "crash" and self.declared.processes[process].crash is None:
            self.problems.error("E0401", path[1].span, f"process `{process}` has no `crash`", "not found")
            return None
        return _Target(process, path[1].text, path[2:])

    def _whole(self, path: tuple[tree.Name, ...]) -> _Target | None:
        """A step, a crash or an action, not a part of one."""
        target = self._find(path)
        if target is not None and target.rest:
            self.problems.error("E0406", target.rest[0].span, "a step or an action is needed here", "is a part of one")
            return None
        return target

    # Dropping

    def _drop(self, path: tuple[tree.Name, ...]) -> None:
        target = self._find(path)
        if target is None:
            return
        if target.rest:
            self._statements(target, path, ())
        elif target.process is not None:
            self._drop_step(target.process, target.name)
        elif self.declared.actions[target.name].word == "operation":
            self.problems.error(
                "E0405",
                path[0].span,
                f"`{target.name}` is an operation, and steps may perform it",
                "cannot be dropped",
                f"drop the sentences: `drop STEP.{target.name}`",
            )
        else:
            actions = {name: action for name, action in self.declared.actions.items() if name != target.name}
            self.declared = replace(self.declared, actions=actions)

    def _drop_step(self, process: str, label: str) -> None:
        """Who would go to the step goes to what follows it."""
        old = self.declared.processes[process]
        if label == "crash":
            self._put(replace(old, crash=None))
            return
        labels = [step.label.text for step in old.steps]
        index = labels.index(label)
        following = labels[index + 1] if index + 1 < len(labels) else DONE

        def redirect(statement: tree.Statement) -> Body:
            if isinstance(statement, tree.Goto) and statement.label.text == label:
                return (replace(statement, label=replace(statement.label, text=following)),)
            return (statement,)

        steps = tuple(replace(s, body=rewrite(s.body, redirect)) for s in old.steps if s.label.text != label)
        crash = old.crash and replace(old.crash, body=rewrite(old.crash.body, redirect))
        self._put(replace(old, steps=steps, crash=crash))

    def _statements(self, target: _Target, path: tuple[tree.Name, ...], body: Body) -> None:
        """Puts `body` in place of the statements that the rest of the path names."""
        word = target.rest[0]
        fits = _KINDS.get(word.text) or (lambda s: isinstance(s, tree.Sentence) and s.operation.text == word.text)
        found = 0

        def change(statement: tree.Statement) -> Body:
            nonlocal found
            if not fits(statement):
                return (statement,)
            found += 1
            return body

        self._change(target, lambda old: rewrite(old, change))
        if not found or len(target.rest) > 1:
            self.problems.error(
                "E0403",
                word.span,
                f"there is no `{'.'.join(n.text for n in target.rest)}` in `{target.name}`",
                "nothing to change",
                "a part is an operation that is performed there, or when, await, send, assert, goto",
            )

    # Changing

    def _change(self, target: _Target, change: Callable[[Body], Body]) -> None:
        if target.process is None:
            action = self.declared.actions[target.name]
            actions = {**self.declared.actions, target.name: replace(action, body=change(action.body))}
            self.declared = replace(self.declared, actions=actions)
            return
        old = self.declared.processes[target.process]
        if target.name == "crash":
            assert old.crash is not None
            self._put(replace(old, crash=replace(old.crash, body=change(old.crash.body))))
            return
        steps = tuple(replace(s, body=change(s.body)) if s.label.text == target.name else s for s in old.steps)
        self._put(replace(old, steps=steps))

    def _put(self, process: tree.Process) -> None:
        processes = {**self.declared.processes, process.name.text: process}
        self.declared = replace(self.declared, processes=processes)

    def _move(self, edit: tree.Move) -> None:
        moved, anchor = self._whole(edit.path), self._whole(edit.anchor)
        if moved is None or anchor is None:
            return
        if moved.process is None or moved.process != anchor.process or "crash" in (moved.name, anchor.name):
            self.problems.error(
                "E0406", edit.span, "only steps can be moved, and only within their process", "not two such steps"
            )
            return
        process = self.declared.processes[moved.process]
        by_label = {step.label.text: step for step in process.steps}
        order = [label for label in by_label if label != moved.name]
        if moved.name == anchor.name:
            self.problems.error("E0406", edit.span, "a step cannot be moved to itself", "the same step twice")
            return
        order.insert(order.index(anchor.name) + (edit.where == "after"), moved.name)
        self._put(replace(process, steps=tuple(by_label[label] for label in order)))


def rewrite(body: Body, change: Callable[[tree.Statement], Body]) -> Body:
    """The statements with `change` applied to each, at any depth."""
    made: list[tree.Statement] = []
    for statement in body:
        match statement:
            case tree.IfStatement():
                made.append(
                    replace(
                        statement,
                        then=rewrite(statement.then, change),
                        otherwise=rewrite(statement.otherwise, change),
                    )
                )
            case tree.Loop():
                made.append(replace(statement, body=rewrite(statement.body, change)))
            case tree.Either():
                branches = tuple(rewrite(branch, change) for branch in statement.branches)
                made.append(replace(statement, branches=branches))
            case _:
                made += change(statement)
    return tuple(made)
