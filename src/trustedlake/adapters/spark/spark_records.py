"""Raw files -> framed rows on the executors of a session, for your own jobs."""

from __future__ import annotations

import re
from os import fspath
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast
from urllib.parse import unquote, urlsplit

from trustedlake.adapters.spark.executor_framing import able_to_frame
from trustedlake.adapters.spark.spark_errors import engine_errors
from trustedlake.core.framing.explode import frame_arrow
from trustedlake.core.ignored import is_ignored
from trustedlake.core.judging.schema import framed_ddl
from trustedlake.core.partition import Partitioning
from trustedlake.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from os import PathLike

    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.pandas._typing import ArrowMapIterFunction

    from trustedlake.models.contract import Contract

_FILES = "address string, path string, size bigint, others array<int>, partition array<string>"
_MAX_TASKS = 200
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://")
_AUTHORITY = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*:(//[^/]*)?")


class _File(NamedTuple):
    address: str
    path: str
    size: int
    others: list[int]
    partition: list[str]


def read_records(spark: SparkSession, path: str | PathLike[str], contract: Contract) -> DataFrame:
    """Read the records of all raw files below the folder `path`, or of one file, as framed rows for `to_columns`.

    Grain: one row per record, columns as `core.judging.schema.framed_ddl`; `file_path` is relative to the folder. An
    unreadable file is one row with the reason. Files and folders whose names mean that they hold no data
    (`core.ignored`) are left out. Tasks open local files themselves; files under `s3://` and similar schemes come
    through Spark and must be below 2 GB.

    The framing runs in the executors' Python, which must have pyarrow and pandas. A local session uses the Python of
    this process, unless it was configured otherwise. The server of a Connect session must have this package.

    Raises:
        InputError: there is no such folder, it has no file, or a file of a partitioned table has no date in its
            path.
        EngineError: Spark can't list the files.
    """
    path = fspath(path)
    remote = _SCHEME.match(path) and urlsplit(path).scheme != "file"
    frame = frame_arrow(contract.framing())
    with able_to_frame(spark):
        files = _remote_files(spark, path, contract) if remote else _local_files(spark, path, contract)
        return files.mapInArrow(cast("ArrowMapIterFunction", frame), framed_ddl(contract))


def _local_files(spark: SparkSession, path: str, contract: Contract) -> DataFrame:
    root = Path(unquote(urlsplit(path).path) if path.startswith("file:") else path).absolute()
    if not root.exists():
        raise InputError(f"{root}: there is no such folder", hint="check the path; raw files are below `Raw/`")
    found = [root] if root.is_file() else sorted(_visible(root))
    base = root.parent if root.is_file() else root
    files = _dated(((str(f), f.relative_to(base).as_posix(), f.stat().st_size) for f in found), contract)
    _must_not_be_empty(files, path)
    rows = spark.createDataFrame(files, _FILES).repartition(min(len(files), _MAX_TASKS))
    return rows.selectExpr("*", "CAST(NULL AS BINARY) AS content")


def _visible(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if is_ignored(entry.name):
            continue
        if entry.is_dir():
            yield from _visible(entry)
        else:
            yield entry


def _remote_files(spark: SparkSession, path: str, contract: Contract) -> DataFrame:
    from pyspark.errors import AnalysisException  # noqa: PLC0415 - comes with the optional pyspark

    try:
        with engine_errors("spark", f"listing {path}", but=AnalysisException):
            content = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(path)
            listed = content.select("path", "length").collect()
    except AnalysisException as error:
        raise InputError(f"{path}: there is no such folder", hint="check the path and its scheme") from error
    # The session may answer with a different scheme or authority than we asked with.
    prefix = _AUTHORITY.sub("", path).rstrip("/") + "/"
    names = ((row["path"], _AUTHORITY.sub("", row["path"]), row["length"]) for row in listed)
    below = [(address, name.removeprefix(prefix), size) for address, name, size in names if not _is_left(name, prefix)]
    files = _dated(below, contract)
    _must_not_be_empty(files, path)
    rows = spark.createDataFrame(files, _FILES)
    return rows.join(content.selectExpr("path AS address", "content"), "address")


def _is_left(name: str, prefix: str) -> bool:
    """Return whether the file's name below the folder excludes it; a file that was itself requested never is."""
    return name.startswith(prefix) and is_ignored(name.removeprefix(prefix))


def _dated(files: Iterable[tuple[str, str, int]], contract: Contract) -> list[_File]:
    """Add the ingestion date to address, path and size of the files; it may also come from the address."""
    places = Partitioning(contract.raw.path, contract.partition)
    dated = []
    for address, path, size in files:
        folder, _, name = address.rpartition("/")
        placed = places.place_anywhere(folder, name)
        if placed is None:
            raise InputError(
                f"{address}: no ingestion date in its path",
                hint=f"files of {contract.table} belong in folders {places.shown}: Movies/2025/06/17/{Path(path).name}",
            )
        dated.append(_File(address, path, size, [], list(placed.values)))
    return dated


def _must_not_be_empty(files: list[_File], path: str) -> None:
    if not files:
        raise InputError(
            f"{path}: no raw file in it or below", hint="check the path; hidden files and backups are left out"
        )
