"""A raw file beyond a limit refuses its own day; the other days are published."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from tests.support.trials import CSV, MOVIES, films, ids
from trustedlake.core.framing.source import MAX_WHOLE

if TYPE_CHECKING:
    from tests.support.trials import Trial


def test_a_line_over_256_mb_refuses_only_its_day_until_it_is_accepted(trial: Trial) -> None:
    for day in (17, 18, 19):
        trial.put(f"{MOVIES}/2025/06/{day}/filmes_001.json", films(1, start=day))
    bad = f"{MOVIES}/2025/06/18/lines.json.gz"
    line = b'{"id": 3, "title": "' + b"x" * MAX_WHOLE + b'"}'
    trial.put(bad, gzip.compress(b'{"id": 2, "title": "ok"}\n' + line + b"\n", 1))
    report = trial.run(entity="movies")
    refused = [part for part in report.tables[0].partitions if part.status == "refused"]
    assert report.exit_code == 3
    assert [list(part.problems) for part in refused] == [[bad]]
    assert set(ids(trial)) == {17, 19}
    assert trial.run(entity="movies", accept_unreadable=frozenset([bad])).exit_code == 0
    assert set(ids(trial)) == {17, 18, 19}


def test_a_file_of_blanks_that_fills_memory_refuses_only_its_day(trial: Trial) -> None:
    trial.put(f"{MOVIES}/2025/06/17/filmes_001.json", films(1))
    trial.put(f"{MOVIES}/2025/06/18/blank.json.gz", gzip.compress(b" " * (MAX_WHOLE + 10), 1))
    assert trial.run(entity="movies").exit_code == 3
    assert ids(trial) == [1]


@pytest.mark.parametrize("digits", ["9" * 5_000, "-" + "0" * 5_000 + "x", "1" * 20])
def test_an_id_of_many_digits_is_rejected_with_its_reason(trial: Trial, digits: str) -> None:
    trial.put(f"{MOVIES}/2025/06/17/a.json", f'[{{"id": 1, "title": "A"}}, {{"id": "{digits}", "title": "B"}}]')
    assert trial.run(entity="movies").exit_code == 0
    assert [record.reasons for record in trial.refused()] == [("movie_id|type",)]


def test_millions_of_blank_lines_give_no_rows(trial: Trial) -> None:
    trial.put(f"{CSV}/movies.csv", "\n" * 1_000_000 + "id|tituloPincipal\ntt1|x" + "\n" * 1_000_000 + "tt2|y")
    assert trial.run("csv", "movies").exit_code == 0
    rows = trial.rows("Trusted/Local/Parquet/Movies")
    assert [row["record_index"] for row in rows] == [1_000_002, 2_000_002]
