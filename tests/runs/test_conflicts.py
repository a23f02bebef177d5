"""A value that loses to a different one of another source is reported and kept, in either lane and on either engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.damage import found
from tests.support.screens import command
from tests.support.table_contracts import KEY, column, contract_file
from tests.support.trials import Trial, only_partition
from trustedlake.app.trusted.job import Options
from trustedlake.entrypoints.lake import compose
from trustedlake.models.status import LakeStatus

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.models.choices import Lanes

COLUMNS = [
    column("item", "integer", **KEY),
    column("label", synonyms=["name", "Name [old]"]),
    column("price", "integer", sources=["price", "box.price"]),
    column("tags", "list string", synonyms=["labels"]),
    column("sizes", "list integer", sources=["sizes", "parts[].size"]),
    column("first", sources=["first", "tags"]),
]
RECORDS: list[tuple[dict[str, Any], dict[str, Any], dict[str, str]]] = [
    # record, some of its row, what is rescued
    ({"label": "A", "name": "B"}, {"label": "A"}, {"name": "B"}),
    ({"label": "A", "Name [old]": "B"}, {"label": "A"}, {"Name [old]": "B"}),
    ({"label": "A", "name": "A"}, {"label": "A"}, {}),
    ({"label": None, "name": "B"}, {"label": "B"}, {}),
    ({"price": 1, "box": {"price": "1"}}, {"price": 1}, {}),
    ({"price": 1, "box": {"price": 2}}, {"price": 1}, {"box.price": "2"}),
    ({"price": 1, "box": {"price": "much"}}, {"price": 1}, {"box.price": "much"}),
    # Lists, and what is taken from a list, never conflict: the first list that is there is taken.
    ({"tags": ["a", "b"], "labels": ["b", "a"]}, {"tags": ["a", "b"]}, {}),
    ({"tags": [], "labels": ["b"]}, {"tags": []}, {}),
    ({"tags": None, "labels": ["b"]}, {"tags": ["b"]}, {}),
    ({"sizes": [1], "parts": [{"size": 2}]}, {"sizes": [1]}, {}),
    ({"first": "b", "tags": ["a"]}, {"first": "b"}, {}),
]
WARNINGS = {
    "conflict-Name [old]": "1 record(s) have another value in Name [old] than in the key that won over it",
    "conflict-box.price": "2 record(s) have another value in box.price than in the key that won over it",
    "conflict-name": "1 record(s) have another value in name than in the key that won over it",
}


@pytest.mark.parametrize("lanes", ["auto", "off"])
@pytest.mark.parametrize("engine", ["sail_engine", pytest.param("spark_engine", marks=pytest.mark.rest)])
def test_a_losing_source_is_rescued_and_its_warning_stays_open(
    engine: str, lanes: Lanes, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    trial = Trial(tmp_path, request.getfixturevalue(engine))
    trial.put("contracts/goods.odcs.yaml", contract_file("goods", COLUMNS, path="Raw/{ano:04d}", format="json"))
    trial.put("Raw/2024/a.json", [{"item": number, **case[0]} for number, case in enumerate(RECORDS)])
    with compose.home(compose.Place(lake=str(tmp_path)), engine=trial.engine, lanes=lanes) as home:
        report = home.to_trusted(compose.Asked(("goods",)), Options())
        assert found(home.audit(compose.Asked(("goods",)))) == []
    assert only_partition(report).counts.trusted == len(RECORDS)
    for row, (record, some, rescued) in zip(trial.rows("Trusted/goods"), RECORDS, strict=True):
        assert {name: row[name] for name in some} == some, record
        assert dict(row["rescued"] or []) == rescued, record
    (table,) = LakeStatus.model_validate_json(command("status", "--json", "--lake", str(tmp_path))[1]).tables
    assert {one.id: one.message for one in table.warnings["ano=2024"]} == WARNINGS
