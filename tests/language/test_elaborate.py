"""What specifications mean: each test is a line of docs/language.md, on a text that is as small as it can be."""

from __future__ import annotations

import pytest

from tests.language.elaborating import complaints, elaborated, happening, initially, reachable, specification, system_of
from verifier.language.show import show
from verifier.system.expressions import Constant, Read
from verifier.system.interpreter import AssertionFailed, Interpreter, OutOfRange, WrittenTwice
from verifier.system.system import Anything, Fairness, Formula, Kind, PropertyKind, Table
from verifier.system.types import IntType, render

# Types, state, constants


def test_sorts_get_their_members() -> None:
    """By a size, by names, by the machine description with numbers from regions, or by an instance."""
    sorts = {
        sort.name: sort
        for sort in system_of(
            "sort A size 2\nsort B { x, y }\nenum C { on_, off }\nsort Vm\nsort Page\nsort Data\n"
            "machine {\n vm vm1, vm2\n region r { hpa 0xee20 .. 0xee21, 0x5 }\n}\ninstance i { Data = 3 }"
        ).sorts
    }
    assert sorts["A"].members == ("a0", "a1")
    assert sorts["B"].members == ("x", "y")
    assert sorts["C"].members == ("on_", "off")
    assert sorts["Vm"].members == ("vm1", "vm2")
    assert sorts["Page"].members == ("0x5", "0xee20", "0xee21")
    assert sorts["Page"].numbers == (5, 0xEE20, 0xEE21)
    assert sorts["Data"].members == ("data0", "data1", "data2")
    assert [name for name, sort in sorts.items() if not sort.interchangeable] == ["C"]


def test_initial_values() -> None:
    """False and none by default; a formula of parameters and constants; `any` for every value."""
    system = system_of(
        "sort P size 2\nconst k(P): bool = true\nconst n: 0 .. 5 = 2\nstate a: bool\nstate b(P): P?\n"
        "state c(p: P): P? = if k(p) then p else none\nstate d: 0 .. n + 1 = n\nstate e: 0 .. 3 = any"
    )
    assert system.function("a").initial == Table((False,))
    assert isinstance(system.function("c").initial, Formula)
    assert system.function("d").result == IntType(0, 3)
    assert isinstance(system.function("e").initial, Anything)
    values = [dict(zip("abbccde", state, strict=True)) for state in Interpreter(system).initial_states()]
    assert [value["e"] for value in values] == [0, 1, 2, 3]
    assert next(iter(Interpreter(system).initial_states())) == (False, None, None, 0, 1, 2, 0)


def test_constants_without_parameters_vanish() -> None:
    """A switch that is off leaves no trace in guards; constants come after those they are made of."""
    system = system_of("const a: 0 .. 9 = b + 1\nconst b: 0 .. 5 = 2\nstate x: bool\naction go { when x and a == 3 }")
    assert system.action("go").guard == Read("x", (), system.function("x").result)
    assert [function.name for function in system.constant_functions] == ["a", "b"]


def test_definitions_are_replaced_without_capture() -> None:
    """A name of the caller keeps its meaning although the definition has a quantifier over the same name."""
    system = system_of(
        "sort P size 2\nstate f(P, P): bool\ndefine other(a: P) = some p: P: p != a and f(a, p)\n"
        "always x: all p: P: other(p)"
    )
    assert "all p: P: some p_2: P: p_2 != p and f(p, p_2)" in show(system)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("all p: P where g(p), q: Q: f(p, q)", "all p: P: g(p) implies all q: Q: f(p, q)"),
        ("some p: P, q: Q where f(p, q): g(p)", "some p: P: some q: Q: f(p, q) and g(p)"),
        ("no p: P where g(p), q, r: Q where q != r: f(p, q) and f(p, r)",
         "not (some p: P: some q: Q: some r: Q: g(p) and q != r and f(p, q) and f(p, r))"),
    ],
)  # fmt: skip
def test_a_quantifier_over_names_of_several_types(short: str, long: str) -> None:
    """It says of all their values together what quantifiers inside each other say; `no` is of pairs, too."""
    spec = "sort P size 2\nsort Q size 2\nstate f(P, Q): bool = any\nstate g(P): bool = any\n"
    system = system_of(spec + f"always short: {short}\nalways long: {long}")
    interpreter = Interpreter(system)
    ours, theirs = (system.property_named(name).formula for name in ("short", "long"))

    values = {interpreter.holds(ours, state) for state in interpreter.initial_states()}
    assert values == {False, True}
    assert all(
        interpreter.holds(ours, state) == interpreter.holds(theirs, state) for state in interpreter.initial_states()
    )


# Expressions


def _truth(formula: str, declarations: str = "") -> bool:
    """What a formula is in the only initial state."""
    system = system_of(
        "sort P size 3\nenum S { idle, busy }\nstate f(P): P? = none\nstate g(p: P): P? = p\nstate s(P): S = busy\n"
        f"state n: 0 .. 9 = 4\nstate t: bool = true\n{declarations}\nalways a: {formula}"
    )
    interpreter = Interpreter(system)
    (state,) = interpreter.initial_states()
    return interpreter.holds(system.property_named("a").formula, state)


@pytest.mark.parametrize(
    "formula",
    [
        "t or t and not t",
        "not t implies not t",
        "n + 2 * 3 == 10 and n - 5 == -1 and n * n == 16",
        "n < 5 and n <= 4 and n > 3 and n >= 4 and n != 3",
        "all p: P: g(p) == p",
        "some p, q: P: p != q",
        "no p: P where p == p0: f(p) is not none",
        "(count p: P: p != p1) == 2",
        "if t then n == 4 else n == 5",
        "(if t then p0 else p1) == p0",
        "p0 in { p0, p1 } and p2 not in { p0, p1 } and p0 in P",
        "g(p0) in { p0 } and not (f(p0) in P)",
        "p2 in { p0 } | { p1, p2 }",
        "p1 is busy and p1 is not idle",
        "s(p1) is busy",
        "f(p0) is none and g(p0) is not none",
        "g(p1) is q and q == p1",
        "g(p1) is q implies s(q) == busy",
        "f(p1) is q implies s(q) == idle",
        "if g(p1) is q then q == p1 else false",
        "none == f(p1) and g(p1) != none",
        "number(p2) == 2 and number(p0) + 1 == number(p1)",
        "all p: P where g(p) is q: p == q",
        "all p in { p0, p1 }: number(p) < 2",
        "(t == t) == true",
    ],
)
def test_true_formulas(formula: str) -> None:
    """Every operator of the language, in a formula that is true; so its negation is false."""
    assert _truth(formula)
    assert not _truth(f"not ({formula})")


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("f(p0) is q or s(q) == busy", "E0101"),
        ("not (g(p0) is q) and s(q) == busy", "E0101"),
        ("s(f(p0)) == busy", "E0202"),
        ("n == p0", "E0201"),
        ("p0 < n", "E0210"),
        ("p0 == busy", "E0201"),
        ("none == none", "E0206"),
        ("next(t)", "E0209"),
        ("s(3) == busy", "E0201"),
        ("n", "E0201"),
        ("all p: P: g(p) is p", "E0111"),
        ("p0 is gone", "E0113"),
        ("p0 in { busy }", "E0201"),
        ("t(p0)", "E0203"),
        ("unknown(p0)", "E0101"),
    ],
)
def test_wrong_formulas(formula: str, code: str) -> None:
    """A formula that means nothing is refused, with one report."""
    declarations = "sort P size 3\nenum S { idle, busy }\nstate f(P): P?\nstate g(p: P): P? = p\nstate s(P): S = busy\n"
    text = f"spec s\n{declarations}state n: 0 .. 9 = 4\nstate t: bool = true\nalways a: {formula}"
    assert complaints(text) == [code]


# Actions


def test_kinds_and_fairness_of_actions() -> None:
    """Steps and `action`s are weakly fair, the others not; a word before changes that."""
    system = system_of(
        "state x: bool\nhardware a { x := true }\nfair environment b { x := true }\nfault c { x := true }\n"
        "action d { x := true }\nunfair action e { x := true }\nstrongly fair hardware f { x := true }"
    )
    assert [(a.kind, a.fairness) for a in system.actions] == [
        (Kind.HARDWARE, Fairness.NONE),
        (Kind.ENVIRONMENT, Fairness.WEAK),
        (Kind.FAULT, Fairness.NONE),
        (Kind.STEP, Fairness.WEAK),
        (Kind.STEP, Fairness.NONE),
        (Kind.HARDWARE, Fairness.STRONG),
    ]
    assert all(action.actor == "s" and action.fair_parameters == 0 for action in system.actions)


def test_sentences_are_the_bodies_of_operations() -> None:
    """Guards, writes and assertions are taken over; under a condition they apply only there; calls are recorded."""
    system = system_of(
        "sort P { a, b }\nstate f(P): P?\nstate on_: bool\n"
        "operation give(x: P to y: P?) { when f(x) is none; assert fine: on_; f(x) := y }\n"
        "action one { give a to b }\n"
        "action two { if on_ { give a to none } }\naction three { all p: P { give p to p } }"
    )
    text = show(system)
    one, two, three = system.actions
    assert text.count("assert fine") == 3
    assert [call.operation for call in one.calls] == ["give"]
    assert one.calls[0].arguments[1] == Constant(1, system.function("f").result)
    assert two.calls[0].condition == Read("on_", (), system.function("on_").result)
    assert [variable.name for variable in three.calls[0].binders] == ["p"]
    assert "when on_ implies f(a) is none" in text
    assert "when all p: P: f(p) is none" in text
    assert "all p: P: f(p) := p" in text
    (claim,) = [c for c in system.properties if c.kind is PropertyKind.ASSERTION]
    assert (claim.name, claim.text) == ("fine", "on_")


def test_a_body_sees_the_state_before() -> None:
    """All of a body is evaluated before any of it is written."""
    system = system_of("state x: 0 .. 3 = 1\nstate y: 0 .. 3 = 2\naction swap { x := y; y := x }")
    interpreter = Interpreter(system)
    (state,) = interpreter.initial_states()
    assert interpreter.perform(system.action("swap"), (), state).state == (2, 1)


def test_a_name_after_when_holds_for_the_rest_of_the_body() -> None:
    """`when e is p` gives p to the statements that follow, as what e holds before the action."""
    system = system_of(
        "sort P { a, b }\nstate f: P? = a\nstate g: P? = none\naction go { when f is p; g := p; f := none }"
    )
    interpreter = Interpreter(system)
    (state,) = interpreter.initial_states()
    assert interpreter.perform(system.action("go"), (), state).state == (None, 0)


def test_writing_without_arguments_writes_all() -> None:
    """`f := e` gives the value to every point of f."""
    system = system_of("sort P size 2\nstate f(P): bool\nfault all_of_it at most 1 { f := true }")
    states = [dict(cells) for cells in reachable(system).values()]
    assert {(c["f(p0)"], c["f(p1)"], c["all_of_it.left"]) for c in states} == {
        ("false", "false", "1"),
        ("true", "true", "0"),
    }


def test_choose_makes_a_parameter() -> None:
    """The value is one of those for which the condition holds."""
    system = system_of("sort P size 3\nstate x: P? = none\naction go { choose p: P where p != p1; x := p }")
    (state,) = Interpreter(system).initial_states()
    assert list(happening(system, state)) == ["go(p0)", "go(p2)"]


def test_either_makes_an_action_of_each_branch() -> None:
    """Branches are named by letters, also those inside of operations and of other statements."""
    system = system_of(
        "state x: 0 .. 3 = 0\noperation o { either { x := 1 } or { x := 2 } }\naction go { if x == 0 { o } }\n"
        "hardware h { either { skip } or { either { skip } or { x := 3 } } }"
    )
    assert [action.name for action in system.actions] == ["go.a", "go.b", "h.a", "h.b.a", "h.b.b"]


def test_built_in_properties_come_where_something_could_violate_them() -> None:
    """`in_range` where a number could leave its range, `single_write` where a cell could be written twice."""
    calm = system_of("state x: 0 .. 3 = 0\nhardware go at most 2 { x := 1 }")
    assert [claim.name for claim in calm.properties] == []
    wild = system_of(
        "sort P { a, b }\nstate x: 0 .. 3 = 3\nstate f(P): bool\n"
        "action go(p: P) { x := x + 1; f(p) := true; f(a) := false }"
    )
    assert [claim.name for claim in wild.properties] == ["not_stuck", "in_range", "single_write"]
    interpreter = Interpreter(wild)
    (state,) = interpreter.initial_states()
    failures = interpreter.perform(wild.action("go"), (0,), state).failures
    assert failures == (OutOfRange("x", 4), WrittenTwice("f(a)"))


def test_writes_in_the_two_parts_of_an_if_do_not_conflict() -> None:
    """Only one part happens."""
    system = system_of("state x: bool\nstate y: bool\naction go { if x { y := true } else { y := false } }")
    assert [claim.name for claim in system.properties] == ["not_stuck"]


def test_a_failed_assertion_is_found() -> None:
    """An assertion is checked before the action, for every element of `all`."""
    system = system_of("sort P size 2\nstate f(p: P): bool = p == p0\naction go { all p: P { assert fine: f(p) } }")
    interpreter = Interpreter(system)
    (state,) = interpreter.initial_states()
    failures = interpreter.perform(system.action("go"), (), state).failures
    assert failures == (AssertionFailed("fine", 0, (("p", 1),)),)


# The machine

_MACHINE = """
sort Vm
sort Page
sort Address
sort Device
const runs(Device, Vm): bool
const maps(Device, Address): bool
const shares(Device, Page): bool
const backing(Device, Address): Page?
const guest(Address): bool
state owner(Page): Vm?
state driver(Device): Vm
state save_page(Device): Page?
machine {
  vm vm1, vm2
  region window { gpa 0x1f .. 0x21; hpa 0xee1f .. 0xee20, 0x7; owner vm1; guest true }
  device nic, disk { driver vm2;  runs vm1;  maps window;  shares window;  backing window;  save_page window[2] }
}
instance large { window = 3 }
"""


def test_settings_of_the_machine() -> None:
    """Each row of the table: a value, a relation, a relation to a region, a map of a region, and those of a region."""
    made = elaborated(_MACHINE, instance="as written")
    cells = initially(made.system)
    assert cells["owner(0xee1f)"] == cells["owner(0x7)"] == "vm1"
    assert cells["driver(nic)"] == cells["driver(disk)"] == "vm2"
    assert cells["save_page(disk)"] == "0x7"
    constants = show(made.system)
    assert "runs(disk, vm1) = true\n  otherwise false" in constants
    assert "backing(nic, 0x21) = 0x7" in constants
    assert "const maps(Device, Address): bool\n  everywhere true" in constants
    assert "const guest(Address): bool\n  everywhere true" in constants
    assert made.machine.region("window").hpa == (0xEE1F, 0xEE20, 7)
    assert [item.name for item in made.machine.items] == ["vm1", "vm2", "nic", "disk"]
    assert made.machine.items[2].settings[-1].values == ("window[2]",)


def test_an_instance_keeps_the_first_pages_of_a_region() -> None:
    """`window = 2` is the first two; a position beyond is an error."""
    smaller = _MACHINE.replace("window = 3", "window = 2")
    assert complaints(f"spec s{smaller}") == ["E0208"]
    made = elaborated(smaller.replace("window[2]", "window[1]"))
    assert made.instance == "window = 2"
    assert made.system.sorts[1].members == ("0xee1f", "0xee20")
    assert made.machine.region("window").gpa == (0x1F, 0x20)
    assert made.machine.region("window").full_hpa == (0xEE1F, 0xEE20, 7)


def test_regions_are_sets() -> None:
    """Of pages, or of addresses where the noun says so; a region that has all members tells none apart."""
    system = system_of(
        "sort Page\nsort Address\nstate f(Page): bool\nstate g(Address): bool\nmachine {\n"
        "region a { gpa 1 .. 2; hpa 5 .. 6 }\nregion b { hpa 6 .. 7 }\n}\n"
        "always one: all p in a: f(p)\nalways two: all address x in a: g(x)\nalways three: all p in a | b: f(p)\n"
        "always four: f(0x5) and f(a[1]) and f(5)"
    )
    text = show(system)
    assert "always one: all p: Page: a.pages(p) implies f(p)" in text
    assert "always two: all x: Address: g(x)" in text
    assert "always three: all p: Page: a.pages(p) or b.pages(p) implies f(p)" in text
    assert "always four: f(0x5) and f(0x6) and f(0x5)" in text


# Claims


def test_claims_become_properties() -> None:
    """Every kind of claim, with its text and its description."""
    system = system_of(
        'state x: bool\nstate y: bool\naction go { x := true }\nalways a: x or not x """why"""\nnever b: x and y\n'
        "step c: x implies next(x)\nreachable d: x\neventually e: x\neventually f: x leads to x and\n  not y\nfinal x"
    )
    found = {claim.name: claim for claim in system.properties}
    assert [(c.name, c.kind.value, c.text) for c in system.properties] == [
        ("a", "always", "x or not x"),
        ("b", "always", "not (x and y)"),
        ("c", "step", "x implies next(x)"),
        ("d", "reachable", "x"),
        ("e", "eventually", "x"),
        ("f", "leads to", "x leads to x and not y"),
        ("not_stuck", "stuck", ""),
    ]
    assert found["a"].description == "why"
    assert system.final == Read("x", (), found["a"].formula.type)


def test_scenarios_name_actions() -> None:
    """By full name or by label; with arguments, `_`, or without any; and claims about what holds then."""
    system = system_of(
        "sort P size 2\nstate f(P): bool\nhardware h(p: P, q: P) { f(p) := true }\n"
        "protocol {\n process x {\n  a: skip\n }\n}\n"
        "scenario t { h(p1, _); h; ...; a; check f(p1) }\nimpossible scenario u { x.a; x.a }"
    )
    text = show(system)
    assert "scenario t: { h(p1, _); h(_, _); ...; x.a; check f(p1) }" in text
    assert "scenario u: impossible: { x.a; x.a }" in text


def test_a_fair_action_is_fair_for_each_of_its_arguments() -> None:
    """With parameters fairness is assumed for each of their values; values picked by `choose` do not count."""
    system = system_of(
        "sort P size 2\nstate x(P): P = p0\nfair hardware land(p: P) { choose q: P where q != p;  x(p) := q }\n"
        "protocol { process w(i: P) { go: each p: P { x(p) := i } } }"
    )
    assert {a.name: (a.fair_parameters, len(a.parameters)) for a in system.actions} == {
        "land": (1, 2),
        "w.go.each": (1, 2),
        "w.go.end": (1, 1),
    }


def test_conditions_are_the_parts_of_a_guard_that_were_written() -> None:
    """Not the place in the process, and not what an operation asks for on its own."""
    system = system_of(
        "state x: bool\nstate y: bool\noperation op { when y;  x := true }\nhardware h { when x and y;  y := false }\n"
        "protocol { process a { one: send m to b\n two: op }\nprocess b { got: await m;  await y } }"
    )
    spans = {action.name: [(c.span.line, c.span.column) for c in action.conditions] for action in system.actions}

    assert spans == {"h": [(5, 14)], "a.one": [], "a.two": [], "b.got": [(8, 18), (8, 28)]}


# Instances and settings


def test_a_specification_sets_constants_of_its_models() -> None:
    """`set` counts less than an instance, which counts less than a variant and the command line."""
    text = (
        "const k: 0 .. 9 = 1\nset k = 2\nstate x: 0 .. 9 = k\ninstance three { k = 3 }\n"
        "variant four { set k = 4 } expect holds"
    )
    assert initially(elaborated(text, instance="as written").system) == {"x": "2"}
    assert elaborated(text, instance="as written").instance == "as written"
    assert initially(elaborated(text).system) == {"x": "3"}
    assert initially(elaborated(text, "four").system) == {"x": "4"}
    assert initially(elaborated(text, "four", settings={"k": 5}).system) == {"x": "5"}


def test_a_wrong_set_is_reported_like_a_wrong_choice() -> None:
    """An unknown name, a value that does not fit, and the same constant twice."""
    assert complaints("spec s\nconst k: bool = false\nset l = true\nstate x: bool") == ["E0408"]
    assert complaints("spec s\nconst k: bool = false\nset k = 3\nstate x: bool = k") == ["E0201"]
    assert complaints("spec s\nconst k: bool = false\nset k = true\nset k = true\nstate x: bool = k") == ["E0413"]


def test_settings_of_the_command_line_count_most() -> None:
    """An instance fixes sizes and constants, the first one by default; the command line overrides it."""
    text = (
        "sort P\nenum E { a, b }\nconst n: 0 .. 5 = 1\nconst k: bool = false\nconst e: E = a\nstate x: 0 .. n = 0\n"
        "instance small { P = 2, n = 3 } expect 1 states\ninstance large { P = 9 }"
    )
    small = elaborated(text)
    assert (small.instance, small.expected_states) == ("P = 2, n = 3", 1)
    assert elaborated(text, instance="large").instance == "P = 9"
    changed = elaborated(text, settings={"P": 4, "k": "true", "e": "b"})
    assert (changed.instance, changed.expected_states) == ("P = 4, n = 3, k = true, e = b", None)
    assert render(changed.system.function("e").result, changed.system.function("e").initial.values[0]) == "b"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("settings", "code"),
    [({"Q": 3}, "E0408"), ({"P": 0}, "E0409"), ({"n": 9}, "E0306"), ({"k": 3}, "E0201"), ({"k": "maybe; x"}, "E0101")],
)
def test_wrong_settings_are_reported(settings: dict[str, int | str], code: str) -> None:
    """What the command line says is checked like an instance, and never shows a traceback."""
    spec = specification("sort P\nconst n: 0 .. 5 = 1\nconst k: bool = false\ninstance small { P = 2 }")
    result = spec.elaborate(None, None, settings)
    assert isinstance(result, tuple)
    assert [part.code for part in result] == [code]


def test_unknown_instances_and_variants_are_reported() -> None:
    """Asking for what is not there gives a diagnostic."""
    spec = specification("state x: bool")
    for result in (spec.elaborate(variant="v"), spec.elaborate(instance="i")):
        assert isinstance(result, tuple)
        assert [part.code for part in result] == ["E0412"]


def test_writes_that_cannot_meet_are_not_a_property() -> None:
    """Different members are different cells; a value for each element of one cell is a conflict."""
    declarations = "sort P { a, b }\nstate f(P): bool\nstate x: bool\n"
    apart = system_of(declarations + "action go { f(a) := true; f(b) := true }")
    assert [claim.name for claim in apart.properties] == ["not_stuck"]
    together = system_of(declarations + "action go { all p: P { x := f(p) } }")
    assert [claim.name for claim in together.properties] == ["not_stuck", "single_write"]


def test_never_is_always_not() -> None:
    """The property that an engine sees is the negation."""
    assert "always a: not (x and y)" in show(system_of("state x: bool\nstate y: bool\nnever a: x and y"))


def test_a_limit_of_nothing_makes_an_action_impossible() -> None:
    """`at most 0` switches a fault off."""
    assert "fault f  // s\n  when false\n  x := true" in show(
        system_of("state x: bool\nfault f at most 0 { x := true }")
    )


def test_one_mistake_is_reported_once() -> None:
    """What follows from it is not: neither a name for something wrong, nor the uses of a wrong definition."""
    declarations = "spec s\nsort P size 2\nstate s(P): bool\n"
    assert complaints(declarations + "always a: gone(p0) is p and s(p)") == ["E0101"]
    assert complaints(declarations + "define d = gone\nalways a: d\nalways b: not d") == ["E0101"]
    assert complaints(declarations + "state f(Q): bool\nalways a: f(p0)\naction go { f(p1) := true }") == ["E0102"]
