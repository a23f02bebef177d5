"""A key that was renamed stays visible, with what to type, until the contract or a new file resolves it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.screens import command
from tests.support.trials import IdleEngine, Trial, only_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.support.trials import SailEngine

CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: shop
name: shop
version: 1.0.0
status: active
schema:
  - name: shop
    customProperties:
      - property: raw
        vendor: trustedlake
        value: {{path: "Raw/shop/{{ano:04d}}/{{mes:02d}}/{{dia:02d}}", format: {format}}}
      - {{property: duplicates, vendor: trustedlake, value: last}}
    properties:
      - name: sku
        logicalType: string
        primaryKey: true
"""
COLUMNS = {
    "title": "      - name: title\n        logicalType: string\n        required: true\n",
    "price": "      - name: price\n        logicalType: number\n",
    "city": "      - {name: city, logicalType: string}\n",
}
DAY = "ano=2025/mes=06/dia="

Row = dict[str, Any]


class Shop(Trial):
    """A lake with a table of its own, `shop`."""

    def describe(self, *columns: str, format_: str = "json") -> None:
        """Write the contract, with these columns beside the key."""
        text = CONTRACT.format(format=format_) + "".join(map(COLUMNS.__getitem__, columns))
        self.put("contracts/shop.odcs.yaml", text)
        self.columns = columns

    def deliver(self, day: int, renamed: Mapping[str, str] = {}, name: str = "a", format_: str = "json") -> str:
        """Write a day's file of 20 articles whose keys are renamed; returns its path."""
        values = [
            (f"s{n}", {"title": f"Title {n}", "price": n * 1.25, "city": ("Porto", "Lima")[n % 2]}) for n in range(20)
        ]
        rows: list[Row] = [{"sku": sku, **{key: row[key] for key in self.columns}} for sku, row in values]
        rows = [{renamed.get(key, key): value for key, value in row.items()} for row in rows]
        lines = "\n".join("|".join(map(str, row)) for row in [rows[0], *(row.values() for row in rows)])
        path = f"Raw/shop/2025/06/{day}/{name}.{format_}"
        self.put(path, lines if format_ == "csv" else rows)
        return path

    def said(self, *words: str) -> str:
        """What a command prints."""
        return command(*words, "--lake", str(self.lake))[1]

    def said_everywhere(self) -> dict[str, str]:
        """The messages after the run, by who shows them: status, the page, the patch, the next run, the audit."""
        page = self.lake / "page.html"
        self.said("report", "--html", str(page))
        again = only_table(Trial(self.lake, IdleEngine()).run(table="shop"))
        hints = [part.hint for part in again.partitions]
        return {
            "status": self.said("status"),
            "page": page.read_text(encoding="utf-8"),
            "diff": self.said("contract", "diff", "shop"),
            "again": "\n".join([*(part.message for part in again.partitions), *hints, *again.warnings]),
            "audit": self.said("audit", "--table", "shop"),
        }


@pytest.fixture
def shop(tmp_path: Path, sail_engine: SailEngine) -> Shop:
    return Shop(tmp_path / "lake", sail_engine)


RENAMED: dict[str, tuple[str, tuple[str, ...], dict[str, str], str]] = {
    "required, known word": ("json", ("title", "price"), {"title": "titulo"}, "refused"),
    "required, unknown word": ("json", ("title", "price"), {"title": "xyz"}, "refused"),
    "optional, known word": ("json", ("title", "price"), {"price": "preco"}, "published"),
    "optional, unknown word": ("json", ("title", "price", "city"), {"city": "xyz"}, "published"),
    "the only value": ("json", ("price",), {"price": "xyz"}, "refused"),
    "the key": ("json", ("title", "price"), {"sku": "xyz"}, "refused"),
    "csv, required": ("csv", ("title", "price"), {"title": "xyz"}, "refused"),
    "csv, the only value": ("csv", ("price",), {"price": "xyz"}, "published"),
    "csv, the key": ("csv", ("title", "price"), {"sku": "xyz"}, "refused"),
    "two at once": ("json", ("title", "price", "city"), {"title": "abc", "price": "xyz"}, "refused"),
}


@pytest.mark.parametrize("together", [False, True], ids=["day by day", "in one run"])
@pytest.mark.parametrize("case", RENAMED)
def test_a_rename_is_told_everywhere_until_the_contract_takes_it(shop: Shop, case: str, *, together: bool) -> None:
    format_, columns, renamed, status = RENAMED[case]
    shop.describe(*columns, format_=format_)
    shop.deliver(16, format_=format_)
    if not together:
        shop.run(table="shop")
    shop.deliver(17, renamed, format_=format_)
    table = only_table(shop.run(table="shop"))
    assert str(table.partitions[1].status) == status, table.partitions[1].message
    for column, key in renamed.items():
        assert any(f"{column} is absent" in one and f"seems to be called {key}" in one for one in table.warnings)
        for who, said in shop.said_everywhere().items():
            assert key in said, who
            assert column in said, who
            if who not in {"diff", "audit"}:
                assert "trustedlake contract diff shop" in said or who == "again", who
        assert f'synonyms: [{{synonym: "{key}"}}]' in shop.said("contract", "diff", "shop")
    if status == "refused":
        assert "trustedlake contract diff shop" in table.partitions[1].hint
        assert "contract init" not in table.partitions[1].hint
    text = (shop.lake / "contracts/shop.odcs.yaml").read_text()
    for column, key in renamed.items():
        text = text.replace(
            f"name: {column}",
            f"name: {column}, synonyms: [{{synonym: {key}}}]"
            if f"{{name: {column}" in text
            else f"name: {column}\n        synonyms: [{{synonym: {key}}}]",
        )
    shop.put("contracts/shop.odcs.yaml", text)
    assert only_table(shop.run(table="shop")).warnings == ()
    assert "no column of shop seems to be renamed" in shop.said("contract", "diff", "shop")
    assert len(shop.rows("Trusted/shop")) == 40


def test_a_new_file_with_the_old_key_resolves_a_rename(shop: Shop) -> None:
    shop.describe("title", "price")
    shop.deliver(16)
    shop.deliver(17, {"title": "titulo"})
    shop.run(table="shop")
    shop.deliver(17)
    shop.run(table="shop")
    assert "no column of shop seems to be renamed" in shop.said("contract", "diff", "shop")


def test_status_says_why_a_day_is_refused(shop: Shop) -> None:
    shop.describe("title", "price")
    shop.put("Raw/shop/2025/06/16/a.json", [{"sku": f"s{n}", "title": None, "price": "much"} for n in range(5)])
    shop.run(table="shop")
    (line,) = (one for one in shop.said("status").splitlines() if one.startswith("  refused: "))
    assert line.endswith("all 5 records rejected; reasons: price|type, title|missing")


def _bad(_: int) -> Row:
    return {"sku": "s", "title": None}


def _good(number: int) -> Row:
    return {"sku": f"g{number}", "title": "T"}


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"a": _good, "b": _bad}, "Raw/shop/2025/06/17/b.json"),
        ({"a": _bad, "b": _good}, "Raw/shop/2025/06/17/a.json"),
        ({"a": _bad, "b": _bad}, "Raw/shop/2025/06/17"),
        ({"a": _bad, "sub/b": _bad}, "Raw/shop/2025/06/17/a.json"),
    ],
)
def test_the_hint_names_the_file_with_the_rejected_records(
    shop: Shop, files: dict[str, Callable[[int], Row]], named: str
) -> None:
    shop.describe("title", "price")
    for name, row in files.items():
        shop.put(f"Raw/shop/2025/06/17/{name}.json", [row(n) | {"price": 1} for n in range(9)])
    (part,) = only_table(shop.run(table="shop")).partitions
    assert str(part.status) == "refused"
    assert part.hint.endswith(f"contract init --from {named} --table NAME")


@pytest.mark.parametrize(
    ("format_", "renamed", "told"),
    [
        ("json", {"price": "abc"}, ("keys found: sku, abc", "one of price")),
        ("json", {"sku": "abc", "price": "xyz"}, ("keys found: abc, xyz", "one of price")),
        ("csv", {"sku": "abc"}, ("columns found: abc, price", "a file of shop has sku, price")),
        ("csv", {"sku": "abc", "price": "xyz"}, ("'abc|xyz'", "sku|price")),
    ],
)
def test_a_file_without_the_expected_keys_is_refused_with_those_found(
    shop: Shop, format_: str, renamed: dict[str, str], told: tuple[str, ...]
) -> None:
    shop.describe("price", format_=format_)
    shop.deliver(17, renamed, format_=format_)
    (part,) = only_table(shop.run(table="shop")).partitions
    (problem,) = part.problems.values()
    for one in told:
        assert one in problem


def test_each_rename_of_a_column_is_told_once_for_many_days(shop: Shop) -> None:
    shop.describe("title", "price")
    for day in range(10, 25):
        shop.deliver(day, {} if day < 13 else {"price": "preco"} if day < 19 else {"price": "xyz"}, name=f"f{day * 37}")
    table = only_table(shop.run(table="shop"))
    told = [one for one in table.warnings if "price is absent" in one]
    assert [[key in one for key in ("preco", "xyz")] for one in told] == [[True, False], [False, True]]
    assert all(" and 5 more;" in one for one in told)
    status = shop.said("status")
    assert status.count("drift-price: ") == 2
    assert f"6 partitions, {DAY}13 to {DAY}18" in status
    assert json.loads(shop.said("contract", "diff", "shop", "--json"))["patch"].count("{synonym: ") == 2
