"""What changed is judged again, the rest is left alone; what a second delivery means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.trials import CSV, MOVIES, IdleEngine, Trial, film, films, ids, only_partition, only_table, statuses
from trustedlake.models.ledger import Counts

if TYPE_CHECKING:
    import pytest

DAY, NEXT = f"{MOVIES}/2025/06/17", f"{MOVIES}/2025/06/18"
HEADER = (
    "id|tituloPincipal|tituloOriginal|anoLancamento|tempoMinutos|genero|notaMedia|numeroVotos|generoArtista"
    "|personagem|nomeArtista|anoNascimento|anoFalecimento|profissao|titulosMaisConhecidos\n"
)


def line(number: int, artist: str = "Ana") -> str:
    return f"tt{number:07}|T|T|1961|90|Drama|7.5|100|actress|R|{artist}|1930|\\N||tt0000001\n"


def test_a_rerun_does_not_double_rows_as_appending_did(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", films(5))
    trial.run(entity="movies")
    before = trial.snapshot()
    report = Trial(trial.lake, IdleEngine()).run(entity="movies")
    assert only_table(report).status == "unchanged"
    assert trial.snapshot() == before


def test_only_the_new_day_is_judged(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", films(5))
    trial.run(entity="movies")
    trial.put(f"{NEXT}/filmes_001.json", films(2))
    assert statuses(trial.run(entity="movies")) == {"dia=17": "unchanged", "dia=18": "published"}
    assert len(trial.rows()) == 7


def test_the_ingestion_date_comes_from_the_folder_not_from_the_run(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", films(1))
    trial.run(entity="movies")
    assert [(row["ano"], row["mes"], row["dia"]) for row in trial.rows()] == [("2025", "06", "17")]


def test_a_fixed_record_moves_from_quarantine_to_trusted(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", [*films(3), film(4, vote_average="bad")])
    trial.run(entity="movies")
    assert [record.reasons for record in trial.refused()] == [("vote_average|type",)]
    trial.put(f"{DAY}/filmes_001.json", films(4))
    trial.run(entity="movies")
    assert trial.refused() == []
    assert ids(trial) == [1, 2, 3, 4]
    assert not list((trial.lake / "Quarantine").rglob("*.parquet"))


def test_a_refused_partition_keeps_its_rows_and_is_published_once_it_is_fixed(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", films(5))
    trial.run(entity="movies")
    trial.put(f"{DAY}/filmes_001.json", [film(n, title="") for n in range(1, 4)] + films(2, start=4))
    report = trial.run(entity="movies")
    assert report.exit_code == 3
    assert only_partition(report).reasons == {"title|blank": 3}
    assert "3 of 5 records rejected" in only_partition(report).message
    assert f"trustedlake contract init --from {DAY}/filmes_001.json --table NAME" in only_partition(report).hint
    assert len(trial.rows()) == 5
    assert {record.failed for record in trial.refused()} == {True}
    again = Trial(trial.lake, IdleEngine()).run(entity="movies")
    assert again.exit_code == 3, "the same files are refused again, without an engine"
    trial.put(f"{DAY}/filmes_001.json", films(6))
    assert trial.run(entity="movies").exit_code == 0
    assert len(trial.rows()) == 6
    assert trial.refused() == []
    assert not list((trial.lake / "_trustedlake/failed").rglob("*.parquet"))


def test_the_last_record_of_a_film_wins_and_the_duplicates_name_it(trial: Trial) -> None:
    trial.put(f"{DAY}/b.json", [film(1, title="later file")])
    trial.put(f"{DAY}/a.json", [film(1, title="first"), film(1, title="second")])
    report = trial.run(entity="movies")
    assert only_partition(report).counts == Counts(framed=3, trusted=1, rejected=0, duplicates=2)
    assert [row["title"] for row in trial.rows()] == ["later file"]
    assert {record.winner for record in trial.refused()} == {f"{DAY}/b.json#0"}


def test_lines_with_different_actors_are_no_duplicates_but_repeated_lines_are(trial: Trial) -> None:
    trial.put(f"{CSV}/2025/05/15/movies.csv", HEADER + line(1) + line(1, "Rui") + line(1))
    report = trial.run("csv", "movies")
    assert only_partition(report).counts == Counts(framed=3, trusted=2, rejected=0, duplicates=1)


TABLE = "Trusted/Local/Parquet/Movies"


def test_two_deliveries_with_one_name_both_count_and_equal_rows_are_duplicates(trial: Trial) -> None:
    trial.put(f"{CSV}/2025/05/15/movies.csv", HEADER + line(1) + line(2))
    trial.run("csv", "movies")
    trial.put(f"{CSV}/2025/06/01/movies.csv", HEADER + line(2) + line(3))
    report = trial.run("csv", "movies")
    assert only_partition(report).counts == Counts(framed=4, trusted=3, rejected=0, duplicates=1)
    assert ids(trial, "id", TABLE) == ["tt0000001", "tt0000002", "tt0000003"]
    assert [record.winner for record in trial.refused()] == [f"{CSV}/2025/06/01/movies.csv#2"]


def test_a_delivery_that_an_older_version_ignored_for_its_name_is_published(trial: Trial) -> None:
    trial.put(f"{CSV}/2025/06/01/movies.csv", HEADER + line(2) + line(3))
    trial.run("csv", "movies")  # as the ledger was then: it knows the later file alone
    trial.put(f"{CSV}/2025/05/15/movies.csv", HEADER + line(1) + line(2))
    assert trial.run("csv", "movies").exit_code == 0
    assert ids(trial, "id", TABLE) == ["tt0000001", "tt0000002", "tt0000003"]


class TestDrift:
    def test_a_renamed_key_is_a_warning_and_an_error_with_strict(self, trial: Trial) -> None:
        trial.put(
            f"{DAY}/filmes_001.json", [{("voteAverage" if k == "vote_average" else k): v for k, v in film(1).items()}]
        )
        report = trial.run(entity="movies", strict=True)
        assert report.exit_code == 3
        assert "column vote_average is absent from every record" in only_partition(report).message
        relaxed = trial.run(entity="movies")
        assert relaxed.exit_code == 0
        assert only_table(relaxed).warnings == (
            f"column vote_average is absent from every record of {DAY}/filmes_001.json; it seems to be called"
            ' voteAverage there: the contract takes it with synonyms: [{synonym: "voteAverage"}]',
        )
        assert trial.rows()[0]["rescued"] == [("voteAverage", "7")]

    def test_records_with_only_the_ten_source_fields_pass_strict_without_warnings(self, trial: Trial) -> None:
        trial.put(f"{DAY}/filmes_001.json", films(2))
        table = only_table(trial.run(entity="movies", strict=True))
        assert (table.exit_code, table.warnings) == (0, ())

    def test_a_missing_column_that_was_published_before_is_a_warning(self, trial: Trial) -> None:
        trial.put(f"{DAY}/filmes_001.json", films(2, runtime=90))
        trial.run(entity="movies")
        trial.put(f"{NEXT}/filmes_001.json", films(2))
        warnings = only_table(trial.run(entity="movies")).warnings
        assert [warning.split(" is absent")[0] for warning in warnings] == ["column runtime"]

    def test_the_causes_of_null_values_are_counted(self, trial: Trial) -> None:
        trial.put(f"{DAY}/a.json", [film(1, release_date=""), film(2, release_date=None), film(3)])
        drift = only_partition(trial.run(entity="movies")).drift
        assert drift.empty["release_date"] == 1
        assert drift.null["release_date"] == 1
        assert drift.null["collection"] == 3
        assert drift.absent["runtime"] == 3


def test_a_dry_run_says_what_it_would_do_and_writes_nothing(trial: Trial) -> None:
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


def test_the_other_table_is_published_although_one_table_fails(trial: Trial) -> None:
    trial.put("Raw/TMDB/JSON/Series/series_without_date.json", [])
    trial.put(f"{DAY}/filmes_001.json", films(2))
    report = trial.run()
    assert report.exit_code == 1
    assert [table.status for table in report.tables] == ["published", "failed"]
    assert len(trial.rows()) == 2


def test_the_report_of_a_library_call_has_no_arguments_of_the_calling_script(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys  # noqa: PLC0415

    monkeypatch.setattr(sys, "argv", ["job.py", "--password", "hunter2"])
    trial.put(f"{DAY}/filmes_001.json", films(2))
    assert "hunter2" not in trial.run(entity="movies").model_dump_json()
