"""Puts the adapters into the use cases: the one place that knows all of them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from trustedlake.adapters.clock import SystemClock
from trustedlake.adapters.host import LocalHost
from trustedlake.adapters.stores.meter import Meter
from trustedlake.app.trusted.tools import Tools, silent
from trustedlake.entrypoints import interrupt
from trustedlake.entrypoints.direct import LazyDirect
from trustedlake.entrypoints.engines import ChosenEngine, LazySpark
from trustedlake.entrypoints.lazy import LazyFramer, LazyReader
from trustedlake.entrypoints.places import Place, Roots, entities, resolve, table_paths
from trustedlake.entrypoints.settings import Settings, environment
from trustedlake.entrypoints.storage import choose_storage
from trustedlake.entrypoints.stores import existence, refuse_missing, require_conditions, store_at
from trustedlake.models.lake import STATE, Entity, Source, join
from trustedlake.models.tables import CONTRACTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trustedlake.adapters.engines.direct import RunningSpark
    from trustedlake.adapters.stores.s3_direct import DirectStore
    from trustedlake.app.trusted.options import Options
    from trustedlake.app.trusted.quarantine import Quarantined
    from trustedlake.app.trusted.tools import Progress
    from trustedlake.entrypoints.engines import EngineName
    from trustedlake.entrypoints.storage import StorageName
    from trustedlake.models.audit import AuditReport
    from trustedlake.models.report import RunReport, Traffic
    from trustedlake.ports import Clock, Engine, Framer

    Scope = tuple[Roots, list[Source], list[Entity], Clock]

__all__ = ["Home", "Place", "home"]


@dataclass(frozen=True, slots=True)
class Home:
    """A lake with everything that is needed to work on it."""

    roots: Roots
    tools: Tools

    @property
    def address(self) -> str:
        """The lake as `--lake` has it."""
        return str(self.roots.root / self.roots.lake)

    @property
    def state(self) -> str:
        """Key of the lake's state folder."""
        return join(self.roots.lake, STATE)

    def to_trusted(
        self,
        source: str,
        entity: str | None,
        options: Options,
        command: str = "to_trusted",
        *,
        single_writer: bool = False,
    ) -> RunReport:
        """Bring the tables of a source up to date with Raw; `command` is what the report says was called.

        `single_writer`: the user says that no other run writes, so the store need not keep conditions.
        """
        from trustedlake.app.trusted.run import run_tables

        if not options.dry_run:
            require_conditions(self.roots.root, self.roots.lake, self.tools.store, single_writer=single_writer)
        is_there = existence(self.roots.root, self.tools.store)
        chosen = entities(self.roots, Source(source), entity, is_there)
        paths = [table_paths(self.roots, Source(source), one) for one in chosen]
        tables = [(one, CONTRACTS[one.table]) for one in paths]
        return run_tables(self.tools, tables, options, command)

    def audit(self, source: str | None = None, entity: str | None = None, *, fix: bool = False) -> AuditReport:
        """Make the proof of what is published again, without the engine and the code that framed."""
        from trustedlake.app.auditing.audit import audit
        from trustedlake.entrypoints.audited import audited_tables

        with audited_tables(*self._scope(source, entity), fix=fix) as (tables, fixing):
            return audit(tables, self.tools.clock, fixing=fixing)

    def refused(self, source: str | None = None, entity: str | None = None) -> Iterator[Quarantined]:
        """The refused records of the lake."""
        from trustedlake.adapters.files.parquet_rows import read_rows
        from trustedlake.app.trusted.quarantine import refused_records
        from trustedlake.entrypoints.audited import places

        with places(*self._scope(source, entity)) as found:
            yield from refused_records(found, read_rows)

    def trusted_rows(self, table: str) -> Iterator[dict[str, object]]:
        """The rows of a Trusted table, with its partition columns."""
        from trustedlake.adapters.files.parquet_rows import read_rows
        from trustedlake.app.publishing.ledger_file import load_ledger
        from trustedlake.entrypoints.audited import places

        with places(*self._scope()) as found:
            store, paths = next(one for one in found if one[1].table == table)
            ledger, _ = load_ledger(store, paths)
            for name, entry in (ledger.partitions if ledger else {}).items():
                values = dict(part.split("=") for part in name.split("/") if part)
                for file in entry.trusted:
                    with store.local_file(file.key) as local:
                        for row in read_rows(local):
                            yield row | values

    def raw_bytes(self, address: str) -> bytes:
        """The exact bytes of the record at `path#index`."""
        from trustedlake.adapters.files.raw_record import exact_bytes
        from trustedlake.app.trusted.quarantine import raw_bytes
        from trustedlake.entrypoints.audited import places

        with places(*self._scope()) as found:
            return raw_bytes(found, address, exact_bytes)

    def _scope(self, source: str | None = None, entity: str | None = None) -> Scope:
        """Every table of the lake, or those of one source or entity."""
        sources = [Source(source)] if source else list(Source)
        chosen = [Entity(entity)] if entity else list(Entity)
        return self.roots, sources, chosen, self.tools.clock


@contextmanager
def home(
    place: Place,
    *,
    verbose: bool = False,
    progress: Progress = silent,
    engine: Engine | None = None,
    stand_in: Engine | None = None,
    engine_name: EngineName | None = None,
    storage: StorageName | None = None,
    settings: Settings | None = None,
) -> Iterator[Home]:
    """Open the lake at `place`; its engine, unless the caller owns it, is started when needed and stopped at the end.

    `storage` says how a bucket is reached when something is judged (None: nothing is, or `staged`); `direct` wants
    an `engine` of the caller's to be a `RunningSpark`. Where the caller's runs is not looked at.
    `settings`: those of the environment, if they were read already.

    Raises:
        ConfigError, InputError: the place is wrong, or what was asked for can't be had together.
    """
    settings = settings or Settings()
    roots = resolve(place, settings.lake)
    clock = SystemClock()
    spark = LazySpark(settings, environment(), verbose=verbose)
    asked = engine_name or settings.engine
    chosen = ChosenEngine(asked, spark, verbose=verbose)
    why = ""
    if storage is not None:
        judge, master = ("spark", None) if engine else (asked, spark.master)
        way, why = choose_storage(storage, roots.root, engine=judge, master=master)
        spark.direct = way == "direct"
    meter = Meter(_heard_by(progress))
    opened = store_at(roots, settings, clock, direct=spark.direct, meter=meter)
    try:
        with opened as store, interrupt.terminated_like_interrupted():
            refuse_missing(roots, store)
            used: Engine = engine or chosen
            framer: Framer = LazyFramer(store, workers=settings.workers)
            if spark.direct:
                running = cast("RunningSpark", engine or spark)
                bucket = cast("DirectStore", store)
                failing = spark.noticing_failure
                used = framer = LazyDirect(running, bucket, framer, reason=why, failing=failing, verbose=verbose)
            tools = Tools(
                store=store,
                engine=used,
                stand_in=None if spark.direct else stand_in if engine else spark,
                framer=framer,
                reader=LazyReader(),
                host=LocalHost(),
                clock=clock,
                shield=interrupt.deferred,
                progress=progress,
                traffic=lambda: None if isinstance(roots.root, Path) else meter.traffic,
            )
            yield Home(roots, tools)
    finally:
        chosen.stop()


def _heard_by(progress: Progress) -> Callable[[Traffic], None]:
    """Tells the progress what went over the wire."""

    def hear(seen: Traffic) -> None:
        progress("fetch", done=seen.fetched)
        progress("send", done=seen.sent)

    return hear
