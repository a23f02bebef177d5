"""Connect the adapters to the use cases. Only this module knows all of them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.local.host import LocalHost
from trustedlake.adapters.s3.meter import Meter
from trustedlake.app.trusted.job import Tools, silent
from trustedlake.core.partition_name import partition_values
from trustedlake.entrypoints import interrupt
from trustedlake.entrypoints.lake.address import Place, Roots, resolve, table_paths
from trustedlake.entrypoints.lake.engine_choice import ChosenEngine, LazySpark
from trustedlake.entrypoints.lake.lazy import LazyDirect, lazy_acceptor, lazy_framer, lazy_reader
from trustedlake.entrypoints.lake.open_store import (
    choose_storage,
    refuse_missing,
    refuse_no_lake,
    require_conditions,
    store_at,
)
from trustedlake.entrypoints.lake.registry import EVERYTHING, Asked, registry_at
from trustedlake.entrypoints.settings import Settings, environment
from trustedlake.errors import ConfigError
from trustedlake.models.lake import STATE, join
from trustedlake.models.status import PENDING_AFTER
from trustedlake.ports import UNOBSERVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import timedelta

    from trustedlake.adapters.s3.direct_store import DirectStore
    from trustedlake.adapters.spark.direct_engine import RunningSpark
    from trustedlake.app.quarantine import Quarantined, Wanted
    from trustedlake.app.trusted.job import Options, Progress
    from trustedlake.app.trusted.raw_zone import RawTable
    from trustedlake.entrypoints.lake.registry import Registry
    from trustedlake.models.audit import AuditReport
    from trustedlake.models.choices import EngineName, Lanes, StorageName
    from trustedlake.models.contract import Contract
    from trustedlake.models.ledger import Warned
    from trustedlake.models.overview import Overview
    from trustedlake.models.report import RunReport, Traffic
    from trustedlake.models.status import LakeStatus
    from trustedlake.models.untaken import UntakenPlace
    from trustedlake.ports import Clock, Engine, Framer, RunObserver

__all__ = ["Asked", "Home", "Place", "home"]


@dataclass(frozen=True, slots=True)
class Home:
    """An open lake with everything needed to work on it."""

    roots: Roots
    tools: Tools
    registry: Registry

    @property
    def address(self) -> str:
        """The lake's address, as in `--lake`."""
        return str(self.roots.root / self.roots.lake)

    @property
    def state(self) -> str:
        """Key of the lake's state folder."""
        return join(self.roots.lake, STATE)

    def to_trusted(
        self,
        asked: Asked,
        options: Options,
        command: str = "to_trusted",
        *,
        single_writer: bool = False,
        observer: RunObserver = UNOBSERVED,
    ) -> RunReport:
        """Bring tables up to date with Raw; `command` is what the report shows as the called command.

        `single_writer`: the user guarantees that no other run writes, so the store need not support conditional writes.
        `observer` receives the events of each table.

        Raises:
            ConfigError: there is no such table, or it is not clear which table the given folders belong to.
        """
        from trustedlake.app.trusted.run import run_tables

        if not options.dry_run:
            require_conditions(self.roots.root, self.roots.lake, self.tools.store, single_writer=single_writer)
        chosen = asked.contracts(self.registry)
        by_name = bool(asked.tables or asked.entity) or len(chosen) == 1
        if (self.roots.inputs or self.roots.target is not None) and len(chosen) > 1:
            raise ConfigError(
                "--input and --target are the folders of one table, but no table is given",
                hint="add --entity movies or --entity series, or --table NAME",
            )
        tops = self.tools.store.folders(self.roots.lake)
        tables = [(table_paths(self.roots, contract, tops), contract) for contract in chosen]
        tools = replace(self.tools, observer=observer)
        return run_tables(tools, tables, options, command, known=tuple(self.registry), all_asked=by_name)

    def audit(self, asked: Asked = EVERYTHING, *, fix: bool = False) -> AuditReport:
        """Prove the published files again, without the engine and without the code that framed."""
        from trustedlake.app.auditing.audit import audit
        from trustedlake.entrypoints.lake.open_tables import audited_tables

        known = tuple(self.registry)
        with audited_tables(*self._scope(asked), known=known, fix=fix) as (tables, fixing):
            return audit(tables, self.tools.clock, fixing=fixing, whole=asked == EVERYTHING)

    def status(self, asked: Asked = EVERYTHING, *, pending_after: timedelta = PENDING_AFTER) -> LakeStatus:
        """Summarize the lake, or only some of its tables; then without its last run.

        `pending_after`: how old a raw file may be that no run has processed, before it is reported as overdue.

        Raises:
            InputError: files are published, and all of them are gone.
        """
        from trustedlake.app.status import lake_status

        with self._tables(asked) as tables:
            found = lake_status(tables, whole=asked == EVERYTHING, pending_after=pending_after)
        return found if asked == EVERYTHING else found.model_copy(update={"last_run": None})

    def overview(self) -> Overview:
        """Collect everything that the lake's page shows."""
        from trustedlake.app.overview import lake_overview

        with self._tables() as tables:
            return lake_overview(self.address, self.tools.store, self.state, tables, self.tools.clock)

    @contextmanager
    def _tables(self, asked: Asked = EVERYTHING) -> Iterator[list[RawTable]]:
        """Open the store of each table asked for, with its folders and its raw files."""
        from trustedlake.app.trusted.raw_files import RawFiles
        from trustedlake.entrypoints.lake.open_tables import places

        known = {one.table: one for one in self.registry}
        contracts = tuple(known.values())
        with places(*self._scope(asked), known=contracts, elsewhere=True) as found:
            yield [(store, paths, RawFiles(known[paths.table], contracts)) for store, paths in found]

    def accept(self, table: str, partition: str, warning: str, why: str) -> dict[str, list[Warned]]:
        """Accept, and so close, warnings of published partitions; return those of each of them."""
        from trustedlake.app.accepting_warnings import accept_warning
        from trustedlake.app.trusted.job import Job, Options
        from trustedlake.app.trusted.run import new_run_id

        contract = self.registry.contract(table)
        paths = table_paths(self.roots, contract, self.tools.store.folders(self.roots.lake))
        job = Job(self.tools, paths, contract, Options(), new_run_id(self.tools.clock), tuple(self.registry))
        return accept_warning(job, partition, warning, why)

    def accept_untaken(self, path: str, why: str) -> tuple[UntakenPlace, ...]:
        """Accept files in Raw that no table takes: one file, those of a folder, or all (empty `path`)."""
        from trustedlake.app.accepting_warnings import accept_untaken

        with self._tables() as tables:
            return accept_untaken(tables, path, why)

    def refused(self, asked: Asked = EVERYTHING, wanted: Wanted | None = None) -> Iterator[Quarantined]:
        """Yield the refused records of the lake, or only those that `wanted` selects."""
        from trustedlake.adapters.parquet.parquet_rows import read_rows
        from trustedlake.app.quarantine import Wanted, refused_records
        from trustedlake.entrypoints.lake.open_tables import places

        with places(*self._scope(asked), known=tuple(self.registry)) as found:
            yield from refused_records(found, read_rows, wanted or Wanted())

    def with_corrections(self, records: Sequence[Quarantined]) -> list[Quarantined]:
        """Add to each rejected record the published row that has its key now."""
        from trustedlake.adapters.parquet.staged_findings import key_finders
        from trustedlake.app.quarantine import mark_corrected
        from trustedlake.entrypoints.lake.open_tables import places

        known = tuple(self.registry)
        with places(*self._scope(), known=known) as found:
            return mark_corrected(found, records, key_finders(known).get)

    def trusted_rows(self, table: str) -> Iterator[dict[str, object]]:
        """Yield the rows of a Trusted table, with its partition columns."""
        from trustedlake.adapters.parquet.parquet_rows import read_rows
        from trustedlake.app.publishing.ledger_file import load_ledger
        from trustedlake.entrypoints.lake.open_tables import places

        with places(*self._scope(), known=tuple(self.registry)) as found:
            store, paths = next(one for one in found if one[1].table == table)
            ledger, _ = load_ledger(store, paths)
            for name, entry in (ledger.partitions if ledger else {}).items():
                values = partition_values(name)
                for file in entry.trusted:
                    with store.local_file(file.key) as local:
                        for row in read_rows(local):
                            yield row | values

    def raw_bytes(self, address: str) -> bytes:
        """Read the exact bytes of the record at `path#index`."""
        from trustedlake.adapters.local.raw_record import exact_bytes
        from trustedlake.app.quarantine import raw_bytes
        from trustedlake.entrypoints.lake.open_tables import places

        with places(*self._scope(), known=tuple(self.registry)) as found:
            return raw_bytes(found, {one.table: one for one in self.registry}, address, exact_bytes)

    def _scope(self, asked: Asked = EVERYTHING) -> tuple[Roots, Sequence[Contract], Clock]:
        """Return the arguments of `places` for the tables asked for."""
        return self.roots, asked.contracts(self.registry), self.tools.clock


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
    given: Sequence[Contract] = (),
    settings: Settings | None = None,
    lanes: Lanes = "auto",
) -> Iterator[Home]:
    """Open the lake at `place`; unless the caller owns the engine, it starts when needed and stops at the end.

    `storage`: how to reach a bucket when something is judged (None: nothing is judged, or `staged`); with `direct`,
    the caller's `engine` must be a `RunningSpark`. We don't check whether the caller's engine can see the lake.
    `given`: contracts that the caller made in Python.
    `lanes`: `off`: the engine judges every record.
    `settings`: settings that were already read; None: read them.

    Raises:
        ConfigError, InputError: the place is wrong, or the requested options don't work together.
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
    registry = registry_at(roots, settings, clock, place.contracts, given)
    opened = store_at(roots, settings, clock, contracts=registry, direct=spark.direct, meter=meter)
    try:
        with opened as store, interrupt.terminated_like_interrupted():
            refuse_missing(roots, store)
            refuse_no_lake(roots, store, registry)
            used: Engine = engine or chosen
            own = engine is None
            two_lanes = not spark.direct and lanes != "off"
            framer: Framer = lazy_framer(store, workers=settings.workers, arrow=two_lanes, own_process=own)
            if spark.direct:
                running = cast("RunningSpark", engine or spark)
                bucket = cast("DirectStore", store)
                failing = spark.noticing_failure
                used = framer = LazyDirect(running, bucket, framer, reason=why, failing=failing, verbose=verbose)
            tools = Tools(
                store=store,
                engine=used,
                acceptor=lazy_acceptor(own_process=own) if two_lanes else None,
                stand_in=stand_in if engine else spark if spark.is_installed and not spark.direct else None,
                framer=framer,
                reader=lazy_reader(),
                host=LocalHost(),
                clock=clock,
                shield=interrupt.deferred,
                progress=progress,
                traffic=lambda: None if isinstance(roots.root, Path) else meter.traffic,
            )
            yield Home(roots, tools, registry)
    finally:
        chosen.stop()


def _heard_by(progress: Progress) -> Callable[[Traffic], None]:
    """Make a callback that reports network traffic to the progress."""

    def hear(seen: Traffic) -> None:
        progress("fetch", done=seen.fetched)
        progress("send", done=seen.sent)

    return hear
