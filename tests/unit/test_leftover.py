"""Framed rows that are not in Trusted are found by file and index, whatever files they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from trustedlake.adapters.spark.judged_batch import write_leftover

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    Address = tuple[str, int]


def write(file: Path, addresses: Sequence[Address]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    columns = {
        "file_path": pa.array([path for path, _ in addresses], pa.string()),
        "record_index": pa.array([index for _, index in addresses], pa.int32()),
        "raw": pa.array([f"{path} {index}" for path, index in addresses], pa.string()),
    }
    pq.write_table(pa.table(columns), file)


def leftover(folder: Path, framed: Sequence[Sequence[Address]], trusted: Sequence[Sequence[Address]]) -> list[str]:
    """The names of the files written, then the raw texts in them."""
    for number, addresses in enumerate(framed):
        write(folder / "framed" / f"part-{number}.parquet", addresses)
    for number, addresses in enumerate(trusted):
        write(folder / "trusted" / f"dia={number}" / "part-00000.parquet", addresses)
    (folder / "out").mkdir()
    write_leftover(folder / "framed", folder / "trusted", folder / "out")
    written = sorted((folder / "out").iterdir())
    texts = [text for file in written for text in pq.read_table(file)["raw"].to_pylist()]
    return [file.name for file in written] + texts


def test_rows_are_identified_by_file_and_index_together(tmp_path: Path) -> None:
    framed = [[("a", 0), ("a", 1), ("b", 0)], [("b", 1), ("c", 0)]]
    trusted = [[("b", 1), ("a", 0)], [("c", 0)]]
    assert leftover(tmp_path, framed, trusted) == ["part-0.parquet", "a 1", "b 0"]


def test_without_a_trusted_folder_all_rows_are_left_over(tmp_path: Path) -> None:
    assert leftover(tmp_path, [[("a", 0)], [("b", 0)]], []) == ["part-0.parquet", "part-1.parquet", "a 0", "b 0"]


def test_the_row_of_an_unreadable_file_is_not_confused_with_the_last_row_of_another(tmp_path: Path) -> None:
    last = 2**31 - 1
    framed = [[("a", 0), ("a", last), ("b", -1), ("c", -1)]]
    assert leftover(tmp_path, framed, [[("a", last)]]) == ["part-0.parquet", "a 0", "b -1", "c -1"]


def test_trusted_rows_that_were_not_framed_are_ignored(tmp_path: Path) -> None:
    assert leftover(tmp_path, [[("a", 0), ("a", 1)]], [[("x", 0), ("a", 1), ("x", 1)]]) == ["part-0.parquet", "a 0"]
