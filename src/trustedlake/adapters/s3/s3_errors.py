"""What a bucket refuses, as our errors: each with its own sentence and hint, none with a credential."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from trustedlake.adapters.local.network import host_of, proxy_for, proxy_hint, tls_trouble, without_passwords
from trustedlake.errors import (
    ConfigError,
    ConflictError,
    FatalRemoteError,
    RetriableError,
    TrustedLakeError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_AGAIN = "run again: the state is safe"
_SIGN_IN = "sign in again (aws sso login, or new values of AWS_ACCESS_KEY_ID and the others), then run again"
CHECK_ENDPOINT = "check AWS_ENDPOINT_URL_S3 (or AWS_ENDPOINT_URL): its host, its port, and http or https"
_REGION = "set AWS_REGION to the bucket's region (aws s3api get-bucket-location shows it)"
_KEYS = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile: aws sts get-caller-identity"
_RIGHTS = (
    "the credentials need s3:ListBucket and s3:GetObject there, and to write s3:PutObject, s3:DeleteObject"
    " and s3:AbortMultipartUpload; with a KMS key also kms:GenerateDataKey and kms:Decrypt"
)

_CONDITION_FAILED = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}
_NO_OBJECT = {"NoSuchKey", "404", "NotFound"}
_BUSY = {"SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestTimeout", "InternalError"}
_LOST = "NoSuchUpload"
_FULL = {"XMinioStorageFull", "QuotaExceeded"}
_SERVER_ERROR, _TOO_MANY, _FORBIDDEN = 500, 429, 403

_SENTENCES = (
    ({"NoSuchBucket"}, "there is no such bucket", "check the name in --lake, and the account of the credentials"),
    ({"InvalidBucketName"}, "not a valid bucket name", "check --lake: s3://bucket/prefix"),
    ({"InvalidAccessKeyId"}, "the store doesn't know this access key", _KEYS),
    ({"SignatureDoesNotMatch"}, "the secret key doesn't match the access key", _KEYS),
    (
        {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"},
        "the credentials have expired",
        _SIGN_IN,
    ),
    ({"InvalidToken", "InvalidTokenId"}, "the session token is not valid", _SIGN_IN),
    ({"RequestTimeTooSkewed"}, "this machine's clock is too far from the store's", "set the clock by NTP"),
    (_FULL, "the store is full", "free some space there, or raise the quota, then run again"),
    (
        {"NotImplemented", "MethodNotAllowed"},
        "the store does not support this request",
        "use a newer version of the store, or another store; trustedlake doctor --lake tests what a lake needs",
    ),
    ({"InvalidObjectState"}, "the object is archived", "restore it from Glacier, then run again"),
)
_MOVED = {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301", "307"}
_DENIED = {"AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden", "403"}

_NO_CREDENTIALS = (boto.NoCredentialsError, boto.PartialCredentialsError)
_STALE_LOGIN = (
    boto.CredentialRetrievalError,
    boto.TokenRetrievalError,
    boto.SSOError,
    boto.RefreshWithMFAUnsupportedError,
)
_SETTINGS = (
    boto.ProfileNotFound,
    boto.ConfigParseError,
    boto.ConfigNotFound,
    boto.NoRegionError,
    boto.InvalidRegionError,
    boto.InvalidRetryModeError,
    boto.InvalidRetryConfigurationError,
    boto.ParamValidationError,
    *filter(None, [getattr(boto, "InvalidChecksumConfigError", None)]),  # exists since boto3 1.36
)
_CHECK_SETTINGS = "check --lake and the settings of AWS: aws configure list"


@contextmanager
def refusals(address: str, endpoint: str = "") -> Iterator[None]:
    """Turn what boto3 raises into our errors; a missing object becomes FileNotFoundError."""
    try:
        yield
    except (boto.BotoCoreError, boto.ClientError, ResponseParserError) as error:
        raise refusal(address, endpoint, error) from error
    except RecursionError:  # if every answer is a 301, boto3 looks for the region again and again
        raise _no_s3(address, endpoint) from None


def invalid_setting(service: str, error: ValueError) -> TrustedLakeError:
    """Build the error for a setting that boto3 rejects before it has a client; mask passwords in endpoints."""
    if isinstance(error, boto.BotoCoreError):
        return ConfigError(f"{service}: {without_passwords(str(error))}", hint=_CHECK_SETTINGS)
    said, _, endpoint = str(error).partition(": ")
    if said == "Invalid endpoint":
        return ConfigError(f"{service}: {said}: {host_of(endpoint)}", hint=CHECK_ENDPOINT)
    return ConfigError(
        f"{service}: {without_passwords(str(error))}",
        hint="is AWS_MAX_ATTEMPTS a number? aws configure list shows the others",
    )


def refusal(address: str, endpoint: str, error: Exception) -> TrustedLakeError | FileNotFoundError:
    """Turn the store's refusal into our error. `endpoint` is the address of the store."""
    if not isinstance(error, boto.ClientError):
        return _no_way_in(address, error) or _unanswered(address, endpoint, error)
    code = str(error.response.get("Error", {}).get("Code", ""))
    if _says_nothing(code, error):
        return _no_s3(address, endpoint)
    if code in _NO_OBJECT:
        return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), address)
    if code in _CONDITION_FAILED:
        return conflict(address)
    if code == _LOST:
        return RetriableError(f"{address}: the store lost a multipart upload", hint=_AGAIN)
    return _refused(address, endpoint, code, error)


def conflict(address: str) -> ConflictError:
    """Build the error for a write whose condition does not hold."""
    return ConflictError(f"{address}: someone else wrote it first", hint=_AGAIN)


def _refused(address: str, endpoint: str, code: str, error: boto.ClientError) -> TrustedLakeError:
    said: dict[str, Any] = error.response.get("Error", {})
    about: dict[str, Any] = error.response.get("ResponseMetadata", {})
    status = int(about.get("HTTPStatusCode", 0))
    for codes, sentence, hint in _SENTENCES:
        if code in codes:
            return FatalRemoteError(f"{address}: {sentence}", hint=hint)
    if code in _MOVED:
        region = said.get("Region") or about.get("HTTPHeaders", {}).get("x-amz-bucket-region")
        hint = f"set AWS_REGION={region}" if region else _REGION
        return FatalRemoteError(f"{address}: the bucket is in another region", hint=hint)
    if code in _DENIED:
        return FatalRemoteError(f"{address}: {error.operation_name} is denied{_words(said)}", hint=_RIGHTS)
    if code in _BUSY or status >= _SERVER_ERROR or status == _TOO_MANY:
        at = f" at {host_of(endpoint)}" if endpoint and code.isdigit() else ""  # a bare status may not be from a store
        return RetriableError(
            f"{address}: the store{at} is overloaded or has an internal error: {code} ({error.operation_name})",
            hint=f"wait, then {_AGAIN}" + (f"; if that doesn't help, {CHECK_ENDPOINT}" if at else ""),
        )
    if code.isdigit():
        hint = f"most often the credentials have expired: {_SIGN_IN}"
        return FatalRemoteError(
            f"{address}: {error.operation_name} is refused, and the store doesn't say why", hint=hint
        )
    hint = "look up the code in the store's manual; trustedlake doctor --lake tests what a lake needs"
    return FatalRemoteError(f"{address}: {error.operation_name} is refused: {code}{_words(said)}", hint=hint)


def _says_nothing(code: str, error: boto.ClientError) -> bool:
    """Return whether the refusal lacks the error code that S3 always gives (except to HEAD, which has no body).

    A 5xx or 429 of a gateway may lack the code, and so may a 403 of a policy on the way: they don't count.
    """
    about: dict[str, Any] = error.response.get("ResponseMetadata", {})
    status = int(about.get("HTTPStatusCode", 0))
    may_lack = status >= _SERVER_ERROR or status in {_TOO_MANY, _FORBIDDEN}
    if may_lack or error.operation_name.startswith("Head"):
        return False
    return not code or code.isdigit() or code == "Unknown"


def _no_s3(address: str, endpoint: str) -> FatalRemoteError:
    at = f" at {host_of(endpoint)}" if endpoint else ""
    return FatalRemoteError(f"{address}: the server{at} is not an S3 store", hint=CHECK_ENDPOINT)


def _words(said: dict[str, Any]) -> str:
    message = str(said.get("Message") or "").strip().rstrip(".")
    return f" ({message})" if message and message not in {"Forbidden", "Access Denied"} else ""


def _no_way_in(address: str, error: Exception) -> TrustedLakeError | None:
    """Return the error if the cause is credentials or settings, so the store was not even asked."""
    if isinstance(error, _NO_CREDENTIALS):
        hint = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role"
        return ConfigError(f"{address}: no credentials were found", hint=hint)
    if isinstance(error, _STALE_LOGIN):
        return FatalRemoteError(f"{address}: can't load AWS credentials: {type(error).__name__}", hint=_SIGN_IN)
    if isinstance(error, _SETTINGS):
        return ConfigError(f"{address}: {without_passwords(str(error))}", hint=_CHECK_SETTINGS)
    if isinstance(error, boto.EndpointProviderError):  # its message holds the address, perhaps with a password
        return ConfigError(f"{address}: the store's endpoint is not a valid address", hint=CHECK_ENDPOINT)
    if "Invalid header value" in str(error):
        return ConfigError(f"{address}: an AWS key contains a space or a line break", hint=_KEYS)
    return None


def _unanswered(address: str, endpoint: str, error: Exception) -> TrustedLakeError:
    if isinstance(error, ResponseParserError):
        return _no_s3(address, endpoint)
    at = f" at {host_of(endpoint)}" if endpoint else ""
    if proxy := proxy_for(endpoint):
        return _over_proxy(f"{address}: the proxy {proxy}", at, error, hint=proxy_hint(endpoint))
    if isinstance(error, boto.SSLError):
        hint = f"give the authority's certificate in AWS_CA_BUNDLE; or {CHECK_ENDPOINT}"
        return FatalRemoteError(f"{address}: no secure connection{at}: {_reason(error)}", hint=hint)
    if isinstance(error, boto.EndpointConnectionError | boto.ConnectTimeoutError | boto.ProxyConnectionError):
        return RetriableError(
            f"{address}: nothing answers{at}", hint=f"{CHECK_ENDPOINT}; is the network up? then run again"
        )
    hint = f"{_AGAIN}; if that doesn't help, {CHECK_ENDPOINT}"
    return RetriableError(f"{address}: the connection{at} broke: {type(error).__name__}", hint=hint)


def _over_proxy(who: str, at: str, error: Exception, *, hint: str) -> TrustedLakeError:
    """Build the error for a call that a proxy should have passed on."""
    said = str(error)
    if any(word in said for word in ("SOCKS", "Proxy URL", "proxy scheme", "Failed to parse", "Invalid proxy")):
        return ConfigError(f"{who} can't be used: boto3 takes http and https only", hint=hint)
    if "Tunnel connection failed: 407" in said:
        return ConfigError(f"{who} requires a user and a password: HTTP 407", hint=hint)
    if "Tunnel connection failed" in said:
        return FatalRemoteError(f"{who} refuses to forward the request", hint=hint)
    if isinstance(error, boto.SSLError):
        return FatalRemoteError(f"{who}: no secure connection{at}: {_reason(error)}", hint=hint)
    return RetriableError(f"{who} does not forward the request: {type(error).__name__}", hint=hint)


def _reason(error: Exception) -> str:
    text = str(error)
    if any(said in text for said in ("No such file", "NO_CERTIFICATE", "Is a directory")):
        return "AWS_CA_BUNDLE is not a file with certificates"
    return tls_trouble(text)
