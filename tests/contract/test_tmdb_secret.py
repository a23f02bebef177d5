"""The TMDB key from Secrets Manager: which forms it may have, and that no error shows it."""

from __future__ import annotations

import json
import uuid
from contextlib import closing
from typing import TYPE_CHECKING, Any, ClassVar

import boto3
import pytest

from tests.support.buckets import credentials
from tests.support.ingesting import CRIME_OR_WAR, Context, films_in
from tests.support.loopback import LoopbackServer, QuietHandler, listening
from trustedlake.adapters.aws.tmdb_secret import read_key
from trustedlake.adapters.tmdb.key import TmdbKey
from trustedlake.entrypoints.lambda_ingest import handler
from trustedlake.errors import ConfigError, FatalRemoteError, RetriableError, TrustedLakeError
from trustedlake.simulators.tmdb import TmdbSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:TmdbKey-AbCdEf"
SHORT = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def secrets(moto_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of the simulated service, where the environment leads too."""
    point_to(moto_url, monkeypatch)
    with closing(boto3.client("secretsmanager", region_name="us-east-1")) as client:
        yield client


def point_to(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in credentials(endpoint).items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", endpoint)


def made(secrets: Any, text: str | None) -> str:
    """The ARN of a new secret, as the stack makes it; None: nobody put a value in yet."""
    arn: str = secrets.create_secret(Name=uuid.uuid4().hex)["ARN"]
    if text is not None:
        secrets.put_secret_value(SecretId=arn, SecretString=text)
    return arn


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("ey.token.x", TmdbKey("ey.token.x")),
        (" ey.token.x\n", TmdbKey("ey.token.x")),
        ('{"TMDB_TOKEN": "ey.token.x"}', TmdbKey("ey.token.x")),
        (json.dumps({"TMDB_API_KEY": SHORT}), TmdbKey(SHORT, is_token=False)),
        (json.dumps({"TMDB_API_KEY": SHORT, "TMDB_TOKEN": "ey.token.x"}), TmdbKey("ey.token.x")),
    ],
)
def test_the_secret_holds_a_token_or_the_pairs_that_the_aws_console_writes(
    secrets: Any, text: str, key: TmdbKey
) -> None:
    assert read_key(made(secrets, text)) == key


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no value yet"),
        ('{"token": "never-shown"}', "neither TMDB_TOKEN nor TMDB_API_KEY"),
        ('{"TMDB_TOKEN": 7, "other": "never-shown"}', "neither TMDB_TOKEN nor TMDB_API_KEY"),
        ("{never-shown", "neither TMDB_TOKEN nor TMDB_API_KEY"),
        ("never-shown é", "can't be a key"),
        ("   ", "can't be a key"),
        ('{"TMDB_API_KEY": "never shown"}', "can't be a key"),
    ],
)
def test_a_secret_without_a_key_is_reported_with_the_command_that_fixes_it(
    secrets: Any, text: str | None, said: str
) -> None:
    arn = made(secrets, text)
    with pytest.raises(ConfigError) as error:
        read_key(arn)
    assert arn in error.value.message
    assert said in error.value.message
    assert f"put-secret-value --secret-id {arn}" in error.value.hint
    assert "never" not in error.value.message + error.value.hint


def test_a_missing_secret_and_one_scheduled_for_deletion_are_reported(secrets: Any) -> None:
    with pytest.raises(ConfigError, match="no such secret"):
        read_key(ARN)
    arn = made(secrets, "x")
    secrets.delete_secret(SecretId=arn)
    with pytest.raises(ConfigError, match="can't be read") as error:
        read_key(arn)
    assert "restore-secret" in error.value.hint


class Refusing(QuietHandler):
    """A service that answers everything with one error, as Secrets Manager writes it."""

    status: ClassVar[int]
    code: ClassVar[str]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"__type": self.code, "message": "so it is"}).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.mark.parametrize(
    ("status", "code", "kind", "said"),
    [
        (400, "AccessDeniedException", FatalRemoteError, "secretsmanager:GetSecretValue"),
        (400, "UnrecognizedClientException", FatalRemoteError, "get-caller-identity"),
        (400, "ThrottlingException", RetriableError, "run again"),
        (500, "InternalServiceError", RetriableError, "run again"),
        (503, "NobodyKnows", RetriableError, "run again"),
        (400, "DecryptionFailure", ConfigError, "KMS key disabled"),
    ],
)
def test_each_refusal_by_secrets_manager_has_its_own_error(
    monkeypatch: pytest.MonkeyPatch, status: int, code: str, kind: type[TrustedLakeError], said: str
) -> None:
    answers = type("Answers", (Refusing,), {"status": status, "code": code})
    with listening(LoopbackServer(answers)) as server:
        point_to(server.url, monkeypatch)
        with pytest.raises(kind) as error:
            read_key(ARN)
    assert type(error.value) is kind
    assert ARN in error.value.message
    assert said in error.value.hint


def test_a_missing_answer_and_missing_credentials_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    point_to("http://127.0.0.1:9", monkeypatch)
    with pytest.raises(RetriableError, match="doesn't answer"):
        read_key(ARN)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(ConfigError, match="no credentials"):
        read_key(ARN)


def test_the_handler_reads_the_key_from_the_secret_on_every_call(
    secrets: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TMDB_TOKEN", "TMDB_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with TmdbSimulator(films=40) as sim:
        monkeypatch.setenv("TRUSTEDLAKE_TMDB_URL", sim.url)
        arn = made(secrets, "wrong")
        monkeypatch.setenv("TRUSTEDLAKE_TMDB_SECRET_ARN", arn)
        with pytest.raises(FatalRemoteError, match="TMDB refused the key"):
            handler({"lake": str(tmp_path), "rate": 0}, Context())
        secrets.put_secret_value(SecretId=arn, SecretString=sim.token)
        answer = handler({"lake": str(tmp_path), "rate": 0}, Context())
        assert answer["statusCode"] == 200
        assert sim.token not in json.dumps(answer)
        assert set(films_in(tmp_path)) == sim.movie_ids(genres=CRIME_OR_WAR)
        monkeypatch.setenv("TMDB_TOKEN", sim.token)
        monkeypatch.setenv("TRUSTEDLAKE_TMDB_SECRET_ARN", ARN)
        assert handler({"lake": str(tmp_path), "rate": 0}, Context())["statusCode"] == 200
