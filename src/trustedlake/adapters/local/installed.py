"""Which packages are installed, told by their names: nothing is imported."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, distributions, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SAIL = ("pysail", "grpcio", "grpcio-status", "googleapis-common-protos", "zstandard")
"""The engine, and what pyspark's Connect client asks for, by which it is reached; pysail brings none of that."""


MODULES = {
    **{name: name for name in ("boto3", "botocore", "click", "duckdb", "numpy", "orjson", "pandas", "py4j", "pyarrow")},
    **{name: name for name in ("pydantic", "pysail", "pyspark", "requests", "rich")},
    "grpc": "grpcio",
}
"""Module -> the package that brings it; of what this package is built on."""


def installed_version(package: str) -> str | None:
    """The installed version of a package, None if there is none."""
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
    # Where it is since 4.0, and before; whatever is no folder (a zip archive) is Spark's own.
    return not folder.is_dir() or (folder / "core").is_dir() or (folder / "context.py").is_file()


def missing_for_sail(installed: Callable[[str], str | None] = installed_version) -> str | None:
    """The first package that the engine on pysail lacks; None if all are there."""
    return next((package for package in SAIL if installed(package) is None), None)


def hidden(environ: Mapping[str, str]) -> tuple[str, str] | None:
    """The first of our packages that PYTHONPATH hides behind another one, and the folder; None if it hides none.

    A folder that another Spark was unpacked into has its packages without saying their versions; one that they were
    installed into says another version than the installed one.
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
