"""AWS Lambda: the same extraction, asked for by an event. Nothing outlives an invocation but what lies in the lake."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic reads annotations at run time
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from trustedlake.app.ingesting.ingest import ingest
from trustedlake.app.ingesting.tools import IngestOptions
from trustedlake.entrypoints.extraction import DEFAULT_GENRES, extractor, query_of
from trustedlake.errors import ConfigError
from trustedlake.models.ingest import RecordKind, WindowStatus
from trustedlake.models.lake import Entity
from trustedlake.models.listing import Match  # noqa: TC001 - pydantic reads annotations at run time

if TYPE_CHECKING:
    from collections.abc import Mapping

COMPLETE, PARTIAL = 200, 206
READ_S = 10.0
LAST_S, LAST_SHARE = 15.0, 0.25
"""What is kept of the time for ending: so many seconds, of a short time this share of it."""


class Context(Protocol):
    """What Lambda tells of an invocation."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until it is cut."""
        ...


class Request(BaseSettings):
    """Fields of the event; one that is missing comes from `TRUSTEDLAKE_INGEST_<NAME>`, then from here.

    Attributes:
        lake: the lake's folder, or `s3://bucket/prefix`; default `TRUSTEDLAKE_LAKE`.
        bucket: the lake is this whole bucket.
        limit: a number or `all`.
    """

    model_config = SettingsConfigDict(
        env_prefix="TRUSTEDLAKE_INGEST_", extra="forbid", hide_input_in_errors=True, frozen=True
    )

    lake: str | None = None
    bucket: str | None = None
    tmdb_url: str | None = None
    entity: Entity = Entity.MOVIES
    genres: str = DEFAULT_GENRES
    match: Match = "any"
    limit: Annotated[int, Field(ge=1)] | Literal["all"] = 1500
    released_from: date | None = None
    released_to: date | None = None
    language: str = "en-US"
    record: RecordKind = "full"
    batch: int = Field(default=100, ge=1)
    rate: float = Field(default=35.0, ge=0)
    restart: bool = False


def handler(event: Mapping[str, Any] | None, context: Context) -> dict[str, Any]:
    """Bring a window into Raw, or as much of it as the time allows.

    Keys go by environment (`TMDB_TOKEN` or `TMDB_API_KEY`), never by event.

    Returns:
        `statusCode` (200, or 206 for a part), `body` (a sentence), `certificate`; for a part also
        `partial: true` and `next`, the event to call again with.

    Raises:
        TrustedLakeError: as the command would exit with 1, 2 or 4 and nothing came: the invocation fails.
    """
    request = _request(event or {})
    query, notes = query_of(
        entity=request.entity,
        genres=request.genres,
        match=request.match,
        limit=None if request.limit == "all" else request.limit,
        released_from=request.released_from,
        released_to=request.released_to,
        language=request.language,
        record=request.record,
    )
    lake = f"s3://{request.bucket}" if request.bucket else request.lake
    with extractor(lake, request.tmdb_url, read_s=READ_S) as tools:
        left_s = context.get_remaining_time_in_millis() / 1000
        options = IngestOptions(
            query=query,
            batch=request.batch,
            per_second=request.rate,
            restart=request.restart,
            stop_at=tools.clock.monotonic() + left_s - min(LAST_S, left_s * LAST_SHARE),
        )
        certificate = ingest(tools, options).certificate
    answer: dict[str, Any] = {"certificate": certificate.model_dump(mode="json"), "notes": notes}
    if certificate.status is WindowStatus.COMPLETE:
        said = f"{certificate.got} {request.entity} in {len(certificate.files)} files"
        return {"statusCode": COMPLETE, "body": said} | answer
    expected = "an unknown number of" if certificate.expected is None else certificate.expected
    said = f"partial: {certificate.got} of {expected} {request.entity}: {certificate.message}"
    again = {key: value for key, value in (event or {}).items() if key != "restart"}
    return {"statusCode": PARTIAL, "body": said, "partial": True, "next": again} | answer


def _request(event: Mapping[str, Any]) -> Request:
    try:
        return Request(**event)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ConfigError(
            f"the event's {'.'.join(map(str, first['loc']))}: {first['msg']}",
            hint=f"an event may have: {', '.join(Request.model_fields)}",
        ) from None
