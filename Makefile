# make run     set everything up and show this host's TCP       make test    the tests
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: run test check lint bench lock docs proof screenshots kills clean

run: $(VENV)/.ready
	@$(BIN)/lastack

# Three workers: the lab's namespaces are private, so tests that need a kernel run side by side, and many of them wait.
test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 3

lint: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	$(BIN)/python -m bench

# Reference pages from the tables, what the doctor says of every fault, the output of every command that a page shows.
docs: $(VENV)/.dev
	$(BIN)/python -m docs.generate
	$(BIN)/python -m docs.faults
	$(BIN)/python -m docs.forecasts
	$(BIN)/python -m docs.sessions

# Pages whose figures take minutes to measure: the recipe, line by line, and every claim, on this kernel.
proof: $(VENV)/.dev
	$(BIN)/lastack lab recipe --markdown > docs/recipe.md.new
	mv docs/recipe.md.new docs/recipe.md
	$(BIN)/python -m docs.generate.claims
	$(BIN)/python -m docs.generate

# The pictures in the pages: the page by a real browser (chromium), the terminal view by itself.
screenshots: $(VENV)/.dev
	$(BIN)/python -m docs.screenshots

# The fault that matters most, a thousand times: 50 of them are among the tests.
kills: $(VENV)/.dev
	LASTACK_KERNEL_TESTS=1 LASTACK_KILLS=1000 $(BIN)/python -m pytest -s tests/tune/test_kills.py tests/store/test_kills.py

check: lint test

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/.ready: requirements/run.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements/run.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.ready requirements/dev.txt
	$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

# All extras but Ansible, which is large and which those who roll out have.
USED := $(addprefix --extra ,lab proof trace forecast metrics fleet serve watch)

# The locks name versions and hashes, and no registry.
lock: $(VENV)/.dev
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command 'make lock' pyproject.toml $(USED) --group build -o requirements/run.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command 'make lock' pyproject.toml --all-extras --group test --group formats --group lint --group bench --group build -o requirements/dev.txt
