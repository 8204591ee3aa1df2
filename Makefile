# Needs Python 3.11 to 3.13 and make; everything else is installed here.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One more than cores, since tests wait too: a fourth made nothing faster on two, and the busier a machine, the longer all wait.
JOBS ?= $(shell expr $$(nproc 2>/dev/null || echo 2) + 1)
# Tests start many Python processes: each would compile this program anew where the environment forbids to keep bytecode.
PYTEST = TMPDIR=$$(sh tests/scratch.sh) PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(JOBS) --dist worksteal

.PHONY: run test test-postgres test-all check audit install serve bench load faults screenshots lock migration system-packages clean

run: install
	$(BIN)/totalview up

serve: run

install: $(VENV)/installed

# All but the tests marked `long`: the other cases of faults and broken files, of which each kind has one here.
test: $(VENV)/installed-dev system-packages
	$(PYTEST) -m "not long"

# Every test, and with many more examples in those that try by chance; then all of it on PostgreSQL.
test-all: $(VENV)/installed-dev system-packages
	$(PYTEST) --hypothesis-profile=long
	$(MAKE) test-postgres

# The same tests on PostgreSQL, but for those that are about SQLite itself.
test-postgres: $(VENV)/installed-dev system-packages
	TOTALVIEW_TEST_DATABASE=postgresql $(PYTEST)

# Processes killed, services away, disks full while 500 calls are under way: 80 minutes, and the table of docs/faults.md.
FAULTS ?= --write
faults: $(VENV)/installed-dev system-packages
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m tests.faults $(FAULTS)

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/python -m pytest -q tests/test_house.py

# What TotalView is for, beside baselines; about 25 minutes. BENCH="calls uploads" measures these alone.
BENCH ?= sound start uploads sftp calls pages recogniser
bench: $(VENV)/installed-dev system-packages
	@sh tests/system-packages.sh ffmpeg
	for name in $(BENCH); do PYTHONDONTWRITEBYTECODE= $(BIN)/python -m benchmarks.$$name || exit 1; done

# People who click and programs that upload, all at once: make load LOAD="--minutes 5 --people 50 --clients 20 --postgres"
load: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.load $(LOAD)

# Known holes in the locked versions. It asks a service on the internet, so that it is no part of `make check`.
# --strict: a service that knows nothing of a package is no answer that the package is well.
audit:
	$(PYTHON) -m venv build/audit
	build/audit/bin/pip install --quiet pip-audit
	build/audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements.lock

# What some tests need beyond Python. Installed where this is root on Debian; elsewhere those tests say what they miss.
system-packages:
	@sh tests/system-packages.sh

# Every page, light and dark, wide and on a phone, into build/screenshots; the README's three into docs/pictures.
screenshots: $(VENV)/installed-dev system-packages
	$(BIN)/python -m tests.screenshots

# The locked dependencies, by hash; then the product itself, in place, so that the checkout is what runs.
$(VENV)/installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	  || { echo "TotalView needs Python 3.11 to 3.13; $(PYTHON) is another. Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# After a change of pyproject.toml: pins names, versions and hashes anew.
lock: $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --group build -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --group build --group dev -c requirements.lock -o requirements-dev.lock

# A draft of the migration that the changed tables need: make migration WORDS="Add bulk jobs"
migration: $(VENV)/installed-dev
	TOTALVIEW_HOME=$$(mktemp -d) $(BIN)/python -c 'import sys; from records.migrate import draft; draft(sys.argv[1])' "$(WORDS)"
	$(BIN)/ruff check --quiet --fix records/migrations
	$(BIN)/ruff format --quiet records/migrations

clean:
	rm -rf $(VENV) build *.egg-info
