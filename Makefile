# AcmeShop. `make` alone says what there is.
.DEFAULT_GOAL := help
.PHONY: help demo extras test check fmt docs mocks proto bench lock clean

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
RUN    := $(VENV)/.ready
DEV    := $(VENV)/.ready-dev
UV     := $(shell command -v uv 2>/dev/null)
# The certificates of the system, as pip has them: networks that inspect TLS add their own there.
export UV_SYSTEM_CERTS ?= true
# Without bytecode each start of a process takes seconds longer, and the tests start many.
unexport PYTHONDONTWRITEBYTECODE

ifdef UV
INSTALL = uv pip install --python $(BIN)/python --require-hashes -r
ITSELF  = uv pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation --editable .
else
INSTALL = $(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes -r
ITSELF  = $(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
endif

# An environment that somebody else made can be used, but not changed.
OURS = @test -w $(VENV) || { echo "$(VENV) belongs to another user: delete it, or clone into a folder of your own."; exit 1; }

COMPILE = uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^## / {printf "\n%s\n", substr($$0, 4)} \
	  /^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

## Run

demo: $(RUN) ## the whole shop and its trace explorer, without Docker (Ctrl-C ends it)
	@$(BIN)/acme up $(ARGS)

bench: $(RUN) ## requests/s, CPU, memory and dropped spans of the order-status chain
	@$(BIN)/acme bench $(ARGS)

extras: $(DEV) ## install what is optional, too: automatic instrumentation, OpenTracing, schemathesis

## Work on it

test: $(DEV) ## all tests, two at a time; some, or otherwise: make test ARGS="tests/shop -x"
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check: $(DEV) ## what a reviewer's machine checks: style, types, import rules, facts about the project
	@$(BIN)/ruff format --check --quiet . || { echo "make fmt would change the files above"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/deptry .
	@$(BIN)/python -m pytest -q tests/project

fmt: $(DEV) ## format the code
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

mocks: $(RUN) ## write mocks/ anew: make mocks ARGS="24 4 --seed 7"
	@$(BIN)/acme mocks $(ARGS)

docs: $(RUN) ## write the tables in the docs anew
	@$(BIN)/python -m scripts.tables

proto: $(DEV) ## write the Python code of shared/contracts/*.proto anew
	@$(BIN)/python -m scripts.proto

lock: ## write requirements*.lock anew (needs uv)
	@$(COMPILE) --extra all --extra auto --extra opentracing --group build --group dev -o requirements-dev.lock pyproject.toml
	@$(COMPILE) -c requirements-dev.lock --extra all --group build -o requirements.lock pyproject.toml
	@$(COMPILE) -c requirements.lock -o requirements-service.lock pyproject.toml

clean: ## remove .venv and all that was kept
	@rm -rf $(VENV) .acme

$(BIN)/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; \
	  v >= (3, 11) or sys.exit(f"AcmeShop needs Python 3.11 or newer; {sys.executable} is {v[0]}.{v[1]}. Name another: make demo PYTHON=python3.12")'
	@echo "Making $(VENV) with $$($(PYTHON) --version), once ..."
ifdef UV
	@uv venv --quiet --python $(PYTHON) $(VENV)
else
	@$(PYTHON) -m venv $(VENV) || { echo "On Debian and Ubuntu: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }
endif

$(RUN): requirements.lock pyproject.toml | $(BIN)/python
	$(OURS)
	@echo "Installing what the shop needs, once ..."
	@$(INSTALL) requirements.lock
	@$(ITSELF)
	@touch $@

$(DEV): requirements-dev.lock $(RUN)
	$(OURS)
	@echo "Installing what tests and checks need, once ..."
	@$(INSTALL) requirements-dev.lock
	@touch $@
