# Every target works from a clean clone: it first makes .venv from requirements.lock.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
IN_LANGUAGE := $(if $(lang),--lang $(lang))

.DEFAULT_GOAL := help
.PHONY: help reports test check lab contribute explore bench soak lock

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1: /p' Makefile

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "citydiplo needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@$(PYTHON) -c 'import ensurepip' || { echo "Python cannot make environments here: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

reports: $(INSTALLED)  ## write the 57 reports and their index, in French and in English, into reports/
	$(BIN)/citydiplo reports

test: $(INSTALLED)  ## run every test, the notebooks included
	$(BIN)/python -m pytest

check: $(INSTALLED)  ## lint, type-check, and check the data
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/citydiplo check

lab: $(INSTALLED)  ## open JupyterLab on the notebooks, alone or together (lang=en: in English)
	$(BIN)/citydiplo lab $(IN_LANGUAGE)

contribute: $(INSTALLED)  ## open the forms to add a fact, a link or a source, without code (lang=en)
	$(BIN)/citydiplo contribute $(IN_LANGUAGE)

explore: $(INSTALLED)  ## open the explorer of partnerships, without code (lang=en)
	$(BIN)/citydiplo explore $(IN_LANGUAGE)

bench: $(INSTALLED)  ## measure time and memory on large tables, as ratios
	$(BIN)/python bench/accounts.py
	$(BIN)/python bench/geography.py
	$(BIN)/python bench/survey.py
	$(BIN)/python bench/reports.py
	$(BIN)/python bench/batch.py
	$(BIN)/python bench/explorer.py

soak: $(INSTALLED)  ## make a thousand reports in one batch: none lost, memory flat
	$(BIN)/python bench/soak.py

lock:  ## resolve requirements.lock again from pyproject.toml
	test -d .venv || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 --no-annotate --all-extras \
		--custom-compile-command "make lock" pyproject.toml --output-file requirements.lock
