"""A later file writes its values differently: the run names the option that the contract lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.python_contracts import contract, whole
from trustedlake.app.trusted.job import Options
from trustedlake.entrypoints.lake import compose
from trustedlake.models.column import Column
from trustedlake.models.raw import Dialect, RawFormat

if TYPE_CHECKING:
    from tests.support.trials import Trial
    from trustedlake.models.choices import Lanes
    from trustedlake.models.contract import Contract
    from trustedlake.models.report import TableReport

SALES = contract(
    "vendas",
    columns=[whole("id"), Column(name="valor", type="decimal(10,2)", decimal=",")],
    format=RawFormat.CSV,
    dialect=Dialect(delimiter=";"),
    partition=("ano",),
    path=("Raw/vendas/{ano:04d}",),
)
GROUPED = SALES.model_copy(
    update={"columns": (SALES.columns[0], SALES.columns[1].model_copy(update={"grouping": "."}))}
)


def sales(trial: Trial, year: int, *amounts: str) -> None:
    trial.put(f"Raw/vendas/{year}/a.csv", "".join(["id;valor\n", *(f"{n};{one}\n" for n, one in enumerate(amounts))]))


def sold(trial: Trial, table: Contract, *, lanes: Lanes = "auto", **options: Any) -> TableReport:
    place = compose.Place(lake=str(trial.lake))
    with compose.home(place, engine=trial.engine, given=[table], lanes=lanes) as home:
        (report,) = home.to_trusted(compose.Asked(("vendas",)), Options(**options)).tables
    return report


@pytest.mark.parametrize("lanes", ["auto", "off"])
def test_the_refusal_of_grouped_numbers_names_the_option_that_the_contract_lacks(trial: Trial, lanes: Lanes) -> None:
    sales(trial, 2024, *["1,50"] * 9)
    assert sold(trial, SALES).exit_code == 0
    sales(trial, 2025, "1.250,00", "3.000,00", "4.100,50", "1,00")
    table = sold(trial, SALES, lanes=lanes)
    assert table.exit_code == 3
    (refused,) = [part for part in table.partitions if part.status == "refused"]
    assert refused.hint.startswith(
        "valor: '1.250,00' would be a decimal(10,2) with grouping '.' in the contract; trustedlake quarantine"
    )
    table = sold(trial, GROUPED)
    assert (table.exit_code, table.counts.trusted, table.counts.rejected) == (0, 13, 0)


def test_a_published_day_with_grouped_numbers_keeps_naming_the_missing_option(trial: Trial) -> None:
    sales(trial, 2025, *["1,50"] * 8, "1.250,00", "3.000,00")
    for _ in range(2):
        (warning,) = [one for one in sold(trial, SALES, max_rejected=0.5).warnings if "have no decimal" in one]
        assert warning.endswith("; valor: '1.250,00' would be a decimal(10,2) with grouping '.' in the contract")


def test_json_numbers_get_no_advice_about_notation(trial: Trial) -> None:
    table = contract("vendas", columns=[whole("id"), whole("qty")], path=("Raw/v",))
    trial.put("Raw/v/a.json", [{"id": number, "qty": 1.125} for number in range(5)])
    (refused,) = sold(trial, table).partitions
    assert "would be" not in refused.hint


def test_a_warning_accepted_before_it_had_advice_stays_accepted(trial: Trial) -> None:
    sales(trial, 2025, *["1,50"] * 8, "1.250,00", "3.000,00")
    sold(trial, SALES, max_rejected=0.5)
    with compose.home(compose.Place(lake=str(trial.lake)), engine=trial.engine, given=[SALES]) as home:
        home.accept("vendas", "ano=2025", "type-valor", "known")
    assert [one for one in sold(trial, SALES, max_rejected=0.5, full_refresh=True).warnings if "decimal" in one] == []
