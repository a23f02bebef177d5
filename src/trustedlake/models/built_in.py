"""The built-in tables; each contract is read when it is first needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from trustedlake.models.contract import Contract

TRUSTED: Final = {
    "tmdb_movies": "Trusted/TMDB/Parquet/Movies",
    "tmdb_series": "Trusted/TMDB/Parquet/Series",
    "local_movies": "Trusted/Local/Parquet/Movies",
    "local_series": "Trusted/Local/Parquet/Series",
}
"""Name of a built-in table -> its Trusted folder, without reading the contract."""


class BuiltIn(Mapping[str, "Contract"]):
    """Table name -> contract; each contract file is read once, when it is needed."""

    def __init__(self) -> None:
        self._read: dict[str, Contract] = {}

    def __getitem__(self, table: str) -> Contract:
        if table not in self._read:
            if table not in TRUSTED:
                raise KeyError(table)
            # Import by name, because models must not depend on adapters.
            self._read[table] = import_module("trustedlake.adapters.contracts.contract_file").read_built_in(table)
        return self._read[table]

    def __iter__(self) -> Iterator[str]:
        return iter(TRUSTED)

    def __len__(self) -> int:
        return len(TRUSTED)


CONTRACTS: Final[Mapping[str, Contract]] = BuiltIn()
"""Table name -> contract."""
