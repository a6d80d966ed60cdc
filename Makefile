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
CHECK_PYTHON := { $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
  echo 'Python 3.11 or newer is needed, but PYTHON is "$(PYTHON)":' \
    'name another, as in: make PYTHON=/path/to/python3.11 test' >&2; false; }; }

# make docker IMAGE=name:tag DOCKER_FLAGS=…; a mirror of the package index is taken from PIP_*.
IMAGE ?= atari-env:latest
DOCKER_FLAGS ?=

# With these settings the tracker wins within two and a half minutes of play.
DEMO := pong --difficulty 1 --frameskip 3 --out recordings/demo --overwrite

.DEFAULT_GOAL := help
.PHONY: help demo test check slow format bench docs docker clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## Record Pong by chance and by the tracker, then prove the replay bit for bit
	$(BIN)/atari record $(DEMO) --policy random
	$(BIN)/atari record $(DEMO) --policy tracker
	$(BIN)/atari replay recordings/demo/pong-tracker-s0-000.npz

test: $(INSTALLED_DEV) ## Run the fast tests in parallel
	$(BIN)/python -m pytest -n auto

check: $(INSTALLED_DEV) ## Check format, lint and types, then run the fast tests; edits nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	@$(MAKE) --no-print-directory test

slow: $(INSTALLED_DEV) ## Run the slow tests
	$(BIN)/python -m pytest -n auto --dist loadgroup -m slow

format: $(INSTALLED_DEV) ## Format the code and sort its imports
	$(BIN)/ruff check --fix --select I .
	$(BIN)/ruff format .

bench: $(INSTALLED_BENCH) ## Measure side by side with peers, as docs/benchmarks.md describes
	$(BIN)/python -m benchmarks

docs: $(INSTALLED_DEV) ## Build the reference from the docstrings into build/docs
	$(BIN)/python -m scripts.build_reference

docker: ## Build the image that serves, atari-env:latest
	docker build --build-arg PIP_INDEX_URL --build-arg PIP_EXTRA_INDEX_URL \
	  --build-arg PIP_TRUSTED_HOST --tag $(IMAGE) $(DOCKER_FLAGS) .

clean: ## Remove the virtual environment, builds and caches; recordings stay
	rm -rf $(VENV) .venv-peers build dist .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Updates in place; a virtual environment that does not run is made anew.
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
