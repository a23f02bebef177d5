"""Which folder of Raw is which partition: path templates, and the names of the folders they become."""

from __future__ import annotations

from datetime import date

import pytest

from trustedlake.core.partition import BadTemplateError, Partitioning, Placed, Template
from trustedlake.core.partition_name import (
    WHOLE,
    canonical_twin,
    date_of,
    is_selected,
    partition_name,
    partition_values,
)

DAY = ("ano", "mes", "dia")
MOVIES = Partitioning(
    ["Raw/TMDB/JSON/Movies/{ano:04d}/{mes:02d}/{dia:02d}", "Raw/TMDB/JSON/{ano:04d}/{mes:02d}/{dia:02d}"],
    DAY,
    stops=frozenset({"raw", "tmdb", "json", "series"}),
)
WIDTHS = {"ano": 4, "mes": 2, "dia": 2}


def place(partitioning: Partitioning, path: str) -> Placed | None:
    folder, _, name = path.rpartition("/")
    return partitioning.place(folder, name)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Raw/TMDB/JSON/Movies/2025/06/17/a.json", (0, ("2025", "06", "17"))),
        ("raw/TMDB/JSON/Movies/2025/06/17/a.json", (0, ("2025", "06", "17"))),
        ("RAW/TMDB/JSON/Movies/2025/06/17/a.json", (0, ("2025", "06", "17"))),
        ("Raw/TMDB/JSON/Movies/2025/6/7/a.json", (0, ("2025", "06", "07"))),
        ("Raw/TMDB/JSON/Movies/ano=2025/mes=01/dia=20/a.json", (0, ("2025", "01", "20"))),
        ("Raw/TMDB/JSON/Movies/ano=2025/mes=1/dia=2/a.json", (0, ("2025", "01", "02"))),
        ("Raw/TMDB/JSON/Movies/2024/01/01/2025/06/17/a.json", (0, ("2025", "06", "17"))),
        ("Raw/TMDB/JSON/Movies/2025/06/17/1894/a.json", (0, ("2025", "06", "17"))),
        ("Raw/TMDB/JSON/Movies/1894/2025/06/17/a.json", (0, ("2025", "06", "17"))),
        ("Raw/TMDB/JSON/Movies/2025/06/17/deep/er/a.json", (0, ("2025", "06", "17"))),
        ("Raw/TMDB/JSON/Movies/2025/06/17/12/01/a.json", (0, ("2025", "06", "17"))),
        ("Raw/TMDB/JSON/Movies/2024/02/29/a.json", (0, ("2024", "02", "29"))),
        ("Raw/TMDB/JSON/Movies/2024/05/06/2025/13/40/a.json", (0, ("2024", "05", "06"))),
        ("Raw/TMDB/JSON/2025/06/17/a.json", (1, ("2025", "06", "17"))),
        ("Raw/TMDB/JSON/War/2025/06/17/a.json", (1, ("2025", "06", "17"))),
        ("Raw/TMDB/JSON/2025/06/17/Movies/a.json", (1, ("2025", "06", "17"))),
        ("Raw/TMDB/JSON/Series/2025/06/17/a.json", None),
        ("Raw/TMDB/JSON/series/2025/06/17/a.json", None),
        ("Raw/TMDB/JSON/2025/06/17/Series/a.json", None),
        ("Raw/TMDB/JSON/Movies/2025/02/29/a.json", None),
        ("Raw/TMDB/JSON/Movies/2025/13/01/a.json", None),
        ("Raw/TMDB/JSON/Movies/2025/00/10/a.json", None),
        ("Raw/TMDB/JSON/Movies/0000/01/01/a.json", None),
        ("Raw/TMDB/JSON/Movies/12025/06/17/a.json", None),
        ("Raw/TMDB/JSON/Movies/2025/06/17.json", None),
        ("Raw/TMDB/JSON/Movies/2025-06-17/a.json", None),
        ("Raw/TMDB/JSON/Movies/\u0662\u0660\u0662\u0665/06/17/a.json", None),
        ("Raw/tmdb/JSON/Movies/2025/06/17/a.json", None),
        ("Other/TMDB/JSON/Movies/2025/06/17/a.json", None),
        ("a.json", None),
        ("", None),
    ],
)
def test_a_raw_file_belongs_to_the_last_date_among_its_folders(path: str, expected: Placed | None) -> None:
    assert place(MOVIES, path) == expected


PLACES = [
    # templates, columns, path, values
    (["Raw/{tema}/{ano:04d}"], ("tema", "ano"), "Raw/War/2025/a.json", ("War", "2025")),
    (["Raw/{tema}/{ano:04d}"], ("ano", "tema"), "Raw/War/2025/a.json", ("2025", "War")),
    (["Raw/{tema}/{ano:04d}"], ("tema", "ano"), "Raw/tema=War/ano=2025/a.json", ("War", "2025")),
    (["Raw/{tema}/{ano:04d}"], ("tema", "ano"), "Raw/War Crime é/2025/a.json", ("War Crime é", "2025")),
    (["Raw/{tema}/{ano:04d}"], ("tema", "ano"), "Raw/2025/a.json", None),
    (["Raw/people"], (), "Raw/people/a.json", ()),
    (["Raw/people"], (), "Raw/people/deep/a.json", ()),
    (["Raw/people"], (), "Raw/peoples/a.json", None),
    (["Raw/people"], (), "Raw/a.json", None),
    (["Raw/CSV/filmes_{ano:04d}.csv"], ("ano",), "Raw/CSV/filmes_2025.csv", ("2025",)),
    (["Raw/CSV/filmes_{ano:04d}.csv"], ("ano",), "Raw/CSV/series_2025.csv", None),
    (["Raw/CSV/filmes_{ano:04d}.csv"], ("ano",), "Raw/CSV/filmes_2025.csv.gz", None),
    (["Raw/CSV/{ano:04d}/lote_{mes:02d}.csv"], ("ano", "mes"), "Raw/CSV/2025/lote_6.csv", ("2025", "06")),
    (["Raw/d_{ano:04d}{mes:02d}"], ("ano", "mes"), "Raw/d_202506/a.json", ("2025", "06")),
    (["Raw/{year:04d}/{month:02d}/{day:02d}"], ("year", "month", "day"), "Raw/2025/02/30/a.json", None),
    (["Raw/{ano:04d}/{mes:02d}"], ("ano", "mes"), "Raw/2025/13/a.json", ("2025", "13")),
    (["A/{d:02d}", "B/x/{d:02d}"], ("d",), "B/x/7/a.json", ("07",)),
]


@pytest.mark.parametrize(("templates", "columns", "path", "values"), PLACES)
def test_placeholders_become_partition_columns(
    templates: list[str], columns: tuple[str, ...], path: str, values: tuple[str, ...] | None
) -> None:
    placed = place(Partitioning(templates, columns), path)
    assert (placed.values if placed else None) == values


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("2025/06/17/a.json", ("2025", "06", "17")),
        ("/2025/06/17/a.json", ("2025", "06", "17")),
        ("mnt/drop/2025/6/17/x/a.json", ("2025", "06", "17")),
        ("s3://bucket-2024-01-02/drop/2025/06/17/a.json", ("2025", "06", "17")),
        ("drop/Series/2025/06/17/a.json", ("2025", "06", "17")),
        ("s3://lake-2024/drop/a.json", None),
        ("a.json", None),
    ],
)
def test_in_an_explicit_input_only_the_placeholders_must_match(path: str, expected: tuple[str, ...] | None) -> None:
    folder, _, name = path.rpartition("/")
    placed = MOVIES.place_anywhere(folder, name)
    assert (placed.values if placed else None) == expected


@pytest.mark.parametrize("text", ["Raw/{ano:3d}", "Raw/{}", "Raw/{ano", "Raw/x}", "Raw/{a b}", "Raw/{1a}"])
def test_a_template_that_no_folder_can_match_is_refused(text: str) -> None:
    with pytest.raises(BadTemplateError):
        Partitioning([text], Template(text).names).place("Raw/2025", "a.json")


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"ano": "2025", "mes": "06", "dia": "17"}, "ano=2025/mes=06/dia=17"),
        ({"tema": "War Crime é"}, "tema=War Crime é"),
        ({"tema": "a/b=c%d:e"}, "tema=a%2Fb%3Dc%25d%3Ae"),
        ({"tema": "x\ny"}, "tema=x%0Ay"),
        ({}, ""),
    ],
)
def test_partition_names_and_values_are_each_others_inverse(values: dict[str, str], name: str) -> None:
    assert partition_name(tuple(values), tuple(values.values())) == name
    assert partition_values(name) == values


@pytest.mark.parametrize("name", ["ano", "ano=", "=2025", "ano=2025/x", "ano=1/ano=2", "/ano=1", "ano=1/"])
def test_an_invalid_partition_folder_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a partition folder"):
        partition_values(name)


@pytest.mark.parametrize(
    ("name", "twin"),
    [
        ("ano=2025/mes=6/dia=17", "ano=2025/mes=06/dia=17"),
        ("ano=2025/mes=06/dia=7", "ano=2025/mes=06/dia=07"),
        ("ano=2025/mes=006/dia=17", "ano=2025/mes=06/dia=17"),
        ("ano=2025/mes=06/dia=17", None),
        ("ano=2025/mes=13/dia=1", None),
        ("ano=2025/mes=06", None),
        ("mes=6/ano=2025/dia=17", None),
        ("part-00000.parquet", None),
        ("ano=\u0662025/mes=6/dia=17", None),
    ],
)
def test_a_folder_written_with_integers_has_a_canonical_twin(name: str, twin: str | None) -> None:
    assert canonical_twin(name, WIDTHS) == twin


def test_text_partition_values_have_no_twin() -> None:
    assert canonical_twin("tema=6", {"tema": 0}) is None
    assert canonical_twin("tema=6/mes=6", {"tema": 0, "mes": 2}) == "tema=6/mes=06"


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("ano=2025/mes=06/dia=17", date(2025, 6, 17)),
        ("year=2025/month=06/day=17/region=sul", date(2025, 6, 17)),
        ("dt=2025-06-17", date(2025, 6, 17)),
        ("dt=20250617", date(2025, 6, 17)),
        ("region=sul/day=2025-06-17", date(2025, 6, 17)),
        ("day=2025-06-17/region=sul", date(2025, 6, 17)),
        ("region=sul/code=20250617", None),  # a number, unless it is the only folder
        ("from=2025-06-17/to=2025-06-18", None),
        ("region=sul/day=2025-06-31", None),
        ("region=sul", None),
        ("ano=2025/mes=06", None),
        ("", None),
    ],
)
def test_the_day_of_a_partition_may_stand_in_one_folder_or_in_three(name: str, day: date | None) -> None:
    assert date_of(name) == day
    assert day is None or is_selected(name, str(day))


def test_a_dash_selects_only_a_table_without_partitions() -> None:
    assert is_selected("", WHOLE)
    assert not is_selected("dt=2025-06-17", WHOLE)
