"""Warnings that stay open for a partition until the data, the contract or a person resolves them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trustedlake.app.trusted.column_drift import null_sentences
from trustedlake.core.facts import REPLACED
from trustedlake.models.ledger import (
    CONFLICT,
    DRIFT,
    LOST,
    NULL,
    OVERRULED,
    QUARANTINE,
    TYPE,
    UNTAKEN,
    Warned,
)
from trustedlake.wording import share, some

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from trustedlake.app.trusted.column_drift import Gone, SeenColumns
    from trustedlake.app.trusted.proof import StagedPartition
    from trustedlake.core.facts import FileFacts
    from trustedlake.models.contract import Contract
    from trustedlake.models.ledger import Partition, Refusal

TYPE_SHARE = 0.01
"""Above this share of the records, values of the wrong type are more than a few mistakes: warn."""


class Concern(NamedTuple):
    """One thing to warn about: the fields of `Warned` that don't depend on time."""

    id: str
    message: str
    path: str = ""
    renamed: str = ""
    advice: str = ""
    more: tuple[str, ...] = ()


def partition_warnings(
    staged: StagedPartition,
    contract: Contract,
    seen: SeenColumns,
    gone: Sequence[Gone],
    *,
    before: Partition,
    now: datetime,
) -> tuple[Warned, ...]:
    """Return the warnings of a partition that was just judged and passed its gate; `gone`: columns it lacks.

    A warning that was already open keeps its date. An accepted warning stays accepted as long as its files are
    unchanged, and its message is the same or it has fewer files.
    """
    known = {warning.id: warning for warning in before.warnings}
    same = {(raw.path, raw.sha256) for raw in before.raw}
    changed = {file.path for file in staged.facts if (file.path, file.sha256) not in same}
    drifted = _drifted(gone, contract, seen, known)
    concerns = (*drifted, *_without_value(staged, contract, seen, known, drifted), *_others(staged, contract))
    found = {one.id: one for one in concerns}
    kept = []
    for one in found.values():
        new, old = Warned(since=now, **one._asdict()), known.get(one.id)
        if old is None or (old.why and not _is_accepted(new, old, changed)):
            kept.append(new)
        else:
            kept.append(new.model_copy(update={"since": old.since, "why": old.why}))
    return tuple(kept)


def still_accepted(
    staged: StagedPartition,
    contract: Contract,
    seen: SeenColumns,
    gone: Sequence[Gone],
    *,
    before: Partition,
    now: datetime,
) -> frozenset[str]:
    """Return the ids of the accepted warnings of a partition that hold for what was just judged."""
    if not any(warning.why for warning in before.warnings):
        return frozenset()
    warnings = partition_warnings(staged, contract, seen, gone, before=before, now=now)
    return frozenset(one.id for one in warnings if one.why)


def _is_accepted(new: Warned, old: Warned, changed: Collection[str]) -> bool:
    """Return whether accepting the old warning also covers the new one."""
    is_known = new.message == old.message or (new.files and new.files < old.files)
    return bool(is_known) and new.files.isdisjoint(changed)


def named_again(repeated: Mapping[str, str]) -> str:
    """Name rejected records that have the keys of earlier rejected ones."""
    return some(f"{address} has the key of {earlier}" for address, earlier in repeated.items())


def lost_sentence(duplicates: int, columns: Mapping[str, int]) -> str:
    """Say which values the duplicates had that the kept records lack."""
    named = ", ".join(f"{name} ({n})" for name, n in sorted(columns.items()))
    return f"{duplicates} duplicate(s) had values that the kept record lacks: {named}"


def untaken_sentence(files: Sequence[FileFacts]) -> str:
    """Describe the records that no table takes."""
    count = sum(file.untaken for file in files)
    keys = ", ".join(files[0].untaken_keys)
    return f"{count} record(s) of {some(file.path for file in files)} that no table takes (the keys of one: {keys})"


def refused_warnings(
    gone: Sequence[Gone], contract: Contract, seen: SeenColumns, before: Refusal | None, now: datetime
) -> tuple[Warned, ...]:
    """Return the columns that a partition lacks which was just refused; `before`: its earlier refusal, if any."""
    known = {warning.id: warning for warning in (before.warnings if before else ())}
    found = _drifted(gone, contract, seen, known)
    return tuple(Warned(since=known[one.id].since if one.id in known else now, **one._asdict()) for one in found)


def _drifted(gone: Iterable[Gone], contract: Contract, seen: SeenColumns, known: Mapping[str, Warned]) -> list[Concern]:
    """Return one concern per column that is required, or had values before, and is absent from a file."""
    found: dict[str, Concern] = {}
    for one in gone:
        id_, is_required = f"{DRIFT}-{one.column}", contract.is_required(contract.column(one.column))
        told = known[id_].files if id_ in known else frozenset()
        files = [f for f in one.files if is_required or one.column in seen.before(f) or f.path in told]
        if files:
            message = one._replace(files=tuple(files)).sentence
            more = tuple(file.path for file in files[1:])
            concern = Concern(id_, message, files[0].path, one.rename.key if one.rename else "", more=more)
            found.setdefault(id_, concern)
    return list(found.values())


def _without_value(
    staged: StagedPartition,
    contract: Contract,
    seen: SeenColumns,
    known: Mapping[str, Warned],
    drifted: Sequence[Concern],
) -> Iterator[Concern]:
    """Find columns that had values before and now have no value in any row, although a file has their key."""
    remembered = {one.removeprefix(f"{NULL}-") for one in known if one.startswith(f"{NULL}-")}
    told = {one.id for one in drifted}
    for name, message in null_sentences(staged, contract, seen, remembered).items():
        if f"{DRIFT}-{name}" not in told:
            yield Concern(f"{NULL}-{name}", message)


def misread_advice(staged: StagedPartition, contract: Contract) -> dict[str, str]:
    """Return column -> what the contract needs to read values that are not of the column's type, if that is known."""
    if not any(file.misread for file in staged.facts):
        return {}
    from trustedlake.core.inferring.notation import misread_advice as found  # noqa: PLC0415 - few runs need it

    return found(staged.facts, contract)


def _others(staged: StagedPartition, contract: Contract) -> Iterator[Concern]:
    """Find the concerns that come from the records themselves."""
    contents, counts = staged.contents, staged.counts
    if contents.lost.duplicates:
        yield Concern(LOST, lost_sentence(contents.lost.duplicates, contents.lost.columns))
    for source, rows in contents.conflicts.items():
        yield Concern(
            f"{CONFLICT}-{source}",
            f"{rows:,} record(s) have another value in {source} than in the key that won over it",
        )
    left = counts.rejected - staged.superseded - len(contents.corrected)
    advice = misread_advice(staged, contract)
    for column in contract.columns if left else ():  # nothing to do where every rejected record was corrected
        failed = contents.reasons.get(f"{column.name}|type", 0)
        if failed and failed > TYPE_SHARE * counts.own:
            many = f"{failed:,} of {counts.own:,} records ({share(failed / counts.own)})"
            message = f"{many} have no {column.type} in {column.name}"
            yield Concern(f"{TYPE}-{column.name}", message, advice=advice.get(column.name, ""))
    for one in contents.overruled:
        name = one.file_path.rpartition("/")[2]
        message = (
            f"{one.records:,} record(s) of {one.file_path}, which came later, lost to different records of earlier"
            f" files: {one.address} to {one.winner} ({', '.join(one.columns)}). If records have the same key, the last"
            " one by file name wins"
        )
        yield Concern(f"{OVERRULED}-{name}", message, one.file_path)
    if left:
        known = {reason: n for reason, n in contents.reasons.items() if reason != REPLACED}
        reasons = sorted(known.items(), key=lambda item: (-item[1], item[0]))
        told = some(f"{reason} ({n})" for reason, n in reasons)
        more = f"; {len(contents.corrected)} more are corrected by later records" if contents.corrected else ""
        again = len(contents.repeated)
        more += (
            f"; {again:,} of them came again and were rejected again: {named_again(contents.repeated)}" if again else ""
        )
        yield Concern(QUARANTINE, f"{left:,} record(s) are in Quarantine, rejected: {told}{more}")
    if files := [file for file in staged.facts if file.untaken]:
        yield Concern(UNTAKEN, untaken_sentence(files))
