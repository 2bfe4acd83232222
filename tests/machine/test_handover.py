"""The figure and the three ways to hand its device over."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from verifier.machine import Costs, Figure, Machine, MachineError, build
from verifier.machine.handover import Handover, copy, flip, reattach, undisturbed
from verifier.machine.memory import PAGE_SIZE

FIGURES = {
    "as drawn": Figure.contiguous(),
    "small": Figure.contiguous(12),
    "scattered": Figure.scattered(),
}


def sizes(handover: Handover) -> dict[str, int]:
    """How long each phase took, in cycles."""
    return {phase.name: phase.end - phase.begin for phase in handover.timeline}


def test_figure_is_the_patents() -> None:
    """225 pages, gpa 0x1f..0xff at hpa 0xee1f..0xeeff, vm1's, and mapped for the nic."""
    machine = Machine()
    figure = Figure.contiguous()

    build(machine, figure)

    mapped = {gpa: machine.table_entry("nic", gpa) for gpa in range(0x200)}
    assert mapped == {gpa: gpa + 0xEE00 if 0x1F <= gpa <= 0xFF else None for gpa in range(0x200)}
    assert sum(owner == "vm1" for owner in map(machine.owner_of, range(0xE000, 0xF000))) == 225
    assert (machine.context_entry("nic"), machine.driver_of("nic")) == ("vm1", "vm1")


def test_scattered_frames_have_no_neighbours() -> None:
    """The scattered figure has the same guest pages on as many host pages, none next to another, none a spare."""
    figure = Figure.scattered()

    frames = sorted(figure.frames)
    assert len(frames) == 225
    assert all(after - before > 1 for before, after in pairwise(frames))
    assert not set(figure.frames) & set(figure.spares)


def test_window_is_not_too_small_and_complete() -> None:
    """Four pages are the least that hold a context, a ring, a source and a destination; each needs a frame."""
    with pytest.raises(MachineError, match="expected at least 4 pages, found 3"):
        Figure.contiguous(3)
    with pytest.raises(MachineError, match="expected 4 frames and spares, found 4 and 3"):
        Figure(range(4), (1, 2, 3, 4), (5, 6, 7))


@pytest.mark.parametrize("hand_over", [flip, copy])
@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)
def test_device_goes_on_exactly_where_it_stopped(figure: Figure, hand_over: Callable[[Figure], Handover]) -> None:
    """With work before, during and after a flip or a copy, the device produces the bytes of an undisturbed run."""
    handover = hand_over(figure)

    assert handover.output == undisturbed(figure).output
    assert len(handover.output) == len(figure.jobs) * PAGE_SIZE
    assert handover.violations == ()
    assert all(record.address is not None for record in handover.audit)


def test_reattached_device_begins_anew() -> None:
    """After detach and re-attach only the jobs before it come out as in an undisturbed run: the context was lost."""
    figure = Figure.contiguous(38)
    done = len(figure.jobs) // 3 * PAGE_SIZE

    handover, reference = reattach(figure), undisturbed(figure)

    assert handover.violations == ()
    assert handover.output[:done] == reference.output[:done]
    assert all(
        handover.output[start : start + PAGE_SIZE] != reference.output[start : start + PAGE_SIZE]
        for start in range(done, len(reference.output), PAGE_SIZE)
    )


def test_blackout_of_the_figure() -> None:
    """The patent's claim: for 225 pages, in blackout, flip < copy < re-attach."""
    figure = Figure.contiguous()
    flipped, copied, reattached = (way(figure).blackout for way in (flip, copy, reattach))

    assert flipped < copied < reattached
    assert (flipped, copied, reattached) == (213_000, 387_000, 318_078_900)
    assert undisturbed(figure).blackout == 0


@pytest.mark.parametrize(
    ("costs", "flip_wins"),
    [
        (Costs(page_copy=526), False),
        (Costs(page_copy=527), True),
        (Costs(page_flip=1173), True),
        (Costs(page_flip=1174), False),
    ],
)
def test_how_far_the_costs_may_be_off(costs: Costs, flip_wins: bool) -> None:
    """A flip wins unless 4 KiB can be copied in 526 cycles (23 GB/s on one core), or a page flip takes 1174."""
    assert (flip(Figure.contiguous(), costs).blackout < copy(Figure.contiguous(), costs).blackout) is flip_wins


def test_flip_and_copy_differ_only_in_what_they_do_with_pages() -> None:
    """Every other phase costs the same, but a flip has vm1's entries to clear as well: the comparison is not rigged."""
    flipped, copied = sizes(flip(Figure.contiguous())), sizes(copy(Figure.contiguous()))

    assert flipped.pop("flip pages") < copied.pop("copy pages")
    assert flipped.pop("withdraw translations") > copied.pop("withdraw translations")
    assert flipped == copied


def test_copying_wins_for_a_handful_of_pages() -> None:
    """A flip pays for a CPU TLB shootdown first: below eight pages it is slower than a copy."""
    assert flip(Figure.contiguous(7)).blackout > copy(Figure.contiguous(7)).blackout
    assert flip(Figure.contiguous(8)).blackout < copy(Figure.contiguous(8)).blackout


def test_timeline_has_no_gaps() -> None:
    """The phases follow one another from the command to stop until the device runs, and add up to the blackout."""
    for handover in (flip(Figure.contiguous(12)), copy(Figure.contiguous(12)), reattach(Figure.contiguous(12))):
        assert (handover.timeline[0].name, handover.timeline[-1].name) == ("pause", "run")
        assert all(a.end == b.begin for a, b in pairwise(handover.timeline))
        assert sum(sizes(handover).values()) == handover.blackout
