"""Routines mean the same as machine code and as the Python that they are."""

from __future__ import annotations

from array import array
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.engines.native.arrays import Bytes, Halves, Numbers, Words, prefetch
from verifier.engines.native.routine import compiled

FULL = (1 << 64) - 1
NUMBER = st.integers(0, FULL) | st.integers(0, 70) | st.sampled_from((FULL, 1 << 63, (1 << 63) - 1))


def arithmetic(a: int, b: int, out: Words) -> None:
    out[0] = (a + b) & FULL
    out[1] = a - b if a >= b else b - a
    out[2] = (a * b) & FULL
    out[3] = a // b if b else 0
    out[4] = a % b if b != 0 else a
    out[5] = a & b
    out[6] = a | b
    out[7] = a ^ b
    out[8] = (a << (b & 63)) & FULL
    out[9] = a >> (b & 63)


def comparisons(a: int, b: int, out: Bytes) -> int:
    out[0] = a == b
    out[1] = a != b
    out[2] = a < b
    out[3] = a <= b
    out[4] = a > b
    out[5] = a >= b
    out[6] = not a
    out[7] = 1 if (a < b and b < 100) or a == 7 else 0
    out[8] = 1 if not (a or b > 3) else 2
    if a and b:
        return 1
    if a or b:
        return 2
    return 3


def jumps(marks: Bytes, count: int, found: Halves) -> int:
    """Loops with every kind of jump, a bound that changes meanwhile, and a counter that is assigned to."""
    total = 0
    end = count
    for place in range(1, end):
        end = 0
        if marks[place] == 1:
            continue
        if marks[place] == 2:
            break
        found[total] = place
        total += 1
        place = count
    while True:
        if total == 0 or not marks[total - 1] < 3:
            break
        total -= 1
        while total > 2:
            total -= 2
            if total == 4:
                continue
            found[0] += 1
    for again in range(count):
        if marks[again] == 4:
            return again
    return total


def mixed(value: int) -> int:
    return (value * 0x9E3779B97F4A7C15) & FULL


def calls(words: Words, count: int) -> int:
    total = 0
    for index in range(count):
        prefetch(words, index + 8)
        words[index] ^= mixed(mixed(words[index]))
        total = (total + words[index]) & FULL
    return total


def spills(first: int, small: Bytes) -> int:
    """A short circuit must not look where there is nothing."""
    return 1 if first < 4 and small[first] == 1 else 0


CODE = compiled((arithmetic, comparisons, jumps, calls, spills))


@given(NUMBER, NUMBER)
def test_numbers_are_unsigned_words(a: int, b: int) -> None:
    """Every operator and comparison, at both ends of the range too."""
    ours, theirs = array("Q", [0] * 10), array("Q", [0] * 10)
    arithmetic(a, b, ours)
    CODE["arithmetic"](a, b, theirs)
    assert ours == theirs
    small, other = array("B", [0] * 9), array("B", [0] * 9)
    assert comparisons(a, b, small) == CODE["comparisons"](a, b, other)
    assert small == other


@given(st.lists(st.sampled_from((0, 0, 0, 1, 2, 3, 4)), min_size=1, max_size=12))
def test_jumps_go_where_python_goes(marks: list[int]) -> None:
    ours, theirs = array("I", [0] * 12), array("I", [0] * 12)
    assert jumps(array("B", marks), len(marks), ours) == CODE["jumps"](array("B", marks), len(marks), theirs)
    assert ours == theirs


@given(st.lists(NUMBER, min_size=1, max_size=6))
def test_routines_call_routines(words: list[int]) -> None:
    ours, theirs = array("Q", words), array("Q", words)
    assert calls(ours, len(words)) == CODE["calls"](theirs, len(words))
    assert ours == theirs


def test_arrays_of_their_own_are_zeros_for_both() -> None:
    """What machine code writes Python sees, in elements of each width, and the other way round."""
    for width, most in ((8, 0xFF), (32, 0xFFFFFFFF), (64, FULL)):
        numbers = Numbers(width, 5)
        assert list(numbers.view) == [0] * 5
        numbers.view[3] = most
        numbers.write(bytes([1]))
        assert list(numbers.view) == [1, 0, 0, most, 0]
    small = Numbers(8, 4)
    small.view[2] = 1
    assert [CODE["spills"](index, small) for index in (1, 2, 1 << 40)] == [0, 1, 0]


def says_division(a: int) -> int:
    return a / 2  # type: ignore[return-value]


def says_negative(a: int) -> int:
    return a + -1


def says_unknown(a: int) -> int:
    return a + unheard_of  # type: ignore[name-defined]  # noqa: F821


def says_list(a: int) -> int:
    return [a][0]


def says_array(a: Words) -> int:
    return a  # type: ignore[return-value]


def says_chain(a: int) -> int:
    return 1 if 0 < a < 3 else 0


def says_print(a: int) -> None:
    print(a)


def says_itself(a: int) -> int:
    return says_itself(a)


def says_float(a: float) -> None:
    pass


def says_too_many(a: int) -> int:
    return mixed(a, a)  # type: ignore[call-arg]


def says_else(a: int) -> int:
    while a:
        a -= 1
    else:
        a = 3
    return a


@pytest.mark.parametrize(
    "routine",
    [
        says_division,
        says_negative,
        says_unknown,
        says_list,
        says_array,
        says_chain,
        says_print,
        says_itself,
        says_float,
        says_too_many,
        says_else,
    ],
)
def test_what_a_routine_cannot_say_is_refused(routine: Callable[..., int | None]) -> None:
    """With the file and the line; nothing is left out in silence."""
    with pytest.raises(TypeError, match=r"test_routine\.py:\d+: a routine cannot say"):
        compiled([routine])
