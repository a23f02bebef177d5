"""The audit finds every damage done by hand, names it, and finds nothing where nothing is wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.faults import Crash, FaultyStore, Operation
from tests.support.trials import CSV, FIXTURES, MOVIES, Trial, film, films
from trustedlake.adapters.host import LocalHost
from trustedlake.app.options import Options
from trustedlake.entrypoints import compose
from trustedlake.errors import InputError, RetriableError
from trustedlake.models.audit import AuditReport, FindingKind, TableAudit
from trustedlake.models.journal import Owner

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trustedlake.adapters.sail import SailEngine
    from trustedlake.ports import Host

DAY = f"{MOVIES}/2025/06/17"
NEXT = f"{MOVIES}/2025/06/18"
TRUSTED = "Trusted/TMDB/Parquet/Movies"
PART = f"{TRUSTED}/ano=2025/mes=06/dia=17/part-00000.parquet"
QUARANTINE = "Quarantine/TMDB/Parquet/Movies/ano=2025/mes=06/dia=17/part-00000.parquet"
ONE, TWO = f"{DAY}/filmes_001.json", f"{DAY}/filmes_002.json"
HOSTILE = json.loads((FIXTURES / "expected" / "hostile.json").read_text())
LEDGER = "_trustedlake/ledger/tmdb_movies.json"


def audit(trial: Trial, *, fix: bool = False, **scope: str) -> AuditReport:
    """What `trustedlake audit` says."""
    with compose.home(compose.Place(lake=str(trial.lake))) as home:
        return home.audit(**scope, fix=fix)


def found(report: AuditReport) -> list[tuple[str, str, int]]:
    """Kind, place and records of all findings; the exit code agrees with them."""
    findings = [*report.findings, *(finding for table in report.tables for finding in table.findings)]
    assert report.exit_code == (3 if findings else 0)
    return [(str(finding.kind), finding.where, finding.records) for finding in findings]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, sail_engine: SailEngine) -> Path:
    """Two days: two files with a rejected record and a duplicate between them, and a file of the next day."""
    trial = Trial(tmp_path_factory.mktemp("template") / "lake", sail_engine)
    trial.put(ONE, [*films(4), film(9, vote_average=11)])
    trial.put(TWO, "".join(json.dumps(one) + "\n" for one in [film(4), *films(3, start=5)]))
    trial.put(f"{NEXT}/filmes_001.json", films(3))
    report = trial.run(entity="movies", max_rejected=0.5)
    assert report.tables[0].counts.model_dump() == {"framed": 12, "trusted": 10, "rejected": 1, "duplicates": 1}
    return trial.lake


@pytest.fixture
def lake(template: Path, tmp_path: Path, sail_engine: SailEngine) -> Trial:
    shutil.copytree(template, tmp_path / "copy")
    return Trial(tmp_path / "copy", sail_engine)


def rewrite(file: Path, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    """Write a Parquet file again with other rows."""
    table = pq.ParquetFile(file).read()
    pq.write_table(pa.Table.from_pylist(change(table.to_pylist()), table.schema), file)


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["file_path"], row["record_index"]))


def delete_a_row(trial: Trial) -> None:
    rewrite(trial.lake / PART, lambda rows: in_order(rows)[1:])


def double_a_row(trial: Trial) -> None:
    rewrite(trial.lake / PART, lambda rows: [*in_order(rows), in_order(rows)[0]])


def swap_two_indexes(trial: Trial) -> None:
    def swap(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        first, second, *others = in_order(rows)
        return [first | {"record_index": second["record_index"]}, second | {"record_index": 0}, *others]

    rewrite(trial.lake / PART, swap)


def change_a_key(trial: Trial) -> None:
    rewrite(trial.lake / PART, lambda rows: [in_order(rows)[0] | {"movie_id": 99}, *in_order(rows)[1:]])


def add_a_row_of_no_record(trial: Trial) -> None:
    rewrite(trial.lake / PART, lambda rows: [*rows, in_order(rows)[0] | {"record_index": 77}])


def add_a_row_of_another_day(trial: Trial) -> None:
    rewrite(trial.lake / PART, lambda rows: [*rows, rows[0] | {"file_path": f"{NEXT}/filmes_001.json"}])


def delete_the_winner(trial: Trial) -> None:
    rewrite(trial.lake / PART, lambda rows: [row for row in rows if row["movie_id"] != 4])


def delete_the_rejected(trial: Trial) -> None:
    rewrite(trial.lake / QUARANTINE, lambda rows: [row for row in rows if row["verdict"] != "rejected"])


def change_a_refused_text(trial: Trial) -> None:
    rewrite(trial.lake / QUARANTINE, lambda rows: [row | {"raw": row["raw"].replace("9", "8")} for row in rows])


def name_another_winner(trial: Trial) -> None:
    rewrite(
        trial.lake / QUARANTINE,
        lambda rows: [row | {"winner": row["winner"] and row["winner"][:-1] + "2"} for row in rows],
    )


def null_an_index(trial: Trial) -> None:
    rewrite(trial.lake / PART, lambda rows: [in_order(rows)[0] | {"record_index": None}, *in_order(rows)[1:]])


def drop_a_column(trial: Trial) -> None:
    table = pq.ParquetFile(trial.lake / PART).read()
    pq.write_table(table.drop(["title"]), trial.lake / PART)


def write_the_same_rows_again(trial: Trial) -> None:
    rewrite(trial.lake / PART, in_order)
    with (trial.lake / PART).open("rb") as stream:
        assert stream.read()


def cut_a_parquet_file(trial: Trial) -> None:
    (trial.lake / PART).write_bytes((trial.lake / PART).read_bytes()[:-9])


def change_a_raw_byte(trial: Trial) -> None:
    file = trial.lake / ONE
    file.write_bytes(file.read_bytes().replace(b"Film 1", b"Film 7"))


def remove_a_raw_file(trial: Trial) -> None:
    (trial.lake / TWO).unlink()


def remove_a_published_file(trial: Trial) -> None:
    (trial.lake / PART).unlink()


def remove_quarantine(trial: Trial) -> None:
    (trial.lake / QUARANTINE).unlink()


def add_a_published_file(trial: Trial) -> None:
    shutil.copy(trial.lake / PART, (trial.lake / PART).with_name("part-00001.parquet"))


def rename_the_partition(trial: Trial) -> None:
    month = trial.lake / TRUSTED / "ano=2025/mes=06"
    month.rename(month.with_name("mes=6"))


def swap_two_days(trial: Trial) -> None:
    day, other = trial.lake / PART, trial.lake / PART.replace("dia=17", "dia=18")
    kept = day.read_bytes()
    day.write_bytes(other.read_bytes())
    other.write_bytes(kept)


def edit_ledger(trial: Trial, change: Callable[[dict[str, Any]], None]) -> None:
    file = trial.lake / LEDGER
    ledger = json.loads(file.read_text())
    change(ledger["partitions"])
    file.write_text(json.dumps(ledger))


def miscount_in_the_ledger(trial: Trial) -> None:
    edit_ledger(trial, lambda days: days["ano=2025/mes=06/dia=17"]["counts"].update(trusted=8))


def misdate_in_the_ledger(trial: Trial) -> None:
    def move(days: dict[str, Any]) -> None:
        days["ano=2025/mes=06/dia=19"] = days.pop("ano=2025/mes=06/dia=18")

    edit_ledger(trial, move)


def misframe_in_the_ledger(trial: Trial) -> None:
    edit_ledger(trial, lambda days: days["ano=2025/mes=06/dia=17"]["raw"][0].update(records=6))


def lose_the_ledger(trial: Trial) -> None:
    (trial.lake / LEDGER).unlink()


def damage_the_ledger(trial: Trial) -> None:
    (trial.lake / LEDGER).write_text('{"version": 1, "table"')


OTHER_DAY = PART.replace("dia=17", "dia=18")
CHANGED = ("published file changed", PART, 0)
CHANGED_QUARANTINE = ("published file changed", QUARANTINE, 0)
DAMAGES: list[tuple[Callable[[Trial], None], list[tuple[str, str, int]]]] = [
    (delete_a_row, [CHANGED, ("records missing", ONE, 1)]),
    (double_a_row, [CHANGED, ("records doubled", ONE, 1)]),
    (swap_two_indexes, [CHANGED, ("records changed", ONE, 2)]),
    (change_a_key, [CHANGED, ("records changed", ONE, 1)]),
    (add_a_row_of_no_record, [CHANGED, ("records unknown", ONE, 1)]),
    (add_a_row_of_another_day, [CHANGED, ("records unknown", "ano=2025/mes=06/dia=17", 1)]),
    (delete_the_winner, [CHANGED, ("winner missing", ONE, 1), ("records missing", TWO, 1)]),
    (delete_the_rejected, [CHANGED_QUARANTINE, ("records missing", ONE, 1)]),
    (change_a_refused_text, [CHANGED_QUARANTINE, ("records changed", ONE, 1)]),
    (name_another_winner, [CHANGED_QUARANTINE, ("winner missing", ONE, 1)]),
    (null_an_index, [CHANGED, ("records missing", ONE, 1), ("records unknown", ONE, 1)]),
    (
        drop_a_column,
        [CHANGED, CHANGED, ("records missing", ONE, 3), ("winner missing", ONE, 1), ("records missing", TWO, 4)],
    ),
    (write_the_same_rows_again, [CHANGED]),
    (
        cut_a_parquet_file,
        [CHANGED, CHANGED, ("records missing", ONE, 3), ("winner missing", ONE, 1), ("records missing", TWO, 4)],
    ),
    (change_a_raw_byte, [("raw file changed", ONE, 0)]),
    (remove_a_raw_file, [("raw file vanished", TWO, 0)]),
    (
        remove_a_published_file,
        [
            ("published file missing", PART, 0),
            ("records missing", ONE, 3),
            ("winner missing", ONE, 1),
            ("records missing", TWO, 4),
        ],
    ),
    (remove_quarantine, [("published file missing", QUARANTINE, 0), ("records missing", ONE, 2)]),
    (add_a_published_file, [("unknown file", PART.replace("00000", "00001"), 0)]),
    (
        rename_the_partition,
        [
            ("published file missing", PART, 0),
            ("published file missing", OTHER_DAY, 0),
            ("twin partition", PART.replace("mes=06", "mes=6"), 0),
            ("twin partition", OTHER_DAY.replace("mes=06", "mes=6"), 0),
            ("records missing", ONE, 3),
            ("winner missing", ONE, 1),
            ("records missing", TWO, 4),
            ("records missing", f"{NEXT}/filmes_001.json", 3),
        ],
    ),
    (
        swap_two_days,
        [
            CHANGED,
            ("published file changed", OTHER_DAY, 0),
            ("records missing", ONE, 3),
            ("winner missing", ONE, 1),
            ("records missing", TWO, 4),
            ("records unknown", "ano=2025/mes=06/dia=17", 3),
            ("records missing", f"{NEXT}/filmes_001.json", 3),
            ("records unknown", "ano=2025/mes=06/dia=18", 3),
            ("records unknown", "ano=2025/mes=06/dia=18", 4),
        ],
    ),
    (miscount_in_the_ledger, [("counts differ", "ano=2025/mes=06/dia=17", 0)]),
    (misdate_in_the_ledger, [("wrong partition", OTHER_DAY, 0), ("wrong partition", f"{NEXT}/filmes_001.json", 0)]),
    (misframe_in_the_ledger, [("framed otherwise", ONE, 0)]),
    (
        lose_the_ledger,
        [("unknown file", PART, 0), ("unknown file", OTHER_DAY, 0), ("unknown file", QUARANTINE, 0)],
    ),
    (damage_the_ledger, [("ledger damaged", LEDGER, 0)]),
]


@pytest.mark.parametrize(("damage", "expected"), DAMAGES, ids=lambda value: getattr(value, "__name__", ""))
def test_each_damage_is_named_and_nothing_else_is(
    lake: Trial, damage: Callable[[Trial], None], expected: list[tuple[str, str, int]]
) -> None:
    assert found(audit(lake)) == []
    damage(lake)
    before = lake.snapshot()
    assert found(audit(lake)) == expected
    assert lake.snapshot() == before, "an audit changes nothing"


def test_every_kind_of_finding_is_met_in_these_tests() -> None:
    met = {kind for _, expected in DAMAGES for kind, _, _ in expected}
    assert met | {"publish cut", "staging left"} == {str(kind) for kind in FindingKind}


class TestCleanLakes:
    @pytest.mark.parametrize("source", ["tmdb", "csv"])
    def test_the_fixture_lake(self, trial: Trial, source: str) -> None:
        shutil.copytree(FIXTURES / "lake", trial.lake, dirs_exist_ok=True)
        report = trial.run(source)
        audited = audit(trial)
        assert found(audited) == []
        assert {one.table: one.counts for one in audited.tables} == {one.table: one.counts for one in report.tables}

    def test_every_hostile_json_file_in_a_day_of_its_own_accepted_or_judged(self, trial: Trial) -> None:
        unreadable = set()
        for number, file in enumerate(sorted((FIXTURES / "hostile" / "json").iterdir())):
            day = f"{MOVIES}/2025/{1 + number // 28:02}/{1 + number % 28:02}"
            trial.put(f"{day}/{file.name}", file.read_bytes())
            trial.put(f"{day}/good.json", films(3, start=500_001))
            unreadable |= {f"{day}/{file.name}"} if HOSTILE[f"json/{file.name}"]["unreadable"] else set()
        self.check_hostile(trial, "tmdb", unreadable)

    def test_all_hostile_csv_files_accepted_or_judged(self, trial: Trial) -> None:
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

    def test_a_refused_partition_keeps_what_it_had_and_is_told_not_found(self, lake: Trial) -> None:
        lake.put(ONE, [{"movie_id": 1}] * 9)
        assert lake.run(entity="movies").exit_code == 3
        audited = audit(lake)
        assert found(audited) == []
        assert list(only(audited).refused) == ["ano=2025/mes=06/dia=17"]
        assert only(audited).counts.framed == 12
        (lake.lake / "_trustedlake/failed/tmdb_movies/ano=2025/mes=06/dia=17/part-00000.parquet").unlink()
        assert [kind for kind, _, _ in found(audit(lake))] == ["published file missing"]

    def test_rows_that_are_kept_of_a_file_that_is_gone_are_counted(self, lake: Trial) -> None:
        (lake.lake / f"{NEXT}/filmes_001.json").unlink()
        assert lake.run(entity="movies", vanished="keep").exit_code == 0
        audited = audit(lake)
        assert found(audited) == []
        assert only(audited).kept == (f"{NEXT}/filmes_001.json",)
        rewrite(lake.lake / OTHER_DAY, lambda rows: rows[1:])
        assert ("records missing", f"{NEXT}/filmes_001.json", 1) in found(audit(lake))

    def test_a_raw_file_that_no_run_took_yet_is_pending(self, lake: Trial) -> None:
        lake.put(f"{DAY}/filmes_003.json", films(1, start=50))
        audited = audit(lake)
        assert found(audited) == []
        assert only(audited).pending == (f"{DAY}/filmes_003.json",)

    def test_folders_inside_and_outside_of_the_lake_that_the_ledger_names(
        self, tmp_path: Path, sail_engine: SailEngine
    ) -> None:
        outside = Trial(tmp_path, sail_engine)
        outside.put("raw/2025/06/17/filmes_001.json", [*films(3), film(3)])
        (tmp_path / "lake").mkdir()
        inside = Trial(tmp_path / "lake", sail_engine)
        place = compose.Place(str(inside.lake), (str(tmp_path / "raw"),), str(inside.lake / "trusted/films"))
        with compose.home(place, engine=sail_engine) as home:
            assert home.to_trusted("tmdb", "movies", Options()).exit_code == 0
        audited = audit(inside)
        assert found(audited) == []
        assert only(audited).counts.model_dump() == {"framed": 4, "trusted": 3, "rejected": 0, "duplicates": 1}
        (tmp_path / "raw/2025/06/17/filmes_001.json").unlink()
        path = str(tmp_path / "raw/2025/06/17/filmes_001.json")
        assert found(audit(inside)) == [("raw file vanished", path, 0)]


class TestCsv:
    def test_a_line_that_is_lost_and_one_that_is_doubled(self, trial: Trial) -> None:
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


@dataclass
class Killed:
    """A process that has ended: a Host that was alive, and is not any more."""

    last: Owner

    def owner(self) -> Owner:
        return self.last

    def is_dead(self, owner: Owner) -> bool:
        return owner != self.last


@pytest.fixture(scope="module")
def killed() -> Killed:
    code = "from trustedlake.adapters.host import LocalHost; print(LocalHost().owner().model_dump_json())"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return Killed(Owner.model_validate_json(done.stdout))


def run_cut_at(trial: Trial, host: Host, operation: str, key_part: str) -> None:
    """A run that is killed just before this operation on a key that contains `key_part`."""

    def crash(before: Operation) -> None:
        if before.name == operation and key_part in before.key:
            raise Crash

    with compose.home(compose.Place(lake=str(trial.lake)), engine=trial.engine) as home:
        tools = replace(home.tools, store=FaultyStore(home.tools.store, before=crash), host=host)
        with pytest.raises(Crash):
            compose.Home(home.roots, tools).to_trusted("tmdb", "movies", Options(max_rejected=0.5))


class TestState:
    CUTS = (("move", "Quarantine/"), ("put", LEDGER), ("delete", "_trustedlake/journal/"))

    @pytest.mark.parametrize("cut", CUTS, ids=lambda cut: cut[0])
    def test_a_publish_that_was_cut_is_named_and_with_fix_finished(
        self, lake: Trial, killed: Killed, cut: tuple[str, str]
    ) -> None:
        lake.put(f"{DAY}/filmes_003.json", films(1, start=50))
        run_cut_at(lake, killed, *cut)
        before = lake.snapshot()
        left = audit(lake)
        assert [(kind, where) for kind, where, _ in found(left)] == [
            ("publish cut", "_trustedlake/journal/tmdb_movies.json")
        ]
        assert left.tables == ()
        assert lake.snapshot() == before
        fixed = audit(lake, fix=True)
        assert found(fixed) == []
        assert len(fixed.fixed) == (cut[0] != "delete")
        assert only(fixed).counts.trusted == 11
        assert found(audit(lake)) == []
        assert lake.run(entity="movies", max_rejected=0.5).tables[0].status == "unchanged"

    def test_during_a_publish_it_exits_4_and_fixes_nothing(self, lake: Trial) -> None:
        lake.put(f"{DAY}/filmes_003.json", films(1, start=50))
        run_cut_at(lake, LocalHost(), "put", LEDGER)
        before = lake.snapshot()
        for fix in (False, True):
            with pytest.raises(RetriableError, match="tmdb_movies is being published by process") as raised:
                audit(lake, fix=fix)
            assert raised.value.exit_code == 4
        assert lake.snapshot() == before

    def test_staging_of_a_dead_run_is_named_and_with_fix_swept_and_that_of_a_live_one_left(
        self, lake: Trial, killed: Killed
    ) -> None:
        lake.put(f"{DAY}/filmes_003.json", films(1, start=50))
        run_cut_at(lake, killed, "put", "_trustedlake/journal/")
        ((kind, staging, _),) = found(audit(lake))
        assert kind == "staging left"
        assert (lake.lake / staging).is_dir()
        fixed = audit(lake, fix=True)
        assert (found(fixed), fixed.fixed) == ([], (f"removed {staging}",))
        assert not (lake.lake / "_trustedlake/staging").exists()
        run_cut_at(lake, LocalHost(), "put", "_trustedlake/journal/")
        assert found(audit(lake, fix=True)) == []
        assert (lake.lake / "_trustedlake/staging").is_dir()

    def test_nothing_published_is_never_a_clean_audit(self, trial: Trial) -> None:
        trial.put(ONE, films(2))
        with pytest.raises(InputError, match="nothing is published of tmdb_movies, tmdb_series"):
            audit(trial)

    def test_a_table_that_was_not_asked_for_is_not_audited(self, lake: Trial) -> None:
        delete_a_row(lake)
        with pytest.raises(InputError, match="nothing is published of local_movies"):
            audit(lake, source="csv", entity="movies")
        assert found(audit(lake, source="tmdb", entity="movies")) != []


def only(report: AuditReport) -> TableAudit:
    """The report's only table."""
    (table,) = report.tables
    return table
