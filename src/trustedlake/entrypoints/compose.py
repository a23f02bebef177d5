"""Puts the adapters into the use cases: the one place that knows all of them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustedlake.adapters.clock import SystemClock
from trustedlake.adapters.host import LocalHost
from trustedlake.app.trusted.tools import Tools, silent
from trustedlake.entrypoints import interrupt
from trustedlake.entrypoints.engines import ChosenEngine, LazySpark
from trustedlake.entrypoints.lazy import LazyFramer, LazyReader
from trustedlake.entrypoints.places import Place, Roots, entities, resolve, table_paths
from trustedlake.entrypoints.settings import Settings, environment
from trustedlake.entrypoints.stores import existence, refuse_missing, store_at
from trustedlake.models.lake import STATE, Entity, Source, TablePaths, join
from trustedlake.models.tables import CONTRACTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustedlake.app.trusted.options import Options
    from trustedlake.app.trusted.quarantine import Quarantined
    from trustedlake.app.trusted.tools import Progress
    from trustedlake.entrypoints.engines import EngineName
    from trustedlake.models.audit import AuditReport
    from trustedlake.models.report import RunReport
    from trustedlake.ports import Engine

__all__ = ["Home", "Place", "home"]


@dataclass(frozen=True, slots=True)
class Home:
    """A lake with everything that is needed to work on it."""

    roots: Roots
    tools: Tools

    @property
    def state(self) -> str:
        """Key of the lake's state folder."""
        return join(self.roots.lake, STATE)

    def to_trusted(self, source: str, entity: str | None, options: Options, command: str = "to_trusted") -> RunReport:
        """Bring the tables of a source up to date with Raw; `command` is what the report says was called."""
        from trustedlake.app.trusted.run import run_tables

        is_there = existence(self.roots.root, self.tools.store)
        chosen = entities(self.roots, Source(source), entity, is_there)
        paths = [table_paths(self.roots, Source(source), one) for one in chosen]
        tables = [(one, CONTRACTS[one.table]) for one in paths]
        return run_tables(self.tools, tables, options, command)

    def tables(self, source: str | None = None, entity: str | None = None) -> list[TablePaths]:
        """The folders of every table, or of those of one source or entity."""
        sources = [Source(source)] if source else list(Source)
        chosen = [Entity(entity)] if entity else list(Entity)
        return [table_paths(self.roots, one, other) for one in sources for other in chosen]

    def audit(self, source: str | None = None, entity: str | None = None, *, fix: bool = False) -> AuditReport:
        """Make the proof of what is published again, without the engine and the code that framed."""
        from trustedlake.app.auditing.audit import audit
        from trustedlake.entrypoints.audited import audited_tables

        sources = [Source(source)] if source else list(Source)
        chosen = [Entity(entity)] if entity else list(Entity)
        lake = self.roots.root / self.roots.lake
        with audited_tables(lake, sources, chosen, self.tools.clock) as tables:
            return audit(tables, self.tools.clock, fix=fix)

    def refused(self, source: str | None = None, entity: str | None = None) -> Iterator[Quarantined]:
        """The refused records of the lake."""
        from trustedlake.adapters.files.parquet_rows import read_rows
        from trustedlake.app.trusted.quarantine import refused_records

        return refused_records(self.tools.store, self.tables(source, entity), read_rows)

    def trusted_rows(self, table: str) -> Iterator[dict[str, object]]:
        """The rows of a Trusted table, with its partition columns."""
        from trustedlake.adapters.files.parquet_rows import read_rows
        from trustedlake.app.publishing.ledger_file import load_ledger

        paths = next(one for one in self.tables() if one.table == table)
        ledger, _ = load_ledger(self.tools.store, paths)
        for name, entry in (ledger.partitions if ledger else {}).items():
            values = dict(part.split("=") for part in name.split("/") if part)
            for file in entry.trusted:
                with self.tools.store.local_file(file.key) as local:
                    for row in read_rows(local):
                        yield row | values

    def raw_bytes(self, address: str) -> bytes:
        """The exact bytes of the record at `path#index`."""
        from trustedlake.adapters.files.raw_record import exact_bytes
        from trustedlake.app.trusted.quarantine import raw_bytes

        return raw_bytes(self.tools.store, self.tables(), address, exact_bytes)


@contextmanager
def home(
    place: Place,
    *,
    verbose: bool = False,
    progress: Progress = silent,
    engine: Engine | None = None,
    stand_in: Engine | None = None,
    engine_name: EngineName | None = None,
) -> Iterator[Home]:
    """Open the lake at `place`; its engine, unless the caller owns it, is started when needed and stopped at the end.

    Raises:
        ConfigError, InputError: the place is wrong.
    """
    settings = Settings()
    roots = resolve(place, settings.lake)
    clock = SystemClock()
    spark = LazySpark(settings, environment(), verbose=verbose)
    chosen = ChosenEngine(engine_name or settings.engine, spark, verbose=verbose)
    try:
        with store_at(roots.root, settings, clock, lake=roots.lake) as store, interrupt.terminated_like_interrupted():
            refuse_missing(roots, store)
            tools = Tools(
                store=store,
                engine=engine or chosen,
                stand_in=stand_in if engine else spark,
                framer=LazyFramer(store, workers=settings.workers),
                reader=LazyReader(),
                host=LocalHost(),
                clock=clock,
                shield=interrupt.deferred,
                progress=progress,
            )
            yield Home(roots, tools)
    finally:
        chosen.stop()
