# `make run` starts the bot with a demo; `make test` is the whole gate. Both create what is missing.
VENV := .venv
BIN := $(VENV)/bin
NEWEST := $(firstword $(foreach v,3.11 3.12 3.13,$(shell command -v python$(v) 2>/dev/null)))
PYTHON ?= $(or $(shell python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v python3),$(NEWEST))

.PHONY: run test dev search bench crash lock clean

run: $(VENV)/.runtime
	@exec $(BIN)/python -m bot serve --demo

# Three for two cores, for there is much waiting; the servers that are started find their modules compiled.
test: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q -n 3 --dist loadgroup

dev: $(VENV)/.dev

# What the gate draws in one way, drawn in twenty others.
search: $(VENV)/.dev
	for time in $$(seq 20); do $(BIN)/python -m pytest -q -n 2 --hypothesis-profile=search $$(grep -l "^from hypothesis" tests/test_*.py) || exit 1; done

bench: $(VENV)/.dev
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.delivery.rate
	$(BIN)/python -m tests.bench.ranking

# The long versions of what the gate runs briefly.
crash: $(VENV)/.dev
	$(BIN)/python -m tests.crash --kills 200
	$(BIN)/python -m tests.crash --kills 50 --postgres
	$(BIN)/python -m tests.crash.desk
	$(BIN)/python -m tests.crash.desk --kills 10 --postgres
	$(BIN)/python -m tests.delivery.kills --kills 100
	$(BIN)/python -m tests.delivery.broadcast --contacts 1000 --kills 50
	$(BIN)/python -m tests.delivery.flood --posts 10000
	$(BIN)/python -m tests.channels.wechat.flood --posts 10000
	$(BIN)/python -m tests.channels.wecom.flood --posts 10000
	$(BIN)/python -m tests.seasons --societies 300 --days 60 --seed 1

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11 或更新版本 / Python 3.11 or newer is needed"; exit 1; }
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); echo "请先安装 venv：apt install python3-venv / install python3-venv first"; exit 1; }

$(VENV)/.runtime: requirements.lock | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/.runtime

# For maintainers, with uv at hand: hashes, and no addresses.
UV := uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url
lock:
	$(UV) pyproject.toml -o requirements.lock
	$(UV) pyproject.toml --group dev -o requirements-dev.lock

clean:
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
