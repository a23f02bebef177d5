"""The state of a lake in SQL: runs, partitions, files, refused records and warnings."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.trials import MOVIES, Trial, film, give_a_past
from trustedlake.core.state_tables import STATE_TABLES
from trustedlake.entrypoints.wiring.lake_query import querying
from trustedlake.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.adapters.spark.sail_engine import SailEngine


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, sail_engine: SailEngine) -> Path:
    """Two published days, one with drift and rejected films; a refused one; files that no run or no table takes."""
    trial = Trial(tmp_path_factory.mktemp("state") / "lake", sail_engine)
    give_a_past(trial)
    trial.put(f"{MOVIES}/2025/06/20/a.json.bak", "[]")
    return trial.lake


def ask(lake: Path, sql: str) -> list[tuple[Any, ...]]:
    with querying(str(lake)) as tables:
        return list(tables.ask(sql).rows)


def test_the_partitions_table_has_counts_and_refusals(lake: Path) -> None:
    found = ask(lake, "SELECT day, published, refused, gate, trusted, rejected, rejected_share, files FROM _partitions")
    assert found == [
        (date(2025, 6, 16), True, False, None, 5, 0, 0.0, 1),
        (date(2025, 6, 18), True, False, None, 1, 1, 0.5, 1),
        (date(2025, 6, 19), False, True, "unreadable", 0, 0, None, 0),
    ]
    sql = (
        "SELECT count(*) FROM _partitions p JOIN _warnings w ON abs(epoch(p.refused_since - w.since)) < 10 WHERE id = "
    )
    assert ask(lake, f"{sql} 'drift-vote_average'") == [(1,)], "both are since the second run"


def test_the_files_table_has_the_state_of_each_raw_file(lake: Path) -> None:
    found = ask(lake, "SELECT path, state, table_name, records FROM _files WHERE zone = 'raw' ORDER BY path")
    assert [(path.removeprefix(f"{MOVIES}/2025/06/"), *rest) for path, *rest in found] == [
        ("Raw/TMDB/JSON/Actors/2025/x.json", "untaken", None, None),
        ("16/a.json", "published", "tmdb_movies", 5),
        ("18/a.json", "published", "tmdb_movies", 2),
        ("19/a.json", "refused", "tmdb_movies", 0),
        ("20/a.json", "pending", "tmdb_movies", None),
        ("20/a.json.bak", "ignored", None, None),
    ]
    assert ask(lake, "SELECT zone, state, sum(records) FROM _files WHERE zone <> 'raw' GROUP BY ALL ORDER BY ALL") == [
        ("failed", "refused", 1),
        ("quarantine", "published", 1),
        ("trusted", "published", 6),
    ]


def test_the_quarantine_table_has_the_partition_of_each_refused_record(lake: Path) -> None:
    found = ask(lake, "SELECT day, failed, verdict, reasons, record_index FROM _quarantine ORDER BY day")
    assert found == [
        (date(2025, 6, 18), False, "rejected", ["movie_id|type", "title|missing"], 1),
        (date(2025, 6, 19), True, "unreadable", found[1][3], -1),
    ]


@pytest.mark.parametrize(
    ("sql", "looked"),
    [
        ("SELECT count(*) FROM _quarantine", 0),
        ("SELECT reasons, p.day FROM _quarantine q JOIN _partitions p USING (partition) WHERE p.trusted > 0", 0),
        ("SELECT * FROM _quarantine", 1),
        ("FROM _quarantine", 1),
        ("SELECT count(q.Corrected_By) FROM _quarantine q", 1),
        ("SELECT q FROM _quarantine AS q", 1),
        ("SELECT day FROM _quarantine ORDER BY corrected_by", 1),
        ("SELECT count(*) FROM _quarantine WHERE corrected_by IS NULL", 1),
        ("SELECT * FROM _warnings", 0),
    ],
)
def test_corrections_are_looked_up_only_if_the_query_shows_them(
    lake: Path, monkeypatch: pytest.MonkeyPatch, sql: str, looked: int
) -> None:
    """The lookup reads the published files, which may be in a bucket."""
    looks: list[int] = []

    def mark(_: object, records: list[Any], __: object) -> list[Any]:
        looks.append(len(records))
        return records

    monkeypatch.setattr("trustedlake.app.quarantine.mark_corrected", mark)
    ask(lake, sql)
    assert len(looks) == looked


def test_a_query_without_corrections_does_not_hide_them_from_a_later_query(
    tmp_path: Path, sail_engine: SailEngine
) -> None:
    trial = Trial(tmp_path / "lake", sail_engine)
    trial.put(f"{MOVIES}/2025/06/17/a.json", [film(1), film(2), film(3, vote_average=99)])
    trial.put(f"{MOVIES}/2025/06/17/b.json", [film(1)])
    trial.put(f"{MOVIES}/2025/06/18/fix.json", [film(3)])
    trial.run(entity="movies", max_rejected=0.5)
    with querying(str(trial.lake)) as tables:
        rows = "SELECT verdict, record_index, {} FROM _quarantine ORDER BY verdict DESC"
        early = list(tables.ask(rows.format("winner")).rows)
        assert early == [("rejected", 2, None), ("duplicate", 0, f"{MOVIES}/2025/06/17/b.json#0")]
        late = list(tables.ask(rows.format("corrected_by")).rows)
        assert late == [("rejected", 2, f"{MOVIES}/2025/06/18/fix.json#0"), ("duplicate", 0, None)]
        assert list(tables.ask(rows.format("winner")).rows) == early


def test_the_runs_table_has_one_row_per_run_and_table(lake: Path) -> None:
    assert ask(lake, "SELECT run_exit_code, status, published, refused, unchanged, trusted, warnings FROM _runs") == [
        (0, "published", 1, 0, 0, 5, 0),
        (3, "refused", 1, 1, 1, 6, 3),
    ]
    assert ask(lake, "SELECT count(*) FROM _runs WHERE duration_s < table_s OR finished < started") == [(0,)]


def test_each_state_table_has_the_columns_of_the_reference_page(lake: Path) -> None:
    with querying(str(lake)) as tables:
        assert {one.name for one in STATE_TABLES} <= set(tables.names)
        for one in STATE_TABLES:
            described = [row[0] for row in tables.ask(f"DESCRIBE {one.name}").rows]
            assert described == [column.name for column in one.columns]


def test_a_lake_without_published_tables_has_a_state_too(tmp_path: Path, sail_engine: SailEngine) -> None:
    trial = Trial(tmp_path, sail_engine)
    trial.put(f"{MOVIES}/2025/06/19/a.json", b"[{")
    with pytest.raises(InputError, match="nothing is published"), querying(str(tmp_path)):
        pass
    trial.run(entity="movies")
    assert ask(tmp_path, "SELECT count(*) FROM _partitions WHERE refused") == [(1,)]
    ledger = next((tmp_path / "_trustedlake").rglob("ledger/*.json"))
    ledger.write_text(ledger.read_text().replace('"size":2', f'"size":{10**30}'))
    with pytest.raises(InputError, match="a value that no column can hold"):
        ask(tmp_path, "FROM _files")
