"""Accepting without an engine and judging with one give the same rows, verdicts, reasons and counts."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import invented
from tests.support.damage import found
from tests.support.invented import WITHOUT_SHRINKING
from tests.support.published_lake import rows
from tests.support.trials import IdleEngine
from trustedlake.app.trusted.job import Options
from trustedlake.entrypoints.lake import compose
from trustedlake.models.column import Column
from trustedlake.models.contract import Contract
from trustedlake.models.raw import Raw, RawFormat

if TYPE_CHECKING:
    from trustedlake.adapters.spark.sail_engine import SailEngine
    from trustedlake.adapters.spark.spark_engine import SparkEngine
    from trustedlake.models.choices import Lanes
    from trustedlake.ports import Engine


def run(lake: Path, contract: Contract, engine: Engine, lanes: Lanes) -> dict[str, Any]:
    """What the report tells of the table, but for what tells two runs apart."""
    with compose.home(compose.Place(lake=str(lake)), engine=engine, given=(contract,), lanes=lanes) as home:
        table = home.to_trusted(compose.Asked(("invented",)), Options()).tables[0]
    parts = [part.model_dump(include={"partition", "status", "counts", "reasons", "lost"}) for part in table.partitions]
    return {"exit": table.exit_code, "counts": table.counts, "partitions": parts, "lanes": table.lanes}


def compare(contract: Contract, days: dict[str, bytes], engine: Engine) -> dict[str, int]:
    """Both lanes on the same raw files; which way how many records went."""
    with tempfile.TemporaryDirectory() as name:
        told = {}
        for lanes in ("auto", "off"):
            lake = Path(name, lanes)
            for path, content in days.items():
                file = lake / "Raw/Invented" / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            told[lanes] = run(lake, contract, engine, "auto" if lanes == "auto" else "off")
        ways = told["auto"].pop("lanes")
        told["off"].pop("lanes")
        assert told["auto"] == told["off"]
        assert rows(Path(name, "auto")) == rows(Path(name, "off"))
        lake = Path(name, "auto")
        if any(part["status"] == "published" for part in told["auto"]["partitions"]):
            with compose.home(compose.Place(lake=str(lake)), given=(contract,)) as home:
                assert found(home.audit(compose.Asked(("invented",)))) == []
        before = rows(lake)
        again = run(lake, contract, IdleEngine(), "off")
        assert {str(part["status"]) for part in again["partitions"]} <= {"unchanged", "refused"}
        assert rows(lake) == before
        return dict(ways)


slowly = settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    phases=WITHOUT_SHRINKING,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@slowly
@given(data=st.data(), contract=invented.contracts())
def test_both_lanes_agree_for_any_contract_on_any_json(
    data: st.DataObject, contract: Contract, sail_engine: SailEngine
) -> None:
    some = invented.records(contract)
    days = {f"{year}/{name}.json": invented.as_json(data.draw(some)) for year in (2023, 2024) for name in "ab"}
    compare(
        contract,
        {
            **days,
            "2024/good.json": b'[{"id": "2022-01-01", "c0": null}, {"id": 77, "c0": null}, {"id": "z", "c0": null}]',
        },
        sail_engine,
    )


@slowly
@given(data=st.data(), contract=invented.contracts(RawFormat.CSV))
def test_both_lanes_agree_for_any_contract_on_any_lines(
    data: st.DataObject, contract: Contract, sail_engine: SailEngine
) -> None:
    days = {
        f"{year}/a.csv": invented.as_lines(data.draw(invented.records(contract)), contract) for year in (2023, 2024)
    }
    compare(contract, days, sail_engine)


@pytest.mark.rest
@settings(slowly, max_examples=2)
@given(data=st.data(), contract=st.one_of(invented.contracts(), invented.contracts(RawFormat.CSV)))
def test_spark_and_pysail_agree_for_any_contract(
    data: st.DataObject, contract: Contract, spark_engine: SparkEngine, sail_engine: SailEngine
) -> None:
    drawn = [data.draw(invented.records(contract)) for _ in "ab"]
    is_csv = contract.format is RawFormat.CSV
    told: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        for engine in (spark_engine, sail_engine):
            lake = Path(name, engine.name)
            for year, some in zip((2023, 2024), drawn, strict=True):
                file = lake / f"Raw/Invented/{year}/a.{contract.format}"
                file.parent.mkdir(parents=True)
                file.write_bytes(invented.as_lines(some, contract) if is_csv else invented.as_json(some))
            told[engine.name] = run(lake, contract, engine, "off"), rows(lake)
    one, other = told.values()
    assert one == other


@pytest.mark.parametrize("kind", invented.VALUES)
def test_both_lanes_agree_for_every_value_alone_and_in_a_list(kind: str, sail_engine: SailEngine) -> None:
    values = invented.VALUES[kind]
    columns = (
        Column(name="id", type="bigint"),
        Column(name="one", type=kind),
        Column(name="many", type=f"array<{kind}>"),
    )
    contract = Contract(
        table="invented",
        raw=Raw(path=("Raw/Invented/{ano:04d}",), format=RawFormat.JSON, max_rejected=1.0),
        trusted="Trusted/invented",
        partition=("ano",),
        key=("id",),
        columns=columns,
    )
    some = [{"id": 2 * n, "one": value} for n, value in enumerate(values)]
    some += [{"id": 2 * n + 1, "many": [value, None]} for n, value in enumerate(values)]
    ways = compare(contract, {"2024/a.json": invented.as_json(some)}, sail_engine)
    assert ways["accepted"] >= 3, "what is plainly right needs no engine"
