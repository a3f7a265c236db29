# make demo    install all that is missing and restore the bundled worn record
# make window  open the window
# make test    install all that is missing and check everything
# make install only install

SHELL := /bin/bash
PYTHON ?= python3
DEMO_OUTPUT ?= demo_output
BIN := .venv/bin

.PHONY: help demo window install test lint check clean system-run system-test
.DEFAULT_GOAL := help

help:
	@sed -n '1,4s/^# //p' Makefile

demo: install
	@mkdir -p "$(DEMO_OUTPUT)"
	@if [ -z "$$DISPLAY$$WAYLAND_DISPLAY" ] || \
	    ! $(BIN)/python main.py --demo --record "$(DEMO_OUTPUT)"; then \
	  $(BIN)/python main.py live --input demo --record "$(DEMO_OUTPUT)"; \
	fi

window: install
	@$(BIN)/python main.py

install: .venv/.stamp-run

test: .venv/.stamp-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	QT_QPA_PLATFORM=offscreen $(BIN)/pytest

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist

# The environment. A stamp is renewed when what it depends on has changed.

.venv/.stamp-venv: | system-run
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	  "shellac: Python 3.11 or newer is needed; say which: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.stamp-run: .venv/.stamp-venv pyproject.toml | system-run
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

# Torch first and pinned: whatever asks for it later finds it there.
.venv/.stamp-test: .venv/.stamp-run pyproject.toml | system-test
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet --editable '.[train,dev]'
	@touch $@

system-run:
	@tools/system_packages.sh run

system-test:
	@tools/system_packages.sh test
