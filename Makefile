# What a newcomer and CI run; everything lands in this folder. Try `make help`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/abtrade.stamp
TOOLS := $(VENV)/tools.stamp
CORE := setup.py pyproject.toml $(shell find src -name '*.pyx' -o -name '*.pxd')
# Without strip the blanks between nothing and nothing would be something.
UNBUILT := $(strip $(foreach source,$(filter %.pyx,$(CORE)),$(if $(wildcard $(source:.pyx=.*.so)),,$(source))))
CORE_TESTS := tests/test_scenarios.py tests/test_engines_agree.py tests/test_resume.py tests/test_kernels_agree.py \
	tests/readers/test_compiled_cells.py tests/readers/test_fast_paths.py tests/synth/test_book.py
EVERYTHING := $(CORE) $(shell find src rules -type f ! -name '*.py[co]' ! -name '*.so' ! -name '*.c')

.DELETE_ON_ERROR:
.PHONY: help demo install test test-fast test-debug coverage lint build clean
.PHONY: bench bench-check bench-record

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## build, make a day with planted offences, scan it
	@rm -rf demo
	@$(BIN)/abtrade demo --out demo
	@echo "Here the command is $(BIN)/abtrade."

install: $(INSTALLED) ## build into .venv, with the sources as they stand

test: $(INSTALLED) $(TOOLS) ## build, and run every test
	$(BIN)/python -m pytest -n auto --dist worksteal $(PYTEST_ARGS)

test-fast: $(INSTALLED) $(TOOLS) ## all tests but the slow ones
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not slow" $(PYTEST_ARGS)

test-debug: $(TOOLS) build/debug/stamp ## the tests of the core, with bounds checks in it
	PYTHONPATH=build/debug $(BIN)/python -m pytest -m "not slow" -k "not -reference]" $(CORE_TESTS) \
		$(PYTEST_ARGS)

coverage: $(INSTALLED) $(TOOLS) ## which lines of Python the tests reach
	$(BIN)/python -m pytest --cov=abtrade --cov-report=term-missing:skip-covered $(PYTEST_ARGS)

lint: $(INSTALLED) $(TOOLS) ## ruff, mypy, cython-lint
	$(BIN)/ruff check .
	$(BIN)/mypy
	PATH="$(abspath $(BIN)):$$PATH" cython-lint $(filter %.pyx %.pxd,$(CORE))

bench: $(INSTALLED) $(TOOLS) ## abtrade beside DuckDB, Polars and pandas, into docs/ and the README
	$(BIN)/python bench/table.py $(BENCH_ARGS)

bench-check: $(INSTALLED) $(TOOLS) ## fail where a stage is slower than on record
	$(BIN)/python bench/check.py

bench-record: $(INSTALLED) $(TOOLS) ## put how quick each stage is on record
	$(BIN)/python bench/check.py --record

build: $(TOOLS) ## sdist and wheel in dist/
	@rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist .

clean: ## remove what was made, .venv aside
	rm -rf build dist demo src/*.egg-info
	find src '(' -name '*.c' -o -name '*.so' ')' -delete
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks .coverage
	find src tests bench -name __pycache__ -prune -exec rm -rf {} +
	rm -f $(INSTALLED) $(TOOLS)

# An editable install: Python sources and rules are used where they stand, compiled modules are
# rebuilt when their sources change, or when one is gone.
$(INSTALLED): $(CORE) $(if $(UNBUILT),rebuild)
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not there; on Debian:" \
		"apt install python3-venv python3-dev gcc" >&2; exit 1; }
	@$(PYTHON) -c "$$CHECK"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Building abtrade into $(VENV) (about a minute the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.PHONY: rebuild
rebuild:

$(TOOLS): pyproject.toml | $(INSTALLED)
	@echo "Installing the test and lint tools into $(VENV) ..."
	@$(BIN)/python -c "$$EXTRAS" > $(VENV)/tools.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $(VENV)/tools.txt
	@touch $@

build/debug/stamp: $(EVERYTHING) | $(TOOLS)
	@rm -rf build/debug
	ABTRADE_DEBUG=1 $(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--no-build-isolation --no-deps --target build/debug .
	@touch $@

define CHECK
import os, shutil, sys, sysconfig
problems = []
if sys.version_info < (3, 11):
    problems.append("abtrade needs Python 3.11 or later, %s is %s; name another one, "
                    "as in: make PYTHON=python3.12 demo" % (sys.executable, sys.version.split()[0]))
try:
    import ensurepip, venv
except ImportError:
    problems.append("the venv module is not whole; on Debian: apt install python3-venv")
compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "gcc").split()[0]
if not shutil.which(compiler):
    problems.append("there is no C compiler (%s); on Debian: apt install gcc" % compiler)
if not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")):
    problems.append("Python.h is not there; on Debian: apt install python3-dev")
sys.exit("\n".join(problems) or 0)
endef
export CHECK

define EXTRAS
import tomllib
with open("pyproject.toml", "rb") as file:
    extras = tomllib.load(file)["project"]["optional-dependencies"]
print("\n".join(extras["test"] + extras["bench"] + extras["lint"]))
endef
export EXTRAS
