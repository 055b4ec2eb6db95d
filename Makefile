# `make demo` builds a report from the sample workbook, `make test` checks everything; both start from a fresh clone.
# Python 3.11 to 3.13 as PYTHON, for instance: make demo PYTHON=python3.12
PYTHON ?= python3
JOBS ?= 2
VENV := .venv
PY := $(VENV)/bin/python
# Only pinned wheels whose hashes stand in requirements/: nothing unknown is fetched, nothing fetched is built.
PIP_INSTALL := $(PY) -m pip --disable-pip-version-check install --quiet
LOCKED := $(PIP_INSTALL) --require-hashes --only-binary :all:
# Each worker keeps a stretch of files to itself, so that what a file prepares is mostly prepared once.
PYTEST := $(PY) -m pytest -q -n $(JOBS) --dist worksteal

.DEFAULT_GOAL := demo
.PHONY: demo test test-all lint chromium docs picture bench lock clean

demo: $(VENV)/.installed
	$(VENV)/bin/b12audit run sample_data/records.xlsx --out demo
	@echo "The report is in $(CURDIR)/demo/report.html - open it in a browser."

test: lint chromium
	$(PYTEST)

test-all: lint chromium
	$(PYTEST) -m "slow or not slow"

lint: $(VENV)/.installed-tests
	$(VENV)/bin/ruff check --quiet
	$(VENV)/bin/mypy --no-error-summary

# The browser tests open the report in Chromium; Debian's package has the name that they look for.
chromium:
	@command -v chromium >/dev/null || { \
	  echo "Chromium is missing: installing Debian's package 'chromium'."; \
	  as_root=sudo; [ "$$(id -u)" -ne 0 ] || as_root=; \
	  $$as_root apt-get update -qq && \
	  $$as_root apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	} || { \
	  echo "Chromium could not be installed. Put a program 'chromium' on the PATH, then repeat." >&2; \
	  exit 1; \
	}

# The pages that are made from the code; a test says when they are stale.
docs: $(VENV)/.installed
	$(VENV)/bin/b12audit docs --out docs

# The README's picture of the report's first screen.
picture: demo chromium
	chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --hide-scrollbars \
	  --window-size=1280,1700 --screenshot=docs/report.png demo/report.html 2>/dev/null

# 77: could not be measured here, for instance because a peer cannot be fetched; the benchmark says so.
bench: $(VENV)/.installed-tests
	@missed=0; for script in benchmarks/bench_*.py; do \
	  echo "== $$script"; $(PY) "$$script"; status=$$?; \
	  [ $$status -eq 0 ] || [ $$status -eq 77 ] || missed=1; \
	done; exit $$missed

# Made on the oldest Python that the project supports: it has the most conditional dependencies.
COMPILE := $(VENV)-lock/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options
lock: export CUSTOM_COMPILE_COMMAND := make lock
lock:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "make lock needs Python 3.11")'
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip --disable-pip-version-check install --quiet pip-tools==7.6.2
	$(COMPILE) -o requirements/run.txt pyproject.toml requirements/platforms.in
	$(COMPILE) -c requirements/run.txt -o requirements/build.txt requirements/build.in
	$(COMPILE) -c requirements/run.txt -c requirements/build.txt --extra test \
	  -o requirements/test.txt pyproject.toml requirements/platforms.in
	$(COMPILE) -c requirements/run.txt --extra spark -o requirements/spark.txt pyproject.toml requirements/platforms.in

clean:
	rm -rf demo dist .mypy_cache .pytest_cache .ruff_cache .hypothesis $(VENV)-lock
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "b12audit needs Python 3.11, 3.12 or 3.13; name yours: make demo PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "No virtual environment could be made (on Debian: apt-get install python3-venv)." >&2; exit 1; }

# The stamps are files, so that a second run installs nothing.
$(VENV)/.installed: requirements/run.txt requirements/build.txt pyproject.toml | $(PY)
	@echo "Installing the pinned packages into $(VENV) (once, a minute or two)."
	$(LOCKED) -r requirements/run.txt -r requirements/build.txt
	$(PIP_INSTALL) --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.installed-tests: requirements/test.txt $(VENV)/.installed
	$(LOCKED) -r requirements/test.txt
	@touch $@
