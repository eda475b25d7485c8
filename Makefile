# What people type. Every target says on its own line what it is for; `make help` prints those.

PYTHON ?= python3
PORT ?= 8443
DEMO_LEADS ?= 2000
TESTERS ?= 3# processes of tests: one more than processors, since they wait for servers and browsers
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
DIST := leadcrm/core/static/dist

MAKEFLAGS += --no-builtin-rules# none fits here, and asking each for a thousand sources took half a second
unexport MAKEFLAGS# whatever is built for us (a package without a wheel) keeps its rules
.DEFAULT_GOAL := help
.PHONY: help demo test attack mutants asvs check bench assets lock clean

help: ## Show this
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16
	@echo
	@echo "  PORT=8443 and DEMO_LEADS=2000 may be given to demo, ARGS='tests/leads -k name' to test, attack, mutants and bench."

demo: .venv/.run $(DIST)/manifest.json ## Run the product with demonstration data on https://localhost:8443; Ctrl-C stops it
	@exec env LEADCRM_PORT=$(PORT) LEADCRM_BASE_URL=https://localhost:$(PORT) $(BIN)/leadcrm demo --leads $(DEMO_LEADS)

test: .venv/.dev $(DIST)/manifest.json ## Run the fast suite: every guard, and every page and walk once where there is a Chromium
	@$(BIN)/python -m pytest -q --numprocesses $(TESTERS) --dist worksteal $(ARGS)

# Processes are started by the hundred, a demo of six: what one has compiled, the next need not.
demo test attack: export PYTHONDONTWRITEBYTECODE :=
attack: .venv/.dev $(DIST)/manifest.json ## Try to break in, in every way that can be generated, and walk at every other size: the slow tests
	@$(BIN)/python -m pytest -q -m attack --numprocesses $(TESTERS) --dist worksteal $(ARGS)

mutants: .venv/.dev $(DIST)/manifest.json ## Remove each guard in a copy of the source and see its tests turn red
	@$(BIN)/python -m tests.mutants $(ARGS)

asvs: .venv/.dev ## Which requirements of OWASP ASVS 5.0.0 are proven by which test, and what is left
	@$(BIN)/python -m tests.asvs $(ARGS)

check: .venv/.dev ## Style, types, sizes and import rings
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/test_architecture.py

bench: .venv/.dev $(DIST)/manifest.json ## Measure a million leads and print the table
	@$(BIN)/python -m tests.bench $(ARGS)

assets: $(DIST)/manifest.json ## Bundle styles and scripts

lock: .venv/.dev ## Choose the newest allowed releases and write .lock/
	@$(PIP) install uv
	@.lock/update $(BIN)/uv

clean: ## Remove what was built, never the data in instance/
	rm -rf .venv node_modules $(DIST) .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache

# ── stamps: a second run has nothing to do ──

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "leadcrm needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Python's venv module is incomplete: install python3-venv" >&2; exit 1; }
	@touch $@

.venv/.run: .venv/.made .lock/run.txt pyproject.toml
	@echo "Installing what leadcrm needs ..."
	@$(PIP) install --require-hashes --requirement .lock/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.run .lock/dev.txt
	@echo "Installing what the tests need ..."
	@$(PIP) install --require-hashes --requirement .lock/dev.txt
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json | .venv/.run
	@command -v npm >/dev/null || $(PIP) install --require-hashes --requirement .lock/node.txt
	@PATH="$$PATH:$(CURDIR)/$(BIN)" npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

# Templates and code too: they say which icons the sprite holds, and which classes the style sheet.
SOURCES := $(shell find leadcrm \( -path '*/static/*' -o -name '*.html' -o -name '*.py' -o -name '*.mjs' \) -not -path '*/static/dist*' -type f)

$(DIST)/manifest.json: node_modules/.package-lock.json $(SOURCES)
	@$(BIN)/python -m leadcrm.core.assets build
