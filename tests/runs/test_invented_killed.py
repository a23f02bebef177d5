"""A run with an invented contract, killed before each operation on the store in turn: the next run finishes it."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import invented
from tests.support.damage import found
from tests.support.faults import Crash, FaultyStore, Machine, crash_before
from tests.support.invented import WITHOUT_SHRINKING
from tests.support.published_lake import rows
from trustedlake.app.trusted.job import Options
from trustedlake.entrypoints.lake import compose

if TYPE_CHECKING:
    from tests.support.faults import Process
    from trustedlake.adapters.spark.sail_engine import SailEngine
    from trustedlake.models.contract import Contract

EVERY = 5
"""One of so many operations is the last one of a killed run; each example begins at another one."""


def run(lake: Path, contract: Contract, engine: SailEngine, process: Process, last: int | None) -> tuple[Any, int]:
    """The counts of each day, and the operations on the store; killed before operation `last`."""
    with compose.home(compose.Place(lake=str(lake)), engine=engine, given=(contract,)) as home:
        store = FaultyStore(home.tools.store, before=crash_before(-1 if last is None else last))
        table = (
            replace(home, tools=replace(home.tools, store=store, host=process))
            .to_trusted(compose.Asked(("invented",)), Options())
            .tables[0]
        )
    return [(part.partition, part.counts) for part in table.partitions], len(store.operations)


def new_lake(folder: Path, days: dict[str, bytes]) -> Path:
    for path, content in days.items():
        file = folder / "Raw/Invented" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder


@settings(
    max_examples=4,
    derandomize=True,
    deadline=None,
    phases=WITHOUT_SHRINKING,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), contract=invented.contracts())
def test_a_run_killed_at_any_operation_ends_as_a_clean_run(
    data: st.DataObject, contract: Contract, sail_engine: SailEngine
) -> None:
    some = invented.records(contract)
    days = {f"{year}/a.json": invented.as_json(data.draw(some)) for year in (2023, 2024)}
    days["2024/good.json"] = b'[{"id": "2022-01-01", "c0": null}, {"id": 77, "c0": null}, {"id": "z", "c0": null}]'
    start = data.draw(st.integers(0, EVERY - 1))
    with tempfile.TemporaryDirectory() as name:
        clean = new_lake(Path(name, "clean"), days)
        counts, operations = run(clean, contract, sail_engine, Machine().start(), None)
        expected = rows(clean)
        for last in range(start, operations, EVERY):
            lake, machine = new_lake(Path(name, str(last)), days), Machine()
            first = machine.start()
            with pytest.raises(Crash):
                run(lake, contract, sail_engine, first, last)
            first.kill()
            again, _ = run(lake, contract, sail_engine, machine.start(), None)
            assert again == counts, f"killed before operation {last}"
            assert rows(lake) == expected, f"killed before operation {last}"
            assert not [*lake.glob("_trustedlake/journal/*.json"), *lake.glob("_trustedlake/staging/*")]
        if any(expected[zone] for zone in expected if zone.startswith("Trusted")):
            with compose.home(compose.Place(lake=str(lake)), given=(contract,)) as home:
                assert found(home.audit(compose.Asked(("invented",)))) == []
