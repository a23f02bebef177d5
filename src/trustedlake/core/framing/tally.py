"""Counts that framing makes while it produces rows; they become the facts of one raw file."""

from __future__ import annotations

from collections import Counter
from itertools import repeat
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from trustedlake.core.facts import FileFacts
from trustedlake.core.framing.layout import text_column

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    import pyarrow as pa

    from trustedlake.core.framing.layout import Layout, Selection
    from trustedlake.core.framing.source import Source, UnreadableError

_SAMPLE_CHARS = 80
_NAME_CHARS = 200
_SHOWN_KEYS = 5
_MISREAD = 5

EXAMPLES = 20
"""Keep the unknown values of this many records, to compare them with published values."""

MOST_UNKNOWN = 1_000
"""At most this many unknown keys of a file are counted by name, because each record may have its own keys."""


class Tally:
    """Counts over the framed rows of one raw file, with the names of FileFacts.

    Attributes:
        places: records so far, including those of other tables.
        records: rows so far.
        has_records: some record has a key of a column outside the primary key.
        stranger: text of the first record that does not belong to the table.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.places = 0
        self.records = 0
        self.elsewhere = 0
        self.has_records = False
        self.stranger = ""
        self._witness = 0
        self._absent: Counter[str] = Counter()
        self._null: Counter[str] = Counter()
        self._empty: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()
        self._samples: dict[str, str] = {}
        self._examples: list[dict[str, Any]] = []
        self._misread: dict[str, list[str]] = {}
        self.untaken = 0
        self._untaken_keys: tuple[str, ...] = ()

    def place(self) -> int:
        """Return the index of the next record of the file."""
        self.places += 1
        return self.places - 1

    def count_elsewhere(self, members: Mapping[str, str | None], others: Iterable[Selection]) -> None:
        """Count a record that the contract leaves to another table; maybe none of the `others` takes it either."""
        self.elsewhere += 1
        if not any(other.matches(members) and other.looks_like(members) for other in others):
            self.untaken += 1
            self._untaken_keys = self._untaken_keys or tuple(members)[:_SHOWN_KEYS]

    def count_foreign(self, raw: str) -> None:
        """Count a record that no known table takes; for the error message, an object is preferred to a list."""
        if not self.stranger or (raw.startswith("{") and not self.stranger.startswith("{")):
            self.stranger = raw

    def count_rows(self, rows: int, crcs: pa.Array) -> None:
        """Count rows, and add up the checksums of their witness texts (`witness_crcs`)."""
        self.records += rows
        self._witness += pc.sum(crcs, min_count=0).as_py()

    def see_keys(self, signatures: Iterable[Collection[str]]) -> None:
        """Note which keys records have, for `has_records`."""
        own = self._layout.other_keys or self._layout.keys
        self.has_records = self.has_records or any(not own.isdisjoint(keys) for keys in signatures)

    def count_column(self, name: str, *, absent: int, null: int, empty: int) -> None:
        """Count a column's records without any of its keys, with a null, and with an empty text."""
        # Called for each column of each file; nearly all counts are 0, and a Counter is slow.
        if absent:
            self._absent[name] += absent
        if null:
            self._null[name] += null
        if empty:
            self._empty[name] += empty

    def see_misread(self, name: str, text: str) -> None:
        """Keep the first texts that are not of a column's type; skip long ones: cut, they could mean something else."""
        known = self._misread.setdefault(name, [])
        if len(known) < _MISREAD and len(text) <= _SAMPLE_CHARS:
            known.append(text)

    def count_unknown(self, found: Sequence[Sequence[tuple[str, str | None]]], times: Sequence[int] = ()) -> None:
        """Count, for each record, the keys that no column takes, with their texts.

        `times`: for each entry of `found`, the number of records with these keys; empty: one each.
        """
        counts: Counter[str] = Counter()
        for some, records in zip(found, times or repeat(1), strict=False):
            for key, _ in some:
                counts[key[:_NAME_CHARS]] += records
        known = self._layout.known
        fresh = [key for key in counts if key not in known and key not in self._samples]
        fresh = fresh[: MOST_UNKNOWN - len(self._samples)]
        if fresh:
            wanted = set(fresh)
            for some in found:
                for name, text in some:
                    key = name[:_NAME_CHARS]
                    if key in wanted:
                        self._samples[key] = ("null" if text is None else text)[:_SAMPLE_CHARS]
                        wanted.discard(key)
        for key, count in counts.items():
            if key in self._samples:
                self._unknown[key] += count

    def keep_examples(self, rows: pa.RecordBatch) -> None:
        """Keep the unknown values of the first records; `rows`: the framed rows that were counted last."""
        left = EXAMPLES - (self.records - len(rows))
        if left <= 0 or not self._unknown:
            return
        some = rows.slice(0, left)
        names = [text_column(name) for name in self._layout.key]
        keys = zip(*(some.column(name).to_pylist() for name in names), strict=True) if names else repeat(())
        for key, rescued in zip(keys, some.column("rescued").to_pylist(), strict=False):
            texts = {
                name: text[:_SAMPLE_CHARS] for name, text in rescued or () if text is not None and name in self._samples
            }
            if texts:
                self._examples.append({"key": list(key), "texts": texts})

    def found(self) -> dict[str, Any]:
        """Return what `UnreadableError` tells of the records of a file that is refused."""
        return {
            "unframed": self.records,
            "absent": dict(+self._absent),
            "unknown": dict(self._unknown),
            "samples": dict(self._samples),
            "examples": self._examples,
        }

    def facts(self, path: str, *, size: int, sha256: str, shape: str, header: Sequence[str] = ()) -> FileFacts:
        """Return the facts of a file with this size in bytes and checksum, after it was read to its end."""
        return FileFacts(
            path=path,
            size=size,
            sha256=sha256,
            shape=shape,
            records=self.records,
            elsewhere=self.elsewhere,
            untaken=self.untaken,
            untaken_keys=list(self._untaken_keys),
            witness=self._witness,
            absent=dict(+self._absent),
            null=dict(+self._null),
            empty=dict(+self._empty),
            unknown=dict(self._unknown),
            samples=dict(self._samples),
            examples=self._examples if self.records in self._absent.values() else [],
            misread=dict(self._misread),
            header=list(header),
        )


def unreadable_facts(path: str, source: Source, error: UnreadableError) -> FileFacts:
    """Return the facts of a file that can't be framed."""
    sha256 = source.sha256()
    return FileFacts(
        path=path,
        size=source.size,
        sha256=sha256,
        shape="unreadable",
        records=0,
        problem=error.message,
        hint=error.hint,
        **error.found,
    )
