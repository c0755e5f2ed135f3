# Everything a person does with the project. Needs Python 3.11 and make, nothing else.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
LOCK := requirements.lock

.PHONY: help setup demo test test-services bench themes lint schema lock clean

help:
	@echo "make demo           a song and its film, from nothing"
	@echo "make test           the fast suite"
	@echo "make test-services  real servers, kills and faults"
	@echo "make lint           ruff, mypy, import contracts"
	@echo "make bench          figures, one JSON line each"
	@echo "make themes         themes.png: what the painter paints, at a glance"
	@echo "make schema         write recipe.schema.json anew"
	@echo "make lock           pin what is installed now"

# The base install: no torch, no test tools.
.venv/base: pyproject.toml $(LOCK)
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing songfilm (first time: a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(LOCK) -e .
	@$(BIN)/python -m deployments.prime
	@touch $@

.venv/all: .venv/base
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(LOCK) -e ".[test,dev]"
	@touch $@

setup: .venv/all

demo: .venv/base
	@$(BIN)/songfilm demo

# Hundreds of tests start a Python of their own: what is imported is kept compiled.
test test-services: export PYTHONDONTWRITEBYTECODE =

test: setup
	@$(BIN)/python -m deployments.prime
	@$(BIN)/python -m pytest -n 2 --dist loadfile -q

test-services: setup
	@$(BIN)/python -m pytest -n 3 --dist loadfile -q -m "services or slow" --durations=40

.venv/bench: .venv/all
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(LOCK) -e ".[bench]"
	@touch $@

bench: .venv/bench
	@$(BIN)/python -m tests.bench

themes: setup
	@$(BIN)/python -m tests.bench sheet themes.png

lint: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

schema: setup
	@$(BIN)/python -m recipe_schema.versions

lock: setup
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[server]"
	@$(BIN)/python -m pip freeze --exclude-editable | sort -f > $(LOCK)

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
