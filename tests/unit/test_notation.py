"""Which notation a contract needs to read texts that don't fit their column's type, and when none is proposed."""

from __future__ import annotations

import pytest

from trustedlake.core.inferring.notation import notation_advice
from trustedlake.models.column import Column

DOUBLE, WHOLE, MONEY = (Column(name="v", type=one) for one in ("double", "bigint", "decimal(10,2)"))
COMMA = Column(name="v", type="double", decimal=",")
BOTH = Column(name="v", type="double", decimal=",", grouping=".")
DATE, MOMENT = Column(name="v", type="date"), Column(name="v", type="timestamp")
TRUTH = Column(name="v", type="boolean")


@pytest.mark.parametrize(
    ("column", "texts", "needed"),
    [
        (COMMA, ["1.250,00", "12.000,5"], "grouping '.'"),
        (COMMA, [" 1.250,00 "], "grouping '.'"),
        (COMMA, ["1 250,00"], "grouping ' '"),
        (COMMA, ["1\N{NO-BREAK SPACE}250,00"], "grouping '\\xa0'"),
        (DOUBLE, ["1,250.00"], "grouping ','"),
        (DOUBLE, ["1'250.00"], 'grouping "\'"'),
        (DOUBLE, ["1,5", "2,75"], "decimal ','"),
        (DOUBLE, ["1.250,00"], "decimal ',' and grouping '.'"),
        (MONEY, ["1,250.00", "n/d"], ""),  # half of them is not enough
        (MONEY, ["1,250.00", "2,000.10", "n/d"], "grouping ','"),
        (WHOLE, ["1,250"], "grouping ','"),
        (WHOLE, ["1.250"], ""),  # a number as it stands, only no whole one
        (MONEY, ["12.101", "12.102"], ""),
        (BOTH, ["1" * 81], ""),
        (BOTH, ["1,250.00"], "decimal '.' and grouping ','"),
        (BOTH, ["1250.00"], "decimal '.' and no grouping"),
        (DATE, ["17/06/2025", "03/04/2025"], "formats 'yyyy-MM-dd', 'dd/MM/yyyy'"),
        (DATE, ["03/04/2025"], "formats 'yyyy-MM-dd', 'dd/MM/yyyy' or formats 'yyyy-MM-dd', 'MM/dd/yyyy'"),
        (DATE, ["20250617"], "formats 'yyyy-MM-dd', 'yyyyMMdd'"),
        (MOMENT, ["17/06/2025 10:30"], "formats 'iso', 'dd/MM/yyyy HH:mm'"),
        (TRUTH, ["sim", "não", "sim"], "booleans {true: [sim], false: [não]}"),
        (DOUBLE, ["R$ 1,50"], ""),
        (DOUBLE, ["abc"], ""),
        (WHOLE, ["10.7"], ""),
        (DATE, ["soon"], ""),
        (TRUTH, ["maybe"], ""),
        (DOUBLE, [], ""),
    ],
)
def test_the_advice_names_the_notation_that_would_read_the_texts(column: Column, texts: list[str], needed: str) -> None:
    advice = notation_advice(column, texts)
    if not needed:
        assert advice == ""
        return
    assert advice == f"v: {texts[0]!r} would be a {column.type} with {needed} in the contract"


def test_the_advice_shows_a_text_that_would_be_read() -> None:
    advice = notation_advice(COMMA, ["n/d", "1.250,00", "2.500,00", "3.000,00"])
    assert advice.startswith("v: '1.250,00' would be")
