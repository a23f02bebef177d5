"""Report how the raw files differ from what the contract expects."""

from __future__ import annotations

from collections import Counter
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from trustedlake.core.shared_points import of_columns
from trustedlake.models.ledger import DRIFT
from trustedlake.models.report import Drift
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from trustedlake.app.trusted.proof import StagedPartition
    from trustedlake.core.facts import FileFacts
    from trustedlake.core.renames import Before, Rename
    from trustedlake.models.column import Column
    from trustedlake.models.contract import Contract
    from trustedlake.models.ledger import Ledger, Partition
    from trustedlake.ports import Contents

    Earlier = Callable[[Column, Collection[tuple[str, ...]]], Before]

NULL_FROM = 10
"""From this many rows on, warn about a column without any value: a few films may well have no collection."""

CASES = 20
"""Number of different sets of keys of a partition's files in which renamed keys are looked for."""

COMPARED = 5
"""Number of files with the same keys whose values are compared with earlier ones."""

UNKNOWN_SHOWN = 50
"""Number of unknown keys that a report keeps per partition, the most frequent first."""


def drift(facts: Iterable[FileFacts]) -> Drift:
    """Sum up, over the readable files of a partition, why values are null and which keys are unknown."""
    absent: Counter[str] = Counter()
    null: Counter[str] = Counter()
    empty: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    samples: dict[str, str] = {}
    for file in facts:
        if file.problem:
            continue
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
        columns: columns with values; an empty list counts.
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
        """Return the columns that the file should have; none if it was judged before, since they were reported then."""
        return () if (file.path, file.sha256) in self._files else self.columns


def _filled(one: Partition | Contents) -> set[str]:
    """Return the columns with more than empty lists."""
    return set(one.columns).difference(one.empty or ())


def missing_columns(facts: FileFacts, contract: Contract, seen: Collection[str]) -> tuple[list[str], list[str]]:
    """Return the columns that no record of the file has: those that matter, and the others.

    A column matters if it is required, if it was in the table this lake replaces (`expected`), or if this table already
    has published values in it (`seen`).
    """
    if not facts.seen:
        return [], []
    gone = [column for column in contract.columns if facts.absent.get(column.name) == facts.seen]
    matter = [one.name for one in gone if one.expected or contract.is_required(one) or one.name in seen]
    return matter, [one.name for one in gone if one.name not in matter]


class Gone(NamedTuple):
    """A column that is absent from every record of some files.

    Attributes:
        files: those files.
        rename: the key that the column's values now seem to have; None if there is none.
    """

    column: str
    files: tuple[FileFacts, ...]
    rename: Rename | None = None

    @property
    def renamed(self) -> str:
        """The column and its new key, for a message about the whole partition; empty if there is none."""
        if not self.rename:
            return ""
        key, why = self.rename
        return f"{self.column} seems to be called {key!r} now{f' ({why})' if why else ''}"

    @property
    def sentence(self) -> str:
        """Where the column is absent, and which line of the contract takes its new key."""
        from trustedlake.core.renames import synonym_line  # noqa: PLC0415 - it needs pyarrow

        told = f"column {self.column} is absent from every record of {some((file.path for file in self.files), 1)}"
        if self.rename:
            key, why = self.rename
            return (
                f"{told}; it seems to be called {key} there{f' ({why})' if why else ''}: the contract takes it with"
                f" {synonym_line(key)}"
            )
        unknown = some(self.files[0].unknown, 5)
        return told + (f"; unknown there: {unknown}" if unknown else "")


def find_gone(
    facts: Iterable[FileFacts], contract: Contract, seen: Collection[str], before: Earlier
) -> tuple[Gone, ...]:
    """Find the columns that matter and that no record of a file has; files with the same keys are one case.

    For a file without records of the table, report only columns that seem renamed.
    `before`: returns what was in a column before, with the values of some records.
    """
    cases: dict[tuple[tuple[str, ...], frozenset[str], bool], list[FileFacts]] = {}
    for file in facts:
        if names := missing_columns(file, contract, seen)[0]:
            cases.setdefault((tuple(names), frozenset(file.unknown), bool(file.problem)), []).append(file)
    if not cases:
        return ()
    from trustedlake.core.renames import find_renames  # noqa: PLC0415 - it needs pyarrow

    found = []
    for number, ((missing, _, is_unreadable), files) in enumerate(cases.items()):
        examples = [example for file in files[:COMPARED] for example in file.examples]
        columns = [contract.column(name) for name in missing if number < CASES]
        renames = find_renames(columns, replace(files[0], examples=examples), before)
        told = [name for name in missing if name in renames or not is_unreadable]
        found += [Gone(name, tuple(files), renames.get(name)) for name in told]
    return tuple(found)


def gone_sentences(gone: Iterable[tuple[Gone, SeenColumns, Collection[str]]], contract: Contract) -> list[str]:
    """Return one sentence per key that a column is called now, and one for columns that the same files lack.

    `gone`: each with what was seen before its partition, and with the ids of accepted warnings of the partition.
    """
    cases: dict[tuple[str, str], Gone] = {}
    for one, seen, accepted in gone:
        files = tuple(file for file in one.files if one.column in missing_columns(file, contract, seen.before(file))[0])
        case = one.column, one.rename.key if one.rename else ""
        if files and f"{DRIFT}-{one.column}" not in accepted:
            cases[case] = one._replace(files=(*(cases[case].files if case in cases else ()), *files))
    return [message for _, message in of_columns(dict(enumerate(one.sentence for one in cases.values())))]


def null_sentences(
    staged: StagedPartition, contract: Contract, seen: SeenColumns, known: Collection[str] = ()
) -> dict[str, str]:
    """Map columns that had values before to a sentence if they now have a key in the files but no value in any row.

    An empty list is not a value. `known`: columns that were already reported.
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
