"""Opens the published tables of a lake to be asked in SQL."""

from __future__ import annotations

from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from trustedlake.adapters.clock import SystemClock
from trustedlake.app.querying.published import published_table, require_unchanged
from trustedlake.entrypoints import interrupt
from trustedlake.entrypoints.audited import places
from trustedlake.entrypoints.contracts import registry_at
from trustedlake.entrypoints.places import Roots, place_of, resolve
from trustedlake.entrypoints.settings import Settings
from trustedlake.entrypoints.stores import refuse_missing
from trustedlake.errors import InputError, MissingExtraError
from trustedlake.text import typed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustedlake.adapters.query.duckdb_query import DuckDBQuery
    from trustedlake.entrypoints.places import Place
    from trustedlake.models.published import PublishedTable
    from trustedlake.ports import ObjectStore

_NEEDED = {"duckdb", "pyarrow"}


@contextmanager
def published_tables(lake: str | Place | None) -> Iterator[list[tuple[ObjectStore, PublishedTable]]]:
    """The tables of the lake of which something is published, each with its store.

    Raises:
        InputError: no such lake, or nothing is published in it.
    """
    settings, clock, place = Settings(), SystemClock(), place_of(lake)
    roots = resolve(place, settings.lake)
    folder = roots.root / roots.lake
    known = {one.table: one for one in registry_at(roots, settings, clock, place.contracts)}
    with places(roots, tuple(known.values()), clock, known=tuple(known.values())) as found:
        opened = [(store, published_table(store, paths, known[paths.table])) for store, paths in found]
        tables = [(store, table) for store, table in opened if table is not None]
        if not tables:
            refuse_missing(Roots(folder), found[0][0])
            raise InputError(
                f"nothing is published in {folder}",
                hint=f"{typed('to-trusted', '--source', 'tmdb', lake=folder)}    (Raw to Trusted)",
            )
        yield tables


@contextmanager
def querying(lake: str | Place | None) -> Iterator[DuckDBQuery]:
    """The lake's published tables, to be asked.

    Raises:
        MissingExtraError: duckdb or pyarrow is not installed.
        InputError: no such lake, or nothing is published in it.
    """
    try:
        from trustedlake.adapters.query.duckdb_query import DuckDBQuery, Readable
    except ModuleNotFoundError as error:
        if error.name not in _NEEDED:
            raise
        raise MissingExtraError(str(error.name), extra="query") from error
    with interrupt.terminated_like_interrupted(), published_tables(lake) as tables:
        readable = [Readable(table, store.address, partial(require_unchanged, store, table)) for store, table in tables]
        with closing(DuckDBQuery(readable)) as query:
            yield query
