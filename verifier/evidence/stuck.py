"""Can a step of the protocol ever be taken again from a state, without a fault happening first?"""

from __future__ import annotations

from collections import deque

from verifier.system.interpreter import Interpreter
from verifier.system.layout import State
from verifier.system.system import Kind

SEARCHED = 500
"""States that are looked at before the question is given up: the interpreter is slow."""


def step_remains_possible(interpreter: Interpreter, state: State) -> bool | None:
    """Whether hardware and environment can lead to a step; None if too many states would have to be looked at."""
    seen = {state}
    waiting = deque(seen)
    while waiting:
        current = waiting.popleft()
        for action, arguments in interpreter.enabled(current):
            if action.kind is Kind.FAULT:
                continue
            following = interpreter.perform(action, arguments, current).state
            if following is None:
                continue
            if action.kind is Kind.STEP:
                return True
            if following not in seen:
                seen.add(following)
                waiting.append(following)
        if len(seen) > SEARCHED:
            return None
    return False
