"""`contract check` accepts what `datacontract lint`, in its own environment, accepts."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from tests.support.contract_files import GOOD, changed
from trustedlake.adapters.contracts.odcs_check import check
from trustedlake.models.built_in import TRUSTED

PACKAGE = "datacontract-cli==1.2.8"
EXAMPLES = sorted((Path(__file__).parents[1] / "unit" / "contracts").glob("*.yaml"))
FAULTS = [
    ("apiVersion: v3.2.0", "apiVersion: v3.1.0"),
    ("version: 2.1.0", "version: 2.1"),
    ("logicalType: timestamp", "logicalType: moment"),
    ("required: true", "required: maybe"),
    ("logicalTypeOptions: {minimum: 1}", "logicalTypeOptions: {minimun: 1}"),
    ("logicalType: timestamp", "logicalType: timestamp\n        synonyms: [start]"),
    ("logicalType: timestamp", "logicalType: timestamp\n        enum: [a]"),
    ("property: raw", "propertie: raw"),
]
"""What is wrong by the standard: both say so."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lint(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of `datacontract`, installed for this test."""
    home = tmp_path_factory.mktemp("datacontract")
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    pip = [str(home / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{PACKAGE} can't be installed here: {done.stderr.splitlines()[-1]}")
    return str(home / "bin/datacontract")


def accepts(lint: str, path: Path) -> bool:
    return subprocess.run([lint, "lint", str(path)], capture_output=True, check=False).returncode == 0


def test_both_checkers_accept_the_built_in_tables_and_the_examples(lint: str) -> None:
    built_in = [Path(str(files("trustedlake").joinpath("contracts", f"{table}.odcs.yaml"))) for table in TRUSTED]
    for path in (*built_in, *EXAMPLES):
        assert check(path.read_bytes(), path.name).problems == ()
        assert accepts(lint, path), path


def test_both_checkers_refuse_violations_of_the_standard(lint: str, tmp_path: Path) -> None:
    path = tmp_path / "trips.odcs.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert accepts(lint, path)
    for old, new in FAULTS:
        path.write_bytes(changed(old, new))
        assert check(path.read_bytes(), path.name).problems, new
        assert not accepts(lint, path), new
