"""Machine keeps the contract of the interface."""

import inspect

import pytest

from verifier.machine import Machine, MachineInterface

OPERATIONS = sorted(name for name in vars(MachineInterface) if not name.startswith("_"))


@pytest.mark.parametrize("name", OPERATIONS)
def test_machine_implements(name: str) -> None:
    """Each operation is implemented, with the signature of the interface, and the interface says what it means."""
    promised, kept = getattr(MachineInterface, name), getattr(Machine, name)

    assert kept is not promised
    assert inspect.signature(kept) == inspect.signature(promised)
    assert promised.__doc__
    assert kept.__doc__ is None, "said once, in the interface"


def test_machine_has_nothing_else() -> None:
    """There is no public method beyond the interface, so that what runs on Machine runs on QEMU."""
    public = sorted(name for name in dir(Machine) if not name.startswith("_"))

    assert public == OPERATIONS
