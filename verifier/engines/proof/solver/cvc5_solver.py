"""cvc5, asked with SMT-LIB text. It has no part in finding proofs: it is the second opinion on them."""

from __future__ import annotations

from typing import Any

import cvc5

Json = dict[str, Any]


def ask(request: Json) -> Json:
    """The answer to one request of the client, as JSON. No cores, no models."""
    manager = cvc5.TermManager()
    solver = cvc5.Solver(manager)
    solver.setOption("tlimit-per", str(int(request["seconds"] * 1000)))
    solver.setOption("seed", str(request["seed"]))
    for name, value in request["options"].items():
        solver.setOption(name, str(value).lower())
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, request["text"], "query")
    symbols = parser.getSymbolManager()
    answer = ""
    while True:
        command = parser.nextCommand()
        if command.isNull():
            break
        answer = str(command.invoke(solver, symbols)).strip() or answer
    if answer in ("sat", "unsat"):
        return {"answer": answer}
    return {"answer": "unknown", "reason": answer or "it said nothing"}
