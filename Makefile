# Everything a fresh machine needs is `python3` (3.11 or newer) and `make`; `make help` lists the commands.

PYTHON ?= python3
JOBS ?= 2
ARGS ?=
SECONDS ?= 60

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
ORACLE := .venv-oracle
BENCH := .venv-bench
LITERT := .venv-litert
FUZZ := .venv-fuzz
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check

# Two installs into one environment must not run at the same time.
.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help demo test check fix oracle browser litert fuzz bench bench-peers clean distclean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMPS)/plot ## Install, train a digit classifier, save it and its learning curves in demo-output/
	$(BIN)/addax run demo/digits.py demo-output

test: $(STAMPS)/test ## Run the tests and doctests (JOBS=2 processes; ARGS="-k name" narrows, ARGS=--whole takes every row of the grids)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --timeout 900 $(ARGS)

check: $(STAMPS)/dev ## Lint, formatting, types and import floors: what CI runs before the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright
	$(BIN)/lint-imports

fix: $(STAMPS)/dev ## Format, and mend the lint that mends itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

oracle: $(STAMPS)/test $(ORACLE)/.stamp ## Hold Addax against the real TensorFlow, in an environment of its own
	$(ORACLE)/bin/python tests/programs/run_oracle.py
	if [ -d tests/oracle ]; then $(ORACLE)/bin/python -m pytest -W default -p no:cacheprovider tests/oracle $(ARGS); fi

browser: $(STAMPS)/test tests/browser/node_modules/.stamp ## Run exports in TensorFlow.js and, in headless Chromium, in onnxruntime-web
	ADDAX_BROWSER=1 $(BIN)/python -m pytest tests/browser $(ARGS)

litert: $(LITERT)/.stamp ## Run exports in LiteRT, in an environment of its own
	$(LITERT)/bin/python -m pytest -W default -p no:cacheprovider tests/litert $(ARGS)

fuzz: $(FUZZ)/.stamp ## Fuzz every reader of files, SECONDS=60 each, by atheris in an environment of its own (ARGS="wav npy")
	PYTHONPATH=src:. $(FUZZ)/bin/python -m tests.fuzz.run --seconds $(SECONDS) --jobs $(JOBS) $(ARGS)

bench-peers: $(STAMPS)/test $(ORACLE)/.stamp $(BENCH)/.stamp ## Install what Addax is measured against, in environments of its own

bench: bench-peers ## Measure Addax and its peers, write docs/benchmarks.md; hours (ARGS="--quick" for minutes)
	$(BIN)/python benchmarks/run.py $(ARGS)

clean: ## Remove caches and outputs
	rm -rf build dist demo-output .hypothesis .import_linter_cache .pytest_cache .ruff_cache
	find src tests demo -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## Remove the environments too
	rm -rf $(VENV) $(ORACLE) $(BENCH) $(LITERT) $(FUZZ) tests/browser/node_modules

# $(call create-venv,FOLDER)
define create-venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Addax needs Python 3.11 or newer; this is " \
		+ sys.version.split()[0] + ". Name another one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(1)
endef

$(STAMPS)/venv:
	$(call create-venv,$(VENV))
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/plot $(STAMPS)/test: $(STAMPS)/%: pyproject.toml $(STAMPS)/venv
	@echo "Installing Addax with its [$*] extra into $(VENV); the first time takes a few minutes ..."
	$(BIN)/python $(PIP_INSTALL) -e ".[$*]"
	@touch $@

# The type checker looks into the packages that the tests bring.
$(STAMPS)/dev: pyproject.toml $(STAMPS)/venv
	@echo "Installing Addax with its [dev,test] extras into $(VENV); the first time takes a few minutes ..."
	$(BIN)/python $(PIP_INSTALL) -e ".[dev,test]"
	@touch $@ $(STAMPS)/test

$(ORACLE)/.stamp: pyproject.toml
	$(call create-venv,$(ORACLE))
	@echo "Installing the real TensorFlow into $(ORACLE); this takes some minutes ..."
	$(ORACLE)/bin/python $(PIP_INSTALL) -e ".[test,oracle]"
	@touch $@

tests/browser/node_modules/.stamp: tests/browser/package.json
	cd tests/browser && npm ci --no-audit --no-fund
	@touch $@

$(LITERT)/.stamp: pyproject.toml
	$(call create-venv,$(LITERT))
	@echo "Installing LiteRT and its converter into $(LITERT); this takes some minutes ..."
	$(LITERT)/bin/python $(PIP_INSTALL) -e ".[litert]" ai-edge-litert hypothesis pytest
	@touch $@

# Without a wheel of atheris for this Python, seeds are changed at random instead.
$(FUZZ)/.stamp: pyproject.toml
	$(call create-venv,$(FUZZ))
	@echo "Installing Addax and atheris into $(FUZZ) ..."
	$(FUZZ)/bin/python $(PIP_INSTALL) -e . || exit 1
	$(FUZZ)/bin/python $(PIP_INSTALL) --only-binary=:all: "atheris>=3.0" || echo "atheris has no wheel for this Python."
	@touch $@

$(BENCH)/.stamp: benchmarks/requirements.txt
	$(call create-venv,$(BENCH))
	@echo "Installing PyTorch and optax into $(BENCH); this takes some minutes ..."
	$(BENCH)/bin/python $(PIP_INSTALL) -r benchmarks/requirements.txt
	@touch $@
