"""SQL on published tables with DuckDB; the tables of the lake's state are passed as Arrow."""

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
from trustedlake.adapters.parquet.parquet_columns import FileSystems
from trustedlake.core.cataloging.catalog_tables import current_name, current_query
from trustedlake.core.partition_name import partition_values
from trustedlake.core.table_schema import arrow_schema, without_zones
from trustedlake.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from trustedlake.core.state_tables import StateTable
    from trustedlake.models.ledger import PublishedTable


def arrow_dataset(table: PublishedTable, address: Callable[[str], str], systems: FileSystems) -> dataset.Dataset:
    """Return the table as a dataset; a scan reads only the partitions that it asks for.

    `address` turns a key into an absolute path, or into `s3://bucket/key`.
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
    """Return a dataset of Parquet files; a file has an address and, by column, the values that all its rows share."""
    filesystem, paths = systems.readable([address for address, _ in files])
    return dataset.FileSystemDataset.from_paths(
        paths,
        schema=schema,
        format=dataset.ParquetFileFormat(),
        filesystem=filesystem,
        partitions=[_known(schema, values) for _, values in files],
    )


def arrow_table(rows: Iterable[Mapping[str, object]], schema: pa.Schema) -> pa.Table:
    """Return rows as a table. Raises InputError for a value that no column can hold: state files may hold anything."""
    try:
        return pa.Table.from_pylist(list(rows), schema=schema)
    except (pa.ArrowException, OverflowError, UnicodeError) as error:
        raise InputError(
            f"the lake's state has a value that no column can hold: {error}",
            hint="trustedlake audit looks at the state",
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
"""The order matters: each of the last two forbids everything after it. External access includes Parquet files, so the
tables are Python objects that are registered before."""


@dataclass(frozen=True, slots=True)
class Readable:
    """A table with what is needed to read it.

    Attributes:
        address: turns a key into an absolute path, or into `s3://bucket/key`.
        require_unchanged: raises RetriableError if one of the table's files is not what the ledger says.
    """

    table: PublishedTable
    address: Callable[[str], str]
    require_unchanged: Callable[[], None]


@dataclass(frozen=True, slots=True)
class StateRows:
    """A table of the lake's state, read only when a query names it.

    Attributes:
        rows: returns the rows, if they are not in `files`.
        files: Parquet files with the rows: address, and values of the columns that the file lacks.
        late: columns that are in neither `rows` nor `files`, because they take long to find; read only when a query
            names one of them.
        late_rows: returns the late columns, with the columns that say which row they belong to.
        require_unchanged: as for published tables.
    """

    table: StateTable
    rows: Callable[[], Iterable[Mapping[str, object]]] = tuple
    files: tuple[tuple[str, Mapping[str, object]], ...] = ()
    late: frozenset[str] = frozenset()
    late_rows: Callable[[], Iterable[Mapping[str, object]]] = tuple
    require_unchanged: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The result of a query.

    Attributes:
        names: names of its columns, made unique: a second `n` is `n_1`.
        rows: as Python values, fetched in batches on demand. Reading them may raise the errors of `ask`.
    """

    names: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


class DuckDBQuery:
    """Published tables for SQL queries; a table with ingestion dates also has a view `..._current`."""

    def __init__(self, tables: Sequence[Readable], state: Sequence[StateRows] = ()) -> None:
        self._connection = duckdb.connect(":memory:")
        self._worker = ThreadPoolExecutor(1)
        self._systems = FileSystems()
        self._readable: dict[str, Readable] = {}
        for table in tables:
            self._add(table)
        # A published table with the same name hides the table of the state.
        self._filled: dict[str, bool] = {}  # name -> whether its late columns are loaded; see `_fill`
        self._state = {one.table.name: one for one in state if one.table.name not in self._readable}
        for name, one in self._state.items():
            self._connection.register(name, one.table.schema.empty_table())
        for lock in _LOCKS:
            self._connection.execute(f"SET {lock}")

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of tables and views."""
        return (*self._readable, *self._state)

    def ask(self, sql: str) -> QueryResult:
        """Answer one SELECT.

        Raises:
            ConfigError: the query is wrong, or does more than read the tables; the message shows the place.
            InputError: it names a table without published data.
            RetriableError: a published file was replaced or removed during the query.
            EngineError: DuckDB failed.
        """
        with self._errors():
            named = require_select(self._connection, sql)
        read: list[Readable | StateRows] = [table for name, table in self._readable.items() if name in named.tables]
        read += [self._fill(name, named.columns) for name in named.tables.intersection(self._state)]
        for table in read:
            table.require_unchanged()
        with self._errors(read):
            result = self._interruptible(self._connection.execute, sql)
        return QueryResult(_unique([column[0] for column in result.description or ()]), self._rows(result, read))

    def close(self) -> None:
        """Close everything."""
        self._worker.shutdown()
        self._connection.close()

    def _add(self, readable: Readable) -> None:
        contract = readable.table.contract
        self._connection.register(contract.table, arrow_dataset(readable.table, readable.address, self._systems))
        self._readable[contract.table] = readable
        if view := current_name(contract):
            self._connection.execute(f"CREATE VIEW {view} AS {current_query(contract, contract.table, _quoted)}")
            self._readable[view] = readable

    def _fill(self, name: str, columns: Collection[str]) -> StateRows:
        """Load the rows of a state table, once and only on demand: they may cover a year of runs."""
        state = self._state[name]
        late = bool(state.late) and not {*state.late, "*"}.isdisjoint(columns)
        if name in self._filled and (self._filled[name] or not late):
            return state
        schema = state.table.schema
        found = (
            parquet_dataset(state.files, schema, self._systems) if state.files else arrow_table(state.rows(), schema)
        )
        self._connection.unregister(name)
        self._connection.register(name, self._with_late(found, state) if late else found)
        self._filled[name] = late
        return state

    def _with_late(self, rows: dataset.Dataset | pa.Table, state: StateRows) -> pa.Table:
        """Return the rows with their late columns."""
        found = list(state.late_rows())
        if not found:
            return rows
        schema = state.table.schema
        places = [column for column in found[0] if column not in state.late]
        late = arrow_table(found, pa.schema([schema.field(name) for name in found[0]]))
        whole = rows.to_table() if isinstance(rows, dataset.Dataset) else rows
        order = pa.array(range(len(whole)))
        joined = whole.select(places).append_column("row", order).join(late, places).sort_by("row")  # lists can't join
        for name in sorted(state.late):
            whole = whole.set_column(whole.column_names.index(name), schema.field(name), joined.column(name))
        return whole

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
        """Run the work in a thread, so that the main thread can react to Ctrl-C while DuckDB runs."""
        future = self._worker.submit(work, *arguments)
        try:
            return future.result()
        except KeyboardInterrupt:
            self._connection.interrupt()
            future.exception()
            raise

    @contextmanager
    def _errors(self, read: Sequence[Readable | StateRows] = ()) -> Iterator[None]:
        """Turn DuckDB's errors into ours; if a file was replaced while we read it, report that instead."""
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
