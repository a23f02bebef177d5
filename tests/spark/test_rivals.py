"""Records not in Trusted, judged beside the Trusted rows, get the same verdicts as among all records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.frames import framed, framed_row
from trustedlake.core.judging.schema import to_columns
from trustedlake.core.judging.verdict import judge, with_rivals
from trustedlake.models.built_in import CONTRACTS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.interpreted

MOVIES, LOCAL = CONTRACTS["tmdb_movies"], CONTRACTS["local_movies"]


def film(movie: str, file: str, index: int, dia: str = "17", **texts: Any) -> dict[str, Any]:
    known: dict[str, Any] = {"movie_id": movie, "title": "Heat", "genres": ["Crime", None], "popularity": "-0.0"}
    return framed_row(MOVIES, known | texts, file_path=file, record_index=index, dia=dia, rescued={"x": "1"})


def line(movie: str, index: int, artist: str = "Al", file: str = "m.csv") -> dict[str, Any]:
    texts = {"id": movie, "tituloPincipal": "Heat", "notaMedia": "8.0", "nomeArtista": artist, "personagem": None}
    return framed_row(LOCAL, texts, file_path=file, record_index=index)


CASES = {
    "films": (
        MOVIES,
        [
            *(film("7", "a", 0), film("7", "a", 1), film("7", "b", 0), film("8", "b", 1)),  # one key in two files
            *(film("17", "c", 0), film("17", "d", 0, "18"), film("17", "d", 1, "18")),  # one key on two days
            # A rejected record wins nothing.
            *(film("27", "e", 0), film("27", "e", 1), film("27", "e", 2, title=""), film("0", "e", 3)),
        ],
        {"a#0": "b#0", "a#1": "b#0", "d#0": "d#1", "e#0": "e#1", "e#2": None, "e#3": None},
    ),
    "lines: only equal ones are duplicates": (
        LOCAL,
        [
            line("tt1", 2),
            line("tt1", 3, "Bob"),
            line("tt1", 4),
            line("tt2", 5),
            line("x", 6),
            line("tt2", 2, file="n.csv"),
        ],
        {"m.csv#2": "m.csv#4", "m.csv#5": "n.csv#2", "m.csv#6": None},
    ),
}


@pytest.mark.parametrize(("contract", "rows", "winners"), CASES.values(), ids=CASES)
def test_records_judged_beside_trusted_rows_get_the_same_verdicts_as_among_all_records(
    session: SparkSession, contract: Any, rows: list[dict[str, Any]], winners: dict[str, str | None]
) -> None:
    among_all = judge(to_columns(framed(session, contract, rows), contract), contract, run_id="r1")
    expected = sorted(among_all.quarantined.collect())
    refused = {(row["file_path"], row["record_index"]) for row in expected}
    assert {f"{row['file_path']}#{row['record_index']}": row["winner"] for row in expected} == winners

    left = [row for row in rows if (row["file_path"], row["record_index"]) in refused]
    records = with_rivals(to_columns(framed(session, contract, left), contract), among_all.trusted, contract)
    again = judge(records, contract, run_id="r1")

    assert sorted(again.quarantined.collect()) == expected
    trusted = {(row["file_path"], row["record_index"]) for row in again.trusted.collect()}
    assert trusted <= {(row["file_path"], row["record_index"]) for row in among_all.trusted.collect()}
