"""Where contracts come from, and which one wins."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.support.contract_files import GOOD
from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.entrypoints.lake.registry import Registry, registry_of
from trustedlake.entrypoints.settings import Settings
from trustedlake.errors import ConfigError, ContractError
from trustedlake.models.built_in import CONTRACTS, TRUSTED

if TYPE_CHECKING:
    from pathlib import Path


def named(table: str, trusted: str = "") -> str:
    """The good file with a table of that name."""
    text = GOOD.replace("name: trips\n    desc", f"name: {table}\n    desc")
    line = f"      - {{property: trusted, vendor: trustedlake, value: {{path: {trusted}}}}}\n" if trusted else ""
    return text.replace("    properties:\n", f"{line}    properties:\n")


def put(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    put(tmp_path / "lake/contracts", "trips.odcs.yaml", named("trips"))
    return tmp_path / "lake"


def test_without_a_lake_the_registry_has_the_built_in_tables() -> None:
    registry = Registry.load()
    assert registry.tables == tuple(TRUSTED)
    assert registry.contract("tmdb_movies") is CONTRACTS["tmdb_movies"]
    assert list(registry) == list(CONTRACTS.values())
    assert registry.notes == []


def test_the_tables_of_the_lake_come_after_the_built_in_ones(lake: Path) -> None:
    registry = Registry.load(lake)
    assert registry.tables == (*TRUSTED, "trips")
    one = registry.registered("trips")
    assert one.origin == str(lake / "contracts/trips.odcs.yaml")
    assert one.content.decode() == named("trips")


def test_a_later_file_replaces_a_table_and_adds_a_note(lake: Path, tmp_path: Path) -> None:
    movies = put(lake / "contracts", "films.odcs.yml", named("tmdb_movies", TRUSTED["tmdb_movies"]))
    extra = put(tmp_path, "mine.yaml", named("trips").replace("One row per trip", "Mine"))
    last = put(tmp_path / "more", "x.odcs.yaml", named("trips").replace("One row per trip", "Last"))
    registry = Registry.load(lake, [str(extra), str(last.parent)])
    assert registry.tables == (*TRUSTED, "trips")
    assert registry.contract("trips").description == "Last."
    assert registry.contract("tmdb_movies").key == ("trip_id",)
    assert registry.notes == [
        f"{movies}: replaces the table tmdb_movies (built-in)",
        f"{extra}: replaces the table trips ({lake / 'contracts/trips.odcs.yaml'})",
        f"{last}: replaces the table trips ({extra})",
    ]


def test_a_store_gives_the_same_tables_as_its_folder(lake: Path) -> None:
    put(lake / "contracts/deeper", "no.odcs.yaml", "not read")
    store = LocalStore(lake.parent, SystemClock())
    registry = Registry.load(store, prefix="lake")
    assert registry.tables == Registry.load(lake).tables
    assert registry.contract("trips") == Registry.load(lake).contract("trips")


def test_other_files_in_the_contracts_folder_are_ignored(lake: Path) -> None:
    for name in (
        "README.md",
        "trips.yaml",
        ".trips.odcs.yaml",
        "_old.odcs.yaml",
        "trips.odcs.yaml~",
        "x.odcs.yaml.bak",
    ):
        put(lake / "contracts", name, "no contract")
    assert Registry.load(lake).tables == (*TRUSTED, "trips")


def test_a_part_of_the_contract_that_is_not_used_gets_a_note(lake: Path) -> None:
    put(lake / "contracts", "trips.odcs.yaml", GOOD.replace("logicalType: timestamp", "logicalType: time"))
    (note,) = Registry.load(lake).notes
    assert "trips.odcs.yaml, line 29: trips.started: no column can be time" in note


def test_the_error_for_an_unknown_table_suggests_a_known_one(lake: Path) -> None:
    with pytest.raises(ConfigError, match="no table is called 'trip'; did you mean 'trips'") as caught:
        Registry.load(lake).contract("trip")
    assert "contract list" in caught.value.hint
    with pytest.raises(ConfigError, match="there are tmdb_movies, tmdb_series, local_movies, local_series, trips"):
        Registry.load(lake).contract("zzz")


def test_a_broken_file_in_the_lake_is_reported_with_its_path_and_line(lake: Path) -> None:
    path = put(lake / "contracts", "bad.odcs.yaml", named("bad").replace("format: json", "format: xml"))
    with pytest.raises(ContractError, match=f"{path}, line 15: bad.raw.format"):
        Registry.load(lake)


def test_one_table_in_two_files_of_a_folder_is_refused(lake: Path) -> None:
    put(lake / "contracts", "twin.odcs.yaml", named("Trips", "Trusted/other"))
    with pytest.raises(ConfigError, match=r"is in .*, too"):
        Registry.load(lake)


@pytest.mark.parametrize(
    ("table", "trusted"),
    [
        ("films", "Trusted/TMDB/Parquet/Movies"),
        ("films", "trusted/tmdb/parquet/movies"),
        ("films", "Trusted/TMDB"),
        ("films", "Trusted/TMDB/Parquet/Movies/mine"),
        ("films", "Trusted/trips"),
        ("TMDB_Movies", "Trusted/films"),
    ],
)
def test_tables_that_would_write_to_the_same_folder_are_refused(lake: Path, table: str, trusted: str) -> None:
    put(lake / "contracts", "films.odcs.yaml", named(table, trusted))
    with pytest.raises(ConfigError, match=r"would be written to|differ only in upper and lower case"):
        Registry.load(lake)


def test_a_link_that_leads_out_of_the_lake_is_refused(lake: Path, tmp_path: Path) -> None:
    outside = put(tmp_path, "outside.odcs.yaml", named("outside"))
    (lake / "contracts/link.odcs.yaml").symlink_to(outside)
    with pytest.raises(ConfigError, match="leads out of the lake"):
        Registry.load(lake)


@pytest.mark.parametrize(
    ("name", "said"),
    [("nowhere.yaml", "no such file or folder"), ("empty", "has no contract file"), ("s3://b/c", "of this machine")],
)
def test_the_contracts_option_must_name_existing_files(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    given = name if "://" in name else str(tmp_path / name)
    with pytest.raises(ConfigError, match=said):
        Registry.load(None, [given])


def test_the_contracts_option_wins_over_the_environment(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = put(tmp_path, "one.yaml", named("one"))
    two = put(tmp_path, "two.yaml", named("two"))
    monkeypatch.setenv("TRUSTEDLAKE_CONTRACTS", f"{one}{os.pathsep}{two}")
    assert Settings().contract_files == (str(one), str(two))
    assert registry_of(str(lake)).tables == (*TRUSTED, "trips", "one", "two")
    assert registry_of(str(lake), [str(two)]).tables == (*TRUSTED, "trips", "two")


def test_source_and_entity_select_built_in_tables_and_contracts_that_name_them(lake: Path) -> None:
    extra = "      - {property: source, vendor: trustedlake, value: tmdb}\n    properties:\n"
    put(lake / "contracts", "trips.odcs.yaml", named("trips").replace("    properties:\n", extra))
    registry = Registry.load(lake)
    assert [one.table for one in registry.named("tmdb")] == ["tmdb_movies", "tmdb_series", "trips"]
    assert [one.table for one in registry.named("csv", "series")] == ["local_series"]
