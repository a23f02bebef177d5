"""What a user sees when a bucket refuses: one sentence, what to do next, and no secret."""

from __future__ import annotations

import resource
import signal
import socket
import tempfile
from typing import TYPE_CHECKING

import pytest

from tests.support.bucket_faults import Fault, front_of, said
from tests.support.bucket_https import https_server
from tests.support.buckets import lead_to, store_in
from trustedlake.errors import ConfigError, FatalRemoteError, InputError, RetriableError, TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trustedlake.adapters.s3.store import S3Store

SECRET = "wJalrXUtnFEMI-K7MDENG"

ANSWERS: list[tuple[int, str, type[TrustedLakeError], str, str]] = [
    (404, said("NoSuchBucket"), FatalRemoteError, "no such bucket", "--lake"),
    (403, said("InvalidAccessKeyId"), FatalRemoteError, "doesn't know this access key", "AWS_ACCESS_KEY_ID"),
    (403, said("SignatureDoesNotMatch"), FatalRemoteError, "secret key doesn't match", "AWS_SECRET_ACCESS_KEY"),
    (400, said("ExpiredToken"), FatalRemoteError, "credentials have expired", "aws sso login"),
    (400, said("InvalidToken"), FatalRemoteError, "session token is not valid", "sign in again"),
    (
        403,
        said("AccessDenied", "User: arn:x is not authorized"),
        FatalRemoteError,
        "PutObject is denied",
        "s3:PutObject",
    ),
    (403, "", FatalRemoteError, "PutObject is denied", "s3:PutObject"),
    (400, said("AuthorizationHeaderMalformed", Region="sa-east-1"), FatalRemoteError, "another region", "sa-east-1"),
    (403, said("RequestTimeTooSkewed"), FatalRemoteError, "clock is too far", "NTP"),
    (507, said("XMinioStorageFull"), FatalRemoteError, "the store is full", "free some space"),
    (400, said("KMS.NotFoundException", "Key gone"), FatalRemoteError, "KMS.NotFoundException (Key gone)", "doctor"),
    (501, said("NotImplemented"), FatalRemoteError, "does not support this request", "newer version"),
    (503, said("SlowDown"), RetriableError, "overloaded or has an internal error: SlowDown", "run again"),
    (500, "", RetriableError, "overloaded or has an internal error", "run again"),
    (429, said("TooManyRequests"), RetriableError, "overloaded or has an internal error", "run again"),
    (404, said("NoSuchUpload"), RetriableError, "lost a multipart upload", "run again"),
    (409, said("ConditionalRequestConflict"), RetriableError, "someone else wrote it first", "run again"),
    (400, "Client sent an HTTP request to an HTTPS server.", FatalRemoteError, "is not an S3 store", "http or https"),
    (200, "", FatalRemoteError, "is not an S3 store", "AWS_ENDPOINT_URL_S3"),
]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets the environment lead to an endpoint, once and without patience."""

    return lambda endpoint: lead_to(endpoint, monkeypatch, AWS_SECRET_ACCESS_KEY=SECRET, AWS_MAX_ATTEMPTS="1")


def refusal(action: Callable[[], object]) -> TrustedLakeError:
    with pytest.raises(TrustedLakeError) as caught:
        action()
    error = caught.value
    assert SECRET not in f"{error.message}{error.hint}"
    assert "testing" not in f"{error.message}{error.hint}"
    assert (error.message.count("\n"), bool(error.hint)) == (0, True)
    return error


def put(store: S3Store) -> object:
    return store.put("Raw/a.json", b"{}")


@pytest.mark.parametrize("answer", ANSWERS, ids=[f"{row[0]} {row[3]}" for row in ANSWERS])
def test_each_refusal_by_s3_has_its_own_message(
    answer: tuple[int, str, type[TrustedLakeError], str, str], aws: Callable[[str], None]
) -> None:
    status, body, kind, says, hint = answer
    with front_of("http://127.0.0.1:9", Fault("PUT", "say", times=9, status=status, body=body)) as front:
        aws(front.url)
        error = refusal(lambda: put(store_in("bucket", "lake")))
    assert (isinstance(error, kind), error.message.startswith("s3://bucket/lake/Raw/a.json: ")) == (True, True)
    assert says in error.message
    assert hint in error.hint


def test_a_missing_bucket_is_reported_by_every_operation(bucket: str) -> None:
    for action in (lambda store: store.list(""), lambda store: store.has_any(""), put, lambda store: store.read("k")):
        with pytest.raises(FatalRemoteError, match="there is no such bucket"):
            action(store_in(f"{bucket}-not"))


@pytest.mark.parametrize(
    ("status", "kind", "says", "hint"),
    [
        (400, FatalRemoteError, "doesn't say why", "credentials have expired"),
        (403, FatalRemoteError, "HeadObject is denied", "s3:ListBucket"),
        (503, RetriableError, "overloaded or has an internal error", "run again"),
    ],
)
def test_a_refused_head_request_has_a_message_although_s3_gives_no_reason(
    status: int, kind: type[TrustedLakeError], says: str, hint: str, aws: Callable[[str], None]
) -> None:
    with front_of("http://127.0.0.1:9", Fault("HEAD", "say", times=9, status=status)) as front:
        aws(front.url)
        error = refusal(lambda: store_in("bucket").head("k"))
    assert (isinstance(error, kind), says in error.message, hint in error.hint) == (True, True, True), error.message


def test_an_object_that_cannot_be_deleted_is_named(bucket: str, moto_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store_in(bucket).put("staging/a", b"1")
    kept = "<DeleteResult><Error><Key>staging/a</Key><Code>AccessDenied</Code></Error></DeleteResult>"
    with front_of(moto_url, Fault("POST", "say", status=200, body=kept)) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", front.url)
        error = refusal(lambda: store_in(bucket).discard("staging"))
    assert error.message == f"s3://{bucket}/staging/a: it can't be deleted: AccessDenied"
    assert "s3:DeleteObject" in error.hint


def test_a_full_temporary_disk_is_reported(bucket: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    store = store_in(bucket)
    store.put("k", b"1" * (1 << 20))
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, limit[1]))
    try:
        with pytest.raises(InputError, match="File too large"), store.local_file("k"):
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, before)
    assert list(tmp_path.iterdir()) == []


def test_a_closed_port_is_a_retriable_error_that_names_the_endpoint(aws: Callable[[str], None]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    aws(f"http://user:{SECRET}@127.0.0.1:{port}")
    error = refusal(lambda: put(store_in("bucket")))
    assert isinstance(error, RetriableError)
    assert f"nothing answers at http://127.0.0.1:{port}" in error.message
    assert "AWS_ENDPOINT_URL_S3" in error.hint


@pytest.mark.parametrize(
    ("environ", "kind", "says"),
    [
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, ConfigError, "no credentials were found"),
        ({"AWS_SECRET_ACCESS_KEY": ""}, ConfigError, "no credentials were found"),
        ({"AWS_PROFILE": "nobody"}, ConfigError, "nobody"),
        ({"AWS_ENDPOINT_URL_S3": "not an address"}, ConfigError, "Invalid endpoint: not an address"),
        ({"AWS_ENDPOINT_URL_S3": f"http://user:{SECRET}@h:99999"}, ConfigError, "endpoint is not a valid address"),
        ({"AWS_MAX_ATTEMPTS": "a few"}, ConfigError, "'a few'"),
        ({"AWS_REGION": "no region"}, ConfigError, "region_name 'no region'"),
        ({"AWS_REQUEST_CHECKSUM_CALCULATION": "now and then"}, ConfigError, "checksum"),
        ({"AWS_ACCESS_KEY_ID": "AK IA\nX"}, ConfigError, "a space or a line break"),
        ({"AWS_ENDPOINT_URL_S3": f"http://user:{SECRET}@two words:9"}, ConfigError, "endpoint: http://two words:9"),
    ],
)
def test_unusable_aws_settings_are_reported(
    environ: dict[str, str],
    kind: type[TrustedLakeError],
    says: str,
    aws: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    aws("http://127.0.0.1:9")
    for name, value in environ.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name)
    error = refusal(lambda: put(store_in("bucket")))
    assert (isinstance(error, kind), error.exit_code) == (True, 2)
    assert says in error.message


def test_an_invalid_bucket_name_is_a_config_error(aws: Callable[[str], None]) -> None:
    aws("http://127.0.0.1:9")
    error = refusal(lambda: put(store_in("my bucket")))
    assert isinstance(error, ConfigError)
    assert "Invalid bucket name" in error.message


def test_an_untrusted_certificate_is_reported(tmp_path: Path, aws: Callable[[str], None]) -> None:
    with https_server(tmp_path) as port:
        aws(f"https://127.0.0.1:{port}")
        error = refusal(lambda: put(store_in("bucket")))
    assert isinstance(error, FatalRemoteError)
    assert "its certificate is not trusted here" in error.message
    assert "AWS_CA_BUNDLE" in error.hint


def test_an_unusable_certificate_bundle_is_reported(
    tmp_path: Path, aws: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "no.pem").write_text("no certificate")
    with https_server(tmp_path) as port:
        aws(f"https://127.0.0.1:{port}")
        for bundle in (tmp_path / "no.pem", tmp_path / "nothing", tmp_path):
            monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
            error = refusal(lambda: put(store_in("bucket")))
            assert (type(error), "AWS_CA_BUNDLE is not a file" in error.message) == (FatalRemoteError, True)


def test_https_to_an_http_port_is_reported(aws: Callable[[str], None]) -> None:
    with front_of("http://127.0.0.1:9") as front:
        aws(front.url.replace("http://", "https://"))
        error = refusal(lambda: put(store_in("bucket")))
    assert isinstance(error, FatalRemoteError)
    assert "it doesn't speak https" in error.message
    assert "http or https" in error.hint


def test_http_to_an_https_port_is_reported(tmp_path: Path, aws: Callable[[str], None]) -> None:
    with https_server(tmp_path) as port:
        aws(f"http://127.0.0.1:{port}")
        error = refusal(lambda: put(store_in("bucket")))
    assert f"the connection at http://127.0.0.1:{port} broke" in error.message
    assert "http or https" in error.hint
