"""Propose columns from the nodes of a profile: plain keys, lists, and useful nested fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trustedlake.core.inferring.names import column_name, distinct_name, is_nameable, shown, words_of
from trustedlake.core.inferring.type_choice import Choice, choose
from trustedlake.models.column import RESERVED, Column, quoted
from trustedlake.types.source_path import MEMBER_NAME
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustedlake.core.inferring.key_tree import Node, Profile

_NAMING = ("name", "title", "nome", "titulo", "título", "nombre", "label", "value", "text", "iso_3166_1", "iso_639_1")
"""Members whose text names an object, best first."""
_MOST_NESTED = 20
_DIRECTOR = "Director"


@dataclass(slots=True)
class Proposed:
    """A proposed column, and what is uncertain about it.

    Attributes:
        path: the source where it was found.
        node: counters of that source; None for a nested field.
        also: counters of other spellings of the key; no record has two spellings.
        always: every record has a value.
        filled: share of the records that have a value.
        choice: its type; for a list, the type of the elements.
    """

    column: Column
    path: str
    node: Node | None
    always: bool
    choice: Choice
    notes: list[str] = field(default_factory=list)
    also: list[Node] = field(default_factory=list)
    filled: float = 0.0

    def measure(self, records: int) -> None:
        """Compute the share of records that have a value."""
        nodes = [node for node in (self.node, *self.also) if node is not None]
        self.filled = sum(node.filled for node in nodes) / records if records else 0.0
        self.always = bool(nodes) and sum(node.seen for node in nodes) == records and self.filled == 1.0

    @property
    def doubles(self) -> float:
        """Share of the values that another record of the partition also has."""
        return max((node.values.distinct.share for node in (self.node, *self.also) if node is not None), default=1.0)


def propose(profile: Profile, partition: Sequence[str], *, month_first: bool = False) -> list[Proposed]:
    """Propose a column for each key, and for useful nested fields, in the order in which they were found."""
    proposed: list[Proposed] = []
    taken = [*RESERVED, *partition]
    for key, node in profile.root.members.items():
        for one in _of_key(key, node, month_first=month_first):
            name = one.column.name
            if name.casefold() in {part.casefold() for part in partition}:
                name = f"{name}_value"  # the name is taken by a partition column
            name = distinct_name(name, taken)
            taken.append(name)
            column = _with_name(one.column, name, key if one.path == quoted(key) else None, one.path)
            one.column = column
            one.measure(profile.records)
            proposed.append(one)
    return _joined(proposed, profile)


def _joined(proposed: Sequence[Proposed], profile: Profile) -> list[Proposed]:
    """Join columns whose keys differ only in spelling (`Id`, `ID`) and never occur in the same record."""
    kept: list[Proposed] = []
    for one in proposed:
        twin = next((other for other in kept if _are_one(other, one, profile)), None)
        if twin is None:
            kept.append(one)
        else:
            join(twin, one, profile.records)
    return kept


def _are_one(one: Proposed, other: Proposed, profile: Profile) -> bool:
    if one.node is None or other.node is None or one.column.type != other.column.type:
        return False
    same = words_of(one.node.name) == words_of(other.node.name) and bool(words_of(one.node.name))
    return same and not one.column.sources and not profile.together(one.node.name, other.node.name)


def join(one: Proposed, other: Proposed, records: int) -> None:
    """Let one column read the other's key, too."""
    if other.node is None:
        return
    one.also.append(other.node)
    sources = other.column.sources
    own = one.column.sources or (quoted(one.column.name),)
    one.column = one.column.model_copy(
        update={
            "sources": tuple(dict.fromkeys((*own, *sources))) if sources else one.column.sources,
            "synonyms": one.column.synonyms if sources else (*one.column.synonyms, other.node.name),
            "formats": tuple(dict.fromkeys((*one.column.formats, *other.column.formats))),
            "booleans": {**one.column.booleans, **other.column.booleans},
            "split": one.column.split or other.column.split,
        }
    )
    one.choice.nulls = tuple(dict.fromkeys((*one.choice.nulls, *other.choice.nulls)))
    one.measure(records)


def _with_name(column: Column, name: str, key: str | None, path: str) -> Column:
    """Give the column its final name; a key with another spelling becomes a synonym, a path becomes a source."""
    if key is None or column.sources or key == MEMBER_NAME:
        return column.model_copy(update={"name": name, "sources": column.sources or (path,)})
    synonyms = () if key == name else (key,)
    if synonyms and ("`" in key or name != column_name(key)):
        # Its name is also another key of the records, or a partition column: read only the original key.
        return column.model_copy(update={"name": name, "sources": (quoted(key),)})
    return column.model_copy(update={"name": name, "synonyms": synonyms})


def _of_key(key: str, node: Node, *, month_first: bool) -> Iterator[Proposed]:
    if key == MEMBER_NAME:
        yield from _of_node(key, ["key"], node, node, month_first=month_first)
    elif is_nameable(key):
        yield from _of_node(quoted(key), [key], node, node, month_first=month_first)


def _of_node(path: str, names: list[str], node: Node, top: Node | None, *, month_first: bool) -> Iterator[Proposed]:
    if node.is_plain:
        choice = choose(node.values, node.name, month_first=month_first)
        yield _scalar(path, names, choice, top)
    elif node.lists and not node.objects:
        yield _list(path, names, node, top, month_first=month_first)
    elif node.objects and not node.lists:
        yield from _object(path, names, node, top, month_first=month_first)
    else:
        yield _json(path, names, top, "lists and objects under one key: kept as JSON text")


def _scalar(path: str, names: list[str], choice: Choice, top: Node | None) -> Proposed:
    return Proposed(_column(names, choice.type, choice), path, top, False, choice, list(choice.notes))


def _column(names: list[str], type_: str, choice: Choice, sources: tuple[str, ...] = ()) -> Column:
    return Column(
        name="_".join(column_name(name) for name in names),
        type=type_,
        sources=sources,
        formats=choice.formats,
        decimal=choice.decimal,
        grouping=choice.grouping,
        booleans=choice.booleans,
        split=choice.split,
    )


def _json(path: str, names: list[str], top: Node | None, note: str) -> Proposed:
    choice = Choice("json")
    return Proposed(_column(names, "json", choice), path, top, False, choice, [note])


def _list(path: str, names: list[str], node: Node, top: Node | None, *, month_first: bool) -> Proposed:
    element = node.element
    has_texts = bool(node.values.filled)
    if element is None or not (element.seen - element.nulls):
        choice = Choice("string", split="," if has_texts else None)
        notes = [] if has_texts else ["every list is empty: the element type is a guess"]
        return Proposed(_column(names, "array<string>", choice), path, top, False, choice, notes)
    if element.lists:
        return _json(path, names, top, "lists of lists: kept as JSON text")
    if element.objects:
        return _list_of_objects(path, names, node, element, top)
    choice = choose(element.values, node.name, month_first=month_first)
    if choice.type.startswith("array") or (has_texts and choose(node.values, node.name).type != choice.type):
        choice = Choice("string")
    notes = list(choice.notes)
    if has_texts:
        choice.split = next((mark for mark, _ in node.values.lists.marked.most_common(1)), ",")
        notes.append(f"lists, and texts with elements separated by {choice.split!r}")
    return Proposed(_column(names, f"array<{choice.type}>", choice), path, top, False, choice, notes)


def _list_of_objects(path: str, names: list[str], node: Node, element: Node, top: Node | None) -> Proposed:
    naming = [name for name in _NAMING if name in element.members and element.members[name].is_plain]
    named = sum(element.members[name].filled for name in naming)
    if not naming or named < element.objects or node.mixed_lists:
        return _json(path, names, top, "lists of objects without a name, or of mixed elements: kept as JSON text")
    if element.members[naming[0]].filled >= element.objects:
        naming = naming[:1]
    sources = [f"{path}[].{quoted(name)}" for name in naming]
    if element.values.count or node.values.filled:
        sources.append(path)
    choice = Choice("string", split="," if node.values.filled else None)
    more = [shown(key) for key, member in element.members.items() if key not in naming and member.filled]
    notes = (
        [f'each element also has {some(more, 8)}: for more columns use `sources: ["{path}[].{more[0]}"]`']
        if more
        else []
    )
    return Proposed(_column(names, "array<string>", choice, tuple(sources)), path, top, False, choice, notes)


def _names_all(node: Node, name: str) -> bool:
    """Whether every object has a plain value in this member."""
    member = node.members.get(name)
    return member is not None and member.is_plain and member.filled == node.objects


def _object(path: str, names: list[str], node: Node, top: Node | None, *, month_first: bool) -> Iterator[Proposed]:
    if node.values.count > node.values.empty:
        naming = next((name for name in _NAMING if _names_all(node, name)), None)
        if naming is None:
            yield _json(path, names, top, "objects and plain values under one key: kept as JSON text")
            return
        choice = Choice("string")
        sources = (f"{path}.{quoted(naming)}", path)
        yield Proposed(_column(names, "string", choice, sources), path, top, False, choice, [])
        return
    if node.crowded or not node.members:
        yield _json(path, names, None, "objects with varying keys: kept as JSON text")
        return
    found: list[Proposed] = []
    for key, member in node.members.items():
        if not is_nameable(key):
            continue
        inner, inner_names = f"{path}.{quoted(key)}", [*names, key]
        if (director := _director(inner, member)) is not None:
            found.append(director)
        found += _of_node(inner, inner_names, member, None, month_first=month_first)
    if len(found) > _MOST_NESTED:
        yield _json(path, names, None, f"objects with {len(node.members)} members: kept as JSON text")
        return
    for one in found:
        if not one.column.sources:
            one.column = one.column.model_copy(update={"sources": (one.path,)})
    yield from found


def _director(path: str, node: Node) -> Proposed | None:
    """Propose a column for the directors among the people in TMDB's `credits.crew`."""
    members = node.element.members if node.element else {}
    if "name" not in members or "job" not in members or not members["job"].values.words[_DIRECTOR]:
        return None
    choice = Choice("string")
    source = f"{path}[job={_DIRECTOR}].name"
    return Proposed(_column(["directors"], "array<string>", choice, (source,)), path, None, False, choice, [])
