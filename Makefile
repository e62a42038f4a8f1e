# Two commands for newcomers: make serve, make test. Nothing but Python 3.11+ and pip is needed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=

# Some machines forbid Python to keep what it compiled; every server that a test starts would compile the package anew.
export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.PHONY: help install serve test smoke test-slow gate-tools compat gates generated-clients spectral openapi-core bruno junit-reports neighbours soak browser examples docs screenshots schemathesis check vendor format bench bench-setup load fuzz image image-proof lock audit sbom dist release-check pythons clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mock-oms needs Python 3.11 or newer, and $(PYTHON) is " + sys.version.split()[0] + ". Name another: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'

$(VENV)/.serve: pyproject.toml | $(BIN)/python
	@echo "Installing the mock into $(VENV); this happens once, and takes about half a minute."
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@echo "Installing the mock and what its tests need into $(VENV); this happens once, and takes a minute or two."
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@ $(VENV)/.serve

$(VENV)/.release: pyproject.toml | $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --group release
	@touch $@

install: $(VENV)/.serve ## install the mock into .venv; serve and test do that by themselves

serve: $(VENV)/.serve ## start the mock on http://127.0.0.1:8080 (ARGS="--port 0 --scenario restock")
	@$(BIN)/mock-oms serve $(ARGS)

test: $(VENV)/.dev ## the tests that are quick, and a short look of Schemathesis at the vendor's contract: about 6 minutes with two cores
	$(BIN)/python -m pytest -m "not slow" $(ARGS)
	$(BIN)/python tests/contract/run_schemathesis.py vendor --max-examples 5
	@echo "Left out: tests marked slow (make test-slow), the examples' own (make examples), long fuzzing (make schemathesis)."

smoke: $(VENV)/.dev ## tests/unit, tests/api and one system test of each kind, for a look between two changes
	TEST_PROFILE=smoke $(BIN)/python -m pytest -m "not slow" tests/unit tests/api $(ARGS)
	$(BIN)/python -m pytest -m smoke tests/system $(ARGS)
	@echo "Left out: most of tests/system, tests/contract and tests/documents (make test), tests marked slow (make test-slow)."

test-slow: $(VENV)/.dev ## the rest: kills, races, wheels in fresh environments, pages of documents, full loops
	$(BIN)/python -m pytest -m slow $(ARGS)

gate-tools: $(VENV)/.dev ## what the gates and tests/neighbours need: tools of pip and npm, each kind in a folder below .venvs, and Java, Node.js and Chromium where root may
	@PYTHON=$(PYTHON) tools/gate_tools.sh
	@PYTHON=$(PYTHON) tools/neighbours.sh

compat: ## the quick tests with the lowest and the highest releases of what the mock needs, and beside projects of others
	@PYTHON=$(PYTHON) tools/compat.sh $(ARGS)
	@$(MAKE) --no-print-directory neighbours

gates: gate-tools ## what tools of others say: generated-clients, spectral, openapi-core, bruno, junit-reports; each is a target too
	$(BIN)/python -m pytest -m slow tests/gates $(ARGS)

generated-clients spectral openapi-core bruno junit-reports: gate-tools
	$(BIN)/python -m pytest -m slow tests/gates -k $(subst -,_,$@) $(ARGS)

neighbours: gate-tools ## the pytest plugin beside tools that replace what it needs: HTTP clients, sockets, files, time
	$(BIN)/python -m pytest -m slow tests/neighbours $(ARGS)

soak: $(VENV)/.dev ## Hypothesis with fifty times as many examples; takes an hour or more
	TEST_PROFILE=soak $(BIN)/python -m pytest -m "not slow" tests/unit tests/contract/test_answers_like_django_rest_framework.py $(ARGS)

browser: $(VENV)/.dev ## the tests of the page in a Chromium: CHROMIUM, else the first that is on PATH; make test runs them too
	$(BIN)/python -m pytest tests/browser $(ARGS)

examples: $(VENV)/.dev ## the tests of examples/, which are projects of their own
	cd examples/poller && $(abspath $(BIN))/python -m pytest
	cd examples/tutorial && $(abspath $(BIN))/python -m pytest

docs: $(VENV)/.dev ## write anew what the documents and the collection in bruno/ take from the code
	$(BIN)/python -m tests.documents.making
	$(BIN)/python -m tests.documents.collection

screenshots: $(VENV)/.dev ## make the pictures of docs/images anew in a Chromium; look at each before you commit it
	$(BIN)/python -m tests.browser.screenshots

schemathesis: $(VENV)/.dev ## fuzz both APIs against servers that are started for it
	$(BIN)/python tests/contract/run_schemathesis.py

check: $(VENV)/.dev ## format, lint, types (with npm, those of the page too), floors, Dockerfiles, workflows
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy examples/poller
	$(BIN)/mypy examples/tutorial
	$(BIN)/mypy tools/image_proof.py tools/release_check.py tools/vendor.py tools/page_types.py
	$(BIN)/python tools/page_types.py
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile examples/poller/Dockerfile
	$(BIN)/zizmor --offline --quiet .github

vendor: ## fetch the files of npm packages in mock_oms/api/dashboard/vendor and tests/browser/vendor; needs npm (ARGS=--renew after another version)
	@$(PYTHON) tools/vendor.py $(ARGS)

format: $(VENV)/.dev ## put the code in form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev ## start-up, memory, cold pages, events, and the mock beside its peers (ARGS=--quick for a look)
	$(BIN)/python bench/figures.py
	$(BIN)/python -m bench.fixture
	$(BIN)/python -m bench.dashboard
	$(BIN)/python -m bench.peers $(ARGS)

bench-setup: ## what bench needs beside Python: wrk, nginx, Java and the peers from npm
	@bench/setup.sh

load: $(VENV)/.dev ## crowds that press on a server, while others are answered (ARGS=--quick for a look)
	$(BIN)/python -m bench.load $(ARGS)

fuzz: $(VENV)/.dev ## two minutes of nonsense on the socket
	$(BIN)/python -m tests.system.fuzzing --seconds 120

image: ## the container image mock-oms, with Docker or buildah (PYTHON_VERSION=3.12 TAG=name BASE=a-mirrors-name)
	@tools/image.sh

image-proof: $(VENV)/.serve ## build the image with buildah, run it, compare it with the local mock (Linux, root; see the script)
	@MOCK_OMS=$(abspath $(BIN))/mock-oms tools/image-proof.sh

lock: $(VENV)/.release ## pin what the image installs anew, with hashes, in requirements/
	@BIN=$(BIN) tools/lock.sh

audit: $(VENV)/.release ## ask for known vulnerabilities of what the image installs; needs the network
	$(BIN)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off --requirement requirements/runtime.txt

sbom: $(VENV)/.release ## what the image holds beside its base, as CycloneDX: dist/mock-oms.cdx.json
	@BIN=$(BIN) tools/sbom.sh

dist: $(VENV)/.dev ## the wheels and the sdist in dist/, each installed into an environment of its own and tried
	@BIN=$(BIN) tools/dist.sh
	DISTRIBUTIONS=$(abspath dist) $(BIN)/python -m pytest tests/system/test_distributions.py -n 2 --dist loadscope

release-check: ## whether a tag, the version and CHANGELOG agree (TAG=v0.2.0)
	@$(PYTHON) tools/release_check.py "$$TAG"

pythons: ## the quick part of the tests with every Python from 3.11 on that is on this machine (ARGS="-x")
	@tools/pythons.sh $(ARGS)

clean: ## remove what was made
	rm -rf $(VENV) .venvs dist build .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
