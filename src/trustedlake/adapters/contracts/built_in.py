"""The contract files of the built-in tables, which the package brings."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from trustedlake.adapters.contracts.read import read_contracts

if TYPE_CHECKING:
    from trustedlake.models.contract import Contract


def content(table: str) -> bytes:
    """The file of a built-in table."""
    return files("trustedlake").joinpath("contracts", f"{table}.odcs.yaml").read_bytes()


def read(table: str) -> Contract:
    """The contract of a built-in table."""
    return read_contracts(content(table), f"{table}.odcs.yaml").contracts[0]
