"""Small systems written by hand, for engines to agree on."""

from __future__ import annotations

from verifier.system.expressions import (
    TRUE,
    And,
    Constant,
    Equal,
    Exists,
    Expression,
    ForAll,
    Implies,
    IsSome,
    Not,
    Open,
    Read,
    Some,
    Variable,
)
from verifier.system.system import (
    Action,
    Function,
    Kind,
    Property,
    PropertyKind,
    System,
    Table,
    Update,
)
from verifier.system.types import BOOL, OptionalType, Sort, SortType, Type, Value, size_of


def named_sort(name: str, size: int, interchangeable: bool = True) -> Sort:
    return Sort(name, tuple(f"{name.lower()}{i}" for i in range(size)), interchangeable)


def enumeration(name: str, *members: str) -> Sort:
    return Sort(name, members, interchangeable=False)


def member(sort: Sort, name: str) -> Constant:
    return Constant(sort.members.index(name), SortType(sort))


def uniform(name: str, parameters: tuple[Type, ...], result: Type, value: Value) -> Function:
    """A state function that has the same initial value everywhere."""
    points = 1
    for kind in parameters:
        points *= size_of(kind)
    return Function(name, parameters, result, Table((value,) * points))


def action(
    name: str, parameters: tuple[Variable, ...], guard: tuple[Expression, ...], *updates: Update, kind: Kind = Kind.STEP
) -> Action:
    return Action(name, kind, "test", parameters, And(guard), updates)


def two_phase_commit(managers: int) -> System:
    """Two-phase commit as in Gray and Lamport; with three resource managers it has 288 reachable states."""
    sort = named_sort("Manager", managers)
    manager = SortType(sort)
    modes = enumeration("Mode", "working", "prepared", "committed", "aborted")
    phases = enumeration("Phase", "init", "committed", "aborted")
    rm = Variable("r", manager)

    def mode(name: str) -> Constant:
        return member(modes, name)

    def mode_is(who: Variable, name: str) -> Expression:
        return Equal(Read("mode", (who,), SortType(modes)), mode(name))

    def phase_is(name: str) -> Expression:
        return Equal(Read("phase", (), SortType(phases)), member(phases, name))

    def to(name: str) -> Update:
        return Update("mode", (rm,), mode(name))

    def relation(name: str, *arguments: Expression) -> Read:
        return Read(name, arguments, BOOL)

    def becomes_true(name: str, *arguments: Expression) -> Update:
        return Update(name, arguments, TRUE)

    def decide(name: str) -> Update:
        return Update("phase", (), member(phases, name))

    first, second = Variable("a", manager), Variable("b", manager)
    split = And((mode_is(first, "committed"), mode_is(second, "aborted")))
    return System(
        "two_phase_commit",
        (sort, modes, phases),
        (
            uniform("mode", (manager,), SortType(modes), 0),
            uniform("phase", (), SortType(phases), 0),
            uniform("heard", (manager,), BOOL, False),
            uniform("vote", (manager,), BOOL, False),
            uniform("commit_sent", (), BOOL, False),
            uniform("abort_sent", (), BOOL, False),
        ),
        (
            action("hear", (rm,), (phase_is("init"), relation("vote", rm)), becomes_true("heard", rm)),
            action(
                "commit",
                (),
                (phase_is("init"), ForAll(rm, relation("heard", rm))),
                decide("committed"),
                becomes_true("commit_sent"),
            ),
            action("abort", (), (phase_is("init"),), decide("aborted"), becomes_true("abort_sent")),
            action("prepare", (rm,), (mode_is(rm, "working"),), to("prepared"), becomes_true("vote", rm)),
            action("give_up", (rm,), (mode_is(rm, "working"),), to("aborted")),
            action("obey_commit", (rm,), (relation("commit_sent"),), to("committed")),
            action("obey_abort", (rm,), (relation("abort_sent"),), to("aborted")),
        ),
        (
            Property("consistent", PropertyKind.ALWAYS, Not(Exists(first, Exists(second, split)))),
            Property("never_committed", PropertyKind.ALWAYS, Not(Exists(first, mode_is(first, "committed")))),
            Property("can_abort", PropertyKind.REACHABLE, ForAll(first, mode_is(first, "aborted"))),
        ),
    )


def flip(pages: int, invalidates: bool = True, devices: int = 1) -> System:
    """A hand-over of pages from vm0 to vm1 under a device that may write through its IOTLB at any moment."""
    page_sort, vm_sort, device_sort = named_sort("Page", pages), named_sort("Vm", 3), named_sort("Device", devices)
    page, vm, device = SortType(page_sort), SortType(vm_sort), SortType(device_sort)
    steps = enumeration("Phase", "idle", "paused", "saved", "flipping", "mapped", "running")
    phase = SortType(steps)
    p, q, d, a = Variable("p", page), Variable("q", page), Variable("d", device), Variable("a", page)
    target = Constant(1, vm)
    maybe = OptionalType(page)

    def at(name: str) -> Expression:
        return Equal(Read("phase", (), phase), member(steps, name))

    def go(name: str) -> Update:
        return Update("phase", (), member(steps, name))

    def table(name: str) -> Read:
        return Read(name, (d, a), maybe)

    owner = Read("owner", (p,), vm)
    driver = Read("driver", (d,), vm)
    confined = ForAll(
        d,
        ForAll(
            a,
            Implies(
                And((Read("running", (d,), BOOL), IsSome(table("iotlb")))),
                Equal(Read("owner", (Open(table("iotlb"), page),), vm), driver),
            ),
        ),
    )
    drop = (Update("iotlb", (d, a), Constant(None, maybe)),) if invalidates else ()
    return System(
        "flip",
        (page_sort, vm_sort, device_sort, steps),
        (
            uniform("phase", (), phase, 0),
            uniform("owner", (page,), vm, 0),
            uniform("driver", (device,), vm, 0),
            uniform("running", (device,), BOOL, True),
            uniform("table", (device, page), maybe, None),
            uniform("iotlb", (device, page), maybe, None),
            uniform("flipped", (page,), BOOL, False),
            uniform("done", (device, page), BOOL, False),
        ),
        (
            action(
                "map",
                (d, a, p),
                (at("idle"), Equal(owner, driver)),
                Update("table", (d, a), Some(p, maybe)),
            ),
            action(
                "unmap",
                (d, a),
                (at("idle"), IsSome(table("table"))),
                Update("table", (d, a), Constant(None, maybe)),
                Update("iotlb", (d, a), Constant(None, maybe)),
            ),
            action(
                "fill", (d, a), (IsSome(table("table")),), Update("iotlb", (d, a), table("table")), kind=Kind.HARDWARE
            ),
            action("evict", (d, a), (), Update("iotlb", (d, a), Constant(None, maybe)), kind=Kind.HARDWARE),
            action("pause", (), (at("idle"),), go("paused"), Update("running", (d,), Constant(False, BOOL), (d,))),
            action("save", (), (at("paused"),), go("saved")),
            action(
                "give",
                (p,),
                (at("saved"), Not(Read("flipped", (p,), BOOL))),
                Update("owner", (p,), target),
                Update("flipped", (p,), TRUE),
            ),
            action("flipped_all", (), (at("saved"), ForAll(q, Read("flipped", (q,), BOOL))), go("flipping")),
            action(
                "clear",
                (d, a),
                (at("flipping"), Not(Read("done", (d, a), BOOL))),
                Update("table", (d, a), Constant(None, maybe)),
                Update("done", (d, a), TRUE),
                *drop,
            ),
            action(
                "hand",
                (),
                (at("flipping"), ForAll(d, ForAll(a, Read("done", (d, a), BOOL)))),
                go("mapped"),
                Update("driver", (d,), target, (d,)),
            ),
            action("remap", (d, a, p), (at("mapped"), Equal(owner, target)), Update("table", (d, a), Some(p, maybe))),
            action("run", (), (at("mapped"),), go("running"), Update("running", (d,), TRUE, (d,))),
            action(
                "release",
                (p,),
                (
                    at("running"),
                    Equal(owner, target),
                    Not(Exists(d, Exists(a, Equal(table("table"), Some(p, maybe))))),
                    *((Not(Exists(d, Exists(a, Equal(table("iotlb"), Some(p, maybe))))),) if invalidates else ()),
                ),
                Update("owner", (p,), Constant(2, vm)),
            ),
            action("return", (p,), (at("running"), Equal(owner, Constant(2, vm))), Update("owner", (p,), target)),
        ),
        (
            Property("dma_confined", PropertyKind.ALWAYS, confined),
            Property("finished", PropertyKind.REACHABLE, at("running")),
        ),
    )
