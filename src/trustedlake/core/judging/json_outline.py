r"""What kind of JSON a text is, told without a parser.

Engines disagree about texts that are not quite what their parser was told to expect: one gives null, one gives
what it read so far, one ignores a tail. So the parser is asked only about texts whose outline says that they
are whole and of the right kind. An outline is made by replacing, from the inside, with expressions that don't
nest, so that no text is too long for them:

    ["Crime \"x\"", null]                    [~,null]    ->  [~^]
    [{"id": 80, "name": "Crime"}, {}]        [@,@]
    {"id": 1, "keywords": [{"id": 2}]}       {%,~:[@]}

`~` is a string, `%` a member with a plain value, `@` an object of such members, `^` a further one.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyspark.sql import Column

_GAP = r"[ \t\r\n]*"
_MORE = r"[ \t\r\n^]*"
_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?"

_STRINGS = (r"\"[^\"\\\x00-\x1f]*\"", "~")
_ESCAPES = (r"\\([\"\\/bfnrt]|u[0-9a-fA-F]{4})", "'")
_OBJECTS = (
    (rf"~{_GAP}:{_GAP}(~|true|false|null|{_NUMBER})", "%"),
    (rf",{_GAP}%", "^"),
    (rf"\{{{_GAP}(%{_MORE})?\}}", "@"),
)


def outline(text: str) -> Column:
    """The outline of the named text column."""
    value = F.col(text)
    # Most texts have no escapes, many no objects, and a search for one character costs next to nothing.
    unescaped = F.when(value.contains("\\"), F.regexp_replace(value, *_ESCAPES)).otherwise(value)
    plain = F.regexp_replace(unescaped, *_STRINGS)
    return F.when(value.contains("{"), _replaced(plain, _OBJECTS)).otherwise(plain)


def is_texts(shape: str) -> Column:
    """The outline is a list of strings and nulls."""
    return _begins(shape, "[", but="[@") & _is_list(shape, "~|null")


def is_objects(shape: str) -> Column:
    """The outline is a list of objects without nested values, and nulls."""
    return _begins(shape, "[", but="[~") & _is_list(shape, "@|null")


def is_numbers(shape: str) -> Column:
    """The outline is made as a list of numbers and nulls is; whether they are numbers, the cast will tell."""
    return _begins(shape, "[") & F.col(shape).rlike(r"\A\[[-+.0-9eEnul, \t\r\n]*\]\z")


def is_object(shape: str) -> Column:
    """The outline is an object; of nested values it may have one list of objects."""
    further = F.regexp_replace(F.col(shape), rf",{_GAP}(@|null)", "^")
    listed = F.regexp_replace(further, rf"~{_GAP}:{_GAP}\[{_GAP}((@|null){_MORE})?\]", "&")
    nested = listed.rlike(rf"\A\{{{_GAP}(%{_MORE},{_GAP})?&{_MORE}\}}\z")
    return (F.col(shape) == "@") | (_begins(shape, "{") & nested)


def _begins(shape: str, start: str, *, but: str | None = None) -> Column:
    """What an outline must begin with to be worth a closer look."""
    begins = F.col(shape).startswith(start)
    return begins if but is None else begins & ~F.col(shape).startswith(but)


def _replaced(text: Column, steps: Iterable[tuple[str, str]]) -> Column:
    return reduce(lambda shape, step: F.regexp_replace(shape, *step), steps, text)


def _is_list(shape: str, element: str) -> Column:
    further = F.regexp_replace(F.col(shape), rf",{_GAP}({element})", "^")
    return further.rlike(rf"\A\[{_GAP}(({element}){_MORE})?\]\z")
