"""What identifies a JSON record, from the values that the second parser gave it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from trustedlake.adapters.auditing.values import exact
from trustedlake.core.auditing.census import Witness

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trustedlake.adapters.auditing.json import Element
    from trustedlake.models.contract import Contract

_WHOLE_NUMBER = re.compile(r"([-+]?)([0-9]++)(?:\.0*+)?")


class JsonWitness:
    """Finds the witness of a contract's records."""

    def __init__(self, contract: Contract) -> None:
        columns = [contract.column(name) for name in contract.witness]
        self._columns = [(column.type.endswith("int"), column.keys) for column in columns]
        self._key_place = contract.witness.index(contract.key)

    def __call__(self, element: Element) -> Witness:
        """What identifies the record; texts are empty where there is no object, and for nested values."""
        if element.value is None:
            texts: tuple[str, ...] = tuple("" for _ in self._columns)
        else:
            found = self._texts(element.value)
            texts = tuple(text or "" for text in (self._texts(exact(element.text)) if None in found else found))
        return Witness(texts[self._key_place], texts)

    def _texts(self, value: Mapping[str, Any]) -> list[str | None]:
        """The witness texts; None for a number that Python may show otherwise than the file: `1.10`, `1e3`, `-0`."""
        return [_first_text((value.get(key) for key in keys), whole=whole) for whole, keys in self._columns]


def _first_text(values: Iterable[Any], *, whole: bool) -> str | None:
    for value in values:
        if isinstance(value, float) or (value == 0 and value is not False):
            return None
        text = _text(value).strip(" \t\r\n") if whole else _text(value)
        if text:
            return _shortest(text) if whole else text
    return ""


def _shortest(text: str) -> str:
    """A whole number without what it could do without; no `int`, which has a limit of 4,300 digits."""
    number = _WHOLE_NUMBER.fullmatch(text)
    if number is None:
        return text
    digits = number[2].lstrip("0")
    return ("-" if number[1] == "-" else "") + digits if digits else "0"


def _text(value: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else ""
