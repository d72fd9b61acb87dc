# make demo, make test: all it takes is Python 3.11 or newer (with venv) and make. CONTRIBUTING.md says more.
PYTHON ?= python3
WORKERS ?= 2
VENV := .venv
export WITHOUT_SYNAPSE
BIN := $(VENV)/bin
SYNAPSE := $(if $(WITHOUT_SYNAPSE),,.venv-synapse/.made)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: help demo run test check format bench bench-large soak coverage clean

help:
	@echo "make demo      essayer Ardoise, sans aucun compte (une page locale ; par un tube, le terminal)"
	@echo "make test      toute la suite de tests, SQLite et PostgreSQL"
	@echo "make check     format, lint, types, imports"
	@echo "make run       le bot, avec config.toml"
	@echo "make bench     mesures (bench-large : dix millions d'opérations, 300 000 adhérents) · make soak : les longues épreuves"

demo: $(VENV)/.runtime
	@if [ -t 0 ]; then exec $(BIN)/ardoise demo --web; else exec $(BIN)/ardoise demo; fi

run: $(VENV)/.runtime
	@exec $(BIN)/ardoise run

test: $(VENV)/.tests $(SYNAPSE)
	$(BIN)/python -m pytest -q --numprocesses $(WORKERS) --dist loadfile

check: $(VENV)/.tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.tests
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.tests $(SYNAPSE)
	@for name in tests/benchmarks/bench_*.py; do $(BIN)/python -m tests.benchmarks.$$(basename $$name .py) || exit 1; echo; done

bench-large: $(VENV)/.tests
	@$(BIN)/python -m tests.benchmarks.bench_ledger --large
	@$(BIN)/python -m tests.benchmarks.bench_reminders --large

soak: $(VENV)/.tests $(SYNAPSE) tests/element/node_modules/.made
	$(BIN)/python -m pytest -q -m soak

coverage: $(VENV)/.tests $(SYNAPSE)
	$(BIN)/python -m coverage run -m pytest -q
	$(BIN)/python -m coverage report --show-missing --skip-covered

clean:
	rm -rf $(VENV) .venv-synapse tests/element/node_modules build dist *.egg-info .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Il faut Python 3.11 ou plus récent (make PYTHON=python3.12 …)." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Il manque venv à Python : sous Debian et Ubuntu, apt install python3-venv." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: $(VENV)/.made pyproject.toml constraints.txt
	@echo "Installation dans $(VENV)…" >&2
	@$(PIP) --editable .
	@touch $@

$(VENV)/.tests: $(VENV)/.runtime
	@echo "Installation de quoi tester…" >&2
	@$(PIP) --editable '.[test]'
	@touch $@

tests/element/node_modules/.made: tests/element/package.json
	@command -v npm >/dev/null || { echo "Il manque node et npm pour essayer la cryptographie d'Element." >&2; exit 1; }
	@cd tests/element && npm install --no-package-lock --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: element
element: $(VENV)/.tests $(SYNAPSE) tests/element/node_modules/.made
	$(BIN)/python -m pytest -q -m soak tests/soak/test_matrix_element.py

.PHONY: .venv-synapse
.venv-synapse: .venv-synapse/.made

.venv-synapse/.made: $(VENV)/.made tests/synapse-constraints.txt
	@echo "Installation de Synapse, pour les tests de Matrix, dans .venv-synapse…" >&2
	@$(PYTHON) -m venv .venv-synapse
	@.venv-synapse/bin/python -m pip install --quiet --disable-pip-version-check --constraint tests/synapse-constraints.txt matrix-synapse || { \
		echo "Synapse n'a pas pu être installé : Matrix ne peut pas être testé. Le reste : make test WITHOUT_SYNAPSE=1" >&2; exit 1; }
	@touch $@
