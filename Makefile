# Huoshui. On a fresh machine with git, make and Python 3.11 or newer, `make up` is enough.

UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# Compiled at once: a start would pay for it else, and every start where bytecode may not be written.
INSTALL := $(UV) pip install --quiet --compile-bytecode --python $(BIN)/python
# Each process of the tests has servers of its own and waits for them half of the time, hence four on two cores and on
# many; tests/conftest.py says what stays together. Bytecode is kept wherever it may be: else the thousand modules are compiled in every process again.
PYTEST := HUOSHUI_SHOTS=$${HUOSHUI_SHOTS:-build/shots} PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -q -n $${HUOSHUI_TEST_PROCESSES:-4} --dist loadfile --no-loadscope-reorder

# Stamps: the environment is made again when what it is made from changes.
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
BENCH := $(VENV)/.bench-installed

.DEFAULT_GOAL := help
.PHONY: help env up demo test test-all check bench browser lock clean

help:
	@echo 'make up         start everything; FRESH=1 starts over, SPEED=86400 passes a day each second, DATA=folder'
	@echo 'make demo       play every journey on a fresh system and check each step'
	@echo 'make test       what a user would want to trust; make test-all adds the long ones'
	@echo 'make check      style, types, direction of imports, translations'
	@echo 'make env        the environment alone; NODEV=1 without the tools for tests'
	@echo 'make browser    install Chromium and Chinese fonts for the tests of the pages (Debian, Ubuntu)'
	@echo 'make bench      measure; make lock: resolve the dependencies anew; make clean'

$(UV):
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer is needed; name one with PYTHON=...'; exit 1; }
	@echo 'Making $(VENV) with $(PYTHON)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(RUNTIME): requirements.lock pyproject.toml | $(UV)
	@echo 'Installing what the service needs (some 700 MB the first time)'
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements-dev.lock $(RUNTIME)
	@echo 'Installing what the tests need'
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

$(BENCH): requirements-bench.lock $(RUNTIME)
	@echo 'Installing what is measured beside us'
	@$(INSTALL) --require-hashes -r requirements-bench.lock && touch $@ \
		|| echo 'They could not be installed: their rows stay without a floor'

env: $(if $(NODEV),$(RUNTIME),$(DEV))

up: $(RUNTIME)
	@$(BIN)/huoshui up $(if $(FRESH),--fresh) $(if $(SPEED),--speed $(SPEED)) $(if $(DATA),--data $(DATA))

demo: $(RUNTIME)
	@$(BIN)/huoshui demo

test: $(DEV)
	$(PYTEST) -m 'not long'

test-all: $(DEV)
	$(PYTEST) --hypothesis-profile=search

check: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m infra.i18n

bench: $(BENCH)
	@$(BIN)/huoshui bench

browser:
	apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk

# The lock files name no index host, so they work with any mirror.
COMPILE = UV_CUSTOM_COMPILE_COMMAND='make lock' $(UV) pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate
lock: | $(UV)
	$(COMPILE) pyproject.toml --extra embedded --group build -o requirements.lock
	$(COMPILE) --group dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) --group bench -c requirements.lock -o requirements-bench.lock

clean:
	rm -rf .pytest_cache .ruff_cache .hypothesis .import_linter_cache .schemathesis build dist *.egg-info
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
