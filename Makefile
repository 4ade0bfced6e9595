# Each target sets up what it needs and says so. PYTHON= chooses the interpreter (3.11 to 3.13), PORT= the port.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
RUN_STAMP := .venv/.requirements
DEV_STAMP := .venv/.requirements-dev
# The child that reads foreign files may not write, so what it loads is compiled at set-up.
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes
LOCK := $(BIN)/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock"

export PYTHONDONTWRITEBYTECODE := # else every worker and every server of the tests compiles all modules anew

.PHONY: serve test soak bench lint lock docs clean
.DEFAULT_GOAL := serve

serve: $(RUN_STAMP) static/vendor/.state  ## set up and serve the map on http://127.0.0.1:$(PORT)/
	@PORT=$(PORT) exec $(BIN)/python app.py

test: $(DEV_STAMP) static/vendor/.state node_modules/.state  ## lint and all tests but the long campaigns; at most 3 minutes (types: make lint)
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -n 3 --dist worksteal -q

soak: $(DEV_STAMP) static/vendor/.state node_modules/.state  ## the long campaigns; ARGS="-k killed" chooses
	$(BIN)/python -m pytest -m soak -q --durations=5 $(ARGS)

bench: $(DEV_STAMP) static/vendor/.state  ## measure against what one would use instead; ARGS="--quick --only geojson"
	$(BIN)/python -m bench $(ARGS)

lint: $(DEV_STAMP)  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/mypy

docs: $(DEV_STAMP)  ## write docs/reference and the pictures of docs/measures from the code
	$(BIN)/python -m docs.build

lock: $(DEV_STAMP)  ## pin anew; UPGRADE=--upgrade takes newer versions
	$(LOCK) $(UPGRADE) pyproject.toml -o requirements.lock
	$(LOCK) $(UPGRADE) pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
	$(LOCK) $(UPGRADE) requirements-node.in -o requirements-node.lock

clean:  ## remove what was installed; the store in data/instance stays
	rm -rf .venv static/vendor node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/.made:
	@$(PYTHON) -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))" \
		|| { echo "Yuantu needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is another one. Name it: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c "import venv, ensurepip" 2>/dev/null \
		|| { echo "$(PYTHON) cannot make environments. On Debian or Ubuntu, once: apt install python3-venv"; exit 1; }
	@echo "Making the Python environment .venv …"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@touch $@

$(RUN_STAMP): requirements.lock .venv/.made
	@echo "Installing the Python packages of requirements.lock (about 200 MB, a minute) …"
	@$(PIP) --no-compile -r requirements.lock
	@for p in ezdxf osmium pyarrow pyogrio shapely; do $(BIN)/python -m compileall -q -j 0 .venv/lib/python3.*/site-packages/$$p >/dev/null || true; done
	@touch $@

$(DEV_STAMP): requirements-dev.lock $(RUN_STAMP)
	@echo "Installing the tools of requirements-dev.lock …"
	@$(PIP) -r requirements-dev.lock
	@touch $@

static/vendor/.state: package-lock.json web/assets.py $(RUN_STAMP)
	@command -v npm >/dev/null || { echo "No npm on this system: installing the one of requirements-node.lock …"; $(PIP) -r requirements-node.lock; }
	@$(BIN)/python -m web.assets
	@touch $@

node_modules/.state: package-lock.json web/assets.py $(RUN_STAMP) static/vendor/.state
	@$(BIN)/python -c "from web import assets; assets.install_readers()"
	@touch $@
