"""Text for people, to the letter."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

from tests.evidence.systems import SYSTEM
from verifier.engines.verdict import Budget, Outcome
from verifier.evidence.checking import Expectations, Search, check
from verifier.evidence.results import CheckResult, Counts, Finding
from verifier.evidence.trace import Change, Place, Subject
from verifier.report.terminal import Look, plain_text, specification_lines, summary
from verifier.report.trace_text import state_after, trace_lines

SUBJECT = Subject("hand", "hand.flip", "abc", None, "small")
BROKEN = replace(SUBJECT, variant="broken")
TOGETHER_IS_VIOLATED = Expectations({"together": Outcome.VIOLATED}, others_open=True)


def checked(subject: Subject, expectations: Expectations, *names: str) -> CheckResult:
    properties = tuple(map(SYSTEM.property_named, names))
    return check(subject, SYSTEM, properties, expectations, Search())


def text(*results: CheckResult, look: Look | None = None) -> str:
    return plain_text(specification_lines(results, look or Look()))


def test_a_protocol_and_its_variant() -> None:
    """A header, a line for each property, a line for each variant; traces that were expected are not shown."""
    protocol = checked(SUBJECT, Expectations(), "midway", "one_given")
    variant = checked(BROKEN, TOGETHER_IS_VIOLATED, "together", "no_vm2")
    assert text(protocol, variant) == dedent("""\
        hand (small)  hand.flip
          holds         midway     trace, 1 step
          holds         one_given  trace, 2 steps
          3 states, 2 transitions, depth 0; 3 interchangeable Page: 0xe1, 0xe2, 0xe3
          as expected   variant broken  violated together, 1 step
        """)


def test_a_surprise_is_shown_step_by_step() -> None:
    """What changes, the property, the part that fails and for which values, what it read, and where all this is."""
    lines = text(checked(SUBJECT, Expectations(), "no_vm2")).splitlines()
    assert "\n".join(lines[lines.index("") :]) + "\n" == dedent("""\

        no_vm2 is violated after 2 steps  hand.flip:40:1
            1  hv1  hv1.give(0xe1)  hand.flip:11:1
                 owner(0xe1): vm1 -> vm2
                 given: 0 -> 1
            2  nic  nic.stop  [hardware]  hand.flip:20:1
                 on: true -> false
          always no_vm2: no_vm2's text
          fails: not on implies owner(p) == vm1   for p = 0xe1
                 on = false
                 owner(0xe1) = vm2
        """)


def test_other_traces_are_shown_on_demand() -> None:
    """Witnesses and expected violations with --all-traces, nothing with --trace off, whole states with full."""
    witness = checked(SUBJECT, Expectations(), "midway")
    assert "midway is witnessed" not in text(witness)
    assert "midway is witnessed after 1 step" in text(witness, look=Look(all_traces=True))
    surprise = checked(SUBJECT, Expectations(), "no_vm2")
    assert "fails:" not in text(surprise, look=Look("off"))
    full = text(surprise, look=Look("full"))
    assert full.count("owner(0xe3) = vm1") == 3


def test_a_lasso_says_where_it_turns() -> None:
    """The steps that go on for ever are told apart, and so is standing still."""
    standing = text(checked(SUBJECT, Expectations(), "finished"))
    assert "  -- and nothing happens any more\n" in standing
    (judged,) = checked(SUBJECT, Expectations(), "finished").verdicts
    assert judged.trace is not None
    turning = replace(judged, trace=replace(judged.trace, loop=0))
    result = CheckResult(SUBJECT, (turning,), Counts())
    lines = text(result).splitlines()
    start = lines.index("  -- from here on, for ever:")
    assert lines[start + 1].startswith("    1  hv1")
    assert "  -- back to the state after step 0" in lines


def test_what_is_not_as_expected_in_a_variant() -> None:
    """A variant that holds where it must not is as loud as a protocol that is violated."""
    variant = checked(BROKEN, Expectations({"midway": Outcome.VIOLATED}, others_open=True), "midway")
    assert "  not expected  variant broken  midway holds, but is expected to be violated\n" in text(variant)
    assert summary([variant]).plain == "0 protocols, 1 variant: 1 not as expected"


def test_another_number_of_states() -> None:
    result = replace(checked(SUBJECT, Expectations(), "midway"), counts=Counts(states=3, expected_states=4))
    assert "  not expected  3 states were reached, but 4 are expected\n" in text(result)
    assert summary([result]).plain == "1 protocol, 0 variants: 1 not as expected"


def test_summary() -> None:
    good = checked(SUBJECT, Expectations(), "midway")
    bad = checked(SUBJECT, Expectations(), "no_vm2", "together")
    assert summary([good, good]).plain == "2 protocols, 0 variants: all as expected"
    assert summary([good, bad]).plain == "2 protocols, 0 variants: 2 not as expected"


def test_what_is_open_is_no_surprise() -> None:
    """It is counted by itself."""
    cut = check(SUBJECT, SYSTEM, (SYSTEM.property_named("no_vm2"),), Expectations(), Search(budget=Budget(states=1)))
    assert summary([cut]).plain == "1 protocol, 0 variants: 1 undetermined"


def test_a_step_that_changes_very_much() -> None:
    """Only some of the cells are shown, unless all are asked for."""
    (judged,) = checked(SUBJECT, Expectations(), "no_vm2").verdicts
    assert judged.trace is not None
    many = tuple(Change(f"owner({page})", "vm1", "vm2") for page in range(15))
    first, *others = judged.trace.steps
    trace = replace(judged.trace, steps=(replace(first, changes=many), *others))
    assert "         ... and 3 more cells (--trace full shows them)\n" in plain_text(trace_lines(trace, "diff"))
    assert "more cells" not in plain_text(trace_lines(trace, "full"))


def test_names_are_harmless() -> None:
    """Control characters become visible, and brackets are no markup."""
    evil = replace(SUBJECT, spec="a\x1b[2J\u202e[bold]b")
    first = text(checked(evil, Expectations(), "midway")).splitlines()[0]
    assert first == r"a\x1b[2J\u202e[bold]b (small)  hand.flip"


def test_findings_are_named_with_their_place() -> None:
    """A claim that says nothing and a condition that never matters are worth a line each."""
    place = Place("hand.flip", 7, 1)
    findings = (Finding("idle guard", "never waits", place), Finding("tautology", "always so", place))
    result = replace(checked(SUBJECT, Expectations(), "midway"), findings=findings)
    assert text(result).splitlines()[-2:] == [
        "  note          never waits  hand.flip:7:1",
        "  note          always so  hand.flip:7:1",
    ]


def test_times_are_not_shown_unless_asked_for() -> None:
    """Two runs can be compared with diff."""
    result = checked(SUBJECT, Expectations(), "midway")
    assert " s\n" not in text(result)
    assert " s\n" in text(result, look=Look(seconds=True))


def test_the_state_after_a_step() -> None:
    (judged,) = checked(SUBJECT, Expectations(), "no_vm2").verdicts
    assert judged.trace is not None
    assert state_after(judged.trace, 0) == dict(judged.trace.initial)
    assert state_after(judged.trace, 1)["given"] == 1
    assert state_after(judged.trace, 2)["on"] is False
