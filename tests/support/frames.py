"""Framed rows written by hand, and frames of them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from trustedlake.core.framing.layout import framed_schema, text_column
from trustedlake.core.judging.schema import framed_ddl
from trustedlake.ports import Batch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pyspark.sql import DataFrame, SparkSession

    from trustedlake.models.contract import Contract

_FOLDER = TemporaryDirectory(prefix="frames-")

DAY = ("2025", "06", "17")

FILM: Mapping[str, Any] = {"movie_id": "11", "title": "Heat"}
"""The least that `tmdb_movies` accepts, as texts by column."""


def framed_row(contract: Contract, texts: Mapping[str, Any], **columns: Any) -> dict[str, Any]:
    """One framed row: normal texts by contract column, and any of the other columns."""
    names = [column.name for column in contract.columns]
    unknown = set(texts) - set(names)
    if unknown:
        msg = f"the contract knows no column {sorted(unknown)}"
        raise KeyError(msg)
    row: dict[str, Any] = {"file_path": "f.json", "record_index": 0, "raw": repr(dict(texts))}
    row |= {text_column(name): texts.get(name) for name in names}
    return row | {"rescued": None, "problem": None} | dict(zip(contract.partition, DAY, strict=False)) | columns


def framed(spark: SparkSession, contract: Contract, rows: Iterable[Mapping[str, Any]]) -> DataFrame:
    """A frame of framed rows, read from Parquet as a run reads them; rows of a list would go through Python workers."""
    file = Path(_FOLDER.name, f"{uuid4().hex}.parquet")
    pq.write_table(pa.Table.from_pylist(list(rows), framed_schema(contract.framing())), file)
    return spark.read.schema(framed_ddl(contract)).parquet(str(file))


def films(spark: SparkSession, contract: Contract, texts: Iterable[Mapping[str, Any]]) -> DataFrame:
    """One framed row for each film, a key and a title filled in, numbered in order."""
    rows = [framed_row(contract, {**FILM, **film}, record_index=index) for index, film in enumerate(texts)]
    return framed(spark, contract, rows)


def batch_of(folder: Path, contract: Contract, rows: Sequence[Mapping[str, Any]], *, size: int = 1 << 20) -> Batch:
    """The framed rows as the one Parquet file of a batch; `size` is the size that the raw files claim."""
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows), framed_schema(contract.framing())), folder / "0.parquet")
    partitions = len({tuple(row[name] for name in contract.partition) for row in rows})
    return Batch(folder, records=len(rows), size=size, partitions=partitions)
