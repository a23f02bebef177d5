"""Reads staged Parquet back for the proof, and describes it for the report and the ledger."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from trustedlake.adapters.parquet.earlier_rows import EarlierRows
from trustedlake.adapters.parquet.staged_findings import (
    StagedFiles,
    count_conflicts,
    find_corrections,
    find_overruled,
    lost_values,
)
from trustedlake.adapters.parquet.staged_schema import footer_rows, open_quarantine, open_trusted, read_columns
from trustedlake.core.facts import FileCounts
from trustedlake.core.framing.quarantined_text import RawTextReader
from trustedlake.core.framing.witness import join_texts, witness_crcs
from trustedlake.models.report import Refused
from trustedlake.ports import NONE_NEWER, Contents

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pyarrow import parquet

    from trustedlake.models.contract import Contract
    from trustedlake.ports import Newer


SHOWN_REFUSED = 5
SHOWN_CHARS = 200
_TRUSTED = "trusted"
_REJECTED = "rejected"
_DUPLICATE = "duplicate"


class ParquetStagedReader:
    """Port `StagedReader`."""

    def __init__(self) -> None:
        self._last: tuple[Contract, RawTextReader] | None = None

    def _texts(self, contract: Contract) -> RawTextReader:
        """Return the reader of a contract's raw texts; a run asks for each of its partitions."""
        if self._last is None or self._last[0] is not contract:
            self._last = contract, RawTextReader(contract.framing())
        return self._last[1]

    def count(
        self, trusted: Sequence[Path], quarantine: Sequence[Path], contract: Contract, headers: Mapping[str, list[str]]
    ) -> Mapping[str, FileCounts]:
        """Count rows by verdict, and sum the witness checksums, per raw file.

        Grain: rows of the staged files -> one entry per `file_path`. Only the needed columns are read. Rows that
        represent unreadable files are not counted.

        Raises:
            ImbalanceError: a file can't be read, or its columns or types are not the contract's.
        """
        sums = _Sums()
        for path in trusted:
            with open_trusted(path, contract) as file:
                for rows in read_columns(file, path, ["file_path", "record_index", *contract.witnesses]):
                    shown = [rows.column(name).cast(pa.string()) for name in contract.witnesses]
                    texts = join_texts(shown) if shown else pa.array([b""] * len(rows), pa.binary())
                    sums.add(
                        rows.column("file_path"), pa.repeat(_TRUSTED, len(rows)), texts, rows.column("record_index")
                    )
        reader = self._texts(contract)
        for path in quarantine:
            with open_quarantine(path) as file:
                for rows in read_columns(file, path, ["file_path", "record_index", "verdict", "raw"]):
                    files = rows.column("file_path")
                    raws = zip(rows.column("raw").to_pylist(), files.to_pylist(), strict=True)
                    texts = pa.array([reader.witness(raw, headers.get(name, ())) for raw, name in raws], pa.binary())
                    sums.add(files, rows.column("verdict"), texts, rows.column("record_index"))
        return sums.counts()

    def rows(self, file: Path) -> int:
        """Return the rows in a Parquet file, from its footer. Raises ImbalanceError if it can't be read."""
        return footer_rows(file)

    def earlier(self, file: Path, contract: Contract, column: str) -> EarlierRows:
        """See the port; only the first rows of a large file are read."""
        return EarlierRows(file, contract, column)

    def contents(
        self,
        trusted: Sequence[Path],
        quarantine: Sequence[Path],
        contract: Contract,
        headers: Mapping[str, list[str]],
        newer: Newer = NONE_NEWER,
    ) -> Contents:
        """Describe the staged files of one partition. Raises ImbalanceError as `count` does."""
        names = [column.name for column in contract.columns]
        valid: set[str] = set()
        filled: set[str] = set()
        for path in trusted:
            with open_trusted(path, contract) as file:
                some, full = _with_values(file, path, [name for name in names if name not in filled])
                valid |= some
                filled |= full
        reasons: Counter[str] = Counter()
        firsts: list[Refused] = []
        for path in quarantine:
            with open_quarantine(path) as file:
                for rows in read_columns(file, path, ["file_path", "record_index", "verdict", "reasons", "raw"]):
                    rejected = rows.filter(pc.equal(rows.column("verdict"), _REJECTED))
                    reasons.update(_reasons(rejected))
                    firsts = sorted([*firsts, *_first_refused(rejected)], key=_place)[:SHOWN_REFUSED]
        staged = StagedFiles(trusted, quarantine, contract, self._texts(contract), headers)
        corrected, repeated = find_corrections(staged) if reasons else ({}, {})
        return Contents(
            columns=tuple(name for name in names if name in valid),
            empty=tuple(name for name in names if name in valid - filled),
            reasons=dict(sorted(reasons.items())),
            refused=tuple(firsts),
            lost=lost_values(staged),
            conflicts=count_conflicts(staged),
            corrected=corrected,
            repeated=repeated,
            overruled=find_overruled(staged, newer),
        )


class _Sums:
    """Rows and checksums by raw file and verdict."""

    def __init__(self) -> None:
        self._rows: Counter[tuple[str, str]] = Counter()
        self._witness: Counter[str] = Counter()

    def add(self, files: pa.Array, verdicts: pa.Array, texts: pa.Array, indexes: pa.Array) -> None:
        table = pa.table({"file": files, "verdict": verdicts, "crc": witness_crcs(texts, indexes)})
        groups = table.group_by(["file", "verdict"]).aggregate([("crc", "sum"), ("crc", "count")])
        for group in groups.to_pylist():
            file, verdict = group["file"], group["verdict"]
            if verdict in {_TRUSTED, _REJECTED, _DUPLICATE}:
                self._rows[file, verdict] += group["crc_count"]
                self._witness[file] += group["crc_sum"]

    def counts(self) -> dict[str, FileCounts]:
        return {
            file: FileCounts(
                trusted=self._rows[file, _TRUSTED],
                rejected=self._rows[file, _REJECTED],
                duplicates=self._rows[file, _DUPLICATE],
                witness=witness,
            )
            for file, witness in self._witness.items()
        }


def _with_values(file: parquet.ParquetFile, path: Path, names: Sequence[str]) -> tuple[set[str], set[str]]:
    """Return the columns that have a value, and those of them that have more than lists without values.

    Use the statistics where they are enough, else read the column.
    """
    filled = {name for name in names if _has_value_by_statistics(file, name)}
    valid = set(filled)
    unsure = [name for name in names if name not in filled]
    for rows in read_columns(file, path, unsure) if unsure else ():
        for name in unsure:
            column = rows.column(name)
            is_list = pa.types.is_list(column.type) or pa.types.is_large_list(column.type)
            values = pc.list_flatten(column) if is_list else column
            valid |= {name} if column.null_count < len(column) else set()
            filled |= {name} if values.null_count < len(values) else set()
    return valid, filled


def _has_value_by_statistics(file: parquet.ParquetFile, name: str) -> bool:
    for group in range(file.num_row_groups):
        chunks = file.metadata.row_group(group)
        for place in range(chunks.num_columns):
            chunk = chunks.column(place)
            # A list's values are in a leaf below the column: `genres.list.element`.
            if chunk.path_in_schema.partition(".")[0] == name and chunk.is_stats_set:
                statistics = chunk.statistics
                if statistics.has_null_count and statistics.null_count < chunk.num_values:
                    return True
    return False


def _reasons(rejected: pa.Table) -> Iterator[str]:
    for reasons in rejected.column("reasons").to_pylist():
        yield from reasons or ()


def _first_refused(rejected: pa.Table) -> list[Refused]:
    if not len(rejected):  # pyarrow 15 fails to select from an empty table
        return []
    by_place = [("file_path", "ascending"), ("record_index", "ascending")]
    first = rejected.take(pc.select_k_unstable(rejected, SHOWN_REFUSED, by_place)).to_pylist()
    return [
        Refused(
            file_path=row["file_path"],
            record_index=row["record_index"],
            verdict=row["verdict"],
            reasons=tuple(row["reasons"] or ()),
            raw=row["raw"][:SHOWN_CHARS],
        )
        for row in first
    ]


def _place(refused: Refused) -> tuple[bytes, int]:
    return refused.file_path.encode(), refused.record_index
