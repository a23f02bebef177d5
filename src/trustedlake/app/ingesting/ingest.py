"""TMDB to Raw: list the films of a query, fetch each once, write them into files, and certify what came.

If a run is stopped for any reason, the next run of the same query continues it: the window's certificate says which
files are whole, and the spool has what came after them.
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
    """The certificate of a window, and whether it was already complete before."""

    certificate: Certificate
    unchanged: bool = False


def ingest(tools: IngestTools, options: IngestOptions) -> Ingested:
    """Bring today's window of the query into Raw, or continue the last unfinished one.

    Returns:
        The certificate: complete, or incomplete with what is missing and why.

    Raises:
        InputError: TMDB has no such film; or the lake can't be written.
        FatalRemoteError: TMDB refuses the key or the call.
        RetriableError: another run is working on the window; or TMDB did not answer at all.
    """
    query, today = options.query, tools.clock.now().date()
    found = find_window(tools, query, today)
    if options.restart:
        if found.certificate is not None and not found.complete:
            abandon(tools, query, found)
            _tell_killed(tools, found.certificate)
        found = another_window(tools, query, today)
    if found.certificate is not None and found.complete:
        spool_of(tools, found.window).discard()  # left behind if a run was killed after its last certificate
        with _observed(tools, found.certificate, f"unchanged at {tools.clock.now().isoformat()}") as done:
            done.append(found.certificate)
        return Ingested(found.certificate, unchanged=True)
    raw = raw_folder(query.entity, tools.lake)
    tools.store.tidy(raw, older_than=STAGING_DEADLINE)  # left behind by a run that was killed while it put a file
    window = Window.claim(tools, query, found)
    if found.certificate is not None:
        _tell_killed(tools, found.certificate)
    with _observed(tools, window.certificate) as done:
        done.append(IngestRun(tools, options, window).run())
    return Ingested(done[0])


@contextmanager
def _observed(tools: IngestTools, certificate: Certificate, which: str = "") -> Iterator[list[Certificate]]:
    """Report the block's start and end to the observer; the block adds the certificate that it ends with."""
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
        message = f"broken off by {type(error).__name__}"  # not its text, which may hold secrets
        raise
    finally:
        at = tools.clock.now()
        tools.observer.ended(replace(run, certificate=certificate, outcome=outcome, message=message, at=at))


def _tell_killed(tools: IngestTools, certificate: Certificate) -> None:
    """Report the end of the killed run whose window this run takes over."""
    if certificate.status is WindowStatus.RUNNING:
        run = _run(tools, certificate)
        tools.observer.ended(replace(run, outcome=Outcome.STOPPED, message="killed: another run continues from there"))


def _run(tools: IngestTools, certificate: Certificate, which: str = "") -> ExtractionRun:
    return ExtractionRun(
        run_id=f"{certificate.window} begun {certificate.started.isoformat()} {which or certificate.runs}",
        certificate=certificate,
        at=tools.clock.now(),
        folder=tools.store.address(raw_folder(certificate.query.entity, tools.lake)),
    )


def outlook(tools: IngestTools, options: IngestOptions) -> Outlook:
    """Predict what `ingest` would do, with one call at most; nothing is written.

    Raises:
        FatalRemoteError, BusyError: errors of TMDB's answer.
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
