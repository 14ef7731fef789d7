# Every target sets up what it needs; nothing is installed twice.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# A worker that dies ends the tests: where it is replaced, the runner waits for ever.
SHARED := -q -n auto --dist loadfile --no-loadscope-reorder --max-worker-restart 0
# Journeys wait most of the time, so three go on at once on two processors.
JOURNEYS ?= 3

.PHONY: help setup demo test fast lint check serve lock clean cassette crashes benchmarks

help: ## Show what can be made
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Create the virtual environment with the locked dependencies

$(READY): requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, this is " + sys.version.split()[0])'
	@echo "Setting up $(VENV) (once; about two minutes)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## Watch a ticket become a pull request: no account, no key, no server
	@$(BIN)/mergewright demo

test: $(READY) ## Run all tests, with the coverage of branches; whole journeys and the crash matrix come last
	@$(BIN)/coverage erase
	@$(BIN)/python -m pytest $(SHARED) -m "not journey" --cov --cov-report= $(PYTEST)
	@$(BIN)/coverage report --skip-covered
	@$(BIN)/python -m pytest $(SHARED) -n $(JOURNEYS) -m "journey and not matrix" $(PYTEST)
	@$(BIN)/python -m pytest -q -m matrix $(PYTEST)

fast: $(READY) ## Run the tests that need no Prefect engine
	@$(BIN)/python -m pytest $(SHARED) -m "not engine and not journey" $(PYTEST)

crashes: $(READY) ## Kill a workflow at every crash point: WORKFLOW=hotfix, documentation or, without one, standard_dev (seven minutes); CRASHES="--only 51-before"
	@$(BIN)/python -m mergewright.testing.crashes tests.journeys.$(or $(patsubst standard_dev,greeting,$(WORKFLOW)),greeting)_shop:opened $(CRASHES)

lint: $(READY) ## Check form, types and storeys
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/pyright
	@$(BIN)/lint-imports --no-cache

check: lint fast ## Lint and the fast tests

serve: $(READY) ## Start a Prefect server and a worker, and deploy; Ctrl-C stops both
	@$(BIN)/mergewright serve

lock: $(READY) ## Write the lock anew from pyproject.toml: exact versions and hashes, no addresses
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet uv
	@$(BIN)/python -m uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade --output-file requirements/dev.lock
	@$(BIN)/python -m uv pip compile pyproject.toml --extra team --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade \
		--constraint requirements/dev.lock --output-file requirements/team.lock
	@$(BIN)/python -m uv pip compile pyproject.toml --group benchmarks --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade \
		--constraint requirements/dev.lock --output-file requirements/benchmarks.lock

clean: ## Remove what make made
	@rm -rf $(VENV) .venv-benchmarks .demo .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

cassette: $(READY) ## Record the demo's answers anew, after a change of prompts or tools
	@$(BIN)/python -m tests.journeys.record_tally

benchmarks: .venv-benchmarks/.ready ## Measure what durability costs: three minutes; BENCHMARKS=--everything adds three
	@.venv-benchmarks/bin/python -m benchmarks.durability $(BENCHMARKS)

# An environment of its own: what we are compared with is not to change the one that is tested.
.venv-benchmarks/.ready: requirements/benchmarks.lock
	@$(PYTHON) -m venv .venv-benchmarks
	@.venv-benchmarks/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/benchmarks.lock
	@touch $@
