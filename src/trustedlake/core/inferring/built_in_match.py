"""Recognize a built-in table whose keys have other names: synonyms, other languages, accents, blanks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trustedlake.core.inferring.column_draft import join
from trustedlake.core.inferring.meanings import means_column
from trustedlake.core.inferring.names import word_set, words_of
from trustedlake.core.inferring.type_choice import choose_loosely
from trustedlake.models.column import Column, quoted
from trustedlake.types.source_path import parse_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trustedlake.core.inferring.column_draft import Proposed
    from trustedlake.core.inferring.key_tree import Profile
    from trustedlake.core.inferring.value_kinds import Values
    from trustedlake.models.contract import Contract

_ENOUGH_COLUMNS = 3
_ENOUGH_WITHOUT_KEY = 5
_ENOUGH_KEYS = 0.5
_FEW_ODD = 0.97
"""Share of the values that must fit a built-in column's type; lower than usual, because the type is not a guess."""

_TELLING = word_set(
    "title original_title overview release_date vote_average vote_count imdb_id runtime genres first_air_date "
    "last_air_date number_of_seasons tituloPincipal tituloOriginal anoLancamento notaMedia numeroVotos "
    "nomeArtista personagem genero"
)
"""Columns that few tables have except those of films and series."""


@dataclass(slots=True)
class Match:
    """A built-in table that the records match.

    Attributes:
        columns: the draft's columns in their order; columns of the built-in table have its names.
        renamed: key of the records -> column of the built-in table.
    """

    contract: Contract
    columns: list[Proposed]
    renamed: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the built-in key; empty if the records don't have all of them."""
        names = {one.column.name for one in self.columns}
        return self.contract.key if names >= set(self.contract.key) else ()


def recognise(
    proposed: Sequence[Proposed], contracts: Iterable[Contract], table: str, profile: Profile
) -> Match | None:
    """Return the built-in table with the most columns in common, if there are enough; else None."""
    best: tuple[tuple[int, bool], dict[int, Column], Contract] | None = None
    for contract in contracts:
        assigned = _assign(proposed, contract, profile)
        named = bool({contract.entity, *_ENTITY.get(contract.entity, ())} & set(words_of(table)))
        rank = (len({column.name for column in assigned.values()}), named)
        if best is None or rank > best[0]:
            best = rank, assigned, contract
    if best is None:
        return None
    _, assigned, contract = best
    keys = {_head(one) for one in proposed}
    taken = {_head(proposed[at]) for at in assigned}
    has_key = {column.name for column in assigned.values()} >= set(contract.key)
    names = {column.name for column in assigned.values()}
    enough = len(names) >= (_ENOUGH_COLUMNS if has_key else _ENOUGH_WITHOUT_KEY) and len(names & _TELLING) > 1
    if not enough or len(taken) < _ENOUGH_KEYS * len(keys):
        return None
    return _match(proposed, assigned, contract, profile)


_ENTITY = {"movies": ("filmes", "films", "peliculas", "movie", "filme"), "series": ("serie", "tv", "shows")}


def _head(one: Proposed) -> str:
    return one.node.name if one.node is not None else one.path.split(".")[0]


def _assign(proposed: Sequence[Proposed], contract: Contract, profile: Profile) -> dict[int, Column]:
    """Map positions of proposed columns to built-in columns, first by key, then by meaning.

    Several proposed columns may be one built-in column, because files change their keys over time; but no record has
    two of them.
    """
    assigned: dict[int, Column] = {}

    def is_free(one: Proposed, column: Column) -> bool:
        others = [proposed[at] for at, taken in assigned.items() if taken is column]
        return all(_are_apart(one, other, profile) for other in others) and _compatible(one, column)

    for exact in (True, False):
        for at, one in enumerate(proposed):
            if at in assigned or (not exact and one.node is None):
                continue
            fitting = (c for c in contract.columns if (_is_source(one, c) if exact else _means(one, c)))
            column = next((c for c in fitting if is_free(one, c)), None)
            if column is not None:
                assigned[at] = column
    return assigned


def _are_apart(one: Proposed, other: Proposed, profile: Profile) -> bool:
    if not one.path.startswith("`") and not other.path.startswith("`") and (one.node is None or other.node is None):
        return _head(one) != _head(other) and not profile.together(_head(one), _head(other))
    if one.node is None or other.node is None or one.column.is_list is not other.column.is_list:
        return False
    return not profile.together(one.node.name, other.node.name)


def _is_source(one: Proposed, column: Column) -> bool:
    paths = {*one.column.sources, one.path}
    return not paths.isdisjoint(column.paths)


def _means(one: Proposed, column: Column) -> bool:
    if one.node is None:
        return False
    return means_column(one.node.name, column.name)


def _compatible(one: Proposed, column: Column) -> bool:
    """Whether the built-in column can take the records' values, maybe with the type that was found."""
    found, wanted = one.column, column
    if wanted.is_list and found.type != "json":
        return found.is_list or found.type == "string"
    if found.type == "json":
        return any(parse_source(path)[0].name == _head(one) and len(parse_source(path)) > 1 for path in column.paths)
    if found.is_list:
        return found.split is not None and wanted.type == "string"
    if wanted.kind.is_number:
        return found.kind.is_number or not _has_values(one)
    if wanted.type == "date":
        return bool(found.kind.formats) or not _has_values(one) or (one.node is not None and found.type == "string")
    return wanted.type == "string"


def _has_values(one: Proposed) -> bool:
    return one.node is None or bool(one.node.filled)


def _match(proposed: Sequence[Proposed], assigned: Mapping[int, Column], contract: Contract, profile: Profile) -> Match:
    match = Match(contract, [])
    homes: dict[str, Proposed] = {}
    names = {column.name.casefold() for column in assigned.values()}
    for at, one in enumerate(proposed):
        known = assigned.get(at)
        if known is None:
            if one.column.name.casefold() in names:
                one.column = one.column.model_copy(
                    update={
                        "name": f"{one.column.name}_2",
                        "synonyms": (),
                        "sources": one.column.sources or (one.path,),
                    }
                )
            match.columns.append(one)
            continue
        if one.node is not None and one.node.name != known.name:
            match.renamed[one.node.name] = known.name
        one.column = _merged(one, known)
        home = homes.setdefault(known.name, one)
        if home is one:
            match.columns.append(one)
        elif one.node is not None:
            if home.column.type != known.type or one.column.type != known.type:
                home.column = home.column.model_copy(update={"type": _wider(home.column, one.column)})
            if one.node.name == known.name and not one.column.sources:
                home.also.append(one.node)  # the column's own name is a source already
                home.measure(profile.records)
            else:
                join(home, one, profile.records)
    return match


def _wider(one: Column, other: Column) -> str:
    """Return a type that holds the values of both."""
    if one.type == other.type:
        return one.type
    numbers = {"int", "bigint", "double"}
    if {one.type, other.type} <= numbers:
        return "double" if "double" in {one.type, other.type} else "bigint"
    return "array<string>" if one.is_list else "string"


def _nearly(one: Proposed, known: Column) -> Column:
    """Return the proposed column, with the built-in type if only a few odd values don't fit that type."""
    found = one.column
    if one.node is None or found.type != "string" or known.type in {"string"} or known.is_list or found.sources:
        return found
    choice = choose_loosely(one.node.values, one.node.name, _FEW_ODD)
    if choice.type == "string" or not choice.odd:
        return found
    one.choice, one.notes = choice, list(choice.notes)
    return found.model_copy(
        update={"type": choice.type, "formats": choice.formats, "decimal": choice.decimal, "grouping": choice.grouping}
    )


def _merged(one: Proposed, known: Column) -> Column:
    """Adapt the built-in column to these records: keep its name, its type and rules if they hold; add the notation."""
    found = _nearly(one, known)
    wanted = _type_that_holds(one, found, known)
    if wanted != known.type:
        one.notes.append(f"the built-in table has {known.type}, but only {wanted} fits these values")
    elif wanted != found.type:
        one.notes.clear()
    typed = wanted not in {"string", "array<string>"}
    update: dict[str, object] = {
        "name": known.name,
        "type": wanted,
        "description": known.description,
        "split": found.split if known.is_list and wanted == found.type else None,
        "nulls": known.nulls,
        "formats": tuple(dict.fromkeys((*found.formats, *known.formats))) if typed else (),
        "decimal": found.decimal if typed else ".",
        "grouping": found.grouping if typed else "",
    }
    if known.is_list and found.type == "string" and not found.is_list:
        update |= {"split": ",", "type": "array<string>"}
    update |= _where_it_is(one, known)
    values = one.node.values if one.node is not None else None
    if values is not None:
        update |= _rules(values, known, Column.model_validate({**found.model_dump(), **update}))
    if one.always and one.node is not None:
        update |= {"required": known.required, "not_blank": known.not_blank}
    return Column.model_validate({**found.model_dump(), "synonyms": (), "sources": (), **update})


def _type_that_holds(one: Proposed, found: Column, known: Column) -> str:
    """Return the built-in type if it holds, else the found type."""
    if found.type == "json" or (known.type == "string" and not found.is_list):
        return known.type  # the built-in sources look inside lists and objects
    narrow = known.type in {"bigint", "int"} and found.type in {"double", "timestamp"}
    no_date = known.type == "date" and found.type in {"timestamp", "string"} and _has_values(one)
    other_list = known.is_list and found.is_list
    return found.type if narrow or no_date or other_list or found.type.startswith("decimal") else known.type


def _where_it_is(one: Proposed, known: Column) -> dict[str, object]:
    if _is_source(one, known) and (known.is_list or one.column.type == "json" or one.node is None):
        more = [path for path in one.column.sources if path not in known.paths]
        return {"sources": (*known.paths, *more)}
    if one.column.sources:
        return {"sources": one.column.sources}
    if one.node is None or one.node.name == known.name:
        return {}
    if quoted(one.node.name) != one.path:
        return {"sources": (one.path,)}
    return {"synonyms": (one.node.name,)}


def _rules(values: Values, known: Column, column: Column) -> dict[str, object]:
    """Return the built-in bounds if all values are within them."""
    if known.minimum is None and known.maximum is None:
        return {}
    if column.decimal != "." or column.grouping or column.kind is not known.kind:
        return {}
    numbers = [group for group in values.groups.values() if group.is_number]
    least = min((group.least for group in numbers), default=0.0)
    most = max((group.most for group in numbers), default=0.0)
    kept: dict[str, object] = {}
    if known.minimum is not None and least >= known.minimum:
        kept["minimum"] = known.minimum
    if known.maximum is not None and most <= known.maximum:
        kept["maximum"] = known.maximum
    return kept
