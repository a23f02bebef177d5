"""Read the text of one column from one record: pick the source with a value, write the value as the column's type does.

Everything that a contract says about where a value comes from is decided here, from what the record's parser found.
No engine parses JSON: engines reformat numbers, lose what they don't expect, and differ from one another.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from trustedlake.core.framing.json_text import Number
from trustedlake.core.framing.source_group import (
    ABSENT,
    WRONG,
    Sign,
    SourceGroup,
    inner_value,
    json_texts,
    source_groups,
)
from trustedlake.types import BLANKS, Notation, NotOfTypeError, column_type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustedlake.types import ColumnType
    from trustedlake.types.source_path import Steps

_TEXTS = {str, Number}

Value = str | list[str | None] | None


class Reading(NamedTuple):
    """What a record holds for a column.

    Attributes:
        value: the normal text, or for a list the texts of its elements; None if there is no valid value.
        reason: `column|rule` if the value is invalid for the column; else None.
        losers: path and text of each source that has a different value but lower precedence.
        misread: the text that is not of the column's type; empty if there is none.
    """

    value: Value
    reason: str | None = None
    losers: Sequence[tuple[str, str]] = ()
    misread: str = ""


NOTHING = Reading(None)


class _Shapes:
    """Tracks keys whose value has a shape that no source accepts; one source that accepts it is enough."""

    def __init__(self) -> None:
        self._wrong: set[str] = set()
        self._right: set[str] = set()

    def note(self, key: str, *, wrong: bool) -> None:
        """Record whether the shape of the key's value is wrong for one source."""
        (self._wrong if wrong else self._right).add(key)

    def misfit(self, owns: frozenset[str]) -> bool:
        """Whether the value of one of these keys has a shape that is wrong for every source."""
        return not (self._wrong - self._right).isdisjoint(owns)


class ColumnReader:
    """Reads one column of a contract.

    Args:
        column: an entry of `columns` in `Contract.framing()`.
        in_key: the column belongs to the primary key.
        owns: top-level keys for which this column reports wrong shapes: it is the first column that reads them.
        numeric: for keys whose plain list two columns share: whether this column takes the numbers (True) or the
            texts (False).
    """

    def __init__(
        self, column: Mapping[str, Any], *, in_key: bool, owns: frozenset[str], numeric: Mapping[str, bool]
    ) -> None:
        self.name: str = column["name"]
        self.type: ColumnType = column_type(column["type"])
        self.is_list: bool = column["list"]
        self.options = Notation.of(column["options"])
        self.nulls = frozenset(text.strip(BLANKS) for text in column["nulls"])
        self.sources = source_groups(column)
        self._split: str | None = column["split"]
        self._in_key = in_key
        self._owns = owns
        self._numeric = numeric
        self.is_json: bool = column["type"] == "json"

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The top-level keys it reads, without repeats, in order of preference."""
        return tuple(dict.fromkeys(source.key for source in self.sources))

    @cached_property
    def is_simple(self) -> bool:
        """Whether the texts of the keys are all it takes, so that whole columns can be read at once."""
        return not self.is_list and all(source.is_plain for source in self.sources)

    @cached_property
    def is_plain(self) -> bool:
        """Whether reading texts at the ends of key paths is all it takes."""
        return not self.is_list and all(source.path and not source.tails for source in self.sources)

    @cached_property
    def is_plain_list(self) -> bool:
        """Whether reading the texts of list elements is all it takes."""
        return self.is_list and not self.is_json

    @property
    def splits(self) -> bool:
        """Whether a text is split into the elements of a list."""
        return bool(self._split)

    def is_numeric_of(self, source: SourceGroup) -> bool | None:
        """Whether this column takes the numbers of a list that it shares; None if it doesn't share the list."""
        return self._numeric.get(source.key) if source.is_plain else None

    def read(self, members: Mapping[str, str | None], nested: Mapping[str, Any]) -> Reading:
        """Read the column from a record.

        Args:
            members: key -> text of the value, None for null.
            nested: key -> parsed value, for arrays and objects; numbers are `Number` texts.
        """
        return self._read_list(members, nested) if self.is_list else self._read_scalar(members, nested)

    def _read_scalar(self, members: Mapping[str, str | None], nested: Mapping[str, Any]) -> Reading:
        found: list[tuple[SourceGroup, str]] = []
        shapes, empty = _Shapes(), False
        for source in self.sources:
            if source.key not in members:
                continue
            text = self._scalar(source, members, nested)
            shapes.note(source.key, wrong=text is WRONG)
            if isinstance(text, str):
                if text:
                    found.append((source, text))
                else:
                    empty = True
        if not found:
            if shapes.misfit(self._owns):
                return Reading(None, f"{self.name}|type")
            return Reading("") if empty and self.type.is_text else NOTHING
        return self._decide(found)

    def _decide(self, found: Sequence[tuple[SourceGroup, str]]) -> Reading:
        """Take the first value; keep different values of other sources as losers."""
        winner, text = found[0]
        try:
            normal = self._normal(text)
        except NotOfTypeError as error:
            return Reading(None, f"{self.name}|{error.rule}", misread=text if self._is_told(text, error) else "")
        losers = (
            [] if winner.tails else [one for one in found[1:] if not one[0].tails and self._differs(normal, one[1])]
        )
        if losers and self._in_key:
            return Reading(normal, f"{self.name}|conflict")
        return Reading(normal, None, [(source.label, str(text)) for source, text in losers])

    @staticmethod
    def _is_told(text: str, error: NotOfTypeError) -> bool:
        """Whether the contract could set a notation for the text; a JSON number has none."""
        return error.rule == "type" and text.__class__ is not Number

    def spelling(self, text: str, *, is_number: bool) -> str | None:
        """Return the normal spelling of a text, or of a JSON number; None if it means null or is not of the type."""
        bare = _bare(text)
        if not bare or bare in self.nulls:
            return None
        try:
            return self._normal(Number(bare) if is_number else bare)
        except NotOfTypeError:
            return None

    def _differs(self, normal: str, other: str) -> bool:
        try:
            return self.type.value(normal) != self.type.value(self._normal(other))
        except NotOfTypeError:
            return True

    def _normal(self, text: str) -> str:
        return str(self.type.normal(text, self.options, is_number=text.__class__ is Number))

    def _clean(self, text: str) -> str | None:
        """Strip blanks unless they are part of the value; return None for a text that means null."""
        bare = _bare(text)
        if bare in self.nulls:
            return None
        return text if self.type.is_text else bare

    def _scalar(  # noqa: PLR0911 - one line a kind of value
        self, source: SourceGroup, members: Mapping[str, str | None], nested: Mapping[str, Any]
    ) -> str | Sign | None:
        """Return the source's text; if it has several, the first that is not null."""
        text = members[source.key]
        if text is None:
            return None
        if self.is_json:
            return next((self._clean(one) for one in json_texts(text, source, is_nested=source.key in nested)), None)
        if source.is_plain:
            return WRONG if source.key in nested else self._clean(text)
        if source.key not in nested:
            return WRONG if text else None
        value = inner_value(nested[source.key], source.inner)
        if not source.tails:
            return self._leaf(value)
        leaves = self._leaves(value, source)
        if not isinstance(leaves, list):
            return leaves
        texts = [leaf for leaf in leaves if leaf is not None and leaf is not ABSENT]
        return next(iter(texts), None)

    def _leaf(self, value: Any) -> str | Sign | None:  # noqa: ANN401 - any JSON
        if value is None or isinstance(value, Sign):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        return self._clean(value) if isinstance(value, str) else WRONG

    def _leaves(self, value: Any, source: SourceGroup) -> list[str | Sign | None] | Sign | None:  # noqa: ANN401 - any JSON
        """Return the text of each element (None or ABSENT if it has none), or WRONG if one has another shape."""
        if value is None or value is ABSENT or value is WRONG or value == "":
            return value if value != "" else None
        if not isinstance(value, list) or (value and value[0].__class__ in _TEXTS):
            return WRONG
        if source.only_key is not None and not self.nulls:
            # Fast path: nearly all lists are of objects that have the field, as a text or a number.
            try:
                plain = [element[source.only_key] for element in value]
            except (KeyError, TypeError):
                plain = [None]
            if {leaf.__class__ for leaf in plain} <= _TEXTS:
                return plain
        leaves: list[str | Sign | None] = []
        for element in value:
            leaf = self._first_of(element, source.tails)
            if leaf is WRONG:
                return WRONG
            leaves.append(leaf)
        return leaves

    def _first_of(self, element: Any, tails: Sequence[Steps]) -> str | Sign | None:  # noqa: ANN401 - any JSON
        found: str | Sign | None = None if element is None else ABSENT
        for tail in tails:
            leaf = self._leaf(inner_value(element, tail))
            if leaf is WRONG or isinstance(leaf, str):
                return leaf
            found = leaf if found is ABSENT else found
        return found

    def _read_list(self, members: Mapping[str, str | None], nested: Mapping[str, Any]) -> Reading:
        shapes = _Shapes()
        for source in self.sources:
            if members.get(source.key) is None:
                continue
            leaves = self._list(source, members, nested)
            if isinstance(leaves, list) and not (leaves and all(leaf is ABSENT for leaf in leaves)):
                return self._elements([None if leaf is ABSENT else cast("str | None", leaf) for leaf in leaves])
            if leaves is not ABSENT:
                # A list of objects without the field also has the shape that the path expects.
                shapes.note(source.key, wrong=leaves is WRONG)
        return Reading(None, f"{self.name}|type") if shapes.misfit(self._owns) else NOTHING

    def _elements(self, texts: list[str | None]) -> Reading:
        if self.type.is_text:
            return Reading(texts)
        try:
            return Reading([self._normal(bare) if bare else None for bare in map(_bare, texts)])
        except NotOfTypeError as error:
            return Reading(None, f"{self.name}|{error.rule}")

    def _list(  # noqa: C901, PLR0911 - one line a kind of value
        self, source: SourceGroup, members: Mapping[str, str | None], nested: Mapping[str, Any]
    ) -> list[str | Sign | None] | Sign | None:
        text = members[source.key] or ""
        if source.key not in nested:
            if not text or text.strip(BLANKS) in self.nulls:
                return None
            return self._parts(text) if self._split and source.is_plain else WRONG
        if self.is_json:
            return [self._clean(one) for one in json_texts(text, source, is_nested=True, elements=True)]
        value = nested[source.key]
        if source.tails:
            return self._leaves(inner_value(value, source.inner), source)
        plain = inner_value(value, source.inner)
        if isinstance(plain, str) and self._split:
            return self._parts(plain)
        if not isinstance(plain, list):
            return plain if plain is None or plain is ABSENT else WRONG
        kinds = {element.__class__ for element in plain}
        if source.key in self._numeric and source.is_plain:
            mine, theirs = (Number, str) if self._numeric[source.key] else (str, Number)
            if theirs in kinds and kinds <= {theirs, type(None)}:
                return None
            if not kinds <= {mine, type(None)}:
                return WRONG
        if kinds <= _TEXTS and not self.nulls:
            return plain
        leaves = [self._leaf(element) for element in plain]
        return WRONG if WRONG in leaves else leaves

    def _parts(self, text: str) -> list[str | Sign | None]:
        parts = (part.strip() for part in text.split(self._split or ","))
        return [self._clean(part) for part in parts if part]


def _bare(text: str | None) -> str | None:
    """Strip the blanks around a text; a `Number` keeps its class."""
    if not text or (text[0] not in BLANKS and text[-1] not in BLANKS):
        return text
    return text.strip(BLANKS)  # a `Number` has no blanks
