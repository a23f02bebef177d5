"""`trustedlake doctor --lake s3://…` tells a newcomer what is wrong with the bucket, and how to fix it."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

import boto3
import pytest
from click.testing import CliRunner

from tests.support.bucket_faults import Fault, front_of, said
from tests.support.bucket_https import https_server
from tests.support.buckets import store_in
from tests.support.minio import USER
from tests.support.trials import MOVIES
from trustedlake.entrypoints.cli.main import main
from trustedlake.models.doctor import Check, DoctorReport

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PASSWORD = "wJalrXUtnFEMI-K7MDENG"
ROLE = "arn:aws:iam::1:role/reader"
"""MinIO wants one, and reads nothing in it."""

READ_ONLY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": ["arn:aws:s3:::*"]},
    ],
}


CONDITIONS = ("creates an object only where there is none", "replaces only the object it expects")
KEPT = {
    **{f"{how}: {what}": ("ok", "kept") for how in ("condition", "in parts") for what in CONDITIONS},
    "in parts: drops unfinished uploads": ("ok", "no parts are left"),
    "list after write": ("ok", "listings show writes, replacements and deletes at once"),
}


class Wrong(NamedTuple):
    """One thing that is wrong: environment variables, what the store's front says, and what the newcomer reads."""

    variables: dict[str, str]
    faults: tuple[Fault, ...]
    line: str
    says: str
    mend: str


def refused(code: str, **more: str) -> tuple[Fault, ...]:
    """The store answers all requests so."""
    return (Fault("", "say", times=99, status=403 if code == "ExpiredToken" else 400, body=said(code, **more)),)


WRONG = {
    "missing bucket": Wrong({}, (), "lake", "there is no such bucket", "check the name in --lake"),
    "wrong key": Wrong(
        {"AWS_ACCESS_KEY_ID": "nobody"}, (), "lake", "the store doesn't know this access key", "AWS_ACCESS_KEY_ID"
    ),
    "wrong secret": Wrong(
        {"AWS_SECRET_ACCESS_KEY": PASSWORD}, (), "lake", "secret key doesn't match", "AWS_SECRET_ACCESS_KEY"
    ),
    "no key": Wrong({"AWS_ACCESS_KEY_ID": ""}, (), "lake", "no credentials were found", "set AWS_PROFILE"),
    "made-up token": Wrong(
        {"AWS_SESSION_TOKEN": PASSWORD}, (), "lake", "the session token is not valid", "sign in again"
    ),
    "expired token": Wrong({}, refused("ExpiredToken"), "lake", "the credentials have expired", "aws sso login"),
    "wrong region": Wrong(
        {},
        refused("AuthorizationHeaderMalformed", Region="sa-east-1"),
        "lake",
        "the bucket is in another region",
        "set AWS_REGION=sa-east-1",
    ),
    "read-only policy": Wrong({}, (), "writable", "PutObject is denied", "s3:PutObject"),
    "https where http is spoken": Wrong({}, (), "lake", "it doesn't speak https", "http or https"),
    "http where https is spoken": Wrong({}, (), "lake", "the connection at http://127", "http or https"),
    "certificate not trusted": Wrong({}, (), "lake", "its certificate is not trusted here", "AWS_CA_BUNDLE"),
    "nothing there": Wrong({"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"}, (), "lake", "nothing answers", "its port"),
}


@pytest.fixture
def lake(minio_bucket: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A lake with one raw file in MinIO."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    store = store_in(minio_bucket, "lake")
    store.put(f"{MOVIES}/2025/06/17/filmes_001.json", b'[{"id": 1, "title": "t"}]')
    yield f"s3://{minio_bucket}/lake"
    store.close()


def examine(lake: str) -> tuple[int, list[Check], str]:
    """Exit code, lines and whole text of the command."""
    done = CliRunner().invoke(main, ["doctor", "--lake", lake, "--json"], standalone_mode=False)
    assert done.exception is None, done.output
    report = DoctorReport.model_validate_json(done.stdout)
    return report.exit_code, list(report.checks), done.output


def go_wrong(case: str, lake: str, stack: ExitStack, monkeypatch: pytest.MonkeyPatch, folder: Path) -> str:
    """Bring the environment into the case's state; give the lake to look at."""
    wrong, endpoint = WRONG[case], boto3.client("s3").meta.endpoint_url
    for name, value in wrong.variables.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name)
    if wrong.faults:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", stack.enter_context(front_of(endpoint, *wrong.faults)).url)
    if case == "read-only policy":
        sts = boto3.client("sts", endpoint_url=endpoint)
        given = sts.assume_role(
            RoleArn="arn:aws:iam::1:role/reader", RoleSessionName="reader", Policy=json.dumps(READ_ONLY)
        )
        sts.close()
        for name, key in (("ACCESS_KEY_ID", "AccessKeyId"), ("SECRET_ACCESS_KEY", "SecretAccessKey")):
            monkeypatch.setenv(f"AWS_{name}", given["Credentials"][key])
        monkeypatch.setenv("AWS_SESSION_TOKEN", given["Credentials"]["SessionToken"])
    if case == "https where http is spoken":
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint.replace("http:", "https:"))
    if case in {"certificate not trusted", "http where https is spoken"}:
        port = stack.enter_context(https_server(folder))
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http{'s' * (case[0] == 'c')}://127.0.0.1:{port}")
    return f"{lake.removesuffix('/lake')}-not/lake" if case == "missing bucket" else lake


@pytest.mark.parametrize("case", WRONG)
def test_the_doctor_names_what_is_wrong_with_the_bucket_and_how_to_fix_it(
    case: str, lake: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wrong = WRONG[case]
    with ExitStack() as stack:
        place = go_wrong(case, lake, stack, monkeypatch, tmp_path)
        code, checks, text = examine(place)
    (check,) = [one for one in checks if one.state == "missing" and one.required]
    assert (code, check.name) == (1, wrong.line)
    assert wrong.says in check.says
    assert wrong.mend in check.mend
    for secret in (PASSWORD, USER, "Traceback"):
        assert secret not in text


def about_writes(checks: Sequence[Check]) -> dict[str, tuple[str, str]]:
    names = ("condition", "list after write", "in parts")
    return {one.name: (one.state, one.says) for one in checks if one.name.startswith(names)}


def test_the_doctor_tries_all_that_a_publish_needs_and_leaves_nothing_behind(
    any_bucket: str, request: pytest.FixtureRequest
) -> None:
    store = store_in(any_bucket)
    store.put(f"lake/{MOVIES}/2025/06/17/filmes_001.json", b"[]")
    before = store.list("")
    code, checks, text = examine(f"s3://{any_bucket}/lake")
    assert code == 0, text
    moto = request.node.callspec.params["any_bucket"] == "moto"
    ignored = {f"in parts: {CONDITIONS[1]}": ("warning", "the store ignored it")}  # moto 5.2 knows If-None-Match alone
    assert about_writes(checks) == (KEPT | ignored if moto else KEPT)
    assert store.list("") == before
    assert not store._client.list_multipart_uploads(Bucket=any_bucket).get("Uploads")
    store.close()


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (
            Fault(r"GET /[^/]*\?.*prefix=.*probe-", "say", times=9, status=200, body="<ListBucketResult/>"),
            (
                "list after write",
                "warning",
                "does not show at once what was written or replaced",
                "listing cache",
            ),
        ),
        (
            Fault(r"POST /.*\?uploads", "say", times=9, status=501, body=said("NotImplemented")),
            ("in parts", "missing", "the store does not support this request", "a newer version"),
        ),
        (
            Fault(r"DELETE /.*\?uploadId", "say", times=9, status=204),
            ("in parts: drops unfinished uploads", "warning", "its parts stay", "lifecycle rule"),
        ),
        (
            Fault(r"DELETE /.*/probe-", "say", times=9, status=403, body=said("AccessDenied")),
            ("writable", "missing", "DeleteObject is denied", "s3:DeleteObject"),
        ),
    ],
    ids=["a listing that is cached", "no parts", "parts that stay", "no right to delete"],
)
def test_an_unsuitable_store_is_reported_with_a_line_that_fixes_it(
    fault: Fault, expected: tuple[str, str, str, str], lake: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, state, says, mend = expected
    with front_of(boto3.client("s3").meta.endpoint_url, fault) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", front.url)
        code, checks, _ = examine(lake)
    (check,) = [one for one in checks if one.required and one.state != "ok"]
    assert (check.name, check.state, code) == (line, state, int(state == "missing"))
    assert says in check.says
    assert mend in check.mend


def test_the_right_to_list_uploads_is_not_needed(lake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    denied = Fault(r"GET /[^/]*\?.*uploads", "say", times=9, status=403, body=said("AccessDenied"))
    with front_of(boto3.client("s3").meta.endpoint_url, denied) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", front.url)
        code, checks, _ = examine(lake)
    assert (code, about_writes(checks), denied.times) == (0, KEPT, 8)


def test_the_terminal_shows_the_fix_below_the_problem(bucket: str) -> None:
    done = CliRunner().invoke(main, ["doctor", "--lake", f"s3://{bucket}-not/lake"], standalone_mode=False)
    lines = done.stdout.splitlines()
    (place,) = [
        at for at, line in enumerate(lines) if line.startswith(f"missing lake: s3://{bucket}-not/lake: there is")
    ]
    assert lines[place + 1].startswith("        mend: check the name in --lake")
