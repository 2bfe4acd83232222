"""Codes about declarations: state, machine, actions and processes."""

from __future__ import annotations

from verifier.language.codes.entry import Entry

_PROTOCOL = "spec s\nstate x: bool\nsort P size 2\nprotocol {{\n  process p {{\n    a: {}\n    b: skip\n  }}\n}}"
_ACTION = "spec s\nstate x: bool\nsort P size 2\nstate f(P): bool\naction go {{ {} }}"
_MACHINE = "spec s\nsort Vm\nsort Page\nsort Address\nstate owner(Page): Vm?\nmachine {{\n  vm vm1, vm2\n  {}\n}}"
_SIZES = "spec s\nsort P size 2\nsort Q {{ q1, q2 }}\nstate f(P): bool\n{}"


def _region(gpa: str, hpa: str) -> str:
    return _MACHINE.format("region window {\n    gpa " + gpa + "\n    hpa " + hpa + "\n  }")


ENTRIES = {
    "E0301": Entry(
        "no initial value",
        "A `bool` is false and an optional none at first; other states need an initial value, by `=` or by the machine"
        " description, and so do constants.",
        "spec s\nstate x: 0 .. 3",
        "spec s\nstate x: 0 .. 3 = 0",
    ),
    "E0302": Entry(
        "a constant with any value",
        "`= any` is for state: every initial value is possible. A constant has one value.",
        "spec s\nconst x: 0 .. 3 = any",
        "spec s\nstate x: 0 .. 3 = any",
    ),
    "E0303": Entry(
        "a sort without members",
        "How many members a sort has is said by its declaration, by the machine description, or by an instance.",
        "spec s\nsort Page",
        "spec s\nsort Page\ninstance small { Page = 2 }",
    ),
    "E0304": Entry(
        "too many values",
        "Sorts, regions and the types of parameters have at most 65,536 members; numbers go up to two thousand"
        " million.",
        "spec s\nsort Page size 1000000000",
        "spec s\nsort Page size 1000",
    ),
    "E0305": Entry(
        "state where only constants can be read",
        "Initial values, sizes, ranges, limits, the machine description and arguments in scenarios are the same in"
        " every"
        " state.",
        "spec s\nstate x: bool\nstate y: bool = x",
        "spec s\nconst x: bool\nstate y: bool = x",
    ),
    "E0306": Entry(
        "a value outside of its range",
        "The initial value, and the value an instance chooses, is of the declared type.",
        "spec s\nstate x: 0 .. 3 = 4",
        "spec s\nstate x: 0 .. 4 = 4",
    ),
    "E0307": Entry(
        "too large to search",
        "A state has at most a million cells, there are at most a million initial states, and an action can happen in"
        " at"
        " most ten million ways.",
        "spec s\nsort Page size 2000\nstate f(Page, Page): bool",
        "spec s\nsort Page size 20\nstate f(Page, Page): bool",
    ),
    "E0308": Entry(
        "an assignment to something that is not state",
        "Only what is declared by `state` changes.",
        "spec s\nconst x: bool\naction go { x := true }",
        "spec s\nstate x: bool\naction go { x := true }",
    ),
    "E0309": Entry(
        "an unknown noun",
        "In the machine description, and before a name that ranges over a set, a noun is the name of a sort in lower"
        " case.",
        "spec s\nsort Device\nmachine {\n  devise nic\n}",
        "spec s\nsort Device\nmachine {\n  device nic\n}",
    ),
    "E0310": Entry(
        "an unknown setting",
        "A setting in the machine description is the name of a state or a constant, and its value.",
        "spec s\nsort Device\nconst fast(Device): bool\nmachine {\n  device nic { fats true }\n}",
        "spec s\nsort Device\nconst fast(Device): bool\nmachine {\n  device nic { fast true }\n}",
    ),
    "E0311": Entry(
        "a setting that does not fit",
        "A setting `f v` in an item `x` needs `f(X): T`, or `f(X, T): bool`, or `f(X, Address): Page?` and a region;"
        " in a"
        " region, a function of pages or addresses.",
        "spec s\nsort Device\nconst fast(bool): bool\nmachine {\n  device nic { fast true }\n}",
        "spec s\nsort Device\nconst fast(Device): bool\nmachine {\n  device nic { fast true }\n}",
    ),
    "E0312": Entry(
        "a value set twice",
        "The machine description gives a function one value for an item, and none if its initial value is `any`.",
        _region("1 .. 2", "3 .. 4\n    owner vm1\n    owner vm2"),
        _region("1 .. 2", "3 .. 4\n    owner vm1"),
    ),
    "E0313": Entry(
        "a wrong range of pages",
        "A region has pages or addresses, each once, and each range begins with its least number.",
        _region("1 .. 2", "4 .. 3"),
        _region("1 .. 2", "3 .. 4"),
    ),
    "E0314": Entry(
        "guest and host pages that do not match",
        "The first guest page of a region is the first host page, and so on, so there must be as many.",
        _region("1 .. 3", "3 .. 4"),
        _region("1 .. 2", "3 .. 4"),
    ),
    "E0315": Entry(
        "a region without the sort of its pages",
        "Host page numbers are members of sort `Page`, and guest page numbers of sort `Address`.",
        "spec s\nmachine {\n  region window {\n    hpa 1 .. 2\n  }\n}",
        "spec s\nsort Page\nmachine {\n  region window {\n    hpa 1 .. 2\n  }\n}",
    ),
    "E0316": Entry(
        "a member that the sort does not have",
        "The machine description names members of sorts that leave theirs open; of a sort that lists its members it can"
        " only describe those. Members of one sort all have numbers, or none has.",
        "spec s\nsort Vm { vm1, vm2 }\nmachine {\n  vm vm3\n}",
        "spec s\nsort Vm { vm1, vm2 }\nmachine {\n  vm vm2\n}",
    ),
    "E0317": Entry(
        "a sentence with the wrong words",
        "Between its arguments a sentence has the words of the operation's declaration.",
        "spec s\nsort P { a, b }\nstate f(P): P?\noperation give(x: P to y: P) { f(x) := y }\n"
        "action go { give a into b }",
        "spec s\nsort P { a, b }\nstate f(P): P?\noperation give(x: P to y: P) { f(x) := y }\n"
        "action go { give a to b }",
    ),
    "E0318": Entry(
        "a sentence about something that happens by itself",
        "A sentence performs an `operation`. What hardware, the environment and faults do cannot be called.",
        "spec s\nstate x: bool\nhardware tick { x := true }\naction go { tick }",
        "spec s\nstate x: bool\noperation tick { x := true }\naction go { tick }",
    ),
    "E0319": Entry(
        "`await` outside of a process",
        "A step of a process waits; other actions are possible `when` a condition holds.",
        _ACTION.format("await x"),
        _ACTION.format("when x"),
    ),
    "E0320": Entry(
        "`each` inside of something",
        "`each` cuts a step of a process into parts, so it stands by itself in the step. `all` is possible anywhere.",
        _ACTION.format("each p: P { f(p) := true }"),
        _ACTION.format("all p: P { f(p) := true }"),
    ),
    "E0321": Entry(
        "two loops in one step",
        "A step has at most one `each`, so that its parts have names: `p.a`, `p.a.each` and `p.a.end`.",
        _PROTOCOL.format("each i: P { skip }\n       each j: P { skip }"),
        _PROTOCOL.format("each i: P { skip }\n    c: each j: P { skip }"),
    ),
    "E0322": Entry(
        "`goto` in the wrong place",
        "`goto` says where a process goes on, in one of its steps or its crash, once and not for each element of"
        " `all`.",
        _ACTION.format("goto a"),
        _PROTOCOL.format("goto a"),
    ),
    "E0323": Entry(
        "two ways to go on",
        "A step goes on at one place. Two `goto` must stand in the two parts of one `if`.",
        _PROTOCOL.format("if x { goto a }\n       goto b"),
        _PROTOCOL.format("if x { goto a } else { goto b }"),
    ),
    "E0324": Entry(
        "`choose` inside of `all`",
        "`choose` picks one value for the action, not one for each element.",
        _ACTION.format("all p: P { choose b: bool; f(p) := b }"),
        _ACTION.format("choose b: bool; all p: P { f(p) := b }"),
    ),
    "E0325": Entry(
        "`either` that cannot be split",
        "`either` makes an action for each of its branches, so it cannot be inside `all`; there are at most 26"
        " branches,"
        " and 64 ways through a step.",
        _ACTION.format("all p: P { either { f(p) := true } or { skip } }"),
        _ACTION.format("either { all p: P { f(p) := true } } or { skip }"),
    ),
    "E0327": Entry(
        "a message that never arrives",
        "A process can await messages that are sent to it.",
        "spec s\nprotocol {\n  process p {\n    a: send m to q\n    b: await m\n  }\n  process q {\n    c: await m\n"
        "  }\n}",
        "spec s\nprotocol {\n  process p {\n    a: send m to q\n  }\n  process q {\n    c: await m\n  }\n}",
    ),
    "E0329": Entry(
        "`final` twice",
        "One formula says where a protocol may stop.",
        "spec s\nstate x: bool\nfinal x\nfinal not x",
        "spec s\nstate x: bool\nfinal x or not x",
    ),
    "E0330": Entry(
        "a wrong limit",
        "`at most N` is a number from 0 to 65,536. Operations happen when they are performed, so they have no limit"
        " and no"
        " fairness of their own.",
        "spec s\nstate x: bool\noperation go at most 1 { x := true }",
        "spec s\nstate x: bool\nfault go at most 1 { x := true }",
    ),
    "E0331": Entry(
        "an assertion with the name of a property",
        "The name of an assertion is that of a property of its own.",
        "spec s\nstate x: bool\naction go { assert a: x }\nalways a: x",
        "spec s\nstate x: bool\naction go { assert a: x }\nalways b: x",
    ),
    "E0332": Entry(
        "a size left open twice",
        "`for any` names each sort and region once, also if there are several such lines.",
        _SIZES.format("for any P, P >= 2"),
        _SIZES.format("for any P >= 2"),
    ),
    "E0333": Entry(
        "a least size that cannot be",
        "A sort has from 1 to 65,536 members, so the least size that `for any` asks for is such a number.",
        _SIZES.format("for any P >= 0"),
        _SIZES.format("for any P >= 1"),
    ),
    "E0334": Entry(
        "`for any` about a size that is not free",
        "Only members without names can be of any number: those of a sort that has nothing but a size, which is written"
        " as a number, and those of a region. The text must not read how many there are. Regions that have pages in"
        " common have one size together, so `for any` names all of them. It stands in a specification, not in a model.",
        _SIZES.format("for any P, Q"),
        _SIZES.format("for any P"),
    ),
    "E0335": Entry(
        "a least size that is too small for what is named",
        "A member that the text names, as `page1` or `window[1]`, must be there at all sizes that `for any` means.",
        _SIZES.format("for any P\nalways named: f(p1) implies f(p1)"),
        _SIZES.format("for any P >= 2\nalways named: f(p1) implies f(p1)"),
    ),
}
