"""The raw files for benchmarks: the same every time, and accepted by the quality gate."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks import generator

if TYPE_CHECKING:
    from pathlib import Path


def contents(lake: Path) -> dict[str, bytes]:
    return {str(f.relative_to(lake)): f.read_bytes() for f in sorted(lake.rglob("*")) if f.is_file()}


def test_generated_films_are_the_same_bytes_each_time_spread_over_files_and_days(tmp_path: Path) -> None:
    for name in ("one", "two"):
        generator.films(tmp_path / name, movies=1_000, files=10, days=3)
    written = contents(tmp_path / "one")
    assert contents(tmp_path / "two") == written
    arrays = [json.loads(content) for content in written.values()]
    assert [len(array) for array in arrays] == [100] * 10
    assert {name.rsplit("/", 1)[0][-10:] for name in written} == {"2025/01/01", "2025/01/02", "2025/01/03"}
    assert all(b"\n" not in content for content in written.values())


def test_every_200_films_have_one_rejected_one_duplicate_and_ten_full_bodies(tmp_path: Path) -> None:
    generator.films(tmp_path, movies=2_000, files=4, days=1)
    films = [film for content in contents(tmp_path).values() for film in json.loads(content)]
    assert sum(film["title"] == "" for film in films) == 10
    assert len(films) - len({film["movie_id"] for film in films}) == 10
    assert sum("revenue" in film for film in films) == 100
    assert all(len(film) == 10 for film in films if "revenue" not in film)


def test_generated_csv_lines_are_the_same_each_time_and_have_the_source_columns(tmp_path: Path) -> None:
    for name in ("one", "two"):
        generator.csv_lines(tmp_path / name, lines=25_000)
    written = contents(tmp_path / "one")
    assert contents(tmp_path / "two") == written
    (content,) = written.values()
    header, *lines = content.decode().splitlines()
    assert len(lines) == 25_000
    assert {line.count("|") for line in [header, *lines]} == {14}
    assert 120 < len(content) / len(lines) < 200
    assert r"|\N|" in content.decode()
    rejected = sum(not line.startswith("tt") for line in lines)
    doubled = len(lines) - len(set(lines))
    assert 0.002 < rejected / len(lines) < 0.01
    assert 0.002 < doubled / len(lines) < 0.01


def test_a_cached_lake_is_generated_once_and_never_left_half_done(tmp_path: Path) -> None:
    made: list[Path] = []

    def make(lake: Path) -> None:
        made.append(lake)
        (lake / "Raw").mkdir()
        if len(made) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generator.cached(tmp_path, "lake", make)
    assert generator.cached(tmp_path, "lake", make) == generator.cached(tmp_path, "lake", make)
    assert len(made) == 2


def test_a_linked_lake_has_only_the_raw_files(tmp_path: Path) -> None:
    generator.films(tmp_path / "one", movies=40, files=2, days=1)
    (tmp_path / "one/_trustedlake").mkdir()
    (tmp_path / "one/_trustedlake/ledger.json").touch()
    copy = generator.linked(tmp_path / "one", tmp_path / "two")
    assert contents(copy) == {k: v for k, v in contents(tmp_path / "one").items() if k.startswith("Raw/")}
