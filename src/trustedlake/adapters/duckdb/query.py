"""SQL on published tables by DuckDB; the tables of the lake's state come as Arrow."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb
import pyarrow as pa
from pyarrow import dataset

from trustedlake.adapters.duckdb.query_errors import query_error
from trustedlake.adapters.duckdb.select_only import require_select
from trustedlake.adapters.parquet_columns import FileSystems
from trustedlake.core.cataloging.catalog_tables import current_name, current_query
from trustedlake.core.partition import partition_values
from trustedlake.core.table_schema import arrow_schema, without_zones
from trustedlake.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from trustedlake.core.state_tables import StateTable
    from trustedlake.models.published_table import PublishedTable


def arrow_dataset(table: PublishedTable, address: Callable[[str], str], systems: FileSystems) -> dataset.Dataset:
    """The table; nothing is read before someone scans it, and then only partitions that the scan asks for.

    `address` gives a key's absolute path, or `s3://bucket/key`.
    """
    files = [
        (address(file.key), partition_values(name))
        for name, published in table.partitions.items()
        for file in published
    ]
    return parquet_dataset(files, without_zones(arrow_schema(table.contract)), systems)


def parquet_dataset(
    files: Sequence[tuple[str, Mapping[str, object]]], schema: pa.Schema, systems: FileSystems
) -> dataset.Dataset:
    """Parquet files, by their addresses, each with what is known of all its rows: column -> value."""
    filesystem, paths = systems.readable([address for address, _ in files])
    return dataset.FileSystemDataset.from_paths(
        paths,
        schema=schema,
        format=dataset.ParquetFileFormat(),
        filesystem=filesystem,
        partitions=[_known(schema, values) for _, values in files],
    )


def arrow_table(rows: Iterable[Mapping[str, object]], schema: pa.Schema) -> pa.Table:
    """Rows as a table. Raises InputError for a value that no column holds: state files may say anything."""
    try:
        return pa.Table.from_pylist(list(rows), schema=schema)
    except (pa.ArrowException, OverflowError, UnicodeError) as error:
        raise InputError(
            f"the lake's state has a value that no table holds: {error}", hint="trustedlake audit looks at the state"
        ) from error


def _known(schema: pa.Schema, values: Mapping[str, object]) -> dataset.Expression:
    known = [
        dataset.field(name) == pa.scalar(value, schema.field(name).type)
        for name, value in values.items()
        if value is not None
    ]
    return reduce(and_, known) if known else dataset.scalar(True)


_T = TypeVar("_T")

_CHUNK = 1_000

_LOCKS = (
    "python_enable_replacements = false",
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "allow_community_extensions = false",
    "temp_directory = ''",
    "enable_external_access = false",
    "lock_configuration = true",
)
"""In this order: each of the last two refuses what comes after it. External access includes Parquet files, so the
tables are Python objects that were registered before."""


@dataclass(frozen=True, slots=True)
class Readable:
    """A table with what it takes to read it.

    Attributes:
        address: gives a key's absolute path, or `s3://bucket/key`.
        require_unchanged: raises RetriableError if a file of it is not what the ledger knows.
    """

    table: PublishedTable
    address: Callable[[str], str]
    require_unchanged: Callable[[], None]


@dataclass(frozen=True, slots=True)
class StateRows:
    """A table of the lake's state, read when a query names it.

    Attributes:
        rows: gives them, if they are not in `files`.
        files: Parquet files that have them, by address, with the values of the columns that the files lack.
        require_unchanged: as for published tables.
    """

    table: StateTable
    rows: Callable[[], Iterable[Mapping[str, object]]] = tuple
    files: tuple[tuple[str, Mapping[str, object]], ...] = ()
    require_unchanged: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class QueryResult:
    """What a query gives.

    Attributes:
        names: of its columns, each once: a second `n` is `n_1`.
        rows: as Python values, in batches as they are asked for. Reading them may raise as `ask` does.
    """

    names: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


class DuckDBQuery:
    """Published tables, and of those with ingestion dates a view `..._current`, to be asked in SQL."""

    def __init__(self, tables: Sequence[Readable], state: Sequence[StateRows] = ()) -> None:
        self._connection = duckdb.connect(":memory:")
        self._worker = ThreadPoolExecutor(1)
        self._systems = FileSystems()
        self._readable: dict[str, Readable] = {}
        for table in tables:
            self._add(table)
        # A table may have such a name, too; then it is the one that is asked.
        self._filled: set[str] = set()
        self._state = {one.table.name: one for one in state if one.table.name not in self._readable}
        for name, one in self._state.items():
            self._connection.register(name, one.table.schema.empty_table())
        for lock in _LOCKS:
            self._connection.execute(f"SET {lock}")

    @property
    def names(self) -> tuple[str, ...]:
        """Tables and views."""
        return (*self._readable, *self._state)

    def ask(self, sql: str) -> QueryResult:
        """The answer to one SELECT.

        Raises:
            ConfigError: the query is wrong, or does anything else than read the tables; the message shows the place.
            InputError: it asks for a table of which nothing is published.
            RetriableError: a published file was replaced or removed meanwhile.
            EngineError: DuckDB failed.
        """
        with self._errors():
            asked = require_select(self._connection, sql)
        read: list[Readable | StateRows] = [table for name, table in self._readable.items() if name in asked]
        read += [self._fill(name) for name in asked.intersection(self._state)]
        for table in read:
            table.require_unchanged()
        with self._errors(read):
            result = self._interruptible(self._connection.execute, sql)
        return QueryResult(_unique([column[0] for column in result.description or ()]), self._rows(result, read))

    def close(self) -> None:
        """Let all go."""
        self._worker.shutdown()
        self._connection.close()

    def _add(self, readable: Readable) -> None:
        contract = readable.table.contract
        self._connection.register(contract.table, arrow_dataset(readable.table, readable.address, self._systems))
        self._readable[contract.table] = readable
        if view := current_name(contract):
            self._connection.execute(f"CREATE VIEW {view} AS {current_query(contract, contract.table, _quoted)}")
            self._readable[view] = readable

    def _fill(self, name: str) -> StateRows:
        """Put the rows into a table of the state, once; a year of runs is read only for those who ask."""
        state = self._state[name]
        if name in self._filled:
            return state
        found = (
            parquet_dataset(state.files, state.table.schema, self._systems)
            if state.files
            else arrow_table(state.rows(), state.table.schema)
        )
        self._connection.unregister(name)
        self._connection.register(name, found)
        self._filled.add(name)
        return state

    def _rows(
        self, result: duckdb.DuckDBPyConnection, read: Sequence[Readable | StateRows]
    ) -> Iterator[tuple[Any, ...]]:
        while True:
            with self._errors(read):
                rows = self._interruptible(result.fetchmany, _CHUNK)
            if not rows:
                return
            yield from rows

    def _interruptible(self, work: Callable[..., _T], *arguments: object) -> _T:
        """Do the work in a thread: while DuckDB runs in it, the main thread still hears Ctrl-C."""
        future = self._worker.submit(work, *arguments)
        try:
            return future.result()
        except KeyboardInterrupt:
            self._connection.interrupt()
            future.exception()
            raise

    @contextmanager
    def _errors(self, read: Sequence[Readable | StateRows] = ()) -> Iterator[None]:
        """Turn DuckDB's errors into ours: it is no fault of the query if a file that it reads was replaced."""
        try:
            yield
        except duckdb.Error as error:
            for table in read:
                table.require_unchanged()
            raise query_error(error, self.names) from error


def _quoted(name: str) -> str:
    return f'"{name}"'


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    unique: list[str] = []
    for name in names:
        number, candidate = 0, name
        while candidate in unique:
            number += 1
            candidate = f"{name}_{number}"
        unique.append(candidate)
    return tuple(unique)
