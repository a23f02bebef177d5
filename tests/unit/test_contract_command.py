"""`trustedlake contract`: what a user sees."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from tests.support.contract_files import GOOD
from trustedlake.adapters.contracts.contract_file import built_in_content
from trustedlake.entrypoints.cli.main import main
from trustedlake.errors import ConfigError
from trustedlake.models.built_in import TRUSTED

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["contract", *arguments], standalone_mode=False)
    if result.exception and not isinstance(result.exception, ConfigError):
        raise result.exception
    return result


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "lake/contracts/trips.odcs.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(GOOD, encoding="utf-8")
    return path


def test_list_shows_each_table_with_its_file_key_and_partition(good: Path) -> None:
    shown = run("list", "--lake", str(good.parents[1])).stdout
    assert [line.split()[0] for line in shown.splitlines()] == ["table", *TRUSTED, "trips"]
    assert shown.splitlines()[-1].split() == ["trips", str(good), "trip_id", "city,", "year,", "month", "5"]


def test_list_as_json_has_the_columns_and_the_notes(good: Path) -> None:
    good.write_text(GOOD.replace("name: trips\n    desc", "name: tmdb_movies\n    desc"), encoding="utf-8")
    listed = json.loads(run("list", "--contracts", str(good), "--json").stdout)
    assert listed["tables"][0]["from"] == str(good)
    assert listed["tables"][0]["columns"] == ["trip_id", "fare", "started", "tags", "note"]
    assert listed["notes"] == [f"{good}: replaces the table tmdb_movies (built-in)"]


def test_show_prints_the_file_unchanged() -> None:
    assert run("show", "tmdb_movies").stdout.encode() == built_in_content("tmdb_movies")


def test_show_as_table_prints_columns_keys_and_rules() -> None:
    rows = {line.split("  ")[0]: line for line in run("show", "tmdb_movies", "--as", "table").stdout.splitlines()}
    assert "movie_id, id, tmdb_id, ID, Id" in rows["movie_id"]
    assert "required; minimum 1" in rows["movie_id"]
    assert "minimum 0; maximum 10" in rows["vote_average"]


def test_show_suggests_a_table_for_a_misspelt_name() -> None:
    error = run("show", "tmdb_film").exception
    assert isinstance(error, ConfigError)
    assert "no table is called 'tmdb_film'" in error.message


def test_check_of_a_valid_file_exits_0_and_names_its_tables(good: Path) -> None:
    result = run("check", str(good))
    assert result.return_value == 0
    assert result.stdout == f"{good}: good: trips (5 columns)\n"


def test_check_reports_every_problem_of_every_file_and_exits_2(good: Path) -> None:
    bad = good.with_name("bad.odcs.yaml")
    bad.write_text(
        GOOD.replace("format: json", "format: xml").replace("required: true", "required: 1"), encoding="utf-8"
    )
    result = run("check", str(good), str(bad))
    assert result.return_value == 2
    assert [line.partition(": ")[2].split(":")[0] for line in result.stdout.splitlines()[1:]] == [
        f"{bad}, line 15",
        f"{bad}, line 24",
    ]


def test_check_as_json_has_line_field_and_message(good: Path) -> None:
    good.write_text(
        GOOD.replace("format: json", "format: xml").replace("logicalType: timestamp", "logicalType: time"),
        encoding="utf-8",
    )
    result = run("check", str(good.parent), "--json")
    document = json.loads(result.stdout)
    assert document["exit_code"] == result.return_value == 2
    (file,) = document["files"]
    assert file["file"] == str(good)
    assert [(one["line"], one["field"]) for one in file["problems"]] == [(15, "trips.raw.format")]
    assert [(one["line"], one["field"]) for one in file["notes"]] == [(29, "trips.started")]


def test_check_reports_tables_that_write_to_the_same_folder(good: Path) -> None:
    line = "      - {property: trusted, vendor: trustedlake, value: {path: Trusted/TMDB/Parquet/Movies}}\n"
    good.write_text(GOOD.replace("    properties:\n", f"{line}    properties:\n"), encoding="utf-8")
    result = run("check", str(good))
    assert result.return_value == 2
    assert "where tmdb_movies has Trusted/TMDB/Parquet/Movies" in result.stdout


def test_check_of_a_missing_file_is_a_config_error(tmp_path: Path) -> None:
    error = run("check", str(tmp_path / "no.yaml")).exception
    assert isinstance(error, ConfigError)
    assert "there is no such file or folder" in error.message


def test_diff_says_what_must_be_done_about_published_days(good: Path) -> None:
    new = good.with_name("new.odcs.yaml")
    new.write_text(GOOD.replace("minimum: 1", "minimum: 5").replace("decimal(8,2)", "decimal(9,2)"), encoding="utf-8")
    shown = run("diff", str(good), str(new)).stdout
    assert "trips.trip_id.minimum: 1 -> 5\n    the next run judges published days again" in shown
    assert shown.endswith("in all: published days do not fit any more: run to-trusted with --full-refresh\n")
    document = json.loads(run("diff", str(good), str(new), "--json").stdout)
    assert document["effect"] == "refresh"
    assert len(set(document["fingerprints"])) == 2


def test_diff_accepts_table_names_too(good: Path) -> None:
    assert run("diff", "trips", str(good), "--lake", str(good.parents[1])).stdout == "no difference\n"


def test_control_characters_in_a_file_do_not_reach_the_terminal(good: Path) -> None:
    good.write_text(GOOD.replace("name: note", 'name: "no\\e[31mte"').replace("One row", '"\\e]0;x"'), encoding="utf-8")
    shown = run("check", str(good)).stdout
    assert "\x1b" not in shown
    assert run("check", str(good)).return_value == 2
