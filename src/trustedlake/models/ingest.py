"""An extraction from TMDB: the query, the lists and their pages, and the certificate of what was fetched."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, Field

from trustedlake.models.base import Frozen
from trustedlake.models.choices import GenreMatch, RecordKind
from trustedlake.models.claim_holder import Owner
from trustedlake.models.lake import STATE, Entity, join


class Order(StrEnum):
    """Orders in which TMDB lists films; only popularity changes while we read the pages."""

    MOST_POPULAR = "most popular"
    OLDEST = "oldest"
    NEWEST = "newest"
    BY_TITLE = "by title"
    BY_TITLE_REVERSED = "by title, reversed"


class TmdbList(Frozen):
    """One list that TMDB can page through.

    Attributes:
        released_from, released_to: bounds of the release date, both included; with either, undated films are left out.
    """

    entity: Entity
    genres: tuple[int, ...]
    match: GenreMatch
    released_from: date | None
    released_to: date | None
    language: str
    order: Order


@dataclass(frozen=True, slots=True)
class Item:
    """A film as a list shows it; there may be a hundred thousand of them in memory."""

    id: int
    dated: bool
    popularity: float


class Page(Frozen):
    """One page of a list, at most 20 items.

    Attributes:
        total: number of items in the whole list, including those beyond page 500.
    """

    items: tuple[Item, ...]
    total: int


class WalkResult(Frozen):
    """What walking through TMDB's lists found.

    Attributes:
        ids: ids of the films, without repeats, in the order in which to fetch them.
        unlisted: number of films that exist according to TMDB's totals, but that no page showed.
        remarks: what the user should know about them.
    """

    ids: tuple[int, ...]
    unlisted: int = 0
    remarks: tuple[str, ...] = ()


def titles(entity: str) -> str:
    """Return the word for the entity's titles in messages: `series` or `films`."""
    return "series" if entity == Entity.SERIES else "films"


CERTIFICATE_VERSION = 1

NOTICE = "This application uses TMDB and the TMDB APIs but is not endorsed, certified, or otherwise approved by TMDB."
"""Notice that TMDB's terms require."""


def raw_folder(entity: Entity, lake: str = "") -> str:
    """Return the folder in Raw for films or series of TMDB; it has one folder per day."""
    return join(lake, "Raw", "TMDB", "JSON", entity.capitalize())


class Query(Frozen):
    """What to fetch. Two equal queries on the same day are one window.

    Attributes:
        genres: TMDB's genre numbers, ascending.
        limit: number of films, the most popular ones; None for all.
        released_from, released_to: bounds of the release date (for series: first air date), both included.
        language: language of titles and overviews, as TMDB writes it: `en-US`.
    """

    entity: Entity
    genres: tuple[int, ...]
    match: GenreMatch = "any"
    limit: int | None = Field(default=None, ge=1)
    released_from: date | None = None
    released_to: date | None = None
    language: str = "en-US"
    record: RecordKind = "full"

    @property
    def digest(self) -> str:
        """Eight characters that distinguish this query from others.

        Defaults are left out: a field that a later version adds must not change the name of an unfinished window.
        """
        return hashlib.sha256(self.model_dump_json(exclude_defaults=True).encode()).hexdigest()[:8]

    def window(self, day: date, attempt: int = 1) -> str:
        """Return the name of a day's window; `attempt` starts at 1 and grows with each `--restart`."""
        return f"{day.isoformat()}-{self.entity}-{self.digest}" + (f"-{attempt}" if attempt > 1 else "")

    def folder(self, lake: str, day: date) -> str:
        """Return the folder in Raw for a day's window."""
        return join(raw_folder(self.entity, lake), f"{day:%Y/%m/%d}")


class WrittenFile(Frozen):
    """A file in Raw.

    Attributes:
        key: relative to the store's root.
        size: bytes.
        sha256: hexadecimal.
        films: number of records in it.
    """

    key: str
    size: int
    sha256: str
    films: int


class PendingFile(Frozen):
    """A file that is about to be written to Raw; has what another process needs to write it.

    Attributes:
        ids: the spooled records that the file consists of, in order.
    """

    file: WrittenFile
    ids: tuple[int, ...]


class WindowStatus(StrEnum):
    """State of an extraction."""

    RUNNING = "running"
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    ABANDONED = "abandoned"


class Certificate(Frozen):
    """State of a window while it runs, and proof of its result afterwards: `_trustedlake/ingest/<window>.json`.

    Attributes:
        date: day of the folder in Raw: the UTC date on which the window started.
        tmdb: address of the API; never contains a key.
        owner, deadline: who works on it, and until when nobody else may (the store's clock, UTC).
        runs: how often it was started or resumed.
        expected: number of films by TMDB's totals; None before the first walk is done.
        got: number of films in `files`.
        spooled: number of films that were fetched but are not in a file yet.
        gone: films that TMDB lists but no longer has (404).
        failed: film -> why its record could not be fetched, after all retries.
        unlisted: number of films that no page showed.
        calls: number of calls, including retries.
        retries: number of calls that were repeated.
        pending: the last file; we don't know yet whether it is in Raw.
        message, hint: why the window is incomplete, and what to do.
    """

    version: int = CERTIFICATE_VERSION
    window: str
    date: date
    query: Query
    status: WindowStatus = WindowStatus.RUNNING
    trustedlake: str
    tmdb: str
    owner: Owner | None = None
    deadline: AwareDatetime | None = None
    started: datetime
    updated: datetime
    runs: int = 1
    expected: int | None = None
    got: int = 0
    spooled: int = 0
    gone: tuple[int, ...] = ()
    failed: dict[int, str] = {}
    unlisted: int = 0
    calls: int = 0
    retries: int = 0
    files: tuple[WrittenFile, ...] = ()
    pending: PendingFile | None = None
    remarks: tuple[str, ...] = ()
    message: str = ""
    hint: str = ""
    notice: str = NOTICE

    @property
    def missing(self) -> int | None:
        """Number of films still to fetch; None if unknown."""
        return None if self.expected is None else self.expected - self.got - len(self.gone)

    @property
    def size(self) -> int:
        """Size of the files in bytes."""
        return sum(file.size for file in self.files)

    @property
    def exit_code(self) -> int:
        """Exit code of the command."""
        return 0 if self.status is WindowStatus.COMPLETE else 4


class Outlook(Frozen):
    """What an extraction would do.

    Attributes:
        window: its name.
        standing: `new`, `goes on` or `complete`.
        expected: number of films.
        calls: estimated number of calls.
        seconds: estimated duration at the requested rate; 0 without a rate limit.
        folder: where its files would go.
    """

    window: str
    standing: Literal["new", "goes on", "complete"]
    expected: int
    calls: int
    seconds: float
    folder: str
    notice: str = NOTICE


def certificates(lake: str) -> str:
    """Return the folder with the certificates of all windows."""
    return join(lake, STATE, "ingest")
