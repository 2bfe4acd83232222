"""The process that has a solver in it: a line of JSON in, a line of JSON out, until the input ends."""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any

Json = dict[str, Any]

NOTHING: Json = {"answer": "unknown", "reason": "", "core": [], "model": None}


def main(name: str, memory: int) -> None:
    """Answer what comes on standard input. Nothing but answers is printed, whatever a solver says."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    for line in sys.stdin:
        print(json.dumps(_answer(name, json.loads(line))), file=answers, flush=True)


def _answer(name: str, request: Json) -> Json:
    try:
        if name == "z3":
            from verifier.engines.proof.solver.z3_solver import ask
        else:
            from verifier.engines.proof.solver.cvc5_solver import ask
    except ImportError as error:
        return {"missing": f"{name} is not installed ({error}): pip install flip-verifier[proof]"}
    try:
        return {**NOTHING, **ask(request)}
    except MemoryError:
        return {**NOTHING, "reason": "out of memory"}
    except Exception as error:
        return {**NOTHING, "reason": " ".join(str(error).split())[:300] or type(error).__name__}


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
