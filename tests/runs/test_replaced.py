"""Raw files with the same name, if the contract says that a later one replaces an earlier one (`replaces: name`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.damage import found
from tests.support.screens import command
from tests.support.table_contracts import KEY, column, contract_file
from tests.support.trials import IdleEngine, Trial, only_table, statuses
from trustedlake.entrypoints.lake import compose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustedlake.models.audit import AuditReport

FILE = "contracts/goods.odcs.yaml"
COLUMNS = (column("item", "integer", **KEY), column("label"))
RAW: Mapping[str, Any] = {"path": "Raw/Goods", "format": "csv", "max_rejected": 0, "replaces": "name"}
SILENT = contract_file("goods", COLUMNS, path="Raw/Goods", format="csv")
MAY, JUNE, JULY = (f"Raw/Goods/2025/{month}/15/goods.csv" for month in (5, 6, 7))


def goods(**raw: Any) -> bytes:
    return contract_file("goods", COLUMNS, **dict(RAW) | raw)


def csv(*items: int, label: str = "x") -> str:
    return "item|label\n" + "".join(f"{item}|{label}\n" for item in items)


def items(trial: Trial) -> list[int]:
    return [row["item"] for row in trial.rows("Trusted/goods")]


def refused(trial: Trial) -> list[tuple[str, int, tuple[str, ...]]]:
    return sorted((one.file_path, one.record_index, one.reasons) for one in trial.refused())


def audit(trial: Trial) -> AuditReport:
    with compose.home(compose.Place(lake=str(trial.lake))) as home:
        return home.audit(compose.Asked(("goods",)))


@pytest.fixture
def shop(trial: Trial) -> Trial:
    trial.put(FILE, goods())
    trial.put(MAY, csv(1, 2, 3))
    return trial


@pytest.fixture
def delivered(shop: Trial) -> Trial:
    """May is published, and June has come."""
    assert shop.run(table="goods").exit_code == 0
    shop.put(JUNE, csv(3, 4))
    return shop


def test_all_records_of_a_replaced_file_are_in_quarantine_and_the_report_names_it(shop: Trial) -> None:
    shop.put(JUNE, csv(3, 4))
    shop.put("Raw/Goods/2025/5/15/others.csv", csv(5))
    report = shop.run(table="goods")
    table = only_table(report)
    assert (report.exit_code, table.superseded) == (0, {MAY: JUNE}), table.message
    assert items(shop) == [5, 3, 4]
    assert refused(shop) == [(MAY, line, ("file|replaced",)) for line in (2, 3, 4)]
    assert (table.counts.framed, table.counts.trusted, table.counts.rejected) == (6, 3, 3)
    again = Trial(shop.lake, IdleEngine()).run(table="goods")
    assert (only_table(again).status, only_table(again).superseded) == ("unchanged", {MAY: JUNE})
    assert found(audit(shop)) == []


def test_without_replaces_in_the_contract_both_files_count(shop: Trial) -> None:
    shop.put(FILE, SILENT)
    shop.put(JUNE, csv(4))
    assert only_table(shop.run(table="goods")).superseded == {}
    assert items(shop) == [1, 2, 3, 4]


def test_a_published_file_is_replaced_only_on_request(delivered: Trial) -> None:
    before = delivered.snapshot()
    report = delivered.run(table="goods")
    assert (report.exit_code, delivered.snapshot()) == (1, before)
    assert only_table(report).message == (
        f"1 published raw file(s) of goods are replaced by a later delivery of the same name: {MAY} (by {JUNE})"
    )
    assert "--vanished keep" in only_table(report).hint
    assert "--vanished drop" in only_table(report).hint


def test_drop_moves_the_rows_of_the_replaced_file_to_quarantine(delivered: Trial) -> None:
    assert delivered.run(table="goods", vanished="drop").exit_code == 0
    assert items(delivered) == [3, 4]
    assert len(refused(delivered)) == 3
    assert delivered.run(table="goods").exit_code == 0
    assert found(audit(delivered)) == []


def test_keep_leaves_the_rows_of_the_replaced_file_and_is_remembered(delivered: Trial) -> None:
    report = delivered.run(table="goods", vanished="keep")
    assert (report.exit_code, only_table(report).superseded) == (0, {})
    assert only_table(report).notes == (
        f"rows kept beside a later delivery of the same name, because of --vanished keep: {MAY}",
    )
    assert items(delivered) == [1, 2, 3, 4]
    again = Trial(delivered.lake, IdleEngine()).run(table="goods")
    assert (only_table(again).status, len(only_table(again).notes)) == ("unchanged", 1)
    delivered.put(JULY, csv(9))
    asked = only_table(delivered.run(table="goods")).message
    assert f"{JUNE} (by {JULY})" in asked, "June is replaced, too, and nobody said what that means"
    assert MAY not in asked
    assert delivered.run(table="goods", full_refresh=True).exit_code == 0
    assert items(delivered) == [9]


def test_the_rows_of_an_earlier_delivery_return_when_the_later_one_is_removed(delivered: Trial) -> None:
    delivered.run(table="goods", vanished="drop")
    (delivered.lake / JUNE).unlink()
    assert delivered.run(table="goods", vanished="drop").exit_code == 0
    assert (items(delivered), refused(delivered)) == ([1, 2, 3], [])


def test_a_wrong_record_of_the_later_delivery_stays_open_whatever_the_earlier_one_had(shop: Trial) -> None:
    """Records of the replaced file counted as corrected, so the warning was missing, or told of -1 records."""
    shop.put(MAY, csv(1, 2))
    shop.put(JUNE, csv(1) + "2x|x\n")
    table = only_table(shop.run(table="goods", max_rejected=1))
    (part,) = table.partitions
    assert (part.counts.rejected, part.corrected, part.repeated) == (3, {}, {})
    with compose.home(compose.Place(str(shop.lake))) as home:
        (told,) = home.status().tables
    messages = [one.message for warnings in told.warnings.values() for one in warnings if one.id == "quarantine"]
    assert messages == ["1 record(s) are in Quarantine, rejected: item|type (1)"]


def test_a_dash_means_a_table_without_partitions_to_quarantine_and_to_accept(shop: Trial) -> None:
    shop.put(JUNE, csv(1) + "2x|x\n")
    shop.run(table="goods", max_rejected=1)
    lake = ("--lake", str(shop.lake))
    code, said = command("quarantine", "--table", "goods", "--partition", "-", "--reason", "item|type", "--json", *lake)
    assert (code, [one["file_path"] for one in json.loads(said)]) == (0, [JUNE])
    assert command("accept", "goods", "-", "quarantine", "--why", "known", *lake)[0] == 0
    assert "open: the table: quarantine:" not in command("status", *lake)[1]


def test_a_contract_that_starts_to_replace_asks_about_published_files(shop: Trial) -> None:
    shop.put(FILE, SILENT)
    shop.put(JUNE, csv(4))
    assert shop.run(table="goods").exit_code == 0
    shop.put(FILE, goods())
    assert shop.run(table="goods").exit_code == 1
    assert shop.run(table="goods", vanished="drop").exit_code == 0
    assert items(shop) == [4]


def test_months_and_days_are_compared_as_numbers(shop: Trial) -> None:
    shop.put("Raw/Goods/2025/10/1/goods.csv", csv(10))
    shop.put("Raw/Goods/2025/9/30/goods.csv", csv(9))
    shop.run(table="goods")
    assert items(shop) == [10]


def test_only_files_of_one_partition_replace_each_other(trial: Trial) -> None:
    trial.put(FILE, goods(path="Raw/Goods/{ano:04d}/{mes:02d}"))
    for path, item in {"2025/05/a/x.csv": 1, "2025/05/b/x.csv": 2, "2025/06/x.csv": 3}.items():
        trial.put(f"Raw/Goods/{path}", csv(item))
    report = trial.run(table="goods")
    assert only_table(report).superseded == {"Raw/Goods/2025/05/a/x.csv": "Raw/Goods/2025/05/b/x.csv"}
    assert items(trial) == [2, 3]
    trial.put("Raw/Goods/2025/06/y.csv", csv(4))
    assert statuses(trial.run(table="goods")) == {"mes=05": "unchanged", "mes=06": "published"}


def test_a_replaced_file_need_not_be_readable_nor_have_every_column(shop: Trial) -> None:
    shop.put(MAY, b"\xff\xfe\x00broken")
    shop.put("Raw/Goods/2025/4/15/goods.csv", "item|old\n1|x\n")
    shop.put(JUNE, csv(4))
    report = shop.run(table="goods")
    table = only_table(report)
    assert (report.exit_code, items(shop), table.warnings) == (0, [4], ()), table.message
    assert [one[2] for one in refused(shop)] == [("file|replaced",), ("file|unreadable",)]
    assert found(audit(shop)) == []
