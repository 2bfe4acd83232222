"""z3, asked with SMT-LIB text."""

from __future__ import annotations

from itertools import product
from typing import Any

import z3

Json = dict[str, Any]


BY_PATTERNS = {"smt.mbqi": False}
"""Quantifiers are instantiated with terms that match their patterns only. There are few, so this comes to an end."""


def ask(request: Json) -> Json:
    """The answer to one request of the client, as JSON: by patterns, and if they are not enough, with its options.

    Options that have "smt.mbqi" are all there is to it, whichever they say.
    """
    options = request["options"]
    if "smt.mbqi" in options:
        return _ask(request, options)
    reply = _ask(request, {**options, "smt.ematching": True, **BY_PATTERNS})
    return _ask(request, options) if reply["answer"] == "unknown" else reply


def _ask(request: Json, options: Json) -> Json:
    context = z3.Context()
    solver = z3.Solver(ctx=context)
    solver.set("timeout", int(request["seconds"] * 1000))
    solver.set("random_seed", request["seed"])
    for name, value in options.items():
        solver.set(name, value)
    if request["core"]:
        solver.set("unsat_core", True)
    solver.from_string(request["text"])
    result = solver.check()
    if result == z3.unsat:
        return {
            "answer": "unsat",
            "core": sorted(c.decl().name() for c in solver.unsat_core()) if request["core"] else [],
        }
    if result == z3.unknown:
        return {"answer": "unknown", "reason": solver.reason_unknown()}
    return {"answer": "sat", "model": None if request["tables"] is None else _model(solver.model(), request["tables"])}


def _model(model: Any, tables: dict[str, list[str | list[int]]]) -> Json:
    found = {}
    for declaration in model.decls():
        domains = tables.get(declaration.name())
        if domains is not None:
            values = [_values(declaration.domain(i), domain) for i, domain in enumerate(domains)]
            found[declaration.name()] = [
                ([_text(v) for v in point], _text(model.eval(declaration(*point), model_completion=True)))
                for point in product(*values)
            ]
    return found


def _values(sort: Any, domain: str | list[int]) -> list[Any]:
    """Every value of an argument."""
    if not isinstance(domain, str):
        return [z3.IntVal(n, sort.ctx) for n in range(domain[0], domain[1] + 1)]
    if sort.kind() == z3.Z3_BOOL_SORT:
        return [z3.BoolVal(False, sort.ctx), z3.BoolVal(True, sort.ctx)]
    return [sort.constructor(i)() for i in range(sort.num_constructors())]


def _text(value: Any) -> str:
    if z3.is_int_value(value):
        return str(value.as_long())
    if z3.is_true(value) or z3.is_false(value):
        return "true" if z3.is_true(value) else "false"
    return str(value.decl().name())
