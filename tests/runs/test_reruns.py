"""What changed is judged again, what did not is left alone; what a second delivery means."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

import pytest

from tests.support.trials import CSV, MOVIES, IdleEngine, Trial, film, films, only_partition, only_table
from trustedlake.entrypoints.cli.main import main

if TYPE_CHECKING:
    from trustedlake.models.report import RunReport

DAY, NEXT = f"{MOVIES}/2025/06/17", f"{MOVIES}/2025/06/18"
HEADER = (
    "id|tituloPincipal|tituloOriginal|anoLancamento|tempoMinutos|genero|notaMedia|numeroVotos|generoArtista"
    "|personagem|nomeArtista|anoNascimento|anoFalecimento|profissao|titulosMaisConhecidos\n"
)


def line(number: int, artist: str = "Ana") -> str:
    return f"tt{number:07}|T|T|1961|90|Drama|7.5|100|actress|R|{artist}|1930|\\N||tt0000001\n"


def statuses(report: RunReport) -> dict[str, str]:
    return {part.partition[-6:]: str(part.status) for part in only_table(report).partitions}


def ids(trial: Trial, name: str = "movie_id", folder: str = "Trusted/TMDB/Parquet/Movies") -> list[object]:
    return sorted(row[name] for row in trial.rows(folder))


def test_append_on_rerun_doubled_rows_ours_changes_nothing(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", films(5))
    trial.run(entity="movies")
    before = trial.snapshot()
    report = Trial(trial.lake, IdleEngine()).run(entity="movies")
    assert only_table(report).status == "unchanged"
    assert trial.snapshot() == before


def test_a_new_day_is_judged_alone(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", films(5))
    trial.run(entity="movies")
    trial.put(f"{NEXT}/filmes_001.json", films(2))
    assert statuses(trial.run(entity="movies")) == {"dia=17": "unchanged", "dia=18": "published"}
    assert len(trial.rows()) == 7


def test_the_ingestion_date_is_the_folders_not_the_runs(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", films(1))
    trial.run(entity="movies")
    assert [(row["ano"], row["mes"], row["dia"]) for row in trial.rows()] == [("2025", "06", "17")]


def test_a_mended_record_moves_from_quarantine_to_trusted(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", [*films(3), film(4, vote_average="bad")])
    trial.run(entity="movies")
    assert [record.reasons for record in trial.refused()] == [("vote_average|type",)]
    trial.put(f"{DAY}/filmes_001.json", films(4))
    trial.run(entity="movies")
    assert trial.refused() == []
    assert ids(trial) == [1, 2, 3, 4]
    assert not list((trial.lake / "Quarantine").rglob("*.parquet"))


def test_a_refused_partition_keeps_what_it_had_and_passes_when_it_is_mended(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", films(5))
    trial.run(entity="movies")
    trial.put(f"{DAY}/filmes_001.json", [film(n, title="") for n in range(1, 4)] + films(2, start=4))
    report = trial.run(entity="movies")
    assert report.exit_code == 3
    assert only_partition(report).reasons == {"title|blank": 3}
    assert "3 of 5 records rejected" in only_partition(report).message
    assert len(trial.rows()) == 5
    assert {record.failed for record in trial.refused()} == {True}
    again = Trial(trial.lake, IdleEngine()).run(entity="movies")
    assert again.exit_code == 3, "the same files are refused again, without an engine"
    trial.put(f"{DAY}/filmes_001.json", films(6))
    assert trial.run(entity="movies").exit_code == 0
    assert len(trial.rows()) == 6
    assert trial.refused() == []
    assert not list((trial.lake / "_trustedlake/failed").rglob("*.parquet"))


def test_of_two_records_of_one_film_the_last_wins_and_the_other_names_it(trial: Trial) -> None:
    trial.put(f"{DAY}/b.json", [film(1, title="later file")])
    trial.put(f"{DAY}/a.json", [film(1, title="first"), film(1, title="second")])
    report = trial.run(entity="movies")
    assert only_partition(report).counts.model_dump() == {"framed": 3, "trusted": 1, "rejected": 0, "duplicates": 2}
    assert [row["title"] for row in trial.rows()] == ["later file"]
    assert {record.winner for record in trial.refused()} == {f"{DAY}/b.json#0"}


def test_the_cast_of_a_film_is_no_duplicate_but_a_repeated_line_is(trial: Trial) -> None:
    trial.put(f"{CSV}/2025/05/15/movies.csv", HEADER + line(1) + line(1, "Rui") + line(1))
    report = trial.run("csv", "movies")
    assert only_partition(report).counts.model_dump() == {"framed": 3, "trusted": 2, "rejected": 0, "duplicates": 1}


def test_a_csv_delivered_again_under_a_later_date_replaces_the_earlier(trial: Trial) -> None:
    trial.put(f"{CSV}/2025/05/15/movies.csv", HEADER + line(1) + line(2))
    trial.run("csv", "movies")
    trial.put(f"{CSV}/2025/06/01/movies.csv", HEADER + line(2) + line(3))
    report = trial.run("csv", "movies")
    assert only_table(report).superseded == {f"{CSV}/2025/05/15/movies.csv": f"{CSV}/2025/06/01/movies.csv"}
    assert ids(trial, "id", "Trusted/Local/Parquet/Movies") == ["tt0000002", "tt0000003"]
    trial.put(f"{CSV}/2025/06/01/more.csv", HEADER + line(4))
    trial.run("csv", "movies")
    assert ids(trial, "id", "Trusted/Local/Parquet/Movies") == ["tt0000002", "tt0000003", "tt0000004"]


class TestVanished:
    def two_days(self, trial: Trial) -> None:
        trial.put(f"{DAY}/filmes_001.json", films(2))
        trial.put(f"{NEXT}/filmes_001.json", films(3))
        trial.run(entity="movies")
        (trial.lake / NEXT / "filmes_001.json").unlink()

    def test_by_default_the_run_stops_and_nothing_changes(self, trial: Trial) -> None:
        self.two_days(trial)
        before = trial.snapshot()
        report = trial.run(entity="movies")
        assert report.exit_code == 1
        assert "vanished since they were published" in only_table(report).message
        assert trial.snapshot() == before

    def test_keep_leaves_the_rows_and_is_remembered(self, trial: Trial) -> None:
        self.two_days(trial)
        report = trial.run(entity="movies", vanished="keep")
        assert only_table(report).kept == (f"{NEXT}/filmes_001.json",)
        assert len(trial.rows()) == 5
        assert trial.run(entity="movies").exit_code == 0
        trial.put(f"{DAY}/filmes_002.json", films(1, start=9))
        trial.run(entity="movies")
        assert len(trial.rows()) == 6

    def test_drop_lets_the_rows_go(self, trial: Trial) -> None:
        self.two_days(trial)
        assert statuses(trial.run(entity="movies", vanished="drop")) == {"dia=17": "unchanged", "dia=18": "removed"}
        assert len(trial.rows()) == 2
        assert not list((trial.lake / "Trusted").rglob("dia=18/*.parquet"))

    def test_rows_that_are_kept_hold_their_own_day_only_and_the_hint_lets_them_go(self, trial: Trial) -> None:
        self.two_days(trial)
        trial.put(f"{NEXT}/filmes_002.json", films(1, start=2, title="Again"))
        trial.put(f"{DAY}/filmes_002.json", films(1, start=9))
        kept = [row for row in trial.rows() if row["dia"] == "18"]
        report = trial.run(entity="movies", vanished="keep")
        assert report.exit_code == 3
        assert statuses(report) == {"dia=17": "published", "dia=18": "refused"}
        assert [row for row in trial.rows() if row["dia"] == "18"] == kept
        assert len(trial.rows()) == 6
        assert only_table(report).counts.trusted == 3, "of what this run knows to be as Raw is"
        again = Trial(trial.lake, IdleEngine()).run(entity="movies")
        assert (again.exit_code, statuses(again)) == (3, {"dia=17": "unchanged", "dia=18": "refused"})
        (held,) = [part for part in only_table(again).partitions if part.status == "refused"]
        words = shlex.split(held.hint.partition("here alone: ")[2])
        assert main([*words[1:], "--engine", "sail"], standalone_mode=False) == 0
        assert [row["title"] for row in trial.rows() if row["dia"] == "18"] == ["Again"]
        assert len(trial.rows()) == 4
        assert trial.run(entity="movies").exit_code == 0

    def test_a_file_that_is_restored_frees_its_day(self, trial: Trial) -> None:
        self.two_days(trial)
        trial.put(f"{NEXT}/filmes_002.json", films(1, start=2, title="Again"))
        assert trial.run(entity="movies", vanished="keep").exit_code == 3
        trial.put(f"{NEXT}/filmes_001.json", films(3))
        report = trial.run(entity="movies")
        assert (report.exit_code, only_table(report).kept) == (0, ())
        assert [row["title"] for row in trial.rows() if row["dia"] == "18"] == ["Film 1", "Film 3", "Again"]


class TestByOtherHands:
    def test_a_lake_written_the_old_way_stops_the_run_and_a_full_refresh_takes_it_over(self, trial: Trial) -> None:
        trial.put(f"{DAY}/filmes_001.json", films(4))
        old = [
            "Trusted/TMDB/Parquet/Movies/ano=2025/mes=6/dia=17/part-00000-8f.snappy.parquet",
            "Trusted/TMDB/Parquet/Movies/ano=2025/mes=06/dia=17/part-00000.parquet",
        ]
        for path in old:
            trial.put(path, b"PAR1 old rows")
        trial.put("Trusted/TMDB/Parquet/Movies/_SUCCESS", b"")
        report = trial.run(entity="movies")
        assert report.exit_code == 1
        assert "2 file(s) where tmdb_movies is published are not in its ledger" in only_table(report).message
        assert "twin partitions: ano=2025/mes=6/dia=17 beside ano=2025/mes=06/dia=17" in only_table(report).message
        assert "--full-refresh" in only_table(report).hint
        refreshed = trial.run(entity="movies", full_refresh=True)
        assert refreshed.exit_code == 0
        assert sorted(only_table(refreshed).replaced) == sorted(old)
        assert len(trial.rows()) == 4
        assert {p.read_bytes() for p in (trial.lake / "_trustedlake/replaced").rglob("*.parquet")} == {b"PAR1 old rows"}
        assert only_table(trial.run(entity="movies")).status == "unchanged"

    def test_a_published_file_that_was_changed_by_hand_is_rebuilt(self, trial: Trial) -> None:
        trial.put(f"{DAY}/filmes_001.json", films(4))
        trial.run(entity="movies")
        file = next((trial.lake / "Trusted").rglob("*.parquet"))
        file.write_bytes(file.read_bytes()[:-4])
        assert statuses(trial.run(entity="movies")) == {"dia=17": "published"}
        assert len(trial.rows()) == 4

    def test_a_copied_lake_is_the_same_lake(self, trial: Trial) -> None:
        import shutil  # noqa: PLC0415

        trial.put(f"{DAY}/filmes_001.json", films(4))
        trial.run(entity="movies")
        moved = trial.lake.with_name("copy")
        shutil.copytree(trial.lake, moved)
        for file in moved.rglob("*"):
            os.utime(file, (1, 1))
        report = Trial(moved, IdleEngine()).run(entity="movies")
        assert only_table(report).status == "unchanged"

    @pytest.mark.parametrize("content", ["", '{"version": 1, "table": "tmdb_mo', "[]"])
    def test_a_damaged_ledger_is_rebuilt_by_a_full_refresh(self, trial: Trial, content: str) -> None:
        trial.put(f"{DAY}/filmes_001.json", films(4))
        trial.run(entity="movies")
        trial.put("_trustedlake/ledger/tmdb_movies.json", content)
        report = trial.run(entity="movies")
        assert report.exit_code == 1
        assert "--full-refresh" in only_table(report).hint
        assert trial.run(entity="movies", full_refresh=True).exit_code == 0
        assert len(trial.rows()) == 4
        assert only_table(trial.run(entity="movies")).status == "unchanged"

    def test_a_ledger_of_a_newer_version_is_left_alone(self, trial: Trial) -> None:
        trial.put(f"{DAY}/filmes_001.json", films(4))
        trial.put("_trustedlake/ledger/tmdb_movies.json", {"version": 99, "table": "tmdb_movies", "new": True})
        for refresh in (False, True):
            report = trial.run(entity="movies", full_refresh=refresh)
            assert report.exit_code == 1
            assert "newer" in only_table(report).message
        assert trial.rows() == []

    def test_a_lost_ledger_is_noticed_by_the_files_it_does_not_know(self, trial: Trial) -> None:
        trial.put(f"{DAY}/filmes_001.json", [*films(4), film(4)])
        trial.run(entity="movies")
        (trial.lake / "_trustedlake/ledger/tmdb_movies.json").unlink()
        assert trial.run(entity="movies").exit_code == 1
        assert trial.run(entity="movies", full_refresh=True).exit_code == 0
        assert len(trial.rows()) == 4
        assert len(trial.refused()) == 1


class TestOtherLayouts:
    def test_theme_folders_make_one_table(self, trial: Trial) -> None:
        trial.put("Raw/TMDB/JSON/Crime_Movies/2025/06/17/filmes_001.json", films(2))
        trial.put("Raw/TMDB/JSON/War_Movies/2025/06/17/filmes_001.json", films(2, start=2))
        both = ("Raw/TMDB/JSON/Crime_Movies", "Raw/TMDB/JSON/War_Movies")
        report = trial.run(entity="movies", inputs=both)
        assert only_partition(report).counts.model_dump() == {
            "framed": 4,
            "trusted": 3,
            "rejected": 0,
            "duplicates": 1,
        }
        trial.put("Raw/TMDB/JSON/Crime_Movies/2025/06/17/filmes_002.json", films(1, start=9))
        trial.run(entity="movies", inputs=both[:1])
        assert ids(trial) == [1, 2, 3, 9], "one of the two inputs alone does not drop the other's films"

    def test_a_target_elsewhere_has_its_state_beside_it(self, trial: Trial) -> None:
        trial.put("raw/2025/06/17/filmes_001.json", films(2))
        report = trial.run(entity="movies", inputs=("raw",), target="trusted/tmdb/films")
        assert report.exit_code == 0
        assert len(trial.rows("trusted/tmdb/films")) == 2
        assert (trial.lake / "_trustedlake/ledger/tmdb_movies.json").is_file()

    def test_the_ledger_refuses_other_roots(self, trial: Trial) -> None:
        trial.put(f"{DAY}/filmes_001.json", films(2))
        trial.put("elsewhere/2025/06/17/filmes_001.json", films(2))
        trial.run(entity="movies")
        for wrong in ({"inputs": ("elsewhere",)}, {"target": "Trusted/other"}):
            report = trial.run(entity="movies", **wrong)
            assert report.exit_code == 2
            assert "the ledger of tmdb_movies was written for" in only_table(report).message

    def test_a_narrower_input_is_the_same_table(self, trial: Trial) -> None:
        trial.put(f"{DAY}/filmes_001.json", films(2))
        trial.put(f"{NEXT}/filmes_001.json", films(2))
        trial.run(entity="movies")
        trial.put(f"{NEXT}/filmes_002.json", films(1, start=8))
        report = trial.run(entity="movies", inputs=(NEXT,))
        assert statuses(report) == {"dia=17": "unchanged", "dia=18": "published"}
        assert len(trial.rows()) == 5


class TestDrift:
    def test_a_renamed_key_is_a_warning_and_with_strict_an_error(self, trial: Trial) -> None:
        trial.put(
            f"{DAY}/filmes_001.json", [{("voteAverage" if k == "vote_average" else k): v for k, v in film(1).items()}]
        )
        report = trial.run(entity="movies", strict=True)
        assert report.exit_code == 3
        assert "column vote_average is absent from every record" in only_partition(report).message
        relaxed = trial.run(entity="movies")
        assert relaxed.exit_code == 0
        assert only_table(relaxed).warnings == (
            f"column vote_average is absent from every record of {DAY}/filmes_001.json; unknown there: voteAverage",
        )
        assert trial.rows()[0]["rescued"] == [("voteAverage", "7")]

    def test_the_sources_own_ten_fields_pass_strict_in_silence(self, trial: Trial) -> None:
        trial.put(f"{DAY}/filmes_001.json", films(2))
        table = only_table(trial.run(entity="movies", strict=True))
        assert (table.exit_code, table.warnings) == (0, ())

    def test_a_column_that_was_published_before_is_missed(self, trial: Trial) -> None:
        trial.put(f"{DAY}/filmes_001.json", films(2, runtime=90))
        trial.run(entity="movies")
        trial.put(f"{NEXT}/filmes_001.json", films(2))
        warnings = only_table(trial.run(entity="movies")).warnings
        assert [warning.split(" is absent")[0] for warning in warnings] == ["column runtime"]

    def test_why_values_are_null_is_counted(self, trial: Trial) -> None:
        trial.put(f"{DAY}/a.json", [film(1, release_date=""), film(2, release_date=None), film(3)])
        drift = only_partition(trial.run(entity="movies")).drift
        assert drift.empty["release_date"] == 1
        assert drift.null["release_date"] == 1
        assert drift.null["collection"] == 3
        assert drift.absent["runtime"] == 3


def test_dry_run_says_what_would_be_done_and_writes_nothing(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", films(2))
    before = trial.snapshot()
    report = Trial(trial.lake, IdleEngine()).run(entity="movies", dry_run=True)
    assert only_table(report).status == "planned"
    assert [(part.partition, part.message) for part in only_table(report).partitions] == [
        ("ano=2025/mes=06/dia=17", "new")
    ]
    assert trial.snapshot() == before
    assert not (trial.lake / "_trustedlake").exists()


def test_zero_files_is_never_success(trial: Trial) -> None:
    (trial.lake / MOVIES).mkdir(parents=True)
    report = trial.run(entity="movies")
    assert report.exit_code == 1
    assert "no raw file of tmdb_movies" in only_table(report).message


def test_zero_records_is_never_success(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", [])
    report = trial.run(entity="movies")
    assert report.exit_code == 3
    assert only_partition(report).message == f"no record in {DAY}/filmes_001.json"
    again = only_partition(trial.run(entity="movies"))
    assert (again.status, "quarantine" in again.hint) == ("refused", False)


def test_one_table_that_fails_does_not_keep_the_other_from_being_published(trial: Trial) -> None:
    trial.put("Raw/TMDB/JSON/Series/series_without_date.json", [])
    trial.put(f"{DAY}/filmes_001.json", films(2))
    report = trial.run()
    assert report.exit_code == 1
    assert [table.status for table in report.tables] == ["published", "failed"]
    assert len(trial.rows()) == 2


def test_a_library_call_keeps_the_arguments_of_its_script_out_of_the_report(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys  # noqa: PLC0415

    monkeypatch.setattr(sys, "argv", ["job.py", "--password", "hunter2"])
    trial.put(f"{DAY}/filmes_001.json", films(2))
    assert "hunter2" not in trial.run(entity="movies").model_dump_json()
