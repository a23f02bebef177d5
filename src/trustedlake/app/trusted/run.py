"""A run: bring each table up to date in turn, log the progress, and write one report for all tables."""

from __future__ import annotations

import logging
import secrets
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import trustedlake
from trustedlake.app.accepting_warnings import accepted_places
from trustedlake.app.log import tell
from trustedlake.app.trusted.job import Job
from trustedlake.app.trusted.listing import NothingToReadError, around, key_of
from trustedlake.app.trusted.observed_table import ObservedTable
from trustedlake.app.trusted.to_trusted import to_trusted
from trustedlake.errors import ConfigError, TrustedLakeError
from trustedlake.models.lake import join
from trustedlake.models.report import PartitionStatus, RunReport, TableReport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustedlake.app.trusted.job import Options, Tools
    from trustedlake.models.contract import Contract
    from trustedlake.models.lake import TablePaths
    from trustedlake.models.report import PartitionReport
    from trustedlake.ports import Clock, ObjectStore


_LEFT_ALONE = {PartitionStatus.UNCHANGED, PartitionStatus.PLANNED}


def tell_table(run_id: str, table: TableReport) -> None:
    """Log the result of a table and of its partitions, except those that stayed as they were."""
    for part in table.partitions:
        if part.status not in _LEFT_ALONE:
            _tell_partition(run_id, table.table, part)
    level = logging.ERROR if table.status == "failed" else logging.WARNING if table.exit_code else logging.INFO
    tell(
        "table_finished",
        level=level,
        run_id=run_id,
        table=table.table,
        status=table.status,
        exit_code=table.exit_code,
        counts=table.counts.model_dump(),
        seconds=round(sum(table.timings_s.values()), 3),
        **_said(table.message, table.hint),
    )


def tell_end(run: RunReport) -> None:
    """Log how the run ended."""
    level = logging.ERROR if run.exit_code else logging.INFO
    seconds = (run.finished - run.started).total_seconds()
    tell("run_finished", level=level, run_id=run.run_id, exit_code=run.exit_code, seconds=round(seconds, 3))


def _tell_partition(run_id: str, table: str, part: PartitionReport) -> None:
    refused = part.status is PartitionStatus.REFUSED
    tell(
        part.status.value,
        level=logging.WARNING if refused else logging.INFO,
        run_id=run_id,
        table=table,
        partition=part.partition,
        files=part.files,
        counts=part.counts.model_dump(),
        **({"reasons": part.reasons} if part.reasons else {}),
        **(_said(part.message, part.hint) if refused else {}),
    )


def _said(message: str, hint: str) -> dict[str, str]:
    return {"message": message, "hint": hint} if message else {}


WORST_FIRST = (2, 1, 4, 3)
"""If tables end with different exit codes, the run gets the first of these that occurred."""


FAILED = "failed"
"""Status of a table that ended in an error."""


def run_tables(
    tools: Tools,
    tables: Sequence[tuple[TablePaths, Contract]],
    options: Options,
    command: str,
    *,
    known: Sequence[Contract] = (),
    all_asked: bool = True,
) -> RunReport:
    """Bring each table up to date; if one fails, the others still run.

    The report is stored as `runs/<run>.json`, except after a dry run.

    Args:
        tools: the ports.
        tables: the tables to bring up to date.
        options: of the run.
        command: the called command, for the report.
        known: all known tables.
        all_asked: True: the user named each table. False: leave tables without raw files out of the report, unless
            no table has any.
    """
    started = tools.clock.now()
    run_id = new_run_id(tools.clock)
    jobs = [
        Job(tools, paths, contract, _options_of(tools.store, paths, options), run_id, tuple(known))
        for paths, contract in tables
    ]
    _refuse_strangers(options, jobs)
    tell("run_started", run_id=run_id, tables=[job.contract.table for job in jobs], trustedlake=trustedlake.__version__)
    done = [_one(job) for job in jobs]
    found = [report for report, observed in done if observed is None]
    reports = found if found and not all_asked else [report for report, _ in done]
    for table, observed in done:
        if observed is not None and table in reports:
            observed.ended(table)
    for table in reports:
        tell_table(run_id, table)
    codes = {table.exit_code for table in reports}
    report = RunReport(
        run_id=run_id,
        command=command,
        trustedlake=trustedlake.__version__,
        started=started,
        finished=tools.clock.now(),
        exit_code=next((code for code in WORST_FIRST if code in codes), 0),
        tables=tuple(reports),
        untaken=_untaken(tools.store, jobs, reports),
        traffic=tools.traffic(),
    )
    if not options.dry_run:
        _store(tools.store, tables[0][0].state, report)
    tell_end(report)
    return report


def _untaken(store: ObjectStore, jobs: Sequence[Job], reports: Sequence[TableReport]) -> tuple[str, ...]:
    """Return the files in and around the tables' raw folders that no table takes and nobody accepted."""
    found = {path for table in reports for path in table.untaken}
    with suppress(TrustedLakeError):  # the tables are done; this must not fail the run
        found.update(around(store, ((job.paths, job.raw_files) for job in jobs)))
        known = accepted_places(store, jobs[0].paths.state) if found else None
        found = {path for path in found if known and not known.why(path)}
    return tuple(sorted(found))


def new_run_id(clock: Clock) -> str:
    """Make a run name that sorts by start time: `20260617T101112.345678Z-1a2b3c4d`."""
    return f"{clock.now():%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(4)}"


def _options_of(store: ObjectStore, paths: TablePaths, options: Options) -> Options:
    """Return the options with only this table's accepted files."""
    own = {
        path for path in options.accept_unreadable if (key_of(store, paths, path) or "").startswith(paths.input_folders)
    }
    return replace(options, accept_unreadable=frozenset(own))


def _refuse_strangers(options: Options, jobs: Sequence[Job]) -> None:
    strangers = options.accept_unreadable.difference(*(job.options.accept_unreadable for job in jobs))
    if strangers:
        raise ConfigError(
            f"--accept-unreadable {min(strangers)} is not a raw file of"
            f" {' or '.join(job.contract.table for job in jobs)}",
            hint="give the path that the report shows, for instance Raw/TMDB/JSON/Movies/2025/06/17/filmes_001.json",
        )


def _one(job: Job) -> tuple[TableReport, ObservedTable | None]:
    """Run one table. If it had nothing to read, also return what can tell the observer, who does not know yet."""
    is_empty = False
    observed = ObservedTable(job)
    try:
        report = to_trusted(job, observed)
    except TrustedLakeError as error:
        is_empty = isinstance(error, NothingToReadError)
        report = TableReport(
            table=job.contract.table,
            contract=job.contract.version,
            status=FAILED,
            exit_code=error.exit_code,
            inputs=tuple(job.store.address(root) for root in job.paths.inputs),
            target=job.store.address(job.paths.trusted),
            message=error.message,
            hint=error.hint,
        )
    except BaseException as error:
        observed.broken_off(error)
        raise
    if not is_empty:
        observed.ended(report)
    return report, observed if is_empty else None


def _store(store: ObjectStore, state: str, report: RunReport) -> None:
    data = report.model_dump_json(indent=1).encode()
    try:
        store.put(join(state, "runs", f"{report.run_id}.json"), data, if_absent=True)
    except TrustedLakeError:
        # If the lake is not writable, the tables have failed already, and their error is the one to report.
        if report.exit_code == 0:
            raise
