"""The audit finds every damage done by hand, and names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.damage import (
    LEDGER,
    NEXT,
    ONE,
    OTHER_DAY,
    PART,
    QUARANTINE,
    TWO,
    add_a_published_file,
    add_a_row_of_another_day,
    add_a_row_of_no_record,
    audit,
    change_a_key,
    change_a_raw_byte,
    change_a_refused_text,
    cut_a_parquet_file,
    damage_the_ledger,
    delete_a_row,
    delete_the_rejected,
    delete_the_winner,
    double_a_row,
    drop_a_column,
    found,
    lose_the_ledger,
    miscount_in_the_ledger,
    misdate_in_the_ledger,
    misframe_in_the_ledger,
    name_another_winner,
    null_an_index,
    remove_a_published_file,
    remove_a_raw_file,
    remove_quarantine,
    rename_the_partition,
    swap_two_days,
    swap_two_indexes,
    write_the_same_rows_again,
)
from trustedlake.models.audit import FindingKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.trials import Trial

CHANGED = ("published file changed", PART, 0)
CHANGED_QUARANTINE = ("published file changed", QUARANTINE, 0)
DAMAGES: list[tuple[Callable[[Trial], None], list[tuple[str, str, int]]]] = [
    (delete_a_row, [CHANGED, ("records missing", ONE, 1)]),
    (double_a_row, [CHANGED, ("records doubled", ONE, 1)]),
    (swap_two_indexes, [CHANGED, ("records changed", ONE, 2)]),
    (change_a_key, [CHANGED, ("records changed", ONE, 1)]),
    (add_a_row_of_no_record, [CHANGED, ("records unknown", ONE, 1)]),
    (add_a_row_of_another_day, [CHANGED, ("records unknown", "ano=2025/mes=06/dia=17", 1)]),
    (delete_the_winner, [CHANGED, ("winner missing", ONE, 1), ("records missing", TWO, 1)]),
    (delete_the_rejected, [CHANGED_QUARANTINE, ("records missing", ONE, 1)]),
    (change_a_refused_text, [CHANGED_QUARANTINE, ("records changed", ONE, 1)]),
    (name_another_winner, [CHANGED_QUARANTINE, ("winner missing", ONE, 1)]),
    (null_an_index, [CHANGED, ("records missing", ONE, 1), ("records unknown", ONE, 1)]),
    (
        drop_a_column,
        [CHANGED, CHANGED, ("records missing", ONE, 3), ("winner missing", ONE, 1), ("records missing", TWO, 4)],
    ),
    (write_the_same_rows_again, [CHANGED]),
    (
        cut_a_parquet_file,
        [CHANGED, CHANGED, ("records missing", ONE, 3), ("winner missing", ONE, 1), ("records missing", TWO, 4)],
    ),
    (change_a_raw_byte, [("raw file changed", ONE, 0)]),
    (remove_a_raw_file, [("raw file vanished", TWO, 0)]),
    (
        remove_a_published_file,
        [
            ("published file missing", PART, 0),
            ("records missing", ONE, 3),
            ("winner missing", ONE, 1),
            ("records missing", TWO, 4),
        ],
    ),
    (remove_quarantine, [("published file missing", QUARANTINE, 0), ("records missing", ONE, 2)]),
    (add_a_published_file, [("unknown file", PART.replace("00000", "00001"), 0)]),
    (
        rename_the_partition,
        [
            ("published file missing", PART, 0),
            ("published file missing", OTHER_DAY, 0),
            ("twin partition", PART.replace("mes=06", "mes=6"), 0),
            ("twin partition", OTHER_DAY.replace("mes=06", "mes=6"), 0),
            ("records missing", ONE, 3),
            ("winner missing", ONE, 1),
            ("records missing", TWO, 4),
            ("records missing", f"{NEXT}/filmes_001.json", 3),
        ],
    ),
    (
        swap_two_days,
        [
            CHANGED,
            ("published file changed", OTHER_DAY, 0),
            ("records missing", ONE, 3),
            ("winner missing", ONE, 1),
            ("records missing", TWO, 4),
            ("records unknown", "ano=2025/mes=06/dia=17", 3),
            ("records missing", f"{NEXT}/filmes_001.json", 3),
            ("records unknown", "ano=2025/mes=06/dia=18", 3),
            ("records unknown", "ano=2025/mes=06/dia=18", 4),
        ],
    ),
    (miscount_in_the_ledger, [("counts differ", "ano=2025/mes=06/dia=17", 0)]),
    (misdate_in_the_ledger, [("wrong partition", OTHER_DAY, 0), ("wrong partition", f"{NEXT}/filmes_001.json", 0)]),
    (misframe_in_the_ledger, [("framed otherwise", ONE, 0)]),
    (
        lose_the_ledger,
        [("unknown file", PART, 0), ("unknown file", OTHER_DAY, 0), ("unknown file", QUARANTINE, 0)],
    ),
    (damage_the_ledger, [("ledger damaged", LEDGER, 0)]),
]


@pytest.mark.parametrize(("damage", "expected"), DAMAGES, ids=lambda value: getattr(value, "__name__", ""))
def test_each_damage_is_named_and_nothing_else_is(
    lake: Trial, damage: Callable[[Trial], None], expected: list[tuple[str, str, int]]
) -> None:
    assert found(audit(lake)) == []
    damage(lake)
    before = lake.snapshot()
    assert found(audit(lake)) == expected
    assert lake.snapshot() == before, "an audit changes nothing"


def test_every_kind_of_finding_is_met_in_these_tests() -> None:
    met = {kind for _, expected in DAMAGES for kind, _, _ in expected}
    assert met | {"publish cut", "staging left"} == {str(kind) for kind in FindingKind}
