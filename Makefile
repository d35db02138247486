# Everything runs in .venv, made from pyproject.toml under constraints.txt.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
PORT ?= 7860
OUT ?= out/eval
export PIP_NO_COMPILE ?= 1

.PHONY: chat test lint types eval bench torment audit clean

chat: $(VENV)/.run
	FONDS_PORT=$(PORT) $(if $(STORE),FONDS_STORE="$(STORE)") $(BIN)/fonds chat

test: $(VENV)/.test
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not slow"

torment: $(VENV)/.test
	$(BIN)/python -m pytest -m slow

audit: $(VENV)/.test
	$(PIP) -e ".[audit]"
	$(BIN)/python -m pip_audit -r constraints.txt --no-deps --disable-pip --progress-spinner off

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test
	$(BIN)/mypy rag index_store eval ui.py ui_assets tests

eval: $(VENV)/.test
	$(BIN)/python -m eval run eval/suites/sample eval/suites/sample-dialogues --out $(OUT)

bench: $(VENV)/.bench
	$(BIN)/python -m eval bench

clean:
	rm -rf $(VENV) build *.egg-info

$(VENV)/.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Fonds needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.venv pyproject.toml constraints.txt
	@echo "Installing Fonds into $(VENV) (once; some minutes) ..."
	$(PIP) -e .
	@touch $@

$(VENV)/.test: $(VENV)/.venv pyproject.toml constraints.txt
	@echo "Installing Fonds and its test tools into $(VENV) (once; some minutes) ..."
	$(PIP) -e ".[test]"
	@touch $@ $(VENV)/.run

$(VENV)/.bench: $(VENV)/.test
	$(PIP) -e ".[bench]"
	@touch $@
