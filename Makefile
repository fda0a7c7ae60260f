# `make demo` shows it, `make test` proves it. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV ?= .venv
PY := $(VENV)/bin/python
PORT ?= 8000
JOBS ?= 2
ARGS ?=
# The newest Python that is there; the site needs 3.11.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)
# Tests run beside each other: one thread of arithmetic each.
ONE_THREAD := OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false

export PORT

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

# --- what is installed -------------------------------------------------------------------------------------------

$(VENV)/.base: requirements/base.txt requirements/lock.txt
	@if [ -z "$(PYTHON)" ]; then echo "Plumbline needs Python 3.11 or newer; found: $$(python3 --version 2>&1). Install it, or name one: make PYTHON=/path/to/python3 $(MAKECMDGOALS)"; exit 1; fi
	@test -x $(PY) || "$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); echo "No virtual environment could be made. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Installing what requirements/base.txt names into $(VENV) (once; torch is large)"
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements/base.txt -c requirements/lock.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.base
	@echo "Installing what requirements/dev.txt names into $(VENV)"
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt -c requirements/lock.txt
	@touch $@

.PHONY: lock
lock: $(VENV)/.dev ## Write requirements/lock.txt from what is installed
	$(PY) requirements/write_lock.py

# --- what people run ---------------------------------------------------------------------------------------------

.PHONY: demo
demo: $(VENV)/.base ## Load the demo and start web, workers and beat on PORT (8000); Ctrl-C ends all of it
	@exec $(PY) -m alignment_site.supervisor

.PHONY: verify
verify: $(VENV)/.base ## Run the oracles: make verify ARGS="--json dpo grpo"
	@$(PY) manage.py verify $(ARGS)

.PHONY: tiny-model
tiny-model: $(VENV)/.base ## Train the demo's tiny language model again
	$(PY) -m training.tiny

# --- what proves it ----------------------------------------------------------------------------------------------

.PHONY: lint
lint: $(VENV)/.dev ## Style, import contracts, migrations
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports
	$(PY) manage.py check
	$(PY) manage.py makemigrations --check --dry-run

.PHONY: test
test: lint ## Everything but the sweep: what touches database or broker on PostgreSQL and Redis, then all on SQLite
	@sh tests/chromium.sh
	$(ONE_THREAD) $(PY) -m tests.on_servers -n $(JOBS) --dist loadgroup
	$(ONE_THREAD) $(PY) -m pytest -n $(JOBS) --dist loadgroup $(ARGS)

.PHONY: sweep
sweep: $(VENV)/.dev ## What is too long for every change too; writes docs/sweep.md
	@sh tests/chromium.sh
	$(ONE_THREAD) $(PY) -m tests.sweep $(ARGS)

# --- what is made from code --------------------------------------------------------------------------------------

.PHONY: catalogue
catalogue: $(VENV)/.base ## Write training/catalogue.json from the engine
	$(PY) -m training.engine catalogue > training/catalogue.json.new
	mv training/catalogue.json.new training/catalogue.json

.PHONY: figures
figures: $(VENV)/.dev ## Measure again what docs/figures says (an hour and more on two quiet cores)
	for name in labelling curves training demo_world real_data; do $(PY) -m benchmarks.$$name; done

.PHONY: screenshots
screenshots: $(VENV)/.dev ## Take docs/img from a demo that runs on PORT: make screenshots, or ARGS="label run"
	$(PY) -m tests.screenshots http://127.0.0.1:$(PORT) $${PLUMBLINE_HOME:-.plumbline}/demo-sign-ins.txt $(ARGS)

.PHONY: clean
clean: ## Remove the virtual environment and caches; PLUMBLINE_HOME stays
	rm -rf $(VENV) .pytest_cache .ruff_cache .import_linter_cache .hypothesis
