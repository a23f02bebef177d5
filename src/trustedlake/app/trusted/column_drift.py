"""Report how the raw files differ from what the contract expects."""

from __future__ import annotations

from collections import Counter
from copy import copy
from typing import TYPE_CHECKING

from trustedlake.app.trusted.listing import some
from trustedlake.models.ledger import DRIFT
from trustedlake.models.report import Drift

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from trustedlake.app.trusted.proof import StagedPartition
    from trustedlake.core.facts import FileFacts
    from trustedlake.models.column import Column
    from trustedlake.models.contract import Contract
    from trustedlake.models.ledger import Ledger, Partition
    from trustedlake.ports import Contents

NULL_FROM = 10
"""From this many rows on, warn about a column without any value: a few films may well have no collection."""

UNKNOWN_SHOWN = 50
"""Number of unknown keys that a report keeps per partition, the most frequent first."""


def drift(facts: Iterable[FileFacts]) -> Drift:
    """Sum up, over the files of a partition, why values are null and which keys are unknown."""
    absent: Counter[str] = Counter()
    null: Counter[str] = Counter()
    empty: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    samples: dict[str, str] = {}
    for file in facts:
        absent.update(file.absent)
        null.update(file.null)
        empty.update(file.empty)
        unknown.update(file.unknown)
        for key, sample in file.samples.items():
            samples.setdefault(key, sample)
    shown = dict(unknown.most_common(UNKNOWN_SHOWN))
    return Drift(
        absent={name: n for name, n in absent.items() if n},
        null={name: n for name, n in null.items() if n},
        empty={name: n for name, n in empty.items() if n},
        unknown=shown,
        samples={name: samples[name] for name in shown if name in samples},
    )


class SeenColumns:
    """What a table has published.

    Attributes:
        columns: columns with values, be they empty lists.
        filled: those with more than empty lists.
    """

    def __init__(self, ledger: Ledger) -> None:
        entries = ledger.partitions.values()
        self.columns = {name for entry in entries for name in entry.columns}
        self.filled = {name for entry in entries for name in _filled(entry)}
        self._surely_filled = {name for entry in entries if entry.empty is not None for name in _filled(entry)}
        self._files = {(raw.path, raw.sha256) for entry in entries for raw in entry.raw}

    def with_contents(self, contents: Contents) -> SeenColumns:
        """Return a copy to which a partition with these contents is added."""
        after = copy(self)
        after.columns = self.columns.union(contents.columns)
        after.filled = self.filled.union(_filled(contents))
        after._surely_filled = self._surely_filled.union(_filled(contents))
        return after

    def emptied(self, contents: Contents) -> set[str]:
        """Return the columns that had values and have none in these contents, or only empty lists.

        An earlier version did not note which lists were empty: where it published, we only tell columns of nulls.
        """
        return self.filled.difference(contents.columns) | self._surely_filled.intersection(contents.empty)

    def before(self, file: FileFacts) -> Collection[str]:
        """Return the columns to expect in a file; none if the file was judged before: it was reported then."""
        return () if (file.path, file.sha256) in self._files else self.columns


def _filled(one: Partition | Contents) -> set[str]:
    """Return the columns with more than empty lists."""
    return set(one.columns).difference(one.empty or ())


def lost_sentence(duplicates: int, columns: Mapping[str, int]) -> str:
    """Say which values the duplicates had that the kept records lack."""
    named = ", ".join(f"{name} ({n})" for name, n in sorted(columns.items()))
    return f"{duplicates} duplicate(s) had values that the kept record lacks: {named}"


def missing_columns(facts: FileFacts, contract: Contract, seen: Collection[str]) -> tuple[list[str], list[str]]:
    """Return the columns that no record of the file has: those that matter, and the others.

    A column matters if it was in the table this lake replaces (`expected`) or if this table already has
    published values in it (`seen`).
    """
    if not facts.records:
        return [], []
    gone = [column for column in contract.columns if facts.absent.get(column.name) == facts.records]
    matter = [column.name for column in gone if column.expected or column.name in seen]
    return matter, [column.name for column in gone if column.name not in matter]


def missing_sentences(facts: Iterable[tuple[FileFacts, SeenColumns, Collection[str]]], contract: Contract) -> list[str]:
    """Return one sentence per column that matters and that no record of a file has.

    `facts`: files, each with what was seen before it, and with the ids of accepted warnings of its partition.
    """
    files: dict[str, list[FileFacts]] = {}
    for file, seen, accepted in facts:
        for name in missing_columns(file, contract, seen.before(file))[0]:
            if f"{DRIFT}-{name}" not in accepted:
                files.setdefault(name, []).append(file)
    return [absent_sentence(contract.column(name), members)[0] for name, members in files.items()]


def absent_sentence(column: Column, files: Sequence[FileFacts]) -> tuple[str, str]:
    """Describe a column that is absent from whole files, and return the key it was probably renamed to, if any."""
    from trustedlake.core.contract_changes import find_renamed, synonym_line  # noqa: PLC0415 - it needs pyarrow

    where = files[0].path + (f" and {len(files) - 1} more file(s)" if len(files) > 1 else "")
    told = f"column {column.name} is absent from every record of {where}"
    if renamed := find_renamed(column, files[0]):
        return (
            f"{told}; it seems to be called {renamed} there: the contract takes it with {synonym_line(renamed)}",
            renamed,
        )
    unknown = ", ".join(list(files[0].unknown)[:5])
    return told + (f"; unknown there: {unknown}" if unknown else ""), ""


def untaken_sentence(files: Sequence[FileFacts]) -> str:
    """Describe the records that no table takes."""
    count = sum(file.untaken for file in files)
    keys = ", ".join(files[0].untaken_keys)
    return f"{count} record(s) of {some(file.path for file in files)} that no table takes (the keys of one: {keys})"


def null_sentences(
    staged: StagedPartition, contract: Contract, seen: SeenColumns, known: Collection[str] = ()
) -> dict[str, str]:
    """Map columns that had values before to a sentence if they now have a key in the files but no value in any row.

    A list without a value in it is none. `known`: columns that were already reported.
    """
    rows, emptied = staged.counts.trusted, seen.emptied(staged.contents)
    fresh = {name for file in staged.facts for name in seen.before(file)}.union(known)
    return {
        name: f"column {name} has no value in any of the {rows:,} rows, and had values before"
        for name in (column.name for column in contract.columns)
        if rows >= NULL_FROM
        and name in emptied
        and name in fresh
        and any(file.absent.get(name) != file.records for file in staged.facts)
    }
