"""DuckDB as the floor: read, cast, write by partition; nothing is checked, and duplicates stay."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from tests.benchmarks.generator import CSV, MOVIES
from tests.benchmarks.peers import CSV_COLUMNS, INGESTED, TRUSTED_CSV, TRUSTED_MOVIES

# Declared, for else a sample of rows decides; `format` is left to DuckDB, which then takes arrays and lines.
# The files end in `release_date` "", which is not a date: text, and cast afterwards.
FILMS = {
    "movie_id": "BIGINT",
    "title": "VARCHAR",
    "overview": "VARCHAR",
    "release_date": "VARCHAR",
    "popularity": "DOUBLE",
    "vote_average": "DOUBLE",
    "vote_count": "BIGINT",
    "collection": "VARCHAR",
    "genres": "VARCHAR[]",
    "keywords": "VARCHAR[]",
}


def movies(lake: Path) -> None:
    """Films -> Parquet by ingestion date."""
    dates = ", ".join(
        f"regexp_extract(filename, '{INGESTED}', {group}) AS {name}"
        for group, name in enumerate(("ano", "mes", "dia"), start=1)
    )
    duckdb.execute(
        f"""
        COPY (
            SELECT * EXCLUDE (filename) REPLACE (CAST(nullif(release_date, '') AS DATE) AS release_date), {dates}
            FROM read_json('{lake / MOVIES}/**/*.json', columns = {FILMS}, filename = true)
        ) TO '{_made(lake / TRUSTED_MOVIES)}' (FORMAT parquet, PARTITION_BY (ano, mes, dia), OVERWRITE_OR_IGNORE)
        """
    )


def csv(lake: Path) -> None:
    """The pipe-separated file -> Parquet."""
    target = _made(lake / TRUSTED_CSV) / "part-00000.parquet"
    duckdb.execute(
        f"""
        COPY (
            FROM read_csv('{lake / CSV}/**/*.csv', columns = {CSV_COLUMNS}, header = true, delim = '|', quote = '',
                          escape = '', nullstr = ['\\N', ''], auto_detect = false)
        ) TO '{target}' (FORMAT parquet)
        """
    )


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    {"movies": movies, "csv": csv}[sys.argv[1]](Path(sys.argv[2]).absolute())
