"""Write a draft as a contract file, with comments where the draft is unsure."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, TypeAlias

from trustedlake.core.inferring.names import counted, shown
from trustedlake.models.contract import Contract, Duplicates
from trustedlake.models.raw import DEFAULT_RECORDS, Dialect, RawFormat
from trustedlake.terminal import printable
from trustedlake.types import plain_type
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trustedlake.core.inferring.draft import Draft
    from trustedlake.models.column import Column
    from trustedlake.types import ColumnType

_Value: TypeAlias = "str | int | float | bool | Sequence[_Value] | Mapping[str, _Value] | None"

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
_LINE = 110
_REFUSED = 20


def contract_text(draft: Draft) -> str:
    """Return the text of the contract file."""
    return "\n".join(_lines(draft)) + "\n"


def _lines(draft: Draft) -> Iterator[str]:
    contract = draft.contract
    looked_at = f"{counted(draft.files, 'file')} with {counted(draft.records, 'record')}"
    yield f"# Written by `trustedlake contract init` from {looked_at}."
    yield "# Each type fits at least 99 % of the values; comments mark what is uncertain. Check them, then load:"
    yield f"#   trustedlake to-trusted --table {contract.table}"
    for note in draft.notes:
        yield from _comment(note)
    unread = (f"not readable: {shown(one.path)}: {one.why}" for one in draft.refused)
    for line in some(unread, _REFUSED, by="\n").splitlines():
        yield from _comment(line)
    yield "apiVersion: v3.2.0"
    yield "kind: DataContract"
    yield f"id: {_scalar(contract.table)}"
    yield f"name: {_scalar(contract.table)}"
    yield "version: 1.0.0"
    yield "status: active"
    yield "schema:"
    yield f"  - name: {_scalar(contract.table)}"
    yield "    customProperties:"
    yield "      - property: raw"
    yield "        vendor: trustedlake"
    yield "        value:"
    for name, value in _raw(contract):
        yield f"          {name}: {_value(value)}"
    yield f"      - {{property: trusted, vendor: trustedlake, value: {{path: {_scalar(contract.trusted)}}}}}"
    if contract.duplicates is not Duplicates.LAST:
        yield f"      - {{property: duplicates, vendor: trustedlake, value: {contract.duplicates}}}"
    yield "    properties:"
    for column in contract.columns:
        for note in draft.column_notes.get(column.name, ()):
            yield from _comment(note, indent=6)
        yield from _column(column, contract)


def _comment(text: str, indent: int = 0) -> Iterator[str]:
    pad = " " * indent
    line = ""
    for word in printable(text).split(" "):
        if line and len(line) + len(word) > _LINE:
            yield f"{pad}# {line}"
            line = " "
        line = f"{line} {word}" if line.strip() else f"{line}{word}"
    yield f"{pad}# {line}"


def _raw(contract: Contract) -> Iterator[tuple[str, _Value]]:
    raw = contract.raw
    yield "path", raw.path[0] if len(raw.path) == 1 else list(raw.path)
    if raw.files:
        yield "files", list(raw.files)
    yield "format", str(raw.format)
    if raw.format is RawFormat.JSON and raw.records != DEFAULT_RECORDS:
        yield "records", list(raw.records)
    if raw.where:
        yield "where", {key: list(values) for key, values in raw.where.items()}
    if raw.one_of:
        yield "one_of", list(raw.one_of)
    if raw.nulls is not None:
        yield "nulls", list(raw.nulls)
    if raw.format is RawFormat.CSV:
        usual = Dialect().model_dump()
        for name, value in raw.dialect.model_dump().items():
            if name == "delimiter" or value != usual[name]:
                yield name, list(value) if isinstance(value, tuple) else value


def _column(column: Column, contract: Contract) -> Iterator[str]:
    described: dict[str, _Value] = {"name": column.name, **_type(column)}
    if column.name in contract.key:
        described["primaryKey"] = True
        if len(contract.key) > 1:
            described["primaryKeyPosition"] = contract.key.index(column.name) + 1
    if column.required or (column.name in contract.key and contract.unique_key):
        described["required"] = True
    if options := _options(column):
        described["logicalTypeOptions"] = options
    if column.synonyms:
        described["synonyms"] = [{"synonym": one} for one in column.synonyms]
    custom = [{"property": name, "vendor": "trustedlake", "value": value} for name, value in _custom(column)]
    if column.description:
        described["description"] = column.description
    yield from _property(described, custom)


def _property(described: Mapping[str, _Value], custom: Sequence[Mapping[str, _Value]]) -> Iterator[str]:
    """Write a property, on one line if it is short and plain."""
    flow = _value(described)
    if not custom and len(flow) < _LINE:
        yield f"      - {flow}"
        return
    for number, (name, value) in enumerate(described.items()):
        yield f"      {'- ' if number == 0 else '  '}{name}: {_value(value)}"
    if custom:
        yield "        customProperties:"
        for one in custom:
            yield f"          - {_value(one)}"


def _options(column: Column) -> dict[str, _Value]:
    options: dict[str, _Value] = {}
    if column.formats and not column.is_list:
        options["format"] = column.formats[0]
    for name in ("minimum", "maximum"):
        if (bound := getattr(column, name)) is not None:
            options[name] = bound
    return options


def _type(column: Column) -> dict[str, _Value]:
    scalar = _scalar_type(column.scalar)
    return {"logicalType": "array", "items": scalar} if column.is_list else scalar


def _scalar_type(kind: ColumnType) -> dict[str, _Value]:
    if kind is plain_type(kind.logical):
        return {"logicalType": kind.logical}
    return {"logicalType": kind.logical, "physicalType": kind.name}


def _custom(column: Column) -> Iterator[tuple[str, _Value]]:
    if column.sources:
        yield "sources", list(column.sources)
    if column.nulls is not None:
        yield "nulls", list(column.nulls)
    if column.not_blank:
        yield "notBlank", True
    further = column.formats if column.is_list else column.formats[1:]
    if further:
        yield "formats", list(further)
    if column.decimal != ".":
        yield "decimal", column.decimal
    if column.grouping:
        yield "grouping", column.grouping
    if column.split is not None:
        yield "split", column.split
    if column.booleans:
        true = [word for word, meaning in column.booleans.items() if meaning]
        false = [word for word, meaning in column.booleans.items() if not meaning]
        yield "booleans", {"true": true, "false": false}


def _value(value: _Value) -> str:
    if isinstance(value, str):
        return _scalar(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(name)}: {_value(one)}" for name, one in value.items()) + "}"
    return "[" + ", ".join(map(_value, value)) + "]"


def _scalar(text: str) -> str:
    """Write a text so that YAML reads it as a text: plain `NO` would be a boolean, and `2025-06-17` a date."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _WORDS:
        return text
    # YAML accepts JSON strings, except for a few characters that must be escaped.
    return "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in json.dumps(text, ensure_ascii=False))
