"""Routines that replace a state by one of its images under a symmetry, the same one for all images of a state.

It is the least of the images under some orders of the interchangeable blocks. Which orders these are is found by colour
refinement: each block has a number, a *colour*, that is made again and again from what its cells hold and from the
colours of the blocks that it holds or is held by. Blocks are put into the order of their colours. Where some have the
same, each of them in turn is put before the others; but of blocks whose exchange leaves the state as it is only one,
and no more is tried of a block when the same image was found with another one in its place.

Colours are hashes that do not depend on how blocks are numbered, and nothing else of them matters: two blocks that have
the same by accident are tried in either order. So a state and its images end in the same state, and others never do.

`shape` says how a state is cut up (see `canonical`, which makes it); `work` is room for what is found on the way.
"""

from __future__ import annotations

from verifier.engines.native.arrays import Words

BLOCKS = 0
"""How many blocks there are."""
SPOTS = 1
"""How many cells there are that move, or that hold what moves: *spots*."""
ROWS = 2
"""Where the rows of the spots begin. Blocks have a number each before that: that of the first block of their orbit."""
IMAGE = 3
"""Where in `work` an image is made: what each spot holds."""
BEST = 4
"""Where the least one is kept."""
SUM = 5
"""Where each block has what its colour is made from."""
MOVED = 6
"""Where each block has the number of the block whose place it takes; after that, the same for the image kept."""
LEVEL = 7
"""Where the first level begins."""
LEVELS = 8
"""For how many levels there is room; so many choices one after another are not tried."""
HEADER = 9

WORD, SHIFT, MASK = 0, 1, 2
"""In the row of a spot: where it is in a state."""
SEED = 3
"""A number that spots have in common if some order takes one to the other."""
HOLDER = 4
"""Where two numbers begin for each position of a value: 1 + the block that the value is a member of, and which member
of it; 0 if it is no member. 0 where no value is one."""
MEMBER = 5
"""Where the position is of each member in each block."""
BASE = 6
"""The first of the spots that can take this one's place; how much further on they are, its coordinates tell."""
FROM, TO = 7, 8
"""Where these are: the number of a block, and by how much its place in the orbit counts."""
ROW = 9

SPENT = 0
"""In `work`: how often a spot was looked at."""
FOUND = 1
"""Whether there is an image."""
OFFERED = 2
"""What the last order led to: BETTER if its image is the one kept now, SAME if that is not new, or else 0."""
CELLS = 3
"""Where it begins to say what each spot holds."""

BETTER, SAME = 1, 2

TRIED = 0
"""In a level: the colour of the blocks that are put before the others in turn."""
NEXT = 1
"""1 + the block that was put there last; at first 0, and if there are none to be tried, the number of all blocks."""
WAY = 2
"""The block that was put there on the way to the image that is kept."""
COLOUR = 3
"""Where the colours begin."""

EFFORT = 1 << 25
"""So many looks at a spot, some tenths of a second, are the most that is done for what follows one state."""

APART = 16
"""The lowest bits of a colour, which say what orbit the block is of: blocks of two orbits never have the same."""

EVERY = 0xFFFFFFFFFFFFFFFF
MULTIPLIER = 0x9E3779B97F4A7C15
"""2^64 divided by the golden ratio."""


def canonise(shape: Words, work: Words, state: Words, spent: int) -> int:
    """Replaces the state by its canonical image. Returns the looks at a spot that were `spent` before, and those spent
    on it; if they are more than EFFORT, the state may be any image."""
    spent += shape[SPOTS]
    if spent > EFFORT:
        return spent
    for spot in range(shape[SPOTS]):
        row = shape[ROWS] + ROW * spot
        work[CELLS + spot] = (state[shape[row + WORD]] >> shape[row + SHIFT]) & shape[row + MASK]
    work[SPENT] = spent
    work[FOUND] = 0
    for block in range(shape[BLOCKS]):
        work[shape[LEVEL] + COLOUR + block] = colour_of(shape, block, 0)
    levels = 1
    divide(shape, work, shape[LEVEL])
    while levels > 0 and work[SPENT] <= EFFORT:
        level = level_at(shape, levels)
        block = chosen(shape, work, level)
        if block == shape[BLOCKS]:
            levels -= 1
        elif levels == shape[LEVELS]:
            work[SPENT] = EFFORT + 1
        else:
            following = level + COLOUR + shape[BLOCKS]
            for other in range(shape[BLOCKS]):
                work[following + COLOUR + other] = work[level + COLOUR + other]
            work[following + COLOUR + block] = colour_of(shape, block, mixed((work[level + TRIED] + levels) & EVERY))
            divide(shape, work, following)
            levels += 1
            if work[OFFERED] == BETTER:
                for number in range(1, levels):
                    passed = level_at(shape, number)
                    work[passed + WAY] = work[passed + NEXT] - 1
            elif work[OFFERED] == SAME:
                levels = parting(shape, work, levels)
    if work[FOUND] != 0:
        for spot in range(shape[SPOTS]):
            row = shape[ROWS] + ROW * spot
            word = state[shape[row + WORD]]
            hole = word & (shape[row + MASK] << shape[row + SHIFT])
            state[shape[row + WORD]] = word ^ hole ^ (work[shape[BEST] + spot] << shape[row + SHIFT])
    return work[SPENT]


def level_at(shape: Words, number: int) -> int:
    """Where a level begins; the first one has number 1."""
    return shape[LEVEL] + (number - 1) * (COLOUR + shape[BLOCKS])


def mixed(number: int) -> int:
    """Another number, far from it."""
    product = (number * MULTIPLIER) & EVERY
    return product ^ (product >> 32)


def colour_of(shape: Words, block: int, number: int) -> int:
    """The number as a colour of the block; never 0."""
    return (number >> APART << APART) + shape[HEADER + block] + 1


def divide(shape: Words, work: Words, level: int) -> None:
    """Tells blocks apart by what they hold, as far as that goes: to an image, or to a colour that has to be tried."""
    work[level + NEXT] = shape[BLOCKS]
    work[OFFERED] = 0
    while work[SPENT] <= EFFORT:
        refine(shape, work, level + COLOUR)
        colour = tied(shape, work, level + COLOUR)
        if colour == 0:
            offer(shape, work, level + COLOUR)
            return
        if not alike(shape, work, level + COLOUR, colour):
            work[level + TRIED] = colour
            work[level + NEXT] = 0
            return
        # Whichever order these are put into, the image is the same.
        turn = 0
        for block in range(shape[BLOCKS]):
            if work[level + COLOUR + block] == colour:
                turn += 1
                work[level + COLOUR + block] = colour_of(shape, block, turn << APART)


def refine(shape: Words, work: Words, colours: int) -> None:
    """Makes colours from those that there are, until no more of them come to differ."""
    blocks = shape[BLOCKS]
    sums = shape[SUM]
    before = 0
    count = distinct(work, colours, blocks)
    while before < count and count < blocks:
        work[SPENT] += shape[SPOTS]
        for block in range(blocks):
            work[sums + block] = 0
        for spot in range(shape[SPOTS]):
            row = shape[ROWS] + ROW * spot
            content = work[CELLS + spot]
            owner = 0
            if shape[row + HOLDER] != 0:
                held = shape[row + HOLDER] + 2 * content
                owner = shape[held]
                if owner != 0:
                    content = mixed((work[colours + owner - 1] + shape[held + 1]) & EVERY)
            seen = mixed((shape[row + SEED] + content) & EVERY)
            for place in range(shape[row + FROM], shape[row + TO]):
                seen = mixed((seen + work[colours + shape[2 * place]]) & EVERY)
            for place in range(shape[row + FROM], shape[row + TO]):
                block = shape[2 * place]
                own = 1 if owner == block + 1 else 0
                role = seen + 2 * (place - shape[row + FROM] + 1) + own
                work[sums + block] = (work[sums + block] + mixed(role & EVERY)) & EVERY
            if owner != 0:
                work[sums + owner - 1] = (work[sums + owner - 1] + mixed(seen)) & EVERY
        for block in range(blocks):
            seen = mixed((work[colours + block] + mixed(work[sums + block])) & EVERY)
            work[colours + block] = colour_of(shape, block, seen)
        before = count
        count = distinct(work, colours, blocks)


def distinct(work: Words, colours: int, blocks: int) -> int:
    """How many colours there are."""
    count = 0
    for block in range(blocks):
        other = 0
        while work[colours + other] != work[colours + block]:
            other += 1
        if other == block:
            count += 1
    return count


def tied(shape: Words, work: Words, colours: int) -> int:
    """The least colour of several blocks; 0 if there is none."""
    least = 0
    for block in range(shape[BLOCKS]):
        colour = work[colours + block]
        if least == 0 or colour < least:
            for other in range(block):
                if work[colours + other] == colour:
                    least = colour
    return least


def alike(shape: Words, work: Words, colours: int, colour: int) -> int:
    """Whether all blocks of a colour are twins."""
    first = 0
    while work[colours + first] != colour:
        first += 1
    for block in range(first + 1, shape[BLOCKS]):
        if work[colours + block] == colour and twins(shape, work, first, block) == 0:
            return 0
    return 1


def chosen(shape: Words, work: Words, level: int) -> int:
    """The next block to be put before the others of its colour; none that is a twin of one that was there before."""
    colours = level + COLOUR
    colour = work[level + TRIED]
    for block in range(work[level + NEXT], shape[BLOCKS]):
        if work[colours + block] == colour:
            fresh = 1
            for other in range(block):
                if fresh != 0 and work[colours + other] == colour:
                    fresh = 1 - twins(shape, work, other, block)
            if fresh != 0:
                work[level + NEXT] = block + 1
                return block
    return shape[BLOCKS]


def twins(shape: Words, work: Words, one: int, other: int) -> int:
    """Whether the exchange of two blocks leaves the state as it is."""
    work[SPENT] += shape[SPOTS]
    moved = shape[MOVED]
    for block in range(shape[BLOCKS]):
        work[moved + block] = block
    work[moved + one] = other
    work[moved + other] = one
    for spot in range(shape[SPOTS]):
        if work[CELLS + target(shape, work, spot)] != content_there(shape, work, spot):
            return 0
    return 1


def offer(shape: Words, work: Words, colours: int) -> None:
    """The image in which the blocks are in the order of their colours is kept if it is the least one so far."""
    work[SPENT] += shape[SPOTS]
    for block in range(shape[BLOCKS]):
        place = shape[HEADER + block]
        for other in range(shape[BLOCKS]):
            if shape[HEADER + other] == shape[HEADER + block] and work[colours + other] < work[colours + block]:
                place += 1
        work[shape[MOVED] + block] = place
    image = shape[IMAGE]
    best = shape[BEST]
    spots = shape[SPOTS]
    for spot in range(spots):
        work[image + target(shape, work, spot)] = content_there(shape, work, spot)
    if work[FOUND] != 0:
        spot = 0
        while spot < spots and work[image + spot] == work[best + spot]:
            spot += 1
        if spot == spots:
            work[OFFERED] = SAME
            return
        if work[image + spot] > work[best + spot]:
            return
    work[FOUND] = 1
    work[OFFERED] = BETTER
    for block in range(shape[BLOCKS]):
        work[shape[MOVED] + shape[BLOCKS] + block] = work[shape[MOVED] + block]
    for spot in range(spots):
        work[best + spot] = work[image + spot]


def parting(shape: Words, work: Words, levels: int) -> int:
    """The level to go on at after an image that is the same as the one kept.

    Two orders that lead to one image differ by an exchange of blocks that leaves the state as it is. If it leaves alone
    what was chosen for both, and takes the first choice in which they differ to the other, then whatever else follows
    the one choice has followed the other already.
    """
    moved = shape[MOVED]
    for number in range(1, levels):
        level = level_at(shape, number)
        block = work[level + NEXT] - 1
        before = work[level + WAY]
        if work[moved + block] != work[moved + shape[BLOCKS] + before]:
            return levels
        if block != before:
            return number
    return levels


def target(shape: Words, work: Words, spot: int) -> int:
    """The spot whose place this one takes."""
    row = shape[ROWS] + ROW * spot
    there = shape[row + BASE]
    for place in range(shape[row + FROM], shape[row + TO]):
        block = work[shape[MOVED] + shape[2 * place]]
        there += (block - shape[HEADER + block]) * shape[2 * place + 1]
    return there


def content_there(shape: Words, work: Words, spot: int) -> int:
    """What it holds there."""
    row = shape[ROWS] + ROW * spot
    content = work[CELLS + spot]
    if shape[row + HOLDER] != 0:
        held = shape[row + HOLDER] + 2 * content
        if shape[held] != 0:
            block = work[shape[MOVED] + shape[held] - 1]
            return shape[shape[row + MEMBER] + shape[held + 1] * shape[BLOCKS] + block]
    return content


INLINE = (mixed, colour_of, level_at, target, content_there)
"""Routines that are written out where they are called."""
