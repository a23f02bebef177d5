"""One process working on one window: list, fetch, write, certify."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import TYPE_CHECKING

from trustedlake.app.ingesting.crew import Crew
from trustedlake.app.ingesting.fetch import Fetch, reasons
from trustedlake.app.ingesting.film_files import FilmFiles
from trustedlake.app.ingesting.patience import Pace, Patience
from trustedlake.app.ingesting.tmdb_lists import list_films
from trustedlake.app.ingesting.window import LostWindowError
from trustedlake.errors import InputError, RetriableError, TrustedLakeError
from trustedlake.models.ingest import Certificate, WalkResult, WindowStatus

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from trustedlake.app.ingesting.spool import Spool
    from trustedlake.app.ingesting.tools import IngestOptions, IngestTools
    from trustedlake.app.ingesting.window import Window
    from trustedlake.models.ingest import Page, TmdbList


class SourceAsks:
    """Implements `trustedlake.app.ingesting.tmdb_lists.Asks` with a TMDB source and a crew."""

    def __init__(self, tools: IngestTools, patience: Patience, crew: Crew, spool: Spool) -> None:
        self._tools = tools
        self._patience = patience
        self._crew = crew
        self._spool = spool
        self._came = 0

    def page(self, listing: TmdbList, walk: int, number: int) -> Page:
        """Return one page. Raises the errors of a call, and BusyError after all retries."""
        with closing(self.pages(listing, walk, [number])) as pages:
            return next(pages)[1]

    def pages(self, listing: TmdbList, walk: int, numbers: Sequence[int]) -> Generator[tuple[int, Page], None, None]:
        """Yield number and page of several pages, in the order of arrival. Raises the same errors as `page`."""
        with self._crew.results(lambda number: self._get(listing, walk, number), numbers) as results:
            for number, page in results:
                self._tell()
                yield number, page

    def _get(self, listing: TmdbList, walk: int, number: int) -> Page:
        page = self._spool.page(listing, walk, number)
        if page is None:
            page = self._patience.call(lambda: self._tools.source.page(listing, number))
            self._spool.put_page(listing, walk, number, page)
        return page

    def _tell(self) -> None:
        self._came += 1
        self._tools.progress("list", done=self._came)


_GO_ON = "run the same command again: it continues from here"


class OutOfTimeError(RetriableError):
    """The time given to the run is over."""


class IngestRun:
    """A run on a window that it has claimed."""

    def __init__(self, tools: IngestTools, options: IngestOptions, window: Window) -> None:
        self._tools = tools
        self._options = options
        self._window = window
        folder = window.certificate.query.folder(tools.lake, window.certificate.date)
        self._files = FilmFiles(tools.store, window, folder, batch=options.batch)

    def run(self) -> Certificate:
        """Go as far as possible, then release the window.

        Returns:
            The certificate: complete, or incomplete with what is missing and why.

        Raises:
            InputError: TMDB has no such film, or the lake can't be written.
            FatalRemoteError: TMDB refuses the key or the call.
            RetriableError: TMDB sent nothing at all, or another run took the window over.
        """
        try:
            with Crew(self._options.workers, watch=self._watch, hang_up=self._tools.source.hang_up) as crew:
                self._extract(crew)
        except LostWindowError:
            raise
        except RetriableError as error:
            if not self._stop(error.message, error.hint):
                raise
        except BaseException as error:
            with suppress(TrustedLakeError, OSError):
                message = error.message if isinstance(error, TrustedLakeError) else type(error).__name__
                self._stop(f"stopped: {message}", _GO_ON)
            raise
        return self._window.certificate

    def _extract(self, crew: Crew) -> None:
        sleep = self._tools.sleep or crew.sleep
        pace = Pace(self._tools.clock, sleep, per_second=self._options.per_second)
        progress = self._tools.progress
        patience = Patience(pace, sleep, limits=self._options.limits, unanswered=lambda: progress("wait"))
        window, before = self._window, self._window.certificate
        window.counts = lambda: {
            "calls": before.calls + patience.calls,
            "retries": before.retries + patience.retries,
        }
        in_files = self._files.settle()
        listed = self._list(SourceAsks(self._tools, patience, crew, window.spool))
        fetch = Fetch(self._tools, window, patience, crew, self._files)
        fetch.run([film for film in listed.ids if film not in in_files], done=len(in_files))
        self._files.close()
        self._certify(fetch.failed)

    def _list(self, asks: SourceAsks) -> WalkResult:
        """List the films of the window; walk the lists again if an earlier walk missed some."""
        spool, query = self._window.spool, self._window.certificate.query
        listed = spool.listed()
        if listed is None or listed.unlisted:
            listed = _joined(listed, list_films(asks, query))
            if not listed.ids:
                spool.discard()
                raise InputError(
                    f"TMDB has no {'film' if query.entity == 'movies' else 'series'} like that: 0 results",
                    hint="try other --genres, --match any, or a longer range of release dates",
                )
            spool.put_listed(listed)
        expected = len(listed.ids) + listed.unlisted
        self._window.update(expected=expected, unlisted=listed.unlisted, remarks=listed.remarks)
        return listed

    def _watch(self) -> None:
        """Renew the claim and check the time limit; called at least once a second while the crew works."""
        self._window.hold()
        stop_at = self._options.stop_at
        if stop_at is not None and self._tools.clock.monotonic() >= stop_at:
            raise OutOfTimeError("this run has reached its time limit", hint=_GO_ON)

    def _certify(self, failed: Mapping[int, str]) -> None:
        """Store how the run ended: complete, or incomplete with the reasons."""
        gone = tuple(sorted(film for film, size in self._window.spool.records().items() if not size))
        self._window.update(gone=gone, failed=dict(failed))
        certificate = self._window.certificate
        if not certificate.missing:
            self._window.release(WindowStatus.COMPLETE)
            self._window.spool.discard()
            return
        why = [f"{len(failed)} failed ({reasons(failed.values())})"] if failed else []
        why += certificate.remarks
        self._window.release(
            WindowStatus.INCOMPLETE,
            message=f"{certificate.missing} of {certificate.expected} are missing: {'; '.join(why)}",
            hint="run the same command again: it fetches only these",
        )

    def _stop(self, message: str, hint: str) -> bool:
        """Keep what was fetched and release the window; if nothing was fetched, remove all traces and return False."""
        window = self._window
        self._files.close()
        if window.certificate.expected is None and not window.certificate.files and window.spool.empty:
            window.forget()
            return False
        sizes = window.spool.records()
        waiting = sum(1 for size in sizes.values() if size)
        gone = tuple(sorted(film for film, size in sizes.items() if not size))
        window.release(WindowStatus.INCOMPLETE, gone=gone, spooled=waiting, message=message, hint=hint)
        return True


def _joined(before: WalkResult | None, now: WalkResult) -> WalkResult:
    """Merge the films that two walks found."""
    if before is None:
        return now
    ids = tuple(dict.fromkeys((*before.ids, *now.ids)))
    unlisted = max(0, len(now.ids) + now.unlisted - len(ids))
    return WalkResult(ids=ids, unlisted=unlisted, remarks=now.remarks if unlisted else ())
