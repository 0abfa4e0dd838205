# Pileus. `make run` and `make test` install what they need by themselves.
.DEFAULT_GOAL := help
# The newest Python that really starts: a version manager's stand-ins are on PATH for versions that it would refuse.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$python; exit; fi; done; \
  echo python3)
BIN := .venv/bin
NODE_PATH_FIRST = PATH="$(CURDIR)/node_modules/.bin:$$PATH:$(CURDIR)/.venv/bin"
PORT ?= 8080
DATA ?= var
JOBS ?= 2
# Each of the many processes that a server and its tests start would compile all modules again: seconds each.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup setup-test run run-two test test-python test-web check format lint types boundaries generated licences generate bench fill android-compat nightly sim new-service new-app new-capability clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: ## install everything, start nothing
	@$(PYTHON) tools/setup.py --for run

setup-test:
	@$(PYTHON) tools/setup.py --for test

run: setup ## start Pileus (PORT=8080 DATA=var; LAN=1 serves phones on this network over TLS)
	@$(BIN)/pileus up --port $(PORT) --data $(DATA) $(if $(LAN),--lan)

run-two: ## two phones that text and call each other, in two browser windows (PORT=8080 DATA=var)
	@$(PYTHON) tools/setup.py --for phones
	@$(BIN)/python tools/run_two.py --port $(PORT) --data $(DATA)

test: setup-test test-python test-web ## all tests (JOBS=2 workers)

test-python:
	@$(BIN)/pytest -n $(JOBS) --dist loadgroup $(or $(ARGS),--least-kills 100)

test-web:
	@$(NODE_PATH_FIRST) vitest run

check: setup-test lint types boundaries generated licences test ## format, lint, types, import directions, generated files, tests

format: ## write the formatting
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix --quiet . ; $(NODE_PATH_FIRST) biome check --write .

lint:
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(NODE_PATH_FIRST) biome check .

types:
	@$(BIN)/mypy && $(NODE_PATH_FIRST) tsc -p tsconfig.json --noEmit

boundaries:
	@$(BIN)/python tools/boundaries.py

generated:
	@$(BIN)/python tools/generated.py --check

generate: ## write the generated files again
	@$(BIN)/python tools/generated.py --write

licences:
	@$(BIN)/python tools/licences.py

bench: setup-test ## measure (ONLY=name, JSON=1; SEED=number: other files to back up)
	@$(if $(SEED),PILEUS_BENCH_SEED=$(SEED)) $(BIN)/python bench/run.py $(if $(ONLY),--only $(ONLY)) $(if $(JSON),--json)

fill: setup-test ## fill an account with 2 GB (REAL=1: 100 GB, or what fits and 100 synthetic; FILL=folder GB=number)
	@$(BIN)/python bench/fill.py $(if $(REAL),--real) $(if $(GB),--gb $(GB)) $(if $(FILL),--folder $(FILL))

android-compat: setup-test ## try real Android packages and write docs/android-compat.md (PACKAGE=name ONLY=activity)
	@$(BIN)/python -m tools.compat $(if $(PACKAGE),--package $(PACKAGE)) $(if $(ONLY),--only $(ONLY))

nightly: setup-test ## the long campaigns, and all real Android packages
	@status=0; \
	PILEUS_NIGHTLY=1 $(BIN)/pytest -n $(JOBS) --dist loadgroup --timeout 7200 --least-kills 1000 tests/simulator tests/surfaces/engines tests/android-host tests/fuzz tests/handset/test_kills.py tests/handset/test_letter_kills.py tests/cloud/test_contract.py tests/cloud/test_upgrade_kills.py tests/cloud/test_upgrade_power.py tests/cloud/test_work_kills.py tests/cloud/test_act_kills.py tests/cloud/test_copies_cut.py tests/cloud/test_power.py tests/sdk/sync/test_crash.py tests/sdk/sync/test_power.py tests/sdk/backup/test_crash.py tests/sdk/backup/test_power.py tests/cloud/kernel/objects/test_compact.py tests/cloud/kernel/objects/test_restore_kills.py tests/cloud/kernel/objects/test_s3_dead.py tests/cloud/services/backups/test_crash.py tests/cloud/services/apps/test_folders.py tests/cloud/services/files/test_crash.py || status=1; \
	$(BIN)/python -m tools.compat || status=1; \
	exit $$status

sim: setup-test ## replay simulated histories: make sim SEED=123 (PART=journal|folders|backups)
	@$(BIN)/python -m tests.simulator --seed $(SEED) --trace $(if $(PART),--part $(PART))

new-service: ## write the skeleton of a service: make new-service NAME=x
	@$(BIN)/python tools/scaffold.py service $(NAME)

new-app: ## write the skeleton of a web app: make new-app NAME=x
	@$(BIN)/python tools/scaffold.py app $(NAME)

new-capability: ## write the skeleton of a capability of the handset: make new-capability NAME=x
	@$(BIN)/python tools/scaffold.py capability $(NAME)

clean: ## remove what was built (not your data)
	@rm -rf build web/dist android-host/build .mypy_cache .ruff_cache .pytest_cache
