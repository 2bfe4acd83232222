"""Which symmetry liveness may be decided under, and why that is sound.

Let a group of automorphisms leave every unit of fairness alone (its actions are mapped to actions of the same unit) as
well as the goal and the trigger of a claim. The *quotient* has a state for each orbit of states, and a transition that
takes unit u from one orbit to another wherever some state of the one has a transition to some state of the other that
takes u. Then the quotient has a fair behaviour that violates the claim exactly if the system has one:

- Replace every state of a behaviour of the system by its orbit: this is a behaviour of the quotient. An automorphism
  maps the transitions from a state to those from its image, unit by unit, so both enable the same units; the same units
  are taken; and goal and trigger hold as often. So it is fair and violates the claim as before.
- A behaviour of the quotient can be followed in the system, from any state of its first orbit: if it has come to state
  s, and the quotient goes on by u from the orbit of s, some image of s has a transition by u into the next orbit, and
  the automorphism takes that transition to one from s, by u, into the same orbit. The behaviour so found visits states
  that enable what their orbits enable, takes the same units, and misses the goal as before. So it is fair, too.

Both are finite, so a loop of the quotient, followed often enough, comes to a state where it has been before: that is
the loop of the system that is shown. Counts must be exact: an abstraction that merges a count with the next one has
loops that the system has not.
"""

from __future__ import annotations

from collections.abc import Iterable

from verifier.system.interpreter import Interpreter
from verifier.system.symmetry import Symmetry, infer
from verifier.system.system import Fairness, Property, System
from verifier.system.types import SortType


def lively_symmetry(interpreter: Interpreter, claims: Iterable[Property]) -> Symmetry:
    """The symmetry that neither the claims nor any unit of fairness can see.

    Orbits are left out in which a member moves that fairness may be assumed of separately. Each of the other orbits is
    one of automorphisms by itself.
    """
    seen = _told_apart(interpreter.system)
    orbits = infer(interpreter, claims).orbits
    return Symmetry(tuple(orbit for orbit in orbits if not any(sort in seen for sort, _ in orbit[0])))


def _told_apart(system: System) -> set[str]:
    """The sorts for whose members fairness is assumed one by one."""
    return {
        parameter.type.sort.name
        for action in system.actions
        if action.fairness is not Fairness.NONE
        for parameter in action.parameters[: action.fair_parameters]
        if isinstance(parameter.type, SortType)
    }
