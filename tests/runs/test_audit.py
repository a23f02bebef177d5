"""The audit finds and names every damage done by hand."""

from __future__ import annotations

import os
import re
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
from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.models.audit import FindingKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.trials import Trial

NEXT_RAW = f"{NEXT}/filmes_001.json"
FAILED = "_trustedlake/failed/tmdb_movies/ano=2025/mes=06/dia=18/part-00000.parquet"
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
def test_the_audit_names_each_damage_and_nothing_else(
    lake: Trial, damage: Callable[[Trial], None], expected: list[tuple[str, str, int]]
) -> None:
    assert found(audit(lake)) == []
    damage(lake)
    before = lake.snapshot()
    assert found(audit(lake)) == expected
    assert lake.snapshot() == before, "an audit changes nothing"


@pytest.mark.parametrize("damage", [damage for damage, _ in DAMAGES], ids=lambda value: value.__name__)
def test_following_the_hint_repairs_the_damage(lake: Trial, damage: Callable[[Trial], None]) -> None:
    before = lake.rows()
    damage(lake)
    follow_the_hints(lake)
    assert found(audit(lake)) == []
    if damage not in {change_a_raw_byte, remove_a_raw_file}:
        assert [row | {"rescued": None} for row in lake.rows()] == [row | {"rescued": None} for row in before]


def follow_the_hints(lake: Trial) -> None:
    """Run what the audit advises; the weaker way, if it names both."""
    report = audit(lake)
    hints = {finding.hint for table in report.tables for finding in table.findings}
    assert all("to-trusted" in hint or "--full-refresh" in hint for hint in hints)
    full = any("--full-refresh" in hint for hint in hints)
    drop = "drop" if any("--vanished drop" in hint for hint in hints) else "fail"
    assert lake.run(entity="movies", full_refresh=full, vanished=drop, max_rejected=0.5).exit_code == 0


def in_place(file: Path, *, seen: bool, lake: Trial) -> None:
    """Turn over a bit of a file of the lake; the ledger may know the version that it then has: of such damage only
    the bytes tell, as of a disk's own."""
    about, data = file.stat(), bytearray(file.read_bytes())
    data[len(data) // 3] ^= 1
    with file.open("r+b") as out:
        out.write(data)
    os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))
    if not seen:
        store = LocalStore(lake.lake, ManualClock())
        info = store.head(file.relative_to(lake.lake).as_posix())
        assert info is not None
        ledger = lake.lake / LEDGER
        text, n = re.subn(rf'("{re.escape(info.key)}".*?"tag":\s*)"[^"]*"', rf'\1"{info.version}"', ledger.read_text())
        assert n == 1
        ledger.write_text(text)


@pytest.mark.parametrize("seen", [True, False], ids=["by its times", "by its bytes alone"])
@pytest.mark.parametrize("key", [PART, QUARANTINE, FAILED, NEXT_RAW])
def test_following_the_hint_repairs_a_flipped_bit(lake: Trial, key: str, seen: bool) -> None:
    if key == FAILED:
        lake.put(f"{NEXT}/filmes_001.json", [{"movie_id": 1}] * 9)
        assert lake.run(entity="movies", max_rejected=0.5).exit_code == 3
    file = lake.lake / key
    whole = file.read_bytes()
    in_place(file, seen=seen, lake=lake)
    assert ("published file changed" if key != NEXT_RAW else "raw file changed", key, 0) in found(audit(lake))
    if key == NEXT_RAW:
        file.write_bytes(whole)  # Raw is restored, never rebuilt
    else:
        full = "--full-refresh" in audit(lake).tables[0].findings[0].hint
        assert full is not seen
        lake.run(entity="movies", max_rejected=0.5, full_refresh=full)
    assert found(audit(lake)) == []


def test_following_the_hint_repairs_a_refused_day_with_a_damaged_file(lake: Trial) -> None:
    good = (lake.lake / ONE).read_bytes()
    lake.put(ONE, "[")
    assert lake.run(entity="movies", max_rejected=0.5).exit_code == 3
    remove_a_published_file(lake)
    hints = {finding.hint for finding in audit(lake).tables[0].findings}
    assert all("were refused" in hint and "fix them" in hint for hint in hints)
    lake.put(ONE, good)
    assert lake.run(entity="movies", max_rejected=0.5).exit_code == 0
    assert found(audit(lake)) == []


def test_these_tests_cover_every_kind_of_finding() -> None:
    met = {kind for _, expected in DAMAGES for kind, _, _ in expected}
    assert met | {"publish cut", "staging left"} == {str(kind) for kind in FindingKind}
