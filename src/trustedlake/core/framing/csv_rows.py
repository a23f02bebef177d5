"""Turn the lines of a CSV file into framed rows, by whole columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from trustedlake.core.framing.csv_dialect import cells
from trustedlake.core.framing.layout import Belonging, repeated
from trustedlake.core.framing.record import not_of
from trustedlake.core.framing.rows import Segment, Table, problems, read_columns, rescued
from trustedlake.core.framing.witness import witness_crcs, witness_texts
from trustedlake.types import BLANKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trustedlake.core.framing.csv_dialect import FramingDialect
    from trustedlake.core.framing.csv_lines import Lines
    from trustedlake.core.framing.layout import Layout, Lineage, Selection
    from trustedlake.core.framing.rows import Members, Values
    from trustedlake.core.framing.tally import Tally

HEADER = "line|header"


class CsvRows:
    """Turns the lines of one file into framed rows, block by block, and counts them.

    Grain: one row per line that isn't blank and does not belong to another table. `record_index` is the number of
    the line in which the record begins, from 1. Columns: `core.framing.layout.framed_schema`. A line with too few
    or too many fields has only its text.
    """

    def __init__(  # noqa: PLR0917 - one caller
        self,
        layout: Layout,
        lineage: Lineage,
        header: list[str],
        tally: Tally,
        others: Sequence[Selection],
        dialect: FramingDialect,
    ) -> None:
        self._layout = layout
        self._lineage = lineage
        self._header = header
        self._tally = tally
        self._others = others
        self._dialect = dialect
        self._nulls = pa.array(sorted(layout.selection.nulls), pa.string())
        shapes = {key: name for name, reader in layout.readers.items() for key in reader.keys}
        # A second field of the same name competes with the first one, if a column reads that name.
        self._twins = [
            (name, name.rpartition("#")[0], shapes[name.rpartition("#")[0]])
            for name in header
            if name not in layout.keys and name.rpartition("#")[0] in shapes
        ]

    def rows(self, lines: Lines, first_line: int) -> pa.RecordBatch:
        """Make rows from the lines of a block that begins at line `first_line` of the file."""
        problem = self._problems(lines)
        keep, problem = self._select(lines, problem)
        if keep is not None:
            lines = lines._replace(
                places=[lines.places[row] for row in keep.to_pylist()],
                raw=lines.raw.take(keep),
                fields=[field.take(keep) for field in lines.fields],
            )
        layout, tally = self._layout, self._tally
        fields = dict(zip(self._header, lines.fields, strict=True))
        indexes = pa.array([first_line + place for place in lines.places], pa.int32())
        ragged = lines.fields[0].null_count if lines.fields else 0
        names = frozenset(self._header)
        segment = Segment(tally, len(indexes), {tuple(self._header): len(indexes) - ragged, (): ragged})
        columns = read_columns(_Fields(fields, segment), layout)
        tally.count_rows(len(indexes), witness_crcs(witness_texts(columns.texts, layout, len(indexes)), indexes))
        tally.see_keys([names])
        reasons, losers = dict(columns.reasons), dict(columns.losers)
        self._add_conflicts(fields, reasons)
        batch = layout.batch(
            file_path=repeated(self._lineage.file_path, len(indexes)),
            partition=[repeated(value, len(indexes)) for value in self._lineage.partition],
            indexes=indexes,
            raw=lines.raw,
            texts=columns.texts,
            rescued=rescued(self._unknown(fields, len(indexes)), losers),
            problem=problems(problem, reasons),
        )
        tally.keep_examples(batch)
        return batch

    def _problems(self, lines: Lines) -> list[str | None]:
        found = dict(lines.problems)
        if self._dialect.header and lines.fields:
            suspects = pc.equal(pc.utf8_trim_whitespace(lines.fields[0]), self._header[0])
            for row in pc.indices_nonzero(suspects.fill_null(False)).to_pylist():
                if cells([field[row].as_py() or "" for field in lines.fields]) == self._header:
                    found.setdefault(lines.places[row], HEADER)
        return [found.get(place) for place in lines.places] if found else [None] * len(lines.places)

    def _select(self, lines: Lines, problem: list[str | None]) -> tuple[pa.Array | None, list[str | None]]:
        """Return the rows that do not belong to another table (None: all), and their problems."""
        selection = self._layout.selection
        looks_like = selection.looks_like(dict.fromkeys(self._header))
        if looks_like and not selection.where:
            self._tally.places += len(lines.places)
            return None, problem
        fields = dict(zip(self._header, lines.fields, strict=True))
        names = {key for one in (selection, *self._others) for key in one.where}
        kept: list[int] = []
        told: list[str | None] = []
        for row, what in enumerate(problem):
            self._tally.place()
            members: Mapping[str, Any] = {
                name: fields[name][row].as_py() if name in names else "" for name in self._header
            }
            belonging = Belonging.OURS if what else selection.belonging(members, self._others)
            if belonging is Belonging.ELSEWHERE:
                self._tally.count_elsewhere(members, self._others)
                continue
            if belonging is Belonging.FOREIGN:
                self._tally.count_foreign(lines.raw[row].as_py())
                what = not_of(self._layout.table)  # noqa: PLW2901 - a line has one problem
            kept.append(row)
            told.append(what)
        return pa.array(kept, pa.int64()), told

    def _add_conflicts(self, fields: Mapping[str, pa.Array], reasons: dict[int, list[str]]) -> None:
        """Reject lines with two different values for a key column; other columns keep the second value in `rescued`."""
        for twin, first, column in self._twins:
            if column not in self._layout.key:
                continue
            nulls = {*self._layout.readers[column].nulls, ""}
            differ = pc.fill_null(pc.not_equal(fields[first], fields[twin]), fill_value=False)
            for row in pc.indices_nonzero(differ).to_pylist():
                one, other = fields[first][row].as_py(), fields[twin][row].as_py()
                if not {one.strip(BLANKS), other.strip(BLANKS)} & nulls:
                    reasons[row] = [*reasons.get(row, ()), f"{column}|conflict"]

    def _unknown(self, fields: Mapping[str, pa.Array], rows: int) -> list[list[tuple[str, str | None]]]:
        """Return, for each line, the fields that no column takes, with their texts; also counts them."""
        names = [name for name in self._header if name not in self._layout.keys]
        if not names or not rows:
            return [[]] * rows
        whole = fields[self._header[0]].is_valid().to_pylist()
        columns = [self._without_nulls(fields[name]).to_pylist() for name in names]
        found: list[list[tuple[str, str | None]]] = [
            [(name, column[row]) for name, column in zip(names, columns, strict=True)] if whole[row] else []
            for row in range(rows)
        ]
        self._tally.count_unknown(found)
        return found

    def _without_nulls(self, field: pa.Array) -> pa.Array:
        """Replace texts that stand for null by null, in a field that no column takes; empty texts stay."""
        null = pc.and_(pc.is_in(field, value_set=self._nulls), pc.not_equal(field, ""))
        return pc.if_else(null, None, field)


class _Fields(Table):
    """The lines of a block, by field name."""

    def __init__(self, fields: Mapping[str, pa.Array], segment: Segment) -> None:
        super().__init__(segment.rows, frozenset(fields), [segment])
        self._fields = fields

    def column(self, key: str) -> pa.Array:
        """See the base."""
        return self._fields[key]

    def records(self, keys: Sequence[str], rows: Sequence[int] | None) -> Iterator[tuple[Members, Values]]:
        """See the base."""
        for members in _members(self._fields, keys, rows):
            yield members, {}


def _members(
    fields: Mapping[str, pa.Array], keys: Sequence[str], rows: Sequence[int] | None
) -> Iterator[Mapping[str, str | None]]:
    """Yield each line's members with these keys."""
    names = [key for key in keys if key in fields]
    columns = [fields[name] if rows is None else fields[name].take(pa.array(rows, pa.int64())) for name in names]
    for texts in zip(*(column.to_pylist() for column in columns), strict=True):
        yield dict(zip(names, texts, strict=True))
