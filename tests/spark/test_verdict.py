"""Every record ends in Trusted or in Quarantine, with all reasons; the last of equal records wins."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.support.frames import FILM, films, framed, framed_row
from trustedlake.core.judging.digest import row_hash
from trustedlake.core.judging.schema import to_columns
from trustedlake.core.judging.verdict import Judged, judge
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.contract import Duplicates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pyspark.sql import Column, SparkSession

    from trustedlake.models.contract import Contract

pytestmark = pytest.mark.interpreted

MOVIES, SERIES, LOCAL = CONTRACTS["tmdb_movies"], CONTRACTS["tmdb_series"], CONTRACTS["local_movies"]


def judged(session: SparkSession, contract: Contract, rows: Iterable[Mapping[str, Any]], **options: Any) -> Judged:
    return judge(to_columns(framed(session, contract, rows), contract), contract, **options)


def addresses(judged_rows: Judged) -> tuple[set[tuple[str, int]], dict[tuple[str, int], tuple[str, str | None]]]:
    """Trusted as (file, index); quarantined as (file, index) -> (verdict, winner)."""
    trusted = [(row["file_path"], row["record_index"]) for row in judged_rows.trusted.collect()]
    refused = judged_rows.quarantined.collect()
    quarantined = {(row["file_path"], row["record_index"]): (row["verdict"], row["winner"]) for row in refused}
    assert len(trusted) == len(set(trusted))
    assert len(refused) == len(quarantined)
    assert not set(trusted) & set(quarantined)
    return set(trusted), quarantined


REASON_CASES: list[tuple[dict[str, str | None], str | None, list[str]]] = [
    ({"movie_id": "1"}, None, []),
    ({"movie_id": None}, None, ["movie_id|missing"]),
    ({"movie_id": "0"}, None, ["movie_id|range"]),
    ({"movie_id": "-4"}, None, ["movie_id|range"]),
    ({"movie_id": "9223372036854775808"}, None, ["movie_id|type"]),
    ({"movie_id": None}, "movie_id|type", ["movie_id|type"]),
    ({"movie_id": "6"}, "movie_id|conflict", ["movie_id|conflict"]),
    ({"movie_id": "2", "title": None}, None, ["title|missing"]),
    ({"movie_id": "3", "title": ""}, None, ["title|blank"]),
    ({"movie_id": "4", "title": " \t\u00a0"}, None, ["title|blank"]),
    ({"movie_id": "12", "title": "\u200b\ufeff\u2060"}, None, ["title|blank"]),
    ({"movie_id": "5", "vote_average": "10"}, None, []),
    ({"movie_id": "6", "vote_average": "10.1"}, None, ["vote_average|range"]),
    ({"movie_id": "7", "vote_average": "-0.1"}, None, ["vote_average|range"]),
    ({"movie_id": "8", "vote_average": "0", "popularity": "0", "vote_count": "0"}, None, []),
    ({"movie_id": "9", "revenue": "-1", "runtime": "-1"}, None, ["runtime|range", "revenue|range"]),
    ({"movie_id": None, "title": None}, "movie_id|type,genres|type", ["movie_id|type", "genres|type", "title|missing"]),
    ({"movie_id": "10", "title": None}, "title|type", ["title|type"]),
    ({"movie_id": "11", "title": None}, "original_title|type", ["original_title|type", "title|missing"]),
    ({"movie_id": None, "runtime": "2147483648"}, "title|type,b|type",
     ["title|type", "b|type", "movie_id|missing", "runtime|type"]),
    ({"movie_id": None, "title": None}, "record|not_object", ["record|not_object"]),
    ({"movie_id": None, "title": None}, "record|not_tmdb_movies", ["record|not_tmdb_movies"]),
    ({"movie_id": None, "title": None}, "line|short", ["line|short"]),
    ({"movie_id": None, "title": None}, "file|unreadable", ["file|unreadable"]),
]  # fmt: skip


def test_a_rejected_record_has_the_reasons_of_framing_then_all_others_in_contract_order(session: SparkSession) -> None:
    rows = [
        framed_row(MOVIES, {"title": "Heat", **texts}, record_index=index, problem=problem)
        for index, (texts, problem, _) in enumerate(REASON_CASES)
    ]

    verdicts = judged(session, MOVIES, rows, run_id="r1")

    expected = {index: reasons for index, (*_, reasons) in enumerate(REASON_CASES)}
    refused = {row["record_index"]: row for row in verdicts.quarantined.collect()}
    trusted = {row["record_index"] for row in verdicts.trusted.collect()}
    assert {index: row["reasons"] for index, row in refused.items()} == {i: r for i, r in expected.items() if r}
    assert trusted == {index for index, reasons in expected.items() if not reasons}
    assert {row["verdict"] for row in refused.values() if row["reasons"] == ["file|unreadable"]} == {"unreadable"}
    assert {row["verdict"] for row in refused.values() if row["reasons"] != ["file|unreadable"]} == {"rejected"}


def test_a_quarantined_row_has_what_is_needed_to_find_and_fix_its_record(session: SparkSession) -> None:
    row = framed_row(
        MOVIES, {"title": "Heat"}, file_path="a.json", record_index=7, raw='{"id": "5k"}', problem="movie_id|type"
    )

    verdicts = judged(session, MOVIES, [row], run_id="r1")

    assert [field.simpleString() for field in verdicts.quarantined.schema] == [
        "file_path:string",
        "record_index:int",
        "verdict:string",
        "reasons:array<string>",
        "raw:string",
        "winner:string",
        "run_id:string",
        "contract:int",
        "ano:string",
        "mes:string",
        "dia:string",
    ]
    assert [tuple(row) for row in verdicts.quarantined.collect()] == [
        ("a.json", 7, "rejected", ["movie_id|type"], '{"id": "5k"}', None, "r1", MOVIES.version, "2025", "06", "17")
    ]


def test_trusted_columns_are_the_contracts_then_rescued_lineage_and_date(session: SparkSession) -> None:
    rescued = {"adult": "false", "tagline": "x"}
    rows = [framed_row(MOVIES, FILM, rescued=rescued)]

    trusted = judged(session, MOVIES, rows).trusted

    names = [column.name for column in MOVIES.columns]
    assert trusted.columns == [*names, "rescued", "file_path", "record_index", "ano", "mes", "dia"]
    assert trusted.collect()[0]["rescued"] == rescued


def test_a_table_without_partitions_has_no_date_columns(session: SparkSession) -> None:
    verdicts = judged(session, LOCAL, [framed_row(LOCAL, {"id": "tt1"}), framed_row(LOCAL, {"id": "1"})])

    assert verdicts.trusted.columns[-3:] == ["rescued", "file_path", "record_index"]
    assert verdicts.quarantined.columns[-2:] == ["run_id", "contract"]
    assert [row["reasons"] for row in verdicts.quarantined.collect()] == [["id|pattern"]]


def test_the_last_record_of_a_key_in_a_partition_wins_by_file_and_index(session: SparkSession) -> None:
    def film(path: str, index: int, movie: str, dia: str = "17", **texts: str) -> dict[str, Any]:
        return framed_row(
            MOVIES, {"movie_id": movie, "title": "Heat", **texts}, file_path=path, record_index=index, dia=dia
        )

    rows = [
        film("b.json", 0, "1"),
        film("a.json", 10, "1"),
        film("b.json", 2, "1"),
        film("b.json", 10, "1"),  # 10 comes after 2: by number, not by text
        film("B.json", 99, "1"),  # capital letters come first in byte order
        film("b.json", 11, "1", vote_count="-1"),  # a rejected record doesn't compete
        film("é.json", 0, "2"),  # beyond ASCII comes last
        film("z.json", 5, "2"),
        film("b.json", 0, "1", dia="18"),  # another day
        film("c.json", 0, "3"),
    ]

    trusted, quarantined = addresses(judged(session, MOVIES, rows[:-2]))

    assert trusted == {("b.json", 10), ("é.json", 0)}
    assert quarantined == {
        ("b.json", 0): ("duplicate", "b.json#10"),
        ("a.json", 10): ("duplicate", "b.json#10"),
        ("b.json", 2): ("duplicate", "b.json#10"),
        ("B.json", 99): ("duplicate", "b.json#10"),
        ("b.json", 11): ("rejected", None),
        ("z.json", 5): ("duplicate", "é.json#0"),
    }
    apart = judged(session, MOVIES, [rows[0], rows[-2], rows[-1]])
    assert apart.quarantined.count() == 0
    assert apart.trusted.count() == 3


def test_without_a_key_only_rows_equal_in_every_column_are_duplicates(session: SparkSession) -> None:
    def line(number: int, rescued: dict[str, str] | None = None, **texts: str | None) -> dict[str, Any]:
        names = {"id": "tt1", "tituloPincipal": "Heat", "nomeArtista": "Al"}
        return framed_row(LOCAL, names | texts, file_path="m.csv", record_index=number, rescued=rescued)

    rows = [
        line(2),
        line(3),
        line(4, nomeArtista="Robert"),
        line(5, nomeArtista=None),
        line(6, nomeArtista=None),
        line(7, personagem="Al", nomeArtista=None),  # a value in another column is another row
        line(8, {"nota": "1"}),
        line(9, {"nota": "2"}),
        line(10, {"nota": "1"}),
        line(11, notaMedia="7"),
        line(12, notaMedia="7.0"),  # the same number
        line(13, notaMedia="-1"),
        line(14, notaMedia="-1"),
    ]

    trusted, quarantined = addresses(judged(session, LOCAL, rows))

    assert {index for _, index in trusted} == {3, 4, 6, 7, 9, 10, 12}
    assert {index: verdict for (_, index), verdict in quarantined.items()} == {
        2: ("duplicate", "m.csv#3"),
        5: ("duplicate", "m.csv#6"),
        8: ("duplicate", "m.csv#10"),
        11: ("duplicate", "m.csv#12"),
        13: ("rejected", None),
        14: ("rejected", None),
    }


ONE_HASH = (
    "maquinis........................ta antig........................",
    "rplghero........................SL4/3[{?........................",
)
"""Two texts that xxhash64 can't tell apart as `personagem` of the line below: made for it."""

WITHOUT_KEY = MOVIES.model_copy(update={"duplicates": Duplicates.EQUAL})


def equal_hashes(contract: Contract, texts: Mapping[str, Any], key: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    return [
        framed_row(contract, {**texts, key: value}, file_path="m", record_index=number)
        for number, value in enumerate(values)
    ]


MADE_FOR_IT = equal_hashes(
    LOCAL, {"id": "tt77", "tituloPincipal": "Farol"}, "personagem", [*ONE_HASH, *ONE_HASH, *ONE_HASH]
)
IN_RESCUED = [
    framed_row(LOCAL, {"id": "tt1"}, file_path="m", record_index=number, rescued=rescued)
    for number, rescued in enumerate(
        [{"a": "1\x1fb=2"}, {"a": "1", "b": "2"}, {"a": "1\x1fb=2"}], start=len(MADE_FOR_IT)
    )
]
IN_A_LIST = equal_hashes(
    WITHOUT_KEY, FILM, "genres", [["a\x1fb", "c"], ["a", "b\x1fc"], ["a\x1fb", "c"], [], [""], [None], ["\x1e"]]
)


class Collision(NamedTuple):
    """Rows of a contract by their index: which have one hash, and which of all are kept."""

    contract: Contract
    rows: list[dict[str, Any]]
    alike: list[set[int]]
    kept: set[int]


COLLISIONS = {
    "made for it and in rescued": Collision(LOCAL, [*MADE_FOR_IT, *IN_RESCUED], [{0, 1, 2}, {6, 7, 8}], {4, 5, 7, 8}),
    "in a list": Collision(WITHOUT_KEY, IN_A_LIST, [{0, 1, 2}], {1, 2, 3, 4, 5, 6}),
}


@pytest.mark.parametrize("case", COLLISIONS.values(), ids=COLLISIONS)
@pytest.mark.parametrize("in_the_way", [False, True], ids=["in order", "backwards"])
def test_rows_with_the_same_hash_are_duplicates_only_if_their_values_are_equal(
    session: SparkSession, case: Collision, in_the_way: bool
) -> None:
    contract, rows, alike, kept = case
    typed = to_columns(framed(session, contract, rows[::-1] if in_the_way else rows), contract)
    hashes = dict(map(tuple, typed.select("record_index", hash_of(contract)).collect()))
    for indexes in alike:
        assert len({hashes[index] for index in indexes}) == 1, "the case is one"

    trusted, quarantined = addresses(judge(typed, contract))

    assert {index for _, index in trusted} == kept
    assert {verdict for verdict, _ in quarantined.values()} == {"duplicate"}
    for (_, index), (_, winner) in quarantined.items():
        won = rows[int(str(winner).rpartition("#")[2])]
        assert {**won, "record_index": 0} == {**rows[index], "record_index": 0}


def hash_of(contract: Contract) -> Column:
    return row_hash(contract, with_partition=False).alias("hash")


def test_if_the_last_record_of_a_key_is_rejected_the_one_before_it_wins(session: SparkSession) -> None:
    trusted, quarantined = addresses(
        judge(to_columns(films(session, MOVIES, [{}, {}, {"popularity": "-1"}]), MOVIES), MOVIES)
    )

    assert trusted == {("f.json", 1)}
    assert quarantined == {("f.json", 0): ("duplicate", "f.json#1"), ("f.json", 2): ("rejected", None)}


def test_duplicates_are_found_among_thousands_of_keys(session: SparkSession) -> None:
    pick = Random(20)
    rows = []
    for index in range(4000):
        key = pick.choice([None, *map(str, range(1, 1500))])
        texts = {"movie_id": key, "title": "Heat", "popularity": pick.choice(["1", "1", "-1"])}
        rows.append(framed_row(MOVIES, texts, file_path=f"{index % 3}.json", record_index=index, dia=f"{index % 2:02}"))
    winners: dict[tuple[str, str], tuple[str, int]] = {}
    for row in rows:
        if row["text_movie_id"] is not None and row["text_popularity"] == "1":
            home = (row["dia"], row["text_movie_id"])
            winners[home] = max(winners.get(home, ("", 0)), (row["file_path"], row["record_index"]))
    accepted = {
        (row["file_path"], row["record_index"]): winners[row["dia"], row["text_movie_id"]]
        for row in rows
        if row["text_movie_id"] is not None and row["text_popularity"] == "1"
    }

    trusted, quarantined = addresses(judged(session, MOVIES, rows))

    assert trusted == set(winners.values())
    assert len(trusted) + len(quarantined) == len(rows)
    duplicates = {place: winner for place, (verdict, winner) in quarantined.items() if verdict == "duplicate"}
    assert duplicates == {place: f"{file}#{index}" for place, (file, index) in accepted.items() if place not in trusted}


def test_among_thousands_of_lines_only_equal_lines_are_duplicates(session: SparkSession) -> None:
    pick = Random(21)
    lines = [(f"tt{pick.randrange(1200)}", pick.choice("ab"), pick.choice(["1", "1.0", "2"])) for _ in range(4000)]
    rows = [
        framed_row(LOCAL, {"id": key, "nomeArtista": name, "notaMedia": mark}, file_path="m.csv", record_index=number)
        for number, (key, name, mark) in enumerate(lines)
    ]
    last = {(key, name, float(mark)): number for number, (key, name, mark) in enumerate(lines)}

    trusted, quarantined = addresses(judged(session, LOCAL, rows))

    assert {number for _, number in trusted} == set(last.values())
    assert {number: winner for (_, number), (_, winner) in quarantined.items()} == {
        number: f"m.csv#{last[key, name, float(mark)]}"
        for number, (key, name, mark) in enumerate(lines)
        if last[key, name, float(mark)] != number
    }


def test_without_records_both_frames_are_empty(session: SparkSession) -> None:
    verdicts = judge(to_columns(framed(session, SERIES, []), SERIES), SERIES)

    assert verdicts.trusted.count() == 0
    assert verdicts.quarantined.count() == 0
