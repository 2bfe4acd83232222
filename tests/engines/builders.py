"""Hand-written systems for tests, and the few words that make them readable."""

from __future__ import annotations

from verifier.system.expressions import (
    FALSE,
    TRUE,
    And,
    Arithmetic,
    Constant,
    Equal,
    Exists,
    Expression,
    ForAll,
    If,
    Implies,
    IsSome,
    Less,
    Not,
    Open,
    Or,
    Read,
    Some,
    Variable,
)
from verifier.system.system import (
    Action,
    Fairness,
    Function,
    Kind,
    Property,
    PropertyKind,
    System,
    Table,
    Update,
)
from verifier.system.types import BOOL, IntType, OptionalType, Sort, SortType, Type, Value, size_of


def enumeration(name: str, *members: str) -> SortType:
    return SortType(Sort(name, members, interchangeable=False))


def scalarset(name: str, size: int) -> SortType:
    return SortType(Sort(name, tuple(f"{name.lower()}{i}" for i in range(size)), interchangeable=True))


def member(kind: Type, name: str) -> Constant:
    assert isinstance(kind, SortType)
    return Constant(kind.sort.members.index(name), kind)


def everywhere(name: str, parameters: tuple[Type, ...], result: Type, value: Value) -> Function:
    """A state function with one initial value at all points."""
    points = 1
    for kind in parameters:
        points *= size_of(kind)
    return Function(name, parameters, result, Table((value,) * points))


def read(function: Function, *arguments: Expression) -> Read:
    return Read(function.name, arguments, function.result)


def put(function: Function, *arguments: Expression, value: Expression) -> Update:
    return Update(function.name, arguments, value)


def step(
    name: str,
    parameters: tuple[Variable, ...] = (),
    guard: Expression = TRUE,
    *updates: Update,
    kind: Kind = Kind.STEP,
    fairness: Fairness = Fairness.NONE,
    fair_parameters: int = 0,
) -> Action:
    return Action(
        name, kind, "actor", parameters, guard, updates, fairness=fairness, fair_parameters=fair_parameters, step=name
    )


def system(
    name: str,
    functions: tuple[Function, ...],
    actions: tuple[Action, ...],
    *properties: Property,
    final: Expression = TRUE,
) -> System:
    sorts = {kind.sort: None for f in functions for kind in (*f.parameters, f.result) if isinstance(kind, SortType)}
    return System(name, tuple(sorts), functions, actions, properties, final)


def always(name: str, formula: Expression) -> Property:
    return Property(name, PropertyKind.ALWAYS, formula)


def reachable(name: str, formula: Expression) -> Property:
    return Property(name, PropertyKind.REACHABLE, formula)


def two_phase_commit(managers: int, symmetric: bool = False) -> System:
    """Gray and Lamport's TwoPhase.tla: the messages are a growing set."""
    manager = SortType(Sort("Rm", tuple(f"rm{i}" for i in range(managers)), symmetric))
    state = enumeration("RmState", "working", "prepared", "committed", "aborted")
    phase = enumeration("TmState", "init", "committed", "aborted")
    r, q = Variable("r", manager), Variable("q", manager)
    rm = everywhere("rm_state", (manager,), state, 0)
    tm = everywhere("tm_state", (), phase, 0)
    prepared = everywhere("tm_prepared", (manager,), BOOL, False)
    vote = everywhere("vote", (manager,), BOOL, False)
    commit = everywhere("commit", (), BOOL, False)
    abort = everywhere("abort", (), BOOL, False)
    starting = Equal(read(tm), member(phase, "init"))
    yes = Constant(True, BOOL)

    def at(variable: Variable, name: str) -> Expression:
        return Equal(read(rm, variable), member(state, name))

    actions = (
        step("TMRcvPrepared", (r,), And((starting, read(vote, r))), put(prepared, r, value=yes)),
        step(
            "TMCommit",
            (),
            And((starting, ForAll(r, read(prepared, r)))),
            put(tm, value=member(phase, "committed")),
            put(commit, value=yes),
        ),
        step("TMAbort", (), starting, put(tm, value=member(phase, "aborted")), put(abort, value=yes)),
        step("RMPrepare", (r,), at(r, "working"), put(rm, r, value=member(state, "prepared")), put(vote, r, value=yes)),
        step("RMChooseToAbort", (r,), at(r, "working"), put(rm, r, value=member(state, "aborted"))),
        step("RMRcvCommitMsg", (r,), read(commit), put(rm, r, value=member(state, "committed"))),
        step("RMRcvAbortMsg", (r,), read(abort), put(rm, r, value=member(state, "aborted"))),
    )
    disagreement = Exists(r, Exists(q, And((at(r, "aborted"), at(q, "committed")))))
    return system(
        "two_phase_commit",
        (rm, tm, prepared, vote, commit, abort),
        actions,
        always("consistent", Not(disagreement)),
        reachable("all_commit", ForAll(r, at(r, "committed"))),
        always("never_aborts", Not(read(abort))),
    )


def peterson(processes: int) -> System:
    """CMurphi's n_peterson: mutual exclusion for any number of processes, in rounds 1 .. n - 1."""
    pid = scalarset("Pid", processes)
    label = enumeration("Label", "l0", "l1", "l2", "l3", "l4")
    number = IntType(0, processes)
    i, k = Variable("i", pid), Variable("k", pid)
    at = everywhere("at", (pid,), label, 0)
    flag = everywhere("flag", (pid,), number, 0)
    turn = everywhere("turn", (number,), OptionalType(pid), None)
    local = everywhere("local", (pid,), number, 0)
    one = Constant(1, IntType(1, 1))
    more = Arithmetic("+", read(local, i), one, IntType(1, processes + 1))

    def here(name: str) -> Expression:
        return Equal(read(at, i), member(label, name))

    def go(name: str) -> Update:
        return put(at, i, value=member(label, name))

    ahead = ForAll(k, Implies(Not(Equal(k, i)), Less(read(flag, k), read(local, i))))
    me = Some(i, OptionalType(pid))
    overtaken = Not(Equal(read(turn, read(local, i)), me))
    next_round = Less(more, Constant(processes, IntType(processes, processes)))
    after = If(next_round, member(label, "l1"), member(label, "l4"), label)
    actions = (
        step("start", (i,), here("l0"), put(local, i, value=one), go("l1")),
        step("set_flag", (i,), here("l1"), put(flag, i, value=read(local, i)), go("l2")),
        step("set_turn", (i,), here("l2"), put(turn, read(local, i), value=me), go("l3")),
        step(
            "wait", (i,), And((here("l3"), Or((ahead, overtaken)))), put(local, i, value=more), put(at, i, value=after)
        ),
        step("leave", (i,), here("l4"), put(flag, i, value=one), go("l0")),
    )
    critical = And((here("l4"), Equal(read(at, k), member(label, "l4"))))
    exclusion = ForAll(i, ForAll(k, Implies(critical, Equal(i, k))))
    return system("peterson", (at, flag, turn, local), actions, always("exclusion", exclusion))


def mcs_lock(processes: int) -> System:
    """CMurphi's mcslock1: a queue lock, whose cells hold processes; a read of an absent one is a step not taken."""
    pid = scalarset("Pid", processes)
    maybe = OptionalType(pid)
    label = enumeration("Label", *(f"l{n}" for n in range(10)))
    i, k = Variable("i", pid), Variable("k", pid)
    at = everywhere("at", (pid,), label, 0)
    after = everywhere("after", (pid,), maybe, None)
    locked = everywhere("locked", (pid,), BOOL, False)
    before = everywhere("before", (pid,), maybe, None)
    lock = everywhere("lock", (), maybe, None)
    nobody = Constant(None, maybe)
    me = Some(i, maybe)

    def here(name: str) -> Expression:
        return Equal(read(at, i), member(label, name))

    def go(name: str) -> Update:
        return put(at, i, value=member(label, name))

    def fork(condition: Expression, yes: str, no: str) -> Update:
        return put(at, i, value=If(condition, member(label, yes), member(label, no), label))

    def present(optional: Expression) -> Expression:
        return IsSome(optional)

    mine = Equal(read(lock), me)
    waits = present(read(before, i))
    queued = present(read(after, i))
    actions = (
        step("start", (i,), here("l0"), put(after, i, value=nobody), go("l1")),
        step("swap", (i,), here("l1"), put(before, i, value=read(lock)), put(lock, value=me), go("l2")),
        step("look", (i,), here("l2"), fork(waits, "l3", "l6")),
        step("close", (i,), here("l3"), put(locked, i, value=TRUE), go("l4")),
        step("link", (i,), And((here("l4"), waits)), put(after, Open(read(before, i), pid), value=me), go("l5")),
        step("spin", (i,), And((here("l5"), Not(read(locked, i)))), go("l6")),
        step("leave", (i,), here("l6"), fork(queued, "l9", "l7")),
        step("drop", (i,), And((here("l7"), mine)), put(lock, value=nobody), go("l0")),
        step("keep", (i,), And((here("l7"), Not(mine))), go("l8")),
        step("wait", (i,), And((here("l8"), queued)), go("l9")),
        step("pass", (i,), And((here("l9"), queued)), put(locked, Open(read(after, i), pid), value=FALSE), go("l0")),
    )
    critical = And((here("l6"), Equal(read(at, k), member(label, "l6"))))
    exclusion = ForAll(i, ForAll(k, Implies(critical, Equal(i, k))))
    return system("mcs_lock", (at, after, locked, before, lock), actions, always("exclusion", exclusion))


def window(pages: int, others: int = 1) -> System:
    """A small hand-over: addresses and pages of a window are tied by `frame`; the last pages belong to someone else.

    The saved context is in the first page of the window. Tables and a cache hold pages of their own address.
    """
    address = scalarset("Address", pages)
    page = scalarset("Page", pages + others)
    maybe = OptionalType(page)
    vm = enumeration("Vm", "vm1", "vm2", "bystander")
    a, p = Variable("a", address), Variable("p", page)
    frame = Function("frame", (address,), page, Table(tuple(range(pages))), constant=True)
    owner = Function("owner", (page,), vm, Table((0,) * pages + (2,) * others))
    table = everywhere("table", (address,), maybe, None)
    cache = everywhere("cache", (address,), maybe, None)
    saved = Constant(0, page)
    actions = (
        step("give", (p,), Equal(read(owner, p), member(vm, "vm1")), put(owner, p, value=member(vm, "vm2"))),
        step(
            "map",
            (a,),
            Equal(read(owner, read(frame, a)), member(vm, "vm2")),
            put(table, a, value=Some(read(frame, a), maybe)),
        ),
        step("fill", (a,), IsSome(read(table, a)), put(cache, a, value=read(table, a)), kind=Kind.HARDWARE),
        step(
            "reclaim",
            (),
            Equal(read(owner, saved), member(vm, "vm2")),
            put(owner, saved, value=member(vm, "bystander")),
            kind=Kind.FAULT,
        ),
    )
    cached = IsSome(read(cache, a))
    claims = (
        reachable("all_cached", ForAll(a, cached)),
        always(
            "confined",
            ForAll(a, Implies(cached, Equal(read(owner, Open(read(cache, a), page)), member(vm, "vm2")))),
        ),
    )
    return system("window", (frame, owner, table, cache), actions, *claims)
