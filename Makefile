# Thin: each target is one command. `make help` lists them.

export PYTHON
unexport PYTHONDONTWRITEBYTECODE
RUN := .venv/bin/python -m
PYTEST := $(RUN) pytest -n 2 --dist loadfile --no-loadscope-reorder
FLASK := $(RUN) flask --app run

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test test-long check bench translations snapshots pictures lock

help: ## Say what each target does
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

setup: ## Build .venv from requirements.txt (PYTHON=… chooses the Python)
	@scripts/setup requirements.txt

setup-dev: ## The same, with what tests and checks need
	@scripts/setup requirements.txt requirements-dev.txt

run: setup ## Start the whole house; Ctrl-C stops it (PORT, HOST, DATA_DIR, DATABASE_URL, REDIS_URL …)
	@.venv/bin/python -m app.embedded

test: setup-dev ## Run every test, on servers of their own (ARGS=… for pytest)
	@$(PYTEST) $(ARGS)

test-long: setup-dev ## Run the long trials in full: what `make test` makes only a few of
	@TRIALS=full $(PYTEST) -m long $(ARGS)

check: setup-dev ## Format, lint, types, layers, catalogues, migrations equal to models
	@$(RUN) ruff format --check .
	@$(RUN) ruff check .
	@$(RUN) mypy
	@.venv/bin/lint-imports
	@$(RUN) pytest tests/test_architecture.py tests/test_i18n.py tests/test_migrations.py

bench: setup-dev ## Measure what docs promise
	@$(RUN) bench

snapshots: setup-dev ## Write the kept copies of every e-mail anew, to be read in review
	@RENEW_SNAPSHOTS=1 .venv/bin/python -m pytest -q tests/services/test_notice_snapshots.py

translations: setup-dev ## Bring the catalogues up to date with the source
	@.venv/bin/pybabel -q extract -F babel.cfg -k _l -k lazy_gettext --no-location --sort-output -o .venv/messages.pot .
	@.venv/bin/pybabel -q update -i .venv/messages.pot -d translations -w 110 --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	@.venv/bin/pybabel -q compile -d translations

pictures: setup-dev ## Take the pictures of docs/pictures again
	@$(RUN) tests.browser.pictures

lock: ## Choose versions again from requirements*.in (needs uv)
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links -q requirements.in -o requirements.txt
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links -q requirements-dev.in -o requirements-dev.txt
