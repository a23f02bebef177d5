"""Foreign tables for `contract init`: each is loaded, and its values are compared."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.inferred import load
from trustedlake.models.contract import Duplicates

FIXTURES = Path(__file__).parents[3] / "data" / "fixtures"


def types_of(loaded: Any) -> dict[str, str]:
    return {column.name: column.type for column in loaded.proposal.draft.contract.columns}


def csv_text(rows: list[list[str]], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def test_trips_with_timestamps_and_fares_are_loaded(tmp_path: Path) -> None:
    head = [
        "trip_id",
        "pickup_datetime",
        "dropoff_datetime",
        "passenger_count",
        "trip_distance",
        "fare_amount",
        "paid",
        "flag",
    ]
    for month in (1, 2):
        folder = tmp_path / "Raw" / "trips" / "year=2024" / f"month={month:02d}"
        folder.mkdir(parents=True)
        rows = [
            [
                f"T{at:05d}",
                f"2024-{month:02d}-{1 + at % 28:02d} 08:{at % 60:02d}:00",
                f"2024-{month:02d}-{1 + at % 28:02d} 09:00:30",
                "" if at % 50 == 7 else str(1 + at % 4),
                f"{at / 7:.3f}",
                f"{at / 3:.2f}",
                "Y" if at % 3 else "N",
                "0",
            ]
            for at in range(120)
        ]
        (folder / "trips.csv").write_text(csv_text([head, *rows], ","))

    loaded = load([tmp_path / "Raw"], "trips")

    contract = loaded.proposal.draft.contract
    assert types_of(loaded) == {
        "trip_id": "string",
        "pickup_datetime": "timestamp",
        "dropoff_datetime": "timestamp",
        "passenger_count": "bigint",
        "trip_distance": "double",
        "fare_amount": "decimal(18,2)",
        "paid": "boolean",
        "flag": "bigint",
    }
    assert contract.raw.path == ("Raw/trips/year={year:04d}/month={month:02d}",)
    assert (contract.key, contract.partition) == (("trip_id",), ("year", "month"))
    assert loaded.share == 1.0
    assert loaded.rows[1]["pickup_datetime"] == "1704182460000000"
    assert loaded.rows[7]["passenger_count"] is None
    assert [row["paid"] for row in loaded.rows[:3]] == ["false", "true", "true"]


def test_sensor_values_with_decimal_commas_get_a_key_of_two_columns(tmp_path: Path) -> None:
    lines = ["Sensor;Data/Hora;Temperatura °C;Umidade;Situação"]
    for at in range(200):
        temperature = "-" if at == 40 else f"{at // 10},{at % 10}"
        moment = f"{1 + at // 96:02d}/03/2025 {at // 4 % 24:02d}:00:00"
        lines.append(f"S{at % 4};{moment};{temperature};{at % 100};{'ok' if at % 2 else 'falha'}")
    file = tmp_path / "sensores.csv"
    file.write_bytes("\r\n".join(lines).encode("cp1252"))

    loaded = load([file], "sensores")

    contract = loaded.proposal.draft.contract
    assert types_of(loaded) == {
        "Sensor": "string",
        "data_hora": "timestamp",
        "temperatura_c": "double",
        "Umidade": "bigint",
        "situacao": "string",
    }
    assert contract.raw.dialect.encoding == "latin-1"
    assert set(contract.key) == {"data_hora", "Sensor"}
    assert contract.column("temperatura_c").synonyms == ("Temperatura °C",)
    assert contract.raw.nulls == ("", r"\N", "-")
    assert loaded.share == 1.0
    assert loaded.rows[15]["temperatura_c"] == "1.5"
    assert loaded.rows[40]["temperatura_c"] is None


def test_orders_with_nested_customers_and_items_are_loaded(tmp_path: Path) -> None:
    folder = tmp_path / "Raw" / "shop" / "2025-06-17"
    folder.mkdir(parents=True)
    orders = [
        {
            "orderId": 1000 + at,
            "createdAt": f"2025-06-17T{at % 24:02d}:00:00-03:00",
            "customer": {"id": at % 7, "name": f"C{at % 7}", "address": {"city": "Recife", "zip": f"0{at:04d}"}},
            "items": [{"sku": f"s{at}", "qty": 1, "price": 9.9}],
            "tags": ["new", "gift"] if at % 2 else [],
            "coupon": None if at % 3 else "X1",
            "total": at + 0.5,
        }
        for at in range(60)
    ]
    (folder / "orders_001.json").write_text(json.dumps({"orders": orders, "count": 60}))

    loaded = load([folder], "orders")

    contract = loaded.proposal.draft.contract
    assert types_of(loaded) == {
        "orderId": "bigint",
        "createdAt": "timestamp",
        "customer_id": "bigint",
        "customer_name": "string",
        "customer_address_city": "string",
        "customer_address_zip": "string",
        "items": "json",
        "tags": "array<string>",
        "coupon": "string",
        "total": "decimal(18,2)",
    }
    assert contract.raw.records == ("orders[]", "[]", ".")
    assert contract.raw.path == ("Raw/shop/{ano:04d}-{mes:02d}-{dia:02d}",)
    assert contract.key == ("orderId",)
    assert loaded.share == 1.0
    assert loaded.rows[1]["customer_address_zip"] == "00001"
    assert loaded.rows[1]["tags"] == ["new", "gift"]
    assert json.loads(loaded.rows[1]["items"]) == orders[1]["items"]


RENAMED: tuple[tuple[dict[str, str], str], ...] = (
    (
        {"Id": "movie_id", "Título": "title", "Nota Média": "vote_average", "Data de Lançamento": "release_date"},
        "filmes",
    ),
    (
        {"id_filme": "movie_id", "titulo_tmdb": "title", "sinopse": "overview", "data_lancamento": "release_date"},
        "filmes",
    ),
    (
        {
            "tmdbId": "movie_id",
            "originalTitle": "original_title",
            "voteCount": "vote_count",
            "releaseDate": "release_date",
        },
        "films",
    ),
    (
        {
            "Código": "movie_id",
            "Título Original": "original_title",
            "Duração": "runtime",
            "Orçamento": "budget",
            "Receita": "revenue",
            "Título": "title",
        },
        "filmes",
    ),
    (
        {
            "id_pelicula": "movie_id",
            "titulo": "title",
            "resumen": "overview",
            "fecha_estreno": "release_date",
            "idioma_original": "original_language",
        },
        "peliculas",
    ),
    (
        {
            "id_serie": "series_id",
            "Nome": "name",
            "Data da primeira exibição": "first_air_date",
            "Sinopse": "overview",
            "Número de temporadas": "number_of_seasons",
        },
        "series",
    ),
    (
        {
            "ID": "movie_id",
            "Gêneros": "genres",
            "Média de votos": "vote_average",
            "Quantidade de votos": "vote_count",
            "IMDb ID": "imdb_id",
            "título": "title",
        },
        "filmes",
    ),
)
VALUES: dict[str, list[Any]] = {
    "movie_id": [11, 12, 13],
    "series_id": [11, 12, 13],
    "title": ["A", "B", "C"],
    "name": ["A", "B", "C"],
    "original_title": ["A", "B", "C"],
    "overview": ["x", "y", ""],
    "vote_average": [7.1, 6, 5.5],
    "vote_count": [3, 4, 5],
    "release_date": ["2020-01-02", "1999-12-31", ""],
    "first_air_date": ["2020-01-02", "1999-12-31", None],
    "runtime": [90, 120, None],
    "budget": [1, 2, 3],
    "revenue": [1, 2, 5_000_000_000],
    "original_language": ["pt", "en", "es"],
    "number_of_seasons": [1, 2, 3],
    "genres": [["Drama"], [], ["Crime", "Drama"]],
    "imdb_id": ["tt1", "tt2", None],
}


@pytest.mark.parametrize(("names", "table"), RENAMED)
def test_records_of_a_built_in_table_with_other_keys_get_its_columns_and_synonyms(
    names: dict[str, str], table: str, tmp_path: Path
) -> None:
    records = [{key: VALUES[column][at] for key, column in names.items()} for at in range(3)]
    file = tmp_path / "f.json"
    file.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")

    loaded = load([file], table)

    contract = loaded.proposal.draft.contract
    assert loaded.proposal.draft.builtin == ("tmdb_series" if "series_id" in names.values() else "tmdb_movies")
    assert contract.table == table
    assert {column.name for column in contract.columns} == set(names.values())
    assert {key: column.name for column in contract.columns for key in column.synonyms} == names
    assert contract.key in {("movie_id",), ("series_id",)}
    assert loaded.share == 1.0
    assert all(not row["rescued"] for row in loaded.rows)


STRANGERS: tuple[list[dict[str, Any]], ...] = (
    [{"id": 1, "name": "Ana", "status": "active"}, {"id": 2, "name": "Rui", "status": "left"}],
    [{"id": 1, "name": "Ana", "popularity": 3.5, "known_for_department": "Acting"}],
    [{"id": 1, "title": "Post", "body": "x", "userId": 3}],
)


@pytest.mark.parametrize("records", STRANGERS)
def test_a_table_that_shares_only_a_few_names_is_not_taken_for_a_built_in_table(
    records: list[dict[str, Any]], tmp_path: Path
) -> None:
    file = tmp_path / "f.json"
    file.write_text(json.dumps(records))

    loaded = load([file], "strangers")

    assert loaded.proposal.draft.builtin == ""
    assert {column.name for column in loaded.proposal.draft.contract.columns} == set(records[0])


def test_keys_that_differ_between_files_become_sources_of_one_column(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([{"Id": 1, "city": "X"}, {"Id": 2, "city": "Y"}]))
    (tmp_path / "b.json").write_text(json.dumps([{"ID": 3, "city": "Z"}]))

    loaded = load([tmp_path], "places")

    assert loaded.column("Id") == ["1", "2", "3"]
    assert loaded.proposal.draft.contract.key == ("Id",)


def test_keys_that_differ_in_case_within_one_record_become_separate_columns(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([{"Id": 1, "id": 7, "ID": 9}, {"Id": 2, "id": 8, "ID": 10}]))

    loaded = load([tmp_path], "places")

    assert [loaded.column(name) for name in ("Id", "id_2", "ID_3")] == [["1", "2"], ["7", "8"], ["9", "10"]]


def test_columns_named_like_partition_or_lineage_columns_are_renamed(tmp_path: Path) -> None:
    folder = tmp_path / "Raw" / "x" / "2025" / "06" / "17"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text(json.dumps([{"id": 1, "ano": 1999, "file_path": "p", "1st": 2}]))

    loaded = load([tmp_path / "Raw"], "x")

    assert loaded.column("ano_value") == ["1999"]
    assert loaded.column("file_path_2") == ["p"]
    assert loaded.column("c_1st") == ["2"]


def test_films_series_and_people_in_one_list_are_distinguished(tmp_path: Path) -> None:
    results = [
        {"id": 1, "title": "A", "release_date": "2020-01-01", "vote_average": 5.1, "media_type": "movie"},
        {"id": 2, "name": "B", "first_air_date": "2020-01-01", "vote_average": 5.1, "media_type": "tv"},
        {"id": 3, "name": "C", "known_for_department": "Acting", "media_type": "person"},
        {"id": 4, "name": "D", "known_for_department": "Acting"},
    ]
    file = tmp_path / "trending.json"
    file.write_text(json.dumps({"page": 1, "results": results}))

    loaded = load([file], "pessoas")

    raw = loaded.proposal.draft.contract.raw
    assert raw.where == {"media_type": ("person", None)}
    assert raw.one_of == ("known_for_department",)
    assert loaded.column("id") == ["3", "4"]
    assert loaded.records == 2


def test_two_kinds_of_files_in_a_folder_get_a_file_pattern(tmp_path: Path) -> None:
    folder = tmp_path / "Raw" / "2025" / "06" / "17"
    folder.mkdir(parents=True)
    for at in range(2):
        (folder / f"filmes_{at}.json").write_text(json.dumps([{"id": at, "title": "A", "release_date": "2020-01-01"}]))
        (folder / f"pessoas_{at}.json").write_text(json.dumps([{"id": at, "name": "P", "birthday": "1970-01-01"}] * 3))

    loaded = load([tmp_path / "Raw"], "filmes")

    assert loaded.proposal.draft.contract.raw.files == ("filmes_*.json",)
    assert loaded.column("title") == ["A", "A"]
    assert any("pessoas_*.json" in note for note in loaded.proposal.draft.notes)


MIXED: tuple[tuple[list[Any], str], ...] = (
    ([{"name": "a"}, "b", {"name": "c"}], "string"),
    ([{"name": "a"}, "b", {"other": "c"}], "json"),
    ([{"x": 1}, "N/A", ""], "json"),
    ([["a"], [{"name": "b"}], "c"], "array<string>"),
    ([["a", {"name": "b"}], ["c"]], "json"),
    ([[1, 2], "u"], "array<string>"),
    ([[1, 2], "3"], "array<bigint>"),
    ([[[1]], [2]], "json"),
    ([["a"], {"x": 1}], "json"),
    ([[{"x": 1}], []], "json"),
    ([[], None], "array<string>"),
)


@pytest.mark.parametrize(("values", "type_"), MIXED)
def test_a_key_with_values_of_several_kinds_loses_no_value(values: list[Any], type_: str, tmp_path: Path) -> None:
    file = tmp_path / "mixed.json"
    file.write_text(json.dumps([{"id": at, "thing": value} for at, value in enumerate(values)]))

    loaded = load([file], "mixed")

    assert loaded.type_of("thing") == type_
    assert len(loaded.rows) == len(values), loaded.problems


def test_repeated_films_keep_the_last_record_and_line_items_keep_all(tmp_path: Path) -> None:
    lines = [{"order_id": at // 3, "line": at % 3, "sku": f"s{at % 5}"} for at in range(60)]
    file = tmp_path / "lines.json"
    file.write_text(json.dumps(lines))

    contract = load([file], "order_lines").proposal.draft.contract

    assert set(contract.key) == {"order_id", "line"}


def test_the_pair_of_columns_that_never_repeats_becomes_the_key(tmp_path: Path) -> None:
    lines = [{"order_id": at // 3, "customer_id": at // 6, "line": at % 3} for at in range(60)]
    file = tmp_path / "lines.json"
    file.write_text(json.dumps(lines))

    assert set(load([file], "order_lines").proposal.draft.contract.key) == {"order_id", "line"}


def test_one_unambiguous_date_decides_the_format_of_the_others(tmp_path: Path) -> None:
    records = [{"id": at, "sent": f"0{1 + at}/02/2025", "paid": f"0{1 + at}/2{at}/2025"} for at in range(5)]
    file = tmp_path / "f.json"
    file.write_text(json.dumps(records))

    loaded = load([file], "bills")

    assert loaded.column("paid")[1] == "2025-02-21"
    assert loaded.column("sent")[1] == "2025-02-02"
    assert loaded.column("sent")[2] == "2025-03-02"


def test_lines_with_own_values_are_records_even_if_they_contain_a_list(tmp_path: Path) -> None:
    rooms = [{"floor": at, "seats": at * 2} for at in range(5)]
    file = tmp_path / "houses.json"
    file.write_text("\n".join(json.dumps({"city": f"C{at}", "rooms": rooms}) for at in range(4)))

    loaded = load([file], "houses")

    assert loaded.column("city") == ["C0", "C1", "C2", "C3"]


def test_words_for_no_value_become_null_in_number_columns_and_stay_in_text_columns(tmp_path: Path) -> None:
    records = [{"id": at, "seats": at, "owner": "Unknown" if at == 1 else f"O{at}"} for at in range(3)]
    file = tmp_path / "f.json"
    file.write_text(json.dumps([*records, {"id": 3, "seats": "Unknown", "owner": "N/A"}]))

    loaded = load([file], "rooms")

    assert loaded.column("seats") == ["0", "1", "2", None]
    assert loaded.column("owner") == ["O0", "Unknown", "O2", None]


def test_without_a_key_only_equal_rows_are_duplicates(tmp_path: Path) -> None:
    file = tmp_path / "m.json"
    file.write_text(json.dumps([{"level": at % 3, "load": at % 5} for at in range(60)]))

    contract = load([file], "measures").proposal.draft.contract

    assert (contract.key, contract.duplicates) == ((), Duplicates.EQUAL)


def test_an_unreadable_file_is_named_and_the_other_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"id": 1}, {"id": 2}]')
    (tmp_path / "b.json").write_text('[{"id": 3}, {"id": ')
    (tmp_path / "c.json").write_text("<html>")

    loaded = load([tmp_path], "things")

    assert [one.path for one in loaded.proposal.draft.refused] == ["Raw/things/b.json", "Raw/things/c.json"]
    assert "not readable: Raw/things/c.json" in loaded.proposal.text
    assert loaded.column("id") == ["1", "2"]


@pytest.mark.parametrize(
    "shape", sorted((FIXTURES / "shapes").glob("*/*")), ids=lambda one: f"{one.parent.name}/{one.name}"
)
def test_each_shape_of_the_fixtures_is_loaded_completely(shape: Path) -> None:
    loaded = load([shape], "films")

    assert loaded.proposal.draft.builtin == shape.parent.name
    assert loaded.share == 1.0, loaded.problems
    assert not loaded.unreadable


@pytest.mark.parametrize("folder", ["TMDB/JSON/Movies", "TMDB/JSON/Series", "Local/CSV/Movies", "Local/CSV/Series"])
def test_the_lake_of_the_fixtures_is_loaded(folder: str) -> None:
    loaded = load([FIXTURES / "lake" / "Raw" / folder], "films")

    assert loaded.share >= 0.95, loaded.problems
    assert loaded.proposal.lake == FIXTURES / "lake"
