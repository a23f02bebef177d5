"""A list column that has no elements any more has no value: it is reported like a column of nulls."""

from __future__ import annotations

import json
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.screens import command
from tests.support.table_contracts import KEY, column, contract_file
from tests.support.trials import Trial
from trustedlake.app.trusted.job import Options
from trustedlake.entrypoints.lake import compose
from trustedlake.models.status import LakeStatus

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.trials import SailEngine
    from trustedlake.models.choices import Lanes

ROWS = 10
CASES: dict[str, tuple[list[Any], list[Any], bool, bool]] = {
    # column: its values before and now, in turn; is it reported; is it reported if an earlier version published
    "emptied": ([["a"]], [[]], True, False),
    "nulled": ([["a"]], [None], True, True),
    "both": ([["a"], []], [None, []], True, False),
    "of_nulls": ([["a"]], [[None]], True, False),
    "rarely": ([["a"]], [[], [], ["b"]], False, False),
    "filled": ([[]], [["a"]], False, False),
    "never": ([[]], [[]], False, False),
    "never_now_null": ([[]], [None], False, True),
    "null_now_empty": ([None], [[]], False, False),
    "nulls_now_empty": ([[None]], [[]], False, False),
}
COLUMNS = [column("item", "integer", **KEY), *(column(name, "list string") for name in CASES)]


def day(place: int, start: int) -> list[dict[str, Any]]:
    values = [list(islice(cycle(case[place]), ROWS)) for case in CASES.values()]  # type: ignore[arg-type]
    rows = zip(*values, strict=True)
    return [{"item": start + n, **dict(zip(CASES, row, strict=True))} for n, row in enumerate(rows)]


@pytest.mark.parametrize("is_older", [False, True], ids=["", "an-earlier-version-published"])
@pytest.mark.parametrize("lanes", ["auto", "off"])
def test_a_column_whose_lists_are_all_empty_now_is_told(
    lanes: Lanes, *, is_older: bool, tmp_path: Path, sail_engine: SailEngine
) -> None:
    trial = Trial(tmp_path, sail_engine)
    trial.put("contracts/goods.odcs.yaml", contract_file("goods", COLUMNS, path="Raw/{ano:04d}", format="json"))
    for place, year in enumerate((2024, 2025)):
        trial.put(f"Raw/{year}/a.json", day(place, 100 * place))
        with compose.home(compose.Place(lake=str(tmp_path)), engine=sail_engine, lanes=lanes) as home:
            assert home.to_trusted(compose.Asked(("goods",)), Options()).exit_code == 0
        if is_older and not place:
            forget_empty_lists(tmp_path)
    (table,) = LakeStatus.model_validate_json(command("status", "--json", "--lake", str(tmp_path))[1]).tables
    told = {name for name, case in CASES.items() if case[3 if is_older else 2]}
    assert {one.id for one in table.warnings.get("ano=2025", ())} == {f"null-{name}" for name in told}
    assert table.warnings.keys() <= {"ano=2025"}


def forget_empty_lists(lake: Path) -> None:
    """Take out of the ledger what earlier versions did not know."""
    (file,) = (lake / "_trustedlake/ledger").glob("*.json")
    ledger = json.loads(file.read_text())
    for entry in ledger["partitions"].values():
        del entry["empty"]
    file.write_text(json.dumps(ledger))
