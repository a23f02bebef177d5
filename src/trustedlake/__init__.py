"""Turn the Raw zone of a data lake (JSON and CSV) into typed, partitioned, proven Parquet.

Public names are loaded on first use, so that each part runs even if the dependencies of the
other parts are not installed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustedlake.core.judging.digest import digest
    from trustedlake.core.judging.schema import to_columns
    from trustedlake.core.judging.verdict import Judged, judge
    from trustedlake.entrypoints.library import read_records, status, to_trusted
    from trustedlake.errors import (
        BusyError,
        ConfigError,
        ConflictError,
        EngineError,
        FatalRemoteError,
        ImbalanceError,
        InputError,
        MissingExtraError,
        QualityGateError,
        RetriableError,
        TrustedLakeError,
    )
    from trustedlake.models.built_in import CONTRACTS
    from trustedlake.models.column import Column
    from trustedlake.models.contract import Contract, Duplicates
    from trustedlake.models.raw import Dialect, Raw, RawFormat

__all__ = [
    "CONTRACTS",
    "BusyError",
    "Column",
    "ConfigError",
    "ConflictError",
    "Contract",
    "Dialect",
    "Duplicates",
    "EngineError",
    "FatalRemoteError",
    "ImbalanceError",
    "InputError",
    "Judged",
    "MissingExtraError",
    "QualityGateError",
    "Raw",
    "RawFormat",
    "RetriableError",
    "TrustedLakeError",
    "__version__",
    "digest",
    "judge",
    "read_records",
    "status",
    "to_columns",
    "to_trusted",
]

__version__ = "0.1.0"

_HOMES = {
    "CONTRACTS": "trustedlake.models.built_in",
    "Column": "trustedlake.models.column",
    "Contract": "trustedlake.models.contract",
    "Dialect": "trustedlake.models.raw",
    "Duplicates": "trustedlake.models.contract",
    "Judged": "trustedlake.core.judging.verdict",
    **{name: "trustedlake.errors" for name in __all__ if name.endswith("Error")},
    "Raw": "trustedlake.models.raw",
    "RawFormat": "trustedlake.models.raw",
    "digest": "trustedlake.core.judging.digest",
    "judge": "trustedlake.core.judging.verdict",
    "read_records": "trustedlake.entrypoints.library",
    "status": "trustedlake.entrypoints.library",
    "to_columns": "trustedlake.core.judging.schema",
    "to_trusted": "trustedlake.entrypoints.library",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
