"""What identifies a record, from the values that the second parser gave it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustedlake.adapters.auditing.columns import InexactError, TextOfColumn
from trustedlake.adapters.auditing.values import exact
from trustedlake.core.auditing.census import Compared
from trustedlake.types.source_path import MEMBER_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustedlake.adapters.auditing.json import Element
    from trustedlake.core.auditing.census import Witness
    from trustedlake.models.contract import Contract


class RecordWitness:
    """Finds the witness of a contract's records."""

    def __init__(self, contract: Contract) -> None:
        self._compared = Compared.of(contract)
        self._columns = [TextOfColumn(contract.column(name), contract) for name in self._compared.names]
        self.none = self._compared.witness([""] * len(self._columns))

    def of_element(self, element: Element) -> Witness:
        """What identifies the record of a JSON file; texts are empty where there is no object."""
        if element.value is None:
            return self.none
        try:
            return self.of_fields(element.value)
        except InexactError:
            named = {} if element.name is None else {MEMBER_NAME: element.name}
            return self.of_fields({**exact(element.text), **named})

    def of_fields(self, fields: Mapping[str, Any]) -> Witness:
        """What identifies a record with these values. Raises InexactError."""
        return self._compared.witness([column(fields) for column in self._columns])
