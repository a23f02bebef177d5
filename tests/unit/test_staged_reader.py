"""What is counted in staged Parquet, and which files are refused because they don't fit the contract."""

from __future__ import annotations

import time
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.support.framed import frame, frame_csv
from tests.support.witness import witness_crc
from trustedlake.adapters.parquet.staged_reader import ParquetStagedReader
from trustedlake.core.facts import FileCounts
from trustedlake.errors import ImbalanceError
from trustedlake.models.built_in import CONTRACTS

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.models.contract import Contract

MOVIES = CONTRACTS["tmdb_movies"]
LOCAL = CONTRACTS["local_movies"]
READER = ParquetStagedReader()

TYPES = {
    "string": pa.string(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "date": pa.date32(),
    "boolean": pa.bool_(),
    # Spark calls a list's elements `element`, pysail `item`.
    "array<string>": pa.list_(pa.field("element", pa.string())),
    "array<bigint>": pa.list_(pa.field("item", pa.int64())),
}
QUARANTINE = pa.schema(
    [
        ("file_path", pa.string()),
        ("record_index", pa.int32()),
        ("verdict", pa.string()),
        ("reasons", pa.list_(pa.field("item", pa.string()))),
        ("raw", pa.string()),
        ("winner", pa.string()),
        ("run_id", pa.string()),
        ("contract", pa.int32()),
    ]
)


def trusted_schema(contract: Contract) -> pa.Schema:
    columns = [(column.name, TYPES[str(column.type)]) for column in contract.columns]
    lineage = [("file_path", pa.string()), ("record_index", pa.int32())]
    return pa.schema([*columns, ("rescued", pa.map_(pa.string(), pa.string())), *lineage])


def trusted(path: Path, rows: list[dict[str, Any]], contract: Contract = MOVIES, **options: Any) -> Path:
    parquet.write_table(pa.Table.from_pylist(rows, schema=trusted_schema(contract)), path, **options)
    return path


def quarantine(path: Path, rows: list[dict[str, Any]]) -> Path:
    filled = [{"reasons": [], "run_id": "r", "contract": 1, **row} for row in rows]
    parquet.write_table(pa.Table.from_pylist(filled, schema=QUARANTINE), path)
    return path


def rejected(file: str, index: int, raw: str, *reasons: str, verdict: str = "rejected") -> dict[str, Any]:
    return {"file_path": file, "record_index": index, "verdict": verdict, "reasons": list(reasons), "raw": raw}


def test_written_rows_balance_with_framed_records(tmp_path: Path) -> None:
    content = '[{"id":"007","title":"A"},{"id":2,"title":[1]},null,{"id":7.0,"title":"Ação"},{"id":3,"title":""}]'
    facts = frame(content, "a.json").facts
    other = frame('{"id":9,"title":"Z"}', "b.json").facts
    accepted = [
        {"file_path": "a.json", "record_index": 3, "movie_id": 7, "title": "Ação"},
        {"file_path": "b.json", "record_index": 0, "movie_id": 9, "title": "Z"},
    ]
    refused = [
        rejected("a.json", 0, '{"id":"007","title":"A"}', verdict="duplicate"),
        rejected("a.json", 1, '{"id":2,"title":[1]}', "title|type"),
        rejected("a.json", 2, "null", "record|not_object"),
        rejected("a.json", 4, '{"id":3,"title":""}', "title|blank"),
        rejected("c.json", -1, "line 1: truncated", verdict="unreadable"),
    ]
    counts = READER.count(
        [trusted(tmp_path / f"t{n}.parquet", [row]) for n, row in enumerate(accepted)],
        [quarantine(tmp_path / "q0.parquet", refused[:2]), quarantine(tmp_path / "q1.parquet", refused[2:])],
        MOVIES,
        {},
    )
    assert counts == {
        "a.json": FileCounts(trusted=1, rejected=3, duplicates=1, witness=facts.witness),
        "b.json": FileCounts(trusted=1, witness=other.witness),
    }


def test_csv_rows_balance_whatever_the_column_order_of_their_file(tmp_path: Path) -> None:
    framed = frame_csv("tituloPrincipal|id|nomeArtista\nA|tt1|Ana\nB|tt2|\\N\nA|tt1|Ana\nshort\n")
    rows = [
        {"file_path": "movies.csv", "record_index": 3, "id": "tt2", "tituloPincipal": "B", "nomeArtista": None},
        {"file_path": "movies.csv", "record_index": 4, "id": "tt1", "tituloPincipal": "A", "nomeArtista": "Ana"},
    ]
    refused = [
        rejected("movies.csv", 2, "A|tt1|Ana", verdict="duplicate"),
        rejected("movies.csv", 5, "short", "line|short"),
    ]
    staged = ([trusted(tmp_path / "t.parquet", rows, LOCAL)], [quarantine(tmp_path / "q.parquet", refused)])
    counts = READER.count(*staged, LOCAL, {"movies.csv": framed.facts.header})
    assert counts["movies.csv"] == FileCounts(2, 1, 1, framed.facts.witness)
    without = READER.count(*staged, LOCAL, {})
    assert without["movies.csv"].witness != framed.facts.witness


def test_swapped_records_are_noticed(tmp_path: Path) -> None:
    rows = [{"file_path": "a", "record_index": n, "movie_id": n + 1, "title": "x"} for n in range(2)]
    swapped = [{**row, "movie_id": 2 - n} for n, row in enumerate(rows)]
    right = READER.count([trusted(tmp_path / "a.parquet", rows)], [], MOVIES, {})["a"]
    wrong = READER.count([trusted(tmp_path / "b.parquet", swapped)], [], MOVIES, {})["a"]
    assert right.witness == witness_crc(b"1\x1fx", 0) + witness_crc(b"2\x1fx", 1) != wrong.witness


def test_a_million_rows_are_counted_in_seconds(tmp_path: Path) -> None:
    rows = 1_000_000
    files = pa.array([f"Raw/{n // 10_000}.json" for n in range(rows)])
    columns = {"movie_id": pa.array(range(rows), pa.int64()), "title": pa.array([f"Film {n}" for n in range(rows)])}
    columns |= {"file_path": files, "record_index": pa.array([n % 10_000 for n in range(rows)], pa.int32())}
    schema = trusted_schema(MOVIES)
    table = pa.table(
        [columns.get(name, pa.nulls(rows, schema.field(name).type)) for name in schema.names], schema=schema
    )
    parquet.write_table(table, tmp_path / "big.parquet")
    started = time.process_time()
    counts = READER.count([tmp_path / "big.parquet"], [], MOVIES, {})
    assert time.process_time() - started < 10
    assert {one.trusted for one in counts.values()} == {10_000}
    assert counts["Raw/0.json"].witness == sum(witness_crc(f"{n}\x1fFilm {n}".encode(), n) for n in range(10_000))


def _without(name: str) -> pa.Schema:
    schema = trusted_schema(MOVIES)
    return schema.remove(schema.get_field_index(name))


def _with(name: str, kind: pa.DataType) -> pa.Schema:
    schema = trusted_schema(MOVIES)
    place = schema.get_field_index(name)
    return schema.set(place, pa.field(name, kind)) if place >= 0 else schema.append(pa.field(name, kind))


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (_without("title"), "title is missing"),
        (_without("record_index"), "record_index is missing"),
        (_with("movie_id", pa.string()), "movie_id is string, not bigint"),
        (_with("genres", pa.string()), "genres is string, not array<string>"),
        (_with("genre_ids", pa.list_(pa.int32())), "genre_ids is list<.*>, not array<bigint>"),
        (_with("rescued", pa.string()), "rescued is string, not map"),
        (_with("release_date", pa.timestamp("us")), "release_date is timestamp"),
        (_with("surprise", pa.string()), "surprise is not the contract's"),
    ],
)
def test_a_file_with_another_schema_than_the_contract_is_refused_by_name(
    schema: pa.Schema, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "wrong.parquet"
    parquet.write_table(schema.empty_table(), path)
    with pytest.raises(ImbalanceError, match=rf"wrong\.parquet: .*{message}"):
        READER.count([path], [], MOVIES, {})
    with pytest.raises(ImbalanceError, match=message):
        READER.contents([path], [], MOVIES, {})


def test_a_quarantine_file_with_another_schema_is_refused_by_name(tmp_path: Path) -> None:
    parquet.write_table(QUARANTINE.remove(4).empty_table(), tmp_path / "q.parquet")
    with pytest.raises(ImbalanceError, match=r"q\.parquet: .*raw is missing"):
        READER.count([], [tmp_path / "q.parquet"], MOVIES, {})


def test_a_damaged_file_is_refused_by_name(tmp_path: Path) -> None:
    rows = [{"file_path": "a", "record_index": n, "movie_id": n, "title": f"{n}" * 9} for n in range(2_000)]
    whole = trusted(tmp_path / "t.parquet", rows, compression="zstd").read_bytes()
    holes = whole[:200] + bytes(6_000) + whole[6_200:]
    for content in (b"", b"PAR1", whole[:-100], holes):
        (tmp_path / "t.parquet").write_bytes(content)
        with pytest.raises(ImbalanceError, match=r"t\.parquet: the staged file can't be read"):
            READER.count([tmp_path / "t.parquet"], [], MOVIES, {})


@pytest.mark.parametrize("statistics", [True, False])
def test_the_contents_list_columns_reasons_and_the_first_refused_records(statistics: bool, tmp_path: Path) -> None:
    rows = [
        {
            "file_path": "a",
            "record_index": 0,
            "movie_id": 1,
            "title": "A",
            "genres": [],
            "release_date": date(2024, 1, 2),
        },
        {"file_path": "a", "record_index": 1, "movie_id": 2, "title": "B", "genre_ids": [None, 28], "revenue": 0},
    ]
    refused = [rejected("b", 9, "x" * 500, "movie_id|missing", "title|blank")]
    refused += [rejected("a", n, "{}", "movie_id|missing") for n in (12, 3, 7, 5, 11)]
    refused += [rejected("a", 1, "{}", verdict="duplicate")]
    contents = READER.contents(
        [trusted(tmp_path / f"{n}.parquet", [row], write_statistics=statistics) for n, row in enumerate(rows)],
        [quarantine(tmp_path / f"q{n}.parquet", [row]) for n, row in enumerate(refused)],
        MOVIES,
        {},
    )
    assert contents.columns == ("movie_id", "title", "release_date", "genres", "revenue", "genre_ids")
    assert contents.reasons == {"movie_id|missing": 6, "title|blank": 1}
    assert [(one.file_path, one.record_index) for one in contents.refused] == [("a", n) for n in (3, 5, 7, 11, 12)]
    assert {one.verdict for one in contents.refused} == {"rejected"}
    first = READER.contents([], [quarantine(tmp_path / "one.parquet", refused[:1])], MOVIES, {}).refused[0]
    assert (first.raw, first.reasons) == ("x" * 200, ("movie_id|missing", "title|blank"))


def test_without_staged_files_all_counts_are_empty() -> None:
    assert READER.count([], [], MOVIES, {}) == {}
    contents = READER.contents([], [], MOVIES, {})
    assert (contents.columns, contents.reasons, contents.refused) == ((), {}, ())
