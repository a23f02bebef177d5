"""The package's public names, and what loading them costs."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version

import pytest

import trustedlake

HEAVY = ("pyspark", "pyarrow", "pydantic", "click", "rich", "requests", "boto3", "pandas")


def loaded_after(statement: str) -> set[str]:
    """The top-level modules that a new interpreter has after the statement."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("name", sorted(set(trustedlake.__all__) - {"__version__"}))
def test_every_public_name_loads_from_its_home(name: str) -> None:
    assert getattr(trustedlake, name) is vars(import_module(trustedlake._HOMES[name]))[name]


def test_dir_shows_the_names_in_all() -> None:
    assert sorted(dir(trustedlake)) == sorted(trustedlake.__all__)


def test_public_names_and_their_home_modules_match() -> None:
    assert {*trustedlake._HOMES, "__version__"} == set(trustedlake.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'trustedlake' has no attribute 'to_gold'"):
        _ = trustedlake.to_gold


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_after("import trustedlake") & set(HEAVY) == set()


def test_the_errors_load_nothing_heavy() -> None:
    assert loaded_after("from trustedlake import TrustedLakeError") & set(HEAVY) == set()


def test_the_contracts_load_without_spark() -> None:
    assert loaded_after("from trustedlake import CONTRACTS") & {"pyspark", "pyarrow", "rich", "requests"} == set()


def test_without_openlineage_its_client_is_not_loaded() -> None:
    called = "from trustedlake.entrypoints import glue, lake, library"
    loaded = loaded_after(f"{called}; from trustedlake.entrypoints.wiring import extractor, openlineage_receiver")
    assert ("pydantic" in loaded, loaded & {"openlineage", "httpx2"}) == (True, set())


def test_the_installed_version_is_that_of_the_module() -> None:
    assert version("trustedlake") == trustedlake.__version__
