# Four commands for people: run, test, check, bench. Each sets up .venv from the pinned, hashed requirements first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# A broker of our own needs what fetches it, and a Java where the machine has none.
RUN_WITH := $(if $(filter local,$(KAFKA)),$(if $(shell command -v java),broker,java),run)
RUN_STAMP := $(VENV)/.installed-to-$(RUN_WITH)

.PHONY: run test check bench setup format schema lock clean

run: $(RUN_STAMP)
	@$(BIN)/minzheng up

test: $(STAMP)
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	@$(BIN)/python -m bench $(ARGS)

setup: $(STAMP)

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The reviewed snapshot of the API; a test fails where it is not current.
schema: $(STAMP)
	$(BIN)/python -m api.graphql.schema > docs/schema.graphql
	$(BIN)/python -m api.catalogue > docs/catalogue.txt

# Installed only when what is pinned changes; to run needs less than to develop. PYTHON must be 3.11 or newer.
$(RUN_STAMP): requirements/$(RUN_WITH).txt pyproject.toml
	@$(call install,requirements/$(RUN_WITH).txt)
	@touch $@

$(STAMP): requirements/dev.txt pyproject.toml
	@$(call install,requirements/dev.txt)
	@touch $@ $(VENV)/.installed-to-run $(VENV)/.installed-to-broker

define install
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12"; exit 1; }; \
test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) && \
$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1) && \
$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
endef

# Renew the pins; needs uv. Hashes stay, no index is named.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --extra dev pyproject.toml -o requirements/dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --extra broker -c requirements/dev.txt pyproject.toml -o requirements/broker.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --extra broker --extra java -c requirements/dev.txt pyproject.toml -o requirements/java.txt

clean:
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis build
