"""specs/vfio_migration.flip and specs/vfio_pair.flip: the states of a VFIO device, and two of them migrated."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.export.rumur import needs_rumur, run
from tests.specs.answers import Answers, answers, specification
from verifier.language.specification import Specification
from verifier.report.murphi import export_murphi
from verifier.system.interpreter import Interpreter
from verifier.system.types import Value

ONE_DEVICE = {
    "back_after_the_end": {"refusals": 4, "one_stream": 5},
    "interior_nodes": {"one_stream": 4},
    "saving_on_the_way": {"saving_inside": 2},
    "straight_to_stop": {"only_arcs": 2},
    "running_in_circles": {"short": 6, "shortest": 4, "answered": 9},
    "no_skipping": {"exists_here": 2},
    "no_drain": {"quiet": 3},
    "assumed_state": {"user_knows": 3, "stream_open": 6},
    "reset_unnoticed": {"user_knows": 3, "stream_open": 4},
    "reset_at_once": {"only_arcs": 4},
}

TWO_DEVICES = {
    "one_by_one": {"accepted": 3, "saved_last": 3},
    "started_one_by_one": {"accepted": 26},
    "barrier_without_drain": {"accepted": 9, "saved_last": 12},
    "stopped_before_loading": {"exact": 24},
    "no_bus_master": {"works": 26},
    "no_interrupt": {"works": 26},
}

CAPABILITIES = {
    # p2p, precopy: states without ERROR (which is 0), arcs, most hops, refused pairs
    (False, False): (4, 6, 2, 0),
    (False, True): (5, 9, 3, 1),
    (True, False): (5, 8, 3, 0),
    (True, True): (7, 15, 4, 2),
}


@pytest.fixture(scope="module")
def migration() -> Specification:
    return specification("vfio_migration")


@pytest.fixture(scope="module")
def pair() -> Specification:
    return specification("vfio_pair")


@pytest.fixture(scope="module")
def correct(migration: Specification) -> Answers:
    return answers(migration)


def test_the_table_of_the_kernel_keeps_its_promises(correct: Answers) -> None:
    """All theorems hold for all four sets of capabilities in one search of 3,044 states."""
    assert (correct.states, correct.wrong) == (3_044, frozenset())


def test_a_migration_is_possible(correct: Answers) -> None:
    """Saving, loading, the longest path and the way into ERROR have witnesses of these lengths."""
    assert correct.steps == {"longest": 6, "broken": 2, "save": 9, "load": 9, "failed_half_way": 4}


@pytest.mark.parametrize(("capabilities", "numbers"), CAPABILITIES.items())
def test_the_table_has_the_published_numbers(
    migration: Specification, capabilities: tuple[bool, bool], numbers: tuple[int, int, int, int]
) -> None:
    """States, collapsed arcs, longest path and refused pairs are those counted from the kernel's own table."""
    elaborated = migration.elaborate()
    assert not isinstance(elaborated, tuple)
    interpreter = Interpreter(elaborated.system)
    state = next(interpreter.initial_states())

    def ask(name: str, *arguments: Value) -> int:
        return int(interpreter.value_at(name, arguments, state) or 0)

    there = [s for s in range(1, 8) if ask("supported", *capabilities, s)]
    pairs = [(a, b) for a in there for b in there if a != b]

    def hops(a: int, b: int) -> int | None:
        """How many arcs lead from a to b; None if the request is refused."""
        taken = 0
        while a != b:
            a, taken = ask("hop", *capabilities, a, b), taken + 1
            if a == 0:
                return None
        return taken

    lengths = [length for a, b in pairs if (length := hops(a, b)) is not None]

    assert (
        len(there),
        sum(bool(ask("arc", capabilities[0], a, b)) for a, b in pairs),
        max(lengths),
        len(pairs) - len(lengths),
    ) == numbers


@pytest.mark.parametrize("variant", ONE_DEVICE)
def test_a_wrong_table_driver_or_user_is_caught(migration: Specification, variant: str) -> None:
    """The theorem that the variant breaks is the one that is named, by a trace of exactly this many steps."""
    found = answers(migration, variant)

    assert {name: found.steps[name] for name in ONE_DEVICE[variant]} == ONE_DEVICE[variant]


@pytest.mark.parametrize(("name", "table"), [("vfio_migration", ONE_DEVICE), ("vfio_pair", TWO_DEVICES)])
def test_every_variant_is_tested(name: str, table: dict[str, dict[str, int]]) -> None:
    """The tables above name the variants, and what the specifications expect of them."""
    assert {v.name: set(v.violated) for v in specification(name).variants} == {v: set(table[v]) for v in table}


@pytest.mark.parametrize(("instance", "plain", "reduced"), [("two", 64, 45), ("three", 176, 70)])
def test_two_devices_are_migrated(pair: Specification, instance: str, plain: int, reduced: int) -> None:
    """Everything holds for two and three devices; symmetry between them saves the states that it should."""
    with_symmetry, without = answers(pair, instance=instance), answers(pair, instance=instance, symmetry=False)

    assert (without.states, without.wrong) == (plain, frozenset())
    assert (with_symmetry.states, with_symmetry.wrong) == (reduced, frozenset())


@needs_rumur
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "instance", "states"),
    [("vfio_migration", "all_capabilities", 3_044), ("vfio_pair", "two", 64), ("vfio_pair", "three", 176)],
)
def test_rumur_agrees(name: str, instance: str, states: int, tmp_path: Path) -> None:
    """Exported to Murphi, the protocols have as many states and no violation."""
    elaborated = specification(name).elaborate(instance=instance)
    assert not isinstance(elaborated, tuple)

    answer = run(export_murphi(elaborated.system), tmp_path)

    assert (answer.states, answer.error) == (states, None)


@pytest.mark.parametrize("variant", TWO_DEVICES)
def test_a_step_missing_for_two_devices_is_caught(pair: Specification, variant: str) -> None:
    """No barrier, no drain, a wrong order, a missing step on resume: the named properties, in exactly so many steps."""
    found = answers(pair, variant)

    assert {name: found.steps[name] for name in TWO_DEVICES[variant]} == TWO_DEVICES[variant]
