"""Messages: what waits in the inbox of a process, and how it may go wrong on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.language import tree
from verifier.language.elaborate import fold
from verifier.language.elaborate.budgets import Budget, budget
from verifier.language.elaborate.declarations import Declarations
from verifier.language.elaborate.effects import Place
from verifier.language.elaborate.problems import Problems, did_you_mean, listed
from verifier.language.elaborate.scope import Scope
from verifier.language.elaborate.syntax import body_of, statements
from verifier.system.expressions import FALSE, TRUE, Constant, Expression, Read, Variable
from verifier.system.span import Span
from verifier.system.system import Action, Call, Formula, Function, Kind, Table, Update
from verifier.system.types import BOOL, Type

if TYPE_CHECKING:
    from verifier.language.elaborate.statements import Statements
    from verifier.language.elaborate.world import World


@dataclass(frozen=True, slots=True)
class MessagePlan:
    """A message and the processes it is ever sent to."""

    name: str
    receivers: tuple[str, ...]
    mishaps: tuple[tree.Message, ...]
    span: Span

    def inbox(self, receiver: str) -> str:
        """The state function that says whether the message waits there."""
        return f"inbox.{self.name}" if len(self.receivers) == 1 else f"inbox.{receiver}.{self.name}"

    def sent(self, receiver: str) -> str:
        """The state function that says whether the message has ever been sent there."""
        return f"sent.{self.inbox(receiver).removeprefix('inbox.')}"

    def mishap(self, receiver: str, word: str) -> str:
        """The name of the fault."""
        return f"{self.name}.{word}" if len(self.receivers) == 1 else f"{receiver}.{self.name}.{word}"

    @property
    def may_repeat(self) -> bool:
        return any(mishap.may == "repeated" for mishap in self.mishaps)


def sends(declared: Declarations) -> tuple[tree.Send, ...]:
    """Every `send` in the text."""
    every: tuple[tree.ActionDecl | tree.Process, ...] = (*declared.actions.values(), *declared.processes.values())
    return tuple(
        statement
        for happening in every
        for statement in statements(body_of(happening))
        if isinstance(statement, tree.Send)
    )


def plan_messages(declared: Declarations, problems: Problems) -> dict[str, MessagePlan]:
    """Every message that is sent somewhere, in the order of the text."""
    receivers: dict[str, dict[str, None]] = {}
    spans: dict[str, Span] = {}
    for send in (*sends(declared), *declared.former_sends):
        if send.receiver.text in declared.processes:
            receivers.setdefault(send.message.text, {})[send.receiver.text] = None
            spans.setdefault(send.message.text, send.message.span)
    mishaps: dict[str, list[tree.Message]] = {name: [] for name in receivers}
    for message in declared.messages:
        name = message.name
        if name.text not in receivers:
            problems.error(
                "E0112",
                name.span,
                f"no process sends a message `{name.text}`",
                "unknown message",
                did_you_mean(name.text, receivers),
            )
            continue
        if any(other.may == message.may for other in mishaps[name.text]):
            problems.error("E0103", name.span, f"that `{name.text}` may be {message.may} is declared twice", "again")
        mishaps[name.text].append(message)
    for sent in receivers:
        value = declared.functions.get(sent) or declared.defines.get(sent)
        if value is not None and not value.parameters:
            problems.error(
                "E0110",
                spans[sent],
                f"the message `{sent}` has the name of a value, so `await {sent}` could mean both",
                "a message here",
                f"rename one of them; the value is declared at {value.name.span}",
            )
    return {name: MessagePlan(name, tuple(to), tuple(mishaps[name]), spans[name]) for name, to in receivers.items()}


def warn_unread(world: World) -> None:
    """Messages that nobody takes, which is rarely meant."""
    awaited: set[tuple[str, str]] = set()
    for name, process in world.declared.processes.items():
        for node in statements(body_of(process)):
            if isinstance(node, tree.Guard) and isinstance(node.condition, tree.Reference):
                awaited.add((node.condition.name.text, name))
    for send in sends(world.declared):
        message, receiver = send.message.text, send.receiver.text
        if receiver in world.declared.processes and (message, receiver) not in awaited:
            world.problems.warning(
                "W0502", send.span, f"process `{receiver}` never awaits `{message}`", "sent, and never taken"
            )


# Statements


def send(body: Statements, statement: tree.Send, place: Place) -> None:
    world = body.world
    message = world.messages.get(statement.message.text)
    if statement.receiver.text not in world.declared.processes or message is None:
        body.complain(
            "E0105",
            statement.receiver.span,
            f"there is no process `{statement.receiver.text}` to send to",
            "unknown process",
            did_you_mean(statement.receiver.text, world.declared.processes),
        )
        return
    receiver = world.plan(statement.receiver.text)
    happens = place.happens()
    if receiver is None or happens == FALSE:
        return
    scope, everyone = place.scope, []
    for index, kind in enumerate(receiver.parameters, start=1):
        scope, variable = scope.declare(f"to_{index}", kind)
        assert variable is not None
        everyone.append(variable)
    point = tuple(everyone)
    functions = [message.inbox(receiver.name)] + ([message.sent(receiver.name)] if message.may_repeat else [])
    body.effects.updates.extend(Update(function, point, TRUE, point, happens, statement.span) for function in functions)


def awaited(condition: tree.Expr, world: World, scope: Scope) -> MessagePlan | None:
    """The message that `await` waits for, if that is what is meant."""
    match condition:
        case tree.Reference(name, None, _) if name.text not in scope.names:
            return world.messages.get(name.text)
        case _:
            return None


def take(body: Statements, message: MessagePlan, statement: tree.Guard, place: Place) -> None:
    process = body.process
    assert process is not None
    if process.name not in message.receivers:
        body.complain(
            "E0327",
            statement.span,
            f"the message `{message.name}` is never sent to `{process.name}`",
            "waits for ever",
            f"it is sent to {listed(message.receivers)}",
        )
        return
    if place.binders:
        body.complain("E0327", statement.span, "a message is taken once, not for each element", "inside `all`")
        return
    inbox, here = message.inbox(process.name), body.process_arguments
    body.effects.require(Read(inbox, here, BOOL), place, statement.span)
    body.effects.updates.append(Update(inbox, here, fold.truth(False), (), place.condition, statement.span))


# State and faults


def message_functions(message: MessagePlan, world: World) -> list[Function]:
    made = []
    for receiver in message.receivers:
        process = world.plan(receiver)
        if process is None:
            continue
        names = [message.inbox(receiver)] + ([message.sent(receiver)] if message.may_repeat else [])
        made += [initially(name, process.parameters, FALSE, message.span) for name in names]
    return made


def initially(name: str, parameters: tuple[Type, ...], value: Expression, span: Span) -> Function:
    """A piece of state with one initial value everywhere; `value` is a constant."""
    variables = tuple(Variable(f"_{index}", kind) for index, kind in enumerate(parameters, start=1))
    if not parameters:
        assert isinstance(value, Constant)
        return Function(name, (), value.type, Table((value.value,)), span=span)
    return Function(name, parameters, value.type, Formula(variables, value), span=span)


def mishaps(message: MessagePlan, world: World) -> tuple[list[Budget], list[Action]]:
    """The faults of a message, and how often they may strike."""
    budgets: list[Budget] = []
    actions: list[Action] = []
    for declared in message.mishaps:
        allowance = budget(f"{message.name}.{declared.may}", declared.limit, (), world)
        budgets += [allowance] if allowance is not None else []
        for receiver in message.receivers:
            process = world.plan(receiver)
            if process is not None:
                actions.append(_mishap(message, declared, receiver, process.parameters, allowance))
    return budgets, actions


def _mishap(
    message: MessagePlan, declared: tree.Message, receiver: str, kinds: tuple[Type, ...], allowance: Budget | None
) -> Action:
    name, inbox = message.mishap(receiver, declared.may), message.inbox(receiver)
    point = tuple(Variable(f"receiver_{index}", kind) for index, kind in enumerate(kinds, start=1))
    waits = Read(inbox, point, BOOL)
    if declared.may == "lost":
        possible: Expression = waits
    else:
        possible = fold.both(Read(message.sent(receiver), point, BOOL), fold.negate(waits))
    updates = [Update(inbox, point, fold.truth(declared.may == "repeated"), span=declared.span)]
    if allowance is not None:
        possible = fold.both(possible, allowance.left_over())
        updates += allowance.spend()
    return Action(
        name, Kind.FAULT, receiver, point, possible, tuple(updates), calls=(Call(name, point),), span=declared.span
    )
