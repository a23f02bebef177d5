"""The audit finds nothing where nothing is wrong, whatever is in the lake."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from tests.support.damage import (
    DAY,
    NEXT,
    ONE,
    OTHER_DAY,
    audit,
    found,
    in_order,
    only,
    rewrite,
)
from tests.support.trials import CSV, FIXTURES, MOVIES, Trial, film, films
from trustedlake.app.trusted.job import Options
from trustedlake.entrypoints.lake import compose
from trustedlake.errors import InputError
from trustedlake.models.ledger import Counts

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.adapters.spark.sail_engine import SailEngine

HOSTILE = json.loads((FIXTURES / "expected" / "hostile.json").read_text())


class TestCleanLakes:
    @pytest.mark.parametrize("source", ["tmdb", "csv"])
    def test_the_fixture_lake_is_clean(self, trial: Trial, source: str) -> None:
        shutil.copytree(FIXTURES / "lake", trial.lake, dirs_exist_ok=True)
        report = trial.run(source)
        audited = audit(trial)
        assert found(audited) == []
        assert {one.table: one.counts for one in audited.tables} == {one.table: one.counts for one in report.tables}

    def test_days_with_hostile_json_files_are_clean_when_accepted_or_judged(self, trial: Trial) -> None:
        unreadable = set()
        for number, file in enumerate(sorted((FIXTURES / "hostile" / "json").iterdir())):
            day = f"{MOVIES}/2025/{1 + number // 28:02}/{1 + number % 28:02}"
            trial.put(f"{day}/{file.name}", file.read_bytes())
            trial.put(f"{day}/good.json", films(3, start=500_001))
            unreadable |= {f"{day}/{file.name}"} if HOSTILE[f"json/{file.name}"]["unreadable"] else set()
        self.check_hostile(trial, "tmdb", unreadable)

    def test_hostile_csv_files_are_clean_when_accepted_or_judged(self, trial: Trial) -> None:
        unreadable = set()
        for file in sorted((FIXTURES / "hostile" / "csv").iterdir()):
            path = f"{CSV}/2025/05/15/{file.name}"
            trial.put(path, file.read_bytes())
            unreadable |= {path} if HOSTILE[f"csv/{file.name}"]["unreadable"] else set()
        self.check_hostile(trial, "csv", unreadable)

    @staticmethod
    def check_hostile(trial: Trial, source: str, unreadable: set[str]) -> None:
        assert len(unreadable) >= 5
        report = trial.run(source, "movies", max_rejected=1.0, accept_unreadable=frozenset(unreadable))
        assert report.exit_code == 0, report.tables[0].message
        audited = audit(trial)
        assert found(audited) == []
        assert set(only(audited).accepted_unreadable) == unreadable
        assert only(audited).counts == report.tables[0].counts

    def test_a_refused_partition_keeps_its_rows_and_is_listed_without_being_a_finding(self, lake: Trial) -> None:
        lake.put(ONE, [{"movie_id": 1}] * 9)
        assert lake.run(entity="movies").exit_code == 3
        audited = audit(lake)
        assert found(audited) == []
        assert list(only(audited).refused) == ["ano=2025/mes=06/dia=17"]
        assert only(audited).counts.framed == 12
        (lake.lake / "_trustedlake/failed/tmdb_movies/ano=2025/mes=06/dia=17/part-00000.parquet").unlink()
        assert [kind for kind, _, _ in found(audit(lake))] == ["published file missing"]

    def test_kept_rows_of_a_vanished_file_are_counted(self, lake: Trial) -> None:
        (lake.lake / f"{NEXT}/filmes_001.json").unlink()
        assert lake.run(entity="movies", vanished="keep").exit_code == 0
        audited = audit(lake)
        assert found(audited) == []
        assert only(audited).kept == (f"{NEXT}/filmes_001.json",)
        rewrite(lake.lake / OTHER_DAY, lambda rows: rows[1:])
        assert ("records missing", f"{NEXT}/filmes_001.json", 1) in found(audit(lake))

    def test_a_new_raw_file_is_pending(self, lake: Trial) -> None:
        lake.put(f"{DAY}/filmes_003.json", films(1, start=50))
        audited = audit(lake)
        assert found(audited) == []
        assert only(audited).pending == (f"{DAY}/filmes_003.json",)

    def test_folders_outside_the_lake_are_audited_only_if_the_call_names_them(
        self, tmp_path: Path, sail_engine: SailEngine
    ) -> None:
        raw = tmp_path / "raw/2025/06/17/filmes_001.json"
        Trial(tmp_path, sail_engine).put("raw/2025/06/17/filmes_001.json", [*films(3), film(3)])
        inside = Trial(tmp_path / "lake", sail_engine)
        inside.lake.mkdir()
        place = compose.Place(str(inside.lake), (str(tmp_path / "raw"),), str(inside.lake / "trusted/films"))
        asked = compose.Asked(("tmdb_movies",))
        with compose.home(place, engine=sail_engine) as home:
            assert home.to_trusted(asked, Options()).exit_code == 0
            audited = home.audit(asked)
            assert found(audited) == []
            assert only(audited).counts == Counts(framed=4, trusted=3, duplicates=1)
            raw.unlink()
            assert found(home.audit(asked)) == [("raw file vanished", str(raw), 0)]
        with pytest.raises(InputError, match="a ledger can't point outside it"):
            audit(inside)


class TestCsv:
    def test_a_lost_line_and_a_doubled_line_are_found(self, trial: Trial) -> None:
        lines = [f"tt{number}|Film {number}|Actor" for number in range(1, 7)]
        path = f"{CSV}/2025/05/15/movies.csv"
        trial.put(path, "\n".join(["id|tituloPincipal|nomeArtista", *lines, lines[2], "short"]))
        assert trial.run("csv", max_rejected=1.0).exit_code == 0
        assert found(audit(trial)) == []
        key = "Trusted/Local/Parquet/Movies/part-00000.parquet"
        lost = in_order(pq.ParquetFile(trial.lake / key).read().to_pylist())[0]["record_index"]
        rewrite(trial.lake / key, lambda rows: [*in_order(rows)[1:], in_order(rows)[-1]])
        assert found(audit(trial)) == [
            ("published file changed", key, 0),
            ("records missing", path, 1),
            ("records doubled", path, 1),
        ]
        finding = only(audit(trial)).findings[1]
        assert finding.message == f"1 of its 8 records have no row in Trusted or Quarantine: #{lost}"
        assert finding.examples == (lost,)
