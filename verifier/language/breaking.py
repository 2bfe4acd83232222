"""Expressions that are too long for one line."""

from __future__ import annotations

from verifier.language import inline, tree

STEP = 2
"""How much further in the lines stand that go on with one above."""


def broken(before: str, expression: tree.Expr, after: str, width: int) -> list[tuple[int, str]]:
    """An expression between two pieces of text, on several lines if one of this width does not hold it.

    There is a line for each operand of its loosest operator, or for each case of a conditional; what is still too long
    is broken again. Each line comes with its indentation. What it begins with goes on with the line above.
    """
    whole = before + inline.expression(expression) + after
    if len(whole) <= width:
        return [(0, whole)]
    while isinstance(expression, tree.Quantified):
        before += f"{inline.quantifier(expression)} "
        expression = expression.body
    if isinstance(expression, tree.Conditional):
        first_case, *cases = _cases(expression)
        cases[-1] += after
        return [(0, before + first_case), *((STEP if before else 0, line) for line in cases)]
    operands = _operands(expression)
    if len(operands) == 1:
        return [(0, before + inline.expression(expression) + after)]
    lines: list[tuple[int, str]] = []
    beside = STEP if before else 0
    for position, (operator, operand, text) in enumerate(operands):
        start = f"{operator} " if position else before
        end = after if position == len(operands) - 1 else ""
        (_, first), *others = _within(start, operand, text, end, width - beside - STEP)
        # The lines of an operand stand further in than its neighbours.
        inner = beside + STEP if not start and not first.startswith("(") else beside
        lines += [(beside if position else 0, first), *((inner + further, line) for further, line in others)]
    return lines


def _within(before: str, operand: tree.Expr, text: str, after: str, width: int) -> list[tuple[int, str]]:
    """One operand between two pieces of text; `text` is how it is written there, with the parentheses it needs."""
    if len(before) + len(text) + len(after) <= width + STEP:
        return [(0, before + text + after)]
    opening, closing = ("(", ")") if text != inline.expression(operand) else ("", "")
    return broken(before + opening, operand, closing + after, width)


def _operands(expression: tree.Expr) -> list[tuple[str, tree.Expr, str]]:
    """The operands of the loosest operator, each with the operator before it and its text; one if there is none."""
    if not isinstance(expression, tree.Binary) or expression.operator not in ("and", "or", "implies"):
        return [("", expression, inline.expression(expression))]
    operator, left, right = expression.operator, expression.left, [expression.right]
    while operator != "implies" and isinstance(left, tree.Binary) and left.operator == operator:
        right.insert(0, left.right)
        left = left.left
    made: list[tuple[str, tree.Expr, str]] = [("", left, inline.operand(left, operator, True, False))]
    for position, part in enumerate(right, start=1):
        made.append((operator, part, inline.operand(part, operator, False, position == len(right))))
    return made


def _cases(conditional: tree.Conditional) -> list[str]:
    lines: list[str] = []
    rest: tree.Expr = conditional
    while isinstance(rest, tree.Conditional):
        condition, then = inline.expression(rest.condition), inline.expression(rest.then)
        lines.append(f"{'else ' if lines else ''}if {condition} then {then}")
        rest = rest.otherwise
    return [*lines, f"else {inline.expression(rest)}"]
