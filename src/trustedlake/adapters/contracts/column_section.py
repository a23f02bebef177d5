"""Reads a property of a contract file as a column: its type, its keys and its rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from trustedlake.adapters.contracts.column_type import FIELDS, UNCHECKED, read_type
from trustedlake.adapters.contracts.custom_properties import checked, custom_properties
from trustedlake.adapters.contracts.portable_pattern import check_pattern
from trustedlake.adapters.contracts.yaml_tree import Field
from trustedlake.models.column import FORBIDDEN_IN_NAMES, RESERVED, Column
from trustedlake.types import SCALARS, Notation, NotOfTypeError
from trustedlake.types.moments import check_format
from trustedlake.types.source_path import parse_source

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustedlake.types import ColumnType

_ENUM_VALUE = ("id", "value", "label", "description", "customProperties", "authoritativeDefinitions", "tags")


class ColumnPart(NamedTuple):
    """A column, and its position in the primary key; None if it is not part of the key."""

    column: Column
    key_position: int | None
    field: Field


def read_column(field: Field, table: str, *, decimal: str, partition: tuple[str, ...]) -> ColumnPart | None:
    """Read the column of a property; None if there is no column, with a problem or a note.

    Args:
        field: the property.
        table: its table, for messages.
        decimal: the table's decimal mark.
        partition: the placeholders of the table's folders; a property that describes a placeholder is not a column.
    """
    members = field.members(FIELDS)
    name = members["name"].text() if "name" in members else None
    if name is None:
        if field.is_object and "name" not in members:
            field.refuse("the field name is missing")
        return None
    owner = f"{table}.{name}"
    own = field.named(owner)
    members = {key: value.named(f"{owner}.{key}") for key, value in members.items()}
    partitioned = bool("partitioned" in members and members["partitioned"].boolean())
    if partitioned and name in partition:
        return None
    _check_name(own, name)
    type_ = read_type(own, members)
    key_position = _key_position(own, members, type_)
    _notes(members, partitioned=partitioned)
    if type_ is None:
        return None
    found: dict[str, Any] = {"name": name, "type": type_.name}
    found |= {key: read(members[key]) for key, read in _PLAIN.items() if key in members}
    if "logicalTypeOptions" in members:
        found |= _options(members["logicalTypeOptions"], type_.logical)
    custom = custom_properties(members.get("customProperties"), owner, CUSTOM)
    found |= _customs(custom, type_, {"decimal": decimal} | found if type_.scalar.is_number else found)
    if "enum" in members:
        found["enum"] = _enum(members["enum"], type_, found)
    if field.remarks.problems:
        return None
    return ColumnPart(Column.model_validate(found), key_position, own)


def _check_name(field: Field, name: str) -> None:
    odd = sorted(FORBIDDEN_IN_NAMES.intersection(name))
    if odd or not name:
        field.refuse(
            f"{name!r} is not a valid column name: no spaces, quotes or , ; {{ }} ( ) = < > . /;"
            " choose another name and add the key as a synonym"
        )
    if name.casefold() in RESERVED:
        field.refuse(
            "every Trusted table has a column with this name; choose another name and add the key as a synonym"
        )


def prose(field: Field) -> str:
    """Read a text for people; a missing text is an empty one."""
    text = "" if field.is_null else field.text(controls=True) or ""
    if not text.replace("\n", "").replace("\t", "").isprintable():
        field.refuse("holds control characters")
    return text.strip()


def _key_position(own: Field, members: dict[str, Field], type_: ColumnType | None) -> int | None:
    is_key = bool("primaryKey" in members and members["primaryKey"].boolean())
    position = (members["primaryKeyPosition"].integer(-1) if "primaryKeyPosition" in members else None) or 0
    if position > 0 and not is_key:
        own.refuse("has a primaryKeyPosition, but not primaryKey: true")
    if is_key and (type_ is None or not type_.can_be_key):
        own.refuse("can't be the primary key with such a type; take a text or a number")
    return max(position, 0) if is_key else None


def _synonyms(field: Field) -> tuple[str, ...]:
    known = ("id", "synonym", "description", "locale", "source", "status", "customProperties")
    found = []
    for one in field.items():
        if one.is_text:
            one.refuse(f"write {{synonym: {one.node.value}}}")
            continue
        members = one.members(known)
        text = members["synonym"].text() if "synonym" in members else None
        if text:
            found.append(text)
        elif "synonym" not in members:
            one.refuse("the field synonym is missing")
        elif text is not None:
            one.refuse("is an empty text")
    return tuple(dict.fromkeys(found))


_PLAIN: dict[str, Callable[[Field], Any]] = {
    "description": prose,
    "required": Field.boolean,
    "unique": Field.boolean,
    "synonyms": _synonyms,
}


def _pattern(field: Field) -> str | None:
    text = field.text()
    checked(field, check_pattern, None if text is None else [text])
    return text


def _format(field: Field) -> tuple[str, ...] | None:
    text = field.text()
    return checked(field, check_format, None if text is None else [text])


_RANGE: dict[str, tuple[str, Callable[[Field], Any]]] = {
    "minimum": ("minimum", Field.number),
    "maximum": ("maximum", Field.number),
}
_MOMENT: dict[str, tuple[str, Callable[[Field], Any]]] = {"format": ("formats", _format)}
_CHECKED: dict[str, dict[str, tuple[str, Callable[[Field], Any]]]] = {
    "string": {"minLength": ("min_length", lambda field: field.integer(0)), "pattern": ("pattern", _pattern)},
    "integer": _RANGE,
    "number": _RANGE,
    "date": _MOMENT,
    "timestamp": _MOMENT,
}
"""Logical type -> option that we check -> its name in the contract, and its reader."""


def _options(field: Field, logical: str) -> dict[str, Any]:
    """Read the `logicalTypeOptions` of a column: return those that we check, note the others."""
    found: dict[str, Any] = {}
    ours = _CHECKED.get(logical, {})
    known = (*ours, *UNCHECKED.get(logical, ()))
    for key, one in field.members(known, what=f"option of {logical}").items():
        if key in ours:
            name, read = ours[key]
            found[name] = read(one)
        else:
            one.note("is not judged")
    low, high = found.get("minimum"), found.get("maximum")
    if low is not None and high is not None and low > high:
        field.refuse(f"minimum {low} is more than maximum {high}")
    return found


_FIT: dict[str, tuple[str, Callable[[ColumnType], bool]]] = {
    "notBlank": ("texts", lambda type_: type_.name == "string"),
    "formats": ("dates and timestamps", lambda type_: bool(type_.scalar.formats)),
    "decimal": ("numbers", lambda type_: type_.scalar.is_number),
    "grouping": ("numbers", lambda type_: type_.scalar.is_number),
    "split": ("lists", lambda type_: type_.is_list),
    "booleans": ("booleans", lambda type_: type_.scalar.name == "boolean"),
}
"""Our column property -> what it applies to, and a test whether a type fits."""


def _customs(given: dict[str, Field], type_: ColumnType, found: dict[str, Any]) -> dict[str, Any]:
    """Add our own properties to what was found already."""
    for name, field in given.items():
        if name in _FIT and not _FIT[name][1](type_):
            field.refuse(f"is for {_FIT[name][0]}; this column is {type_.name}")
            continue
        called, read = CUSTOM[name]
        value = read(field)
        found[called] = (
            tuple(dict.fromkeys((*found.get("formats", ()), *(value or ())))) if name == "formats" else value
        )
    grouping = found.get("grouping")
    if grouping and (grouping == found.get("decimal") or grouping.isdigit() or grouping in "+-eE"):
        given["grouping"].refuse(f"{grouping!r} can't separate groups of digits: it means something else in numbers")
    return found


def _separator(field: Field) -> str | None:
    text = field.text(controls=True)
    if text == "":
        field.refuse("is an empty text")
    return text


def _booleans(field: Field) -> dict[str, bool]:
    """Read `{true: [words], false: [words]}` as word -> meaning."""
    words: dict[str, bool] = {}
    for means, one in field.members(("true", "false")).items():
        for word in one.texts() or ():
            meaning = means == "true"
            folded = {known.casefold(): value for known, value in (words | {"true": True, "false": False}).items()}
            if not word.strip():
                one.refuse("a blank text can't be a word; add it to nulls")
            elif folded.get(word.casefold(), meaning) != meaning:
                one.refuse(f"{word!r} can't mean both true and false")
            words[word] = meaning
    return words


CUSTOM: dict[str, tuple[str, Callable[[Field], Any]]] = {
    "sources": ("sources", lambda field: checked(field, parse_source, field.texts())),
    "nulls": ("nulls", Field.texts),
    "notBlank": ("not_blank", Field.boolean),
    "expected": ("expected", Field.boolean),
    "formats": ("formats", lambda field: checked(field, check_format, field.texts())),
    "decimal": ("decimal", lambda field: field.choice((".", ","))),
    "grouping": ("grouping", Field.character),
    "split": ("split", _separator),
    "booleans": ("booleans", _booleans),
}
"""Our properties of a column -> the name in the contract, and the reader."""


def _enum(field: Field, type_: ColumnType, found: dict[str, Any]) -> tuple[str, ...] | None:
    """Read the values, each in the spelling of the type."""
    if not type_.can_have_enum:
        fits = ", ".join(name for kind in SCALARS if kind.can_have_enum for name in kind.names)
        field.refuse(f"is only for {fits}; this column is {type_.name}")
        return None
    plain = {name: found.get(name) for name in ("formats", "decimal", "grouping", "booleans")}
    options = Notation.of({name: value for name, value in plain.items() if value})
    values = []
    for one in field.items():
        if one.is_list or not one.is_object:
            one.refuse(f"write {{value: {one.node.value if not one.is_list else '...'}}}")
            continue
        members = one.members(_ENUM_VALUE)
        if "value" in members:
            values.append(_enum_value(members["value"], type_, options))
        else:
            one.refuse("the field value is missing")
    if field.is_list and not field.items():
        field.refuse("is empty: no value would be valid")
    return None if None in values else tuple(value for value in values if value is not None)


def _enum_value(field: Field, type_: ColumnType, options: Notation) -> str | None:
    tag = field.node.tag.rpartition(":")[2]
    is_number = tag in {"int", "float"}
    if type_.name == "boolean" and tag == "bool":
        return "true" if field.boolean() else "false"
    text = str(field.node.value) if is_number and not type_.is_text else field.text()
    if text is None:
        return None
    try:
        return type_.normal(text if type_.is_text else text.strip(), options, is_number=is_number)
    except NotOfTypeError:
        field.refuse(f"{text!r} is not a valid {type_.name}")
        return None


_UNJUDGED = {
    "quality": "is not judged; trustedlake judges required, unique, enum, logicalTypeOptions",
    "map": "is ignored",
    "encryptedName": "is ignored: trustedlake does not encrypt",
    "transformLogic": "is ignored: trustedlake does not run it",
}


def _notes(members: dict[str, Field], *, partitioned: bool) -> None:
    for name, why in _UNJUDGED.items():
        if name in members:
            members[name].note(why)
    if partitioned:
        members["partitioned"].note("is ignored: the placeholders of raw.path define the partition")
