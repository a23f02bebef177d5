"""The contract files of the built-in tables, which come with the package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import trustedlake
from trustedlake.adapters.contracts.read import read_contracts

if TYPE_CHECKING:
    from importlib.abc import SourceLoader

    from trustedlake.models.contract import Contract


def content(table: str) -> bytes:
    """Return the contract file of a built-in table."""
    # The package's own loader also reads zip archives; importlib.resources would take a millisecond to start.
    loader = cast("SourceLoader", trustedlake.__spec__.loader)
    return loader.get_data(str(Path(trustedlake.__file__).parent / "contracts" / f"{table}.odcs.yaml"))


def read(table: str) -> Contract:
    """Return the contract of a built-in table."""
    return read_contracts(content(table), f"{table}.odcs.yaml").contracts[0]
