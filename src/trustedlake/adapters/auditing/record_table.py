"""Decides with the second parser which table a record belongs to: this one, another one, or none."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from trustedlake.adapters.auditing.column_texts import InexactError, keys_of, plain_text
from trustedlake.adapters.auditing.json_values import NUMBER, members, mended

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from trustedlake.adapters.auditing.json_values import Element
    from trustedlake.models.contract import Contract

    TextOf = Callable[[str], str | None]

_BLANKS = " \t\r\n"


class Share(Enum):
    """Which table a record belongs to; `UNTAKEN`: the contract leaves it to other tables, and none of them takes it."""

    OURS = "ours"
    ELSEWHERE = "elsewhere"
    UNTAKEN = "untaken"
    FOREIGN = "foreign"


class AuditedSelection:
    """Applies a contract, and those of the other tables that read the same file, to a record."""

    def __init__(self, contract: Contract, others: Sequence[Contract] = ()) -> None:
        self._where = {key: frozenset(values) for key, values in contract.raw.where.items()}
        self._nulls = frozenset(text.strip(_BLANKS) for text in contract.raw.null_texts)
        keys = (key for column in contract.columns for key in keys_of(column))
        self._signs = frozenset(contract.raw.one_of or keys)
        self._others = [AuditedSelection(other) for other in others]

    def share(self, keys: Collection[str], text_of: TextOf) -> Share:
        """Decide for a record with these keys; `text_of` returns the text of a key's value, None for null."""
        if self._matches(text_of):
            if not self._signs.isdisjoint(keys):
                return Share.OURS
            return Share.ELSEWHERE if self._is_taken(keys, text_of) else Share.FOREIGN
        return Share.ELSEWHERE if self._is_taken(keys, text_of) else Share.UNTAKEN

    def _is_taken(self, keys: Collection[str], text_of: TextOf) -> bool:
        return any(one._matches(text_of) and not one._signs.isdisjoint(keys) for one in self._others)

    def _matches(self, text_of: TextOf) -> bool:
        return all(self._is_one_of(text_of(key), values) for key, values in self._where.items())

    def _is_one_of(self, text: str | None, values: frozenset[str | None]) -> bool:
        if text is None or text.strip(_BLANKS) in self._nulls:
            return None in values
        return text in values or "*" in values


def text_in(element: Element) -> TextOf:
    """Return a function key -> text for a JSON record; for lists and objects, the text exactly as in the file."""

    def text_of(key: str) -> str | None:
        value = (element.value or {}).get(key)
        try:
            text = None if value is None else plain_text(value)
        except InexactError:
            return dict(members(element.text))[key].decode()
        if text is None and value is not None:
            return mended(dict(members(element.text))[key])
        return text and text.removeprefix(NUMBER)

    return text_of
