# make demo    install all that is missing and restore the bundled worn record
# make window  open the window
# make test    install all that is missing and check everything
# make install only install
# make install-desktop   tell the desktop of it: menu, icon, file types; uninstall-desktop takes it back
# make bundle  one folder that runs without Python, build/bundle/shellac
# make lock    renew constraints.txt, the versions that all of these install

SHELL := /bin/bash
PYTHON ?= python3
DEMO_OUTPUT ?= demo_output
BIN := .venv/bin
PYINSTALLER ?= pyinstaller==6.22.3
# Beside these one process more, which plays sound and mostly waits for it (tests/conftest.py).
AT_ONCE ?= $(shell nproc 2>/dev/null || echo 2)
# Live sound on a shared machine has bad moments: what fails is tried once more, and named at the end.
ONCE_MORE := --reruns 1 --reruns-delay 2

INSTALL = $(BIN)/python -m pip install --quiet --constraint constraints.txt
# What is compiled at installation; compiled anew when it has changed.
CORE := $(wildcard model/c/*.[ch]) install/build_core.py install/hatch_build.py
TORCH := torch==$(shell sed -n 's/^ *"torch==\(.*\)",/\1/p' pyproject.toml)
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

# The environment of the tests is not compiled when it is installed: whoever keeps Python from
# writing what it compiled would have every process that a test starts compile all of it anew.
test: export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo window install install-desktop uninstall-desktop bundle test lint check clean lock system-run system-test
.DEFAULT_GOAL := help

help:
	@sed -n '1,7s/^# //p' Makefile

demo: install
	@mkdir -p "$(DEMO_OUTPUT)"
	@if [ -z "$$DISPLAY$$WAYLAND_DISPLAY" ] || \
	    ! $(BIN)/python main.py --demo --record "$(DEMO_OUTPUT)"; then \
	  $(BIN)/python main.py live --input demo --record "$(DEMO_OUTPUT)"; \
	fi

window: install
	@$(BIN)/python main.py

install: .venv/.stamp-run

# What plays sound has its own process, and goes before what only computes beside it.
test: .venv/.stamp-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	mkdir -p build && export QT_QPA_PLATFORM=offscreen && \
	{ $(BIN)/pytest $(ONCE_MORE) -m alone >build/alone.log 2>&1 & } && \
	{ trap "kill $$! 2>/dev/null" EXIT; \
	  nice -n 10 $(BIN)/pytest $(ONCE_MORE) -m 'not alone' -n $(AT_ONCE) --dist worksteal; others=$$?; \
	  wait $$!; alone=$$?; cat build/alone.log; exit $$((others | alone)); }

install-desktop: install
	@$(BIN)/python tools/desktop.py install $(BIN)/shellac-window

uninstall-desktop:
	@$(PYTHON) tools/desktop.py uninstall

bundle: .venv/.stamp-test
	$(INSTALL) $(PYINSTALLER)
	$(BIN)/pyinstaller --noconfirm --log-level WARN --distpath build/bundle --workpath build/bundle_work \
	  install/shellac.spec
	$(BIN)/pytest tests/house/test_bundle.py
	@echo "build/bundle/shellac/shellac is the program; the folder can be put anywhere."

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist

# The environment. A stamp is renewed when what it depends on has changed.

.venv/.stamp-venv: | system-run
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	  "shellac: Python 3.11 or newer is needed; say which: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.stamp-run: .venv/.stamp-venv pyproject.toml constraints.txt $(CORE) | system-run
	$(INSTALL) --editable .
	@touch $@

# Torch first: whatever asks for it later finds it there. On Linux the usual one brings gigabytes
# of CUDA along; the one without comes from a folder that pip knows, else from PyTorch's own index.
# Whatever is imported is compiled then; the thousands of modules that no test needs never are.
.venv/.stamp-test: .venv/.stamp-venv pyproject.toml constraints.txt $(CORE) | system-test
	@if [ "$$(uname -s)" = Linux ]; then \
	  echo "$(INSTALL) --no-compile $(TORCH)+cpu"; \
	  $(INSTALL) --no-compile '$(TORCH)+cpu' 2>/dev/null || \
	    $(INSTALL) --no-compile --extra-index-url $(TORCH_INDEX) '$(TORCH)+cpu'; \
	fi
	$(INSTALL) --no-compile --editable '.[train,dev]'
	@touch .venv/.stamp-run $@

# The newest versions that pyproject.toml allows, in an environment of their own, written down.
lock: BIN := build/lock/bin
lock: INSTALL = $(BIN)/python -m pip install --quiet
lock: | system-test
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	@[ "$$(uname -s)" != Linux ] || $(INSTALL) '$(TORCH)+cpu' 2>/dev/null || \
	  $(INSTALL) --extra-index-url $(TORCH_INDEX) '$(TORCH)+cpu'
	$(INSTALL) '.[train,dev]'
	$(BIN)/python tools/lock.py

system-run:
	@tools/system_packages.sh run

system-test:
	@tools/system_packages.sh test
