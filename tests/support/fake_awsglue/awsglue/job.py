"""The job, whose bookmarks are written by `commit`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .context import GlueContext


class Job:
    """Says what it was asked, as a line of JSON."""

    def __init__(self, glue_context: GlueContext) -> None:
        self._context = glue_context
        self._name = ""

    def init(self, job_name: str, args: Mapping[str, str]) -> None:
        """Begin."""
        self._name = job_name
        print(json.dumps({"event": "glue_init", "job": job_name, "args": dict(args)}), flush=True)  # noqa: T201

    def commit(self) -> None:
        """End well."""
        print(json.dumps({"event": "glue_commit", "job": self._name}), flush=True)  # noqa: T201
