"""The template in a simulated CloudFormation; what that leaves out silently is tried on the services' own API."""

from __future__ import annotations

import ast
import io
import json
import warnings
import zipfile
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from tests.support.stack import ACCOUNT, ARTIFACTS, BUCKET, NAME, REGION, TEMPLATE, Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ZIP = "trustedlake/0.1.0/trustedlake-lambda-py3.13.zip"
SEEN = {
    "AWS::S3::Bucket",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Events::Rule",
    "AWS::Logs::LogGroup",
    "AWS::SNS::Topic",
}
"""Types that moto makes; its status is CREATE_COMPLETE for the others too."""


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


@pytest.fixture(scope="module")
def aws() -> Iterator[None]:
    """A simulated account, with what `make package` leads to in the artifacts' bucket."""
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_GLUE"):
            environment.delenv(name, raising=False)
        client("s3").create_bucket(Bucket=ARTIFACTS)
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as packed:
            packed.writestr("nothing.py", "")
        client("s3").put_object(Bucket=ARTIFACTS, Key=ZIP, Body=code.getvalue())
        yield


@pytest.fixture(scope="module")
def left_out(aws: None) -> set[str]:
    """Make the stack; what moto says it can't make."""
    given = {"ArtifactsBucket": ARTIFACTS, "LakeBucketName": BUCKET, "AlarmEmail": "someone@example.org"}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        client("cloudformation").create_stack(
            StackName=NAME,
            TemplateBody=TEMPLATE.read_text(encoding="utf-8"),
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
    told = [str(one.message).split() for one in said if "Tried to parse" in str(one.message)]
    return {words[words.index("parse") + 1] for words in told}


def test_the_simulation_creates_only_the_known_resource_types(left_out: set[str]) -> None:
    types = {one["Type"] for one in Stack().template["Resources"].values()}
    assert types - left_out == SEEN


def test_the_bucket_is_created_and_encrypted(left_out: set[str]) -> None:
    (rule,) = client("s3").get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_the_lambda_is_created_with_its_schedule_and_role(left_out: set[str]) -> None:
    function = client("lambda").get_function_configuration(FunctionName=f"{NAME}-ingest")
    assert (function["Timeout"], function["MemorySize"], function["Runtime"]) == (900, 512, "python3.13")
    assert function["Environment"]["Variables"]["TRUSTEDLAKE_LAKE"] == f"s3://{BUCKET}"
    rules = {one["Name"]: one for one in client("events").list_rules()["Rules"]}
    ((name, daily),) = [(name, one) for name, one in rules.items() if one.get("ScheduleExpression")]
    assert (daily["ScheduleExpression"], daily["State"]) == ("cron(0 5 * * ? *)", "ENABLED")
    targets = client("events").list_targets_by_rule(Rule=name)["Targets"]
    assert {one["Arn"] for one in targets} == {function["FunctionArn"]}
    (allowed,) = json.loads(client("lambda").get_policy(FunctionName=f"{NAME}-ingest")["Policy"])["Statement"]
    assert allowed["Condition"]["ArnLike"]["AWS:SourceArn"] == daily["Arn"]
    trusted = client("iam").get_role(RoleName=function["Role"].rpartition("/")[2])["Role"]
    assert trusted["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_a_failed_job_is_sent_to_the_topic(left_out: set[str]) -> None:
    rules = [one for one in client("events").list_rules()["Rules"] if "EventPattern" in one]
    pattern = json.loads(rules[0]["EventPattern"])
    assert pattern["detail"]["state"] == ["FAILED", "TIMEOUT"]
    (target,) = client("events").list_targets_by_rule(Rule=rules[0]["Name"])["Targets"]
    assert target["Arn"] in {one["TopicArn"] for one in client("sns").list_topics()["Topics"]}


def test_logs_are_kept_for_30_days(left_out: set[str]) -> None:
    groups = client("logs").describe_log_groups()["logGroups"]
    assert {one["logGroupName"]: one["retentionInDays"] for one in groups} == {
        f"/aws/lambda/{NAME}-ingest": 30,
        f"/aws-glue/jobs/{NAME}/output": 30,
        f"/aws-glue/jobs/{NAME}/error": 30,
    }


def test_each_role_has_exactly_the_rights_of_the_template(left_out: set[str]) -> None:
    stack, iam = Stack(), client("iam")
    roles = {role["RoleName"].split("-")[1]: role["RoleName"] for role in iam.list_roles()["Roles"]}
    assert roles.keys() == stack.of_type("AWS::IAM::Role").keys()
    for name, role in roles.items():
        (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
        said = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
        said = ast.literal_eval(said) if isinstance(said, str) else said  # moto keeps what CloudFormation made as repr
        assert [one["Sid"] for one in said["Statement"]] == [one["Sid"] for one in stack.statements(name)]
        assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []


def _make_workgroup(one: dict[str, Any]) -> None:
    one.pop("RecursiveDeleteOption")  # CloudFormation's own, for the deletion
    client("athena").create_work_group(Configuration=one.pop("WorkGroupConfiguration"), **one)


def _set_topic_policy(one: dict[str, Any]) -> None:
    (topic,), text = one["Topics"], json.dumps(one["PolicyDocument"])
    client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=text)


BY_THE_SERVICE: dict[str, Callable[[dict[str, Any]], object]] = {
    "AWS::Glue::Database": lambda one: client("glue").create_database(**one),
    "AWS::Glue::Job": lambda one: client("glue").create_job(**one),
    "AWS::Glue::Trigger": lambda one: client("glue").create_trigger(**one),
    "AWS::SecretsManager::Secret": lambda one: client("secretsmanager").create_secret(Name="key", **one),
    "AWS::CloudWatch::Alarm": lambda one: client("cloudwatch").put_metric_alarm(AlarmName="failed", **one),
    "AWS::SNS::Subscription": lambda one: client("sns").subscribe(**one),
    "AWS::SNS::TopicPolicy": _set_topic_policy,
    "AWS::S3::BucketPolicy": lambda one: client("s3").put_bucket_policy(
        Bucket=one["Bucket"], Policy=json.dumps(one["PolicyDocument"])
    ),
    "AWS::Athena::WorkGroup": _make_workgroup,
}
"""CloudFormation hands most properties to the service's own call under the same names."""


def test_the_service_apis_accept_what_the_simulation_leaves_out(left_out: set[str]) -> None:
    assert left_out == BY_THE_SERVICE.keys()
    glue, sns = client("glue"), client("sns")
    topic = sns.create_topic(Name="failures")["TopicArn"]
    stack = Stack(parameters={"AlarmEmail": "someone@example.org"}, physical={"Failures": topic})
    for kind, make in BY_THE_SERVICE.items():
        for properties in stack.of_type(kind).values():
            make(properties)

    assert [one["Name"] for one in glue.get_databases(CatalogId=ACCOUNT)["DatabaseList"]] == ["filmes-db"]
    jobs = {one["Name"]: one for one in glue.get_jobs()["Jobs"]}
    assert jobs.keys() == {f"{NAME}-tmdb", f"{NAME}-csv"}
    assert {(one["MaxRetries"], one["NumberOfWorkers"], one["GlueVersion"]) for one in jobs.values()} == {(0, 2, "5.1")}
    (trigger,) = glue.get_triggers()["Triggers"]
    assert (trigger["Schedule"], trigger["Actions"]) == ("cron(30 5 * * ? *)", [{"JobName": f"{NAME}-tmdb"}])
    assert not client("secretsmanager").describe_secret(SecretId="key").get("VersionIdsToStages"), "it has no value"
    (alarm,) = client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert (alarm["MetricName"], alarm["Namespace"], alarm["AlarmActions"]) == ("Errors", "AWS/Lambda", [topic])
    assert [one["Endpoint"] for one in sns.list_subscriptions()["Subscriptions"]] == ["someone@example.org"]
    (denied,) = json.loads(client("s3").get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"]
    assert (denied["Effect"], denied["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_the_s3_api_accepts_the_other_properties_of_the_bucket(left_out: set[str]) -> None:
    """The simulation creates a bucket only with its encryption."""
    bucket, s3 = Stack().properties("LakeBucket"), client("s3")
    name = {"Bucket": BUCKET}
    s3.put_bucket_versioning(**name, VersioningConfiguration=bucket.pop("VersioningConfiguration"))
    s3.put_public_access_block(**name, PublicAccessBlockConfiguration=bucket.pop("PublicAccessBlockConfiguration"))
    s3.put_bucket_ownership_controls(**name, OwnershipControls=bucket.pop("OwnershipControls"))
    rules = []
    for rule in bucket.pop("LifecycleConfiguration")["Rules"]:
        # The API's names of the same: a filter, and one expiration.
        one = {"ID": rule.pop("Id"), "Filter": {"Prefix": rule.pop("Prefix", "")}} | rule
        if one.pop("ExpiredObjectDeleteMarker", None):
            one["Expiration"] = {"ExpiredObjectDeleteMarker": True}
        if days := one.pop("ExpirationInDays", None):
            one["Expiration"] = {"Days": days}
        rules.append(one)
    s3.put_bucket_lifecycle_configuration(**name, LifecycleConfiguration={"Rules": rules})
    assert bucket.keys() == {"BucketEncryption"}
    assert s3.get_bucket_versioning(**name)["Status"] == "Enabled"
    assert set(s3.get_public_access_block(**name)["PublicAccessBlockConfiguration"].values()) == {True}
    prefixes = {one["Filter"]["Prefix"] for one in s3.get_bucket_lifecycle_configuration(**name)["Rules"]}
    assert prefixes == {"", "Trusted/", "Quarantine/", "_trustedlake/", "_athena/"}, "no rule ends a version in Raw"
    (everywhere,) = [one for one in rules if not one["Filter"]["Prefix"]]
    assert everywhere.keys() == {"ID", "Filter", "Status", "AbortIncompleteMultipartUpload"}
