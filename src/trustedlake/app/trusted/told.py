"""What a run tells of itself while it goes: each table's partitions when they are done, and the end."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from trustedlake.app.events import tell
from trustedlake.models.report import PartitionStatus

if TYPE_CHECKING:
    from trustedlake.models.report import PartitionReport, RunReport, TableReport

_LEFT_ALONE = {PartitionStatus.UNCHANGED, PartitionStatus.PLANNED}


def tell_table(run_id: str, table: TableReport) -> None:
    """Tell what became of the partitions of a table, but for those that were left alone, and of the table."""
    for part in table.partitions:
        if part.status not in _LEFT_ALONE:
            _tell_partition(run_id, table.table, part)
    level = logging.ERROR if table.status == "failed" else logging.WARNING if table.exit_code else logging.INFO
    tell(
        "table_finished",
        level=level,
        run_id=run_id,
        table=table.table,
        status=table.status,
        exit_code=table.exit_code,
        counts=table.counts.model_dump(),
        seconds=round(sum(table.timings_s.values()), 3),
        **_said(table.message, table.hint),
    )


def tell_end(run: RunReport) -> None:
    """Tell how the run ended."""
    level = logging.ERROR if run.exit_code else logging.INFO
    seconds = (run.finished - run.started).total_seconds()
    tell("run_finished", level=level, run_id=run.run_id, exit_code=run.exit_code, seconds=round(seconds, 3))


def _tell_partition(run_id: str, table: str, part: PartitionReport) -> None:
    refused = part.status is PartitionStatus.REFUSED
    tell(
        part.status.value,
        level=logging.WARNING if refused else logging.INFO,
        run_id=run_id,
        table=table,
        partition=part.partition,
        files=part.files,
        counts=part.counts.model_dump(),
        **({"reasons": part.reasons} if part.reasons else {}),
        **(_said(part.message, part.hint) if refused else {}),
    )


def _said(message: str, hint: str) -> dict[str, str]:
    return {"message": message, "hint": hint} if message else {}
