# Set-up and daily work: `make help` lists the targets. Every target brings .venv up to date first.

PORT = 5006
ADDRESS = localhost
# Folder of the saved files: make export TO=site ARGS=--force
TO = site
# More options for the command behind a target: make test ARGS="-k gapminder", make serve ARGS=--autoreload
ARGS =
# BROWSER=none leaves the browser tests out.
BROWSER =
# A Python 3.11 or newer; found by itself when empty.
PYTHON =

BIN = .venv/bin
PREPARE = python=$$(PYTHON='$(PYTHON)' sh scripts/find_python.sh) && "$$python" scripts/environment.py
TESTS = BROWSER='$(BROWSER)' sh scripts/run_tests.sh

help:
	@echo 'make serve      set up and open the gallery (PORT=5006 ADDRESS=localhost)'
	@echo 'make export     save all dashboards as HTML files that need no server (TO=site)'
	@echo 'make test       set up, check the style and types, run the tests (BROWSER=none without a browser)'
	@echo 'make test-all   the same with the slow tests'
	@echo 'make test-slow  the slow tests alone'
	@echo 'make lint       style and types alone'
	@echo 'make format     let ruff put the files in order'
	@echo 'make docs       build the documentation; the gallery then links it'
	@echo 'make bench      measure speed and memory next to the reference'
	@echo 'make lock       resolve the pins in constraints.txt anew'
	@echo 'make clean      remove .venv and what tools left behind'
	@echo 'ARGS="..." goes on to the command behind a target; PYTHON=... names the Python to use'

serve:
	@$(PREPARE)
	@$(BIN)/brushlink serve --address '$(ADDRESS)' --port '$(PORT)' --next-free --open $(ARGS)

export:
	@$(PREPARE)
	@$(BIN)/brushlink export --to '$(TO)' $(ARGS)

test: lint
	@$(TESTS) 'not slow' $(ARGS)

test-all: lint .full-environment
	@$(TESTS) 'slow or not slow' $(ARGS)

test-slow: .full-environment
	@$(TESTS) 'slow' $(ARGS)

lint: .test-environment
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

format: .test-environment
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

docs: .docs-environment
	@$(BIN)/python -m sphinx -b html -W --keep-going -q $(ARGS) docs dashboards/assets/docs
	@echo 'The documentation is in dashboards/assets/docs/index.html; `make serve` shows it too.'

bench: .test-environment
	@BRUSHLINK_CHROMIUM=$$($(BIN)/python scripts/chromium.py --install) $(BIN)/python -m benchmarks $(ARGS)

lock: .test-environment
	@$(BIN)/python scripts/lock.py $(ARGS)

clean:
	rm -rf .venv build dist docs/notebooks dashboards/assets/docs .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.test-environment:
	@$(PREPARE) --extra test

# Slow tests also start JupyterLab and build the documentation.
.full-environment:
	@$(PREPARE) --extra test --extra notebook --extra docs

.docs-environment:
	@$(PREPARE) --extra docs

.PHONY: help serve export docs test test-all test-slow lint format bench lock clean .test-environment .docs-environment .full-environment
