"""polars: files into frames, frames into partitioned Parquet; of equal ids in a day one is kept, by one line."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import polars as pl

from tests.benchmarks.generator import CSV, MOVIES
from tests.benchmarks.peers import CSV_COLUMNS, INGESTED, TRUSTED_CSV, TRUSTED_MOVIES

FILMS = {
    "movie_id": pl.Int64,
    "title": pl.String,
    "overview": pl.String,
    "release_date": pl.String,
    "popularity": pl.Float64,
    "vote_average": pl.Float64,
    "vote_count": pl.Int64,
    "collection": pl.String,
    "genres": pl.List(pl.String),
    "keywords": pl.List(pl.String),
}
TYPES = {"VARCHAR": pl.String, "INTEGER": pl.Int32, "BIGINT": pl.Int64, "DOUBLE": pl.Float64}
PARTITION = ("ano", "mes", "dia")


def movies(lake: Path) -> None:
    """Films -> Parquet by ingestion date."""
    # read_json takes one file, and with a schema it does not guess from the first rows.
    films = pl.concat([_films_of(path) for path in sorted((lake / MOVIES).rglob("*.json"))])
    kept = films.with_columns(pl.col("release_date").replace("", None).str.to_date()).unique(
        ["movie_id", *PARTITION], keep="last"
    )
    kept.write_parquet(pl.PartitionBy(lake / TRUSTED_MOVIES, key=PARTITION, include_key=False), mkdir=True)


def csv(lake: Path) -> None:
    """The pipe-separated file -> Parquet, streamed."""
    (source,) = (lake / CSV).rglob("*.csv")
    lines = pl.scan_csv(
        source,
        separator="|",
        quote_char=None,
        null_values=[r"\N", ""],
        schema={name: TYPES[kind] for name, kind in CSV_COLUMNS.items()},
    )
    lines.sink_parquet(lake / TRUSTED_CSV / "part-00000.parquet", mkdir=True)


def _films_of(path: Path) -> pl.DataFrame:
    found = re.search(INGESTED, path.as_posix())
    assert found, path
    dates = {name: pl.lit(text) for name, text in zip(PARTITION, found.groups(), strict=True)}
    return pl.read_json(path, schema=FILMS).with_columns(**dates)


if __name__ == "__main__":
    {"movies": movies, "csv": csv}[sys.argv[1]](Path(sys.argv[2]).absolute())
