"""deploy/template.yaml and the code agree: every name in the template exists in the code."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import trustedlake
from tests.support.stack import ARTIFACTS, BUCKET, SECRET, TEMPLATE, Stack
from trustedlake.adapters.s3.client import CONNECT_S, READ_S
from trustedlake.entrypoints import lambda_ingest
from trustedlake.entrypoints.glue import read_arguments
from trustedlake.entrypoints.lambda_ingest import Request
from trustedlake.entrypoints.settings import Settings

ROOT = TEMPLATE.parents[1]
JOBS = {"TmdbJob": "tmdb", "CsvJob": "csv"}
GLUES_OWN = {
    "additional-python-modules",
    "job-bookmark-option",
    "enable-continuous-cloudwatch-log",
    "custom-logGroup-prefix",
}
"""Arguments that Glue takes itself; it hands all to the script."""

TMDB_TAKES = 40
"""Calls a second, about."""


@pytest.fixture(scope="module")
def stack() -> Stack:
    return Stack()


def test_cfn_lint_finds_nothing() -> None:
    program = Path(sys.executable).parent / "cfn-lint"
    command = [str(program), str(TEMPLATE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_every_parameter_except_the_artifacts_bucket_has_a_default(stack: Stack) -> None:
    without = [name for name, one in stack.template["Parameters"].items() if "Default" not in one]
    assert without == ["ArtifactsBucket"]
    assert stack.values["Version"] == trustedlake.__version__
    assert stack.values["ArtifactsPrefix"] == f"trustedlake/{trustedlake.__version__}"


@pytest.mark.parametrize(("job", "source"), JOBS.items())
def test_the_entry_point_reads_every_argument_of_a_job(stack: Stack, job: str, source: str) -> None:
    given = stack.properties(job)["DefaultArguments"]
    argv = ["glue_job.py", "--JOB_NAME", stack.properties(job)["Name"]]
    argv += [part for name, value in given.items() for part in (name, value)]
    read, others = read_arguments(argv)
    assert (read.lake, read.source, read.database) == (f"s3://{BUCKET}", source, "filmes-db")
    assert {name.lstrip("-") for name in others} <= GLUES_OWN
    assert {name.lstrip("-") for name in given} - GLUES_OWN == {"LAKE", "SOURCE", "DATABASE"}


def test_the_two_jobs_differ_only_in_name_and_source(stack: Stack) -> None:
    one, other = (stack.properties(job) for job in JOBS)
    for job in (one, other):
        for name in ("Name", "Description"):
            job.pop(name)
        job["DefaultArguments"].pop("--SOURCE")
    assert one == other


def test_the_jobs_cost_no_more_than_they_must(stack: Stack) -> None:
    job = stack.properties("TmdbJob")
    assert (job["WorkerType"], job["NumberOfWorkers"], job["MaxRetries"]) == ("G.1X", 2, 0)
    assert (job["ExecutionProperty"], job["Timeout"]) == ({"MaxConcurrentRuns": 1}, 60)
    assert job["GlueVersion"] in {"5.1", "6.0"}


def test_make_package_builds_the_script_the_wheel_and_the_zip(stack: Stack) -> None:
    subprocess.run(["make", "package"], cwd=ROOT, capture_output=True, check=True)
    built = {path.name for path in (ROOT / "dist/aws").iterdir()}
    assert {address.rpartition("/")[2] for address in addresses(stack)} == built
    folder = f"s3://{ARTIFACTS}/trustedlake/{trustedlake.__version__}"
    assert {address.rpartition("/")[0] for address in addresses(stack)} == {folder}


def addresses(stack: Stack) -> list[str]:
    """Where the stack looks for what was built."""
    job, code = stack.properties("TmdbJob"), stack.properties("Ingest")["Code"]
    wheel = job["DefaultArguments"]["--additional-python-modules"].partition(",")[0]
    return [wheel, job["Command"]["ScriptLocation"], f"s3://{code['S3Bucket']}/{code['S3Key']}"]


def test_the_jobs_install_the_dependencies_of_the_wheel_in_tested_versions(stack: Stack) -> None:
    _, *pins = stack.properties("TmdbJob")["DefaultArguments"]["--additional-python-modules"].split(",")
    version = stack.values["GlueVersion"].replace(".", "")
    for tested in ("dev", f"glue{version}"):
        assert set(pins) <= set((ROOT / f"constraints/{tested}.txt").read_text(encoding="utf-8").split())
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = text.split("\ndependencies = [")[1].split("]")[0]
    needed = set(re.findall(r'"([A-Za-z-]+)', block))
    # requests is there in each Glue, and so are pyarrow and boto3.
    assert {pin.partition("==")[0] for pin in pins} == needed - {"requests"}


def test_the_job_script_calls_the_entry_point(stack: Stack) -> None:
    location = stack.properties("TmdbJob")["Command"]["ScriptLocation"]
    script = ROOT / "deploy" / location.rpartition("/")[2]
    found = re.search(r"from (\S+) import (\w+)", script.read_text(encoding="utf-8"))
    assert found
    assert callable(getattr(import_module(found[1]), found[2]))


def test_the_handler_takes_an_event_and_a_context(stack: Stack) -> None:
    function = stack.properties("Ingest")
    module, _, name = function["Handler"].rpartition(".")
    assert list(inspect.signature(getattr(import_module(module), name)).parameters) == ["event", "context"]
    python = function["Runtime"].removeprefix("python")
    assert re.search(rf"^LAMBDA_PYTHON \?= {re.escape(python)}$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    # The handler ends by itself before it is cut, so the longest of its waits must fit in.
    assert function["Timeout"] > CONNECT_S + READ_S


def test_every_lambda_setting_is_read_and_none_is_a_key(stack: Stack) -> None:
    given = stack.properties("Ingest")["Environment"]["Variables"]
    known = {f"TRUSTEDLAKE_{name.upper()}" for name in Settings.model_fields}
    known |= {f"TRUSTEDLAKE_INGEST_{name.upper()}" for name in Request.model_fields}
    assert given.keys() <= known
    assert (given["TRUSTEDLAKE_LAKE"], given["TRUSTEDLAKE_TMDB_SECRET_ARN"]) == (f"s3://{BUCKET}", SECRET)
    assert not {name for name in (*given, *stack.values) if re.search("TOKEN|API_KEY|PASSWORD", name.upper())}
    assert not {"SecretString", "GenerateSecretString"} & stack.properties("TmdbKey").keys()


def test_the_handler_accepts_the_events_of_the_schedule(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in stack.properties("Ingest")["Environment"]["Variables"].items():
        monkeypatch.setenv(name, value)
    asked = [lambda_ingest._request(json.loads(one["Input"])) for one in stack.properties("IngestDaily")["Targets"]]
    assert [one.entity for one in asked] == ["movies", "series"]
    assert (asked[0].genres, asked[0].limit) == ("Crime,War", 1500)
    assert sum(one.rate for one in asked) <= TMDB_TAKES, "they go at the same time"


def test_the_jobs_write_to_log_groups_with_limited_retention(stack: Stack) -> None:
    groups = {one["LogGroupName"]: one["RetentionInDays"] for one in stack.of_type("AWS::Logs::LogGroup").values()}
    prefix = stack.properties("TmdbJob")["DefaultArguments"]["--custom-logGroup-prefix"]
    assert groups.keys() == {
        f"{prefix}/output",
        f"{prefix}/error",
        stack.properties("Ingest")["LoggingConfig"]["LogGroup"],
    }
    assert set(groups.values()) == {30}


def test_no_right_contains_a_wildcard(stack: Stack) -> None:
    for role in stack.of_type("AWS::IAM::Role"):
        for statement in stack.statements(role):
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            assert not [one for one in actions if "*" in one]
            assert statement["Resource"] != "*"


def test_the_lake_outlives_its_stack(stack: Stack) -> None:
    bucket = stack.template["Resources"]["LakeBucket"]
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Retain", "Retain")
    kept = [rule.get("Prefix") for rule in stack.properties("LakeBucket")["LifecycleConfiguration"]["Rules"]]
    assert kept == [None, "Trusted/", "Quarantine/", "_trustedlake/", "_athena/"], "nothing in Raw is ended by a rule"


def test_a_single_failed_extraction_is_sent_to_the_topic(stack: Stack) -> None:
    alarm, function = stack.properties("IngestFailed"), stack.properties("Ingest")["FunctionName"]
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("AWS/Lambda", "Errors", "Sum")
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": function}]
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanOrEqualToThreshold", 1)
    assert (alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (1, "notBreaching")
    (topic,) = alarm["AlarmActions"]
    (policy,) = stack.of_type("AWS::SNS::TopicPolicy").values()
    allowed = {one["Principal"]["Service"]: one["Resource"] for one in policy["PolicyDocument"]["Statement"]}
    assert allowed == dict.fromkeys(("cloudwatch.amazonaws.com", "events.amazonaws.com"), topic)
    (rule,) = (one for one in stack.of_type("AWS::Events::Rule").values() if "EventPattern" in one)
    assert [target["Arn"] for target in rule["Targets"]] == [topic]
    assert rule["EventPattern"]["detail"]["jobName"] == [stack.properties(job)["Name"] for job in JOBS]


def test_a_query_may_scan_at_most_10_gb(stack: Stack) -> None:
    group = stack.properties("WorkGroup")["WorkGroupConfiguration"]
    assert group["EnforceWorkGroupConfiguration"] is True
    assert group["BytesScannedCutoffPerQuery"] == 10 << 30
    assert group["ResultConfiguration"]["OutputLocation"] == f"s3://{BUCKET}/_athena/"
