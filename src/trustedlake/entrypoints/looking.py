"""The library's look at a lake, which needs no Spark."""

from __future__ import annotations

from os import PathLike, fspath
from typing import TYPE_CHECKING

from trustedlake.entrypoints import compose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustedlake.models.status import LakeStatus


def status(
    lake: str | PathLike[str] | None = None,
    *,
    contracts: str | PathLike[str] | Sequence[str | PathLike[str]] = (),
) -> LakeStatus:
    """What is in the lake, what is wrong with it and since when; a notebook shows it as a table.

    Args:
        lake: the lake's folder, or `s3://bucket/prefix`; by default `TRUSTEDLAKE_LAKE`, or `./lake`.
        contracts: files and folders of contracts, besides the lake's own.

    Raises:
        TrustedLakeError: the lake can't be looked at.
    """
    files = (contracts,) if isinstance(contracts, str | PathLike) else contracts
    where = None if lake is None else fspath(lake)
    with compose.home(compose.Place(lake=where, contracts=tuple(fspath(one) for one in files))) as home:
        return home.status()
