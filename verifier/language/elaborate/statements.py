"""Statements: each adds to the effects of the action that its body is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from verifier.language import tree
from verifier.language.elaborate import fold, messages, sets
from verifier.language.elaborate.coercion import coerce
from verifier.language.elaborate.effects import MOST_BRANCHES, Effects, Jump, Place
from verifier.language.elaborate.names import arguments
from verifier.language.elaborate.phases import DONE, ProcessPlan
from verifier.language.elaborate.problems import Hint, did_you_mean
from verifier.language.elaborate.sentences import perform
from verifier.system.expressions import FALSE, Expression
from verifier.system.span import Span
from verifier.system.system import Assertion, Update

if TYPE_CHECKING:
    from verifier.language.elaborate.world import World


@dataclass(frozen=True)
class Statements:
    """Elaborates the statements of one body. `process` is whose step or crash it is, if any."""

    world: World
    effects: Effects
    process: ProcessPlan | None = None
    process_arguments: tuple[Expression, ...] = ()

    def run(self, body: tuple[tree.Statement, ...], place: Place) -> Place:
        """Adds what the statements do; gives the place after them, where more names may be known."""
        for statement in body:
            with self.world.expressions.nested(statement.span) as free:
                if free:
                    place = self._one(statement, place)
        return place

    def _one(self, statement: tree.Statement, place: Place) -> Place:
        match statement:
            case tree.Guard():
                return self._guard(statement, place)
            case tree.Assign():
                self._assign(statement, place)
            case tree.Sentence():
                perform(self, statement, place)
            case tree.Send():
                messages.send(self, statement, place)
            case tree.Goto():
                self._goto(statement, place)
            case tree.Skip():
                pass
            case tree.IfStatement():
                self._if(statement, place)
            case tree.Loop():
                self._loop(statement, place)
            case tree.Either():
                self._either(statement, place)
            case tree.Assert():
                formula = self.world.expressions.truth(statement.condition, place.scope)
                if formula is not None:
                    claim = fold.implies(place.condition, formula)
                    self.effects.assertions.append(Assertion(statement.name.text, claim, place.binders, statement.span))
            case tree.Choose():
                return self._choose(statement, place)
        return place

    def complain(self, code: str, span: Span, message: str, label: str, hint: Hint = None) -> None:
        self.world.problems.error(code, span, message, label, hint)

    # Guards and choices

    def _guard(self, statement: tree.Guard, place: Place) -> Place:
        if statement.word == "await":
            if self.process is None or place.called:
                self.complain(
                    "E0319", statement.span, "only a step of a process can `await`", "not in a process", "write `when`"
                )
                return place
            message = messages.awaited(statement.condition, self.world, place.scope)
            if message is not None:
                messages.take(self, message, statement, place)
                return place
        condition, scope = self.world.expressions.condition(statement.condition, place.scope)
        if condition is not None:
            self.effects.require(condition, place, statement.span)
        return replace(place, scope=scope)

    def _choose(self, statement: tree.Choose, place: Place) -> Place:
        if place.binders:
            self.complain("E0324", statement.span, "one value cannot be chosen for each element", "inside `all`")
        bound = sets.bind(self.world.expressions, statement.binder, place.scope)
        if bound.variables is not None and bound.condition is not None and not place.binders:
            self.effects.chosen.extend(bound.variables)
            self.effects.guards.append(place.closed(bound.condition))
        return replace(place, scope=bound.scope)

    # Writing

    def _assign(self, statement: tree.Assign, place: Place) -> None:
        name, declared = statement.target.name, self.world.declared
        function = declared.functions.get(name.text)
        if function is None or function.word != "state":
            self._not_state(name, place)
            self.world.expressions.value(statement.value, place.scope)
            return
        signature = self.world.signature(name.text)
        if signature is None:
            return
        expressions, scope, binders = self.world.expressions, place.scope, place.binders
        if statement.target.arguments is None and signature.parameters:
            rows = []
            for kind in signature.parameters:
                _, variable = scope.declare("_", kind)
                assert variable is not None
                scope = replace(scope, taken=scope.taken | {variable.name})
                rows.append(variable)
            point: tuple[Expression, ...] | None = tuple(rows)
            binders = (*binders, *rows)
        else:
            given = statement.target.arguments or ()
            point = arguments(expressions, name.text, given, signature.parameters, scope, statement.target.span)
        value = expressions.value(statement.value, place.scope, signature.result)
        value = value and coerce(value, signature.result, statement.value.span, self.world.problems)
        if point is not None and value is not None and place.condition != FALSE:
            self.effects.updates.append(Update(name.text, point, value, binders, place.condition, statement.span))

    def _not_state(self, name: tree.Name, place: Place) -> None:
        declared = self.world.declared
        hint: Hint = None
        if name.text in declared.functions:
            message, hint = f"`{name.text}` is a constant and cannot change", None
        elif name.text in declared.defines:
            message, hint = f"`{name.text}` is a definition: what it stands for can change, it cannot", None
        elif name.text in place.scope.names:
            message, hint = f"`{name.text}` is the name of a value, not state", None
        else:
            states = (n for n, f in declared.functions.items() if f.word == "state")
            message, hint = f"there is no state `{name.text}`", did_you_mean(name.text, states)
        self.complain("E0308", name.span, message, "cannot be assigned to", hint)

    # Where a process goes on

    def _goto(self, statement: tree.Goto, place: Place) -> None:
        label = statement.label
        if self.process is None or place.called:
            self.complain("E0322", statement.span, "only a process has labels to go to", "not in a process")
            return
        if place.binders:
            self.complain("E0322", statement.span, "a process cannot go on at several places", "inside `all`")
            return
        labels = {step.label for step in self.process.steps} | {DONE}
        if label.text not in labels:
            self.complain(
                "E0106",
                label.span,
                f"process `{self.process.name}` has no step `{label.text}`",
                "unknown label",
                did_you_mean(label.text, labels),
            )
            return
        jump = Jump(place.condition, self.process.place(label.text), place.path, statement.span)
        if not self.world.effort.spend(len(self.effects.jumps), statement.span, self.world.problems):
            return
        for other in self.effects.jumps:
            if not jump.excludes(other):
                self.complain(
                    "E0323",
                    statement.span,
                    "a step goes on at one place, but here are two",
                    "another `goto`",
                    f"the first is at {other.span}; put them into the two parts of one `if`",
                )
        self.effects.jumps.append(jump)

    # Parts

    def _if(self, statement: tree.IfStatement, place: Place) -> None:
        condition, known = self.world.expressions.condition(statement.condition, place.scope)
        if condition is None:
            # The parts are still checked; what they do does not matter any more.
            condition = FALSE
        self.run(statement.then, place.under(condition, known, (statement.span, True)))
        self.run(statement.otherwise, place.under(fold.negate(condition), place.scope, (statement.span, False)))

    def _loop(self, statement: tree.Loop, place: Place) -> None:
        if statement.word == "each":
            self.complain(
                "E0320",
                statement.span,
                "`each` stands by itself in a step of a process",
                "cannot be inside another statement or action",
                "`all` does it for all elements at once",
            )
        bound = sets.bind(self.world.expressions, statement.binder, place.scope)
        if bound.variables is None or bound.condition is None:
            inner = replace(place, scope=bound.scope, conditions=(FALSE,))
        else:
            inner = replace(
                place,
                scope=bound.scope,
                binders=(*place.binders, *bound.variables),
                conditions=(*place.conditions, bound.condition),
            )
        self.run(statement.body, inner)

    def _either(self, statement: tree.Either, place: Place) -> None:
        if place.binders:
            self.complain("E0325", statement.span, "one branch cannot be chosen for each element", "inside `all`")
            return
        if len(statement.branches) > MOST_BRANCHES:
            self.complain(
                "E0325", statement.span, f"`either` has at most {MOST_BRANCHES} branches", f"{len(statement.branches)}"
            )
            return
        chosen = self.effects.decisions.take(len(statement.branches))
        self.run(statement.branches[chosen], place)
