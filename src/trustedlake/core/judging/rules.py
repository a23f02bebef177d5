"""The rules that a contract sets for its columns, as expressions. `core/accepting.py` has their twins in Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from trustedlake.core.invisible import INVISIBLE
from trustedlake.core.judging.schema import FAILED, PROBLEM, array_of, quoted

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression

    from trustedlake.models.column import Column
    from trustedlake.models.contract import Contract

# Faults of a whole record: its columns were not read, so none of them is reported as missing.
_WHOLE = r"\A(file|line|record)\|"


def reasons(contract: Contract) -> Expression:
    """Return the reasons why a record is rejected: `array<string>` of `column|rule`, empty if it keeps every rule."""
    problem = F.col(PROBLEM)
    broken = [reason for column in contract.columns for reason in _broken_rules(column, contract)]
    whole = F.coalesce(problem.rlike(_WHOLE), F.lit(False))
    return F.when(whole, F.split(problem, ",")).otherwise(array_of(problem, *broken))


def _broken_rules(column: Column, contract: Contract) -> list[Expression]:
    value = F.col(quoted(column.name))
    rules: dict[str, Expression] = {}
    if not column.scalar.is_text:
        rules["type"] = F.array_contains(FAILED, column.name)
    if contract.is_required(column):
        framed_wrong = F.coalesce(F.concat(F.lit(","), PROBLEM).contains(f",{column.name}|"), F.lit(False))
        rules["missing"] = value.isNull() & ~F.array_contains(FAILED, column.name) & ~framed_wrong
    if column.not_blank:
        rules["blank"] = F.btrim(value, F.lit(INVISIBLE)) == ""
    if column.minimum is not None or column.maximum is not None:
        rules["range"] = _out_of_range(value, column)
    if column.pattern is not None:
        rules["pattern"] = ~value.rlike(column.pattern)
    if column.enum:
        rules["enum"] = ~value.cast("string").isin(*column.enum)
    if column.min_length is not None:
        rules["length"] = F.length(value) < column.min_length
    return [F.when(broken, F.lit(f"{column.name}|{rule}")) for rule, broken in rules.items()]


def _out_of_range(value: Expression, column: Column) -> Expression:
    below = value < F.lit(column.minimum) if column.minimum is not None else F.lit(False)
    above = value > F.lit(column.maximum) if column.maximum is not None else F.lit(False)
    return below | above
