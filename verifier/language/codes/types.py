"""Codes about types and values."""

from __future__ import annotations

from verifier.language.codes.entry import Entry

_OWNER = "spec s\nsort Vm { vm1, vm2 }\nsort Page size 2\nstate owner(Page): Vm?\n"
_MACHINE = "spec s\nsort Page\nstate dirty(Page): bool\nmachine {\n  region window {\n    hpa 0x10 .. 0x11\n  }\n}\n"

ENTRIES = {
    "E0201": Entry(
        "another type is needed",
        "Each place needs a value of one type, and both sides of a comparison must be of one type.",
        "spec s\nstate x: 0 .. 3 = 0\nalways a: x == true",
        "spec s\nstate x: 0 .. 3 = 0\nalways a: x == 1",
    ),
    "E0202": Entry(
        "an optional used as if it were always there",
        "An optional can be compared with a value; to use what it holds, name it first, by a test that is known to be"
        " true"
        " there.",
        _OWNER + "state runs(Vm): bool\nalways a: all p: Page: runs(owner(p))",
        _OWNER + "state runs(Vm): bool\nalways a: all p: Page: owner(p) is v implies runs(v)",
    ),
    "E0203": Entry(
        "too many or too few arguments",
        "A function is given one argument for each of its parameters.",
        _OWNER + "always a: owner == vm1",
        _OWNER + "always a: all p: Page: owner(p) == vm1",
    ),
    "E0204": Entry(
        "an argument that may not fit",
        "The type of a number is the range of what it may be: `x + 1` may be one more than `x`. An argument must be in"
        " the"
        " range of the parameter whatever the state is.",
        "spec s\nstate x: 0 .. 3 = 0\nstate seen(0 .. 3): bool\nalways a: seen(x + 1)",
        "spec s\nstate x: 0 .. 3 = 0\nstate seen(0 .. 4): bool\nalways a: seen(x + 1)",
    ),
    "E0206": Entry(
        "none where nothing can be none",
        "`none` is a value of optional types only, and a comparison must say of which one.",
        "spec s\nstate x: 0 .. 3 = none",
        "spec s\nenum E { a, b }\nstate x: E? = none",
    ),
    "E0207": Entry(
        "no page or address with this number",
        "A number stands for the page or address that has it. In this instance no region has it: an instance that"
        " makes a"
        " region smaller keeps the first pages.",
        _MACHINE + "always a: dirty(0x12)",
        _MACHINE + "always a: dirty(0x11)",
    ),
    "E0208": Entry(
        "no such position in a region",
        "`window[0]` is the first page of the region. Positions go up to the size of the region, in this instance.",
        _MACHINE + "always a: dirty(window[2])",
        _MACHINE + "always a: dirty(window[1])",
    ),
    "E0209": Entry(
        "`next` outside of a step property",
        "Only a `step` property is about two states, the one before and the one after a step.",
        "spec s\nstate x: bool\nalways a: x implies next(x)",
        "spec s\nstate x: bool\nstep a: x implies next(x)",
    ),
    "E0210": Entry(
        "a number is needed",
        "Only numbers can be added, and ordered by `<`. Members of a sort can be compared for equality; `number(a)` is"
        " the"
        " position of a member, from 0.",
        "spec s\nsort Page size 3\nalways a: all p: Page: p == p or p < 1",
        "spec s\nsort Page size 3\nalways a: all p: Page: p == p or number(p) < 1",
    ),
    "E0211": Entry(
        "a member after `is`",
        "After an optional, `is` gives a new name to what it holds. A comparison with a member is written `==`.",
        _OWNER + "always a: all p: Page: owner(p) is vm1",
        _OWNER + "always a: all p: Page: owner(p) == vm1",
    ),
    "E0212": Entry(
        "a new name after `is not`",
        "Where an optional is not something there is nothing to name.",
        _OWNER + "always a: all p: Page: owner(p) is not v",
        _OWNER + "always a: all p: Page: owner(p) is not none",
    ),
    "E0214": Entry(
        "something that becomes too large",
        "What definitions and operations stand for, all together, the numbers that may come out of a computation, and"
        " the"
        " work that a constant takes are limited, so that every specification is read in a short time.",
        "spec s\nconst big: 0 .. 2000000000 = 1\nstate x: 0 .. 2000000000 = 1\nalways a: x * x * x < 5",
        "spec s\nconst big: 0 .. 2000000000 = 1\nstate x: 0 .. 2000 = 1\nalways a: x * x * x < 5",
    ),
    "E0215": Entry(
        "nested too deeply",
        "Expressions, definitions and operations in each other have at most a hundred levels, and constants that"
        " depend on"
        " constants twenty.",
    ),
    "E0216": Entry(
        "a type that cannot stand here",
        "Parameters of states and actions, and names in quantifiers, have types that can be counted: `bool`, a range,"
        " a sort"
        " or an enumeration that has a name.",
        "spec s\nsort Vm { vm1 }\nstate f(Vm?): bool",
        "spec s\nsort Vm { vm1 }\nstate f(Vm): bool",
    ),
    "E0217": Entry(
        "an empty range",
        "A range begins with its least number.",
        "spec s\nstate x: 3 .. 0 = 1",
        "spec s\nstate x: 0 .. 3 = 1",
    ),
    "E0218": Entry(
        "`count` with several names",
        "`count p: Page: e` is for how many values of one name e holds.",
        "spec s\nsort P size 2\nstate f(P): bool\nalways a: (count p, q: P: f(p) and f(q)) < 3",
        "spec s\nsort P size 2\nstate f(P): bool\nalways a: (count p: P: f(p)) < 3",
    ),
    "E0219": Entry(
        "a value or a type that depends on itself",
        "What a constant is, and how large a type is, must be found before it is used.",
        "spec s\nconst a: 0 .. 5 = b\nconst b: 0 .. 5 = a",
        "spec s\nconst a: 0 .. 5 = b\nconst b: 0 .. 5 = 2",
    ),
    "E0221": Entry(
        "a name for what was there before, in `next`",
        "`o is v` calls v what o holds before the step; inside `next` everything is looked at after it.",
        "spec s\nenum V { a, b }\nstate o: V? = a\nstep kept: o is v implies next(o == v)",
        "spec s\nenum V { a, b }\nstate o: V? = a\nstep kept: o is v implies next(o) == v",
    ),
    "E0220": Entry(
        "`next` in `next`",
        "A step property is about one step.",
        "spec s\nstate x: bool\nstep a: x implies next(next(x))",
        "spec s\nstate x: bool\nstep a: x implies next(x)",
    ),
}
