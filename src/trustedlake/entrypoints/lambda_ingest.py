"""AWS Lambda: the same extraction, started by an event. Only the lake keeps state between invocations."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from datetime import date  # noqa: TC003 - pydantic reads annotations at run time
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from trustedlake.app.ingesting.ingest import ingest
from trustedlake.app.ingesting.tools import IngestOptions
from trustedlake.app.log import tell
from trustedlake.entrypoints.foreign_errors import known
from trustedlake.entrypoints.json_log import json_lines, tell_bug
from trustedlake.entrypoints.settings import Settings, told, variables
from trustedlake.entrypoints.wiring import openlineage_receiver
from trustedlake.entrypoints.wiring.extractor import DEFAULT_GENRES, extractor, query_of
from trustedlake.errors import ConfigError
from trustedlake.models.choices import GenreMatch, RecordKind  # noqa: TC001 - pydantic reads annotations at run time
from trustedlake.models.ingest import WindowStatus
from trustedlake.models.lake import Entity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustedlake.app.ingesting.tools import IngestProgress
    from trustedlake.models.ingest import Certificate

COMPLETE, PARTIAL = 200, 206
TOLD_EACH = 100
"""Number of films or pages between two log lines."""
LOOK_S = 1.0
"""How often a run checks the clock, in seconds."""

_OF_A_RULE = {"source", "detail-type"}
"""Keys of the event that an EventBridge rule or schedule sends if no input is set for it."""
_KINDS: Mapping[type, str] = {list: "a list", str: "a text", bool: "true or false", int: "a number", float: "a number"}


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """The time reserved at the end of an invocation, for running calls to time out and for saving the state.

    Attributes:
        kept_s: the run ends by itself this many seconds before Lambda would stop it.
        connect_s, read_s: longest waits of a call, in seconds.
        lineage_s: longest wait for events to OpenLineage that are not sent yet, in seconds.
    """

    kept_s: float
    connect_s: float
    read_s: float
    lineage_s: float

    @classmethod
    def of(cls, left_s: float) -> TimeLeft:
        """Reserve 30 s, or a quarter of a short time; calls may use half of it, but have a minimum."""
        kept_s = min(30.0, left_s / 4)
        return cls(
            kept_s=kept_s,
            connect_s=max(0.5, kept_s / 6),
            read_s=max(1.0, kept_s / 3),
            lineage_s=min(openlineage_receiver.LIMIT_S, max(0.5, kept_s / 6)),
        )


class Context(Protocol):
    """Lambda's context; its `aws_request_id`, if it has one, becomes the `run_id` of the log lines."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda stops the invocation."""
        ...


class Request(BaseModel):
    """Fields of the event; a missing one comes from `TRUSTEDLAKE_INGEST_<NAME>`, then from the defaults here.

    Attributes:
        lake: the lake's folder, or `s3://bucket/prefix`; default `TRUSTEDLAKE_LAKE`.
        bucket: a bucket that is the lake as a whole.
        limit: a number or `all`.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)

    lake: str | None = None
    bucket: str | None = None
    tmdb_url: str | None = None
    entity: Entity = Entity.MOVIES
    genres: str = DEFAULT_GENRES
    match: GenreMatch = "any"
    limit: Annotated[int, Field(ge=1)] | Literal["all"] = 1500
    released_from: date | None = None
    released_to: date | None = None
    language: str = "en-US"
    record: RecordKind = "full"
    batch: int = Field(default=100, ge=1)
    rate: float = Field(default=35.0, ge=0)
    restart: bool = False


_OPTION = re.compile(r"(?P<command>trustedlake [a-z-]+ )?--(?P<option>[a-z]+(?:-[a-z]+)*)")
_EVENT = f"an event is null, or an object that may have: {', '.join(Request.model_fields)}"


def handler(event: object, context: Context) -> dict[str, Any]:
    """Bring a window into Raw, or as much as the time allows, and log to stdout as lines of JSON.

    The key comes from the secret that `TRUSTEDLAKE_TMDB_SECRET_ARN` names in Secrets Manager, read again in each
    invocation, or from the environment (`TMDB_TOKEN` or `TMDB_API_KEY`); never from the event.

    Returns:
        `statusCode` (200, or 206 for a part), `body` (a sentence), `certificate`; for a part also
        `partial: true` and `next`, the event for the next call.

    Raises:
        TrustedLakeError: the command would exit with 1, 2 or 4 and nothing was fetched: the invocation fails.
        Exception: a bug. The log's last line reports it, too.
    """
    with json_lines(getattr(context, "aws_request_id", None)):
        try:
            return _extract(_asked(event), context)
        except BaseException as error:
            ours = known(error)
            if ours is None:
                tell_bug("ingest_failed", error)
                raise
        ours.message, ours.hint = as_fields(ours.message), as_fields(ours.hint)
        ours.args = (ours.message,)
        tell("ingest_failed", level=logging.ERROR, exit_code=ours.exit_code, message=ours.message, hint=ours.hint)
        # Raised outside of the `except` block: the original error may contain a URL, and with it a key.
        raise ours


def as_fields(text: str) -> str:
    """Name options of the command by the event's fields: `--tmdb-url` by `tmdb_url`, except in a command to type."""

    def named(found: re.Match[str]) -> str:
        name = found["option"].replace("-", "_")
        return found[0] if found["command"] or name not in Request.model_fields else name

    return _OPTION.sub(named, text)


def _extract(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    request = _request(event)
    tell("ingest_started", entity=request.entity.value, genres=request.genres, limit=request.limit)
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
    ending = TimeLeft.of(_left_s(context))
    with (
        openlineage_receiver.observed(None, Settings(), limit_s=ending.lineage_s) as observer,
        extractor(
            lake,
            request.tmdb_url,
            progress=_each_step(),
            observer=observer,
            connect_s=ending.connect_s,
            read_s=ending.read_s,
        ) as tools,
    ):
        options = IngestOptions(
            query=query,
            batch=request.batch,
            per_second=request.rate,
            restart=request.restart,
            stop_at=tools.clock.monotonic() + _left_s(context) - ending.kept_s,
        )
        certificate = ingest(tools, options).certificate
    _tell_end(certificate)
    answer: dict[str, Any] = {"certificate": certificate.model_dump(mode="json"), "notes": notes}
    if certificate.status is WindowStatus.COMPLETE:
        said = f"{certificate.got} {request.entity} in {len(certificate.files)} files"
        return {"statusCode": COMPLETE, "body": said} | answer
    expected = "an unknown number of" if certificate.expected is None else certificate.expected
    said = f"partial: {certificate.got} of {expected} {request.entity}: {certificate.message}"
    again = {key: value for key, value in event.items() if key != "restart"}
    return {"statusCode": PARTIAL, "body": said, "partial": True, "next": again} | answer


def _left_s(context: Context) -> float:
    return context.get_remaining_time_in_millis() / 1000


def _each_step() -> IngestProgress:
    """Make a progress that logs each step as it begins, and how far it is from time to time."""
    last = ""

    def hear(step: str, *, done: int = 0, total: int = 0, written: int = 0) -> None:
        nonlocal last
        if step != last or (done and done % TOLD_EACH == 0):
            last = step
            tell("ingesting", step=step, done=done, total=total, bytes=written)

    return hear


def _tell_end(certificate: Certificate) -> None:
    complete = certificate.status is WindowStatus.COMPLETE
    tell(
        "ingest_finished",
        level=logging.INFO if complete else logging.WARNING,
        window=certificate.window,
        status=certificate.status.value,
        expected=certificate.expected,
        got=certificate.got,
        files=len(certificate.files),
        bytes=certificate.size,
        failed=len(certificate.failed),
        calls=certificate.calls,
        retries=certificate.retries,
        message=certificate.message,
    )


def _asked(event: object) -> Mapping[str, Any]:
    """Parse the fields of the event; none for null, for a blank string, and for what EventBridge sends by itself.

    Raises:
        ConfigError: it is neither an object nor the JSON of one.
    """
    given = event
    if isinstance(given, str) and given.strip():
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            raise ConfigError("the event is text, but not JSON", hint=_EVENT) from None
    if given is None or (isinstance(given, str) and not given.strip()):
        return {}
    if not isinstance(given, dict):
        raise ConfigError(f"the event is not an object, but {_KINDS.get(type(given), 'something else')}", hint=_EVENT)
    return {} if given.keys() >= _OF_A_RULE else given


def _request(event: Mapping[str, Any]) -> Request:
    given = {name.lower(): value for name, value in variables("TRUSTEDLAKE_INGEST_").items()}
    known = {name: value for name, value in given.items() if name in Request.model_fields and name not in event}
    try:
        return Request(**known, **event)
    except ValidationError as error:
        field, said = told(error)
        name = field.partition(".")[0]
        where = f"TRUSTEDLAKE_INGEST_{name.upper()}" if name in known else f"the event's {field}"
        raise ConfigError(f"{where}: {said}", hint=_EVENT) from None
