"""Store answers that are not in Raw yet, one object each, so that after a kill no answered call is repeated."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from pydantic import ValidationError

from trustedlake.models.ingest import Page, WalkResult
from trustedlake.models.lake import join

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trustedlake.models.ingest import TmdbList
    from trustedlake.ports import ObjectStore


class Spool:
    """The folder of one window: `films/<id>.json`, `pages/...`, `listed.json`.

    Records and pages are stored by the threads that fetched them, before they are reported as fetched.
    """

    def __init__(self, store: ObjectStore, folder: str) -> None:
        self._store = store
        self._folder = folder

    def records(self) -> Mapping[int, int]:
        """Return film -> bytes of its record; 0 bytes if TMDB no longer has it."""
        found = self._store.list(join(self._folder, "films"))
        return {int(info.key.rpartition("/")[2].removesuffix(".json")): info.size for info in found}

    def put_record(self, number: int, record: bytes) -> None:
        """Store a film's record; an empty one if TMDB no longer has it."""
        self._store.put(self._film(number), record)

    def record(self, number: int) -> bytes:
        """Read a film's record. Raises FileNotFoundError."""
        return self._store.read(self._film(number))

    def drop_records(self, numbers: Iterable[int]) -> None:
        """Delete records that are in Raw."""
        for number in numbers:
            self._store.delete(self._film(number))

    def page(self, listing: TmdbList, walk: int, number: int) -> Page | None:
        """Read a page that was fetched in that walk; None if it wasn't."""
        with suppress(FileNotFoundError, ValidationError):
            return Page.model_validate_json(self._store.read(self._page(listing, walk, number)))
        return None

    def put_page(self, listing: TmdbList, walk: int, number: int, page: Page) -> None:
        """Store a page."""
        self._store.put(self._page(listing, walk, number), page.model_dump_json().encode())

    def listed(self) -> WalkResult | None:
        """Read the films to fetch; None as long as the walk is not done."""
        with suppress(FileNotFoundError):
            return WalkResult.model_validate_json(self._store.read(join(self._folder, "listed.json")))
        return None

    def put_listed(self, listed: WalkResult) -> None:
        """Store the films to fetch, and delete the pages that named them."""
        self._store.put(join(self._folder, "listed.json"), listed.model_dump_json().encode())
        self._store.discard(join(self._folder, "pages"))

    @property
    def empty(self) -> bool:
        """Whether nothing was fetched yet."""
        return not self._store.list(self._folder)

    def discard(self) -> None:
        """Remove the folder."""
        self._store.discard(self._folder)

    def _film(self, number: int) -> str:
        return join(self._folder, "films", f"{number}.json")

    def _page(self, listing: TmdbList, walk: int, number: int) -> str:
        bounds = f"{listing.released_from or 'any'}--{listing.released_to or 'any'}"
        order = listing.order.replace(",", "").replace(" ", "-")
        return join(self._folder, "pages", f"{walk:02d}-{order}-{bounds}", f"{number:03d}.json")
