"""Tables with a user's own contract in whole runs: each kind of file that no built-in table reads gives its rows."""

from __future__ import annotations

import gzip
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.support.damage import found
from tests.support.table_contracts import KEY, column, contract_file
from tests.support.trials import IdleEngine, Trial, only_table
from trustedlake.entrypoints.lake import compose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DAY = "Raw/Shop/{ano:04d}/{mes:02d}/{dia:02d}"
NUMBER = column("item", "integer", **KEY)


class Case(NamedTuple):
    """A contract, raw files below the lake, and the rows that must come out of them.

    Attributes:
        columns: the contract's; `raw` is what it says of its files.
        files: path below `Raw/Shop` -> content.
        rows: with the columns that the case is about, in order of file and index.
        reasons: of the records that are rejected, all of them in one list.
    """

    columns: Sequence[Mapping[str, Any]]
    raw: Mapping[str, Any]
    files: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]
    reasons: Sequence[str] = ()
    elsewhere: int = 0
    duplicates: str = "last"


CASES = {
    "folders that are partitions, and records that the contract leaves": Case(
        columns=[
            column("guest_id", "integer", synonyms=["code"], **KEY),
            column("born", "date", logicalTypeOptions={"format": "yyyy-MM-dd"}),
            column("stays", "list string", sources=["stays[].hotel", "stays[].hostel"]),
        ],
        raw={
            "path": "Raw/Shop/{city}/{ano:04d}/{mes:02d}",
            "files": ["guests_*.json"],
            "format": "json",
            "records": ["people[]"],
            "where": {"kind": ["guest", None]},
            "nulls": ["", "-"],
        },
        files={
            "Porto/2024/02/guests_1.json": {
                "people": [
                    {"code": 7, "born": "1990-01-31", "stays": [{"hotel": "Mira"}, {"hostel": "Rua"}], "kind": "guest"},
                    {"code": 8, "born": "-"},
                    {"code": 9, "kind": "staff"},
                ]
            },
            "Porto/2024/02/bills_1.json": {"people": "no guests"},
        },
        rows=[
            {"guest_id": 7, "born": date(1990, 1, 31), "stays": ["Mira", "Rua"], "city": "Porto", "ano": "2024"},
            {"guest_id": 8, "born": None, "stays": None, "mes": "02"},
        ],
        elsewhere=1,
    ),
    "nested values that are worth a column": Case(
        columns=[
            NUMBER,
            column("maker", sources=["staff.crew[role=maker].name"]),
            column("shops", "list string", sources=["shops[].town"]),
            column("open", "boolean"),
        ],
        raw={"path": DAY, "format": "json"},
        files={
            "2024/05/06/a.json": [
                {
                    "item": 1,
                    "staff": {"crew": [{"role": "clerk", "name": "Rui"}, {"role": "maker", "name": "Ana"}]},
                    "shops": [{"town": "Faro"}, {"town": "Beja"}],
                    "open": False,
                }
            ]
        },
        rows=[{"item": 1, "maker": "Ana", "shops": ["Faro", "Beja"], "open": False, "rescued": None}],
    ),
    "records under a key, as values of an object, in lists of lists": Case(
        columns=[NUMBER, column("shelf", sources=["@key", "shelf"])],
        raw={"path": DAY, "format": "json", "records": ["goods.list[]", "byShelf{}", "[][]"]},
        files={
            "2024/05/06/a.json": {"goods": {"list": [{"item": 1, "shelf": "x"}]}},
            "2024/05/07/a.json": {"byShelf": {"B2": {"item": 2}, "B3": {"item": 3}}},
            "2024/05/08/a.json": [[{"item": 4, "shelf": "y"}], [{"item": 5, "shelf": "z"}]],
        },
        rows=[
            {"item": 1, "shelf": "x"},
            {"item": 2, "shelf": "B2"},
            {"item": 3, "shelf": "B3"},
            {"item": 4, "shelf": "y"},
            {"item": 5, "shelf": "z"},
        ],
    ),
    "keys with blanks, accents and dots": Case(
        columns=[
            column("item", "integer", synonyms=["Nº do item"], **KEY),
            column("price", "number", physicalType="decimal(8,2)", synonyms=["preço.médio"]),
        ],
        raw={"path": DAY, "format": "json"},
        files={"2024/05/06/a.json": [{"Nº do item": 3, "preço.médio": "9.90"}]},
        rows=[{"item": 3, "price": Decimal("9.90"), "rescued": None}],
    ),
    "the second source where the first has nothing": Case(
        columns=[NUMBER, column("label", required=True, sources=["label", "names.long", "names.short"])],
        raw={"path": DAY, "format": "json"},
        files={
            "2024/05/06/a.json": [
                {"item": 1, "label": "A"},
                {"item": 2, "names": {"long": "Bee", "short": "B"}},
                {"item": 3, "label": None, "names": {"short": "C"}},
                {"item": 4},
            ]
        },
        rows=[{"item": 1, "label": "A"}, {"item": 2, "label": "Bee"}, {"item": 3, "label": "C"}],
        reasons=["label|missing"],
    ),
    "another key than a number": Case(
        columns=[column("code", **KEY), column("n", "integer")],
        raw={"path": DAY, "format": "json"},
        files={"2024/05/06/a.json": [{"code": "x1", "n": 1}, {"code": "x2", "n": 2}, {"code": "x1", "n": 3}]},
        rows=[{"code": "x2", "n": 2}, {"code": "x1", "n": 3}],
    ),
    "words that mean null": Case(
        columns=[NUMBER, column("sold", "date"), column("weight", "number", nulls=["?"]), column("note")],
        raw={"path": DAY, "format": "json", "nulls": ["", "none", "n/a"]},
        files={
            "2024/05/06/a.json": [{"item": 1, "sold": "n/a", "weight": "?", "note": "none"}, {"item": 2, "note": "n"}]
        },
        rows=[
            {"item": 1, "sold": None, "weight": None, "note": None},
            {"item": 2, "sold": None, "weight": None, "note": "n"},
        ],
    ),
    "a list that is written as one text": Case(
        columns=[NUMBER, column("tags", "list string", split=";")],
        raw={"path": DAY, "format": "json"},
        files={"2024/05/06/a.json": [{"item": 1, "tags": "red; blue"}, {"item": 2, "tags": ["a;b"]}, {"item": 3}]},
        rows=[{"item": 1, "tags": ["red", "blue"]}, {"item": 2, "tags": ["a;b"]}, {"item": 3, "tags": None}],
    ),
    "dates as people write them": Case(
        columns=[NUMBER, column("sold", "date", formats=["dd.MM.yyyy", "yyyy/MM/dd"])],
        raw={"path": DAY, "format": "json"},
        files={
            "2024/05/06/a.json": [
                {"item": 1, "sold": "06.05.2021"},
                {"item": 2, "sold": "2021/05/07"},
                {"item": 3, "sold": "30.02.2021"},
            ]
        },
        rows=[{"item": 1, "sold": date(2021, 5, 6)}, {"item": 2, "sold": date(2021, 5, 7)}],
        reasons=["sold|type"],
    ),
    "a CSV with quotes, line breaks in them and a word for null": Case(
        columns=[column("item", **KEY), column("label"), column("year", "integer", physicalType="int")],
        raw={"path": "Raw/Shop", "format": "csv", "delimiter": ";", "quote": "'", "nulls": ["", "NULL"]},
        files={"items.csv": "item;label;year\n1;'Bolt; long';1999\n2;'two\nlines, it''s';NULL\n"},
        rows=[
            {"item": "1", "label": "Bolt; long", "year": 1999},
            {"item": "2", "label": "two\nlines, it's", "year": None},
        ],
    ),
    "two records of one key that fill each other": Case(
        columns=[
            NUMBER,
            column("label"),
            column("price", "integer"),
            column("tags", "list string", sources=["tags[].name"]),
        ],
        raw={"path": DAY, "format": "json"},
        files={
            "2024/05/06/a_detail.json": {"item": 1, "label": "old", "price": 5, "tags": [{"name": "new"}]},
            "2024/05/06/b_list.json": {"results": [{"item": 1, "label": "Bolt"}, {"item": 2, "label": "Nut"}]},
        },
        rows=[
            {"item": 1, "label": "Bolt", "price": 5, "tags": ["new"]},
            {"item": 2, "label": "Nut", "price": None, "tags": None},
        ],
        duplicates="merge",
    ),
    "a value that is deeper in some records": Case(
        columns=[NUMBER, column("ean", sources=["ean", "codes.ean"])],
        raw={"path": DAY, "format": "json"},
        files={"2024/05/06/a.json": [{"item": 1, "codes": {"ean": "40", "sku": "s"}}, {"item": 2, "ean": "41"}]},
        rows=[{"item": 1, "ean": "40"}, {"item": 2, "ean": "41"}],
    ),
    "equal rows without a key, with nulls in them": Case(
        columns=[column("town"), column("fare", "number", physicalType="decimal(8,2)"), column("tags", "list string")],
        raw={"path": DAY, "format": "json"},
        files={
            "2024/05/06/a.json": [
                {"town": "Porto", "fare": None},
                {"town": "Porto"},
                {"town": "Porto", "fare": 1},
                {"fare": 1, "tags": None},
                {"fare": 1, "tags": []},
                {"fare": 1, "tags": []},
            ]
        },
        rows=[
            {"town": "Porto", "fare": None},
            {"town": "Porto", "fare": Decimal(1)},
            {"town": None, "tags": None},
            {"town": None, "tags": []},
        ],
        duplicates="equal",
    ),
    "a list of pages, compressed": Case(
        columns=[NUMBER],
        raw={"path": DAY, "format": "json"},
        files={
            "2024/05/06/a.json.gz": gzip.compress(
                b'[{"page": 1, "results": [{"item": 1}, {"item": 2}]}, {"page": 2, "results": [{"item": 3}]}]'
            )
        },
        rows=[{"item": 1}, {"item": 2}, {"item": 3}],
    ),
    "a column with two keys": Case(
        columns=[column("item", "integer", synonyms=["no"], **KEY), column("label", synonyms=["name"])],
        raw={"path": DAY, "format": "json"},
        files={
            "2024/05/06/a.json": [
                {"item": 1, "no": 2},
                {"item": 3, "no": 3},
                {"item": 4, "label": "A", "name": "B"},
            ]
        },
        rows=[{"item": 3}, {"item": 4, "label": "A", "rescued": [("name", "B")]}],
        reasons=["item|conflict"],
    ),
    "numbers deep in objects": Case(
        columns=[
            NUMBER,
            column("exact", sources=["box.exact"]),
            column("size", "integer", physicalType="bigint", sources=["box.size"]),
            column("names", "list string", sources=["parts[].name"]),
        ],
        raw={"path": DAY, "format": "json"},
        files={
            "2024/05/06/a.json": '[{"item": 1, "box": {"exact": 1.10, "size": 9007199254740993, "odd": 1e999},'
            ' "parts": [{"name": "a", "odd": {"x": [1e999]}}]}, {"item": 2, "box": {"exact": 1E3, "size": 1.5}}]'
        },
        rows=[{"item": 1, "exact": "1.10", "size": 9007199254740993, "names": ["a"]}],
        reasons=["size|type"],
    ),
    "null elements in lists that belong together": Case(
        columns=[
            NUMBER,
            column("names", "list string", sources=["parts[].name"]),
            column("ids", "list integer", sources=["parts[].id"]),
        ],
        raw={"path": DAY, "format": "json"},
        files={"2024/05/06/a.json": [{"item": 1, "parts": [{"id": 1, "name": None}, {"id": 2, "name": "b"}]}]},
        rows=[{"item": 1, "names": [None, "b"], "ids": [1, 2]}],
    ),
}


def lay_out(trial: Trial, case: Case) -> None:
    content = contract_file("goods", case.columns, duplicates=case.duplicates, max_rejected=0.5, **case.raw)
    trial.put("contracts/goods.odcs.yaml", content)
    for path, data in case.files.items():
        trial.put(f"Raw/Shop/{path}", data)


@pytest.mark.parametrize("name", CASES)
def test_each_kind_of_file_gives_its_rows_is_proven_and_a_rerun_starts_no_engine(trial: Trial, name: str) -> None:
    case = CASES[name]
    lay_out(trial, case)
    report = trial.run(table="goods")
    table = only_table(report)
    assert report.exit_code == 0, (table.message, [part.message for part in table.partitions])
    rows = trial.rows("Trusted/goods")
    assert [{key: row[key] for key in wanted} for row, wanted in zip(rows, case.rows, strict=True)] == list(case.rows)
    assert table.counts.framed == table.counts.own + table.counts.elsewhere
    assert table.counts.elsewhere == case.elsewhere
    rejected = [record for record in trial.refused() if record.verdict == "rejected"]
    assert [reason for record in rejected for reason in record.reasons] == list(case.reasons)
    before = trial.snapshot()
    again = Trial(trial.lake, IdleEngine()).run(table="goods")
    assert again.exit_code == 0
    assert {str(part.status) for part in only_table(again).partitions} == {"unchanged"}
    assert trial.snapshot() == before


@pytest.mark.parametrize("name", CASES)
def test_the_audit_of_each_kind_of_file_is_clean(trial: Trial, name: str) -> None:
    lay_out(trial, CASES[name])
    assert trial.run(table="goods").exit_code == 0
    with compose.home(compose.Place(lake=str(trial.lake))) as home:
        assert found(home.audit(compose.Asked(("goods",)))) == []


def test_a_day_is_judged_again_when_a_new_table_takes_some_of_its_records(trial: Trial) -> None:
    """The plan compared only this table's contract, so the day kept refusing the records of the other table."""
    day = "Raw/Shop/2024/05/06"
    trial.put(f"{day}/a.json", [{"item": 1}, {"item": 2}, {"item": 3}, {"trip": 7, "town": "Porto"}])
    goods = contract_file("goods", [NUMBER], path=DAY, format="json", max_rejected=0.5)
    trial.put("contracts/goods.odcs.yaml", goods)
    assert only_table(trial.run(table="goods")).counts.rejected == 1
    trial.put("Raw/Farm/2024/05/06/a.json", [{"trip": 8}])
    trips = contract_file(
        "far_trips", [column("trip", "integer", **KEY)], path=DAY.replace("Shop", "Farm"), format="json"
    )
    trial.put("contracts/far_trips.odcs.yaml", trips)
    idle = Trial(trial.lake, IdleEngine())
    assert [str(one.status) for one in only_table(idle.run(table="goods")).partitions] == ["unchanged"], "reads others"

    columns = [column("trip", "integer", **KEY), column("town")]
    trial.put("contracts/trips.odcs.yaml", contract_file("trips", columns, path=DAY, format="json", one_of=["trip"]))
    again = only_table(trial.run(table="goods"))
    assert (again.counts.trusted, again.counts.rejected, again.counts.elsewhere) == (3, 0, 1)
    assert only_table(trial.run(table="trips")).counts.trusted == 1
    with compose.home(compose.Place(lake=str(trial.lake))) as home:
        assert found(home.audit(compose.Asked(("goods", "trips")))) == []


def test_a_table_without_own_records_names_the_table_that_takes_them_and_its_command(trial: Trial) -> None:
    """It used to say that nothing was left to do, and exited with 1."""
    trial.put("Raw/Shop/2024/05/06/a.json", [{"trip": 7, "town": "Porto"}])
    trips = [column("trip", "integer", **KEY), column("town")]
    goods = contract_file("goods", [NUMBER], path=DAY, format="json", where={"item": ["*"]})
    trial.put("contracts/goods.odcs.yaml", goods)
    trial.put("contracts/trips.odcs.yaml", contract_file("trips", trips, path=DAY, format="json", one_of=["trip"]))
    table = only_table(trial.run(table="goods"))
    assert table.exit_code == 1
    assert "other tables take them all (trips)" in table.message
    assert table.hint == "trustedlake to-trusted --table trips"
