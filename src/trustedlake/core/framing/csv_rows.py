"""Lines of a pipe-separated file -> framed rows: columns by header name, counted by physical line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from trustedlake.core.framing.csv_header import cells

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustedlake.core.framing.csv_block import Lines
    from trustedlake.core.framing.layout import Layout, Lineage
    from trustedlake.core.framing.tally import Tally

NULL = r"\N"
HEADER = "line|header"


class CsvRows:
    """Makes framed rows of the lines of one file, block by block, and counts them.

    Grain: one row per line that isn't blank; `record_index` is the line's number in the file, from 1.
    Columns: `trustedlake.core.framing.layout.framed_schema`. A short or long line has its text only.
    """

    def __init__(self, layout: Layout, lineage: Lineage, header: list[str], tally: Tally) -> None:
        self._layout = layout
        self._lineage = lineage
        self._header = header
        self._tally = tally

    def rows(self, lines: Lines, first_line: int) -> pa.RecordBatch:
        """The rows of the lines of a block that begins with line `first_line` of the file."""
        texts = dict(zip(self._header, map(_with_nulls, lines.fields), strict=True))
        known = {key: texts[key] for key in self._layout.text_columns if key in texts}
        indexes = pa.array([first_line + place for place in lines.places], pa.int32())
        ragged = lines.fields[0].null_count
        signatures: dict[tuple[str, ...], int] = {tuple(self._header): len(indexes) - ragged, (): ragged}
        self._tally.count(known, signatures, indexes)
        return self._layout.batch(
            lineage=self._lineage,
            indexes=indexes,
            raw=lines.raw,
            texts=known,
            rescued=self._rescued(texts, lines),
            problem=self._problems(lines),
        )

    def _problems(self, lines: Lines) -> pa.Array:
        problems = dict(lines.problems)
        suspects = pc.equal(pc.utf8_trim_whitespace(lines.fields[0]), self._header[0])
        for row in pc.indices_nonzero(suspects.fill_null(False)).to_pylist():
            if cells(lines.raw[row].as_py()) == self._header:
                problems.setdefault(lines.places[row], HEADER)
        if not problems:
            return pa.nulls(len(lines.places), pa.string())
        return pa.array([problems.get(place) for place in lines.places], pa.string())

    def _rescued(self, texts: Mapping[str, pa.Array], lines: Lines) -> pa.Array:
        rows = len(lines.places)
        unknown = [name for name in self._header if name not in self._layout.text_columns]
        if not unknown or not rows:
            return pa.nulls(rows, self._layout.schema.field("rescued").type)
        whole = lines.fields[0].is_valid().to_pylist()
        offsets: list[int | None] = []
        picks: list[int] = []
        for row in range(rows):
            offsets.append(len(picks) if whole[row] else None)
            picks += range(row, row + rows * len(unknown), rows) if whole[row] else ()
        offsets.append(len(picks))
        for name in unknown:
            self._tally.count_unknown(name, sum(whole), (value.as_py() for value in texts[name] if value.is_valid))
        items = pa.concat_arrays([texts[name] for name in unknown]).take(pa.array(picks, pa.int64()))
        keys = pa.array(unknown * sum(whole), pa.string())
        return pa.MapArray.from_arrays(pa.array(offsets, pa.int32()), keys, items)


def _with_nulls(field: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(field, NULL), None, field)
