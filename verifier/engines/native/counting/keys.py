"""Routines that write and read the keys of states.

A key is the number of the state's rest and, for each of its rows in the order of their numbers, that number and how
many blocks have the row. It fills words from below; a row goes on in the next word where there is no room
for it. Two states with one key are images of each other, and images have one key. What an absent row leaves is 0.
"""

from __future__ import annotations

from verifier.engines.native.arrays import Words
from verifier.engines.native.bits import WORD
from verifier.engines.native.counting.desk import (
    CHANGED,
    COUNT_BITS,
    GROUP,
    GROUPS,
    NEW,
    NEW_ROW,
    REST,
    REST_BITS,
    ROW_BITS,
    WORDS,
)

KEY_BITS = WORD
"""The bits of a word that a key uses."""


def unpack(desk: Words, keys: Words, start: int) -> None:
    """Takes apart the key that begins at `start`."""
    words = desk[WORDS]
    count_bits = desk[COUNT_BITS]
    bits = desk[ROW_BITS] + count_bits
    every = (1 << bits) - 1
    counts = (1 << count_bits) - 1
    group = desk[GROUP]
    word = 0
    content = keys[start]
    desk[REST] = content & ((1 << desk[REST_BITS]) - 1)
    content = content >> desk[REST_BITS]
    left = KEY_BITS - desk[REST_BITS]
    while True:
        if left < bits:
            word += 1
            if word == words:
                break
            content = keys[start + word]
            left = KEY_BITS
        entry = content & every
        if entry == 0:
            break
        desk[group] = entry >> count_bits
        desk[group + 1] = entry & counts
        group += 2
        content = content >> bits
        left = left - bits
    desk[GROUPS] = (group - desk[GROUP]) // 2


def pack(desk: Words, rest: int, out: Words, start: int, counts: int) -> int:
    """Puts the key of the new rows together, which are in the order of their numbers; 1 if it does not fit, else 0.

    `counts` tells where the counts are beside the numbers.
    """
    words = desk[WORDS]
    count_bits = desk[COUNT_BITS]
    bits = desk[ROW_BITS] + count_bits
    if rest >> desk[REST_BITS] != 0:
        return 1
    content = rest
    used = desk[REST_BITS]
    word = 0
    new = desk[NEW]
    for index in range(desk[CHANGED]):
        row = desk[new + NEW_ROW * index]
        count = desk[new + NEW_ROW * index + counts]
        if count != 0:
            if row >> desk[ROW_BITS] != 0:
                return 1
            if used + bits > KEY_BITS:
                out[start + word] = content
                word += 1
                if word == words:
                    return 1
                content = 0
                used = 0
            content = content | (((row << count_bits) | count) << used)
            used += bits
    out[start + word] = content
    for rest_of in range(word + 1, words):
        out[start + rest_of] = 0
    return 0


def recode(desk: Words, keys: Words, out: Words, number: int, words: int, rest_bits: int, row_bits: int) -> int:
    """Writes that many keys in another way, into as many words as now or more; 1 if one does not fit, else 0.

    The desk knows the new way afterwards. Where the words of a key stay as many, `out` may be `keys`.
    """
    old_words = desk[WORDS]
    old_rest_bits = desk[REST_BITS]
    old_row_bits = desk[ROW_BITS]
    failed = 0
    for index in range(number):
        desk[WORDS] = old_words
        desk[REST_BITS] = old_rest_bits
        desk[ROW_BITS] = old_row_bits
        unpack(desk, keys, index * old_words)
        new = desk[NEW]
        group = desk[GROUP]
        for entry in range(desk[GROUPS]):
            desk[new + NEW_ROW * entry] = desk[group + 2 * entry]
            desk[new + NEW_ROW * entry + 1] = desk[group + 2 * entry + 1]
        desk[CHANGED] = desk[GROUPS]
        desk[WORDS] = words
        desk[REST_BITS] = rest_bits
        desk[ROW_BITS] = row_bits
        failed = failed | pack(desk, desk[REST], out, index * words, 1)
    desk[WORDS] = words
    desk[REST_BITS] = rest_bits
    desk[ROW_BITS] = row_bits
    return failed
