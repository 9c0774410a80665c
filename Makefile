# The door to OneClick. Python 3.11 and make are all a machine needs; everything else comes from wheels and npm.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
unexport VIRTUAL_ENV PYTHONHOME PYTHONPATH CONDA_PREFIX PYTHONDONTWRITEBYTECODE

# The environment's programs come first on the path: its Python, its Node, its npm; never the machine's.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONUNBUFFERED := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export npm_config_audit := false
export npm_config_fund := false
export npm_config_update_notifier := false

T ?=
FRESH ?=
WORKERS ?= 2
# Only the build server tries a failed test a second time, and says so: docs/adr/0006.
RERUNS ?= $(if $(CI),1,0)
PY_READY := .venv/installed
JS_READY := webui/node_modules/.installed
SPA := webui/dist/index.html
SPA_SOURCES := $(shell find webui/src webui/public webui/index.html webui/*.ts webui/*.json -type f 2>/dev/null)
DOCKERFILES := $(wildcard deploy/docker/*.Dockerfile)
PACKAGES := $(wildcard services bff cli deploy tests migrations)

.PHONY: help
help: ## This list
	@grep -hE '^[a-z][a-z0-9-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

# -- what the rest stands on: done once, and again only when a lock changes ----------------------------------

$(PY_READY): requirements-dev.lock deploy/local/bootstrap.lock
	@deploy/local/ensure-python.sh

$(JS_READY): webui/package.json webui/package-lock.json | $(PY_READY)
	@echo "Installing the locked npm packages" >&2
	@cd webui && npm ci --no-progress --loglevel=error >/dev/null
	@touch $@

$(SPA): $(JS_READY) $(SPA_SOURCES)
	@echo "Building the web app" >&2
	@cd webui && npm run --silent build -- --logLevel error >&2
	@touch $@

# -- running it ----------------------------------------------------------------------------------------------

.PHONY: demo up down migrate
demo: $(PY_READY) $(SPA) ## Start everything, onboard a sample hire in front of you, show the result, stop
	@python -m deploy.local demo

up: $(PY_READY) $(SPA) ## Start everything and leave it running; prints address and sign-ins. FRESH=1 forgets old data
	@python -m deploy.local up $(if $(FRESH),--fresh)

down: $(PY_READY) ## Stop what `make up` started
	@python -m deploy.local down

migrate: $(PY_READY) ## Bring the database of `make up` to the newest schema (or MIGRATE_DATABASE_URL, when set)
	@python -m deploy.local migrate

# -- proving it ----------------------------------------------------------------------------------------------

.PHONY: test test-python test-web e2e bench
ifeq ($(strip $(T)),)
test: $(PY_READY) $(SPA) ## All tests; with T=path (and pytest options) only those
	@$(MAKE) --keep-going test-python test-web
else
test: $(PY_READY)
	@pytest $(T)
endif

test-python: $(PY_READY) $(SPA) | chromium
	@pytest -q -rfEsR -n $(WORKERS) --dist loadfile --reruns $(RERUNS)

test-web: $(JS_READY)
	@cd webui && npm run --silent test

e2e: $(PY_READY) $(SPA) | chromium ## Only the journeys in a real browser
	@pytest -q -m browser

bench: $(PY_READY) $(SPA) ## The figures of the promises beside their bars
	@python -m tests.bench

.PHONY: chromium
chromium:
	@deploy/local/ensure-chromium.sh

# -- keeping it in order -------------------------------------------------------------------------------------

CHECKS := lint-python types lint-imports lint-web lint-deploy lint-generated
.PHONY: lint $(CHECKS)
lint: $(PY_READY) $(JS_READY) ## Every check that needs no running system; all of them run, then the verdict
	@$(MAKE) --keep-going $(CHECKS) && echo "lint: all $(words $(CHECKS)) groups of checks passed"

lint-python: $(PY_READY)
	@ruff check $(PACKAGES) && ruff format --check $(PACKAGES)

types: $(PY_READY) ## Types of the Python code, strictly
	@mypy $(PACKAGES)

lint-imports: $(PY_READY)
	@PYTHONPATH=. lint-imports --no-cache

lint-web: $(JS_READY)
	@cd webui && npm run --silent lint

lint-deploy: $(PY_READY)
	@hadolint $(DOCKERFILES)
	@python -m deploy.docker.check
	@python -m deploy.observability.check

lint-generated: $(PY_READY) $(JS_READY)
	@python -m deploy.local.generated --check

.PHONY: fmt gen
fmt: $(PY_READY) ## Format the code and repair what can be repaired
	@ruff check --fix $(PACKAGES) ; ruff format $(PACKAGES)

gen: $(PY_READY) $(JS_READY) ## Make the generated files again: OpenAPI documents and the web app's API types
	@python -m deploy.local.generated
