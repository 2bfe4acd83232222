"""Stuck states: not final, and whatever the hardware and the environment do, the protocol never takes a step again.

The search runs over representatives when there is symmetry. That is sound: an automorphism keeps the kinds of actions
and the truth of `final`, so all states that one representative stands for are stuck or none is.
"""

from __future__ import annotations

from collections import defaultdict

from verifier.engines.explicit.packing import Packed
from verifier.engines.explicit.quotient import ignore
from verifier.engines.explicit.rows import Changes
from verifier.engines.explicit.space import Space
from verifier.engines.verdict import Behaviour
from verifier.engines.watch import Watch, interruptible
from verifier.system.system import Kind


def find_stuck(space: Space, watch: Watch) -> Behaviour | None:
    """The shortest behaviour of a complete space that ends in a stuck state. Raises Stopped."""
    with interruptible():
        idle = _idle(space, watch)
        lively = _leaving(space, idle, watch)
        final = space.quotient.predicate(space.program.system.final)
        for index in idle:
            if index not in lively and not final(space.quotient.view(space.states[index])):
                return space.behaviour(index)
        return None


def _idle(space: Space, watch: Watch) -> list[int]:
    """The states in which no step of the protocol is possible."""
    actions = space.program.system.actions
    expand = space.quotient.expand(action for action in actions if action.kind is Kind.STEP)
    idle = []
    out: list[Changes | Packed] = []
    for index, key in enumerate(space.states):
        watch.look("stuck", index, 0, 0, len(space.states) - index)
        expand(space.quotient.view(key), out.append, ignore)
        if not out:
            idle.append(index)
        out.clear()
    return idle


def _leaving(space: Space, idle: list[int], watch: Watch) -> set[int]:
    """Those idle states from which actions other than faults and steps lead to a state that is not idle."""
    actions = space.program.system.actions
    expand = space.quotient.expand(a for a in actions if a.kind in (Kind.HARDWARE, Kind.ENVIRONMENT))
    quotient = space.quotient
    number = {space.states[index]: index for index in idle}
    before: dict[int, list[int]] = defaultdict(list)
    leaving: set[int] = set()
    out: list[Changes | Packed] = []
    for count, index in enumerate(idle):
        watch.look("stuck", count, 0, 0, len(idle) - count)
        view = quotient.view(space.states[index])
        expand(view, out.append, ignore)
        for step in out:
            target = number.get(quotient.after(view, step))
            if target is None:
                leaving.add(index)
            else:
                before[target].append(index)
        out.clear()
    queue = list(leaving)
    for index in queue:
        for previous in before[index]:
            if previous not in leaving:
                leaving.add(previous)
                queue.append(previous)
    return leaving
