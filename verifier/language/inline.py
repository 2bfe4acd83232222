"""Every node of the syntax tree as one line of text: canonical, and parsed back to the same tree."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.language import tree

# How tightly the parts of an expression hold together, as the levels of the grammar's rules.
_IMPLIES, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _FACTOR, _ATOM = range(1, 10)

_LEVELS = {"implies": _IMPLIES, "or": _OR, "and": _AND, "+": _SUM, "-": _SUM, "*": _PRODUCT}


def expression(node: tree.Expr) -> str:
    return _expression(node, _IMPLIES, True)


def _expression(node: tree.Expr, least: int, last: bool) -> str:
    """`least` is the level that needs no parentheses here; `last` says that nothing of the expression follows."""
    match node:
        case tree.LiteralExpr():
            return node.text
        case tree.Reference():
            return reference(node)
        case tree.Element():
            return f"{node.region.text}[{_expression(node.index, _SUM, True)}]"
        case tree.At():
            return _parenthesised(f"{reference(node.process)} at {node.label.text}", least > _COMPARISON)
        case tree.Is():
            negation = "not " if node.negated else ""
            text = f"{_expression(node.operand, _SUM, False)} is {negation}{node.word.text}"
            return _parenthesised(text, least > _COMPARISON)
        case tree.Member():
            negation = "not " if node.negated else ""
            text = f"{_expression(node.operand, _SUM, False)} {negation}in {set_(node.set)}"
            return _parenthesised(text, least > _COMPARISON)
        case tree.Unary():
            return _unary(node, least, last)
        case tree.Binary():
            return _binary(node, least, last)
        case tree.Conditional():
            condition, then = expression(node.condition), expression(node.then)
            text = f"if {condition} then {then} else {expression(node.otherwise)}"
            return _parenthesised(text, least > _NOT or not last)
        case tree.Quantified():
            text = f"{quantifier(node)} {expression(node.body)}"
            return _parenthesised(text, least > _NOT or not last)


def _unary(node: tree.Unary, least: int, last: bool) -> str:
    if node.operator == "-":
        return _parenthesised(f"-{_expression(node.operand, _FACTOR, False)}", least > _FACTOR)
    within = least > _NOT
    return _parenthesised(f"not {_expression(node.operand, _NOT, last or within)}", within)


def _binary(node: tree.Binary, least: int, last: bool) -> str:
    level = _LEVELS.get(node.operator, _COMPARISON)
    within = level < least
    left, right = sides(node.operator)
    left, right = _clear(node.left, node.operator, left), _clear(node.right, node.operator, right)
    text = f"{_expression(node.left, left, False)} {node.operator} {_expression(node.right, right, last or within)}"
    return _parenthesised(text, within)


def sides(operator: str) -> tuple[int, int]:
    """The levels that the left and the right side of an operator need."""
    level = _LEVELS.get(operator)
    if level is None:
        return _SUM, _SUM
    return (_OR, _IMPLIES) if level == _IMPLIES else (level, level + 1)


def operand(node: tree.Expr, operator: str, first: bool, last: bool) -> str:
    """One side of an operator that is written on a line of its own."""
    return _expression(node, _clear(node, operator, sides(operator)[0 if first else 1]), last)


def _clear(node: tree.Expr, operator: str, least: int) -> int:
    """The level that a side needs: readers should not have to know that `and` holds tighter than `or`."""
    return _NOT if operator == "or" and isinstance(node, tree.Binary) and node.operator == "and" else least


def quantifier(node: tree.Quantified) -> str:
    """A quantified expression without its body."""
    return f"{node.quantifier} {', '.join(map(binder, node.binders))}:"


def _parenthesised(text: str, needed: bool) -> str:
    return f"({text})" if needed else text


def reference(node: tree.Reference) -> str:
    return node.name.text if node.arguments is None else f"{node.name.text}({expressions(node.arguments)})"


def expressions(nodes: Iterable[tree.Expr]) -> str:
    return ", ".join(map(expression, nodes))


def set_(node: tree.SetExpr) -> str:
    match node:
        case tree.NamedSet():
            return node.name.text
        case tree.ListedSet():
            return f"{{ {expressions(node.elements)} }}"
        case tree.UnionSet():
            return " | ".join(map(set_, node.parts))


def binder(node: tree.Binder) -> str:
    where = "" if node.where is None else f" where {expression(node.where)}"
    if node.type is not None:
        return f"{names(node.names)}: {type_(node.type)}{where}"
    noun = "" if node.noun is None else f"{node.noun.text} "
    within = "" if node.set is None else f" in {set_(node.set)}"
    return f"{noun}{names(node.names)}{within}{where}"


def names(nodes: Iterable[tree.Name]) -> str:
    return ", ".join(name.text for name in nodes)


def path(nodes: Iterable[tree.Name]) -> str:
    return ".".join(name.text for name in nodes)


def type_(node: tree.TypeExpr) -> str:
    match node:
        case tree.NamedType():
            return node.name.text
        case tree.RangeType():
            return f"{sum_(node.low)} .. {sum_(node.high)}"
        case tree.InlineEnum():
            return f"{{ {names(node.members)} }}"
        case tree.OptionalOf():
            return f"{type_(node.base)}?"


def sum_(node: tree.Expr) -> str:
    """An expression where the grammar allows only sums: sizes, limits and ends of ranges."""
    return _expression(node, _SUM, True)


def parameters(nodes: tuple[tree.Parameter, ...]) -> str:
    """The parameters in parentheses; nothing if there are none."""
    text = ""
    for node in nodes:
        introduced = "" if not text else f" {node.preposition} " if node.preposition is not None else ", "
        name = "" if node.name is None else f"{node.name.text}: "
        text += f"{introduced}{name}{type_(node.type)}"
    return f"({text})" if nodes else ""


def argument(node: tree.Argument) -> str:
    value = expression(node.value)
    return value if node.preposition is None else f"{node.preposition} {value}"


def setting(node: tree.Setting) -> str:
    return f"{node.function.text} {expressions(node.values)}"


def ranges(word: str, nodes: Iterable[tree.Range]) -> str:
    return f"{word} " + ", ".join(_range(node) for node in nodes)


def _range(node: tree.Range) -> str:
    return node.low.text if node.low == node.high else f"{node.low.text} .. {node.high.text}"


def limit(node: tree.Expr | None) -> str:
    return "" if node is None else f" at most {sum_(node)}"


def description(doc: str, indent: int) -> str:
    """A description between its quotes; if it has several lines, those after the first are indented, the quotes too."""
    first, *others = doc.split("\n")
    if not others:
        space = " " if doc.endswith('"') else ""
        return f'"""{first}{space}"""'
    margin = " " * indent
    inner = "\n".join([first, *(f"{margin}{line}" if line else "" for line in others)])
    return f'"""{inner}\n{margin}"""'
