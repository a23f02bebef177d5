"""Finds which packages are installed, without importing them."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, distributions, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SAIL = ("pysail", "grpcio", "grpcio-status", "googleapis-common-protos", "zstandard")
"""The engine, and the packages that pyspark's Connect client needs to reach it; pysail installs none of those."""


MODULES = {
    **{name: name for name in ("boto3", "botocore", "click", "duckdb", "numpy", "orjson", "pandas", "py4j", "pyarrow")},
    **{name: name for name in ("pydantic", "pysail", "pyspark", "requests", "rich")},
    "grpc": "grpcio",
}
"""Module -> its package, for the packages that we depend on."""


def installed_version(package: str) -> str | None:
    """Return the installed version of a package, or None."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def has_spark() -> bool:
    """Whether Spark itself can be imported, and not its thin client alone."""
    found = find_spec("pyspark")
    if found is None or found.origin is None:
        return False
    folder = Path(found.origin).parent
    # Where it is since 4.0, and before; whatever is not a folder (a zip archive) is Spark's own.
    return not folder.is_dir() or (folder / "core").is_dir() or (folder / "context.py").is_file()


def missing_for_sail(installed: Callable[[str], str | None] = installed_version) -> str | None:
    """Return the first package that the pysail engine lacks; None if all are installed."""
    return next((package for package in SAIL if installed(package) is None), None)


def hidden(environ: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the first of our modules that PYTHONPATH hides behind another copy, and the folder; None if none.

    In the folder of another unpacked Spark, the packages have no version. In a folder they were installed into, they
    have a version other than ours.
    """
    for folder in filter(None, environ.get("PYTHONPATH", "").split(os.pathsep)):
        for module, package in MODULES.items():
            there = (Path(folder) / module / "__init__.py").is_file() or (Path(folder) / f"{module}.py").is_file()
            if there and _is_other(package, Path(folder)):
                return module, folder
    return None


def _is_other(package: str, folder: Path) -> bool:
    found = list(distributions(name=package))
    here = {one.version for one in found if Path(str(one.locate_file(""))).resolve() == folder.resolve()}
    return not here or bool({one.version for one in found} - here)
