# Everything a person does here: `make` lists it. PORT=4566 pins the port of the local AWS;
# `make up STACK=dev` is for the stack of Pulumi.dev.yaml, on AWS: docs/components.md. ARGS is handed
# on to pytest, or to the benchmarks.
PYTHON ?= python3
STACK ?= local
PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
# Only the local stack is brought up and down without asking.
ON_STACK = $(PY) -m $(if $(filter-out local,$(STACK)),tools.stack $@ '$(STACK)',tools.local $@)

.DEFAULT_GOAL := help
.PHONY: help up down show doctor console picture test check bench docs dist versions

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST)

up: .venv/.installed ## start a local AWS, and the program on it: one response plan, one incident
	@$(ON_STACK)

down: .venv/.installed ## remove what `make up` made, and end the local AWS
	@$(ON_STACK)

show: .venv/.installed ## print the plan and the incident as the local AWS has them
	@$(ON_STACK)

doctor: .venv/.installed ## check whether what `make up` made would work: who is paged, by what, and what starts it
	@$(PY) -m $(if $(filter-out local,$(STACK)),pulumi_incidents.commands doctor --stack '$(STACK)',tools.local doctor)

console: .venv/.installed ## open the page of the local AWS: incidents, plans, messages, live
	@$(PY) -m tools.local console

picture: .venv/.dev ## make the pictures of docs: the console, by what `make up` made and a team, a rota, and the preview
	@$(PY) -m tools.picture
	@$(PY) -m tools.rota
	@. .local/env; export PULUMI_BACKEND_URL="file://$$(mktemp -d)"; \
	pulumi stack init local --non-interactive >/dev/null && \
	pulumi preview --stack local --color always --non-interactive | \
	$(PY) -m tools.printed docs/preview.svg 'pulumi preview'

test: .venv/.dev .venv-docs/.installed ## run all tests, those on the real engine included (some with ARGS=tests/test_model.py)
	@$(PY) -m tools.engine >/dev/null
	$(PY) -m pytest -n 4 --dist worksteal $(ARGS)

check: .venv/.dev ## format, lint and types: what CI checks besides the tests
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy

bench: .venv/.bench ## measure the speed, about 25 minutes: writes docs/benchmarks.md (2 with ARGS=--quick)
	$(PY) -m benchmarks $(ARGS)

docs: .venv/.dev .venv-docs/.installed ## build the site into build/docs; a broken link fails
	@$(PY) -m tools.reference
	@$(PY) -m tools.checks
	@$(PY) -m tools.drawings
	@.venv-docs/bin/python -m sphinx -E -n -W --keep-going -q -c docs . build/docs
	@ln -sf README.html build/docs/index.html
	@echo build/docs/index.html

# Built from a copy: the metadata that a build leaves behind would be taken for an installed package.
dist: .venv-docs/.installed ## build wheel and sdist into dist, and check what they say
	@rm -rf dist build/dist && mkdir -p build/dist
	@git ls-files -z | tar --create --null --files-from - | tar --extract --directory build/dist
	@.venv-docs/bin/python -m build --outdir dist build/dist >build/dist.log 2>&1 || { cat build/dist.log >&2; exit 1; }
	@.venv-docs/bin/python -m twine check --strict dist/*

versions: .venv/.dev .venv-docs/.installed ## test with lowest and highest versions, on every Python that is here
	@$(PY) -m mypy --python-version 3.10
	@$(PY) -m mypy --python-version 3.14
	@$(PY) -m tools.versions

# The stamps come last, so an interrupted installation is done again.
.venv/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo 'Python 3.10 or newer is needed: make PYTHON=/path/to/python3' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo 'Python lacks its venv module: on Debian and Ubuntu, apt install python3-venv' >&2; exit 1; }
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@echo 'Installing what the program needs into .venv' >&2
	@$(PIP) -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.installed
	@echo 'Installing what the tests and checks need into .venv' >&2
	@$(PIP) -r requirements-dev.txt
	@touch $@

.venv/.bench: requirements-bench.txt .venv/.dev
	@echo 'Installing what the benchmarks need into .venv' >&2
	@$(PIP) -r requirements-bench.txt
	@touch $@

# Of its own, because the AWS CLI that some tests use holds back what Sphinx needs.
.venv-docs/.installed: requirements-docs.txt .venv/.installed
	@$(PYTHON) -m venv .venv-docs
	@echo 'Installing what the site needs into .venv-docs' >&2
	@.venv-docs/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@
