"""What the port `Engine` promises, tested on every implementation."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from tests.support.frames import batch_of, framed_row
from trustedlake.adapters.parquet.staged_schema import open_trusted
from trustedlake.adapters.spark import judged_batch
from trustedlake.adapters.spark.session_engine import SessionEngine
from trustedlake.core.partition_name import escaped
from trustedlake.errors import EngineError
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.column import Column
from trustedlake.models.contract import Contract
from trustedlake.models.raw import Raw, RawFormat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pyspark.sql import SparkSession

    from trustedlake.adapters.spark.spark_engine import SparkEngine
    from trustedlake.ports import Engine

MOVIES, LOCAL = CONTRACTS["tmdb_movies"], CONTRACTS["local_movies"]


@pytest.fixture(params=["spark", "a caller's session", "pysail"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "a caller's session":
        return SessionEngine(request.getfixturevalue("spark"))
    fixture = "spark_engine" if request.param == "spark" else "sail_engine"
    started: Engine = request.getfixturevalue(fixture)
    return started


THEMED = Contract(
    table="themed",
    raw=Raw(path=("Raw/{tema}/{ano:04d}",), format=RawFormat.JSON),
    trusted="Trusted/Themed",
    partition=("tema", "ano"),
    key=("id",),
    columns=(
        Column(name="id", type="bigint", minimum=1),
        Column(name="at", type="timestamp"),
        Column(name="ats", type="array<timestamp>"),
        Column(name="price", type="decimal(10,2)"),
        Column(name="prices", type="array<decimal(10,2)>"),
        Column(name="on", type="date"),
        Column(name="ons", type="array<date>"),
        Column(name="flags", type="array<boolean>"),
        Column(name="marks", type="array<double>"),
    ),
)
EVERY = {
    "at": "-1",
    "ats": ["-1", None],
    "price": "-0.50",
    "prices": ["12345678.99", None],
    "on": "1500-01-01",
    "ons": [None, "9999-12-31"],
    "flags": ["true", None, "false"],
    "marks": ["0.5", None],
}


def themed(theme: str, texts: Mapping[str, Any], index: int, file: str = "f.json") -> dict[str, Any]:
    return framed_row(THEMED, texts, file_path=file, record_index=index) | {"tema": theme, "ano": "2025"}


def film(movie: int | str, dia: str = "17", index: int = 0, **columns: Any) -> dict[str, Any]:
    texts = {"movie_id": str(movie), "title": "Heat", "genres": ["Crime"], "release_date": "1500-01-01"}
    return framed_row(MOVIES, texts, file_path=f"{dia}.json", record_index=index, dia=dia, **columns)


def line(number: int, movie: str = "tt1") -> dict[str, Any]:
    texts = {"id": movie, "tituloPincipal": "Heat", "nomeArtista": str(number)}
    return framed_row(LOCAL, texts, file_path="m.csv", record_index=number)


def files(folder: Path) -> list[str]:
    """Every file below the folder, hidden ones too: its partition and whether it is Parquet."""
    found = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return sorted(f"{path.parent}/*{path.suffix}" for path in found)


def rows(folder: Path, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """The rows of all files, each read by itself: what is in the files and not in their folders' names."""
    tables = [pq.ParquetFile(path).read(columns=list(columns)) for path in sorted(folder.rglob("*.parquet"))]
    return sorted((tuple(row.values()) for table in tables for row in table.to_pylist()), key=str)


def test_trusted_and_quarantine_get_one_file_per_date_folder_and_nothing_else(engine: Engine, tmp_path: Path) -> None:
    given = [film(1), film(2, index=1), film(1, index=2), film(3, "18"), film("0", "18", 1), film("-1", "19")]
    trusted, quarantine = tmp_path / "t", tmp_path / "q"

    engine.judge(
        batch_of(tmp_path / "framed", MOVIES, given), MOVIES, run_id="r1", trusted=trusted, quarantine=quarantine
    )

    assert files(trusted) == [f"ano=2025/mes=06/dia={dia}/*.parquet" for dia in ("17", "18")]
    assert files(quarantine) == [f"ano=2025/mes=06/dia={dia}/*.parquet" for dia in ("17", "18", "19")]
    assert not (trusted / "ano=2025/mes=06/dia=19").exists()
    assert rows(trusted, ["movie_id", "file_path", "record_index"]) == [
        (1, "17.json", 2),
        (2, "17.json", 1),
        (3, "18.json", 0),
    ]
    assert rows(quarantine, ["file_path", "record_index", "verdict", "reasons", "winner", "run_id", "contract"]) == [
        ("17.json", 0, "duplicate", [], "17.json#2", "r1", MOVIES.version),
        ("18.json", 1, "rejected", ["movie_id|range"], None, "r1", MOVIES.version),
        ("19.json", 0, "rejected", ["movie_id|range"], None, "r1", MOVIES.version),
    ]
    written = pq.read_schema(next(trusted.rglob("*.parquet")))
    names = [column.name for column in MOVIES.columns]
    assert written.names == [*names, "rescued", "file_path", "record_index"]


def test_without_rejected_records_there_is_no_quarantine_folder(engine: Engine, tmp_path: Path) -> None:
    trusted, quarantine = tmp_path / "t", tmp_path / "q"

    for contract, row in ((MOVIES, film(1)), (LOCAL, line(2))):
        batch = batch_of(tmp_path / contract.table, contract, [row])
        engine.judge(batch, contract, run_id="r1", trusted=trusted / contract.table, quarantine=quarantine)

    assert files(trusted) == ["local_movies/*.parquet", "tmdb_movies/ano=2025/mes=06/dia=17/*.parquet"]
    assert not quarantine.exists()


def test_without_trusted_records_there_is_no_trusted_folder(engine: Engine, tmp_path: Path) -> None:
    trusted, quarantine = tmp_path / "t", tmp_path / "q"

    for contract, row in ((MOVIES, film("0")), (LOCAL, line(2, "x"))):
        batch = batch_of(tmp_path / contract.table, contract, [row])
        engine.judge(batch, contract, run_id="r1", trusted=trusted, quarantine=quarantine / contract.table)

    assert not trusted.exists()
    assert files(quarantine) == ["local_movies/*.parquet", "tmdb_movies/ano=2025/mes=06/dia=17/*.parquet"]


def test_spark_splits_a_large_partition_into_several_files(spark_engine: SparkEngine, tmp_path: Path) -> None:
    given = [film(number, index=number) for number in range(1, 41)] + [film(number, "18") for number in range(1, 4)]
    batch = batch_of(tmp_path / "framed", MOVIES, given, size=1 << 30)  # 25 MB a film

    spark_engine.judge(batch, MOVIES, run_id="r1", trusted=tmp_path / "t", quarantine=tmp_path / "q")

    days = [name.split("/")[2] for name in files(tmp_path / "t")]
    assert days == ["dia=17"] * 4 + ["dia=18"]
    assert len(rows(tmp_path / "t", ["movie_id"])) == 43


def test_a_table_without_partitions_has_at_most_one_file_per_64_mb_of_raw(engine: Engine, tmp_path: Path) -> None:
    given = [line(number, f"tt{number // 3}") for number in range(300)]
    batch = batch_of(tmp_path / "framed", LOCAL, given, size=170 << 20)

    engine.judge(batch, LOCAL, run_id="r1", trusted=tmp_path / "t", quarantine=tmp_path / "q")

    assert files(tmp_path / "t") in (["./*.parquet"] * 2, ["./*.parquet"] * 3)
    assert not files(tmp_path / "q")
    assert len(rows(tmp_path / "t", ["id"])) == 300


@pytest.mark.parametrize(("contract", "size"), [(LOCAL, 600 << 20), (MOVIES, 600 << 20)])
def test_a_batch_larger_than_memory_gets_the_same_verdicts(
    contract: Contract, size: int, engine: Engine, tmp_path: Path
) -> None:
    if contract is LOCAL:
        given = [line(number, f"tt{number}") | {"record_index": number} for number in range(1, 60)]
        given += [row | {"record_index": row["record_index"] + 100} for row in given[::3]]
        given += [line(900 + number, "x" * number) for number in range(4)]
    else:
        given = [film(number, index=number) for number in range(1, 60)]
        given += [film(number, index=100 + number) for number in range(1, 60, 3)]
        given += [film("0", index=900 + number) for number in range(4)]
    batch = batch_of(tmp_path / "framed", contract, given, size=size)

    engine.judge(batch, contract, run_id="r1", trusted=tmp_path / "t", quarantine=tmp_path / "q")

    kept = [index for (index,) in rows(tmp_path / "t", ["record_index"])]
    assert sorted(kept) == [n for n in range(1, 60) if n % 3 != 1] + list(range(101, 160, 3))
    refused = rows(tmp_path / "q", ["record_index", "verdict", "winner"])
    file = "m.csv" if contract is LOCAL else "17.json"
    assert sorted(refused) == [(n, "duplicate", f"{file}#{n + 100}") for n in range(1, 60, 3)] + [
        (n, "rejected", None) for n in range(900, 904)
    ]


def test_folder_names_may_contain_blanks_and_wildcards(engine: Engine, tmp_path: Path) -> None:
    place = tmp_path / "a lake {x} [y] *é%20"

    engine.judge(
        batch_of(place / "framed", MOVIES, [film(1), film("0", index=1)]),
        MOVIES,
        run_id="r1",
        trusted=place / "t",
        quarantine=place / "q",
    )

    assert rows(place / "t", ["movie_id"]) == [(1,)]
    assert rows(place / "q", ["record_index"]) == [(1,)]


THEMES = ["Ficção Científica", "a:b", "50%", "x=y", "\"aspas\" 'simples'", "{a}*[b]?", "ação%20", "a\\b", "#1 ^"]


@pytest.mark.parametrize("few", [0, judged_batch.FEW], ids=["left over", "all at once"])
def test_text_partitions_get_hive_folder_names_and_duplicates_are_found_in_them(
    few: int, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judged_batch, "FEW", few)
    given = [
        themed(theme, texts, number, file)
        for number, theme in enumerate(THEMES)
        for file, texts in (("a", {"id": "1"}), ("b", {"id": "1"}), ("c", {"id": "0"}), ("d", {"id": "2", "at": "-1"}))
    ]
    trusted, quarantine = tmp_path / "t", tmp_path / "q"

    engine.judge(
        batch_of(tmp_path / "framed", THEMED, given), THEMED, run_id="r1", trusted=trusted, quarantine=quarantine
    )

    folders = sorted(f"tema={escaped(theme)}/ano=2025" for theme in THEMES)
    for zone in (trusted, quarantine):
        assert sorted({str(path.parent.relative_to(zone)) for path in zone.rglob("*") if path.is_file()}) == folders
        for folder in folders:
            assert len(list((zone / folder).iterdir())) == 1
    assert rows(trusted, ["file_path", "record_index", "id"]) == sorted(
        [(name, number, key) for number in range(len(THEMES)) for name, key in (("b", 1), ("d", 2))], key=str
    )
    assert rows(quarantine, ["file_path", "record_index", "verdict", "winner"]) == sorted(
        [("a", number, "duplicate", f"b#{number}") for number in range(len(THEMES))]
        + [("c", number, "rejected", None) for number in range(len(THEMES))],
        key=str,
    )


def test_every_column_is_written_with_the_type_its_table_declares(engine: Engine, tmp_path: Path) -> None:
    given = [themed("x", {"id": "1", **EVERY}, 0), themed("x", {"id": "2", "at": EVERY["at"]}, 1)]

    engine.judge(
        batch_of(tmp_path / "framed", THEMED, given), THEMED, run_id="r1", trusted=tmp_path / "t", quarantine=tmp_path
    )

    (path,) = (tmp_path / "t").rglob("*.parquet")
    with open_trusted(path, THEMED) as file:
        found = file.read().to_pylist()
        moment = file.schema_arrow.field("at").type
        places = [place for place in range(len(file.schema)) if file.schema.column(place).name == "at"]
        physical = [file.schema.column(place).physical_type for place in places]
    assert (physical, moment.unit) == (["INT64"], "us")
    names = ["at", "ats", "price", "prices", "on", "ons", "flags", "marks"]
    at = datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert tuple(found[0][name] for name in names) == (
        at,
        [at, None],
        Decimal("-0.50"),
        [Decimal("12345678.99"), None],
        date(1500, 1, 1),
        [None, date(9999, 12, 31)],
        [True, None, False],
        [0.5, None],
    )
    assert {found[1][name] for name in names[1:]} == {None}


def test_a_failure_names_the_engine_the_table_and_the_cause(engine: Engine, tmp_path: Path) -> None:
    batch = batch_of(tmp_path / "framed", MOVIES, [film(1)])
    (tmp_path / "framed" / "0.parquet").write_bytes(b"no parquet at all, and long enough to be looked at")

    with pytest.raises(EngineError, match=r"(spark|pysail) [0-9.]+ failed while judging tmdb_movies: .") as raised:
        engine.judge(batch, MOVIES, run_id="r1", trusted=tmp_path / "t", quarantine=tmp_path / "q")

    assert raised.value.hint
    assert raised.value.__cause__ is not None
    assert "\n" not in raised.value.message


def test_an_engine_can_start_twice_and_has_its_version_in_its_name(engine: Engine) -> None:
    engine.start()
    engine.start()

    name, version = engine.name.split()
    assert name in {"spark", "pysail"}
    assert version[0].isdigit()


def test_the_session_of_the_caller_keeps_its_settings_and_stays_open(spark: SparkSession, tmp_path: Path) -> None:
    spark.conf.set("spark.sql.session.timeZone", "Pacific/Kiritimati")
    spark.conf.set("spark.sql.codegen.wholeStage", "true")  # trustedlake turns it off while it judges
    before = dict(spark.conf.getAll) if hasattr(spark.conf, "getAll") else {}
    try:
        SessionEngine(spark).judge(
            batch_of(tmp_path / "framed", MOVIES, [film(1)]),
            MOVIES,
            run_id="r1",
            trusted=tmp_path / "t",
            quarantine=tmp_path / "q",
        )
        after = dict(spark.conf.getAll) if hasattr(spark.conf, "getAll") else {}
    finally:
        spark.conf.set("spark.sql.session.timeZone", "UTC")
        spark.conf.unset("spark.sql.codegen.wholeStage")

    assert after == before
    assert [str(day) for (day,) in rows(tmp_path / "t", ["release_date"])] == ["1500-01-01"]
    assert spark.range(3).count() == 3
