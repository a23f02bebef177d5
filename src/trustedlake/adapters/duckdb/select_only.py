"""Allows one SELECT, and nothing that writes, reads a file or changes a setting.

DuckDB's own settings forbid most of that while the query runs, but they allow a few things: pointers into memory
(`arrow_scan`), SQL in a string (`query`), writes inside a WITH. So we also check the query as DuckDB parsed it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from duckdb import StatementType

from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

TABLE_FUNCTIONS = {"generate_series", "json_each", "json_tree", "range", "repeat", "unnest"}
"""Functions in FROM that build rows only from their arguments."""

_READING = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
_HINT = "write one SELECT (or WITH, FROM, VALUES, DESCRIBE, SUMMARIZE, SHOW TABLES)"


class Named(NamedTuple):
    """What a query names, in lower case.

    Attributes:
        tables: the possible names of tables.
        columns: the possible names of columns, without their table; `*` if it asks for all columns of something.
    """

    tables: frozenset[str]
    columns: frozenset[str]


def require_select(connection: DuckDBPyConnection, sql: str) -> Named:
    """Check that the query only reads tables; return what it names.

    Raises:
        ConfigError: the query does more than that.
        duckdb.Error: it is not valid SQL.
    """
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise ConfigError(f"a query is one statement, not {len(statements)}", hint=_HINT)
    if statements[0].type != StatementType.SELECT:
        raise ConfigError(f"a query only reads: {_kind(statements[0].type)} is refused", hint=_HINT)
    ((parsed,),) = connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()  # fetch all, to finish it
    tables, aliases, columns = set(), set(), set()
    for node in _nodes(_tree(parsed)):
        kind = node.get("type")
        if isinstance(kind, str) and kind.endswith("_NODE") and kind not in _READING:
            raise ConfigError(f"a query only reads: {kind.partition('_')[0]} is refused", hint=_HINT)
        if kind == "TABLE_FUNCTION":
            _require_harmless(node["function"])
        if kind == "BASE_TABLE":
            tables.add(str(node["table_name"]).lower())
            aliases.add(str(node["alias"] or node["table_name"]).lower())
        if kind == "COLUMN_REF":
            columns.add(str(node["column_names"][-1]).lower())
        if kind == "STAR":
            columns.add("*")
    # The name of a table as a column is the whole row.
    return Named(frozenset(tables), frozenset(columns | ({"*"} if columns & aliases else set())))


def _require_harmless(function: dict[str, Any]) -> None:
    name = str(function.get("function_name", "?")).lower()
    if name not in TABLE_FUNCTIONS:
        raise ConfigError(
            f"a query reads the published tables only: {name}(...) is refused",
            hint=f"FROM may have tables and {', '.join(sorted(TABLE_FUNCTIONS))}; SHOW TABLES lists the tables",
        )


def _kind(kind: StatementType) -> str:
    return str(kind).rpartition(".")[2]


def _tree(parsed: str) -> dict[str, Any]:
    try:
        tree: dict[str, Any] = json.loads(parsed)
    except RecursionError as error:
        raise ConfigError("the query is nested too deeply", hint="split it with WITH") from error
    if tree.get("error", True):
        raise ConfigError(f"can't parse the query: {tree.get('error_message')}", hint=_HINT)
    return tree


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - JSON
    """Yield all objects of the tree."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
