"""Each hostile fixture, with one defect per file, in a whole run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.trials import CSV, FIXTURES, MOVIES, IdleEngine, Trial, film, films, only_partition, statuses

HOSTILE = json.loads((FIXTURES / "expected" / "hostile.json").read_text())
UNREADABLE = [name for name, wanted in HOSTILE.items() if wanted["unreadable"]]
READABLE = [name for name, wanted in HOSTILE.items() if not wanted["unreadable"]]


def place(trial: Trial, name: str) -> tuple[str, str]:
    """Put the file into Raw; return its path and its source."""
    source = name.partition("/")[0]
    folder = f"{MOVIES}/2025/06/17" if source == "json" else f"{CSV}/2025/05/15"
    path = f"{folder}/{name.partition('/')[2]}"
    trial.put(path, (FIXTURES / "hostile" / name).read_bytes())
    return path, "tmdb" if source == "json" else "csv"


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unreadable_file_refuses_its_partition_and_leaves_the_others(trial: Trial, name: str) -> None:
    path, source = place(trial, name)
    trial.put(f"{MOVIES}/2025/06/18/filmes_001.json", films(3))
    report = trial.run(source, "movies")
    table = report.tables[0]
    refused = [part for part in table.partitions if part.status == "refused"]
    assert report.exit_code == 3
    assert [list(part.problems) for part in refused] == [[path]]
    assert len(refused[0].problems[path]) > 15, "the reason is a sentence"
    assert "move it out" in refused[0].hint, "alone in its partition it can't be accepted: nothing would be left"
    published = trial.rows() if source == "tmdb" else trial.rows("Trusted/Local/Parquet/Movies")
    assert len(published) == (3 if source == "tmdb" else 0)
    shown = [record for record in trial.refused() if record.verdict == "unreadable"]
    assert [(record.file_path, record.failed) for record in shown] == [(path, True)]


@pytest.mark.parametrize("name", READABLE)
def test_a_readable_file_with_bad_records_keeps_its_good_records(trial: Trial, name: str) -> None:
    path, source = place(trial, name)
    report = trial.run(source, "movies", max_rejected=1.0)
    part = only_partition(report)
    wanted = HOSTILE[name]
    assert part.counts.framed == wanted["records"]
    assert part.counts.framed == part.counts.trusted + part.counts.rejected + part.counts.duplicates
    assert part.counts.elsewhere == 0
    found = {str(record.record_index): record for record in trial.refused()}
    for index, problem in wanted["problems"].items():
        assert found[index].file_path == path
        assert found[index].reasons[0] == problem
    assert part.status == ("published" if part.counts.trusted else "refused")


def test_a_day_with_an_accepted_unreadable_file_is_published_and_the_file_remembered(trial: Trial) -> None:
    path, _ = place(trial, "json/error_body.json")
    trial.put(f"{MOVIES}/2025/06/17/filmes_001.json", films(3))
    assert trial.run(entity="movies").exit_code == 3
    assert trial.rows() == []
    report = trial.run(entity="movies", accept_unreadable=frozenset([path]))
    assert report.exit_code == 0
    assert path in report.tables[0].accepted_unreadable
    assert len(trial.rows()) == 3
    assert [(r.verdict, r.failed) for r in trial.refused()] == [("unreadable", False)]
    again = trial.run(entity="movies")
    assert (again.exit_code, only_partition(again).status) == (0, "unchanged")
    trial.put(f"{MOVIES}/2025/06/17/filmes_002.json", films(2, start=10))
    assert trial.run(entity="movies").exit_code == 0, "accepted once, for these bytes, is accepted"
    trial.put(path, '{"success":false,"status_code":7,"status_message":"another one"}')
    assert trial.run(entity="movies").exit_code == 3, "other bytes must be accepted anew"
    assert len(trial.rows()) == 5, "a refused partition keeps what it had"


def test_an_accepted_file_stays_accepted_when_another_file_refuses_the_day(trial: Trial) -> None:
    path, _ = place(trial, "json/error_body.json")
    trial.put(f"{MOVIES}/2025/06/17/filmes_001.json", films(3))
    trial.run(entity="movies", accept_unreadable=frozenset([path]))
    broken = trial.put(f"{MOVIES}/2025/06/17/filmes_002.json", "[")
    assert trial.run(entity="movies").exit_code == 3
    broken.unlink()
    assert trial.run(entity="movies", vanished="drop").exit_code == 0


@pytest.mark.parametrize("name", ["json/error_body.json", "json/empty.json", "csv/empty.csv"])
@pytest.mark.parametrize("options", [{}, {"vanished": "drop"}, {"full_refresh": True}, {"max_rejected": 1.0}])
def test_a_run_with_only_accepted_files_is_no_success_and_neither_is_its_rerun(
    trial: Trial, name: str, options: dict[str, Any]
) -> None:
    path, source = place(trial, name)
    report = trial.run(source, "movies", accept_unreadable=frozenset([path]), **options)
    assert report.exit_code == 3
    assert only_partition(report).message.startswith("no record")
    assert not list((trial.lake / "Trusted").rglob("*.parquet"))
    anew = trial if "full_refresh" in options else Trial(trial.lake, IdleEngine())
    again = anew.run(source, "movies", **options)
    assert (again.exit_code, only_partition(again).status) == (3, "refused")


def test_a_day_with_only_an_accepted_error_page_is_refused_until_the_page_is_moved_out(trial: Trial) -> None:
    path, _ = place(trial, "json/error_body.json")
    trial.put(f"{MOVIES}/2025/06/18/filmes_001.json", films(2))
    report = trial.run(entity="movies", accept_unreadable=frozenset([path]))
    assert (report.exit_code, statuses(report)) == (3, {"dia=17": "refused", "dia=18": "published"})
    (trial.lake / path).unlink()
    after = trial.run(entity="movies")
    assert (after.exit_code, statuses(after)) == (0, {"dia=17": "removed", "dia=18": "unchanged"})
    assert trial.refused() == []
    last = trial.run(entity="movies")
    assert (last.exit_code, statuses(last)) == (0, {"dia=18": "unchanged"})


def test_a_day_that_lost_its_good_file_keeps_its_rows_and_is_refused(trial: Trial) -> None:
    path, _ = place(trial, "json/error_body.json")
    good = trial.put(f"{MOVIES}/2025/06/17/filmes_001.json", films(3))
    assert trial.run(entity="movies", accept_unreadable=frozenset([path])).exit_code == 0
    good.unlink()
    for _ in range(2):
        assert trial.run(entity="movies", vanished="drop").exit_code == 3
    assert len(trial.rows()) == 3


def test_a_day_that_an_older_version_published_without_records_is_refused(trial: Trial) -> None:
    path, _ = place(trial, "json/error_body.json")
    trial.put(f"{MOVIES}/2025/06/17/filmes_001.json", films(3))
    trial.run(entity="movies", accept_unreadable=frozenset([path]))
    file = trial.lake / "_trustedlake/ledger/tmdb_movies.json"
    ledger = json.loads(file.read_text())
    (entry,) = ledger["partitions"].values()
    for published in entry["trusted"]:
        (trial.lake / published["key"]).unlink()
    entry |= {"counts": {"framed": 0}, "trusted": [], "columns": []}
    entry["raw"] = [raw for raw in entry["raw"] if raw["path"] == path]
    file.write_text(json.dumps(ledger))
    (trial.lake / MOVIES / "2025/06/17/filmes_001.json").unlink()
    assert [trial.run(entity="movies").exit_code for _ in range(2)] == [3, 3]


def test_accepting_a_path_that_is_no_raw_file_is_a_config_error(trial: Trial) -> None:
    from trustedlake.errors import ConfigError  # noqa: PLC0415

    trial.put(f"{MOVIES}/2025/06/17/filmes_001.json", [film(1)])
    with pytest.raises(ConfigError, match=r"nowhere\.json is not a raw file of tmdb_movies"):
        trial.run(entity="movies", accept_unreadable=frozenset(["nowhere.json"]))
