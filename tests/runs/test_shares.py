"""An engine that can take little at once gets whole days in shares: the published result is the same."""

from __future__ import annotations

import json
import time
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from tests.support.faulty_engines import FaultyEngine
from tests.support.trials import MOVIES, Trial, film, films, only_table
from trustedlake.app.trusted.job import Options, silent
from trustedlake.entrypoints.lake import compose

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.app.trusted.job import Progress
    from trustedlake.models.contract import Contract
    from trustedlake.models.report import TableReport
    from trustedlake.ports import Batch, Engine


def lose_a_row(trusted: Path, _: Path) -> None:
    file = next(trusted.rglob("*.parquet"))
    pq.write_table(pq.ParquetFile(file).read().slice(1), file)


class Sparing(FaultyEngine):
    """Takes so many raw bytes at once; the batches it was given can be looked at. `faulty`: in this batch."""

    def __init__(self, engine: Engine, at_once: int, *, faulty: int | None = None) -> None:
        super().__init__(engine, lose_a_row)
        self._at_once = at_once
        self._faulty = faulty
        self.batches: list[Batch] = []

    def batch_size(self, size: int) -> int:
        return min(size, self._at_once)

    def judge(self, batch: Batch, contract: Contract, *, run_id: str, trusted: Path, quarantine: Path) -> None:
        self.batches.append(batch)
        judge = super().judge if len(self.batches) - 1 == self._faulty else self._engine.judge
        judge(batch, contract, run_id=run_id, trusted=trusted, quarantine=quarantine)


def lake_of_four_days(trial: Trial) -> list[int]:
    """Days of 1, 2, 30 and 1 files; their raw bytes."""
    sizes = []
    for day, files in ((16, 1), (17, 2), (18, 30), (19, 1)):
        paths = [trial.put(f"{MOVIES}/2025/06/{day}/{n:02}.json", [*films(5, start=9 * n + 1)]) for n in range(files)]
        sizes.append(sum(path.stat().st_size for path in paths))
    twins = [*films(2), film(1, title="again"), film(7, title=None)]
    sizes[1] += trial.put(f"{MOVIES}/2025/06/17/twins.json", twins).stat().st_size
    return sizes


def run(
    trial: Trial, engine: Engine, stand_in: Engine | None = None, progress: Progress = silent, **options: Any
) -> TableReport:
    place = compose.Place(lake=str(trial.lake))
    with compose.home(place, engine=engine, stand_in=stand_in, progress=progress, lanes="off") as home:
        table: TableReport = only_table(home.to_trusted(compose.Asked(("tmdb_movies",)), Options(**options)))
        return table


def outcome(trial: Trial) -> tuple[Any, Any]:
    """The rows, and the ledger but for the bytes of Parquet files, which an engine doesn't promise."""
    ledger = json.loads((trial.lake / "_trustedlake/ledger/tmdb_movies.json").read_text())
    parts = ledger["partitions"]
    counted = {name: (part["counts"], part["raw"], [f["key"] for f in part["trusted"]]) for name, part in parts.items()}
    return trial.rows(), counted


def test_days_share_a_judging_step_while_they_fit_and_a_larger_day_goes_alone(trial: Trial) -> None:
    sizes = lake_of_four_days(trial)
    engine = Sparing(trial.engine, sizes[0] + sizes[1])

    table = run(trial, engine)

    assert table.exit_code == 0
    assert [batch.size for batch in engine.batches] == [sizes[0] + sizes[1], sizes[2], sizes[3]]
    assert [batch.partitions for batch in engine.batches] == [2, 1, 1]
    assert [batch.records for batch in engine.batches] == [19, 150, 5]
    assert not any(batch.framed.exists() for batch in engine.batches)


class Patient(Sparing):
    """Judges its first batch only when rows of the next one are there."""

    def judge(self, batch: Batch, contract: Contract, *, run_id: str, trusted: Path, quarantine: Path) -> None:
        if not self.batches:
            deadline = time.monotonic() + 60
            while not any((batch.framed.parent / "00001").iterdir()):
                assert time.monotonic() < deadline, "the next share is not framed ahead"
                time.sleep(0.01)
        super().judge(batch, contract, run_id=run_id, trusted=trusted, quarantine=quarantine)


def test_the_next_share_is_framed_while_one_is_judged(trial: Trial) -> None:
    for day in range(16, 19):  # enough for framing processes
        long = [film(number, overview="long " * 1000) for number in range(1, 1201)]
        trial.put(f"{MOVIES}/2025/06/{day}/01.json", long)

    table = run(trial, engine := Patient(trial.engine, 1))

    assert (table.exit_code, table.counts.trusted, len(engine.batches)) == (0, 3600, 3)


def test_judging_in_shares_gives_the_same_result_as_all_at_once(trial: Trial) -> None:
    lake_of_four_days(trial)
    run(trial, Sparing(trial.engine, 1 << 30))
    at_once = outcome(trial)

    in_shares = Sparing(trial.engine, 1)
    run(trial, in_shares, full_refresh=True)

    assert len(in_shares.batches) == 4
    assert outcome(trial) == at_once


def test_progress_of_judging_and_proving_counts_the_partitions_of_all_shares(trial: Trial) -> None:
    lake_of_four_days(trial)
    heard: list[tuple[str, int, int]] = []

    def hear(step: str, *, done: int = 0, total: int = 0, records: int = 0) -> None:
        if step in {"judge", "prove"}:
            heard.append((step, done, total))

    run(trial, Sparing(trial.engine, 1), progress=hear)

    each = [[("judge", done, 4), ("prove", done, 4), ("prove", done + 1, 4)] for done in range(4)]
    assert heard == [one for some in each for one in some]


def test_an_unbalanced_share_and_all_later_ones_are_judged_again(trial: Trial) -> None:
    lake_of_four_days(trial)
    first, second = Sparing(trial.engine, 1, faulty=1), Sparing(trial.engine, 1)
    second.name = "second 1.0"

    table = run(trial, first, second)

    assert table.exit_code == 0
    assert table.engine == "second 1.0"
    assert "second 1.0 judged again because faulty 1.0 failed: ano=2025/mes=06/dia=17" in table.notes[0]
    assert [batch.records for batch in first.batches] == [5, 14]
    assert [batch.records for batch in second.batches] == [14, 150, 5]
    assert len(trial.rows()) == 5 + 10 + 150 + 5


@pytest.mark.parametrize("faulty", range(4))
def test_one_unbalanced_share_prevents_publishing_all_of_them(faulty: int, trial: Trial) -> None:
    lake_of_four_days(trial)

    table = run(trial, Sparing(trial.engine, 1, faulty=faulty))

    assert table.exit_code == 3
    assert f"dia={16 + faulty}" in table.message
    assert not trial.rows()
    assert not list((trial.lake / "_trustedlake/staging").glob("*"))


@pytest.mark.parametrize(("days", "each"), [(37, 1), (60, 2), (313, 12)])
def test_each_of_many_small_days_gets_its_own_rows(trial: Trial, days: int, each: int) -> None:
    """pyarrow's groups came in another order than the rows, so days got the rows of others, and every run failed."""
    first = date(2025, 1, 1)
    for number in range(days):
        day = first + timedelta(number)
        trial.put(f"{MOVIES}/{day:%Y/%m/%d}/a.json", films(each + number % 3, start=1 + number))
    table = only_table(trial.run(entity="movies"))
    assert table.message == ""
    rows = trial.rows()
    assert len(rows) == sum(each + number % 3 for number in range(days))
    assert all(f"/{row['ano']}/{row['mes']}/{row['dia']}/" in row["file_path"] for row in rows)
