# The habits of Licence Hub. `make demo` and `make test` are the whole set-up: each makes its own environment,
# under .venv/, from the locked and hashed requirements, when it is missing or its lock changed.

PYTHON ?= python3
UV ?= uv
# Of the tests: on two cores a third uses what the others leave while they wait. A module's tests stay together, so that a hub that it furnishes is furnished once.
WORKERS ?= 3
ARGS ?=

RUN := .venv/run
TEST := .venv/test
CLIENTS := .venv/clients
FRONTS := $(dir $(wildcard hub/web/*/front/front.json))
BUILT := $(FRONTS:front/=built/manifest.json)
SOURCES := hub schema keys tests benchmarks

export PYTHON

.DEFAULT_GOAL := help
.PHONY: help demo pages browser hsm poppler test soak lint types arrows schema schema-check bench migration image lock clean

help: ## list the habits (this list)
	@echo "Licence Hub. Everything a habit needs, it installs itself (Python 3.11 or newer)."
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)$$/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'\t' '{printf "  make %-13s %s\n", $$1, $$2}'

demo: ## build a made-up city and tell its story; ARGS="..." goes to licence-hub demo
	@$(MAKE) --no-print-directory -j2 --keep-going $(RUN)/.ready pages || $(MAKE) --no-print-directory $(RUN)/.ready
	@$(RUN)/bin/licence-hub demo $(ARGS) || test $$? -eq 130 # Ctrl-C is how a demonstration ends

pages: ## build the scripts of the pages (needs node; without it the pages say so)
	@requirements/npm/install.sh pages && $(MAKE) --silent --no-print-directory $(BUILT) || test $$? -eq 3

browser: ## install chromium for the tests of pages, on Debian; without it they are skipped
	@command -v chromium >/dev/null || { apt-get update --quiet=2 && apt-get install --quiet=2 --yes --no-install-recommends chromium >/dev/null; } \
		|| echo "chromium is not installed, so the tests of pages in a browser will be skipped"

hsm: ## install SoftHSM2 for the tests of keys in hardware, on Debian; without it they are skipped
	@command -v softhsm2-util >/dev/null || { apt-get update --quiet=2 && apt-get install --quiet=2 --yes --no-install-recommends softhsm2 >/dev/null; } \
		|| echo "softhsm2 is not installed, so the tests of keys in hardware will be skipped"

poppler: ## install poppler's tools for the tests of signed PDFs, on Debian; without them they are skipped
	@command -v pdfsig >/dev/null || { apt-get update --quiet=2 && apt-get install --quiet=2 --yes --no-install-recommends poppler-utils >/dev/null; } \
		|| echo "poppler-utils is not installed, so the tests of signed PDFs by pdfsig will be skipped"

test: $(TEST)/.ready $(CLIENTS)/.ready pages ## every test but the long ones; ARGS="tests/keys -k seal" narrows it
	@requirements/npm/install.sh test || test $$? -eq 3 # without node its tests are skipped
	@$(TEST)/bin/python -m pytest -n $(WORKERS) --dist loadfile -m "not soak" -rs $(ARGS)

soak: $(TEST)/.ready ## the long tests
	@$(TEST)/bin/python -m pytest -m soak --collect-only -q $(ARGS) >/dev/null; status=$$?; \
	if [ $$status -eq 5 ]; then echo "soak: no long test is written yet, so none was run"; exit 0; fi; \
	$(TEST)/bin/python -m pytest -m soak $(ARGS)

lint: $(TEST)/.ready ## ruff: rules and format
	@$(TEST)/bin/ruff check .
	@$(TEST)/bin/ruff format --check .

types: $(TEST)/.ready ## mypy, strict, tests too
	@$(TEST)/bin/mypy --strict $(SOURCES)

arrows: $(TEST)/.ready ## imports go one way (.importlinter)
	@$(TEST)/bin/lint-imports

schema: $(TEST)/.ready ## write the GraphQL schema to schema/hub.graphql
	@$(TEST)/bin/licence-hub schema export > $(TEST)/hub.graphql
	@cp $(TEST)/hub.graphql schema/hub.graphql
	@echo "schema/hub.graphql: $$(grep -c '' schema/hub.graphql) lines"

schema-check: $(TEST)/.ready ## fail if schema/hub.graphql is not what the code says
	@$(TEST)/bin/licence-hub schema export > $(TEST)/hub.graphql
	@diff -u schema/hub.graphql $(TEST)/hub.graphql || { echo "schema/hub.graphql is out of date: make schema" >&2; exit 1; }
	@echo "schema/hub.graphql is what the code says"

bench: $(TEST)/.ready ## measure and write benchmarks/RESULTS.md; ARGS="lookup" a part, ARGS="--quick" only tries
	@$(TEST)/bin/python -m benchmarks $(ARGS)

migration: $(TEST)/.ready ## start a migration: make migration NAME="what it changes"
	@test -n "$(NAME)" || { echo 'name it: make migration NAME="what it changes"' >&2; exit 2; }
	@$(TEST)/bin/alembic revision -m "$(NAME)" --rev-id $$(printf %04d $$(ls hub/migrations/versions/revision_*.py | wc -l | xargs expr 1 +))

image: ## build the container image licence-hub
	docker build --file docker/Dockerfile --tag licence-hub .

lock: ## write the locks of requirements/ again (needs uv, and node for npm's); ARGS=--upgrade moves versions
	@PYTHON=$(PYTHON) UV=$(UV) requirements/lock.sh $(ARGS)

clean: ## remove the environments and what the tools left behind
	rm -rf $(RUN) $(TEST) $(CLIENTS) .venv/npm hub/web/*/built dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(BUILT): hub/web/%/built/manifest.json: $(shell find $(FRONTS) -type f) hub/web/build.mjs requirements/npm/pages/package-lock.json
	@node hub/web/build.mjs .venv/npm/pages/node_modules $*
	@echo "the page of the $*: built"

$(CLIENTS)/.ready: requirements/clients.txt docker/install.sh
	@docker/install.sh $(CLIENTS) clients none
	@touch $@

.venv/%/.ready: requirements/%.txt requirements/build.txt pyproject.toml docker/install.sh
	@docker/install.sh .venv/$* $* editable
	@touch $@
