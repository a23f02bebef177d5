"""The tables of the lake and their contracts."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from trustedlake.models.local_movies import LOCAL_MOVIES
from trustedlake.models.local_series import LOCAL_SERIES
from trustedlake.models.tmdb_movies import TMDB_MOVIES
from trustedlake.models.tmdb_series import TMDB_SERIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustedlake.models.contract import Contract

CONTRACTS: Mapping[str, Contract] = MappingProxyType(
    {contract.table: contract for contract in (TMDB_MOVIES, TMDB_SERIES, LOCAL_MOVIES, LOCAL_SERIES)}
)
"""Contract by table name."""
