"""Choose which of the given files, and which of their records, one contract covers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from trustedlake.core.file_names import CSV, JSON, has_ending
from trustedlake.core.framing.source import UnreadableError
from trustedlake.core.inferring.folder_template import stem
from trustedlake.core.inferring.foreign_files import KINDS, look
from trustedlake.core.inferring.names import counted, shown, word_set, words_of
from trustedlake.models.raw import Dialect, RawFormat
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustedlake.core.inferring.foreign_files import ForeignFile, FoundRecord, SeenFile

_ALIKE = 0.4
_SHOWN_FILES = 5
_KIND_WORDS = {
    "movie": word_set("movie movies film films filme filmes pelicula peliculas"),
    "tv": word_set("tv serie series show shows"),
    "person": word_set("person persons people pessoa pessoas persona personas actor actors ator atores"),
}
_USUAL = {RawFormat.JSON: JSON[:1], RawFormat.CSV: CSV[:1]}


class LeftOut(NamedTuple):
    """A file that was left out, and why."""

    path: str
    why: str


class Mine(NamedTuple):
    """Which records belong to the table: `where` and `one_of` of the contract."""

    where: dict[str, tuple[str | None, ...]]
    one_of: frozenset[str]

    def has(self, found: FoundRecord) -> bool:
        """Whether a record belongs to the table."""
        members = found.members
        told = all(members.get(key) in values for key, values in self.where.items())
        return told and not (self.one_of and self.one_of.isdisjoint(members))


def readable(files: Sequence[ForeignFile], refused: list[LeftOut]) -> list[SeenFile]:
    """Look into each file; add those that can't be read to `refused`."""
    seen = []
    for file in files:
        try:
            seen.append(look(file))
        except UnreadableError as error:
            refused.append(LeftOut(file.path, error.message))
    return seen


def one_format(seen: list[SeenFile], notes: list[str]) -> list[SeenFile]:
    """Keep the files of the most common format; for CSV also of the most common dialect."""
    counts = Counter(one.format for one in seen)
    format_ = max(counts, key=lambda one: (counts[one], one))
    kept = [one for one in seen if one.format is format_]
    _tell_left(notes, seen, kept, "in another format", "write a separate contract for them")
    if format_ is RawFormat.CSV:
        dialects = Counter(dialect_of(one) for one in kept)
        dialect = dialects.most_common(1)[0][0]
        same = [one for one in kept if dialect_of(one) == dialect]
        _tell_left(
            notes, kept, same, "written differently (separator, quotes, encoding)", "write a separate contract for them"
        )
        kept = same
    return kept


def dialect_of(one: SeenFile) -> Dialect:
    """Return how a CSV file is written; the default dialect for JSON."""
    return one.written.dialect if one.written else Dialect()


def _tell_left(notes: list[str], before: Sequence[SeenFile], after: Sequence[SeenFile], what: str, then: str) -> None:
    left = [one.file.path for one in before if one not in after]
    if left:
        notes.append(f"left out, {what}: {counted(len(left), 'file')} ({some_files(left)}); {then}")


def some_files(paths: Sequence[str]) -> str:
    """Join the first few paths, and say how many more there are."""
    return some(map(shown, paths), _SHOWN_FILES)


def one_kind(
    seen: list[SeenFile], table: str, notes: list[str]
) -> tuple[list[SeenFile], tuple[str, ...], tuple[str, ...]]:
    """Choose the table's files if there are several kinds.

    Returns them, their name patterns, and the keys that only they have.
    """
    groups: list[tuple[set[str], list[SeenFile]]] = []
    for one in sorted(seen, key=lambda one: -one.sampled):
        keys = set(one.keys)
        home = next((group for group in groups if _alike(group[0], keys) and not _differs(group[1][0], one)), None)
        if home is None:
            groups.append((keys, [one]))
        else:
            home[0].update(keys)
            home[1].append(one)
    if len(groups) == 1:
        return seen, _patterns(seen), ()
    words = set(words_of(table))
    for kind in _KIND_WORDS.values():
        if words & kind:
            words.update(kind)

    def rank(group: tuple[set[str], list[SeenFile]]) -> tuple[int, int]:
        named = sum(bool(words & set(words_of(one.file.path.rpartition("/")[2]))) for one in group[1])
        return named, sum(one.sampled for one in group[1])

    keys, chosen = max(groups, key=rank)
    others = [one for _, some in groups for one in some if one not in chosen]
    stems, other_stems = {stem(one.file.path) for one in chosen}, {stem(one.file.path) for one in others}
    apart = {one.file.path.rpartition("/")[0] for one in chosen}.isdisjoint(
        one.file.path.rpartition("/")[0] for one in others
    )
    other_keys = {key for group_keys, some in groups if some is not chosen for key in group_keys}
    total = sum(one.sampled for one in chosen)
    often = Counter[str]()
    for one in chosen:
        often.update(one.keys)
    own = sorted(key for key in keys - other_keys if often[key] >= 0.5 * total)
    notes.append(
        f"several kinds of files: the contract covers {len(chosen)} and leaves out {len(others)} with other keys"
        f" ({some_files(sorted(other_stems))}); write a separate contract for them"
    )
    if stems.isdisjoint(other_stems):
        return chosen, tuple(sorted(stems)), ()
    return chosen, _patterns(chosen), () if apart else tuple(own)


def _alike(one: set[str], other: set[str]) -> bool:
    return len(one & other) >= _ALIKE * min(len(one), len(other)) if one and other else False


def _differs(one: SeenFile, other: SeenFile) -> bool:
    """Whether each file has several keys, in all its records, that the other never has. False for similar names."""
    if stem(one.file.path) == stem(other.file.path):
        return False
    own = [{key for key, count in seen.keys.items() if count == seen.sampled} for seen in (one, other)]
    return min(len(own[0] - set(other.keys)), len(own[1] - set(one.keys))) > 1


def _patterns(seen: Sequence[SeenFile]) -> tuple[str, ...]:
    """Return name patterns if the files don't have the usual endings of their format."""
    names = [one.file.path.rpartition("/")[2] for one in seen]
    if all(has_ending(name, _USUAL[seen[0].format]) for name in names):
        return ()
    return tuple(sorted({"*" + name[name.find(".") :] if "." in name else name for name in names}))


def kind_choice(
    seen: Sequence[SeenFile], table: str, notes: list[str]
) -> tuple[dict[str, tuple[str | None, ...]], set[str]]:
    """Return a `where` for `media_type` if it has several values, and the keys of the table's own kind."""
    kinds: Counter[str | None] = Counter()
    for one in seen:
        kinds.update(one.kinds)
    named = {kind: count for kind, count in kinds.items() if kind is not None}
    if len(named) < 2:  # noqa: PLR2004 - one kind needs no choice
        return {}, set()
    words = set(words_of(table))
    mine = next((kind for kind in named if words & _KIND_WORDS.get(kind, {kind})), None)
    chosen = mine or max(named, key=lambda kind: named[kind])
    told = ", ".join(f"{shown(kind)} ({count})" for kind, count in named.items())
    notes.append(f"`{KINDS}` distinguishes the records: {told} in the sample; the table keeps {shown(chosen)}")
    if None not in kinds:
        return {KINDS: (chosen,)}, set()
    keys: dict[bool, set[str]] = {True: set(), False: set()}
    for one in seen:
        for kind, own in one.kind_keys.items():
            if kind is not None:
                keys[kind == chosen] |= own
    own = keys[True] - keys[False]
    unnamed = set().union(*(one.kind_keys.get(None, set()) for one in seen))
    if own and own.isdisjoint(unnamed):
        return {KINDS: (chosen,)}, set()  # records without a kind are of another kind
    return {KINDS: (chosen, None)}, own
