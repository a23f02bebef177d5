"""`data/make_fixtures.py` writes the fixtures, and they contain what they are meant to contain."""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from trustedlake.entrypoints.cli.demo import fixtures_dir
from trustedlake.models.built_in import CONTRACTS

DATA = Path(__file__).parents[2] / "data"
WRITTEN_ELSEWHERE = {"expected/digests.json", "tmdb-openapi.json"}


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def expected(name: str) -> Any:
    return json.loads((DATA / "fixtures" / "expected" / f"{name}.json").read_bytes())


def documents(path: Path) -> list[Any]:
    """Every JSON document of a file, read by another road than the package's own."""
    opened = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    text, decoder, found, position = opened.decode("utf-8-sig"), json.JSONDecoder(), [], 0
    while rest := text[position:].lstrip():
        document, end = decoder.raw_decode(rest)
        found.append(document)
        position = len(text) - len(rest) + end
    return found


def records(path: Path) -> list[dict[str, Any]]:
    """The films or series of a file: of arrays and pages the elements."""
    unwrapped = [d["results"] if isinstance(d, dict) and "page" in d else d for d in documents(path)]
    return [record for d in unwrapped for record in (d if isinstance(d, list) else [d])]


def number_of_records(path: Path) -> int:
    """Records framed from the file; one file has a line a record, the last of them cut."""
    if path.as_posix().endswith("Movies/2025/06/17/filmes_001.json"):
        return len(path.read_bytes().splitlines())
    return len(records(path))


def test_the_script_writes_the_committed_fixtures(tmp_path: Path) -> None:
    subprocess.run([sys.executable, DATA / "make_fixtures.py", tmp_path], check=True, capture_output=True)
    committed, written = tree(DATA / "fixtures"), tree(tmp_path)
    assert sorted(committed.keys() - WRITTEN_ELSEWHERE) == sorted(written)
    assert [path for path in written if committed[path] != written[path]] == []


def test_the_package_finds_the_fixtures() -> None:
    assert tree(fixtures_dir() / "lake") == tree(DATA / "fixtures" / "lake")


@pytest.mark.parametrize(("table", "key", "number"), [("tmdb_movies", "movie_id", 12), ("tmdb_series", "series_id", 6)])
def test_every_shape_contains_the_same_records(table: str, key: str, number: int) -> None:
    folder = DATA / "fixtures" / "shapes" / table
    shapes = {path.name: records(path) for path in folder.iterdir() if path.is_file()}
    shapes["objects"] = [record for path in sorted((folder / "objects").iterdir()) for record in records(path)]
    keys = [row[key] for row in expected(table)]
    assert len(keys) == number
    assert len(shapes) == 11
    assert {name: [record.get(key, record.get("id")) for record in found] for name, found in shapes.items()} == (
        dict.fromkeys(shapes, keys)
    )


@pytest.mark.parametrize("table", ["local_movies", "local_series"])
def test_every_csv_shape_contains_the_same_cells(table: str) -> None:
    rows = [
        [r"\N" if value is None else str(value) for name, value in row.items() if name != "rescued"]
        for row in expected(table)
    ]
    for path in (DATA / "fixtures" / "shapes" / table).iterdir():
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        lines = [line for line in data.decode("utf-8-sig").splitlines() if line]
        cells = [
            [cell or r"\N" for cell in row] for row in csv.reader(lines[1:], delimiter="|", quoting=csv.QUOTE_NONE)
        ]
        assert cells == rows, path.name


@pytest.mark.parametrize("table", list(CONTRACTS))
def test_the_expected_rows_have_the_contracts_columns_in_order(table: str) -> None:
    columns = [column.name for column in CONTRACTS[table].columns]
    rows = expected(table)
    assert rows
    assert [list(row) for row in rows] == [[*columns, "rescued"]] * len(rows)


def test_the_fixtures_contain_the_oddities_of_real_files() -> None:
    films = expected("tmdb_movies")
    assert {type(film["vote_average"]) for film in films} == {int, float}
    assert {type(film["popularity"]) for film in films} == {int, float}
    assert max(film["revenue"] for film in films) == 2_923_706_026
    assert any(film["release_date"] is None for film in films)
    assert any(film["runtime"] is None for film in films)
    assert any(film["genres"] == [] for film in films)
    raw = records(DATA / "fixtures" / "shapes" / "tmdb_movies" / "array.json")
    assert {None, ""} <= {film["imdb_id"] for film in raw}
    text = "".join(film["title"] + film["overview"] for film in raw)
    assert [mark for mark in ("\n", "\r\n", "\t", "\u00a0", '"', "\\", "雨", "🎬") if mark not in text] == []


def test_the_counts_of_the_lake_balance_and_pass_the_gate() -> None:
    for table, partitions in expected("lake").items():
        for name, counts in partitions.items():
            assert counts["framed"] == counts["trusted"] + counts["rejected"] + counts["duplicates"], name
            assert counts["rejected"] <= 2, name
            assert name.count("=") == len(CONTRACTS[table].partition)


@pytest.mark.parametrize(("table", "folder"), [("tmdb_movies", "Movies"), ("tmdb_series", "Series")])
def test_each_day_of_the_lake_has_as_many_records_as_expected(table: str, folder: str) -> None:
    raw = DATA / "fixtures" / "lake" / "Raw" / "TMDB" / "JSON" / folder / "2025" / "06"
    for day in raw.iterdir():
        found = sum(number_of_records(path) for path in day.rglob("*") if path.is_file())
        assert found == expected("lake")[table][f"ano=2025/mes=06/dia={day.name}"]["framed"]


def test_the_lake_has_as_many_csv_lines_as_expected() -> None:
    for path in (DATA / "fixtures" / "lake" / "Raw" / "Local" / "CSV").rglob("*.csv"):
        lines = path.read_bytes().splitlines()
        assert len(lines) - 1 == expected("lake")[f"local_{path.stem}"][""]["framed"]


def test_every_hostile_file_has_an_expected_result() -> None:
    fates = expected("hostile")
    assert set(tree(DATA / "fixtures" / "hostile")) == set(fates)
    assert {fate["unreadable"] for fate in fates.values()} == {True, False}
