# Every target works on a fresh clone with only python3.11+, pip and make. ARGS="..." is passed on.
SHELL := /bin/sh
VENV  := .venv
BIN   := $(VENV)/bin
STAMP := $(VENV)/.installed
# The first interpreter that runs and is new enough; a name on the path may be a stub that does not run.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && command -v "$$name" && break; done)

.PHONY: demo test check bench trust lock docs clean

# A Python without ensurepip (Debian's python3 without python3-venv) still has a pip that can install into another environment.
$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is needed; none was found (say where: make PYTHON=/path/to/python3.11)" >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) 2>/dev/null || { \
		$(PYTHON) -m venv --clear --without-pip $(VENV) && $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(STAMP)
	$(BIN)/escher demo $(ARGS)

test: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tests.docs_are_current

bench: $(STAMP)
	$(BIN)/python -m tests.bench $(ARGS)

trust: $(STAMP)
	$(BIN)/python -m tests.trust $(ARGS)

# Pins what a fresh environment gets from pyproject.toml today.
lock:
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is needed" >&2; exit 1; }
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	build/lock/bin/pip freeze --exclude-editable > constraints.txt
	rm -rf build/lock

docs: $(STAMP)
	$(BIN)/python -m tests.docs_are_current --write

clean:
	rm -rf $(VENV) build
