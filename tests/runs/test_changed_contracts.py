"""What a changed contract means for published days, where contracts come from, and records a table leaves to others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.damage import found
from tests.support.table_contracts import KEY, column, contract_file
from tests.support.trials import IdleEngine, Trial, films, ids, only_table, statuses
from trustedlake.entrypoints.lake import compose
from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = "contracts/goods.odcs.yaml"
ITEM, LABEL = column("item", "integer", **KEY), column("label")
RAW: Mapping[str, Any] = {"path": "Raw/Shop/{ano:04d}/{mes:02d}/{dia:02d}", "format": "json"}


def goods(*columns: Mapping[str, Any], **raw: Any) -> bytes:
    return contract_file("goods", columns, **RAW, **raw)


@pytest.fixture
def shop(trial: Trial) -> Trial:
    """Two published days."""
    trial.put(FILE, goods(ITEM, LABEL))
    trial.put("Raw/Shop/2024/05/06/a.json", [{"item": 1, "label": "A", "price": 5}])
    trial.put("Raw/Shop/2024/05/07/a.json", [{"item": 2, "label": "B"}])
    assert trial.run(table="goods").exit_code == 0
    return trial


def test_a_new_optional_column_judges_all_days_again_and_the_plan_says_why(shop: Trial) -> None:
    shop.put(FILE, goods(ITEM, LABEL, column("price", "integer")))
    before = shop.snapshot()
    planned = shop.run(table="goods", dry_run=True)
    assert shop.snapshot() == before
    assert [part.message or str(part.status) for part in only_table(planned).partitions] == ["contract", "contract"]
    report = shop.run(table="goods")
    assert statuses(report) == {"dia=06": "published", "dia=07": "published"}
    assert [(row["item"], row["price"], row["rescued"]) for row in shop.rows("Trusted/goods")] == [
        (1, 5, None),
        (2, None, None),
    ]
    again = Trial(shop.lake, IdleEngine()).run(table="goods")
    assert set(statuses(again).values()) == {"unchanged"}


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ((ITEM,), "has no column label any more"),
        ((ITEM, column("label", "integer")), "changes the types of label (string, now bigint)"),
    ],
    ids=["a removed column", "another type"],
)
def test_a_contract_that_published_days_do_not_fit_asks_for_a_full_refresh(
    shop: Trial, columns: tuple[Mapping[str, Any], ...], told: str
) -> None:
    shop.put(FILE, goods(*columns, max_rejected=1.0))
    before = shop.snapshot()
    table = only_table(shop.run(table="goods"))
    assert told in table.message
    assert "--full-refresh" in table.hint
    assert shop.snapshot() == before
    report = shop.run(table="goods", full_refresh=True)
    if len(columns) == 1:
        assert report.exit_code == 0
        assert {"label" in row for row in shop.rows("Trusted/goods")} == {False}
    else:
        assert report.exit_code == 3, "no label is a number"


@pytest.mark.parametrize("changes", [{"max_rejected": 0.2}, {"known": ["price"]}], ids=str)
def test_a_contract_change_that_affects_no_row_judges_nothing_again(shop: Trial, changes: Mapping[str, Any]) -> None:
    shop.put(FILE, goods(ITEM, LABEL, **changes))
    report = Trial(shop.lake, IdleEngine()).run(table="goods")
    assert set(statuses(report).values()) == {"unchanged"}


def test_a_day_with_only_records_of_other_tables_publishes_nothing(trial: Trial) -> None:
    trial.put(FILE, goods(ITEM, LABEL, where={"kind": ["good"]}))
    trial.put("Raw/Shop/2024/05/06/a.json", [{"item": 1, "kind": "good", "label": "A"}, {"item": 2, "kind": "bill"}])
    trial.put("Raw/Shop/2024/05/07/a.json", [{"item": 3, "kind": "bill"}])
    report = trial.run(table="goods")
    assert report.exit_code == 0
    assert only_table(report).counts.elsewhere == 2
    assert ids(trial, "item", "Trusted/goods") == [1]
    assert [folder.name for folder in (trial.lake / "Trusted/goods").rglob("dia=*")] == ["dia=06"]
    before = trial.snapshot()
    again = Trial(trial.lake, IdleEngine()).run(table="goods")
    assert again.exit_code == 0
    assert set(statuses(again).values()) == {"unchanged"}
    assert trial.snapshot() == before


def test_a_file_without_records_of_the_table_is_no_success(trial: Trial) -> None:
    trial.put(FILE, goods(ITEM, LABEL, one_of=["label", "size"]))
    trial.put("Raw/Shop/2024/05/06/a.json", [{"item": 1, "clerk": "Ana"}])
    report = trial.run(table="goods")
    assert report.exit_code == 3
    (part,) = only_table(report).partitions
    assert all(key in part.message for key in ("clerk", "label", "size", "goods"))
    assert not (trial.lake / "Trusted").exists()


def test_films_and_series_of_one_folder_become_two_tables(trial: Trial) -> None:
    series = {"id": 7, "name": "S", "first_air_date": "2020-01-01", "media_type": "tv"}
    person = {"id": 8, "name": "P", "media_type": "person", "birthday": "1990-01-01"}
    trial.put("RAW/TMDB/JSON/2025/06/17/a.json", [*films(2, media_type="movie"), series, person])
    report = trial.run()
    assert report.exit_code == 0
    assert {table.table: (table.counts.trusted, table.counts.elsewhere) for table in report.tables} == {
        "tmdb_movies": (2, 2),
        "tmdb_series": (1, 3),
    }
    assert ids(trial) == [1, 2]
    assert ids(trial, "series_id", "Trusted/TMDB/Parquet/Series") == [7]
    again = Trial(trial.lake, IdleEngine()).run()
    assert {str(part.status) for table in again.tables for part in table.partitions} == {"unchanged"}


def test_the_imdb_id_of_a_series_is_read_from_each_place_tmdb_uses(trial: Trial) -> None:
    series: dict[str, Any] = {"name": "S", "first_air_date": "2020-01-01"}
    given: list[dict[str, Any]] = [
        {"external_ids": {"imdb_id": "tt7", "tvdb_id": 1}},
        {"imdb_id": "tt8"},
        {"external_ids": {"imdb_id": ""}},
    ]
    records = [series | {"id": number} | one for number, one in enumerate([*given, {}], 1)]
    trial.put("Raw/TMDB/JSON/Series/2025/06/17/a.json", records)
    assert trial.run(entity="series").exit_code == 0
    rows = trial.rows("Trusted/TMDB/Parquet/Series")
    assert [(row["imdb_id"], row["rescued"]) for row in rows] == [
        ("tt7", None),
        ("tt8", None),
        (None, None),
        (None, None),
    ]


def test_an_actor_among_series_is_rejected_and_a_file_of_actors_is_refused(trial: Trial) -> None:
    series: list[dict[str, Any]] = [
        {"id": number, "name": f"S{number}", "first_air_date": "2020-01-01"} for number in range(3)
    ]
    actor = {"id": 9, "name": "Ana", "known_for_department": "Acting"}
    folder = "Raw/TMDB/JSON/Series/2025/06"
    trial.put(f"{folder}/17/a.json", [*({**one, "id": one["id"] + 1} for one in series), actor])
    trial.put(f"{folder}/18/a.json", [actor])
    report = trial.run(entity="series")
    assert report.exit_code == 3
    assert statuses(report) == {"dia=17": "published", "dia=18": "refused"}
    assert ("record|not_tmdb_series",) in {record.reasons for record in trial.refused()}
    (refused,) = (part for part in only_table(report).partitions if part.status == "refused")
    assert "known_for_department" in refused.message


def test_contracts_of_the_lake_the_call_and_the_environment_define_tables(
    trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial.put("Raw/Shop/2024/05/06/a.json", [{"item": 1, "label": "A"}])
    named = tmp_path / "more" / "goods.odcs.yaml"
    named.parent.mkdir()
    named.write_bytes(goods(ITEM, column("name", sources=["label"])))
    with pytest.raises(ConfigError, match="no table is called 'goods'"):
        trial.run(table="goods")
    monkeypatch.setenv("TRUSTEDLAKE_CONTRACTS", str(named.parent))
    assert trial.run(table="goods").exit_code == 0
    assert [row["name"] for row in trial.rows("Trusted/goods")] == ["A"]
    monkeypatch.delenv("TRUSTEDLAKE_CONTRACTS")
    trial.put(FILE, goods(ITEM, LABEL))
    assert set(statuses(trial.run(table="goods", contracts=(str(named),))).values()) == {"unchanged"}, "named ones win"
    table = only_table(trial.run(table="goods"))
    assert "has no column name any more" in table.message
    with compose.home(compose.Place(lake=str(trial.lake), contracts=(str(named),))) as home:
        assert found(home.audit(compose.Asked(("goods",)))) == []


def test_the_error_for_an_unknown_table_lists_the_known_tables(trial: Trial) -> None:
    trial.put(FILE, goods(ITEM, LABEL))
    trial.put("Raw/goods/a.json", [])
    for asked, told in (("wares", "there are tmdb_movies, tmdb_series, local_movies, local_series, goods"),):
        with pytest.raises(ConfigError) as refusal:
            trial.run(table=asked)
        assert told in refusal.value.message
        assert "trustedlake contract list" in refusal.value.hint
    with pytest.raises(ConfigError, match="goods"):
        trial.run(table="good")
