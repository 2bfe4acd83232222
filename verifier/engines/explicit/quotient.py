"""What a search takes for one state: a state by itself, or all the images of a state under a symmetry.

A search stores *keys*. `view` makes of a key something that formulas and actions can be evaluated on, which yields
*steps*, and `after` the keys that they lead to.

Under a symmetry, keys are counts of equal blocks (see `rows`), and the cost of a state goes with its distinct blocks:
quantifiers and parameters take only representative values (see `representatives`), and a step is what it changes. A
state that cannot be counted is stored in its canonical form (see `canonical`) and gets all values.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping

from verifier.engines.explicit.canonical import Canonicaliser
from verifier.engines.explicit.compiler import Program
from verifier.engines.explicit.packing import Packed
from verifier.engines.explicit.representatives import Choices, Members, Representatives
from verifier.engines.explicit.rows import Changes, Counted, Positions, Rows
from verifier.system.expressions import Expression
from verifier.system.interpreter import Arguments
from verifier.system.symmetry import Symmetry
from verifier.system.system import Action

Key = Hashable


class View:
    """A state to evaluate in: what it holds, and, under a symmetry, its counts (if it has any) and representatives."""

    __slots__ = ("counted", "representatives", "state")

    def __init__(self, state: Positions, representatives: Representatives | None, counted: Counted | None) -> None:
        self.state = state
        self.representatives = representatives
        self.counted = counted


class After(dict[int, int]):
    """The state after a step, without copying the one before."""

    __slots__ = ("before",)

    def __init__(self, changes: Changes, before: Positions) -> None:
        super().__init__(changes)
        self.before = before

    def __missing__(self, place: int) -> int:
        return self.before[place]


class Quotient:
    """One way to merge states; without a symmetry none are merged.

    Of a predicate and a relation it is required, and of an expansion guaranteed, that the symmetry leaves them alone.
    """

    def __init__(self, program: Program, symmetry: Symmetry | None = None) -> None:
        self._program = program
        self._rows: Rows | None = None
        self._choices = Choices(program.system, symmetry)
        if symmetry is not None and symmetry.orbits:
            layout = program.interpreter.layout
            self._rows = Rows(program.system, layout, program.packing, symmetry)
            self._canonical = Canonicaliser(program.system, layout, program.packing, symmetry)
            self._members = Members(program.system, symmetry)
            self._single = [range(number, number + 1) for number in range(len(self._rows.blocks))]

    def key(self, state: Packed) -> Key:
        """What the state is stored as."""
        if self._rows is None:
            return state
        counted = self._rows.counted(state)
        return (self._canonical(state),) if counted is None else self._rows.key(counted.rest, counted.counts)

    def is_counted(self, key: Key) -> bool:
        """Whether a key is of states that can be counted; without a symmetry, none is."""
        return self._rows is not None and isinstance(key, bytes)

    def counted_key(self, rest: tuple[int, ...], rows: Mapping[tuple[int, ...], int]) -> Key:
        """What states are stored as of which `rows.Rows` would say this."""
        assert self._rows is not None
        return self._rows.key_of(rest, rows)

    def view(self, key: Key) -> View:
        """One of the states that are stored as `key`."""
        if self._rows is None:
            return View(key, None, None)  # type: ignore[arg-type]
        if isinstance(key, bytes):
            return self._merged(self._rows.restored(key))
        assert isinstance(key, tuple)
        return View(key[0], Representatives(self._members, self._single), None)

    def look(self, state: Packed) -> View:
        """This very state to evaluate in."""
        if self._rows is None:
            return View(state, None, None)
        counted = self._rows.counted(state)
        if counted is None:
            return View(state, Representatives(self._members, self._single), None)
        return self._merged(counted)

    def _merged(self, counted: Counted) -> View:
        return View(counted.state, Representatives(self._members, counted.groups), counted)

    def after(self, view: View, step: Changes | Packed) -> Key:
        """The key of the state that a step leads to."""
        if self._rows is None:
            return step
        assert isinstance(step, dict)
        key = None if view.counted is None else self._rows.key_after(view.counted, step)
        return self.key(self.stepped(view, step)) if key is None else key

    def stepped(self, view: View, step: Changes | Packed) -> Packed:
        """The state itself that a step leads to."""
        if not isinstance(step, dict):
            return step  # type: ignore[return-value]
        state = list(view.state)
        for place, value in step.items():
            state[place] = value
        return self._program.packing.seal(state)

    def expand(
        self, actions: Iterable[Action]
    ) -> Callable[[View, Callable[[Changes | Packed], None], Callable[[int], None]], None]:
        """expand(view, out, bad): passes every step to `out`, and the code of every failure to `bad`.

        Of steps and failures that are images of each other under the symmetry there is at least one.
        """
        compiled = self._program.expansion(tuple(actions), False, self._choices)
        if self._rows is None:
            return lambda view, out, bad: compiled(view.state, out, bad)
        return lambda view, out, bad: compiled(view.state, view.representatives, out, bad)

    def moves(self, actions: Iterable[Action]) -> Callable[[View], list[tuple[Action, Arguments, Changes | Packed]]]:
        """The steps with the actions and arguments that make them."""
        chosen = tuple(actions)
        compiled = self._program.expansion(chosen, True, self._choices)

        def found(view: View) -> list[tuple[Action, Arguments, Changes | Packed]]:
            out: list[tuple[int, Arguments, Changes | Packed]] = []
            given = () if self._rows is None else (view.representatives,)
            compiled(view.state, *given, out.append, ignore)
            return [(chosen[number], arguments, step) for number, arguments, step in out]

        return found

    def predicate(self, formula: Expression) -> Callable[[View], object]:
        """Whether a closed formula holds."""
        compiled = self._program.formula(("s",), formula, self._choices)
        if self._rows is None:
            return lambda view: compiled(view.state)
        return lambda view: compiled(view.state, view.representatives)

    def relation(self, formula: Expression) -> Callable[[View, Changes | Packed], object]:
        """Whether a closed two-state formula holds of a step."""
        compiled = self._program.formula(("s", "t"), formula)
        if self._rows is None:
            return lambda view, step: compiled(view.state, step)
        return lambda view, step: compiled(view.state, After(step, view.state))  # type: ignore[arg-type]


def ignore(failure: int) -> None:
    """For expansions of which the failures are of no interest."""
