"""Turns DuckDB's errors about a query into ours, with the place and what to do."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

import duckdb

from trustedlake.core.cataloging.catalog_tables import current_name
from trustedlake.errors import ConfigError, EngineError, FatalRemoteError, InputError, RetriableError, TrustedLakeError
from trustedlake.models.built_in import CONTRACTS

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNKNOWN_TABLE = re.compile(r"Table with name (.+?) does not exist!")
_SUGGESTION = re.compile(r"\nDid you mean .*")
_STORE = re.compile(r"(When .*?AWS Error (\w+).*)", re.DOTALL)
_PASSING = {
    "NETWORK_CONNECTION",
    "SLOW_DOWN",
    "THROTTLING",
    "SERVICE_UNAVAILABLE",
    "INTERNAL_FAILURE",
    "REQUEST_TIMEOUT",
}
_CLASS = re.compile(r"\A(?:\w+ )+?Error: ")
_WRONG_QUERY = (
    duckdb.ParserException,
    duckdb.SyntaxException,
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ConversionException,
    duckdb.OutOfRangeException,
    duckdb.TypeMismatchException,
    duckdb.InvalidTypeException,
    duckdb.NotSupportedError,
)


def query_error(error: duckdb.Error, tables: Sequence[str]) -> TrustedLakeError:
    """Turn DuckDB's error into ours; `tables` are the tables that a query may use."""
    said = _CLASS.sub("", str(error)).strip()
    if known := _unknown_table(said, tables) or _refused_by_store(said):
        return known
    if isinstance(error, duckdb.PermissionException):
        return ConfigError(f"a query reads the published tables only: {said}", hint=_hint(tables))
    if "pytz" in said:
        return ConfigError("can't show a time with a time zone", hint="cast it: now()::TIMESTAMP")
    if isinstance(error, duckdb.OutOfMemoryException):
        return EngineError(
            f"the query needs more memory than is available: {said}", hint="ask for fewer rows or columns"
        )
    if isinstance(error, _WRONG_QUERY):
        return ConfigError(f"the query is wrong: {said}", hint=_hint(tables))
    return EngineError(f"DuckDB failed: {said}", hint="simplify the query; if that helps, report the one that failed")


def _refused_by_store(said: str) -> TrustedLakeError | None:
    """Build the error for a bucket's refusal that pyarrow met while DuckDB was reading."""
    found = _STORE.search(said)
    if found is None:
        return None
    kind = RetriableError if found[2] in _PASSING else FatalRemoteError
    return kind(
        f"a published file can't be read: {' '.join(found[1].split())}",
        hint="check the bucket with trustedlake doctor --lake, then run again",
    )


def _unknown_table(said: str, tables: Sequence[str]) -> TrustedLakeError | None:
    unknown = _UNKNOWN_TABLE.match(said)
    if unknown is None:
        return None
    lowered = unknown[1].rpartition(".")[2].casefold()
    for contract in CONTRACTS.values():
        if lowered in {contract.table, current_name(contract)}:
            source = "tmdb" if contract.table.startswith("tmdb") else "csv"
            return InputError(
                f"nothing of {contract.table} is published in this lake",
                hint=f"trustedlake to-trusted --source {source} publishes it; use the same --lake as this query",
            )
    close = get_close_matches(lowered, tables, n=1)
    meant = f"did you mean {close[0]}? " if close else ""
    return ConfigError(f"the query is wrong: {_SUGGESTION.sub('', said)}", hint=f"{meant}{_hint(tables)}")


def _hint(tables: Sequence[str]) -> str:
    return f"tables: {', '.join(tables)}; DESCRIBE {tables[0]} shows the columns"
