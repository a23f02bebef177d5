"""What DuckDB says of a query, as our errors: with the place, and what to do."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

import duckdb

from trustedlake.core.cataloging.views import current_name
from trustedlake.errors import ConfigError, EngineError, InputError, TrustedLakeError
from trustedlake.models.tables import CONTRACTS

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNKNOWN_TABLE = re.compile(r"Table with name (.+?) does not exist!")
_SUGGESTION = re.compile(r"\nDid you mean .*")
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
    """DuckDB's error as ours; `tables` are those that may be asked."""
    said = _CLASS.sub("", str(error)).strip()
    if unknown := _UNKNOWN_TABLE.match(said):
        return _unknown_table(unknown[1], _SUGGESTION.sub("", said), tables)
    if isinstance(error, duckdb.PermissionException):
        return ConfigError(f"a query reads the published tables only: {said}", hint=_hint(tables))
    if "pytz" in said:
        return ConfigError("a time with a time zone can't be shown", hint="cast it: now()::TIMESTAMP")
    if isinstance(error, duckdb.OutOfMemoryException):
        return EngineError(f"the query needs more memory than there is: {said}", hint="ask for fewer rows or columns")
    if isinstance(error, _WRONG_QUERY):
        return ConfigError(f"the query is wrong: {said}", hint=_hint(tables))
    return EngineError(
        f"DuckDB failed: {said}", hint="simplify the query; if that mends it, report the one that failed"
    )


def _unknown_table(name: str, said: str, tables: Sequence[str]) -> TrustedLakeError:
    lowered = name.rpartition(".")[2].casefold()
    for contract in CONTRACTS.values():
        if lowered in {contract.table, current_name(contract)}:
            source = "tmdb" if contract.table.startswith("tmdb") else "csv"
            return InputError(
                f"nothing of {contract.table} is published in this lake",
                hint=f"trustedlake to-trusted --source {source}",
            )
    close = get_close_matches(lowered, tables, n=1)
    meant = f"did you mean {close[0]}? " if close else ""
    return ConfigError(f"the query is wrong: {said}", hint=f"{meant}{_hint(tables)}")


def _hint(tables: Sequence[str]) -> str:
    return f"tables: {', '.join(tables)}; DESCRIBE {tables[0]} shows the columns of one"
