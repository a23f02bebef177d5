"""Reads the TMDB key from AWS Secrets Manager; no error shows the content of the secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore import exceptions as boto
from botocore.config import Config

from trustedlake.adapters.aws.aws_session import aws_session
from trustedlake.adapters.s3.s3_errors import refusal
from trustedlake.adapters.tmdb.key import TmdbKey
from trustedlake.errors import ConfigError, FatalRemoteError, RetriableError, TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN, API_KEY = "TMDB_TOKEN", "TMDB_API_KEY"

_CONNECT_S, _READ_S, _ATTEMPTS = 5.0, 10.0, 3
_PUT = "aws secretsmanager put-secret-value --secret-id {} --secret-string file://token.txt"
_SERVER_ERROR = 500
_BUSY = {"ThrottlingException", "InternalServiceError", "LimitExceededException"}


def read_key(secret: str) -> TmdbKey:
    """Return the key in the secret (ARN or name): the token as plain text, or JSON with `TMDB_TOKEN`.

    JSON with `TMDB_API_KEY` holds the short key. If an ARN is given, its region is used.

    Raises:
        ConfigError: there is no such secret, it is empty, or its content is not a key.
        FatalRemoteError: the right to read it is missing, or the credentials are wrong.
        RetriableError: the service is busy, or nothing answers.
    """
    said = {"connect_timeout": _CONNECT_S, "read_timeout": _READ_S}
    retries = {"mode": "standard", "total_max_attempts": _ATTEMPTS}
    try:
        session = aws_session(region=_region(secret))
        client = session.client(
            "secretsmanager", config=Config(**said, retries=retries, user_agent_extra="trustedlake")
        )
        try:
            answer = client.get_secret_value(SecretId=secret)
        finally:
            client.close()
    except boto.ClientError as error:
        raise _refused(secret, error) from error
    except boto.BotoCoreError as error:
        raise _unanswered(secret, error) from error
    return _key_of(secret, answer)


def _region(secret: str) -> str | None:
    """Return the region, the fourth part of an ARN; None for a name."""
    parts = secret.split(":")
    return parts[3] or None if parts[0] == "arn" and len(parts) > 6 else None  # noqa: PLR2004 - arn:…:secret:name


def _key_of(secret: str, answer: Mapping[str, object]) -> TmdbKey:
    text = str(answer.get("SecretString") or "").strip()
    if not text.startswith("{"):
        return _checked(secret, text, is_token=True)
    try:
        pairs = json.loads(text)
    except ValueError:
        pairs = {}
    for name in (TOKEN, API_KEY):
        if isinstance(pairs.get(name), str):
            return _checked(secret, pairs[name].strip(), is_token=name == TOKEN)
    raise ConfigError(
        f"{secret}: the secret has neither {TOKEN} nor {API_KEY}", hint=f"put one in: {_PUT.format(secret)}"
    )


def _checked(secret: str, value: str, *, is_token: bool) -> TmdbKey:
    try:
        return TmdbKey(value, is_token=is_token)
    except ConfigError as error:
        raise ConfigError(f"{secret}: {error.message}", hint=f"put it in again: {_PUT.format(secret)}") from None


def _refused(secret: str, error: boto.ClientError) -> TrustedLakeError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code == "ResourceNotFoundException":
        return ConfigError(
            f"{secret}: there is no such secret, or it has no value yet", hint=f"put the key in: {_PUT.format(secret)}"
        )
    if code == "AccessDeniedException":
        return FatalRemoteError(
            f"{secret}: {error.operation_name} is denied", hint="the role needs secretsmanager:GetSecretValue on it"
        )
    if code in _BUSY or status >= _SERVER_ERROR:
        return RetriableError(
            f"{secret}: Secrets Manager is busy or has an internal error: {code}", hint="wait, then run again"
        )
    if code in {"InvalidRequestException", "DecryptionFailure"}:
        return ConfigError(
            f"{secret}: the secret can't be read: {code}",
            hint="is it marked for deletion (aws secretsmanager restore-secret), or its KMS key disabled?",
        )
    return FatalRemoteError(
        f"{secret}: {error.operation_name} is refused: {code}",
        hint="aws sts get-caller-identity shows whose credentials these are",
    )


def _unanswered(secret: str, error: boto.BotoCoreError) -> TrustedLakeError:
    ours = refusal(secret, "", error)
    if isinstance(ours, RetriableError) or not isinstance(ours, TrustedLakeError):
        return RetriableError(
            f"{secret}: Secrets Manager doesn't answer: {type(error).__name__}",
            hint="run again; can this machine reach it?",
        )
    return ours
