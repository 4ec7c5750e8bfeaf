# Everything a clone needs: Python 3.11 with pip, make and git. `make` alone says what there is.
.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench
SHELL := /bin/sh

ARGS ?=
BIN := .venv/bin
STAMP := .venv/.synced

# A venv remembers where it was made: one that came along with a moved clone is made anew.
MADE_AT := $(shell cat $(STAMP) 2>/dev/null)
ifneq ($(MADE_AT),)
ifneq ($(MADE_AT),$(CURDIR))
$(shell rm -rf .venv)
endif
endif

# No home to write to (containers, service users): caches stay in the clone.
ifeq ($(shell test -n "$$HOME" && test -w "$$HOME" && echo yes),)
export HOME := $(CURDIR)/.cache/home
export UV_CACHE_DIR := $(CURDIR)/.cache/uv
$(shell mkdir -p $(HOME))
endif

export UV_PROJECT_ENVIRONMENT := $(CURDIR)/.venv
export UV_PYTHON_DOWNLOADS := never
export UV_COMPILE_BYTECODE := 1
# Where a company's own authority signs the network's answers, it stands in the system's store and not in uv's.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem),)
export UV_SYSTEM_CERTS := true
endif
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME
# What is compiled once is kept, here too: without it a third of the unit tests' time goes into compiling them.
unexport PYTHONDONTWRITEBYTECODE

help: ## this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 10

setup: $(STAMP) ## .venv with the locked dependencies (the other targets do it themselves)

# One interpreter, asked for its version, since a pyenv shim may exist and not run.
$(STAMP): pyproject.toml uv.lock
	@python=; for each in $$PYTHON python3.11 python3 python; do \
	  if $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$each; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo "Python 3.11 or newer is needed and was found neither as python3.11 nor as python3." >&2; exit 1; fi; \
	if ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	  rm -rf .venv && $$python -m venv --without-pip .venv; \
	fi && \
	if ! $(BIN)/uv --version >/dev/null 2>&1; then \
	  $$python -m pip --python $(BIN)/python --quiet install uv; \
	fi
	TMPDIR=$(CURDIR)/.venv $(BIN)/uv sync --locked --quiet
	@printf '%s' "$(CURDIR)" > $(STAMP)

# A killed make takes what it runs along, where the system can say so.
TETHER := $(if $(shell command -v setpriv 2>/dev/null),setpriv --pdeathsig TERM --)

demo: setup ## everything on this machine: servers, sandbox, workers (ARGS="--headless --invoices 50")
	@exec $(TETHER) $(BIN)/ptm demo $(ARGS)

# Six at once, each with servers of its own: most of the time passes with waiting for leases, brokers and clocks.
test: setup ## every test, on real servers; Apache Kafka needs Java and Maven (ARGS="-k relay")
	@exec $(TETHER) $(BIN)/python -m pytest -n 6 --dist worksteal $(ARGS)

check: setup ## style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup ## measure, and write benchmarks/results.json
	@PYTHONPATH=tests $(BIN)/python -m benchmarks $(ARGS)
