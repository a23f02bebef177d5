# Everything runs in .venv, which the first command that needs it makes. No Java, Docker, account or key needed.
# PYTHON=/path/to/python picks another interpreter (3.11 to 3.13); PYTHON311 and PYTHON313 those for other Sparks.

VENV    := .venv
BIN     := $(VENV)/bin
READY   := $(VENV)/.ready
QUICK   := build/quick-java/.ready
SPARK35 := .venv-spark35
BENCH   := .venv-bench
SITE    := .venv-docs
LIGHT   := .venv-light
ONLY ?=
ROUNDS ?= 3
SCALE ?= 1
, := ,
PYTHON311 ?= python3.11
# A version manager may keep it off the PATH.
PYTHON313 ?= $(or $(lastword $(wildcard $(HOME)/.pyenv/versions/3.13.*/bin/python3.13)),python3.13)
GLUES := 50 51 60
GLUE_PYTHON_50 = $(PYTHON311)
GLUE_PYTHON_51 = $(PYTHON311)
GLUE_PYTHON_60 = $(PYTHON313)
LAMBDA_PYTHON ?= 3.13
BUILDER ?= docker
# MinIO is source only; built once, it stays in the user's cache.
MINIO_VERSION := v0.0.0-20260212201848-7aac2a2c5b7c
MINIO := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/trustedlake/minio-$(MINIO_VERSION)/minio
MINIO_DATA ?= minio-data

# $(call install,ENVIRONMENT,WHAT,FOLDER OF UV): uv does in seconds what takes pip minutes; what it doesn't get, pip tries.
# There is pyspark's source only, and squeezing its jars into a wheel takes twice as long as all the rest.
# It compiles Python's modules, as pip does, where many processes use them: else each compiles them again where
# PYTHONDONTWRITEBYTECODE is set, 0.2 seconds for the command, more for an engine.
install = $(or $(3),$(BIN))/uv pip install --quiet $(COMPILED) --python $(1)/bin/python $(AS_IT_IS) $(2) || $(1)/bin/python -m pip install --quiet $(2)

COMPILED := --compile-bytecode
AS_IT_IS := --config-settings-package pyspark:--build-option=--compression=stored

WORKERS ?= 2
# A worker takes file after file: what a file's tests share is made once, and no two workers share an engine.
PYTEST := $(BIN)/python -m pytest --ignore tests/benchmarks --ignore tests/glue \
  --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: chromium minio minio-build help install demo test test-rest test-slow test-all check bench parity test-spark35 test-glue docs site cast fixtures image lambda package clean

help: ## print this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sort -s -k1,1 -t: | sed -E 's/^([a-z0-9-]+):.*## /  make \1\t/' | expand -t 22

install: $(READY) ## make .venv with everything; then .venv/bin/trustedlake works

# Where the whole environment is there, it will do.
DEMO := $(or $(patsubst %/.ready,%,$(wildcard $(READY))),$(LIGHT))

demo: $(DEMO)/.ready ## the whole road on a few invented films, in one command: half a minute, its environment included
	$(DEMO)/bin/trustedlake demo

test: ## the tests that need nothing but Python: about seven minutes on two cores
	@echo "about seven minutes on two cores, and a few more where $(VENV) must be made; make test-all runs everything"
	@$(MAKE) --silent --no-print-directory $(READY)
	$(PYTEST) -m "not rest and not slow"

test-rest: $(READY) $(QUICK) ## what make test leaves out: kills, full disks, clusters, buckets in MinIO, the templates
	@echo "about twenty minutes on two cores; what needs MinIO is skipped without it (make minio-build)"
	$(PYTEST) -m "rest and not slow"

test-slow: $(READY) ## tests that take minutes each; the others run a sample of them
	$(PYTEST) -m slow

test-all: ## every test: the three above, then the second Spark and Glue's versions
	@set -e; for part in test test-rest test-slow test-spark35 test-glue; do $(MAKE) --no-print-directory $$part; done

check: $(READY) ## style, types, architecture, dependencies
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src

bench: $(READY) $(BENCH)/.ready $(if $(shell command -v go),$(MINIO)) ## measure, and write docs/benchmarks.* anew (ONLY=small,movies, ROUNDS=2)
	$(BIN)/python -m tests.benchmarks $(subst $(,), ,$(ONLY)) --rounds $(ROUNDS) --scale $(SCALE) --cache build/bench --write docs/benchmarks.md

parity: $(READY) ## do all engines make the same lake of yours? LAKE=path/to/lake, which is only read
	PARITY_LAKE=$(abspath $(or $(LAKE),$(error say which lake: make parity LAKE=path/to/lake))) \
	  $(BIN)/python -m pytest -s -k lake_that_was_given tests/e2e/test_parity.py

test-spark35: ## the Spark tests under Spark 3.5.6, where Python 3.11 is there
	@if $(PYTHON311) -c '' 2>/dev/null; then \
	  $(MAKE) --no-print-directory $(SPARK35)/.ready && $(SPARK35)/bin/python -m pytest tests/spark; \
	else \
	  echo "skipped: Spark 3.5.6 needs Python 3.11, and $(PYTHON311) does not run (PYTHON311=/path/to/python3.11)"; \
	fi

test-glue: $(READY) ## the Glue job in what Glue 5.0, 5.1 and 6.0 have, where Python 3.11 and 3.13 are there
	rm -rf build/glue
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir build/glue .
	@set -e; $(foreach glue,$(GLUES),if $(GLUE_PYTHON_$(glue)) -c '' 2>/dev/null; then \
	  $(MAKE) --no-print-directory $(VENV)-glue$(glue)/.ready; \
	  $(VENV)-glue$(glue)/bin/python -m pip uninstall --quiet --yes trustedlake 2>/dev/null; \
	  $(call install,$(VENV)-glue$(glue),--constraint constraints/glue$(glue).txt build/glue/*.whl); \
	else \
	  echo "skipped: Glue $(glue) needs a Python that does not run: $(GLUE_PYTHON_$(glue))"; \
	fi;)
	$(BIN)/python -m pytest tests/glue

docs: $(READY) ## write docs/reference again from the contracts and the commands
	$(BIN)/python -m trustedlake.entrypoints.reference docs/reference

site: $(SITE)/.ready ## build the pages of docs/ into build/site; a link that leads nowhere is an error
	NO_MKDOCS_2_WARNING=1 $(SITE)/bin/mkdocs build --strict
	@echo "build/site/index.html; to read it with its search: $(SITE)/bin/python -m http.server --directory build/site"

cast: $(READY) $(SITE)/.ready ## record make demo anew, for the first page: docs/images/demo.svg
	$(SITE)/bin/python docs/site/make_cast.py

fixtures: $(READY) ## write data/fixtures again from data/catalogue.json
	$(BIN)/python data/make_fixtures.py

chromium: ## install the browser that looks at the page, where Debian's apt-get and its rights are
	@if command -v chromium > /dev/null 2>&1; then :; \
	elif command -v apt-get > /dev/null 2>&1 && [ "$$(id -u)" = 0 ]; then \
	  apt-get -qq update && apt-get -qq install --yes --no-install-recommends chromium > /dev/null; \
	else \
	  echo "skipped: no chromium, and no apt-get as root to install it; the tests of the page in a browser are skipped"; \
	fi

minio-build: $(MINIO) ## build MinIO, an S3 for this machine, if it is not there (needs Go; about four minutes)

minio: $(MINIO) $(READY) ## run MinIO on 127.0.0.1:9000 with a bucket `lake`; its data in minio-data/
	@mkdir -p $(MINIO_DATA)/lake
	@echo "in another terminal:"
	@echo "  export AWS_ENDPOINT_URL_S3=http://127.0.0.1:9000 AWS_ACCESS_KEY_ID=minioadmin AWS_SECRET_ACCESS_KEY=minioadmin"
	@echo "  $(BIN)/trustedlake doctor --lake s3://lake"
	MINIO_ROOT_USER=minioadmin MINIO_ROOT_PASSWORD=minioadmin $(MINIO) server $(MINIO_DATA) --quiet \
	  --address 127.0.0.1:9000 --console-address 127.0.0.1:9001

image: ## the container images; BUILDER=buildah does it without a daemon, BUILD_FLAGS= hands it more options
	BUILDAH_FORMAT=docker BUILDAH_LAYERS=true $(BUILDER) build $(BUILD_FLAGS) --tag trustedlake .
	BUILDAH_FORMAT=docker BUILDAH_LAYERS=true $(BUILDER) build $(BUILD_FLAGS) --tag trustedlake-minio \
	  --build-arg MINIO_VERSION=$(MINIO_VERSION) deploy/minio

lambda: $(READY) ## the extractor as a zip for AWS Lambda, without pyspark (LAMBDA_PYTHON=3.11 to 3.13)
	rm -rf build/lambda build/wheel
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir build/wheel .
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints/dev.txt --no-compile \
	  --only-binary=:all: --implementation cp --python-version $(LAMBDA_PYTHON) --platform manylinux2014_x86_64 \
	  --target build/lambda "$$(echo build/wheel/*.whl)[lineage]"
	rm -rf build/lambda/bin
	mkdir -p dist
	$(BIN)/python -m zipfile -c dist/trustedlake-lambda-py$(LAMBDA_PYTHON).zip build/lambda/*
	@du -sh build/lambda dist/trustedlake-lambda-py$(LAMBDA_PYTHON).zip

package: lambda ## what deploy/template.yaml wants in a bucket, in dist/aws/: wheel, Glue's script, Lambda's zip
	rm -rf dist/aws
	mkdir -p dist/aws
	cp build/wheel/*.whl deploy/glue_job.py dist/trustedlake-lambda-py$(LAMBDA_PYTHON).zip dist/aws
	@ls -hs1 dist/aws

clean: ## remove what these commands made: environments, caches, builds, the demo's lake
	rm -rf $(VENV) $(LIGHT) $(SPARK35) $(BENCH) $(SITE) $(GLUES:%=$(VENV)-glue%) build dist demo-lake spark-warehouse metastore_db derby.log artifacts
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(MINIO):
	@if ! go version > /dev/null 2>&1; then \
	  echo "MinIO is built from its source, and there is no Go: apt install golang (Debian, Ubuntu), brew install go (macOS)" >&2; \
	  exit 2; \
	fi
	@echo "building MinIO $(MINIO_VERSION): about four minutes, once"
	GOBIN=$(dir $@) go install $(MINIO_FLAGS) github.com/minio/minio@$(MINIO_VERSION)

# $(call environment,FOLDER): made with the first Python that fits. A Debian python may lack venv or ensurepip; an old
# python3 may stand beside a new one.
define environment
@set -e; found=; for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
  if "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then found="$$python"; break; fi; \
done; \
if [ -z "$$found" ]; then \
  echo "no Python 3.11, 3.12 or 3.13 among: $(or $(PYTHON),python3 python3.13 python3.12 python3.11)" >&2; \
  echo "install one (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python@3.13) or say PYTHON=/path/to/python" >&2; \
  exit 2; \
fi; \
if ! "$$found" -c 'import ensurepip, venv' 2>/dev/null; then \
  version=$$("$$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
  echo "$$found can't make environments: apt install python$$version-venv (Debian, Ubuntu)" >&2; \
  exit 2; \
fi; \
echo "making $(1) with $$found"; \
"$$found" -m venv $(1); \
$(1)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints/dev.txt pip uv
endef

$(READY): pyproject.toml constraints/dev.txt
	$(call environment,$(VENV))
	$(call install,$(VENV),--constraint constraints/dev.txt --build-constraint constraints/dev.txt --editable ".[all]" --group dev)
	@$(BIN)/python -m compileall -q src
	@touch $@

# What a user installs: no Spark, no tools for development. A demo is one process: compiling all takes longer.
$(LIGHT)/.ready: COMPILED :=
$(LIGHT)/.ready: pyproject.toml constraints/dev.txt
	$(call environment,$(LIGHT))
	@$(call install,$(LIGHT),--constraint constraints/dev.txt --build-constraint constraints/dev.txt --editable ".[fast$(,)query]",$(LIGHT)/bin)
	@touch $@

# For the tests that start Spark: a Java that keeps what it makes of Spark's classes.
$(QUICK): $(READY)
	$(BIN)/python -m tests.support.quick_java
	@mkdir -p $(@D) && touch $@

# What Glue has before the job's modules are added to it.
$(VENV)-glue%/.ready: pyproject.toml constraints/glue%.txt
	$(GLUE_PYTHON_$*) -m venv --clear $(VENV)-glue$*
	$(call install,$(VENV)-glue$*,--constraint constraints/glue$*.txt pip)
	$(call install,$(VENV)-glue$*,--constraint constraints/glue$*.txt --group glue)
	@touch $@

$(BENCH)/.ready: pyproject.toml constraints/bench.txt $(READY)
	$(BIN)/python -m venv $(BENCH)
	$(call install,$(BENCH),--constraint constraints/bench.txt pip)
	$(call install,$(BENCH),--constraint constraints/bench.txt --group bench)
	@touch $@

$(SITE)/.ready: pyproject.toml constraints/docs.txt $(READY)
	$(BIN)/python -m venv $(SITE)
	$(call install,$(SITE),--constraint constraints/docs.txt pip)
	$(call install,$(SITE),--constraint constraints/docs.txt --group docs)
	@touch $@

$(SPARK35)/.ready: pyproject.toml constraints/spark35.txt | $(READY)
	$(PYTHON311) -m venv $(SPARK35)
	$(call install,$(SPARK35),--constraint constraints/spark35.txt pip)
	$(call install,$(SPARK35),--constraint constraints/spark35.txt --build-constraint constraints/spark35.txt --editable . --group spark35)
	@touch $@
