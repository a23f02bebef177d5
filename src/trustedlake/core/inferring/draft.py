"""Draft a contract from files: inspect each file, read every record, and combine the findings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trustedlake.core.framing.source import UnreadableError
from trustedlake.core.inferring.built_in_match import recognise
from trustedlake.core.inferring.column_draft import propose
from trustedlake.core.inferring.file_choice import (
    LeftOut,
    Mine,
    dialect_of,
    kind_choice,
    one_format,
    one_kind,
    readable,
    some_files,
)
from trustedlake.core.inferring.folder_template import find_template, given_template
from trustedlake.core.inferring.foreign_files import records
from trustedlake.core.inferring.key_choice import Key, Pairs, equal_key, is_id, pair_candidates, single_key
from trustedlake.core.inferring.key_tree import Profile
from trustedlake.core.inferring.names import counted, is_nameable, shown
from trustedlake.core.inferring.shape import contract_records
from trustedlake.core.inferring.value_kinds import HARD_NULLS
from trustedlake.errors import InputError
from trustedlake.models.contract import Contract, Duplicates
from trustedlake.models.raw import CSV_NULLS, DEFAULT_RECORDS, Raw, RawFormat
from trustedlake.types.source_path import MEMBER_NAME
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from trustedlake.core.inferring.built_in_match import Match
    from trustedlake.core.inferring.column_draft import Proposed
    from trustedlake.core.inferring.folder_template import FoundTemplate
    from trustedlake.core.inferring.foreign_files import ForeignFile, SeenFile

_MOSTLY = 0.95
_ENOUGH_FOR_PAIRS = 5


@dataclass(slots=True)
class Draft:
    """A contract, and remarks for its comments.

    Attributes:
        contract: loads the files.
        notes: about the table.
        column_notes: column -> what is uncertain about it.
        refused: files that can't be read.
        files, records: numbers of files and records that were read.
        builtin: the built-in table that it matches; empty if none.
    """

    contract: Contract
    notes: list[str] = field(default_factory=list)
    column_notes: dict[str, list[str]] = field(default_factory=dict)
    refused: list[LeftOut] = field(default_factory=list)
    files: int = 0
    records: int = 0
    builtin: str = ""


def infer(files: Sequence[ForeignFile], table: str, contracts: Iterable[Contract], *, path: str | None = None) -> Draft:
    """Draft a contract for the files; `path` is the folder template if the user gave one.

    Raises:
        InputError: none of the files can be read.
    """
    notes: list[str] = []
    refused: list[LeftOut] = []
    seen = readable(files, refused)
    if not seen:
        first = some((f"{shown(one.path)}: {one.why}" for one in refused), by="; ")
        raise InputError(f"no file can be read: {first}", hint="give JSON or CSV files")
    seen = one_format(seen, notes)
    chosen, patterns, one_of = one_kind(seen, table, notes)
    where, kind_keys = kind_choice(chosen, table, notes)
    mine = Mine(where, frozenset(one_of or kind_keys))
    template = _template([one.file.path for one in chosen], path, notes)
    chosen = [one for one in chosen if one.file.path in template.values]
    profile = Profile()
    kept = [one for one in chosen if _read(one, profile, template, mine, refused)]
    if not profile.records:
        first = some((f"{shown(one.path)}: {one.why}" for one in refused), by="; ")
        raise InputError(f"no record can be read{': ' + first if first else ''}", hint="give files with records")
    proposed = _without_member_name(_columns(profile, template), table)
    match = recognise(proposed, contracts, table, profile)
    proposed = match.columns if match else proposed
    key = _key(proposed, match, table, profile, lambda: _pairs(kept, proposed, template, mine, table))
    draft = Draft(
        _contract(table, template=template, seen=kept, proposed=proposed, key=key, mine=mine, patterns=patterns),
        notes=notes + _problems(profile) + key.notes,
        refused=refused,
        files=len(kept),
        records=profile.records,
        builtin=match.contract.table if match else "",
    )
    draft.column_notes = {one.column.name: list(dict.fromkeys(one.notes)) for one in proposed if one.notes}
    if unnamed := [name for name in profile.root.members if not is_nameable(name)]:
        draft.notes.append(
            f"{counted(len(unnamed), 'key')} with characters that no contract can name: the values stay in `rescued`"
        )
    if key.alternatives:
        draft.notes.append(
            f"also always present and unique: {', '.join(key.alternatives)} (enforce it with `unique: true`)"
        )
    if match is not None:
        draft.notes[:0] = _told_match(match)
    return draft


def _template(paths: Sequence[str], given: str | None, notes: list[str]) -> FoundTemplate:
    template = given_template(given, paths) if given else find_template(paths)
    if not template.path:
        raise InputError(
            "the files are not in a folder of the lake", hint="give the folder template: --path 'Raw/NAME/{ano:04d}'"
        )
    notes += template.notes
    if template.outside:
        some = f"{counted(len(template.outside), 'file')} ({some_files(template.outside)})"
        notes.append(f"left out, in other folders: {some}")
    return template


def _read(seen: SeenFile, profile: Profile, template: FoundTemplate, mine: Mine, refused: list[LeftOut]) -> bool:
    """Count every record of a file; return False if the file turns out to be unreadable."""
    scope = hash(template.values[seen.file.path])
    try:
        for found in records(seen):
            place = (seen.file.path, found.number)
            if found.problem is not None:
                profile.add_problem(found.problem, place)
            elif mine.has(found):
                profile.add(found.members, found.nested, place, scope)
    except UnreadableError as error:
        refused.append(LeftOut(seen.file.path, error.message))
        return False
    return True


def _pairs(
    seen: Sequence[SeenFile],
    proposed: Sequence[Proposed],
    template: FoundTemplate,
    mine: Mine,
    table: str,
) -> Key | None:
    pairs = Pairs(pair_candidates(proposed, table))
    for one in seen:
        scope = hash(template.values[one.file.path])
        for found in records(one) if pairs else ():
            if found.problem is None and mine.has(found):
                pairs.add(found.members, scope)
            if not pairs:
                return None
    return pairs.key()


def _columns(profile: Profile, template: FoundTemplate) -> list[Proposed]:
    proposed = propose(profile, template.names)
    formats = [format_ for one in proposed for format_ in one.column.formats]
    unsure = any("check which comes first" in note for one in proposed for note in one.choice.notes)
    if unsure and _is_month_first(proposed):
        proposed = propose(profile, template.names, month_first=True)
    if not formats and not proposed:
        raise InputError("the records have no keys", hint="give files with records")
    return proposed


def _without_member_name(proposed: list[Proposed], table: str) -> list[Proposed]:
    """Drop the column for the records' names in an object if the records have their own id."""
    if any(one.path != MEMBER_NAME and one.always and is_id(one, table) for one in proposed):
        return [one for one in proposed if one.path != MEMBER_NAME]
    return proposed


def _is_month_first(proposed: Sequence[Proposed]) -> bool:
    """Whether the unambiguous dates have the month first."""
    sure = [one for one in proposed if not any("check which" in note for note in one.choice.notes)]
    formats = [format_ for one in sure for format_ in one.column.formats]
    return any(one.startswith("M") for one in formats) and not any(one.startswith("d") for one in formats)


def _key(
    proposed: Sequence[Proposed], match: Match | None, table: str, profile: Profile, pairs: Callable[[], Key | None]
) -> Key:
    if match is not None and match.key:
        own = [one for one in proposed if one.column.name in match.key]
        if all(one.filled >= _MOSTLY for one in own):
            return Key(match.key, match.contract.duplicates)
    found = single_key(proposed, table, profile.records)
    if found is None and profile.records >= _ENOUGH_FOR_PAIRS:
        found = pairs()
    return found or equal_key()


def _contract(
    table: str,
    *,
    template: FoundTemplate,
    seen: Sequence[SeenFile],
    proposed: Sequence[Proposed],
    key: Key,
    mine: Mine,
    patterns: tuple[str, ...],
) -> Contract:
    format_ = seen[0].format
    hard = sorted({word for one in proposed for word in one.choice.nulls if word.casefold() in HARD_NULLS})
    nulls = _nulls(format_, hard)
    columns = []
    for one in proposed:
        soft = tuple(word for word in one.choice.nulls if word not in hard)
        update: dict[str, object] = {}
        if soft and one.column.nulls is None:
            base = nulls if nulls is not None else (CSV_NULLS if format_ is RawFormat.CSV else ("",))
            update["nulls"] = (*base, *soft)
        elif one.column.nulls is not None and hard:
            update["nulls"] = (*one.column.nulls, *(word for word in hard if word not in one.column.nulls))
        if one.column.name in key.columns and key.duplicates in {Duplicates.LAST, Duplicates.MERGE}:
            update["required"] = True
        columns.append(one.column.model_copy(update=update))
    return Contract(
        table=table,
        raw=Raw(
            path=(template.path,),
            format=format_,
            files=patterns,
            records=contract_records(Counter(one.records for one in seen))
            if format_ is RawFormat.JSON
            else DEFAULT_RECORDS,
            where=mine.where,
            one_of=tuple(sorted(mine.one_of)),
            nulls=nulls,
            dialect=dialect_of(seen[0]),
        ),
        trusted=f"Trusted/{table}",
        partition=template.names,
        key=key.columns,
        duplicates=key.duplicates,
        columns=tuple(columns),
    )


def _nulls(format_: RawFormat, words: Sequence[str]) -> tuple[str, ...] | None:
    """Return the table's texts for null: the format's own and the words found; None for the default."""
    if format_ is RawFormat.CSV:
        more = [word for word in words if word not in CSV_NULLS]
        return (*CSV_NULLS, *more) if more else None
    return ("", *words) if words else None


def _problems(profile: Profile) -> list[str]:
    return [
        f"{counted(count, 'record')} can't be read ({shown(reason)}); the first is {shown(place[0])}#{place[1]}"
        for reason, (count, place) in profile.problems.items()
    ]


def _told_match(match: Match) -> list[str]:
    name = match.contract.table
    if match.renamed:
        renamed = ", ".join(f"{shown(key)} = {column}" for key, column in match.renamed.items())
        return [f"these are the columns of the built-in table {name} under other names: {renamed}"]
    return [
        f"these are the columns of the built-in table {name}, which needs no contract to load them from its own folders"
    ]
