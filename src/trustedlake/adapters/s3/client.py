"""boto3's client as we use it: retries, time-outs, signatures, and the server's clock."""

from __future__ import annotations

import re
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.parsers import ResponseParserError

from trustedlake.adapters.aws.aws_session import aws_session
from trustedlake.adapters.s3.s3_errors import invalid_setting, refusals

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from boto3.session import Session

    from trustedlake.ports import Clock


class StoreClock:
    """The `Date` of the last answer plus the time passed since, accurate to the second.

    Every answer resets it. So after this machine slept, which stops its own clocks, the next request brings the
    right time.
    """

    def __init__(self, client: S3Client, clock: Clock) -> None:
        self._clock = clock
        self._told: tuple[datetime, float] | None = None
        client.meta.events.register("after-call.s3", self._listen)

    def now(self) -> datetime | None:
        """Return the store's time; None before its first answer."""
        if self._told is None:
            return None
        told, since = self._told
        return told + timedelta(seconds=self._clock.monotonic() - since)

    def _listen(self, parsed: dict[str, Any], **_: object) -> None:
        date = parsed.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        if not date:
            return
        try:
            told = parsedate_to_datetime(date)
        except ValueError:
            return
        self._told = told.replace(tzinfo=told.tzinfo or UTC).astimezone(UTC), self._clock.monotonic()


S3Client: TypeAlias = Any
"""boto3 creates its classes at run time, so there is no type to name."""

CONNECTIONS = 16
ATTEMPTS = 5
CONNECT_S, READ_S = 10.0, 60.0

_REDIRECTS = 300
_BEGINNING = 4096
_IS_LIST = re.compile(rb"<(?:[\w.-]+:)?(?:ListBucketResult|ListMultipartUploadsResult|Error)\b")

_conditions: ContextVar[dict[str, str] | None] = ContextVar("_conditions", default=None)


def make_client(profile: str | None = None) -> S3Client:
    """Return an S3 client with credentials, region and endpoint from the usual AWS places.

    `AWS_RETRY_MODE` and `AWS_MAX_ATTEMPTS` win over our retry settings. For endpoints other than Amazon's the URL
    path names the bucket, since few of them have a DNS name per bucket.

    Raises:
        ConfigError: there is no such profile, or the endpoint is not a URL.
    """
    with refusals("s3"):
        try:
            session = aws_session(profile)
            client = session.client("s3", config=_config(session, "auto"))
            if not is_amazon(client.meta.endpoint_url):
                client = session.client("s3", config=_config(session, "path"))
        except ValueError as error:
            raise invalid_setting("s3", error) from None
    for operation in ("PutObject", "CompleteMultipartUpload"):
        client.meta.events.register(f"before-call.s3.{operation}", _add_conditions)
    for operation in ("HeadObject", "GetObject", "PutObject"):
        client.meta.events.register(f"after-call.s3.{operation}", _require_tag)
    for operation in ("ListObjectsV2", "ListMultipartUploads"):
        client.meta.events.register_first(f"before-parse.s3.{operation}", _require_list)
    return client


def region_of(client: S3Client, bucket: str) -> str:
    """Return the bucket's region, by one request. The client can find a bucket elsewhere; other programs can't.

    Raises:
        FatalRemoteError: the credentials may not look at the bucket.
    """
    with refusals(f"s3://{bucket}"):
        about = client.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
    return str(about.get("x-amz-bucket-region") or client.meta.region_name)


def ca_bundle() -> str | None:
    """Return the file with trusted certificate authorities, if the AWS settings name one."""
    found = aws_session()._session.get_config_variable("ca_bundle")
    return str(found) if found else None


def is_amazon(endpoint: str) -> bool:
    """Return whether the endpoint is one of Amazon's own."""
    host = urlsplit(endpoint).hostname or ""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn"))


@contextmanager
def only_if(*, match: str | None = None, absent: bool = False) -> Iterator[None]:
    """Let writes in the block succeed only if the object has the tag `match`, or if there is no object (`absent`).

    We set headers, not parameters: boto3 before 1.36, which Glue 5.0 has, doesn't know all of them.
    """
    headers = {"If-None-Match": "*"} if absent else {"If-Match": f'"{match}"'} if match is not None else None
    token = _conditions.set(headers)
    try:
        yield
    finally:
        _conditions.reset(token)


def _add_conditions(params: dict[str, Any], **_: object) -> None:
    params["headers"].update(_conditions.get() or {})


def _require_tag(parsed: Mapping[str, Any], **_: object) -> None:
    """Reject an answer that no S3 store gives: some web servers answer every request with a page."""
    if _is_well(parsed) and "ETag" not in parsed:
        raise ResponseParserError("an answer without an ETag")


def _require_list(response_dict: Mapping[str, Any], **_: object) -> None:
    """Reject an answer that is not a list: boto3 reads any XML, even a web page, as an empty list."""
    told = response_dict["body"][:_BEGINNING]
    if response_dict["status_code"] < _REDIRECTS and not _IS_LIST.search(told):
        raise ResponseParserError("an answer that is not a list")


def _is_well(parsed: Mapping[str, Any]) -> bool:
    return int(parsed.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) < _REDIRECTS


def _config(session: Session, addressing: str) -> Config:
    core = session._session  # boto3 gives no other access to these settings
    return Config(
        connect_timeout=CONNECT_S,
        read_timeout=READ_S,
        max_pool_connections=CONNECTIONS,
        retries={
            "mode": core.get_config_variable("retry_mode") or "standard",
            "total_max_attempts": core.get_config_variable("max_attempts") or ATTEMPTS,
        },
        s3={"addressing_style": addressing},
        user_agent_extra="trustedlake",
    )
