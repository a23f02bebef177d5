"""The doctor: check the software, then the lake. It also works if pyspark and pyarrow are not installed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from trustedlake.adapters.doctor.folder import check_disk, check_lake
from trustedlake.adapters.doctor.software import check_software
from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.local.host import LocalHost
from trustedlake.app.doctor import Examined, check_raw_zone, check_state, pending_bytes, raw_zone
from trustedlake.app.trusted.raw_files import RawFiles
from trustedlake.app.trusted.run import new_run_id
from trustedlake.entrypoints import interrupt
from trustedlake.entrypoints.lake.address import Roots, folder, require_lake
from trustedlake.entrypoints.lake.open_store import bucket_store
from trustedlake.entrypoints.lake.open_tables import places
from trustedlake.entrypoints.lake.registry import registry_at
from trustedlake.entrypoints.settings import Settings, environment
from trustedlake.errors import ConfigError, InputError, TrustedLakeError
from trustedlake.models.doctor import Check, CheckState, DoctorReport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustedlake.entrypoints.lake.address import Folder
    from trustedlake.ports import Clock


def examine(lake: str | None) -> DoctorReport:
    """Check everything that the main job needs, on this machine and in this lake (None: the default one)."""
    settings = Settings()
    try:
        place = folder(lake or settings.lake)
        require_lake(place)
        checks = (*check_software(environment()), *_lake(place, settings, asked=lake is not None))
    except (ConfigError, InputError) as error:
        wrong = Check(name="lake", state=CheckState.MISSING, says=error.message, mend=error.hint)
        checks = (*check_software(environment()), wrong)
    needed = any(check.required and check.state is CheckState.MISSING for check in checks)
    return DoctorReport(exit_code=int(needed), checks=checks)


def _lake(lake: Folder, settings: Settings, *, asked: bool) -> Iterator[Check]:
    clock = SystemClock()
    if isinstance(lake, Path):
        yield from check_lake(lake, asked=asked, now=clock.now())
        if not lake.is_dir():
            return
    else:
        with closing(bucket_store(lake, settings, clock)) as store:
            from trustedlake.adapters.doctor.bucket import check_bucket

            seen = list(check_bucket(store, now=clock.now))
        yield from seen
        if seen[0].state is not CheckState.OK:
            return
    yield from _work(lake, clock)


def _work(lake: Folder, clock: Clock) -> Iterator[Check]:
    """Check waiting work, leftovers of earlier runs, and the disk space for the work."""
    try:
        run_id, host = new_run_id(clock), LocalHost()
        known = {one.table: one for one in registry_at(Roots(lake), Settings(), clock)}
        contracts = tuple(known.values())
        with places(Roots(lake), contracts, clock, known=contracts, elsewhere=True) as found:
            tables = [
                Examined(store, host, interrupt.deferred, paths, run_id, RawFiles(known[paths.table], contracts))
                for store, paths in found
            ]
            zone = raw_zone(tables)
            yield from check_disk(lake if isinstance(lake, Path) else None, pending_bytes(tables, zone))
            yield from check_state(tables)
            yield from check_raw_zone(tables, zone, str(lake))
    except TrustedLakeError as error:
        yield Check(name="lake", state=CheckState.MISSING, says=error.message, mend=error.hint)
