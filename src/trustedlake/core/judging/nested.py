"""Nested values: the JSON text under a key -> lists and fields, each text parsed once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from trustedlake.core.judging import json_outline
from trustedlake.core.judging.column_path import ColumnPath, parse_path
from trustedlake.core.judging.guards import BLANKS, to_bigints
from trustedlake.models.contract import ColumnType

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression

    from trustedlake.models.contract import Column, Contract

_LISTS = {ColumnType.STRINGS, ColumnType.BIGINTS}

# Where plain text is welcome too, `[REC] Collection` is a name and a list of strings or objects is a mistake.
_LOOKS_LIKE_LIST = r"\A\[[ \t\r\n]*[\"{\[\]]"

# Of a list of strings: what stands before the first and behind the last one, and between two.
_ENDS = r"\A\[[ \t\r\n]*\"|\"[ \t\r\n]*\]\z"
_BETWEEN = r"\"[ \t\r\n]*,[ \t\r\n]*\""


@dataclass
class NestedKey:
    """A source key under which the contract expects more than a plain value.

    Attributes:
        text: the text column that framing gives the key.
        owner: the first contract column that takes from it; a text of the wrong shape is its fault.
        is_list: columns of lists take from it, else it holds an object.
        fields: fields taken of the object or of each element.
        inner: keys of lists inside an object -> fields taken of their elements.
        plain: types of the columns that take the value itself.
    """

    text: str
    owner: str
    is_list: bool = False
    fields: list[str] = field(default_factory=list)
    inner: dict[str, list[str]] = field(default_factory=dict)
    plain: set[ColumnType] = field(default_factory=set)

    @property
    def outline(self) -> str:
        """Name of the column with the text's outline."""
        return f"outline_{self.text}"

    @property
    def reading(self) -> str:
        """Name of the struct column with what the text was parsed to."""
        return f"reading_{self.text}"

    def add(self, path: ColumnPath, column: Column) -> None:
        """Note that the column takes this path."""
        self.is_list |= column.type in _LISTS
        if path.field is None:
            self.plain.add(column.type)
            return
        fields = self.fields if path.inner is None else self.inner.setdefault(path.inner, [])
        if path.field not in fields:
            fields.append(path.field)

    def part(self, name: str) -> Expression:
        """A part of the reading."""
        return F.col(f"{self.reading}.{name}")


def nested_keys(contract: Contract) -> dict[str, NestedKey]:
    """The keys with nested values, in contract order."""
    nested: dict[str, NestedKey] = {}
    paths = [(column, parse_path(source)) for column in contract.columns for source in column.paths]
    for column, path in paths:
        if column.type in _LISTS or path.field is not None:
            nested.setdefault(path.key, NestedKey(contract.text_columns[path.key], owner=""))
    for column, path in paths:
        if path.key in nested:
            nested[path.key].owner = nested[path.key].owner or column.name
            nested[path.key].add(path, column)
    return nested


def reading(key: NestedKey) -> Expression:
    """What the key's text holds, as a struct: only the part that its shape has is not null.

    `scalars array<string>` and `numeric boolean` (texts, or numbers; without nulls), `objects array<struct>`,
    `wrapped struct<inner: array<struct>>`, `object struct`; the fields of all structs are texts.
    """
    return F.struct(*(_list_parts(key) if key.is_list else [_object(key)])).alias(key.reading)


def is_malformed(key: NestedKey) -> Expression:
    """True where there is a text and it has none of the shapes that the contract takes from the key."""
    if not key.is_list:
        text = F.col(key.text)
        wrong = text.rlike(_LOOKS_LIKE_LIST) & text.endswith("]") if key.plain else ~_is_object(key)
        return F.coalesce((text != "") & wrong, F.lit(False))
    parts = [key.part("scalars")] if key.plain else []
    parts += [key.part("objects")] if key.fields else []
    parts += [key.part(f"wrapped.{inner}") for inner in key.inner]
    present = F.coalesce(F.col(key.text), F.lit("")) != ""
    return reduce(and_, (part.isNull() for part in parts), present)


def list_value(key: NestedKey, path: ColumnPath, column_type: ColumnType) -> Expression:
    """The list of texts that the path takes from the key's reading; null where it takes nothing.

    Null elements, and elements without the field, are left out.
    """
    if path.inner is not None:
        return _field_of(key.part(f"wrapped.{path.inner}"), path.field)
    if path.field is not None:
        return _field_of(key.part("objects"), path.field)
    scalars = key.part("scalars")
    if {ColumnType.STRINGS, ColumnType.BIGINTS} <= key.plain:
        # A list of names tells no numbers and the other way round; `[]` is both.
        mine = key.part("numeric") == F.lit(column_type is ColumnType.BIGINTS)
        return F.when(mine | (F.size(scalars) == 0), scalars)
    return scalars


def text_value(key: NestedKey, path: ColumnPath) -> Expression:
    """The text that the path takes from a key that holds an object or plain text."""
    if path.field is not None:
        return key.part(f"object.{path.field}")
    return F.when(~_is_object(key), F.col(key.text))


def to_list(texts: str, column_type: ColumnType) -> Expression:
    """The named array of texts as the list type; null if an element is no value of it."""
    if column_type is ColumnType.STRINGS:
        return F.col(texts)
    numbers = to_bigints(texts)
    return F.when(~F.exists(numbers, lambda number: number.isNull()), numbers)


def _list_parts(key: NestedKey) -> list[Expression]:
    shape, text = key.outline, F.col(key.text)
    parts = []
    if key.plain:
        # Most lists are of names without escapes: those are split, at a third of the price of a parser.
        simple = ~text.contains("\\") & ~F.col(shape).contains("null") & F.col(shape).contains("~")
        names = F.split(F.regexp_replace(text, _ENDS, ""), _BETWEEN)
        parsed = F.array_compact(F.from_json(text, "array<string>"))
        texts = F.when(json_outline.is_texts(shape), F.when(simple, names).otherwise(parsed))
        if ColumnType.BIGINTS in key.plain:
            # A parser would print numbers anew, each engine in its own way.
            digits = F.split(F.btrim(text, F.lit("[]" + BLANKS)), r"[ \t\r\n]*,[ \t\r\n]*")
            texts = texts.when(json_outline.is_numbers(shape), F.array_remove(digits, "null"))
        parts += [texts.alias("scalars"), json_outline.is_numbers(shape).alias("numeric")]
    if key.fields:
        elements = F.from_json(text, f"array<{_struct(key.fields)}>")
        parts.append(F.when(json_outline.is_objects(shape), elements).alias("objects"))
    if key.inner:
        lists = ", ".join(f"`{inner}`: array<{_struct(fields)}>" for inner, fields in key.inner.items())
        wrapped = F.from_json(text, f"struct<{lists}>")
        parts.append(F.when(json_outline.is_object(shape), wrapped).alias("wrapped"))
    return parts


def _object(key: NestedKey) -> Expression:
    return F.when(_is_object(key), F.from_json(F.col(key.text), _struct(key.fields))).alias("object")


def _is_object(key: NestedKey) -> Expression:
    return json_outline.is_object(key.outline)


def _struct(fields: list[str]) -> str:
    return f"struct<{', '.join(f'`{name}`: string' for name in fields)}>"


def _field_of(elements: Expression, name: str | None) -> Expression:
    values = F.array_compact(F.transform(elements, lambda element: element[name]))
    return F.when((F.size(values) > 0) | (F.size(elements) == 0), values)
