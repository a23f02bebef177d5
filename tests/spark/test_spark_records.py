"""Raw files framed on the executors give the same rows as framing does by itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import pytest

from tests.support.fixture_files import framed_rows, shapes
from trustedlake.adapters.spark.spark_records import _remote_files, read_records
from trustedlake.core.framing.explode import frame_arrow
from trustedlake.core.judging.schema import framed_ddl
from trustedlake.errors import InputError
from trustedlake.models.built_in import CONTRACTS

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.pandas._typing import ArrowMapIterFunction

MOVIES, LOCAL = CONTRACTS["tmdb_movies"], CONTRACTS["local_movies"]


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A day of two files, one of them broken, in a folder with blanks, beside files that are left out."""
    day = tmp_path / "raw of movies" / "2025/6/17"
    day.mkdir(parents=True)
    (day / "a.json").write_text(json.dumps([{"id": 1, "title": "Heat", "new": 1}, {"id": 2, "title": "Ran"}]))
    (day / "b.json").write_text('[{"id": 3, "title": "cut')
    (day / "_SUCCESS").write_text("")
    (day / ".hidden.json").write_text("[]")
    for name in ("a.json~", "a.json.BAK", "Thumbs.db", "b_$folder$"):
        (day / name).write_text("[]")
    (day.parent / "_temporary").mkdir()
    (day.parent / "_temporary" / "c.json").write_text("[]")
    return tmp_path / "raw of movies"


def brief(records: DataFrame) -> list[tuple[object, ...]]:
    columns = ["file_path", "record_index", "text_movie_id", "rescued", "problem", "ano", "mes", "dia"]
    return [tuple(row) for row in records.select(*columns).orderBy("file_path", "record_index").collect()]


EXPECTED = [
    ("2025/6/17/a.json", 0, "1", {"new": "1"}, None, "2025", "06", "17"),
    ("2025/6/17/a.json", 1, "2", None, None, "2025", "06", "17"),
    ("2025/6/17/b.json", -1, None, None, "file|unreadable", "2025", "06", "17"),
]


def test_a_folder_of_files_is_read_by_path_or_by_url(spark: SparkSession, raw: Path) -> None:
    (raw / "2025/6/17/a.json:Zone.Identifier").write_text("[ZoneTransfer]")
    assert brief(read_records(spark, str(raw), MOVIES)) == EXPECTED
    assert brief(read_records(spark, f"file://{raw}/", MOVIES)) == EXPECTED
    assert brief(read_records(spark, raw.as_uri(), MOVIES)) == EXPECTED


def test_files_read_by_spark_give_the_same_rows(spark: SparkSession, raw: Path) -> None:
    files = _remote_files(spark, f"file://{raw}", MOVIES)

    frame = cast("ArrowMapIterFunction", frame_arrow(MOVIES.framing()))
    assert brief(files.mapInArrow(frame, framed_ddl(MOVIES))) == EXPECTED


def test_a_csv_file_gives_the_rows_of_framing(spark: SparkSession) -> None:
    file = next(iter(shapes("local_movies").values()))[0]

    records = read_records(spark, str(file), LOCAL).orderBy("record_index").collect()

    expected = [
        row | {"rescued": dict(row["rescued"]) if row["rescued"] else None} for row in framed_rows(file, "local_movies")
    ]
    assert [row.asDict() for row in records] == expected


def test_a_missing_or_empty_folder_is_an_error_with_a_hint(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "empty" / "2025").mkdir(parents=True)
    (tmp_path / "empty" / "_SUCCESS").write_text("")

    for path, words in (("nowhere", "no such folder"), ("empty", "no raw file")):
        with pytest.raises(InputError, match=words) as raised:
            read_records(spark, str(tmp_path / path), MOVIES)
        assert path in raised.value.message
        assert raised.value.hint
    with pytest.raises(InputError, match="no such folder"):
        _remote_files(spark, f"file://{tmp_path}/nowhere", MOVIES)


def test_a_file_without_a_date_in_its_path_is_named(spark: SparkSession, raw: Path) -> None:
    (raw / "stray.json").write_text("[]")

    with pytest.raises(InputError, match=r"stray\.json: no ingestion date"):
        read_records(spark, str(raw), MOVIES)
