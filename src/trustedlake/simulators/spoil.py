"""What a fault makes of an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from math import ceil
from typing import TYPE_CHECKING, Any

from trustedlake.simulators.answers import Answer, error

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from trustedlake.simulators.faults import Fault, Kind

HTML_TYPE = "text/html"
EDGE_PAGE = b"<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head><body>edge</body></html>\n"
_CODES: Mapping[Kind, int] = {"429": 25, "500": 11, "502": 43, "503": 9, "504": 24, "401": 3, "403": 45}
"""Kind of fault -> TMDB's code of the error body."""


def spoil(fault: Fault, answer: Answer, now: datetime) -> Answer:
    """The answer after the fault; `slow` and `gone` leave it alone, for they strike elsewhere."""
    kind = fault.kind
    if kind in _CODES:
        return error(_CODES[kind])
    if kind in {"429-seconds", "429-date"}:
        wait = ceil(fault.seconds)
        at = format_datetime(now + timedelta(seconds=wait), usegmt=True)
        return error(25, headers={"Retry-After": str(wait) if kind == "429-seconds" else at})
    if kind in {"html-200", "html-502"}:
        return Answer(int(kind.removeprefix("html-")), EDGE_PAGE, HTML_TYPE)
    return _damaged(kind, answer)


def _damaged(kind: Kind, answer: Answer) -> Answer:
    half = len(answer.body) // 2
    changes: dict[Kind, dict[str, Any]] = {
        "truncated": {"body": answer.body[:half], "missing": len(answer.body) - half},
        "invalid-json": {"body": answer.body[:half]},
        "wrong-content-type": {"content_type": HTML_TYPE},
        "reset": {"reset": True},
    }
    return replace(answer, **changes.get(kind, {}))
