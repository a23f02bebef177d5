"""What a query sees: the published rows, by the ledger, as the contract types them."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.lakes import store_of
from tests.support.published_lake import TABLES, parquet_of, publish_rows
from trustedlake.adapters.query.duckdb_query import DuckDBQuery
from trustedlake.app.querying.published import published_table
from trustedlake.errors import ConfigError, InputError, RetriableError
from trustedlake.models.lake import default_paths
from trustedlake.models.tables import CONTRACTS

if TYPE_CHECKING:
    from typing import BinaryIO

    from trustedlake.adapters.stores.memory_store import MemoryStore

DAYS = {
    "ano=2025/mes=06/dia=16": [{"movie_id": 1, "title": "One, as it was"}, {"movie_id": 2, "title": "Two"}],
    "ano=2025/mes=06/dia=17": [{"movie_id": 1, "title": "One"}],
    "ano=2025/mes=12/dia=01": [{"movie_id": 3, "title": "Three"}],
}
FOLDER = "Trusted/TMDB/Parquet/Movies"


@pytest.fixture
def store() -> MemoryStore:
    store = store_of({})
    publish_rows(store, DAYS)
    return store


def ask(store: MemoryStore, sql: str) -> list[tuple[Any, ...]]:
    found = [(name, published_table(store, default_paths(*TABLES[name]), CONTRACTS[name])) for name in TABLES]
    with closing(DuckDBQuery([(store, table) for _, table in found if table is not None])) as query:
        return list(query.ask(sql).rows)


def names_of(store: MemoryStore, sql: str) -> tuple[str, ...]:
    table = published_table(store, default_paths(*TABLES["tmdb_movies"]), CONTRACTS["tmdb_movies"])
    assert table is not None
    with closing(DuckDBQuery([(store, table)])) as query:
        return query.ask(sql).names


def test_partition_columns_are_strings_with_their_zeros(store: MemoryStore) -> None:
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
def test_a_condition_on_the_date_reads_those_days_alone(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch, where: str, read: int
) -> None:
    opened, really = set(), store.open

    def noted(key: str) -> BinaryIO:
        opened.add(key)
        return really(key)

    monkeypatch.setattr(store, "open", noted)
    ask(store, f"SELECT title FROM tmdb_movies WHERE {where}")
    assert len(opened) == read


def test_the_current_view_has_the_latest_ingestion_of_each_film(store: MemoryStore) -> None:
    assert ask(store, "SELECT movie_id, title, mes, dia FROM tmdb_movies_current ORDER BY 1") == [
        (1, "One", "06", "17"),
        (2, "Two", "06", "16"),
        (3, "Three", "12", "01"),
    ]


def test_the_current_view_has_the_columns_of_its_table(store: MemoryStore) -> None:
    assert names_of(store, "FROM tmdb_movies_current") == names_of(store, "FROM tmdb_movies")


@pytest.mark.parametrize("element", ["element", "item"])
def test_every_type_comes_as_the_contract_says_whatever_the_engine_calls_elements(element: str) -> None:
    store = store_of({})
    row = {
        "movie_id": 2**40,
        "title": "Última Sessão 🎬",
        "release_date": date(1966, 12, 18),
        "popularity": 1.5,
        "runtime": 90,
        "genres": ["Crime", "War"],
        "genre_ids": [80, 10752],
        "rescued": [("tagline", "a")],
    }
    publish_rows(store, {"ano=2025/mes=06/dia=17": [{"movie_id": 1}]})
    key = f"{FOLDER}/ano=2025/mes=06/dia=17/part-00000.parquet"
    data = parquet_of([row], element=element)
    filled = len(data)
    ledger = publish_rows(store, {"ano=2025/mes=06/dia=17": [row]})
    store.put(key, data)
    known = ledger.partitions["ano=2025/mes=06/dia=17"].trusted[0]
    assert known.key == key
    table = published_table(store, default_paths(*TABLES["tmdb_movies"]), CONTRACTS["tmdb_movies"])
    assert table is not None
    parts = {"ano=2025/mes=06/dia=17": (known.model_copy(update={"size": filled}),)}
    with closing(DuckDBQuery([(store, table.model_copy(update={"partitions": parts}))])) as query:
        got = dict(zip(*[query.ask("FROM tmdb_movies").names, *query.ask("FROM tmdb_movies").rows], strict=True))
    assert {name: got[name] for name in row} == row | {"rescued": {"tagline": "a"}}
    assert got["overview"] is None


def test_the_csv_tables_have_no_partition_columns() -> None:
    store = store_of({})
    publish_rows(store, {"": [{"id": "tt1", "tituloPincipal": "Um"}]}, table="local_movies")
    assert ask(store, "SELECT id, tituloPincipal FROM local_movies") == [("tt1", "Um")]
    with pytest.raises(ConfigError, match='column "ano" not found'):
        ask(store, "SELECT ano FROM local_movies")


def test_films_join_the_csv_by_imdb_id(store: MemoryStore) -> None:
    publish_rows(store, {"ano=2025/mes=06/dia=17": [{"movie_id": 1, "title": "One", "imdb_id": "tt1"}]})
    publish_rows(store, {"": [{"id": "tt1", "nomeArtista": "A"}, {"id": "tt2"}]}, table="local_movies")
    joined = "SELECT m.title, l.nomeArtista FROM tmdb_movies_current m JOIN local_movies l ON l.id = m.imdb_id"
    assert ask(store, joined) == [("One", "A")]


def test_a_file_that_the_ledger_does_not_know_is_not_seen(store: MemoryStore) -> None:
    store.put(f"{FOLDER}/ano=2025/mes=06/dia=16/part-00001.parquet", parquet_of([{"movie_id": 9}]))
    store.put(f"{FOLDER}/ano=2025/mes=6/dia=16/part-00000.parquet", parquet_of([{"movie_id": 9}]))
    store.put(f"{FOLDER}/ano=2025/mes=06/dia=16/notes.txt", b"nothing")
    assert ask(store, "SELECT count(*) FROM tmdb_movies") == [(4,)]


@pytest.mark.parametrize("now", [None, parquet_of([{"movie_id": 7, "title": "From a run that is publishing"}])])
def test_a_file_that_is_not_what_the_ledger_knows_is_never_half_seen(store: MemoryStore, now: bytes | None) -> None:
    key = f"{FOLDER}/ano=2025/mes=06/dia=17/part-00000.parquet"
    store.delete(key)
    if now:
        store.put(key, now)
    with pytest.raises(RetriableError, match="dia=17/part-00000") as caught:
        ask(store, "SELECT count(title) FROM tmdb_movies")
    assert "audit" in caught.value.hint
    assert ask(store, "SELECT title FROM tmdb_movies WHERE mes = '12'") == [("Three",)]


def test_equal_column_names_are_told_apart(store: MemoryStore) -> None:
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
def test_a_wrong_query_is_told_with_its_place_and_what_to_do(
    store: MemoryStore, sql: str, message: str, hint: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        ask(store, sql)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize("name", ["tmdb_series", "tmdb_series_current", "TMDB_SERIES", "main.tmdb_series"])
def test_a_table_of_which_nothing_is_published_is_no_spelling_mistake(store: MemoryStore, name: str) -> None:
    with pytest.raises(InputError, match="nothing of tmdb_series is published") as caught:
        ask(store, f"FROM {name}")
    assert caught.value.hint.startswith("trustedlake to-trusted --source tmdb")
