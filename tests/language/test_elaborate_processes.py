"""Processes, messages and crashes, as they happen."""

from __future__ import annotations

import pytest

from tests.language.elaborating import complaints, elaborated, happening, initially, reachable, system_of
from verifier.language.show import show
from verifier.system.interpreter import Interpreter
from verifier.system.system import Fairness, Kind, System


def _run(system: System, *names: str) -> dict[str, str]:
    """The cells after the named actions (with their arguments), each of which must be possible."""
    interpreter = Interpreter(system)
    (state,) = interpreter.initial_states()
    for name in names:
        possible = dict(zip(happening(system, state), interpreter.enabled(state), strict=True))
        assert name in possible, (name, list(possible))
        following = interpreter.perform(*possible[name], state).state
        assert following is not None
        state = following
    found = reachable(system)
    return found[state]


def _possible_after(system: System, *names: str) -> list[str]:
    interpreter = Interpreter(system)
    (state,) = interpreter.initial_states()
    for name in names:
        possible = dict(zip(happening(system, state), interpreter.enabled(state), strict=True))
        following = interpreter.perform(*possible[name], state).state
        assert following is not None
        state = following
    return list(happening(system, state))


def _protocol(processes: str, declarations: str = "state x: bool\nstate y: bool\n") -> str:
    return f"{declarations}protocol {{\n{processes}\n}}\n"


def test_steps_happen_in_order() -> None:
    """Each label is one action; the process ends at `done`; by default that is where the protocol may stop."""
    system = system_of(_protocol("process p {\n a: x := true\n    y := x\n b: await y\n c: skip\n}"))
    assert [(a.name, a.kind, a.actor, a.step, a.fairness) for a in system.actions] == [
        ("p.a", Kind.STEP, "p", "p.a", Fairness.WEAK),
        ("p.b", Kind.STEP, "p", "p.b", Fairness.WEAK),
        ("p.c", Kind.STEP, "p", "p.c", Fairness.WEAK),
    ]
    assert initially(system)["p.at"] == "a"
    assert _run(system, "p.a") == {"x": "true", "y": "false", "p.at": "b"}
    assert _possible_after(system, "p.a") == []
    assert "final p.at == done" in show(system)


def test_at_asks_where_a_process_is() -> None:
    """A step with a loop is one label, before and in the middle of it."""
    system = system_of(
        _protocol("process p {\n a: await x\n    each b: bool { skip }\n c: skip\n}")
        + "always one: p at a or p at c or p at done"
    )
    assert "always one: p.at == a or p.at == a.each or p.at == c or p.at == done" in show(system)


def test_goto_names_the_step_that_follows() -> None:
    """Also under a condition, backwards, and to the end."""
    system = system_of(
        _protocol(
            "process p {\n a: if x { goto c } else { if y { goto done } }\n b: x := true\n    goto a\n c: goto c\n}"
        )
    )
    assert _run(system, "p.a")["p.at"] == "b"
    assert _run(system, "p.a", "p.b")["p.at"] == "a"
    assert _run(system, "p.a", "p.b", "p.a", "p.c")["p.at"] == "c"


def test_a_loop_takes_its_elements_in_any_order() -> None:
    """The set is what it was when the loop began; the rest of the step comes when nothing is left."""
    system = system_of(
        _protocol(
            "process p {\n a: x := true\n    each i: P where f(i) { f(i) := false; f(p0) := false }\n    y := true\n}",
            "sort P size 3\nstate f(i: P): bool = i != p2\nstate x: bool\nstate y: bool\n",
        )
    )
    assert [action.name for action in system.actions] == ["p.a", "p.a.each", "p.a.end"]
    assert _possible_after(system, "p.a") == ["p.a.each(p0)", "p.a.each(p1)"]
    assert _possible_after(system, "p.a", "p.a.each(p1)") == ["p.a.each(p0)"]
    after = _run(system, "p.a", "p.a.each(p1)")
    assert (after["p.at"], after["p.a.pending(p0)"], after["y"]) == ("a.each", "true", "false")
    assert [claim.name for claim in system.properties] == ["not_stuck", "single_write"]


def test_a_loop_over_a_constant_set_begins_at_once() -> None:
    """There is no part before it, and what is pending is set up again when it ends, for the next time."""
    system = system_of(_protocol("process p {\n a: each i in { p0, p2 } { skip }\n    goto a\n}", "sort P size 3\n"))
    assert [action.name for action in system.actions] == ["p.a.each", "p.a.end"]
    assert initially(system) == {
        "p.at": "a", "p.a.pending(p0)": "true", "p.a.pending(p1)": "false", "p.a.pending(p2)": "true"
    }  # fmt: skip
    assert _run(system, "p.a.each(p2)", "p.a.each(p0)", "p.a.end") == initially(system)


def test_a_goto_out_of_a_loop_leaves_nothing_pending() -> None:
    """The loop begins afresh the next time."""
    system = system_of(
        _protocol(
            "process p {\n a: await not y\n    each i: P { if i == p1 { goto b } }\n b: goto a\n}",
            "sort P size 2\nstate y: bool\n",
        )
    )
    left = _run(system, "p.a", "p.a.each(p1)")
    assert (left["p.at"], left["p.a.pending(p0)"], left["p.a.pending(p1)"]) == ("b", "false", "false")


def test_names_from_before_a_loop_are_unknown_in_it() -> None:
    """What an optional held at the beginning need not be there at the time of an element."""
    text = "spec s\nsort P size 2\nstate f: P?\nstate g(P): P?\nprotocol {\n process p {\n  a: await f is q\n"
    text += "     each i: P { g(i) := q }\n }\n}"
    assert complaints(text) == ["E0101"]


def test_processes_with_parameters() -> None:
    """One process for every value: everything about it has the value as first argument, fairness too."""
    system = system_of(
        _protocol(
            "process w(i: P) {\n a: f(i) := true\n b: each j: P where j != i { skip }\n crash at most 1 { goto a }\n}",
            "sort P size 2\nstate f(P): bool\n",
        )
        + "reachable all_done: all i: P: w(i) at done"
    )
    step = system.action("w.b.each")
    assert ([p.name for p in step.parameters], step.fair_parameters) == (["i", "j"], 1)
    assert initially(system)["w.crash.left(p1)"] == "1"
    after = _run(system, "w.a(p1)", "w.b.each(p1, p0)", "w.crash(p1)")
    assert (after["w.at(p0)"], after["w.at(p1)"], after["w.b.pending(p1, p0)"]) == ("a", "a", "true")


def test_messages_wait_until_they_are_taken() -> None:
    """Sending sets the inbox, also twice; `await` takes the message."""
    system = system_of(
        _protocol("process p {\n a: send go to q\n b: send go to q\n}\nprocess q {\n c: await go\n d: await go\n}", "")
    )
    assert _run(system, "p.a", "p.b")["inbox.go"] == "true"
    assert _run(system, "p.a", "p.b", "q.c")["inbox.go"] == "false"
    assert _possible_after(system, "p.a", "p.b", "q.c") == []
    assert _possible_after(system) == ["p.a"]


def test_messages_may_be_lost_and_repeated() -> None:
    """A fault empties the inbox, as often as allowed; another fills it again once it has been sent."""
    system = system_of(
        _protocol(
            "message go may be lost at most 1\nmessage go may be repeated\n"
            "process p {\n a: send go to q\n}\nprocess q {\n c: await go\n}",
            "",
        )
    )
    assert _possible_after(system) == ["p.a"]
    assert _possible_after(system, "p.a") == ["q.c", "go.lost"]
    lost = _run(system, "p.a", "go.lost")
    assert (lost["inbox.go"], lost["go.lost.left"]) == ("false", "0")
    assert _possible_after(system, "p.a", "go.lost") == ["go.repeated"]
    assert _possible_after(system, "p.a", "go.lost", "go.repeated") == ["q.c"]


def test_a_message_to_several_processes_has_an_inbox_in_each() -> None:
    """Taking one leaves the other."""
    system = system_of(
        _protocol(
            "process p {\n a: send go to q; send go to r\n}\n"
            "process q {\n b: await go\n}\nprocess r {\n c: await go\n}",
            "",
        )
    )
    after = _run(system, "p.a", "q.b")
    assert (after["inbox.q.go"], after["inbox.r.go"]) == ("false", "true")


def test_a_crash_strikes_before_any_step_that_is_still_to_come() -> None:
    """It goes on at the `goto`, and loops start afresh."""
    system = system_of(
        _protocol(
            "process p {\n a: each i: P { skip }\n b: skip\n crash at most 2 { x := false; goto b }\n}",
            "sort P size 2\nstate x: bool = true\n",
        )
    )
    after = _run(system, "p.a.each(p1)", "p.crash")
    assert after == {
        "x": "false",
        "p.at": "b",
        "p.a.pending(p0)": "true",
        "p.a.pending(p1)": "true",
        "p.crash.left": "1",
    }
    assert _possible_after(system, "p.crash", "p.b") == []
    assert (system.action("p.crash").kind, system.action("p.crash").actor) == (Kind.FAULT, "p")


def test_a_crash_without_goto_is_for_good() -> None:
    """The process is at `crashed`, and the protocol may stop there."""
    system = system_of(_protocol("process p {\n a: skip\n crash { x := true }\n}") + "reachable broken: p at crashed")
    assert _possible_after(system, "p.crash") == []
    assert "final p.at == done or p.at == crashed" in show(system)


@pytest.mark.parametrize(
    ("step", "names"),
    [
        ("either { x := true } or { y := true }", ["p.a.a", "p.a.b"]),
        ("either { skip } or { either { skip } or { skip } }", ["p.a.a", "p.a.b.a", "p.a.b.b"]),
        ("await x\n    each b: bool { either { skip } or { skip } }", ["p.a", "p.a.each.a", "p.a.each.b", "p.a.end"]),
        ("each b: bool { skip }\n    either { skip } or { goto a }", ["p.a.each", "p.a.end.a", "p.a.end.b"]),
    ],
)
def test_branches_of_steps(step: str, names: list[str]) -> None:
    """Each branch is an action of its own, in whichever part of the step it is."""
    system = system_of(_protocol(f"process p {{\n a: {step}\n}}"))
    assert [action.name for action in system.actions] == names
    assert {action.step for action in system.actions} == {"p.a"}


# Variants

_HANDOVER = """
state x: 0 .. 3 = 0
state y: bool
const lies: bool = false
operation add { x := if x < 3 then x + 1 else 0 }
operation note { y := true }
hardware tick { when not lies; y := false }
protocol {
  process p {
    one: await x == 0; add
    two: if y { note } else { add }
         send go to q
    three: goto two
  }
  process q {
    one: await go
    last: assert fine: x > 0
    crash at most 1 { note; goto one }
  }
}
always small: x < 3
scenario usual { p.one; p.two; q.one }
variant v { EDIT } expect holds
"""


@pytest.mark.parametrize(
    ("edit", "present", "absent"),
    [
        ("drop two", "p.at := three", "step p.two"),
        ("drop p.one", "state p.at: p.label = two", "step p.one"),
        ("drop p.three", "p.at := done", "step p.three"),
        ("drop two.add", "// if y: note()", "// if not y: add()"),
        ("drop two.send", "step q.one\n  when q.at == one and inbox.go", "inbox.go := true"),
        ("drop p.one.await", "step p.one\n  when p.at == one\n", "x == 0\n"),
        ("drop last.assert", "assertion fine", "assert fine:"),
        ("drop q.crash", "state q.at", "q.crash"),
        ("drop crash.note", "fault q.crash", "y := true\n  q.crash.left"),
        ("drop tick", "system s", "tick"),
        ("drop tick.when", "hardware tick", "hardware tick  // s\n  when"),
        ("drop add.goto; drop three", "never", "never"),
        ("add { add } to last", "// add()", "never"),
        ("add { y := x == 1 } to tick", "y := x == 1", "never"),
        ("replace two.add with { note; note }", "// if not y: note()", "// if not y: add()"),
        ("replace last with { skip }", "step q.last\n  when q.at == last\n  q.at := done", "assert fine:"),
        ("move three before two", "step p.one\n  when p.at == one and x == 0\n  p.at := three", "never"),
        ("move last before q.one", "state q.at: q.label = last", "never"),
        ("set lies = true", "hardware tick  // s\n  when false", "never"),
    ],
)
def test_edits_of_variants(edit: str, present: str, absent: str) -> None:
    """Each kind of edit, on a step, a part of one, a crash or an action; nothing else changes."""
    if present == "never":
        assert complaints("spec s" + _HANDOVER.replace("EDIT", edit)) == ["E0403"]
        return
    text = show(elaborated(_HANDOVER.replace("EDIT", edit), variant="v").system)
    assert present in text
    assert absent not in text


def test_a_scenario_that_a_variant_cannot_play_is_left_out() -> None:
    """A dropped step leaves no claim that it is performed."""
    names = [claim.name for claim in elaborated(_HANDOVER.replace("EDIT", "drop p.one"), variant="v").system.properties]
    assert "usual" not in names
    assert "usual" in [
        claim.name for claim in elaborated(_HANDOVER.replace("EDIT", "drop q.last"), variant="v").system.properties
    ]


def test_expectations() -> None:
    """The protocol must hold; a variant must violate what it names, and says nothing of the rest."""
    text = _HANDOVER.replace("{ EDIT } expect holds", "{ drop q.last } expect violated small, in_range")
    assert set(elaborated(text).expected.values()) == {"holds"}
    expected = elaborated(text, variant="v").expected
    assert expected["small"] == expected["in_range"] == "violated"
    assert {outlook for name, outlook in expected.items() if name not in ("small", "in_range")} == {None}


def test_a_loop_over_what_changes_has_a_part_before_it() -> None:
    """Also where the step begins with it, and where the state is read through a definition."""
    text = _protocol(
        "process p {\n a: each i: P where open(i) { f(i) := true }\n}",
        "sort P size 2\nstate f(P): bool\ndefine open(i: P) = not f(i)\n",
    )
    assert [action.name for action in system_of(text).actions] == ["p.a", "p.a.each", "p.a.end"]


def test_a_message_is_sent_only_where_the_statement_applies() -> None:
    """Under a condition, and in `all` if there is any element."""
    text = "process p {{\n a: {}\n}}\nprocess q {{\n b: await go\n}}"
    under = system_of(_protocol(text.format("if x { send go to q }")))
    assert _run(under, "p.a")["inbox.go"] == "false"
    for value, sent in (("true", "true"), ("false", "false")):
        loop = "all i: P where f(i) { send go to q }"
        system = system_of(_protocol(text.format(loop), f"sort P size 2\nstate f(i: P): bool = {value}\n"))
        assert _run(system, "p.a")["inbox.go"] == sent
        assert [claim.name for claim in system.properties] == ["not_stuck"]


def test_a_dropped_step_is_passed_over() -> None:
    """Who would go to it goes to the step after it."""
    text = _protocol("process p {\n a: goto c\n b: skip\n c: skip\n d: skip\n}") + "variant v { drop c } expect holds"
    assert "step p.a\n  when p.at == a\n  p.at := d" in show(elaborated(text, variant="v").system)


def test_a_step_is_moved_before_or_after_another() -> None:
    """The order of the other steps stays."""
    text = _protocol("process p {\n a: skip\n b: skip\n c: skip\n}") + "variant v { move a EDIT b } expect holds"
    for side, order in (("after", "b, a, c"), ("before", "a, b, c")):
        assert f"enum p.label {{ {order}, done }}" in show(elaborated(text.replace("EDIT", side), variant="v").system)


def test_a_variant_is_not_warned_about() -> None:
    """What it leaves unused is unused on purpose."""
    text = (
        _protocol("process p {\n a: send go to q\n}\nprocess q {\n b: await go\n}")
        + "variant v { drop b } expect holds"
    )
    assert elaborated(text, variant="v").notes == ()
    assert complaints(f"spec s\n{text}") == []


def test_a_variant_that_must_fail_is_asked_only_for_the_progress_that_it_breaks() -> None:
    """Scenarios and progress take searches of their own: those not named are left out; a variant that holds has all."""
    text = (
        "const k: bool = true\nstate x: bool\naction go { when k;  x := true }\nalways safe: not x or k\n"
        "eventually there: x\neventually again: x or not k\nscenario way { go }\n"
        "variant stops { set k = false } expect violated there\nvariant same { set k = true } expect holds"
    )
    names = {
        variant: [claim.name for claim in elaborated(text, variant).system.properties]
        for variant in (None, "stops", "same")
    }

    assert names["same"] == names[None] == ["safe", "there", "again", "way", "not_stuck"]
    assert names["stops"] == ["safe", "there", "not_stuck"]


def test_a_short_name_in_a_scenario_means_a_step_and_no_branch() -> None:
    """`a` is `p.a`, never branch a of `p.b`; where p.a is gone the scenario is left out."""
    text = (
        "state n: 0 .. 3 = 0\nprotocol { process p {\na: n := 1\nb: n := 2\n} }\nscenario s { a;  check n == 1 }\n"
        "variant silent { drop a;  replace b with { either { skip } or { skip } } } expect holds\n"
        "variant both { replace b with { either { skip } or { skip } } } expect holds"
    )
    assert [c.name for c in elaborated(text, "silent").system.properties] == ["not_stuck"]
    assert [c.name for c in elaborated(text, "both").system.properties] == ["s", "not_stuck"]


@pytest.mark.parametrize(
    "text",
    [
        "state n: 0 .. 3 = 0\naction claim { either { n := 1 } or { n := 2 } }\n"
        "protocol { process claim { a: n := 3 } }",
        "protocol {\nmessage m may be lost\nprocess m { lost: send m to x }\n"
        "process x { one: await m\ntwo: goto two } }",
    ],
)
def test_made_names_that_meet_are_reported(text: str) -> None:
    """A branch `claim.a` and a step `claim.a`, a loss `m.lost` and a step `m.lost`: one trace could mean either."""
    assert complaints(f"spec s\n{text}") == ["E0116"]


def test_what_was_sent_and_what_waits_are_different_cells() -> None:
    """A repeated message `a` and a message `sent` to process `a` share no cell."""
    system = system_of(
        "state told: bool\nprotocol {\nmessage a may be repeated at most 1\nprocess a { x: await sent }\n"
        "process b { x: send a to c }\nprocess c { x: await a\ny: await told;  send sent to a;  send sent to b }\n}"
    )
    names = [function.name for function in system.functions]
    assert sorted(name for name in names if "sent" in name) == ["inbox.a.sent", "inbox.b.sent", "sent.a"]
