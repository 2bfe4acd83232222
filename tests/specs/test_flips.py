"""The four protocols around the flip: how many states they have, what their variants break, and how soon."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.export.rumur import needs_rumur, run
from tests.specs.answers import answers, specification
from verifier.report.murphi import export_murphi

COUNTS = {
    ("ownership_flip", "small"): (559, 559),
    ("ownership_flip", "four"): (1_855, 5_379),
    ("ownership_flip_guarded", "small"): (474, 474),
    ("ownership_flip_guarded", "four"): (1_022, 2_538),
    ("ownership_copy", "small"): (2_150, 2_150),
    ("flip_rollback", "small"): (3_095, 3_095),
    ("flip_rollback", "twice"): (6_442, 6_442),
    ("flip_rollback", "three"): (7_765, 12_639),
}
"""Reachable states with symmetry and without, for each specification and instance."""

WITNESSES = {
    "ownership_flip": {"midway": 7, "handover": 25, "late_write_lands_before_the_save": 7},
    "ownership_flip_guarded": {"midway": 12, "works_again": 26},
    "ownership_copy": {"write_between": 7, "dirtied_after_the_first_copy": 22},
    "flip_rollback": {"went_back": 16, "went_on": 19, "crash_between_two_pages": 21, "crash_after_the_commit": 22},
}

VIOLATED = {
    "ownership_flip": {
        "no_invalidate": {"dma_confined": 20},
        "no_remap": {"dma_confined": 20},
        "resume_before_remap": {"dma_confined": 15},
        "no_drain": {"dma_confined": 10, "context_intact": 20},
        "save_too_early": {"context_intact": 17},
        "no_restore": {"context_intact": 17},
        "reset_behind_the_back": {"context_intact": 18},
        "released": {"no_seizure": 5},
        "not_rearmed": {"resumed": 17},
        "forgotten_page": {"dma_confined": 5},
        "lying_driver": {"dma_confined": 10},
    },
    "ownership_flip_guarded": {
        "lying_driver": {},
        "no_cut": {"dma_confined": 16},
        "no_context_flush": {"dma_confined": 15},
        "iotlb_first": {"dma_confined": 28},
        "no_wait": {"dma_confined": 15},
        "wrong_domain": {"dma_confined": 15},
        "tag_reused": {"dma_confined": 15},
        "no_drain": {"dma_confined": 16},
        "invalidation_lost": {"dma_confined": 16},
        "flip_before_cut": {"dma_confined": 10},
        "open_before_build": {"dma_confined": 20},
        "released": {"no_seizure": 10},
    },
    "ownership_copy": {
        "too_small": {"fits": 1},
        "no_second_copy": {"nothing_lost": 18},
        "no_sync": {"nothing_lost": 23},
        "save_not_drained": {"nothing_lost": 21},
        "no_drain": {"context_intact": 19},
        "no_invalidate": {"dma_confined": 22},
        "no_remap": {"dma_confined": 22},
        "collect_twice": {"nothing_lost": 21},
        "lying_driver": {"nothing_lost": 21},
        "released": {"no_seizure": 9},
    },
    "flip_rollback": {
        "undo_forgets_pages": {"atomic": 18},
        "commits_too_early": {"atomic": 18},
        "never_commits": {"atomic": 28},
        "no_intent": {"settled": 4},
        "recovery_trusts_table": {"atomic": 13},
        "forward_without_remap": {"atomic": 6},
        "no_context_left": {"context_intact": 18},
    },
}
CASES = [(name, variant) for name, variants in VIOLATED.items() for variant in variants]


@pytest.mark.parametrize(("name", "instance"), COUNTS)
def test_the_protocol_holds_with_and_without_symmetry(name: str, instance: str) -> None:
    """Every claim holds, on exactly this many states."""
    spec = specification(name)
    reduced, plain = answers(spec, None, instance), answers(spec, None, instance, symmetry=False)

    assert ((reduced.states, plain.states), reduced.wrong | plain.wrong) == (COUNTS[name, instance], frozenset())


@pytest.mark.parametrize("name", WITNESSES)
def test_what_must_be_possible_is(name: str) -> None:
    """Reachable states and scenarios have witnesses of exactly this many steps."""
    assert answers(specification(name)).steps == WITNESSES[name]


@pytest.mark.parametrize("name", VIOLATED)
def test_every_variant_is_in_the_table(name: str) -> None:
    """The table names the variants of the file, and what the file expects of them."""
    written = {variant.name: set(variant.violated) for variant in specification(name).variants}

    assert {variant: set(steps) for variant, steps in VIOLATED[name].items()} == written


@pytest.mark.parametrize(("name", "variant"), CASES)
def test_a_variant_is_caught_by_a_shortest_trace(name: str, variant: str) -> None:
    """The properties named by the variant are violated, by traces of exactly this many steps."""
    found = answers(specification(name), variant)

    assert {claim: found.steps[claim] for claim in VIOLATED[name][variant]} == VIOLATED[name][variant]


def test_the_guarded_order_holds_against_a_driver_that_lies() -> None:
    """The patent's order breaks under a lying driver in ten steps; the guarded one keeps every claim."""
    assert answers(specification("ownership_flip_guarded"), "lying_driver").wrong == frozenset()
    assert answers(specification("ownership_flip"), "lying_driver").steps["dma_confined"] == 10


@needs_rumur
@pytest.mark.slow
@pytest.mark.parametrize(("name", "instance"), COUNTS)
def test_rumur_counts_the_same_states(name: str, instance: str, tmp_path: Path) -> None:
    """Exported to Murphi, the protocol has as many states as without symmetry, and no violation."""
    elaborated = specification(name).elaborate(None, instance)
    assert not isinstance(elaborated, tuple)

    answer = run(export_murphi(elaborated.system), tmp_path)

    assert (answer.states, answer.error) == (COUNTS[name, instance][1], None)
