"""A lake with a year of days for the page: most are fine, some have problems. No files, no engine."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from trustedlake.models.ledger import Counts, Ledger, Partition, PublishedFile, RawFile, Refusal, Warned
from trustedlake.models.overview import Overview, TableOverview
from trustedlake.models.report import RunReport, TableReport
from trustedlake.models.status import LakeStatus, LastRun, TableStatus

FIRST = date(2024, 7, 1)
DAYS = 366
NOW = datetime(2025, 7, 2, 5, 0, tzinfo=UTC)

MISSING = (60, 61)
REFUSED = (120, 358)
WARNED = range(340, 352)
PENDING = 365


def year_of_days(tables: int = 4, *, lake: str = "data/lake") -> Overview:
    """The lake, with so many tables."""
    found = tuple(_table(f"tmdb_{name}", seed) for seed, name in enumerate(_NAMES[:tables]))
    runs = tuple(_run(number, found) for number in range(12))
    last = LastRun(run_id=runs[-1].run_id, started=runs[-1].started, exit_code=3)
    status = LakeStatus(tables=tuple(table.status for table in found), last_run=last)
    return Overview(lake=lake, made=NOW, trustedlake="0.1.0", status=status, tables=found, runs=runs)


_NAMES = ("movies", "series", "people", "credits")


def _table(table: str, seed: int) -> TableOverview:
    partitions, pending = {}, {}
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        name = f"ano={day:%Y}/mes={day:%m}/dia={day:%d}"
        if number == PENDING:
            pending[name] = (f"Raw/TMDB/JSON/{table}/{day:%Y/%m/%d}/filmes_001.json",)
        elif number not in MISSING:
            partitions[name] = _partition(table, day, number, seed)
    ledger = Ledger(table=table, partitions=partitions)
    published = [entry for entry in partitions.values() if entry.contract]
    status = TableStatus(
        table=table,
        partitions=len(published),
        counts=sum((entry.counts for entry in published), Counts()),
        bytes=sum(file.size for entry in published for file in entry.trusted),
        refused={name: entry.refusal.message for name, entry in partitions.items() if entry.refusal},
        warnings={name: entry.open_warnings for name, entry in partitions.items() if entry.open_warnings},
        pending=tuple(path for paths in pending.values() for path in paths),
    )
    description = f"One row per record and ingestion date of {table}."
    return TableOverview(status=status, description=description, ledger=ledger, pending=pending)


def _partition(table: str, day: date, number: int, seed: int) -> Partition:
    folder = f"Raw/TMDB/JSON/{table}/{day:%Y/%m/%d}"
    rejected = (number * 7 + seed) % 5 if (number * 13 + seed) % 9 == 0 else 0
    framed = 400 + (number * 37 + seed * 101) % 230 + number // 2
    files = tuple(
        RawFile(
            path=f"{folder}/filmes_{place:03}.json",
            size=90_000,
            sha256=f"{number}{place}",
            tag="1",
            records=records - elsewhere,
            elsewhere=elsewhere,
            trusted=records - elsewhere - bad - 2,
            rejected=bad,
            duplicates=2,
        )
        for place, records, elsewhere, bad in ((1, framed // 2, 1, rejected), (2, framed - framed // 2, 0, 0))
    )
    since = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    if number in REFUSED:
        message = f"unreadable: {files[0].path}: byte 81,204: the gzip stream is truncated"
        refusal = Refusal(
            gate="unreadable", max_rejected=0.05, message=message, counts=Counts(framed=framed), contract=1,
            raw=files, problems={files[0].path: "cut"}, reasons={"record|truncated": 1}, since=since,
        )  # fmt: skip
        return Partition(refusal=refusal)
    message = f"column vote_average is absent from every record of {files[0].path}; unknown there: voteAverage"
    drift = Warned(id="drift-vote_average", since=since, message=message, path=files[0].path)
    reasons = {"vote_average|range": (rejected + 1) // 2, "release_date|type": rejected // 2}
    size = framed * 310
    return Partition(
        contract=1,
        counts=Counts(framed=framed, trusted=framed - rejected - 5, rejected=rejected, duplicates=4, elsewhere=1),
        raw=files,
        trusted=(PublishedFile(key=f"{day}", size=size, rows=framed, sha256=""),),
        reasons={reason: count for reason, count in reasons.items() if count},
        warnings=(drift,) if number in WARNED and seed == 0 else (),
    )


def _run(number: int, tables: tuple[TableOverview, ...]) -> RunReport:
    started = NOW - timedelta(days=11 - number, hours=1)
    steps = {"list": 0.2, "frame": 0.9 + number % 4, "accept": 0.7, "prove": 0.3, "publish": 0.2}
    if number % 3 == 0:
        steps |= {"start": 6.1, "judge": 3.5 + number / 4}
    reports = tuple(
        TableReport(
            table=one.status.table, contract=1, status="published", counts=one.status.counts,
            timings_s={step: seconds / len(tables) for step, seconds in steps.items()},
        )
        for one in tables
    )  # fmt: skip
    finished = started + timedelta(seconds=sum(steps.values()) + 0.3)
    return RunReport(
        run_id=f"{started:%Y%m%dT%H%M%S.%fZ}-0000000{number % 10}", command="to-trusted", trustedlake="0.1.0",
        started=started, finished=finished, exit_code=3 if number in {9, 11} else 0, tables=reports,
    )  # fmt: skip
