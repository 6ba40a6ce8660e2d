# make run    crawl the bundled sample sites, extract, write the tables
# make test   run the tests
# make lint   style and types
# make bench  time extraction against the least that can be done and the user's way (three minutes)
# make lock   renew the pinned requirements from pyproject.toml
# make clean  remove the environment and what the tools leave behind; corpus/ and output/ stay

SHELL := /bin/bash
.DEFAULT_GOAL := run
.PHONY: run test lint bench lock clean

# The first Python that is 3.11 or newer; `make run PYTHON=/path/to/python` overrides the search.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
BIN := .venv/bin
READY := .venv/ready
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

run: $(READY)
	$(BIN)/cchc demo

test: $(READY)
	$(BIN)/python -m pytest -n auto

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m bench

# The lock names setuptools as well, so that building the package itself fetches nothing more.
$(READY): requirements.txt requirements-dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "cchc needs Python 3.11 or newer and found none: install one, or name it with make PYTHON=/path/to/python." >&2; exit 1; }
	@echo "Making .venv with $(PYTHON); this happens once and takes a minute or two."
	@"$(PYTHON)" -m venv .venv || { echo "Python's venv module is missing: install it (on Debian: apt install python3-venv)." >&2; exit 1; }
	@$(PIP) install --requirement requirements.txt --requirement requirements-dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $(READY)

# What runs and what tests are resolved together, or a package for tests alone could not have the version that both need.
lock:
	$(PYTHON) -m venv --clear .venv-lock
	.venv-lock/bin/python -m pip install --quiet --upgrade setuptools '.[dev]'
	.venv-lock/bin/python -m pip freeze --all --exclude cchc --exclude pip | sort --ignore-case > .lock-all
	$(PYTHON) -m venv --clear .venv-lock
	.venv-lock/bin/python -m pip install --quiet --constraint .lock-all --upgrade setuptools '.'
	{ echo "# Every package that cchc runs with, exactly as tested. Renewed by \`make lock\`."; \
	  .venv-lock/bin/python -m pip freeze --all --exclude cchc --exclude pip | sort --ignore-case; } > requirements.txt
	{ echo "# What tests, types and style need on top of requirements.txt. Renewed by \`make lock\`."; \
	  grep --invert-match --line-regexp --fixed-strings --file=requirements.txt .lock-all; } > requirements-dev.txt
	rm -rf .venv-lock .lock-all build

clean:
	rm -rf .venv .venv-lock build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
