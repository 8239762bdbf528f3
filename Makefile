# Every target sets up what it needs by itself, in .venv, from a plain python3 with pip.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
RUN    := $(BIN)/python -m
# How many tests run at a time; `make test TESTS=tests/unit WORKERS=0` runs a part, in one process.
TESTS   ?= tests
WORKERS ?= auto
# Further words for the command line: make demo OPTIONS="--people 1000"
OPTIONS ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo run test lint docs bench torture lock migration messages browser mta proxies clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.dev  ## Install everything, for the demo and for development

demo: $(VENV)/.runtime  ## Play the whole sample campaign on a fast clock, and show how the books balance
	@stay=; if [ -t 1 ] && [ -z "$$CI" ]; then stay=--stay; fi; $(BIN)/dispatcher simulate $$stay $(OPTIONS)

run: $(VENV)/.runtime  ## Serve: schedule, send, receive; settings come from the environment
	@$(BIN)/dispatcher run $(OPTIONS)

test: $(VENV)/.dev  ## Run the tests, on SQLite and on a PostgreSQL of their own
	@$(RUN) pytest -n $(WORKERS) $(TESTS)

torture: $(VENV)/.dev  ## Kill the real process hundreds of times, and look for every message (a quarter of an hour)
	@$(RUN) pytest -n $(WORKERS) -m torture $(TESTS)

lint: $(VENV)/.dev  ## Check style, types and the one-way flow of imports
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) mypy
	@$(BIN)/lint-imports

docs: $(VENV)/.dev  ## Write what the docs take from the code, and check that nothing lacks its line
	@$(RUN) dispatcher.campaign.schema schedules.schema.json
	@$(RUN) scripts.reference
	@$(RUN) pytest tests/unit/test_docs.py

bench: $(VENV)/.dev  ## Measure
	@$(RUN) bench $(OPTIONS)

lock: $(VENV)/.dev  ## Write requirements*.txt anew from pyproject.toml; UPGRADE=--upgrade takes newer versions
	@$(RUN) uv pip compile $(LOCK_OPTIONS) --group build -o requirements.txt
	@$(RUN) uv pip compile $(LOCK_OPTIONS) --group dev -c requirements.txt -o requirements-dev.txt
LOCK_OPTIONS = $(UPGRADE) --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml

migration: $(VENV)/.dev  ## Write the migration from the last one to the tables: make migration NAME="what changes"
	@$(RUN) scripts.migration "$(NAME)"

messages: $(VENV)/.dev  ## Collect the sentences of the code into the catalogues, and compile them
	@$(RUN) scripts.messages

browser:  ## Install Chromium for the browser tests, where apt-get and root are at hand
	@sh scripts/browser.sh

mta:  ## Install Postfix and Dovecot for the tests with real mail servers, where apt-get and root are at hand
	@sh scripts/mta.sh

proxies:  ## Install nginx and Caddy for the tests with real proxies, where apt-get and root are at hand
	@sh scripts/proxies.sh

clean:  ## Remove what the targets made, the demo's databases among it
	rm -rf $(VENV) .hypothesis .mypy_cache .ruff_cache .import_linter_cache build dist var
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- setting up ---------------------------------------------------------------------------------------
ifneq ($(shell cat $(VENV)/.place 2>/dev/null),$(CURDIR))
$(shell rm -f $(VENV)/.runtime $(VENV)/.dev)
endif

$(VENV)/.runtime: requirements.txt pyproject.toml
	@sh scripts/setup.sh $(PYTHON) $(VENV) runtime
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt pyproject.toml
	@sh scripts/setup.sh $(PYTHON) $(VENV) dev
	@touch $(VENV)/.runtime $@
