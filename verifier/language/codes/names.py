"""Codes about names: what they stand for, and where that is not clear."""

from __future__ import annotations

from verifier.language.codes.entry import Entry

_OWNER = "spec s\nsort Vm { vm1, vm2 }\nstate owner: Vm?\n"
_PROCESS = "spec s\nprotocol {\n  process p {\n    first: skip\n  }\n}\n"

ENTRIES = {
    "E0101": Entry(
        "an unknown name in an expression",
        "A name in an expression is that of a parameter or of another local name, of a state, a constant or a"
        " definition,"
        " or of a member of a type.",
        _OWNER + "always held: ownr == vm1",
        _OWNER + "always held: owner == vm1",
    ),
    "E0102": Entry(
        "an unknown type",
        "A type is `bool`, a range such as `0 .. 3`, or the name of a sort or an enumeration; `?` after it adds none.",
        "spec s\nstate ready: boolean",
        "spec s\nstate ready: bool",
    ),
    "E0103": Entry(
        "a name declared twice",
        "Within one kind of thing (types, states and constants and definitions, actions, processes, labels of a"
        " process,"
        " properties, ...) a name is declared once, in all files together.",
        "spec s\nstate ready: bool\nstate ready: bool",
        "spec s\nstate ready: bool\nstate started: bool",
    ),
    "E0104": Entry(
        "an unknown operation",
        "A sentence such as `stop nic` begins with the name of an `operation`.",
        "spec s\nstate busy: bool\noperation stop() { busy := false }\naction a { stopp }",
        "spec s\nstate busy: bool\noperation stop() { busy := false }\naction a { stop }",
    ),
    "E0105": Entry(
        "an unknown process",
        "`p at label` and `send m to p` are about a process of the protocol.",
        _PROCESS + "always fine: q at first",
        _PROCESS + "always fine: p at first",
    ),
    "E0106": Entry(
        "an unknown label",
        "A process has the labels of its steps; besides, it can be at `done` and at `crashed`.",
        _PROCESS + "never early: p at frist",
        _PROCESS + "never early: p at first",
    ),
    "E0107": Entry(
        "an unknown set",
        "A set is a region, a sort, or members listed between braces.",
        "spec s\nsort Page size 2\nstate free(Page): bool\nalways all_free: all p in Pages: free(p)",
        "spec s\nsort Page size 2\nstate free(Page): bool\nalways all_free: all p in Page: free(p)",
    ),
    "E0108": Entry(
        "a member of several types",
        "The name is a member of more than one type, and nothing around it says which one is meant.",
        "spec s\nenum A { x, y }\nenum B { x, z }\nalways odd: x in { x }",
        "spec s\nenum A { x, y }\nenum B { x, z }\nstate a: A = y\nalways odd: a in { x, y }",
    ),
    "E0109": Entry(
        "a name with a meaning of its own",
        "`next` and `number` are used like functions, a process that has no step to do is at `done` or `crashed`, and"
        " `not_stuck`, `in_range` and `single_write` are properties of every specification.",
        "spec s\nstate ready: bool\nalways in_range: ready or not ready",
        "spec s\nstate ready: bool\nalways within_range: ready or not ready",
    ),
    "E0110": Entry(
        "a member and a value with one name",
        "A member of a type and a state, constant or definition without parameters would be written the same way, as"
        " would a message and such a value after `await`.",
        "spec s\nenum Status { running, stopped }\nstate status: Status = stopped\nstate running: bool",
        "spec s\nenum Status { running, stopped }\nstate status: Status = stopped\nstate is_running: bool",
    ),
    "E0111": Entry(
        "a local name that has a meaning already",
        "A new name must not hide another one: parameters, names of quantifiers and loops, and names after `is`.",
        "spec s\nsort P size 2\nstate f(P): bool\nalways a: all p: P: some p: P: f(p)",
        "spec s\nsort P size 2\nstate f(P): bool\nalways a: all p: P: some q: P: f(q)",
    ),
    "E0112": Entry(
        "an unknown message",
        "`message m may be lost` is about a message that some process sends.",
        "spec s\nprotocol {\n  message go may be lost\n  process p {\n    a: await start\n  }\n  process q {\n"
        "    b: send start to p\n  }\n}\nstate start_seen: bool",
        "spec s\nprotocol {\n  message start may be lost\n  process p {\n    a: await start\n  }\n  process q {\n"
        "    b: send start to p\n  }\n}",
    ),
    "E0113": Entry(
        "an unknown status",
        "`nic is stopped` asks for the state over the sort of `nic` whose enumeration has a member `stopped`. There is"
        " none"
        " with such a member.",
        "spec s\nsort Device { nic }\nstate run(Device): { busy, idle } = busy\nalways a: nic is stopped",
        "spec s\nsort Device { nic }\nstate run(Device): { busy, idle } = busy\nalways a: nic is idle",
    ),
    "E0114": Entry(
        "a status of several states",
        "More than one state over the sort has an enumeration with this member.",
        "spec s\nsort D { nic }\nstate run(D): { busy, idle } = busy\nstate power(D): { busy, idle } = busy\n"
        "always a: nic is busy",
        "spec s\nsort D { nic }\nstate run(D): { busy, idle } = busy\nstate power(D): { busy, idle } = busy\n"
        "always a: run(nic) == busy",
    ),
    "E0116": Entry(
        "two things with one name",
        "A step is called `process.label`, a branch `action.a`, a lost message `message.lost`: these must not meet.",
        "spec s\nstate n: 0 .. 3 = 0\naction claim { either { n := 1 } or { n := 2 } }\n"
        "protocol { process claim { a: n := 3 } }",
        "spec s\nstate n: 0 .. 3 = 0\naction claim { either { n := 1 } or { n := 2 } }\n"
        "protocol { process claimant { a: n := 3 } }",
    ),
    "E0115": Entry(
        "a definition that uses itself",
        "Definitions and operations are replaced by their bodies, which would never end.",
        "spec s\nstate x: bool\ndefine a = x and b\ndefine b = x or a",
        "spec s\nstate x: bool\ndefine a = x and b\ndefine b = not x",
    ),
}
