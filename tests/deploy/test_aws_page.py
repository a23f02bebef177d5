"""docs/how-to/aws.md: its names are in the template, its sums are right, and its program does what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from tests.support.pages import HOW_TO, blocks
from tests.support.stack import NAME, Stack

if TYPE_CHECKING:
    from pathlib import Path

PAGE = HOW_TO / "aws.md"
ROW = re.compile(r"^\| (.*?) \| (.*?) \| (.*?) ?\|$", re.MULTILINE)


@pytest.fixture(scope="module")
def stack() -> Stack:
    return Stack()


@pytest.fixture(scope="module")
def shell() -> str:
    return "\n".join(blocks(PAGE, "bash")).replace("\\\n", " ")


def rows(heading: str) -> list[tuple[str, ...]]:
    text = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return ROW.findall(text)[1:]


def test_the_page_lists_the_settings_and_defaults_of_the_template(stack: Stack) -> None:
    told: dict[str, str] = {}
    for names, defaults, _ in rows("Settings"):
        said = re.split(r", (?=\d|`cron)", defaults)
        each = re.findall(r"`(\w+)`", names)
        told |= dict(zip(each, said, strict=True))
    assert told.keys() == stack.template["Parameters"].keys()
    for name, default in told.items():
        value = str(stack.template["Parameters"][name].get("Default") or "") or None
        plain = default.strip("`")
        assert plain == value or (value is None and plain in WORDS), name


WORDS = {"none", "CloudFormation's choice", "nobody"}
"""What stands for a parameter without a value."""


def test_every_name_in_a_command_exists_in_the_stack(stack: Stack, shell: str) -> None:
    overridden = {
        name
        for line in shell.splitlines()
        if "--parameter-overrides" in line
        for name in re.findall(r"(\w+)=", line.split("--parameter-overrides")[1])
    }
    assert {"ArtifactsBucket", "ArtifactsPrefix"} <= overridden <= stack.template["Parameters"].keys()
    assert set(re.findall(r"\$\(output (\w+)\)", shell)) <= stack.template["Outputs"].keys()
    jobs = {one["Name"] for one in stack.of_type("AWS::Glue::Job").values()}
    assert set(re.findall(r"--job-name (\S+)", shell)) == jobs
    assert set(re.findall(r"--function-name (\S+)", shell)) == {stack.properties("Ingest")["FunctionName"]}
    assert set(re.findall(r"--stack-name (\S+)", shell)) == {NAME}
    assert set(re.findall(r"--work-group (\S+)", shell)) == {stack.properties("WorkGroup")["Name"]}
    assert set(re.findall(r"Database=(\S+)", shell)) == {stack.properties("Database")["DatabaseInput"]["Name"]}


def test_the_commands_are_valid_bash(shell: str) -> None:
    code = "\n".join(blocks(PAGE, "bash"))
    done = subprocess.run(["bash", "-n"], input=code, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_costs_add_up_and_match_the_template(stack: Stack) -> None:
    *parts, (_, total, together) = rows("What it costs")
    costs = {what: float(cost.removeprefix("$")) for what, _, cost in parts}
    assert round(sum(costs.values()), 3) == float(together.removeprefix("$"))
    assert "$2.50" in total
    assert round(sum(costs.values()) * 30, 1) == 2.5
    said = {what: how for what, how, _ in parts}
    job, function = stack.properties("TmdbJob"), stack.properties("Ingest")
    assert said["Glue"].startswith(f"{job['NumberOfWorkers']} workers of 1 DPU")
    assert costs["Glue"] == round(job["NumberOfWorkers"] * 0.44 * 3 / 60, 3)
    gigabytes = function["MemorySize"] / 1024
    assert f" {gigabytes:g} GB " in said["Lambda"]
    assert costs["Lambda"] == round(2 * 90 * gigabytes * 0.0000167, 3)
    assert costs["S3, requests of the extraction"] == round(2 * (1620 * 0.005 + 1577 * 0.0004) / 1000, 3)
    assert costs["S3, requests of the job"] == 0.003
    assert costs["Secrets Manager"] == round(0.40 / 30 + 2 * 0.05 / 10_000, 3)
    assert len(stack.of_type("AWS::CloudWatch::Alarm")) == 1


def test_the_program_removes_a_bucket_with_all_its_versions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (program,) = blocks(PAGE, "python")
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="films")
        client.put_bucket_versioning(Bucket="films", VersioningConfiguration={"Status": "Enabled"})
        for content in (b"1", b"2"):
            client.put_object(Bucket="films", Key="Raw/a.json", Body=content)
        client.delete_object(Bucket="films", Key="Raw/a.json")
        monkeypatch.setattr(sys, "argv", ["remove.py", "films"])
        exec(compile(program, "aws.md", "exec"), {})
        assert client.list_buckets()["Buckets"] == []
