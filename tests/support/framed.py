"""Frames bytes in memory, as every part of the pipeline does."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, NamedTuple

from trustedlake.core.framing.frames import frame_file
from trustedlake.models.built_in import CONTRACTS

if TYPE_CHECKING:
    from trustedlake.core.facts import FileFacts

MOVIES = CONTRACTS["tmdb_movies"].framing()
SERIES = CONTRACTS["tmdb_series"].framing()
LOCAL_MOVIES = CONTRACTS["local_movies"].framing()
DAY = ("2025", "06", "17")

Row = dict[str, Any]


class Framed(NamedTuple):
    """The rows and the facts of one file."""

    rows: list[Row]
    facts: FileFacts

    def column(self, name: str) -> list[Any]:
        """One column of all rows."""
        return [row[name] for row in self.rows]

    @property
    def indexed(self) -> list[tuple[int, str | None]]:
        """Index and problem of all rows."""
        return [(row["record_index"], row["problem"]) for row in self.rows]


def frame(content: bytes | str, name: str = "films.json", framing: dict[str, Any] = MOVIES, **limits: Any) -> Framed:
    """Frame a file of that name and content."""
    data = content.encode() if isinstance(content, str) else content
    partition = DAY if framing["partition"] else ()
    batches = frame_file(io.BytesIO(data), path=name, partition=partition, framing=framing, **limits)
    rows: list[Row] = []
    while True:
        try:
            rows += next(batches).to_pylist()
        except StopIteration as stop:
            return Framed(rows, stop.value)


def frame_csv(content: bytes | str, name: str = "movies.csv", **limits: int) -> Framed:
    """Frame a pipe-separated file of films."""
    return frame(content, name, LOCAL_MOVIES, **limits)
