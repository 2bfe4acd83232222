"""The algorithms of liveness over arrays, as routines: Python runs them as they stand, or machine code made of them.

A graph has `first`, `targets` and `units`: the transitions from state s are those with the numbers first[s] up to but
not including first[s + 1]; each has the state it leads to and the unit of fairness that it takes, or NO_UNIT. `kinds`
has WEAK and STRONG for each unit, and `flags` what is known of each state.

What may take long works in turns: it returns after about `limit` transitions, keeps where it was in `frame`, and
returns MORE until it has come to its end.
"""

from __future__ import annotations

from verifier.engines.native.arrays import Bytes, Halves, Words

NONE = 0xFFFFFFFF
"""No state."""

NO_UNIT = 0

WEAK = 1
STRONG = 2

WAITING = 1
"""The goal is not reached in the state."""
START = 2
"""Waiting may begin in the state."""
REACHED = 4
"""The state is on a behaviour that waits."""
REGION = 8
"""The state may be in a fair loop."""
LOWERED = 16
"""In the search for components: something before the state can be reached from it."""
FAIR = 32
"""The state is in a fair component."""
TRIGGERED = 64
"""The trigger holds in the state."""

KEPT = 255 - REGION
NOT_LOWERED = 255 - LOWERED

DONE = 0
MORE = 1


def begin(parents: Halves, flags: Bytes, count: int, everywhere: int) -> int:
    """Marks where waiting may begin: in initial states, or `everywhere` that the trigger holds; how many there are."""
    found = 0
    for state in range(count):
        if flags[state] & WAITING and (flags[state] & TRIGGERED if everywhere else parents[state] == NONE):
            flags[state] |= START
            found += 1
    return found


def reach(
    first: Words,
    targets: Halves,
    parents: Halves,
    flags: Bytes,
    origins: Halves,
    queue: Halves,
    frame: Words,
    count: int,
    limit: int,
) -> int:
    """Finds the states on behaviours that wait, in the order of their distance from an initial state.

    They are put into `queue`, the number of the state before each into `origins`: NONE where waiting begins. States are
    numbered breadth first, so those that are reached from an earlier layer come before those of the next. `frame` has
    the next state of the queue, its end, the end of the present layer in it, and the next state to begin in.
    """
    head = frame[0]
    tail = frame[1]
    stop = frame[2]
    later = frame[3]
    done = 0
    while done < limit:
        if head == stop:
            if head == tail and later == count:
                frame[1] = tail
                return DONE
            layer = later
            while later < count and (parents[later] == NONE or parents[later] < layer):
                if flags[later] & START and not flags[later] & REACHED:
                    flags[later] |= REACHED
                    origins[later] = NONE
                    queue[tail] = later
                    tail += 1
                later += 1
            done += 1 + later - layer
            stop = tail
            continue
        state = queue[head]
        head += 1
        for edge in range(first[state], first[state + 1]):
            target = targets[edge]
            if flags[target] & (WAITING + REACHED) == WAITING:
                flags[target] |= REACHED
                origins[target] = state
                queue[tail] = target
                tail += 1
        done += 1 + first[state + 1] - first[state]
    frame[0] = head
    frame[1] = tail
    frame[2] = stop
    frame[3] = later
    return MORE


def take(region: Halves, flags: Bytes, rank: Halves, start: int, stop: int) -> None:
    """Puts some states of a list into the region, as not yet visited."""
    for place in range(start, stop):
        flags[region[place]] |= REGION
        rank[region[place]] = 0


def components(
    first: Words,
    targets: Halves,
    flags: Bytes,
    region: Halves,
    rank: Halves,
    stack: Halves,
    tried: Halves,
    order: Halves,
    frame: Words,
    count: int,
    limit: int,
) -> int:
    """The strongly connected components of the subgraph of the `count` states in `region`.

    Tarjan's algorithm with one number for each state (D. J. Pearce, A space-efficient algorithm for finding strongly
    connected components, 2016). `rank` becomes the number of the state's component; `order` has the states of each
    component side by side. In `stack` the path to the present state grows from one end, and states of unfinished
    components are kept at the other; `tried` has how many transitions were looked at from each state of the path.

    `frame` has the next root to try, the lengths of the path, of what is kept and of `order`, the next rank of a state
    and that of a component. These go down from where they were, so no two components ever have the same one.
    """
    root = frame[0]
    path = frame[1]
    kept = frame[2]
    ordered = frame[3]
    index = frame[4]
    component = frame[5]
    done = 0
    while done < limit:
        if path == 0:
            while root < count and rank[region[root]] != 0:
                root += 1
            if root == count:
                frame[5] = component
                return DONE
            stack[0] = region[root]
            tried[0] = 0
            path = 1
            rank[region[root]] = index
            index += 1
            flags[region[root]] &= NOT_LOWERED
        state = stack[path - 1]
        start = first[state] + tried[path - 1]
        stop = first[state + 1]
        edge = start
        new = NONE
        while edge < stop:
            target = targets[edge]
            edge += 1
            if flags[target] & REGION:
                if rank[target] == 0:
                    new = target
                    break
                if rank[target] < rank[state]:
                    rank[state] = rank[target]
                    flags[state] |= LOWERED
        done += 1 + edge - start
        tried[path - 1] = edge - first[state]
        if new != NONE:
            stack[path] = new
            tried[path] = 0
            path += 1
            rank[new] = index
            index += 1
            flags[new] &= NOT_LOWERED
            continue
        path -= 1
        if flags[state] & LOWERED:
            kept += 1
            stack[count - kept] = state
        else:
            index -= 1
            while kept > 0 and rank[stack[count - kept]] >= rank[state]:
                member = stack[count - kept]
                rank[member] = component
                order[ordered] = member
                ordered += 1
                kept -= 1
                index -= 1
            rank[state] = component
            order[ordered] = state
            ordered += 1
            component -= 1
        if path > 0 and rank[state] < rank[stack[path - 1]]:
            rank[stack[path - 1]] = rank[state]
            flags[stack[path - 1]] |= LOWERED
    frame[0] = root
    frame[1] = path
    frame[2] = kept
    frame[3] = ordered
    frame[4] = index
    frame[5] = component
    return MORE


def survey(
    first: Words,
    targets: Halves,
    units: Halves,
    rank: Halves,
    order: Halves,
    start: int,
    stop: int,
    seen: Halves,
    enabled: Halves,
    last: Halves,
    taken: Halves,
) -> int:
    """Counts in how many states of a component each unit is enabled, and notes which are taken within.

    The component is order[start .. stop - 1]. What is noted of a unit is good if `seen` has the component's rank:
    `enabled`, and `taken` if it has the rank too. `last` is the last state in which the unit was counted. Returns how
    many states and transitions were looked at.
    """
    component = rank[order[start]]
    done = 0
    for place in range(start, stop):
        state = order[place]
        for edge in range(first[state], first[state + 1]):
            unit = units[edge]
            if unit != NO_UNIT:
                if seen[unit] != component:
                    seen[unit] = component
                    enabled[unit] = 0
                    taken[unit] = 0
                    last[unit] = NONE
                if last[unit] != state:
                    last[unit] = state
                    enabled[unit] += 1
                if rank[targets[edge]] == component:
                    taken[unit] = component
        done += 1 + first[state + 1] - first[state]
    return done


def unfair(
    first: Words,
    units: Halves,
    kinds: Bytes,
    rank: Halves,
    order: Halves,
    start: int,
    stop: int,
    enabled: Halves,
    taken: Halves,
) -> int:
    """Whether a weakly fair unit is enabled in all states of a component and not taken within; after `survey`.

    Such a unit is enabled in the component's first state.
    """
    state = order[start]
    for edge in range(first[state], first[state + 1]):
        unit = units[edge]
        if kinds[unit] & WEAK and enabled[unit] == stop - start and taken[unit] != rank[state]:
            return 1
    return 0


def misses(first: Words, units: Halves, kinds: Bytes, taken: Halves, state: int, component: int) -> int:
    """Whether a strongly fair unit that is not taken in the component is enabled in the state."""
    for edge in range(first[state], first[state + 1]):
        if kinds[units[edge]] & STRONG and taken[units[edge]] != component:
            return 1
    return 0


def sift(
    first: Words,
    targets: Halves,
    units: Halves,
    kinds: Bytes,
    flags: Bytes,
    rank: Halves,
    order: Halves,
    seen: Halves,
    enabled: Halves,
    last: Halves,
    taken: Halves,
    rest: Halves,
    frame: Words,
    count: int,
    limit: int,
) -> int:
    """Judges the components in `order`: a fair one is marked, one that cannot have a fair part is dropped.

    A component is dropped that a weakly fair unit forbids, for it forbids every part too. If a strongly fair unit is
    missed, the states in which it is enabled are dropped; the others go into `rest`, to be taken apart again. `frame`
    has the place in `order`, the length of `rest`, and how many states are in fair components.
    """
    start = frame[0]
    kept = frame[1]
    fair = frame[2]
    done = 0
    while start < count and done < limit:
        component = rank[order[start]]
        stop = start + 1
        while stop < count and rank[order[stop]] == component:
            stop += 1
        done += survey(first, targets, units, rank, order, start, stop, seen, enabled, last, taken)
        if unfair(first, units, kinds, rank, order, start, stop, enabled, taken):
            for place in range(start, stop):
                flags[order[place]] &= KEPT
        else:
            missed = 0
            for place in range(start, stop):
                if misses(first, units, kinds, taken, order[place], component):
                    missed += 1
                    flags[order[place]] &= KEPT
            for place in range(start, stop):
                if missed == 0:
                    flags[order[place]] = (flags[order[place]] & KEPT) | FAIR
                    fair += 1
                elif flags[order[place]] & REGION:
                    rest[kept] = order[place]
                    kept += 1
        start = stop
    frame[0] = start
    frame[1] = kept
    frame[2] = fair
    return MORE if start < count else DONE


def nearest(queue: Halves, flags: Bytes, count: int) -> int:
    """The first state of the queue that is in a fair component, or NONE."""
    for place in range(count):
        if flags[queue[place]] & FAIR:
            return queue[place]
    return NONE
