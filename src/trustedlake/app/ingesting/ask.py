"""Pages of lists, each asked for once: what came is kept in the spool, also for the run that goes on after a crash."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from trustedlake.app.ingesting.crew import Crew
    from trustedlake.app.ingesting.patience import Patience
    from trustedlake.app.ingesting.spool import Spool
    from trustedlake.app.ingesting.tools import IngestTools
    from trustedlake.models.listing import Listing, Page


class Asked:
    """Implements `trustedlake.app.ingesting.walk.Asks` on a source, with a crew."""

    def __init__(self, tools: IngestTools, patience: Patience, crew: Crew, spool: Spool) -> None:
        self._tools = tools
        self._patience = patience
        self._crew = crew
        self._spool = spool
        self._came = 0

    def page(self, listing: Listing, walk: int, number: int) -> Page:
        """One page. Raises what a call may, and BusyError after all retries."""
        with closing(self.pages(listing, walk, [number])) as pages:
            return next(pages)[1]

    def pages(self, listing: Listing, walk: int, numbers: Sequence[int]) -> Generator[tuple[int, Page], None, None]:
        """Number and page of several, in the order in which they come. Raises as `page`."""
        with self._crew.results(lambda number: self._get(listing, walk, number), numbers) as results:
            for number, page in results:
                self._tell()
                yield number, page

    def _get(self, listing: Listing, walk: int, number: int) -> Page:
        page = self._spool.page(listing, walk, number)
        if page is None:
            page = self._patience.call(lambda: self._tools.source.page(listing, number))
            self._spool.put_page(listing, walk, number, page)
        return page

    def _tell(self) -> None:
        self._came += 1
        self._tools.progress("list", done=self._came)
