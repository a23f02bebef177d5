"""Events as lines of JSON, one object a line, as CloudWatch reads and searches them."""

from __future__ import annotations

import json
import logging
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trustedlake.app.events import LOGGER

if TYPE_CHECKING:
    from collections.abc import Iterator


class JsonLines(logging.Formatter):
    """A record as one line: `time` (UTC), `level`, `event` and what the event says."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = getattr(record, "fields", None) or {"event": "log", "message": record.getMessage()}
        return json.dumps({"time": when, "level": record.levelname} | fields, ensure_ascii=False, default=str)


@contextmanager
def json_lines() -> Iterator[None]:
    """Write the block's events to stdout, and to no other handler."""
    log = logging.getLogger(LOGGER)
    before = log.level, log.propagate
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before[0])
        log.propagate = before[1]
