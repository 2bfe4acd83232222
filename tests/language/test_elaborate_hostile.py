"""Texts that try to make elaboration endless: each is refused or accepted quickly, and never with a traceback."""

from __future__ import annotations

import time

import pytest

from tests.language.elaborating import complaints

_SECONDS = 15.0


def _nested(open_: str, close: str, depth: int, core: str) -> str:
    return open_ * depth + core + close * depth


_DOUBLING = "\n".join(f"define d{i}(p: Page) = d{i + 1}(p) and d{i + 1}(p)" for i in range(60))
_TEXTS = {
    "sort of a thousand million": "sort Page size 1000000000",
    "sort of a size beyond any memory": "sort Page size 999999999999999999",
    "many large sorts": "\n".join(f"sort S{i} size 65536" for i in range(200)),
    "region of all addresses": "sort Page\nmachine { region r { hpa 0 .. 0xffffffffffff } }",
    "many large regions": "sort Page\nmachine {\n"
    + "\n".join(f"region r{i} {{ hpa 0 .. 65000 }}" for i in range(100))
    + "\n}",
    "table of everything": "sort Page size 60000\nstate f(Page, Page, Page): bool",
    "relation of two regions": "sort Page\nconst f(Page, Page): bool\nmachine { region r { hpa 0 .. 60000; f r } }",
    "all initial states": "sort Page size 60000\nstate f(Page): 0 .. 1000 = any",
    "definitions that double": f"sort Page size 2\nstate x(Page): bool\n{_DOUBLING}\ndefine d60(p: Page) = x(p)",
    "operations that double": "state x: bool\n"
    + "\n".join(f"operation o{i} {{ o{i + 1}; o{i + 1} }}" for i in range(60))
    + "\noperation o60 { x := true }",
    "a circle of operations": "state x: bool\noperation a { b }\noperation b { c }\noperation c { a }",
    "a circle of constants": "\n".join(f"const c{i}: 0 .. 3 = c{(i + 1) % 500}" for i in range(500)),
    "a long chain of constants": "\n".join(f"const c{i}: 0 .. 3 = c{i + 1}" for i in range(500))
    + "\nconst c500: 0 .. 3 = 1",
    "a circle of constant functions": "\n".join(f"const c{i}(x: bool): bool = c{(i + 1) % 9}(x)" for i in range(9)),
    "a long chain of constant functions": "const c0(x: bool): bool = x\n"
    + "\n".join(f"const c{i}(x: bool): bool = c{i - 1}(x)" for i in range(1, 2000))
    + "\nconst last: bool = c1999(true)",
    "a long chain of definitions": "\n".join(f"define c{i} = c{i + 1}" for i in range(500)) + "\ndefine c500 = true",
    "a sort as large as itself": "sort A size n\nconst n: 0 .. 9 = count a: A: true",
    "counting a product": "sort P size 60000\nconst n: bool = all p, q, r: P: p == q or q == r",
    "numbers that grow": "state x: 0 .. 2000000000 = 0\nalways a: " + " * ".join(["x"] * 90) + " == 0",
    "parentheses": "state x: bool\nalways a: " + _nested("not (", ")", 90, "x"),
    "conditionals": "state x: bool\nalways a: " + _nested("if x then x else (", ")", 90, "x"),
    "quantifiers": "sort P size 2\nalways a: "
    + "".join(f"some p{i}: P: " for i in range(90))
    + " and ".join(f"p{i} == p0" for i in range(90)),
    "ways through a step": "state x: bool\naction go {\n" + "either { x := true } or { skip }\n" * 40 + "}",
    "blocks in blocks": "state x: bool\naction go { " + _nested("if x { ", " }", 90, "skip") + " }",
    "many writes": "sort P size 5000\nstate f(P): bool\naction go {\n"
    + "\n".join(f"f(p{i}) := true" for i in range(5000))
    + "\n}",
    "many unknown names": "\n".join(f"state name{i}: bool\nalways a{i}: nome{i}" for i in range(3000)),
    "an action with many parameters": "sort P size 1000\nstate x: bool\nhardware h(a: P, b: P, c: P) { x := true }",
    "many instances of much": "sort Page\nstate x(Page): bool\n"
    + _DOUBLING.replace("60)", "16)")
    + "\ndefine d60(p: Page) = x(p)\n"
    + "\n".join(f"instance i{i} {{ Page = 2 }}" for i in range(300)),
}


@pytest.mark.parametrize("name", _TEXTS)
def test_work_is_bounded(name: str) -> None:
    """Whatever the text asks for, an answer comes soon."""
    start = time.process_time()
    complaints(f"spec s\n{_TEXTS[name]}\n")
    assert time.process_time() - start < _SECONDS


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("sort of a thousand million", "E0304"),
        ("region of all addresses", "E0304"),
        ("table of everything", "E0307"),
        ("all initial states", "E0307"),
        ("definitions that double", "E0214"),
        ("operations that double", "E0214"),
        ("a circle of operations", "E0115"),
        ("a circle of constants", "E0215"),
        ("a circle of constant functions", "E0219"),
        ("a long chain of constant functions", "E0215"),
        ("a sort as large as itself", "E0219"),
        ("counting a product", "E0214"),
        ("numbers that grow", "E0214"),
        ("ways through a step", "E0325"),
        ("an action with many parameters", "E0307"),
    ],
)
def test_too_much_is_refused_by_name(name: str, code: str) -> None:
    """What is too large is said to be, under the code for it."""
    assert code in complaints(f"spec s\n{_TEXTS[name]}\n")
