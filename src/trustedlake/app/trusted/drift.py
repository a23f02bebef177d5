"""How the raw files differ from what the contract expects: told, not swallowed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from trustedlake.models.ledger import Warned
from trustedlake.models.report import Drift

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from trustedlake.core.facts import FileFacts
    from trustedlake.models.contract import Contract
    from trustedlake.models.ledger import Ledger, Partition
    from trustedlake.models.report import Lost

UNKNOWN_SHOWN = 50
"""Unknown keys a report keeps per partition, the most frequent first."""


def drift(facts: Iterable[FileFacts]) -> Drift:
    """Add up why values are null, and which keys are unknown, over the files of a partition."""
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


class Seen:
    """The columns in which the table has values (`columns`), and the files whose rows it has."""

    def __init__(self, ledger: Ledger) -> None:
        entries = ledger.partitions.values()
        self.columns = {name for entry in entries for name in entry.columns}
        self._files = {(raw.path, raw.sha256) for entry in entries for raw in entry.raw}

    def before(self, file: FileFacts) -> Collection[str]:
        """Columns that a file may be expected to have; of one that is judged again, what it lacks was told before."""
        return () if (file.path, file.sha256) in self._files else self.columns


def warnings_of(  # noqa: PLR0917 - one caller
    facts: Iterable[FileFacts], lost: Lost, contract: Contract, seen: Seen, before: Partition, now: datetime
) -> tuple[Warned, ...]:
    """What is to be kept in sight of a partition: columns that had values before and are absent, and lost values.

    A warning of before stays, with its date, as long as its file is the same and still lacks the column.
    """
    known = {warning.id: warning for warning in before.warnings}
    same = {(raw.path, raw.sha256) for raw in before.raw}
    found: dict[str, Warned] = {}
    for file in facts:
        gone = missing_columns(file, contract, seen.columns)[0]
        for name in gone:
            key = f"drift-{name}"
            kept = known.get(key)
            if kept is not None and kept.path == file.path and (file.path, file.sha256) in same:
                found[key] = kept
            elif name in seen.before(file) and key not in found:
                found[key] = Warned(id=key, since=now, message=_absent(name, [file]), path=file.path)
    if lost.duplicates:
        message = lost_sentence(lost.duplicates, lost.columns)
        kept = known.get("lost")
        found["lost"] = kept if kept and kept.message == message else Warned(id="lost", since=now, message=message)
    return tuple(found.values())


def lost_sentence(duplicates: int, columns: Mapping[str, int]) -> str:
    """What duplicates had that the kept records lack."""
    named = ", ".join(f"{name} ({n})" for name, n in sorted(columns.items()))
    return f"{duplicates} duplicate(s) had values that the kept record lacks: {named}"


def missing_columns(facts: FileFacts, contract: Contract, seen: Collection[str]) -> tuple[list[str], list[str]]:
    """Columns that no record of the file has: those that matter, and the others.

    A column matters if it was in the table this lake replaces (`expected`) or if this table has
    published values in it before (`seen`).
    """
    if not facts.records:
        return [], []
    gone = [column for column in contract.columns if facts.absent.get(column.name) == facts.records]
    matter = [column.name for column in gone if column.expected or column.name in seen]
    return matter, [column.name for column in gone if column.name not in matter]


def missing_sentences(facts: Iterable[FileFacts], contract: Contract, seen: Seen) -> list[str]:
    """One sentence per column that matters and is absent from every record of a file."""
    files: dict[str, list[FileFacts]] = {}
    for file in facts:
        for name in missing_columns(file, contract, seen.before(file))[0]:
            files.setdefault(name, []).append(file)
    return [_absent(name, members) for name, members in files.items()]


def _absent(name: str, files: Sequence[FileFacts]) -> str:
    where = files[0].path + (f" and {len(files) - 1} more file(s)" if len(files) > 1 else "")
    unknown = ", ".join(list(files[0].unknown)[:5])
    renamed = f"; unknown there: {unknown}" if unknown else ""
    return f"column {name} is absent from every record of {where}{renamed}"
