"""Reads the property `raw`: where the records of a table come from."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from trustedlake.adapters.contracts.custom_properties import checked
from trustedlake.adapters.contracts.yaml_tree import Field
from trustedlake.models.lake import STATE
from trustedlake.models.raw import Dialect, Raw, RawFormat
from trustedlake.types.path_template import PLACEHOLDER, placeholders
from trustedlake.types.source_path import parse_records

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME = re.compile(r"[A-Za-z_]\w*")
_ZONES = ("trusted", "quarantine")


class RawPart(NamedTuple):
    """The content of the property `raw`.

    Attributes:
        raw: the contract's part `raw`.
        partition: the placeholders of its templates.
        decimal: the default decimal mark of the columns.
    """

    raw: Raw
    partition: tuple[str, ...]
    decimal: str


def read_raw(field: Field) -> RawPart | None:
    """Read the property; None, with problems, if it is invalid."""
    members = field.members(FIELDS)
    for name, example in _NEEDED.items():
        if field.is_object and name not in members:
            field.refuse(f"the field {name} is missing{example}")
    format_ = members["format"].choice(list(RawFormat)) if "format" in members else None
    paths, partition = read_paths(members["path"]) if "path" in members else ((), ())
    given: dict[str, Any] = {"path": paths, "format": format_}
    given |= {name: read(members[name]) for name, read in _READERS.items() if name in members}
    for only, names in _ONLY.items():
        for name in names & members.keys():
            if format_ and format_ != only:
                members[name].refuse(f"applies only to format: {only}")
    dialect = {name: read(members[name]) for name, read in _DIALECT.items() if name in members}
    _check_dialect(members, dialect)
    decimal = members["decimal"].choice((".", ",")) if "decimal" in members else None
    if field.remarks.problems:
        return None
    given["dialect"] = Dialect.model_validate(dialect)
    return RawPart(Raw.model_validate(given), partition, decimal or ".")


_NEEDED = {"path": ", as Raw/people/{year:04d}/{month:02d}/{day:02d}", "format": ": json or csv"}


def read_paths(field: Field) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read the templates and their placeholders, which must be the same in all templates."""
    fields = field.items() if field.is_list else [field]
    if not fields:
        field.refuse("names no folder")
    paths = []
    partition: tuple[str, ...] | None = None
    for one in fields:
        path = one.text()
        if path is None:
            continue
        _check_template(one, path)
        names = placeholders(path)
        if partition is None:
            partition = names
        elif set(names) != set(partition):
            told = ", ".join(partition) or "none"
            one.refuse(
                f"all templates need the same placeholders; this one has {', '.join(names) or 'none'}, the first {told}"
            )
        if path in paths:
            one.refuse("appears twice")
        paths.append(path)
    return tuple(paths), partition or ()


def _check_template(field: Field, path: str) -> None:
    """Reject a template that leads elsewhere or has invalid placeholders."""
    parts = check_folder(field, path)
    if parts and parts[0].casefold() in _ZONES:
        field.refuse(f"{path!r}: raw files can be neither in Trusted nor in Quarantine")
    if parts and "{" in parts[0]:
        field.refuse(
            f"{path!r}: the first folder needs a fixed name, such as Raw; otherwise other zones would be searched too"
        )
    rest = PLACEHOLDER.sub("", path)
    if "{" in rest or "}" in rest:
        bad = re.search(r"\{[^}]*\}?|\}", rest)
        field.refuse(f"{bad[0] if bad else path!r} is not a placeholder; write {{name}}, {{name:02d}} or {{name:04d}}")
    names = placeholders(path)
    for name in dict.fromkeys(names):
        if not _NAME.fullmatch(name):
            field.refuse(f"{name!r} is not a valid column name")
        if names.count(name) > 1:
            field.refuse(f"{{{name}}} appears twice in {path!r}")
    if re.search(r"\}\{", path):
        field.refuse(f"{path!r}: two placeholders need a text between them")


def check_folder(field: Field, path: str) -> list[str]:
    """Reject a path that leads out of the lake or into its state; return the parts of the path."""
    parts = path.split("/")
    if "://" in path or path.startswith(("/", "~")) or "\\" in path or re.match(r"[A-Za-z]:", path):
        field.refuse(f"{path!r}: write the folder's path in the lake, with slashes: Raw/people")
    elif any(part in {"", ".", ".."} for part in parts):
        field.refuse(f"{path!r}: has an empty part, `.` or `..`; write the folder below the lake, as Raw/people")
    elif any(part.casefold() == STATE for part in parts):
        field.refuse(f"{path!r}: {STATE} is the lake's own folder")
    return parts


def _file_patterns(field: Field) -> tuple[str, ...] | None:
    patterns = field.texts()
    for pattern in patterns or ():
        if not pattern or "/" in pattern:
            field.refuse(f"{pattern!r}: a pattern is for file names, without folders: *.json, for example")
    return patterns


def _keys(field: Field) -> tuple[str, ...] | None:
    keys = field.texts()
    if keys == ():
        field.refuse("is empty: no record would belong to the table; remove it or add a key")
    return keys


def _records(field: Field) -> tuple[str, ...] | None:
    return checked(field, parse_records, field.texts())


def _share(field: Field) -> int | float | None:
    share = field.number()
    if share is not None and not 0 <= share <= 1:
        field.refuse(f"{share} is not a share: write a number from 0 to 1, such as 0.05 for 5 %")
    return share


def _where(field: Field) -> dict[str, tuple[str | None, ...]]:
    """Read key -> texts, with None for no value. Numbers are taken as they are written."""
    found: dict[str, tuple[str | None, ...]] = {}
    for name, one in field.members().items():
        values = one.items()
        if one.is_list and not values:
            one.refuse("has no value: no record would belong to the table")
        found[name] = tuple(_where_value(value) for value in values)
    return found


def _where_value(field: Field) -> str | None:
    if field.is_null:
        return None
    if field.is_list or field.is_object or field.is_text:
        return field.text()
    written = str(field.node.value)
    if field.node.tag.endswith((":int", ":float")) or written in {"true", "false"}:
        return written
    return field.text()  # NO or a date, for example: YAML reads it as another type, and the message says so


def _check_dialect(members: dict[str, Field], dialect: dict[str, Any]) -> None:
    """Reject options that contradict each other."""
    if dialect.get("quote") and dialect["quote"] == dialect.get("delimiter", "|"):
        members["quote"].refuse("is the same as the delimiter")
    columns = dialect.get("columns")
    if columns is not None and dialect.get("header", True):
        members["columns"].refuse("is only for files without a header: add header: false")
    if len(set(columns or ())) < len(columns or ()):
        members["columns"].refuse("has a field twice")


def _encoding(field: Field) -> str | None:
    name = field.text()
    if name is None:
        return None
    try:
        codec = codecs.lookup(name)
    except LookupError:
        field.refuse(f"{name!r} is not an encoding that Python knows; common ones are utf-8, latin-1, cp1252, utf-16")
        return None
    if not getattr(codec, "_is_text_encoding", True) or codec.name in {"idna", "punycode"}:
        field.refuse(f"{name!r} is not a text encoding")
        return None
    return name


_READERS: dict[str, Callable[[Field], Any]] = {
    "files": _file_patterns,
    "ignore": _file_patterns,
    "records": _records,
    "where": _where,
    "one_of": _keys,
    "nulls": Field.texts,
    "known": Field.texts,
    "max_rejected": _share,
    "replaces": lambda field: field.choice(("name",)),
}
_DIALECT: dict[str, Callable[[Field], Any]] = {
    "delimiter": Field.character,
    "quote": lambda field: None if field.is_null else field.character(),
    "header": Field.boolean,
    "columns": Field.texts,
    "skip": lambda field: field.integer(0),
    "encoding": _encoding,
}
_ONLY = {RawFormat.JSON: {"records"}, RawFormat.CSV: set(_DIALECT)}
"""Format -> the options that only this format has."""

FIELDS = ("path", "format", *_READERS, *_DIALECT, "decimal")
