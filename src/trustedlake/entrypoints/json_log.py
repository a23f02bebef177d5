"""Write events as JSON, one object per line, for CloudWatch to read and search; a bug is the last event."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import trustedlake
from trustedlake.app.log import LOGGER, tell
from trustedlake.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

BUG, INTERRUPTED = 1, 130
"""Exit codes, the same as the command's."""

_PACKAGE = Path(trustedlake.__file__).parent


class JsonLines(logging.Formatter):
    """Formats a record as one line: `time` (UTC), `level`, `event` and the event's details.

    Attributes:
        run_id: the run that the lines name; the given value, until an event names another run.
    """

    def __init__(self, run_id: str | None = None) -> None:
        super().__init__()
        self.run_id = run_id

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without a line end."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = getattr(record, "fields", None) or {"event": "log", "message": record.getMessage()}
        self.run_id = fields.get("run_id") or self.run_id
        known = {"run_id": self.run_id} if self.run_id else {}
        said = {"time": when, "level": record.levelname} | known | fields
        return visible(json.dumps(said, ensure_ascii=False, default=str))


def tell_bug(event: str, bug: BaseException) -> None:
    """Log an unexpected exception or an interrupt before it is raised again.

    For a bug, log its class and its place but not its text: that may contain anything, even a credential.
    """
    if isinstance(bug, KeyboardInterrupt):
        said, hint = "interrupted", "nothing was left half done: run again to continue"
        tell(event, level=logging.ERROR, exit_code=INTERRUPTED, error="KeyboardInterrupt", message=said, hint=hint)
        return
    kind, place = f"{type(bug).__module__}.{type(bug).__qualname__}".removeprefix("builtins."), place_of(bug)
    tell(
        event,
        level=logging.ERROR,
        exit_code=BUG,
        error=kind,
        at=place,
        message=f"unexpected error: {kind} at {place}",
        hint="the traceback says more; nothing was left half done: run again; if it happens again, report it",
    )


def place_of(bug: BaseException) -> str:
    """Return where in this package it came from: file and line."""
    ours = ""
    for frame in traceback.extract_tb(bug.__traceback__):
        file = Path(frame.filename)
        if file.is_relative_to(_PACKAGE):
            ours = f"{file.relative_to(_PACKAGE.parent).as_posix()}:{frame.lineno}"
    return ours or "a place outside of trustedlake"


@contextmanager
def json_lines(run_id: str | None = None) -> Iterator[None]:
    """Write the block's events to stdout and to no other handler; `run_id` is for lines that name no other run."""
    log = logging.getLogger(LOGGER)
    before = log.level, log.propagate
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines(run_id))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before[0])
        log.propagate = before[1]
