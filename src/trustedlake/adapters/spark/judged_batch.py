"""Runs `core.judging` over a batch on any Spark session, and cleans up the folders it wrote."""

from __future__ import annotations

import math
import shutil
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyspark.sql import functions as F

from trustedlake.core.judging.schema import framed_ddl, quoted, slice_by_key, to_columns, trusted_ddl
from trustedlake.core.judging.verdict import Judged, judge, with_rivals
from trustedlake.core.partition import Template
from trustedlake.core.partition_name import partition_name
from trustedlake.ports import COMPRESSION

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from pyspark.sql import DataFrame, SparkSession

    from trustedlake.models.contract import Contract
    from trustedlake.ports import Batch


ADDRESS = ["file_path", "record_index"]
_INDEXES = 1 << 32
"""More than the highest record index, so a file's number and an index fit into one integer."""


def write_leftover(framed: Path, trusted: Path, out: Path) -> None:
    """Write the framed rows that are missing below `trusted`, by file and index, into the folder `out`.

    Grain: one row per framed record -> the same grain, fewer rows. Holds 16 bytes per record, and one file of framed
    rows, in memory.
    """
    files = sorted(framed.glob("*.parquet"))
    addresses = [_addresses(file) for file in files]
    paths = pc.unique(pa.chunked_array([rows["file_path"].combine_chunks() for rows in addresses], pa.string()))
    framed_numbers = [_numbers(rows, paths) for rows in addresses]
    del addresses
    published = [_numbers(_addresses(file), paths) for file in sorted(trusted.rglob("*.parquet"))]
    known = pc.is_in(
        pa.concat_arrays(framed_numbers), value_set=pa.concat_arrays([pa.array([], pa.int64()), *published])
    )
    start = 0
    for file, numbers in zip(files, framed_numbers, strict=True):
        left = pc.invert(known.slice(start, len(numbers)))
        start += len(numbers)
        if pc.any(left, min_count=0).as_py():
            with pq.ParquetFile(file) as parquet:
                pq.write_table(parquet.read().filter(left), out / file.name, compression="lz4")


def _addresses(file: Path) -> pa.Table:
    with pq.ParquetFile(file) as parquet:
        return parquet.read(columns=ADDRESS)


def _numbers(rows: pa.Table, paths: pa.Array) -> pa.Array:
    places = pc.index_in(rows["file_path"], value_set=paths).cast(pa.int64())
    numbers = pc.add(pc.multiply(places, _INDEXES), rows["record_index"].cast(pa.int64()))
    return numbers.combine_chunks()


FEW = 20_000
"""Up to this many records, compiling a plan takes longer than running it."""

_RAW_PER_TASK = 16 << 20
"""Raw bytes that justify one more task after the shuffle."""

_HEX = "partition_"
"""Prefix of folder names that hold partition values as hexadecimal digits."""

_ALL = "all_rows"
"""Temporary partition column that puts a table without partitions into one file."""

_RAW_PER_FILE = 64 << 20
"""Raw bytes per written file of a table without partitions."""


def judge_batch(
    spark: SparkSession,
    batch: Batch,
    contract: Contract,
    *,
    run_id: str,
    trusted: Path,
    quarantine: Path,
    read_address: Callable[[Path], str],
    write_address: Callable[[Path], str],
    for_few: Callable[[], AbstractContextManager[None]] = nullcontext,
    slices: int | None = None,
) -> None:
    """Do what the port `Engine.judge` promises.

    `read_address` and `write_address` turn a local folder into the address that the session reads from or writes to.
    Few records are judged once for each zone. With many records, Quarantine gets a second pass over only the records
    that are not in Trusted: a second pass over all records would cost as much as the first, and keeping them typed
    in between would take twice the memory.

    `for_few` is entered while a plan runs over few records. With `slices`, the first pass splits the records by key
    into this many slices and processes them one after the other, so only one slice is in memory. A table without
    partitions then gets one file per slice.
    """
    schema, parts, most = framed_ddl(contract), shuffle_partitions(batch, contract), batch.rows_per_file
    framed = spark.read.schema(schema).parquet(read_address(batch.framed))
    in_one, number_of_slices = slices is not None, slices or 1

    def judged(records: DataFrame) -> Judged:
        return judge(records, contract, run_id=run_id, shuffle_partitions=parts, unknown_keys=batch.unknown_keys)

    def write(rows: DataFrame, zone: Path) -> int:
        write_rows(rows, write_address(zone), contract, most, in_one=in_one)
        return tidy(zone)

    if batch.records <= FEW and number_of_slices == 1:
        with for_few():
            all_judged = judged(to_columns(framed, contract))
            if write(all_judged.trusted, trusted) < batch.records:
                write(all_judged.quarantined, quarantine)
    else:
        for number in range(number_of_slices):
            records = to_columns(slice_by_key(framed, contract, number, of=number_of_slices), contract)
            write_rows(judged(records).trusted, write_address(trusted), contract, most, in_one=in_one)
        kept = tidy(trusted)
        if kept < batch.records:
            with (
                TemporaryDirectory(prefix="leftover-", dir=batch.framed.parent) as name,
                for_few() if batch.records - kept <= FEW else nullcontext(),
            ):
                write_leftover(batch.framed, trusted, Path(name))
                records = to_columns(spark.read.schema(schema).parquet(read_address(Path(name))), contract)
                if trusted.exists():
                    rows = _trusted_rows(spark, read_address(trusted), contract, in_one=in_one)
                    records = with_rivals(records, rows, contract)
                write(judged(records).quarantined, quarantine)
    for zone in (trusted, quarantine):
        name_partitions(zone, contract)


def shuffle_partitions(batch: Batch, contract: Contract) -> int:
    """Return the number of shuffle parts: each partition is whole in one part, no part is too small for a task."""
    if contract.partitioned:
        return max(1, min(batch.partitions, math.ceil(batch.size / _RAW_PER_TASK)))
    return max(1, math.ceil(batch.size / _RAW_PER_FILE))


def write_rows(rows: DataFrame, address: str, contract: Contract, most: int, *, in_one: bool = False) -> None:
    """Write rows as Parquet below the address, in the contract's partitions, at most `most` rows per file.

    `in_one` is for an engine that always spreads rows without partitions over several files. The rows become one
    file, in a folder that `tidy` removes. Such an engine also escapes folder names in its own way, so text values are
    written as hexadecimal digits, and `name_partitions` renames the folders.
    """
    folders: tuple[str, ...] = contract.partition or ((_ALL,) if in_one else ())
    if folders == (_ALL,):
        rows = rows.withColumn(_ALL, F.lit(0))
    elif in_one and not _is_plain(contract):
        hidden = [F.hex(F.encode(F.col(quoted(name)), "UTF-8")).alias(f"{_HEX}{n}") for n, name in enumerate(folders)]
        rows = rows.select("*", *hidden).drop(*folders)
        folders = tuple(f"{_HEX}{number}" for number in range(len(folders)))
    writer = rows.write.mode("append").option("compression", COMPRESSION).option("maxRecordsPerFile", most)
    writer.partitionBy(*folders).parquet(address)


def _is_plain(contract: Contract) -> bool:
    """Return whether all partition values are digits, whose folders every engine names alike."""
    return all(Template(contract.raw.path[0]).widths.values())


def _trusted_rows(spark: SparkSession, address: str, contract: Contract, *, in_one: bool) -> DataFrame:
    """Read what `write_rows` wrote, with the partition columns."""
    if not in_one or _is_plain(contract):
        return spark.read.schema(trusted_ddl(contract)).parquet(address)
    schema, names = trusted_ddl(contract), contract.partition
    for number, name in enumerate(names):
        schema = schema.replace(f"{quoted(name)} string", f"{_HEX}{number} string")
    rows = spark.read.schema(schema).parquet(address)
    shown = [F.decode(F.unhex(f"{_HEX}{number}"), "UTF-8").alias(name) for number, name in enumerate(names)]
    return rows.select("*", *shown).drop(*(f"{_HEX}{number}" for number in range(len(names))))


def name_partitions(folder: Path, contract: Contract) -> None:
    """Rename the folders of hexadecimal digits to the names that Hive and Spark would give them."""
    for path in list(folder.glob("/".join(f"{_HEX}{number}=*" for number in range(len(contract.partition))) or "-")):
        digits = (part.partition("=")[2] for part in path.relative_to(folder).parts)
        values = [bytes.fromhex(one).decode() for one in digits]
        named = folder / partition_name(contract.partition, values)
        named.parent.mkdir(parents=True, exist_ok=True)
        path.rename(named)
    for path in folder.glob(f"{_HEX}0=*"):
        shutil.rmtree(path)


def tidy(folder: Path) -> int:
    """Leave only Parquet files with rows below the folder, and no empty folder; return the number of rows.

    Engines leave checksums, success marks and files without rows.
    """
    rows = 0
    for path in folder.glob(f"{_ALL}=0/*.parquet"):
        path.rename(folder / path.name)
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.suffix == ".parquet" and not path.name.startswith((".", "_")):
            in_file = pq.read_metadata(path).num_rows
            rows += in_file
            if not in_file:
                path.unlink()
        else:
            path.unlink()
    if folder.exists() and not any(folder.iterdir()):
        folder.rmdir()
    return rows
