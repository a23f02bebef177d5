"""The doctor's round: software first, then the lake. It runs where pyspark and pyarrow are not installed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trustedlake.adapters.checkup.folder import check_disk, check_lake
from trustedlake.adapters.checkup.software import check_software
from trustedlake.adapters.clock import SystemClock
from trustedlake.adapters.host import LocalHost
from trustedlake.app.doctor import Examined, check_state, pending_bytes
from trustedlake.app.trusted.run import new_run_id
from trustedlake.entrypoints import interrupt
from trustedlake.entrypoints.audited import places
from trustedlake.entrypoints.settings import Settings, environment
from trustedlake.errors import TrustedLakeError
from trustedlake.models.doctor import Check, CheckState, DoctorReport
from trustedlake.models.lake import Entity, Source

if TYPE_CHECKING:
    from collections.abc import Iterator


def examine(lake: str | None) -> DoctorReport:
    """Look at everything the main job needs, on this machine and in this lake (None: the default one)."""
    folder = Path(lake or Settings().lake).absolute()
    checks = (*check_software(environment()), *_lake(folder, asked=lake is not None))
    needed = any(check.required and check.state is CheckState.MISSING for check in checks)
    return DoctorReport(exit_code=int(needed), checks=checks)


def _lake(lake: Path, *, asked: bool) -> Iterator[Check]:
    clock = SystemClock()
    yield from check_lake(lake, asked=asked, now=clock.now())
    if not lake.is_dir():
        return
    try:
        run_id, host = new_run_id(clock), LocalHost()
        tables = [
            Examined(store, host, interrupt.deferred, paths, run_id)
            for store, paths in places(lake, list(Source), list(Entity), clock)
        ]
        yield from check_disk(lake, pending_bytes(tables))
        yield from check_state(tables)
    except TrustedLakeError as error:
        yield Check(name="lake", state=CheckState.MISSING, says=error.message, mend=error.hint)
