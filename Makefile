# Commands, each doing all its own set-up in .venv:
#   make try    three minutes of training on the built-in character, and the page of what came out
#   make test   all tests, those in a browser too
#   make lint   format, lint and types of the Python, format and lint of the page
#   make docs   the documentation as a site, in .venv/site
#   make lock   requirements.lock anew: today's versions of everything that developers use

PYTHON ?= python3
TORCH ?= torch==2.13.0
VENV := .venv
BIN := $(VENV)/bin

.PHONY: try test lint docs lock matrix ready browser clean

try: ready
	$(BIN)/chonk make --minutes 3 --out try.chonk
	@echo 'chonk is $(BIN)/chonk; type that, or once in a terminal: . $(BIN)/activate   Next: chonk make FOLDER, chonk demo'

test: ready browser
	PATH="$(CURDIR)/$(BIN):$$PATH" npm --silent --prefix web test
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PATH="$(CURDIR)/$(BIN):$$PATH" npm --silent --prefix web run lint

docs: ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[docs]'
	$(BIN)/mkdocs build --strict

lock: ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	scripts/lock $(BIN)/uv

# The oldest and the newest Python and packages, one environment each: gigabytes and an hour.
matrix:
	scripts/matrix

ready: $(VENV)/ready

# A file, so that the set-up is done once and again only when what it depends on has changed.
$(VENV)/ready: pyproject.toml requirements.lock scripts/setup $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -name '*.wasm')
	PYTHON='$(PYTHON)' TORCH='$(TORCH)' VENV='$(VENV)' scripts/setup
	@touch $@

browser:
	@scripts/browser

clean:
	rm -rf $(VENV) .matrix try.chonk
