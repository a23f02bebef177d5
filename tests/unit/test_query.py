"""What a query sees: the published rows, as the ledger lists them and the contract types them."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.published_lake import parquet_of, publish_rows
from trustedlake.adapters.duckdb.query import DuckDBQuery, Readable
from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.app.querying import published_table, require_unchanged
from trustedlake.entrypoints.cli.query import PRINTERS
from trustedlake.errors import ConfigError, InputError, RetriableError
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.lake import default_paths

if TYPE_CHECKING:
    from pathlib import Path

DAYS = {
    "ano=2025/mes=06/dia=16": [{"movie_id": 1, "title": "One, as it was"}, {"movie_id": 2, "title": "Two"}],
    "ano=2025/mes=06/dia=17": [{"movie_id": 1, "title": "One"}],
    "ano=2025/mes=12/dia=01": [{"movie_id": 3, "title": "Three"}],
}
FOLDER = "Trusted/TMDB/Parquet/Movies"


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    store = LocalStore(tmp_path, ManualClock())
    publish_rows(store, DAYS)
    return store


def query(store: LocalStore) -> DuckDBQuery:
    found = [published_table(store, default_paths(one), one) for one in CONTRACTS.values()]
    tables = [table for table in found if table is not None]
    return DuckDBQuery([Readable(one, store.address, partial(require_unchanged, store, one)) for one in tables])


def ask(store: LocalStore, sql: str) -> list[tuple[Any, ...]]:
    with closing(query(store)) as tables:
        return list(tables.ask(sql).rows)


def names_of(store: LocalStore, sql: str) -> tuple[str, ...]:
    with closing(query(store)) as tables:
        return tables.ask(sql).names


def test_partition_columns_are_strings_with_leading_zeros(store: LocalStore) -> None:
    assert ask(store, "SELECT DISTINCT ano, mes, dia FROM tmdb_movies ORDER BY ALL") == [
        ("2025", "06", "16"),
        ("2025", "06", "17"),
        ("2025", "12", "01"),
    ]


@pytest.mark.parametrize(
    ("where", "read"),
    [
        ("ano = '2025' AND mes = '06' AND dia = '17'", 1),
        ("mes = '06'", 2),
        ("mes >= '07'", 1),
        ("dia IN ('16', '01')", 2),
        ("mes = '07'", 0),
        ("true", 3),
    ],
)
def test_a_condition_on_the_date_reads_only_those_days(store: LocalStore, where: str, read: int) -> None:
    """The files of the other days are no Parquet but have the same size: opening one would fail."""
    with closing(query(store)) as tables:
        wanted = set(tables.ask(f"SELECT DISTINCT ano, mes, dia FROM tmdb_movies WHERE {where}").rows)
    assert len(wanted) == read
    for info in store.list(FOLDER):
        ano, mes, dia = (part.split("=")[1] for part in info.key.removeprefix(f"{FOLDER}/").split("/")[:3])
        if (ano, mes, dia) not in wanted:
            store.put(info.key, b"x" * info.size)
    assert len(ask(store, f"SELECT DISTINCT mes, dia FROM tmdb_movies WHERE title <> '' AND {where}")) == read


def test_the_current_view_has_the_latest_ingestion_of_each_film(store: LocalStore) -> None:
    assert ask(store, "SELECT movie_id, title, mes, dia FROM tmdb_movies_current ORDER BY 1") == [
        (1, "One", "06", "17"),
        (2, "Two", "06", "16"),
        (3, "Three", "12", "01"),
    ]


def test_the_current_view_has_the_columns_of_its_table(store: LocalStore) -> None:
    assert names_of(store, "FROM tmdb_movies_current") == names_of(store, "FROM tmdb_movies")


@pytest.mark.parametrize("element", ["element", "item"])
def test_every_column_has_its_contract_type_whatever_the_engine_names_list_elements(
    store: LocalStore, element: str
) -> None:
    row = {
        "movie_id": 2**40,
        "title": "Última Sessão 🎬",
        "release_date": date(1966, 12, 18),
        "popularity": 1.5,
        "runtime": 90,
        "genres": ["Crime", "War"],
        "genre_ids": [80, 10752],
    }
    publish_rows(store, {"ano=2025/mes=06/dia=17": [row | {"rescued": [("tagline", "a")]}]}, element=element)
    (got,) = ask(store, "FROM tmdb_movies")
    named = dict(zip(names_of(store, "FROM tmdb_movies"), got, strict=True))
    assert {name: named[name] for name in row} == row
    assert named["rescued"] == {"tagline": "a"}
    assert named["overview"] is None


def test_the_csv_tables_have_no_partition_columns(store: LocalStore) -> None:
    publish_rows(store, {"": [{"id": "tt1", "tituloPincipal": "Um"}]}, table="local_movies")
    assert ask(store, "SELECT id, tituloPincipal FROM local_movies") == [("tt1", "Um")]
    with pytest.raises(ConfigError, match='column "ano" not found'):
        ask(store, "SELECT ano FROM local_movies")


def test_films_can_be_joined_with_the_csv_table_by_imdb_id(store: LocalStore) -> None:
    publish_rows(store, {"ano=2025/mes=06/dia=17": [{"movie_id": 1, "title": "One", "imdb_id": "tt1"}]})
    publish_rows(store, {"": [{"id": "tt1", "nomeArtista": "A"}, {"id": "tt2"}]}, table="local_movies")
    joined = "SELECT m.title, l.nomeArtista FROM tmdb_movies_current m JOIN local_movies l ON l.id = m.imdb_id"
    assert ask(store, joined) == [("One", "A")]


def test_a_query_does_not_see_files_unknown_to_the_ledger(store: LocalStore) -> None:
    store.put(f"{FOLDER}/ano=2025/mes=06/dia=16/part-00001.parquet", parquet_of([{"movie_id": 9}]))
    store.put(f"{FOLDER}/ano=2025/mes=6/dia=16/part-00000.parquet", parquet_of([{"movie_id": 9}]))
    store.put(f"{FOLDER}/ano=2025/mes=06/dia=16/notes.txt", b"nothing")
    assert ask(store, "SELECT count(*) FROM tmdb_movies") == [(4,)]


@pytest.mark.parametrize("now", [None, parquet_of([{"movie_id": 7, "title": "From a run that is publishing"}])])
def test_a_file_that_differs_from_the_ledger_is_an_error(store: LocalStore, now: bytes | None) -> None:
    key = f"{FOLDER}/ano=2025/mes=06/dia=17/part-00000.parquet"
    store.delete(key)
    if now:
        store.put(key, now)
    with pytest.raises(RetriableError, match="dia=17/part-00000") as caught:
        ask(store, "SELECT count(title) FROM tmdb_movies")
    assert "audit" in caught.value.hint
    publish_rows(store, {"": [{"id": "tt1"}]}, table="local_movies")
    assert ask(store, "SELECT id FROM local_movies") == [("tt1",)]


def test_equal_column_names_are_made_distinct(store: LocalStore) -> None:
    assert names_of(store, "SELECT 1 AS n, 2 AS n, 3 AS n_1") == ("n", "n_1", "n_1_1")


@pytest.mark.parametrize(
    ("sql", "message", "hint"),
    [
        ("SELCT 1", "LINE 1: SELCT 1\n        ^", "tables: tmdb_movies"),
        ("SELECT titel FROM tmdb_movies", "LINE 1: SELECT titel FROM tmdb_movies\n               ^", "DESCRIBE"),
        ("SELECT 1 FROM tmdb_film", "LINE 1: SELECT 1 FROM tmdb_film\n                      ^", "tables: tmdb_movies"),
        ("FROM tmdb_moveis", "tmdb_moveis does not exist", "did you mean tmdb_movies?"),
        ("FROM tmdb_movie_current", "does not exist", "did you mean tmdb_movies_current?"),
        ("SELECT title::INT FROM tmdb_movies", "Could not convert string", "tables: tmdb_movies"),
        ("SELECT now()", "a time with a time zone", "cast it"),
        ("", "one statement, not 0", "one SELECT"),
        ("-- nothing", "one statement, not 0", "one SELECT"),
        ("SELECT 1; SELECT 2", "one statement, not 2", "one SELECT"),
    ],
)
def test_a_wrong_query_is_an_error_with_place_and_hint(store: LocalStore, sql: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ask(store, sql)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize("name", ["tmdb_series", "tmdb_series_current", "TMDB_SERIES", "main.tmdb_series"])
def test_an_unpublished_table_is_not_reported_as_a_spelling_mistake(store: LocalStore, name: str) -> None:
    with pytest.raises(InputError, match="nothing of tmdb_series is published") as caught:
        ask(store, f"FROM {name}")
    assert caught.value.hint.startswith("trustedlake to-trusted --source tmdb ")
    assert "--lake" in caught.value.hint


@pytest.mark.parametrize(
    ("form", "printed"),
    [
        ("csv", 'total,parts\n12345678901234567.80,"[0.10, null]"\n'),
        ("json", '[\n{"total": 12345678901234567.80, "parts": [0.10, null]}\n]\n'),
        ("ndjson", '{"total": 12345678901234567.80, "parts": [0.10, null]}\n'),
    ],
)
def test_decimals_are_printed_with_all_their_digits(
    store: LocalStore, capsys: pytest.CaptureFixture[str], form: str, printed: str
) -> None:
    """They used to be printed as floats: 1.2345678901234568e+16, and 27.0 for 27.00."""
    sql = "SELECT 12345678901234567.8::DECIMAL(20,2) AS total, [0.1::DECIMAL(4,2), NULL] AS parts"
    with closing(query(store)) as tables:
        answer = tables.ask(sql)
        PRINTERS[form](answer.names, answer.rows)
    assert capsys.readouterr().out == printed
