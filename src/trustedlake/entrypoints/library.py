"""The Python library: the same use cases as the commands, on a Spark session that the caller owns."""

from __future__ import annotations

from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, cast, get_args

from trustedlake.adapters.spark.session_engine import SessionEngine
from trustedlake.adapters.spark.spark_records import read_records
from trustedlake.app.trusted.job import Options
from trustedlake.core.shared_points import why_refused
from trustedlake.entrypoints.lake import compose
from trustedlake.entrypoints.lake.bucket_address import is_bucket
from trustedlake.entrypoints.run_lines import run_lines
from trustedlake.entrypoints.settings import Settings
from trustedlake.entrypoints.status_lines import status_lines
from trustedlake.entrypoints.wiring import openlineage_receiver
from trustedlake.errors import ConfigError, InputError, QualityGateError, RetriableError, TrustedLakeError
from trustedlake.models.choices import EntityName, Lanes, OnVanished, SourceName, StorageName
from trustedlake.models.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyspark.sql import SparkSession

    from trustedlake.models.report import RunReport, TableReport
    from trustedlake.models.status import LakeStatus


__all__ = ["read_records", "to_trusted"]

_BY_EXIT_CODE: dict[int, type[TrustedLakeError]] = {
    1: InputError,
    2: ConfigError,
    3: QualityGateError,
    4: RetriableError,
}


def to_trusted(
    spark: SparkSession,
    *,
    source: SourceName | None = None,
    entity: EntityName | None = None,
    table: str | Sequence[str] = (),
    contract: Contract | Sequence[Contract] = (),
    contracts: str | PathLike[str] | Sequence[str | PathLike[str]] = (),
    lake: str | PathLike[str] | None = None,
    input: str | PathLike[str] | Sequence[str | PathLike[str]] = (),
    target: str | PathLike[str] | None = None,
    max_rejected: float | None = None,
    accept_unreadable: Sequence[str | PathLike[str]] = (),
    vanished: OnVanished = "fail",
    strict: bool = False,
    full_refresh: bool = False,
    dry_run: bool = False,
    storage: StorageName = "auto",
    lanes: Lanes = "auto",
    openlineage: str | PathLike[str] | None = None,
    check: bool = True,
) -> RunReport:
    """Bring Trusted up to date with Raw, on the caller's Spark session, which keeps running.

    Name the tables with `table` or `contract`, or name built-in ones with `source` and `entity`. The entity may be left
    out if the last folders of the target or the input name it (`.../Movies/`).

    Args:
        spark: a running session; its settings don't change.
        source: `tmdb` (JSON) or `csv` (pipe-separated).
        entity: `movies` or `series`; by default each one that has a Raw folder.
        table: one or more table names: built-in tables or tables of the lake's contracts.
        contract: contracts made in Python; their tables are brought up to date, unless `table` names others.
        contracts: files and folders of contracts, in addition to the lake's own.
        lake: the lake's folder; by default the part of `target` before `/Trusted/`.
        input: folder or folders of the raw files, if not the lake's usual ones.
        target: folder of the Trusted table, if not the lake's usual one.
        max_rejected: share of a partition's records (0 to 1) that may be rejected; by default the contract's, or 0.05.
        accept_unreadable: paths of unreadable files, as in the report, to publish without.
        vanished: what to do with the rows of raw files that no longer exist: `fail` raises, `keep`, `drop`.
        strict: refuse a partition in which a known column is absent.
        full_refresh: judge everything again; move unknown files out of Trusted.
        dry_run: only report what would be done.
        storage: how to reach a bucket. `direct`: from the session itself, which needs hadoop-aws
            (`trustedlake doctor --jars`). `staged`: through this machine, whose folders the session must see. `auto`:
            `direct`, or `staged` for a Connect session.
        lanes: `auto`: accept clearly valid records without Spark, unless `storage` is `direct`;
            `off`: Spark judges every record.
        openlineage: where to send OpenLineage events of the run (extra `[lineage]`): an address or a file; by default
            `OPENLINEAGE_URL`.
        check: raise if a table failed or a partition was refused; False: only report it.

    Returns:
        The report of the run, as stored in `_trustedlake/runs/`.

    Raises:
        TrustedLakeError: says what is wrong, with a hint; the subclass says what to do next.
    """
    given = (contract,) if isinstance(contract, Contract) else tuple(contract)
    named = ((table,) if isinstance(table, str) else tuple(table)) or tuple(one.table for one in given)
    if not (named or source):
        raise ConfigError("no table is named", hint="give table='tmdb_movies', contract=, or source='tmdb'")
    _refuse_unknown("source", source, (None, *get_args(SourceName)))
    _refuse_unknown("entity", entity, (None, *get_args(EntityName)))
    _refuse_unknown("vanished", vanished, get_args(OnVanished))
    _refuse_unknown("storage", storage, get_args(StorageName))
    _refuse_unknown("lanes", lanes, get_args(Lanes))
    if max_rejected is not None and not 0 <= max_rejected <= 1:
        raise ConfigError(f"max_rejected={max_rejected!r} is not a share", hint="give a number from 0 to 1")
    inputs = tuple(fspath(one) for one in ((input,) if isinstance(input, str | PathLike) else input))
    lake, target = (None if one is None else fspath(one) for one in (lake, target))
    options = Options(
        max_rejected=max_rejected,
        accept_unreadable=frozenset(fspath(one) for one in accept_unreadable),
        vanished=vanished,
        strict=strict,
        full_refresh=full_refresh,
        dry_run=dry_run,
    )
    files = (contracts,) if isinstance(contracts, str | PathLike) else contracts
    place = compose.Place(lake=lake, inputs=inputs, target=target, contracts=tuple(fspath(one) for one in files))
    if storage == "auto":
        connect = "connect" in type(spark).__module__
        storage = "direct" if is_bucket(lake or target or Settings().lake) and not connect else "staged"
    settings = Settings()
    how: dict[str, Any] = {"storage": storage, "given": given, "lanes": lanes, "settings": settings}
    told = None if openlineage is None else fspath(openlineage)
    with (
        openlineage_receiver.observed(told, settings, option="openlineage=") as observer,
        compose.home(place, engine=SessionEngine(spark), **how) as home,
    ):
        entity = entity or (None if named else named_entity(inputs, target))
        report = home.to_trusted(compose.Asked(named, source, entity), options, observer=observer)
        report = report.with_lines(run_lines(report, home.address))
    if check and report.exit_code:
        raise next(error for error in errors_of(report) if error.exit_code == report.exit_code)
    return report


def _refuse_unknown(name: str, given: object, choices: Iterable[object]) -> None:
    known = list(choices)
    if given not in known:
        told = ", ".join(repr(str(one)) if one else "None" for one in known)
        raise ConfigError(f"{name}={given!r} is not known", hint=f"give one of {told}")


def named_entity(inputs: Sequence[str], target: str | None) -> EntityName | None:
    """Return the entity that the folder names mention (`.../Movies/`), if exactly one; bucket names don't count."""
    given = [*inputs, *([target] if target else [])]
    folders = [path.partition("://")[2].partition("/")[2] if is_bucket(path) else path for path in given]
    names = {part.casefold() for folder in folders for part in folder.split("/")}
    told = names & {*get_args(EntityName)}
    return cast("EntityName", told.pop()) if len(told) == 1 else None


def errors_of(report: RunReport) -> list[TrustedLakeError]:
    """Return one error for each table that failed or was refused."""
    return [_error(table) for table in report.tables if table.exit_code]


def _error(table: TableReport) -> TrustedLakeError:
    refused = [part for part in table.partitions if part.status == "refused"]
    hint = table.hint or next((part.hint for part in refused), "see the run's report")
    return _BY_EXIT_CODE[table.exit_code](why_refused(table), hint=hint)


def status(
    lake: str | PathLike[str] | None = None,
    *,
    contracts: str | PathLike[str] | Sequence[str | PathLike[str]] = (),
) -> LakeStatus:
    """Report what is in the lake, what is wrong with it and since when; a notebook shows it as the command does.

    Args:
        lake: the lake's folder, or `s3://bucket/prefix`; by default `TRUSTEDLAKE_LAKE`, or `./lake`.
        contracts: files and folders of contracts, in addition to the lake's own.

    Raises:
        TrustedLakeError: the lake can't be read.
    """
    files = (contracts,) if isinstance(contracts, str | PathLike) else contracts
    where = None if lake is None else fspath(lake)
    with compose.home(compose.Place(lake=where, contracts=tuple(fspath(one) for one in files))) as home:
        found = home.status()
    return found.with_lines(status_lines(found, where))
