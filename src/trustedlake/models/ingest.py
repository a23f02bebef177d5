"""An extraction: what is asked of TMDB, what its lists hold, and the certificate of what came."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, Field

from trustedlake.models.base import Frozen
from trustedlake.models.journal import Owner
from trustedlake.models.lake import STATE, Entity, join

Match = Literal["any", "all"]
"""Whether a film needs one of the genres or all of them."""


class Order(StrEnum):
    """Orders in which TMDB lists: only popularity moves while it is walked."""

    MOST_POPULAR = "most popular"
    OLDEST = "oldest"
    NEWEST = "newest"
    BY_TITLE = "by title"
    BY_TITLE_REVERSED = "by title, reversed"


class TmdbList(Frozen):
    """One list that TMDB can page through.

    Attributes:
        since, until: bounds of the release date, both included; with one of them undated films are left out.
    """

    entity: Entity
    genres: tuple[int, ...]
    match: Match
    since: date | None
    until: date | None
    language: str
    order: Order


@dataclass(frozen=True, slots=True)
class Item:
    """A film as a list shows it; there may be a hundred thousand at a time."""

    id: int
    dated: bool
    popularity: float


class Page(Frozen):
    """One page of a list, 20 items at most.

    Attributes:
        total: items of the whole list, on all its pages, those beyond page 500 too.
    """

    items: tuple[Item, ...]
    total: int


class WalkResult(Frozen):
    """What a walk through TMDB's lists found.

    Attributes:
        ids: each film once, in the order in which they are fetched.
        unlisted: films that must exist, by TMDB's totals, but that no page showed.
        remarks: what the user should know of them.
    """

    ids: tuple[int, ...]
    unlisted: int = 0
    remarks: tuple[str, ...] = ()


def titles(entity: str) -> str:
    """What messages call the titles of an entity: a run for series doesn't speak of films."""
    return "series" if entity == Entity.SERIES else "films"


CERTIFICATE_VERSION = 1

NOTICE = "This application uses TMDB and the TMDB APIs but is not endorsed, certified, or otherwise approved by TMDB."
"""What TMDB's terms ask for."""

RecordKind = Literal["full", "curated"]
"""`full`: the body that TMDB sent; `curated`: the ten fields of the source."""


def raw_folder(entity: Entity, lake: str = "") -> str:
    """The folder in Raw that films or series of TMDB go to, below it a folder a day."""
    return join(lake, "Raw", "TMDB", "JSON", entity.capitalize())


class Query(Frozen):
    """What is asked for. Two equal queries of one day are one window.

    Attributes:
        genres: TMDB's numbers, ascending.
        limit: the most popular so many; None for all.
        released_from, released_to: bounds of the release date (series: of the first air date), both included.
        language: of titles and overviews, as TMDB writes it: `en-US`.
    """

    entity: Entity
    genres: tuple[int, ...]
    match: Match = "any"
    limit: int | None = Field(default=None, ge=1)
    released_from: date | None = None
    released_to: date | None = None
    language: str = "en-US"
    record: RecordKind = "full"

    @property
    def digest(self) -> str:
        """Eight characters that tell this query from others."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:8]

    def window(self, day: date, attempt: int = 1) -> str:
        """Name of the window of a day; `attempt` counts from 1 and grows with each `--restart`."""
        return f"{day.isoformat()}-{self.entity}-{self.digest}" + (f"-{attempt}" if attempt > 1 else "")

    def folder(self, lake: str, day: date) -> str:
        """Folder in Raw that the window of a day is written to."""
        return join(raw_folder(self.entity, lake), f"{day:%Y/%m/%d}")


class WrittenFile(Frozen):
    """A file in Raw.

    Attributes:
        key: relative to the store's root.
        size: bytes.
        sha256: hexadecimal.
        films: records in it.
    """

    key: str
    size: int
    sha256: str
    films: int


class PendingFile(Frozen):
    """A file that is about to be put into Raw, so that whoever finds it can put it there.

    Attributes:
        ids: the spooled records that it is made of, in order.
    """

    file: WrittenFile
    ids: tuple[int, ...]


class WindowStatus(StrEnum):
    """How far an extraction is."""

    RUNNING = "running"
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    ABANDONED = "abandoned"


class Certificate(Frozen):
    """State of one window while it runs, and the proof of it afterwards: `_trustedlake/ingest/<window>.json`.

    Attributes:
        date: day of the folder in Raw: the UTC date at which the window was begun.
        tmdb: address of the API that was asked; never holds a key.
        owner, deadline: who works on it, and until when nobody else may (the store's clock, UTC).
        runs: times that it was begun or gone on with.
        expected: films that TMDB has, by its totals; None before the first walk is done.
        got: films in the files below.
        spooled: films that came and wait for their file.
        gone: films that TMDB lists and no longer has (404).
        failed: film -> why its record could not be had, after all retries.
        unlisted: films that no page showed.
        calls: all calls, retries too; retries: calls that were made again.
        pending: the last file, not yet known to be in Raw.
        message, hint: why it is incomplete, and what to do.
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
        """Films that are still to be had; None if that is not known."""
        return None if self.expected is None else self.expected - self.got - len(self.gone)

    @property
    def size(self) -> int:
        """Bytes in the files."""
        return sum(file.size for file in self.files)

    @property
    def exit_code(self) -> int:
        """What the command exits with."""
        return 0 if self.status is WindowStatus.COMPLETE else 4


class Outlook(Frozen):
    """What an extraction would do.

    Attributes:
        window: its name.
        standing: `new`, `goes on` or `complete`.
        expected: films.
        calls: about so many calls.
        seconds: about so long at the rate that was asked for; 0 if the rate is lifted.
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
    """Folder of the certificates of all windows."""
    return join(lake, STATE, "ingest")
