"""One small system, written by hand: a page at a time goes from vm1 to vm2, and a device that must be stopped first."""

from __future__ import annotations

from verifier.system.expressions import (
    TRUE,
    And,
    Arithmetic,
    Constant,
    Equal,
    Exists,
    Expression,
    ForAll,
    Implies,
    Next,
    Not,
    Or,
    Read,
    Some,
    Variable,
)
from verifier.system.span import Span
from verifier.system.system import (
    Action,
    Assertion,
    Check,
    Fairness,
    Function,
    Gap,
    Kind,
    Perform,
    Property,
    PropertyKind,
    Scenario,
    System,
    Table,
    Update,
)
from verifier.system.types import BOOL, IntType, OptionalType, Sort, SortType

PAGE = SortType(Sort("Page", ("0xe1", "0xe2", "0xe3"), interchangeable=True, numbers=(0xE1, 0xE2, 0xE3)))
VM = SortType(Sort("Vm", ("vm1", "vm2"), interchangeable=False))
OWNER = OptionalType(VM)
GIVEN = IntType(0, 2)
VM1, VM2 = Constant(0, VM), Constant(1, VM)
P, Q = Variable("p", PAGE), Variable("q", PAGE)
ON = Read("on", (), BOOL)
COUNT = Read("given", (), GIVEN)


def span(line: int) -> Span:
    return Span("hand.flip", line, 1, line, 9)


def owner(page: Expression) -> Read:
    return Read("owner", (page,), OWNER)


def owned(page: Expression, vm: Expression) -> Expression:
    return Equal(owner(page), Some(vm, OWNER))


GIVE = Action(
    "hv1.give",
    Kind.STEP,
    "hv1",
    (P,),
    owned(P, VM1),
    (
        Update("owner", (P,), Some(VM2, OWNER)),
        Update("given", (), Arithmetic("+", COUNT, Constant(1, IntType(1, 1)), IntType(1, 3))),
    ),
    assertions=(Assertion("stopped_first", Not(ON), span=span(12)),),
    fairness=Fairness.WEAK,
    step="hv1.give",
    span=span(11),
)
STOP = Action("nic.stop", Kind.HARDWARE, "nic", (), ON, (Update("on", (), Constant(False, BOOL)),), span=span(20))
TWICE = Action(
    "hv1.twice",
    Kind.FAULT,
    "hv1",
    (),
    TRUE,
    (Update("on", (), Constant(False, BOOL)), Update("on", (), Constant(True, BOOL))),
    span=span(30),
)

ALL_GIVEN = ForAll(P, owned(P, VM2))


def scenario(name: str, *happenings: Perform | Gap | Check, possible: bool = True) -> Property:
    return Property(name, PropertyKind.SCENARIO, scenario=Scenario(happenings, possible), span=span(90))


def claim(name: str, kind: PropertyKind, formula: Expression = TRUE, trigger: Expression = TRUE) -> Property:
    return Property(name, kind, formula, trigger, text=f"{name}'s text", span=span(40))


NO_VM2 = claim("no_vm2", PropertyKind.ALWAYS, ForAll(P, Implies(Not(ON), owned(P, VM1))))
TOGETHER = claim("together", PropertyKind.ALWAYS, Not(Exists(P, Exists(Q, And((owned(P, VM1), owned(Q, VM2)))))))
KEPT = claim("kept", PropertyKind.STEP, ForAll(P, Equal(owner(P), Next(owner(P)))))
MIDWAY = claim("midway", PropertyKind.REACHABLE, Exists(P, owned(P, VM2)))
FINISHED = claim("finished", PropertyKind.EVENTUALLY, ALL_GIVEN)
ANSWERED = claim("answered", PropertyKind.LEADS_TO, Not(ON), Exists(P, owned(P, VM2)))
STOPPED_FIRST = claim("stopped_first", PropertyKind.ASSERTION)
IN_RANGE = claim("in_range", PropertyKind.RANGE)
SINGLE_WRITE = claim("single_write", PropertyKind.CONFLICT)
NOT_STUCK = claim("not_stuck", PropertyKind.STUCK)
EITHER = claim("either", PropertyKind.ALWAYS, Or((ON, ALL_GIVEN)))
ONE_GIVEN = scenario("one_given", Gap(), Perform("hv1.give", (None,)), Check(Not(ON)))
FIRST_GIVEN = scenario("first_given", Perform("hv1.give", (0,)))
NEVER_STOPPED = scenario("never_stopped", Gap(), Perform("nic.stop", ()), Gap(), possible=False)

SYSTEM = System(
    "hand",
    (PAGE.sort, VM.sort),
    (
        Function("owner", (PAGE,), OWNER, Table((0, 0, 0))),
        Function("on", (), BOOL, Table((True,))),
        Function("given", (), GIVEN, Table((0,))),
    ),
    (GIVE, STOP, TWICE),
    (
        NO_VM2,
        TOGETHER,
        KEPT,
        MIDWAY,
        FINISHED,
        ANSWERED,
        STOPPED_FIRST,
        IN_RANGE,
        SINGLE_WRITE,
        NOT_STUCK,
        EITHER,
        ONE_GIVEN,
        NEVER_STOPPED,
    ),
)
"""`given` has no room for the third page: giving it leaves the range, so at most two pages are ever given."""

INITIAL = (0, 0, 0, True, 0)
