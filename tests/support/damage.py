"""A small published lake, ways to damage it by hand, and what an audit says about them."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.support.trials import MOVIES, Trial, film, films
from trustedlake.entrypoints.lake import compose
from trustedlake.models.ledger import Counts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trustedlake.models.audit import AuditReport, TableAudit

DAY = f"{MOVIES}/2025/06/17"
NEXT = f"{MOVIES}/2025/06/18"
TRUSTED = "Trusted/TMDB/Parquet/Movies"
PART = f"{TRUSTED}/ano=2025/mes=06/dia=17/part-00000.parquet"
QUARANTINE = "Quarantine/TMDB/Parquet/Movies/ano=2025/mes=06/dia=17/part-00000.parquet"
ONE, TWO = f"{DAY}/filmes_001.json", f"{DAY}/filmes_002.json"
LEDGER = "_trustedlake/ledger/tmdb_movies.json"
OTHER_DAY = PART.replace("dia=17", "dia=18")


def audit(trial: Trial, *, fix: bool = False, source: str | None = None, entity: str | None = None) -> AuditReport:
    """What `trustedlake audit` says."""
    with compose.home(compose.Place(lake=str(trial.lake))) as home:
        return home.audit(compose.Asked((), source, entity), fix=fix)


def found(report: AuditReport) -> list[tuple[str, str, int]]:
    """Kind, place and records of all findings; the exit code agrees with them."""
    findings = [*report.findings, *(finding for table in report.tables for finding in table.findings)]
    assert report.exit_code == (3 if findings else 0)
    return [(str(finding.kind), finding.where, finding.records) for finding in findings]


def only(report: AuditReport) -> TableAudit:
    """The report's only table."""
    (table,) = report.tables
    return table


def publish_two_days(trial: Trial) -> None:
    """Two days: two files with a rejected record and a duplicate between them, and a file of the next day."""
    trial.put(ONE, [*films(4), film(9, vote_average=11)])
    trial.put(TWO, "".join(json.dumps(one) + "\n" for one in [film(4), *films(3, start=5)]))
    trial.put(f"{NEXT}/filmes_001.json", films(3))
    report = trial.run(entity="movies", max_rejected=0.5)
    assert report.tables[0].counts == Counts(framed=12, trusted=10, rejected=1, duplicates=1)


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
