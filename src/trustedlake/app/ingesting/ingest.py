"""TMDB to Raw: list the films of a query, fetch each once, write them into files, and certify what came.

Whatever stops a run, the next one of the same query goes on from there: the window's certificate says which files
are whole, the spool has what came after them.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trustedlake.app.ingesting.tmdb_lists import last_page, listing_of
from trustedlake.app.ingesting.window import Window, abandon, another_window, find_window, spool_of
from trustedlake.app.ingesting.window_run import IngestRun
from trustedlake.app.publishing.sweep import STAGING_DEADLINE
from trustedlake.errors import TrustedLakeError
from trustedlake.models.ingest import Certificate, Order, Outlook, WindowStatus, raw_folder
from trustedlake.ports.observers import ExtractionRun, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustedlake.app.ingesting.tools import IngestOptions, IngestTools


@dataclass(frozen=True, slots=True)
class Ingested:
    """The certificate of a window, and whether it was complete before."""

    certificate: Certificate
    unchanged: bool = False


def ingest(tools: IngestTools, options: IngestOptions) -> Ingested:
    """Bring the query's window of today into Raw, or go on with the last one that was not finished.

    Returns:
        The certificate: complete, or incomplete with what is missing and why.

    Raises:
        InputError: TMDB has no such film; or the lake can't be written.
        FatalRemoteError: TMDB refuses the key or the call.
        RetriableError: another run works on the window; or TMDB did not answer at all.
    """
    query, today = options.query, tools.clock.now().date()
    found = find_window(tools, query, today)
    if options.restart:
        if found.certificate is not None and not found.complete:
            abandon(tools, query, found)
            _tell_killed(tools, found.certificate)
        found = another_window(tools, query, today)
    if found.certificate is not None and found.complete:
        spool_of(tools, found.window).discard()  # left over if a run was killed right after its last word
        with _observed(tools, found.certificate, f"unchanged at {tools.clock.now().isoformat()}") as done:
            done.append(found.certificate)
        return Ingested(found.certificate, unchanged=True)
    raw = raw_folder(query.entity, tools.lake)
    tools.store.tidy(raw, older_than=STAGING_DEADLINE)  # what a run left that was killed while it put a file
    window = Window.claim(tools, query, found)
    if found.certificate is not None:
        _tell_killed(tools, found.certificate)
    with _observed(tools, window.certificate) as done:
        done.append(IngestRun(tools, options, window).run())
    return Ingested(done[0])


@contextmanager
def _observed(tools: IngestTools, certificate: Certificate, which: str = "") -> Iterator[list[Certificate]]:
    """Tell the observer of the block, which gives the certificate that it ends with."""
    run = _run(tools, certificate, which)
    tools.observer.began(run)
    done: list[Certificate] = []
    outcome, message = Outcome.STOPPED, ""
    try:
        yield done
        certificate = done[0]
        message = certificate.message
        outcome = Outcome.FAILED if certificate.exit_code else Outcome.COMPLETE
    except TrustedLakeError as error:
        outcome, message = Outcome.FAILED, error.message
        raise
    except BaseException as error:
        outcome = Outcome.FAILED if isinstance(error, Exception) else Outcome.STOPPED
        message = f"broken off by {type(error).__name__}"  # its text may hold anything
        raise
    finally:
        at = tools.clock.now()
        tools.observer.ended(replace(run, certificate=certificate, outcome=outcome, message=message, at=at))


def _tell_killed(tools: IngestTools, certificate: Certificate) -> None:
    """Tell the observer of the run whose window this one takes over, if that run had no end."""
    if certificate.status is WindowStatus.RUNNING:
        run = _run(tools, certificate)
        tools.observer.ended(replace(run, outcome=Outcome.STOPPED, message="killed: another run goes on from there"))


def _run(tools: IngestTools, certificate: Certificate, which: str = "") -> ExtractionRun:
    return ExtractionRun(
        run_id=f"{certificate.window} begun {certificate.started.isoformat()} {which or certificate.runs}",
        certificate=certificate,
        at=tools.clock.now(),
        folder=tools.store.address(raw_folder(certificate.query.entity, tools.lake)),
    )


def outlook(tools: IngestTools, options: IngestOptions) -> Outlook:
    """What `ingest` would do, found out with one call at most; nothing is written.

    Raises:
        FatalRemoteError, BusyError: as TMDB answers.
    """
    query, today = options.query, tools.clock.now().date()
    found = find_window(tools, query, today)
    if options.restart:
        found = another_window(tools, query, today)
    expected = calls = 0
    if found.certificate is not None and found.certificate.expected is not None:
        expected = found.certificate.expected
        calls = 0 if found.complete else found.certificate.missing or 0
    else:
        total = tools.source.page(listing_of(query, Order.MOST_POPULAR), 1).total
        expected = min(total, query.limit or total)
        calls = expected + last_page(expected)
    return Outlook(
        window=found.window,
        standing="complete" if found.complete else "goes on" if found.certificate else "new",
        expected=expected,
        calls=calls,
        seconds=calls / options.per_second if options.per_second else 0.0,
        folder=tools.store.address(query.folder(tools.lake, found.date)),
    )
