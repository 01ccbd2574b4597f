# Every target works on a fresh clone with python3.11+, pip and make.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: demo test check bench trust lock clean

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

demo: $(STAMP)
	$(BIN)/escher demo $(ARGS)

test: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.docs_are_current

bench: $(STAMP)
	$(BIN)/python -m tests.bench $(ARGS)

trust: $(STAMP)
	$(BIN)/python -m tests.trust $(ARGS)

lock: $(STAMP)
	$(BIN)/pip freeze --exclude-editable --exclude pip-tools > constraints.txt

clean:
	rm -rf $(VENV)
