"""Which packages are installed, told by their names: nothing is imported."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SAIL = ("pysail", "grpcio", "grpcio-status", "googleapis-common-protos", "zstandard")
"""The engine, and what pyspark's Connect client asks for, by which it is reached; pysail brings none of that."""


def installed_version(package: str) -> str | None:
    """The installed version of a package, None if there is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def missing_for_sail(installed: Callable[[str], str | None] = installed_version) -> str | None:
    """The first package that the engine on pysail lacks; None if all are there."""
    return next((package for package in SAIL if installed(package) is None), None)
