"""Each setting and variable with hostile values: the command ends with one sentence, an exit code, and no secret."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.support.odd_servers import Handler, serving
from trustedlake.app.ingesting.crew import Crew
from trustedlake.entrypoints.cli.main import run
from trustedlake.entrypoints.settings import Settings, variable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECRET = "s3cret-0451"
CLOSED = "http://127.0.0.1:9"

OURS = [variable(field) for field in Settings.model_fields]
NETWORK = [
    "http_proxy",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
]
AWS = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_CA_BUNDLE",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_MAX_ATTEMPTS",
    "AWS_RETRY_MODE",
    "AWS_REQUEST_CHECKSUM_CALCULATION",
    "AWS_STS_REGIONAL_ENDPOINTS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
]
HOSTILE = [
    "",
    " \t",
    "\n",
    "-1",
    "0",
    "9" * 5000,
    "1e400",
    "~",
    "~nobody-there/x",
    "/dev/null",
    "/proc/self/mem",
    "../../..",
    "x" * 70_000,
    "\x1b[31mred\x07",
    "\udcff\udcfe",
    "São Paulo\u202e",
    "{{}} %s ${HOME} $(id)",
    "a\r\nX-Evil: 1",
    "://",
    "http://[::1",
    "http://127.0.0.1:99999/3",
    f"http://user:{SECRET}@127.0.0.1:9/3",
    f"https://127.0.0.1:9/3?api_key={SECRET}",
    "s3://bucket/lake",
    f"s3://user:{SECRET}@bucket/lake",
    "arn:aws:secretsmanager:evil region/:0:secret:x",
]

SHARES = 3


def parametrized(names: list[str]) -> pytest.MarkDecorator:
    """Each variable with a share of the hostile values, another one than its neighbours; `make test-slow`: with all."""
    some = [pytest.param(name, HOSTILE[place % SHARES :: SHARES], id=name) for place, name in enumerate(names)]
    every = [pytest.param(name, HOSTILE, id=f"{name}-all", marks=pytest.mark.slow) for name in names]
    return pytest.mark.parametrize(("name", "values"), [*some, *every])


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in dict(os.environ):  # noqa: TID251
        if name.startswith(("TRUSTEDLAKE_", "TMDB_", "AWS_")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    given = {"ACCESS_KEY_ID": "t", "SECRET_ACCESS_KEY": "t", "REGION": "us-east-1", "MAX_ATTEMPTS": "1"}
    for name, value in (given | {"ENDPOINT_URL": CLOSED, "EC2_METADATA_DISABLED": "true"}).items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("TMDB_TOKEN", "tok")
    monkeypatch.setenv("TRUSTEDLAKE_TMDB_URL", f"{CLOSED}/3")
    monkeypatch.setattr(Crew, "sleep", lambda *_: None)  # TMDB is never there: what is waited for between two tries


def ended(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Exit code and all output; any other way out fails the test."""
    with pytest.raises(SystemExit) as left:
        run(arguments)
    shown = capfd.readouterr()
    assert isinstance(left.value.code, int)
    return left.value.code, shown.out + shown.err


def fuzzed(capfd: pytest.CaptureFixture[str], name: str, *arguments: str) -> None:
    code, said = ended(capfd, *arguments)
    assert code in range(5), name
    assert "Traceback" not in said
    assert SECRET not in said


@parametrized([*OURS, *NETWORK])
def test_a_hostile_setting_ends_the_extractor_with_one_clear_message(
    name: str, values: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    if name == "TRUSTEDLAKE_TMDB_SECRET_ARN":
        monkeypatch.delenv("TMDB_TOKEN")
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", CLOSED)
    for value in values:
        with suppress(ValueError):
            monkeypatch.setenv(name, value)
        address = ["--tmdb-url", "https://127.0.0.1:9/3"] if name in NETWORK else []
        fuzzed(capfd, f"{name}={value[:40]!r}", "ingest-tmdb", "--dry-run", "--limit", "1", *address)


@parametrized([*AWS, *NETWORK, "TRUSTEDLAKE_S3_KMS_KEY", "TRUSTEDLAKE_LAKE"])
def test_a_hostile_setting_ends_reading_a_bucket_with_one_clear_message(
    name: str, values: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    if "ENDPOINT" not in name:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "https://127.0.0.1:9")
    for value in values:
        monkeypatch.setenv(name, value)
        lake = [] if name == "TRUSTEDLAKE_LAKE" else ["--lake", "s3://bucket/lake"]
        fuzzed(capfd, f"{name}={value[:40]!r}", "report", *lake)


@parametrized(OURS)
def test_a_hostile_line_in_dotenv_ends_with_one_clear_message(
    name: str, values: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("TRUSTEDLAKE_TMDB_URL")
    for value in values:
        line = f"TRUSTEDLAKE_TMDB_URL={CLOSED}/3\nTMDB_TOKEN=tok\n{name}={value}\n"
        (tmp_path / ".env").write_bytes(line.encode("utf-8", "surrogateescape"))
        fuzzed(capfd, f"{name}={value[:40]!r}", "ingest-tmdb", "--dry-run", "--limit", "1")


NO_STORES: dict[str, Callable[[Handler], None]] = {
    "404 without a word": lambda ask: ask.whole(404),
    "404 in HTML": lambda ask: ask.whole(404, b"<html><body>not here</body></html>"),
    "404 in JSON": lambda ask: ask.whole(404, b'{"error": "no route"}'),
    "400 in text": lambda ask: ask.whole(400, b"Bad Request"),
    "405": lambda ask: ask.whole(405, b"<html>"),
    "302 to a page to sign in": lambda ask: ask.whole(302, Location="http://127.0.0.1:9/login"),
    "301": lambda ask: ask.whole(301, Location="http://127.0.0.1:9/"),
    "200 in HTML": lambda ask: ask.whole(200, b"<html>welcome</html>"),
    "200 in broken HTML": lambda ask: ask.whole(200, b"<html><br>welcome"),
    "200 in JSON": lambda ask: ask.whole(200, b"{}"),
    "200 and nothing": lambda ask: ask.whole(200),
    "204": lambda ask: ask.whole(204),
    "another XML": lambda ask: ask.whole(200, b"<?xml version='1.0'?><Feed><Contents/></Feed>"),
    "a list of buckets": lambda ask: ask.whole(200, b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>"),
}
ILL = {"200 in broken HTML", "200 in JSON"}
COMMANDS = [
    ["to-trusted", "--source", "tmdb"],
    ["query", "FROM tmdb_movies"],
    ["report"],
    ["quarantine"],
    ["audit"],
    ["catalog", "--ddl", "duckdb"],
    ["ingest-tmdb"],
]


@pytest.mark.parametrize("kind", NO_STORES)
def test_an_endpoint_that_is_not_an_object_store_is_named(
    kind: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with serving(NO_STORES[kind]) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        for command in COMMANDS:
            code, said = ended(capfd, *command, "--lake", "s3://bucket/lake")
            if command[0] == "catalog":
                assert "Traceback" not in said
                continue
            # boto3 takes a page that is no XML for a store that is ill.
            ill = (4, f"the store at {server.url} is overloaded or has an internal error")
            expected, says = ill if kind in ILL else (1, f"the server at {server.url} is not an S3 store")
            assert (code, says in said) == (expected, True), (command, said)
            assert "AWS_ENDPOINT_URL" in said
