"""What framing counts while it makes rows: the facts of one raw file."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from trustedlake.core.facts import FileFacts
from trustedlake.core.framing.witness import empty_as_null, witness_crcs, witness_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pyarrow as pa

    from trustedlake.core.framing.layout import Layout
    from trustedlake.core.framing.source import Source, UnreadableError

_SAMPLE_CHARS = 80
_NAME_CHARS = 200
_MAX_UNKNOWN = 1_000
"""Unknown keys that a file's facts name; a file may have more of them than records."""


class Tally:
    """Counts over the framed rows of one raw file, by the names they have in FileFacts.

    Attributes:
        has_films: a record has a key of a contract column besides the key column.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.records = 0
        self.has_films = False
        self._witness = 0
        self._absent: Counter[str] = Counter()
        self._null: Counter[str] = Counter()
        self._empty: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()
        self._samples: dict[str, str] = {}

    def count(
        self, texts: Mapping[str, pa.Array], signatures: Mapping[tuple[str, ...], int], indexes: pa.Array
    ) -> None:
        """Add a batch.

        Args:
            texts: source key -> its column, for the keys that occur at all.
            signatures: the keys that a record has -> number of such records.
            indexes: the records' indexes in the file, int32.
        """
        layout = self._layout
        self.records += len(indexes)
        self._witness += pc.sum(witness_crcs(witness_texts(texts, layout, len(indexes)), indexes), min_count=0).as_py()
        self.has_films = self.has_films or not layout.film_keys.isdisjoint(texts)
        for name, keys in layout.columns.items():
            absent = sum(count for signature, count in signatures.items() if not any(key in signature for key in keys))
            columns = [texts[key] for key in keys if key in texts]
            null = _nulls(columns, len(indexes))
            without_value = _nulls([empty_as_null(column) for column in columns], len(indexes))
            self._absent[name] += absent
            self._null[name] += null - absent
            self._empty[name] += without_value - null

    def count_unknown(self, key: str, records: int, values: Iterable[str | None]) -> None:
        """Add records that have a key the contract doesn't know, with the values it has in them.

        Of more than _MAX_UNKNOWN keys the first ones count; all of them stay in `rescued`.
        """
        key = key[:_NAME_CHARS]
        if key not in self._unknown and len(self._unknown) == _MAX_UNKNOWN:
            return
        self._unknown[key] += records
        if key not in self._samples:
            value = next(iter(values), None)
            self._samples[key] = ("null" if value is None else value)[:_SAMPLE_CHARS]

    def facts(self, path: str, source: Source, *, shape: str, header: Sequence[str] = ()) -> FileFacts:
        """The facts of a file that was read to its end."""
        sha256 = source.sha256()
        return FileFacts(
            path=path,
            size=source.size,
            sha256=sha256,
            shape=shape,
            records=self.records,
            witness=self._witness,
            absent=dict(+self._absent),
            null=dict(+self._null),
            empty=dict(+self._empty),
            unknown=dict(self._unknown),
            samples=dict(self._samples),
            header=list(header),
        )


def _nulls(columns: Sequence[pa.Array], rows: int) -> int:
    """Rows that are null in all of the columns."""
    if not columns:
        return rows
    return int((pc.coalesce(*columns) if len(columns) > 1 else columns[0]).null_count)


def unreadable_facts(path: str, source: Source, error: UnreadableError) -> FileFacts:
    """The facts of a file that can't be framed."""
    sha256 = source.sha256()
    return FileFacts(
        path=path,
        size=source.size,
        sha256=sha256,
        shape="unreadable",
        records=0,
        problem=error.message,
        hint=error.hint,
    )
