"""A record's values as the audit reads them: texts by column, keys, and the witness of a record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from trustedlake.adapters.auditing.json_values import NUMBER, exact
from trustedlake.core.auditing import ComparedColumns
from trustedlake.models.column import quoted
from trustedlake.types.source_path import MEMBER_NAME, Step, parse_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trustedlake.adapters.auditing.json_values import Element
    from trustedlake.core.auditing import Witness
    from trustedlake.models.column import Column
    from trustedlake.models.contract import Contract
    from trustedlake.types.source_path import Steps


_BLANKS = " \t\r\n"
_WHOLE_NUMBER = re.compile(r"([-+]?)([0-9]++)(?:\.0*+)?")

ABSENT: Final = object()
WRONG: Final = object()
"""Stands for a value whose shape does not fit the path."""


class InexactError(ValueError):
    """Python may show a number differently than the file: `1.10`, `1e3`, `-0`; `json_values.exact` keeps the digits."""


class TextOfColumn:
    """Finds the text of one string or integer column."""

    def __init__(self, column: Column, contract: Contract) -> None:
        self._is_whole = column.type.endswith("int")
        self._marks = (column.decimal, column.grouping)
        nulls = contract.raw.null_texts if column.nulls is None else column.nulls
        self._nulls = frozenset(text.strip(_BLANKS) for text in nulls)
        self._sources = _grouped(paths_of(column))

    def __call__(self, record: Mapping[str, Any]) -> str:
        """Return the text of the first source that has one; empty if none has.

        Raises:
            InexactError: the record must be read again with `json_values.exact`.
        """
        for key, inner, tails in self._sources:
            value = record.get(key)
            if value is None:
                continue
            value = _reach(value, inner)
            found = self._leaf(value) if tails is None else self._first(value, tails)
            if isinstance(found, str) and found:
                return self._whole(found) if self._is_whole else found.removeprefix(NUMBER)
        return ""

    def _first(self, value: Any, tails: Sequence[Steps]) -> object:  # noqa: ANN401 - any JSON
        """Return the text of the first element that has one; WRONG if any element has another shape."""
        if value is None or value is ABSENT or value == "":
            return None
        if not isinstance(value, list) or (value and () not in tails and _is_plain(value[0])):
            return WRONG
        leaves = [self._of_element(element, tails) for element in value]
        if WRONG in leaves:
            return WRONG
        return next((leaf for leaf in leaves if leaf is not None), None)

    def _of_element(self, element: Any, tails: Sequence[Steps]) -> object:  # noqa: ANN401 - any JSON
        leaves = (self._leaf(_reach(element, tail)) for tail in tails)
        return next((leaf for leaf in leaves if leaf is not None), None)

    def _leaf(self, value: Any) -> object:  # noqa: ANN401 - any JSON
        """Return the text of a value, with NUMBER before numbers; None for null, absent and null texts."""
        if value is None or value is ABSENT:
            return None
        text = plain_text(value)
        if text is None:
            return WRONG
        mark, body = (NUMBER, text[len(NUMBER) :]) if text.startswith(NUMBER) else ("", text)
        bare = body.strip(_BLANKS)
        if bare in self._nulls:
            return None
        return mark + (bare if self._is_whole else body) if body else ""

    def _whole(self, text: str) -> str:
        """Return a whole number in its shortest form. No `int`: Python limits its conversion to 4,300 digits."""
        decimal, grouping = self._marks
        if text.startswith(NUMBER):
            text = text.removeprefix(NUMBER)
        else:
            text = (text.replace(grouping, "") if grouping else text).replace(decimal, ".")
        number = _WHOLE_NUMBER.fullmatch(text)
        if number is None:
            return text
        digits = number[2].lstrip("0")
        return ("-" if number[1] == "-" else "") + digits if digits else "0"


def paths_of(column: Column) -> list[Steps]:
    """Return the column's sources and synonyms, in order of preference."""
    own = [parse_source(source) for source in column.sources or (quoted(column.name),)]
    return own + [(Step("key", synonym),) for synonym in column.synonyms]


def keys_of(column: Column) -> tuple[str, ...]:
    """Return the top-level keys that the column reads from."""
    return tuple(dict.fromkeys(path[0].name for path in paths_of(column)))


def plain_text(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    """Return the text of a value, with NUMBER before numbers; None for lists, objects and null.

    Raises:
        InexactError: the record must be read again with `json_values.exact`.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) or value == 0:
        raise InexactError
    return f"{NUMBER}{value}" if isinstance(value, int) else None


def _grouped(paths: Iterable[Steps]) -> list[tuple[str, Steps, list[Steps] | None]]:
    """Group paths as key, steps to the last list, and steps within its elements. Each element tries all of them."""
    found: dict[tuple[Steps, bool], list[Steps]] = {}
    for path in paths:
        lists = [place + 1 for place, step in enumerate(path) if step.kind != "key"]
        end = lists[-1] if lists else len(path)
        found.setdefault((path[:end], bool(lists)), []).append(path[end:])
    return [(head[0].name, head[1:], tails if is_list else None) for (head, is_list), tails in found.items()]


def _reach(value: Any, steps: Steps) -> Any:  # noqa: ANN401, PLR0911 - any JSON, and one case for each kind
    """Return the value at the end of the steps, nested lists flattened; ABSENT, None or WRONG if there is none."""
    if not steps or value is None or value is ABSENT:
        return value
    if value == "":
        return None
    step, rest = steps[0], steps[1:]
    if step.kind == "key":
        return _reach(value.get(step.name, ABSENT), rest) if isinstance(value, dict) else WRONG
    if not isinstance(value, list):
        return WRONG
    if step.kind == "pick":
        value = [one for one in value if isinstance(one, dict) and _picked(one.get(step.name)) == step.text]
    if not rest:
        return value
    found = [_reach(element, rest) for element in value]
    if any(one is WRONG for one in found):
        return WRONG
    return [leaf for one in found if isinstance(one, list) for leaf in one]


def _picked(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    text = None if value is None else plain_text(value)
    return text and text.removeprefix(NUMBER)


def _is_plain(value: Any) -> bool:  # noqa: ANN401 - any JSON
    return isinstance(value, str | int | float) and not isinstance(value, bool)


class RecordWitness:
    """Computes the witness of a contract's records."""

    def __init__(self, contract: Contract) -> None:
        self._compared = ComparedColumns.of(contract)
        self._columns = [TextOfColumn(contract.column(name), contract) for name in self._compared.names]
        self.none = self._compared.witness([""] * len(self._columns))

    def of_element(self, element: Element) -> Witness:
        """Return the witness of a record of a JSON file; texts are empty if it has no readable object."""
        if element.value is None:
            return self.none
        try:
            return self.of_fields(element.value)
        except InexactError:
            named = {} if element.name is None else {MEMBER_NAME: element.name}
            return self.of_fields({**exact(element.text), **named})

    def of_fields(self, fields: Mapping[str, Any]) -> Witness:
        """Return the witness of a record with these values. Raises InexactError."""
        return self._compared.witness([column(fields) for column in self._columns])
