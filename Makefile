# Two commands do everything on a machine with Python 3.11 or newer: `make demo` and `make test`.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test test-long bench clean

demo: $(VENV)/ready
	$(BIN)/flip check specs/ownership_flip.flip --set window=2
	$(BIN)/flip run specs/ownership_flip.flip

test: $(VENV)/ready-to-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto --dist worksteal

test-long: $(VENV)/ready-to-test
	$(BIN)/pytest -n auto --dist worksteal -m long

bench: $(VENV)/ready-to-test
	$(BIN)/python -m tests.bench

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable .
	$(BIN)/python -m compileall -q verifier
	touch $@

$(VENV)/ready-to-test: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable ".[test]"
	$(BIN)/python -m compileall -q verifier
	touch $(VENV)/ready $@

clean:
	rm -rf $(VENV)
