"""Answers of the simulator: TMDB's status, headers and body."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON_TYPE = "application/json;charset=utf-8"

ERRORS = {
    2: (501, "Invalid service: this service does not exist."),
    3: (401, "Authentication failed: You do not have permissions to access the service."),
    5: (422, "Invalid parameters: Your request parameters are incorrect."),
    7: (401, "Invalid API key: You must be granted a valid key."),
    9: (503, "Service offline: This service is temporarily offline, try again later."),
    11: (500, "Internal error: Something went wrong, contact TMDB."),
    22: (400, "Invalid page: Pages start at 1 and max at 500. They are expected to be an integer."),
    23: (400, "Invalid date: Format needs to be YYYY-MM-DD."),
    24: (504, "Your request to the backend server timed out. Try again."),
    25: (429, "Your request count (41) is over the allowed limit of 40."),
    27: (400, "Too many append to response objects: The maximum number of remote calls is 20."),
    34: (404, "The resource you requested could not be found."),
    42: (405, "This request method is not supported for this resource."),
    43: (502, "Couldn't connect to the backend server."),
    45: (403, "This user has been suspended. Please contact TMDB about your account."),
}
"""TMDB's code -> HTTP status, message. Source: the list of errors in TMDB's documentation."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back.

    Attributes:
        status: of HTTP.
        body: as it is sent.
        content_type: the header.
        headers: others, by name.
        missing: bytes that `Content-Length` promises and that never come.
        reset: the connection is reset instead of an answer.
    """

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)
    missing: int = 0
    reset: bool = False


class RefusedError(Exception):
    """A request that TMDB would answer with an error body."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message


def document(content: object) -> Answer:
    """A JSON answer, non-ASCII as it is, as TMDB sends it."""
    return Answer(200, _encoded(content))


def error(code: int, message: str = "", headers: Mapping[str, str] | None = None) -> Answer:
    """TMDB's error body of that code; `message` replaces TMDB's own words."""
    status, words = ERRORS[code]
    content: dict[str, object] = {"success": False, "status_code": code, "status_message": message or words}
    if status == 429:  # noqa: PLR2004 - the body of a 429 has no `success`
        del content["success"]
    return Answer(status, _encoded(content), headers=headers or {})


def _encoded(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
