"""The modules of the job are one list: the tests run with what the template asks Glue to install."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.support.glue_home import LINEAGE

ROOT = Path(__file__).parents[2]
PINS = sorted((ROOT / "constraints").glob("glue*.txt"))
TEMPLATE = (ROOT / "deploy" / "template.yaml").read_text(encoding="utf-8")
GLUES = {"boto3", "pandas", "pyarrow", "pyspark", "requests"}


def asked() -> list[str]:
    """The modules beside the wheel in `--additional-python-modules`."""
    found = set(re.findall(r"--additional-python-modules: .*?\.whl,[\\\s]*([^\"\s]+)", TEMPLATE))
    assert len(found) == 1, "each job asks for the same"
    listed: str = found.pop()
    return listed.split(",")


def test_there_are_pins_for_three_versions_of_glue() -> None:
    assert [path.stem for path in PINS] == ["glue50", "glue51", "glue60"]


@pytest.mark.parametrize("pins", PINS, ids=lambda path: path.stem)
def test_each_version_is_tested_with_the_modules_of_the_template(pins: Path) -> None:
    assert set(asked()) <= set(pins.read_text().split())


def test_the_template_installs_what_the_wheel_needs_and_glue_lacks() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needs = {re.split(r"[><=]", one)[0] for one in project["project"]["dependencies"]}
    assert {one.partition("==")[0] for one in asked()} == needs - GLUES
    assert set(project["dependency-groups"]["glue"]) == GLUES


def test_the_page_names_the_modules_of_the_template() -> None:
    page = (ROOT / "docs" / "how-to" / "glue.md").read_text(encoding="utf-8")
    assert "`," + ",".join(asked()) + "`" in page
    assert f".whl,{LINEAGE}\n" in page
    assert LINEAGE.partition(",")[0] in (ROOT / "constraints" / "dev.txt").read_text(encoding="utf-8").split()
    pinned = [dict(line.split("==") for line in pins.read_text().split()) for pins in PINS]
    for glue, has in zip(("5.0", "5.1", "6.0"), pinned, strict=True):
        (row,) = re.findall(rf"^\| {glue} \| (.*) \|$", page, re.MULTILINE)
        spark, _, boto3, urllib3, others = row.split(" | ")
        assert (spark, boto3, urllib3) == (has["pyspark"], has["boto3"], has["urllib3"])
        assert others == f"pyarrow {has['pyarrow']}, pandas {has['pandas']}"
