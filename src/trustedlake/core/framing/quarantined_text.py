"""Read a record's columns again from its raw text in Quarantine, as framing read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustedlake.core.framing.csv_dialect import FramingDialect
from trustedlake.core.framing.layout import Layout
from trustedlake.core.framing.record import object_record
from trustedlake.core.framing.witness import witness_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from trustedlake.core.framing.column_reader import Reading

    Members = tuple[Mapping[str, str | None], Mapping[str, Any]]

_NOTHING: Members = ({}, {})


class RawTextReader:
    """Reads raw texts of one table.

    A JSON text has members if it is one object of the table with at most MAX_DEPTH levels, whatever the record was
    rejected for; a CSV line has them if it has as many fields as its header. Other texts have no columns.

    Attributes:
        layout: the table's layout.
    """

    def __init__(self, framing: Mapping[str, Any]) -> None:
        self.layout = Layout.of(framing)
        self._dialect = FramingDialect.of(framing["dialect"]) if framing["format"] == "csv" else None

    def read(self, raw: str, header: Sequence[str], names: Iterable[str]) -> Iterator[tuple[str, Reading]]:
        """Yield the reading of each of these columns; `header` is the header of its file, empty for JSON."""
        members, nested = self._csv_members(raw, header) if self._dialect else self._json_members(raw)
        return self._readings(members, nested, names)

    def key(self, raw: str, header: Sequence[str]) -> tuple[str, ...] | None:
        """Return the texts of the primary key; None if they can't be read.

        The key of a CSV line with too few or too many fields is read if its columns are the first ones of the header
        and more fields follow: up to there, no delimiter can be missing or too many.
        """
        names = self.layout.key
        readings = list(self.read(raw, header, names))
        if self._dialect and all(reading.value is None for _, reading in readings):
            readings = list(self._readings(self._first_members(raw, header), {}, names))
        found = [str(reading.value) for _, reading in readings if reading.value is not None]
        return tuple(found) if names and len(found) == len(names) else None

    def witness(self, raw: str, header: Sequence[str]) -> bytes:
        """Return the witness text, as framing made it; a text without columns has empty values."""
        readings = self.read(raw, header, (column.name for column in self.layout.witness))
        return witness_text(reading.value if isinstance(reading.value, str) else None for _, reading in readings)

    def _readings(
        self, members: Mapping[str, str | None], nested: Mapping[str, Any], names: Iterable[str]
    ) -> Iterator[tuple[str, Reading]]:
        for name in names:
            yield name, self.layout.readers[name].read(members, nested)

    def _json_members(self, raw: str) -> Members:
        if not raw.startswith("{"):
            return _NOTHING
        try:
            record, end = object_record(raw, 0, self.layout)
        except ValueError:
            return _NOTHING
        selection = self.layout.selection
        is_ours = selection.matches(record.members) and selection.looks_like(record.members)
        return (record.members, record.nested) if end == len(raw) and is_ours else _NOTHING

    def _csv_members(self, raw: str, header: Sequence[str]) -> Members:
        fields = self._fields(raw)
        return (dict(zip(header, fields, strict=True)), {}) if fields and len(fields) == len(header) else _NOTHING

    def _first_members(self, raw: str, header: Sequence[str]) -> Mapping[str, str | None]:
        """Return the members of the header's first names, up to the first name that isn't one of the key's."""
        first = []
        for name in header:
            if name not in self.layout.key_keys:
                break
            first.append(name)
        fields = self._fields(raw)
        return dict(zip(first, fields, strict=False)) if len(fields) > len(first) else {}

    def _fields(self, raw: str) -> Sequence[str]:
        assert self._dialect is not None  # noqa: S101 - for the type checker
        return self._dialect.fields(raw) or ()
