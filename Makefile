# Everything there is to type. `make help` lists it.

PYTHON      ?= python3
PYTEST_ARGS ?=
BENCH_ARGS  ?=
LOCK_ARGS   ?=
CHROMIUM    ?=
export CHROMIUM

VENV := .venv
DEV  := .venv-dev
GLOBE := src/closedsky/server/static/index.html
NODE_MODULES := globe/node_modules/.installed
PIP  := -m pip --disable-pip-version-check --no-input -qq

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

.PHONY: help
help:  ## this list
	@awk -F ':.*## ' '/^[a-z.-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# ------------------------------------------------------------------------------------------------------------- what to run
.PHONY: demo
demo: $(VENV)/ready  ## install for use in .venv, then run the first example
	@$(VENV)/bin/closedsky run al-asad-erbil-2020

.PHONY: test
test: $(DEV)/ready $(GLOBE) chromium  ## the default tests; PYTEST_ARGS="-k wilson -n 0" is handed on
	@$(DEV)/bin/python -m pytest $(PYTEST_ARGS)

.PHONY: test-all
test-all: $(DEV)/ready $(GLOBE) chromium  ## every test, the slow ones included
	@$(DEV)/bin/python -m pytest --run-slow $(PYTEST_ARGS)

.PHONY: lint
lint: $(DEV)/ready  ## format, lint, types and import contracts; changes nothing
	@failed=0; \
	$(DEV)/bin/ruff format --check . || failed=1; \
	$(DEV)/bin/ruff check . || failed=1; \
	$(DEV)/bin/mypy --strict src || failed=1; \
	$(DEV)/bin/lint-imports --no-logo || failed=1; \
	exit $$failed

.PHONY: format
format: $(DEV)/ready  ## format, and mend what ruff can mend
	@$(DEV)/bin/ruff check --fix-only .
	@$(DEV)/bin/ruff format .

.PHONY: globe
globe: $(GLOBE)  ## build what closedsky serve shows, which needs Node.js and npm

.PHONY: types
types: $(DEV)/ready $(NODE_MODULES)  ## write globe/src/openapi.d.ts anew from the server's schema
	@cd globe && PATH="$(abspath $(DEV))/bin:$$PATH" npm run --silent types

.PHONY: docs
docs: $(DEV)/ready $(GLOBE) chromium  ## write docs/validation.md and its rows from the tests that agree with an authority
	@$(DEV)/bin/python -m pytest -n 0 --validation=docs/validation.md $(PYTEST_ARGS)

.PHONY: bench
bench: $(DEV)/ready  ## the benchmarks; BENCH_ARGS is handed on
	@$(DEV)/bin/python -m benchmarks $(BENCH_ARGS)

.PHONY: bench-peers
bench-peers: $(DEV)/ready  ## the visibility floor beside GDAL's and GRASS's, which have to be installed; BENCH_ARGS is handed on
	@$(DEV)/bin/python -m benchmarks.peers $(BENCH_ARGS)

# The second lock holds the first one's versions and adds the tools. To move to newer versions: make lock LOCK_ARGS=--upgrade
COMPILE = $(DEV)/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --all-extras --custom-compile-command "make lock" $(LOCK_ARGS)

.PHONY: lock
lock: $(DEV)/installed  ## work out requirements.lock and requirements-dev.lock anew from pyproject.toml
	@$(COMPILE) --group build --output-file requirements.lock
	@$(COMPILE) --group dev --constraints requirements.lock --output-file requirements-dev.lock

.PHONY: clean
clean:  ## remove the environments and everything the tools left
	rm -rf $(VENV) $(DEV) $(dir $(GLOBE)) globe/node_modules build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# ------------------------------------------------------------------------------------------------------------ environments
# Two stamps each: `installed` is as new as the lock, `ready` has the project in it as well.
.PHONY: $(VENV) $(DEV)
$(VENV): $(VENV)/ready
$(DEV): $(DEV)/ready

$(VENV)/installed: requirements.lock
$(DEV)/installed: requirements-dev.lock

$(VENV)/installed $(DEV)/installed:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { found=$$($(PYTHON) --version 2>/dev/null); \
		     echo "closedsky needs Python 3.11 or newer; '$(PYTHON)' is $${found:-not there}." >&2; \
		     echo "Name another one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "'$(PYTHON)' cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing $< into $(@D) ..." >&2
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python $(PIP) install --no-compile --require-hashes -r $<
	@touch $@

$(VENV)/ready $(DEV)/ready: %/ready: %/installed pyproject.toml
	@$(@D)/bin/python $(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# ------------------------------------------------------------------------------------------------------------------- the globe
# Every file under globe/ but what npm installed.
GLOBE_SOURCES = $(shell find globe -name node_modules -prune -o -type f -print)

$(NODE_MODULES): globe/package.json globe/package-lock.json globe/.npmrc
	@scripts/node.sh
	@echo "Installing what builds the globe into globe/node_modules ..." >&2
	@cd globe && npm ci --silent --include=dev --no-audit --no-fund
	@touch $@

$(GLOBE): $(NODE_MODULES) $(GLOBE_SOURCES)
	@echo "Building the globe ..." >&2
	@cd globe && npm run --silent check && npm run --silent build -- --logLevel warn
	@touch $@

.PHONY: chromium
chromium:  # what the browser tests drive
	@scripts/chromium.sh --install >/dev/null
