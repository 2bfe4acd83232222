"""Where a behaviour may wait for ever: the fair components of a graph without its goal states.

Behaviours may also stay in a state for ever (stuttering), unless fairness forbids it, so every single state counts as
strongly connected. A set of states can be what a behaviour visits again and again if every weakly fair unit is disabled
in one of them or taken by a transition between them, and every strongly fair unit is disabled in all of them or taken.
Where a strongly fair unit is enabled in a component but taken nowhere, the states that enable it are removed and the
rest is taken apart again (R. S. Streett). There may be any number of units.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import cycle

from verifier.engines.explicit.liveness import routines
from verifier.engines.explicit.liveness.graph import Graph, Rows
from verifier.engines.explicit.liveness.routines import NONE, STRONG
from verifier.engines.explicit.liveness.runner import Room, Runner
from verifier.engines.watch import Stopped, Watch, interruptible
from verifier.system.system import Property, PropertyKind

FRAME = 6
"""How many numbers a routine keeps from one turn to the next."""


class Waiting:
    """The behaviours that wait for the goal of one claim. After `search`:

    `entry` is the nearest state of a fair component, or NONE; `origins` leads back from it to where waiting begins, and
    its component are the states of the same `rank`. `triggered` tells whether the trigger of a LEADS_TO claim holds
    anywhere.
    """

    def __init__(self, graph: Graph, claim: Property, run: Runner, watch: Watch) -> None:
        self.entry = NONE
        self.triggered = False
        self._graph = graph
        self._rows: Rows = graph.rows
        self._claim = claim
        self._run = run
        self._watch = watch
        room = Room(watch)
        count = self._rows.count
        self.flags = room.zeros(8, count)
        self.origins = room.zeros(32, count)
        self.rank = room.zeros(32, count)
        self._lists = [room.zeros(32, count) for _ in range(3)]
        self._tried = room.zeros(32, count)
        units = graph.units.count
        self._kinds = room.zeros(8, units)
        kinds = graph.units.kinds()
        self._kinds.write(kinds)
        again = count if any(kind & STRONG for kind in kinds) else 1
        self._rests = [room.zeros(32, again) for _ in range(2)]
        self._noted = [room.zeros(32, units) for _ in range(4)]

    def search(self) -> None:
        """Finds out. Raises Stopped."""
        with interruptible():
            self.triggered = self._graph.mark(self._claim, self.flags, self._watch)
            everywhere = self._claim.kind is PropertyKind.LEADS_TO
            if self._run(routines.begin, self._rows.parents, self.flags, self._rows.count, int(everywhere)):
                queue = self._lists[0]
                reached = self._reach()
                if self._fair(reached):
                    self.entry = self._run(routines.nearest, queue, self.flags, reached)

    def _look(self, done: Callable[[], int], whole: int) -> None:
        self._watch.look("liveness", self._rows.count, self._graph.transitions, self._graph.depth, whole - done())

    def _reach(self) -> int:
        """Fills the queue and `origins`; how many states wait."""
        rows, frame = self._rows, Room(self._watch).zeros(64, FRAME)
        look = partial(self._look, lambda: frame.view[0], rows.count)
        queue = self._lists[0]
        graph = (rows.first, rows.targets, rows.parents, self.flags)
        self._run.in_turns(look, routines.reach, *graph, self.origins, queue, frame, rows.count)
        return frame.view[1]

    def _fair(self, count: int) -> int:
        """Marks the states in fair components among the first `count` of the queue; how many they are."""
        rows, run = self._rows, self._run
        region, stack, order = self._lists
        room = Room(self._watch)
        fair, component = 0, NONE - 1
        for rest in cycle(self._rests):
            if component < 2 * rows.count:
                raise Stopped("there are more components than can be told apart")
            for start in range(0, count, run.turn):
                self._look(lambda: 0, count)
                run(routines.take, region, self.flags, self.rank, start, min(count, start + run.turn))
            frame = room.zeros(64, FRAME)
            frame.view[4], frame.view[5] = 1, component
            look = partial(self._look, partial(frame.view.__getitem__, 3), count)
            lists = (region, self.rank, stack, self._tried, order, frame, count)
            run.in_turns(look, routines.components, rows.first, rows.targets, self.flags, *lists)
            component = frame.view[5]
            frame = room.zeros(64, FRAME)
            look = partial(self._look, partial(frame.view.__getitem__, 0), count)
            graph = (rows.first, rows.targets, rows.units, self._kinds, self.flags, self.rank, order)
            run.in_turns(look, routines.sift, *graph, *self._noted, rest, frame, count)
            fair += frame.view[2]
            count = frame.view[1]
            if count == 0:
                break
            region = rest
        return fair
