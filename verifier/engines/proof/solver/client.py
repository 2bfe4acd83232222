"""Asking a solver: it may take too long, use too much memory or crash, and none of that harms the asker."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType, TracebackType
from typing import Any, Literal

MEMORY = 2**31
"""Bytes of address space that a solver may take."""

PATIENCE = 0.2
"""Seconds between two calls of the observer while a solver works."""

GRACE = 5.0
"""Seconds over the limit after which a solver that does not stop by itself is ended."""

Wait = Callable[[], None]
"""Called again and again while a solver works. What it raises ends the waiting, and the solver."""


class Answer(Enum):
    SAT = "sat"
    UNSAT = "unsat"
    UNKNOWN = "unknown"


class SolverError(Exception):
    """The solver cannot be started; the message says why."""


Model = Mapping[str, Mapping[tuple[str, ...], str]]
"""The tables of the functions asked for: a value for each tuple of arguments, in text as the solver prints it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """`reason` says why the answer is unknown; `core` names hypotheses that are enough for "unsat"."""

    answer: Answer
    reason: str = ""
    core: tuple[str, ...] = ()
    model: Model | None = None
    seconds: float = 0.0


Options = Mapping[str, bool | int]

NO_OPTIONS: Mapping[str, bool] = MappingProxyType({})

Tables = Mapping[str, tuple[str | tuple[int, int], ...]]
"""The functions to tabulate, with the domain of each argument: the name of a sort, or the ends of a range."""


@dataclass
class Solver:
    """One solver, `z3` or `cvc5`, in a process that is started when it is needed. To be closed."""

    name: Literal["z3", "cvc5"] = "z3"
    memory: int = MEMORY
    seed: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def __enter__(self) -> Solver:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ask(
        self,
        text: str,
        seconds: float,
        wait: Wait = lambda: None,
        core: bool = False,
        tables: Tables | None = None,
        options: Options = NO_OPTIONS,
    ) -> Reply:
        """The answer to a query, within the time; with `tables`, a model if there is one. `options` are the solver's.

        Whatever happens to the solver, the answer is then UNKNOWN. Raises SolverError if it cannot be started at all.
        """
        started = time.monotonic()
        request: dict[str, Any] = {"text": text, "seconds": seconds, "seed": self.seed, "core": core, "tables": tables}
        request["options"] = dict(options)
        try:
            found = self._exchange(json.dumps(request).encode() + b"\n", started + seconds + GRACE, wait)
        except BaseException:
            self.close()
            raise
        spent = time.monotonic() - started
        if isinstance(found, str):
            self.close()
            return Reply(Answer.UNKNOWN, found, seconds=spent)
        return Reply(
            Answer(found["answer"]), found["reason"], tuple(found["core"]), _model(found["model"]), seconds=spent
        )

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    assert pipe is not None
                    pipe.close()

    def _exchange(self, request: bytes, deadline: float, wait: Wait) -> dict[str, Any] | str:
        """What the process answers, or why there is no answer."""
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(request)
            process.stdin.flush()
        except OSError:
            return self._death(process)
        received = b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while not received.endswith(b"\n"):
                if selector.select(PATIENCE):
                    part = os.read(process.stdout.fileno(), 1 << 16)
                    if not part:
                        return self._death(process)
                    received += part
                elif time.monotonic() > deadline:
                    return "it took too long"
                wait()
        found: dict[str, Any] = json.loads(received)
        if "missing" in found:
            self.close()
            raise SolverError(found["missing"])
        return found

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            command = [sys.executable, "-m", "verifier.engines.proof.solver.worker", self.name, str(self.memory)]
            try:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except OSError as error:
                raise SolverError(f"cannot start {self.name}: {error.strerror}") from None
        return self._process

    @staticmethod
    def _death(process: subprocess.Popen[bytes]) -> str:
        code = process.wait()
        return f"the solver crashed with {'signal' if code < 0 else 'exit code'} {abs(code)}"


def _model(found: dict[str, Any] | None) -> Model | None:
    if found is None:
        return None
    return {name: {tuple(point): value for point, value in rows} for name, rows in found.items()}
