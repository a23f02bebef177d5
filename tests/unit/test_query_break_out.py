"""Fifty attempts to make a query do more than read the published tables; none succeeds."""

from __future__ import annotations

import re
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pytest

from tests.support.published_lake import publish_rows
from trustedlake.adapters.duckdb.query import DuckDBQuery, Readable
from trustedlake.adapters.duckdb.select_only import Named, require_select
from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.app.querying import published_table
from trustedlake.errors import ConfigError, TrustedLakeError
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.lake import default_paths

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WRITES = [
    "COPY tmdb_movies TO 'out.csv'",
    "COPY (SELECT 1) TO 'out.parquet' (FORMAT parquet)",
    "WITH x AS (COPY (SELECT 1) TO 'out.csv') SELECT 1",
    "EXPORT DATABASE 'out'",
    "ATTACH 'out.db'",
    "ATTACH ':memory:' AS other",
    "CREATE TABLE x AS SELECT 1",
    "CREATE OR REPLACE VIEW tmdb_movies AS SELECT 1",
    "CREATE TEMP TABLE x (a INT)",
    "CREATE MACRO f(a) AS a",
    "CREATE SECRET s (TYPE s3)",
    "CREATE SEQUENCE s",
    "CREATE SCHEMA s",
    "DROP VIEW tmdb_movies",
    "ALTER VIEW tmdb_movies RENAME TO x",
    "INSERT INTO tmdb_movies (movie_id) VALUES (1)",
    "UPDATE tmdb_movies SET title = ''",
    "DELETE FROM tmdb_movies",
    "WITH x AS (DELETE FROM tmdb_movies RETURNING *) SELECT * FROM x",
    "WITH x AS (INSERT INTO tmdb_movies (movie_id) VALUES (1) RETURNING *) SELECT * FROM x",
    "SELECT 1; DROP VIEW tmdb_movies",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO 'out.csv'",
    "BEGIN TRANSACTION",
    "CHECKPOINT",
    "VACUUM",
    "PREPARE p AS SELECT 1",
    "IMPORT DATABASE 'out'",
    "SELECT * FROM enable_logging('QueryLog', storage = 'file', storage_path = 'out')",
]
READS = [
    "FROM 'secret.csv'",
    'SELECT * FROM "secret.csv"',
    "FROM read_csv('secret.csv')",
    "FROM READ_CSV_AUTO('secret.csv')",
    "FROM main.read_csv('secret.csv')",
    "FROM read_text('secret.csv')",
    "FROM read_blob('secret.csv')",
    "FROM read_json('secret.csv')",
    "FROM read_parquet('secret.parquet')",
    "FROM parquet_metadata('secret.parquet')",
    "FROM sniff_csv('secret.csv')",
    "FROM glob('*')",
    "SELECT (SELECT content FROM read_text('secret.csv'))",
    "SELECT 1 WHERE EXISTS (FROM read_text('secret.csv'))",
    "WITH x AS MATERIALIZED (FROM read_text('secret.csv')) FROM x",
    "FROM tmdb_movies, LATERAL (FROM read_text('secret.csv'))",
    "DESCRIBE FROM read_csv('secret.csv')",
    "SUMMARIZE FROM read_csv('secret.csv')",
    "FROM query('FROM read_text(''secret.csv'')')",
    "FROM query_table('secret.csv')",
    "FROM 'https://example.invalid/a.parquet'",
    "FROM 's3://bucket/a.parquet'",
    "FROM arrow_scan(1::POINTER, 2::POINTER, 3::POINTER)",
    "FROM pandas_scan(1::POINTER)",
    "FROM python_secret",
    "FROM duckdb_secrets()",
    "FROM json_execute_serialized_sql(json_serialize_sql('FROM read_text(''secret.csv'')'))",
    "PIVOT (FROM read_csv('secret.csv')) ON column0",
    "SELECT getenv('HOME')",
]
SETTINGS = [
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "RESET enable_external_access",
    "SET VARIABLE x = 1",
    "PRAGMA enable_profiling",
    "CALL enable_logging()",
    "INSTALL httpfs",
    "LOAD httpfs",
    "USE memory",
    "FROM enable_profiling()",
    "FROM checkpoint()",
    "FROM disable_optimizer()",
]


@pytest.fixture
def query(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DuckDBQuery]:
    store = LocalStore(tmp_path / "lake", ManualClock())
    publish_rows(store, {"ano=2025/mes=06/dia=17": [{"movie_id": 1, "title": "One"}]})
    table = published_table(store, default_paths(CONTRACTS["tmdb_movies"]), CONTRACTS["tmdb_movies"])
    assert table is not None
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    (tmp_path / "cwd/secret.csv").write_text("text,more\nthe secret,1\nthe secret,2\n")
    with closing(DuckDBQuery([Readable(table, store.address, lambda: None)])) as query:
        yield query


def test_there_are_at_least_fifty_attempts() -> None:
    assert len({*WRITES, *READS, *SETTINGS}) >= 50


@pytest.mark.parametrize("sql", [*WRITES, *READS, *SETTINGS])
def test_each_attempt_is_refused_and_leaves_nothing_behind(query: DuckDBQuery, tmp_path: Path, sql: str) -> None:
    python_secret = pa.table({"text": ["the secret"]})
    with pytest.raises(TrustedLakeError) as caught:
        list(query.ask(sql).rows)
    assert isinstance(caught.value, ConfigError)
    assert "the secret" not in caught.value.message
    assert python_secret.num_rows == 1
    if sql in {*WRITES, *SETTINGS}:
        assert re.match("a query (only reads|reads the published tables only|is one statement)", caught.value.message)
    assert [path.name for path in (tmp_path / "cwd").iterdir()] == ["secret.csv"]
    assert list(query.ask("SELECT movie_id, title FROM tmdb_movies").rows) == [(1, "One")]
    for name, value in (("enable_external_access", False), ("lock_configuration", True), ("temp_directory", "")):
        assert list(query.ask(f"SELECT current_setting('{name}')").rows) == [(value,)]


def test_checking_the_query_refuses_attempts_without_the_settings() -> None:
    """The second wall. It does not stop a name in FROM, which DuckDB alone would open as a file."""
    let_through = []
    with closing(duckdb.connect(":memory:")) as unlocked:
        for sql in [*READS, *SETTINGS, *WRITES]:
            with suppress(ConfigError):
                require_select(unlocked, sql)
                let_through.append(sql)
    assert let_through == [
        "FROM 'secret.csv'",
        'SELECT * FROM "secret.csv"',
        "FROM 'https://example.invalid/a.parquet'",
        "FROM 's3://bucket/a.parquet'",
        "FROM python_secret",
        "SELECT getenv('HOME')",
    ]


@pytest.mark.parametrize("sql", [*READS, *SETTINGS, *WRITES])
def test_the_settings_refuse_attempts_without_checking_the_query(
    query: DuckDBQuery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    """Two walls: a query that passes the first by mistake still can neither write nor read a file."""
    if "_scan(" in sql:
        pytest.skip("pointers into memory: only the look at the query keeps them out")
    monkeypatch.setattr("trustedlake.adapters.duckdb.query.require_select", lambda *_: Named(frozenset(), frozenset()))
    try:
        shown = str(list(query.ask(sql).rows))
    except TrustedLakeError as error:
        shown = error.message
    assert "the secret" not in shown
    assert [path.name for path in (tmp_path / "cwd").iterdir()] == ["secret.csv"]


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT count(*) FROM tmdb_movies", 1),
        ("FROM tmdb_movies", 1),
        ("TABLE tmdb_movies", 1),
        ("VALUES (1), (2)", 2),
        ("WITH x AS (SELECT 1 AS a) SELECT a FROM x UNION ALL SELECT 2", 2),
        ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) FROM n", 5),
        ("SELECT i FROM range(3) r(i)", 3),
        ("SELECT unnest([1, 2])", 2),
        ("SELECT g FROM tmdb_movies, unnest(['a', 'b']) u(g)", 2),
        ("SHOW TABLES", 2),
        ("DESCRIBE tmdb_movies", 25),
        ("SUMMARIZE tmdb_movies", 25),
        ("SELECT * FROM tmdb_movies PIVOT (count(*) FOR mes IN ('06'))", 1),
        ("SELECT 'COPY x TO y; DROP TABLE z' AS text", 1),
        ("SELECT 1 /* ; DROP */ -- ; COPY\n;", 1),
        ("SELECT title, row_number() OVER (ORDER BY title) FROM tmdb_movies QUALIFY row_number() OVER () = 1", 1),
    ],
)
def test_queries_that_only_read_are_answered(query: DuckDBQuery, sql: str, rows: int) -> None:
    assert len(list(query.ask(sql).rows)) == rows
