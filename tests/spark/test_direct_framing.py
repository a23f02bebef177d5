"""Framing on executors gives the rows and facts of local framing and leaves nothing out silently."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.local.framer import ProcessFramer
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.adapters.spark.executor_framing import LARGEST, able_to_frame, files_at_once, fits_a_row, frame_objects
from trustedlake.adapters.spark.local_spark import changed
from trustedlake.core.framing.explode import FACTS_INDEX
from trustedlake.errors import EngineError, RetriableError
from trustedlake.models.built_in import CONTRACTS
from trustedlake.ports import RawInput

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

CONTRACT = CONTRACTS["tmdb_movies"]
FILES = {
    "plain.json": b'[{"id":1,"title":"A"},{"id":2,"title":"B"},7]',
    "[x]*{y}?.json": b'{"id":3,"title":"C"}',
    "a b+c&d=e#.json": b'{"id":4,"title":"D"}\n{"id":5,"title":"E","odd":{"k":[1]}}\n',
    "50%20%.json": b'{"id":6,"title":"\xc3\xa9"}',
    "\u7a7a.json.gz": gzip.compress(b'{"id":7,"title":"G"}', mtime=0),
    "back\\slash.json": b'{"id":9,"title":"I"}',
    "broken.json": b"[{",
    "empty.json": b"",
}


def raw(folder: Path, files: dict[str, bytes]) -> list[RawInput]:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [
        RawInput(name, f"Raw/{name}", len(content), ("2025", "06", "17"), replaced=name.startswith(("[", "bro")))
        for name, content in files.items()
    ]


def frame(spark: SparkSession, folder: Path, files: list[RawInput]) -> tuple[list[dict[str, Any]], list[Any]]:
    objects = {f"file:{folder}/{file.key}": file for file in files}
    facts = frame_objects(spark, objects, CONTRACT, f"file:{folder.parent}/out [1]")
    found = pq.read_table(folder.parent / "out [1]").to_pylist()
    return [row for row in found if row["record_index"] != FACTS_INDEX], list(facts)


def in_order(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


@pytest.mark.parametrize("at_once", ["1", "100"])
def test_framing_on_executors_gives_the_rows_and_facts_of_local_framing(
    at_once: str, spark: SparkSession, tmp_path: Path
) -> None:
    files = raw(tmp_path / "raw [1]", FILES)
    with changed(spark, {"spark.sql.execution.arrow.maxRecordsPerBatch": at_once}):
        rows, facts = frame(spark, tmp_path / "raw [1]", files)
    local = tmp_path / "local"
    local.mkdir()
    store = LocalStore(tmp_path / "raw [1]", SystemClock(), state=tmp_path / "state")
    (expected,) = ProcessFramer(store, workers=1).frame(files, CONTRACT, local, progress=lambda _: None)
    assert facts == expected
    assert in_order(rows) == in_order(pq.read_table(local).to_pylist())


def test_local_processes_still_frame_after_framing_on_executors(spark: SparkSession, tmp_path: Path) -> None:
    """The modules for executors came first on this process's path and hid the package from its children."""
    files = raw(tmp_path / "raw", FILES)
    with able_to_frame(spark):
        rows, facts = frame(spark, tmp_path / "raw", files)
    local = tmp_path / "local"
    local.mkdir()
    store = LocalStore(tmp_path / "raw", SystemClock(), state=tmp_path / "state")
    framer = ProcessFramer(store, workers=2, inline_bytes=0)
    assert list(framer.frame(files, CONTRACT, local, progress=lambda _: None)) == [list(facts)]
    assert in_order(rows) == in_order(pq.read_table(local).to_pylist())
    assert [row["problem"] for row in rows if row["file_path"].startswith("Raw/[")] == ["file|replaced"]


def test_a_day_of_empty_files_is_framed_too(spark: SparkSession, tmp_path: Path) -> None:
    files = raw(tmp_path / "raw", {"a.json": b"", "b.json": b""})
    rows, facts = frame(spark, tmp_path / "raw", files)
    assert [one.shape for one in facts] == ["unreadable"] * 2
    assert [row["problem"] for row in rows] == ["file|unreadable"] * 2


def test_a_file_that_spark_skips_is_noticed(spark: SparkSession, tmp_path: Path) -> None:
    files = raw(tmp_path / "raw", {"a.json": b'{"id":1,"title":"A"}', "_b.json": b'{"id":2,"title":"B"}'})
    with pytest.raises(EngineError, match=r"Raw/_b.json: Spark read it 0 times"):
        frame(spark, tmp_path / "raw", files)


def test_a_file_that_grew_is_noticed(spark: SparkSession, tmp_path: Path) -> None:
    files = raw(tmp_path / "raw", {"a.json": b'{"id":1,"title":"A"}'})
    (tmp_path / "raw" / "a.json").write_bytes(b'{"id":1,"title":"AB"}')
    with pytest.raises(RetriableError, match=r"listed with 20 bytes, read 21"):
        frame(spark, tmp_path / "raw", files)


@pytest.mark.parametrize(
    ("key", "size", "fits"),
    [
        ("a/b.json", LARGEST, True),
        ("a/b.json", LARGEST + 1, False),
        ("a//b.json", 1, False),
        ("a/../b.json", 1, False),
        ("./b.json", 1, False),
        ("a/..b.json", 1, True),
    ],
)
def test_a_file_too_large_for_a_row_is_known_beforehand(key: str, size: int, fits: bool) -> None:
    assert fits_a_row(RawInput(key, f"s3://films/{key}", size, ("2025", "06", "17"))) is fits


@pytest.mark.parametrize(("sizes", "number"), [([100, 0], 64), ([1 << 20, 5], 32), ([200 << 20], 1), ([0], 64)])
def test_the_number_of_files_read_at_once_is_limited_by_their_size(sizes: list[int], number: int) -> None:
    assert files_at_once([RawInput("k", "k", size, ()) for size in sizes]) == number
