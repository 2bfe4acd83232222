"""What goes on for ever: fairness, what is owed on a loop, and what only a fault could set going again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from verifier.engines.verdict import Behaviour
from verifier.evidence.confirm import confirm
from verifier.evidence.failing import FailingPart
from verifier.evidence.replay import ContradictionError, replay
from verifier.system.expressions import And, Constant, Equal, Expression, If, Not, Read
from verifier.system.interpreter import Interpreter
from verifier.system.system import Action, Fairness, Function, Kind, Property, PropertyKind, System, Table, Update
from verifier.system.types import BOOL, IntType

HOUR = IntType(0, 2)
NOW, GONE = Read("now", (), HOUR), Read("gone", (), BOOL)


def at(hour: int) -> Expression:
    return Equal(NOW, Constant(hour, HOUR))


def later(hour: int) -> Constant:
    return Constant((hour + 1) % 3, HOUR)


TICK = Action(
    "tick",
    Kind.HARDWARE,
    "clock",
    (),
    Constant(True, BOOL),
    (Update("now", (), If(at(0), later(0), If(at(1), later(1), later(2), HOUR), HOUR)),),
)
LEAVE = Action(
    "leave",
    Kind.STEP,
    "guest",
    (),
    And((at(1), Not(GONE))),
    (Update("gone", (), Constant(True, BOOL)),),
    fairness=Fairness.WEAK,
)
RETURN = Action("return", Kind.FAULT, "guest", (), GONE, (Update("gone", (), Constant(False, BOOL)),))
CLOCK = System(
    "clock",
    (),
    (Function("now", (), HOUR, Table((0,))), Function("gone", (), BOOL, Table((False,)))),
    (TICK, LEAVE, RETURN),
    (),
)
START = (0, False)
ROUND = Behaviour(START, (("tick", ()),) * 3, loop=0)


def confirmed(claim: Property, behaviour: Behaviour, system: System = CLOCK) -> tuple[FailingPart, ...]:
    interpreter = Interpreter(system)
    return confirm(interpreter, claim, replay(interpreter, behaviour))


def test_weak_fairness_asks_for_what_is_possible_all_the_time() -> None:
    """The guest can leave only once in every round, so it may stay for ever: unless fairness is strong."""
    leaves = Property("leaves", PropertyKind.EVENTUALLY, GONE)
    assert confirmed(leaves, ROUND)
    strong = replace(CLOCK, actions=(TICK, replace(LEAVE, fairness=Fairness.STRONG), RETURN))
    with pytest.raises(ContradictionError, match="not fair: leave is put off"):
        confirmed(leaves, ROUND, strong)


def test_what_is_owed_in_a_loop_may_come_in_the_next_round() -> None:
    """After two o'clock one o'clock comes again, though it stands before it in the trace."""
    with pytest.raises(ContradictionError, match="what is owed does happen"):
        confirmed(Property("comes", PropertyKind.LEADS_TO, at(1), at(2)), ROUND)


def test_a_fault_does_not_count_as_a_way_out() -> None:
    """The clock goes on, but nobody takes a step of the protocol any more."""
    stuck = Property("not_stuck", PropertyKind.STUCK)
    assert confirmed(stuck, Behaviour(START, (("tick", ()), ("leave", ()))))
    with pytest.raises(ContradictionError, match="remains possible"):
        confirmed(stuck, Behaviour(START, ()))


def test_a_protocol_may_stop_where_it_says_so() -> None:
    stuck = Property("not_stuck", PropertyKind.STUCK)
    with pytest.raises(ContradictionError, match="may stop"):
        confirmed(stuck, Behaviour(START, (("tick", ()), ("leave", ()))), replace(CLOCK, final=GONE))
