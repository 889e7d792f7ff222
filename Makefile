# make demo | test | check | bench | docs: each sets up what it needs; a second run starts in seconds.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
AREA   ?= ledger
.DEFAULT_GOAL := help
.PHONY: help demo test test-fast check bench docs new-scenario clean

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

# A stamp per lock file: pip runs again only when the lock or the package's own declaration changed.
$(VENV)/console.stamp: requirements/console.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11) and "songhua needs Python 3.11 or newer; set PYTHON=… / 需要 Python 3.11 以上")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/console.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.lock $(VENV)/console.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@

demo: $(VENV)/console.stamp  ## build the demo city and open the console (Ctrl-C stops it)
	@$(BIN)/songhua demo

test: $(VENV)/dev.stamp  ## the suite without slow tests: SQLite, and PostgreSQL and Chromium where found
	@$(BIN)/python tests/run.py

test-fast: $(VENV)/dev.stamp  ## the suite on SQLite without browser and slow tests
	@$(BIN)/python -m pytest -q -n 2 -m "not browser and not slow"

check: $(VENV)/dev.stamp  ## what a change must pass: lint, types, imports, migrations, every test
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/songhua manage makemigrations --check --dry-run
	@$(BIN)/python tests/run.py --all

bench: $(VENV)/dev.stamp  ## make bench AREA=ledger
	@$(BIN)/python benchmarks/run.py $(AREA)

docs: $(VENV)/dev.stamp  ## the docs as a site in build/docs
	@$(BIN)/python docs/build.py

new-scenario: $(VENV)/dev.stamp  ## make new-scenario NAME=x: a small working scenario to start from
	@$(BIN)/python tools/new_scenario.py $(NAME)

clean:  ## remove what was built (not your data)
	rm -rf build .pytest_cache .mypy_cache .ruff_cache
