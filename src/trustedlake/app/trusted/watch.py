"""Tells the run's observer of one table: when it began, what was proved, how it ended."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trustedlake.models.lake import join, raw_prefix
from trustedlake.models.ledger import Counts
from trustedlake.ports.observers import UNOBSERVED, Outcome, ProvenFile, ProvenPartition, TableRun

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustedlake.app.trusted.job import Job
    from trustedlake.app.trusted.publication import GatedPartition
    from trustedlake.models.lake import TablePaths
    from trustedlake.models.report import TableReport


class Watch:
    """One table in one run, as an observer is told of it. A dry run is not told of."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._folders = raw_folders(job.paths, job.contract.raw.path)
        paths, address = job.paths, job.store.address
        self._run = TableRun(
            run_id=job.run_id,
            contract=job.contract,
            at=job.tools.clock.now(),
            inputs=tuple(map(address, self._folders)),
            trusted=address(paths.trusted),
            quarantine=address(paths.quarantine),
        )
        self._proven: tuple[ProvenPartition, ...] = ()

    def planned(self, keys: Iterable[str]) -> None:
        """The table's raw files are known, by their keys."""
        if self._unheard:
            return
        found = dict.fromkeys(self._folder(key) for key in keys)
        inputs = tuple(folder for folder in self._run.inputs if folder in found)
        self._run = replace(self._run, inputs=inputs or self._run.inputs)
        self._began()

    def proved(self, judged: Iterable[GatedPartition]) -> None:
        """Partitions were judged, and what was written balances with what was read."""
        if not self._unheard:
            self._proven = tuple(self._partition(one) for one in judged)

    def ended(self, report: TableReport) -> None:
        """The table has its report."""
        why = report.message or "; ".join(part.message for part in report.partitions if part.status == "refused")
        outcome = Outcome.FAILED if report.exit_code else Outcome.COMPLETE
        self._end(self._run, outcome, why if report.exit_code else "", report)

    def broken_off(self, error: BaseException) -> None:
        """The run ends without a report of the table: interrupted, or by a bug."""
        outcome = Outcome.FAILED if isinstance(error, Exception) else Outcome.STOPPED
        self._end(self._run, outcome, f"broken off by {type(error).__name__}")  # its text may hold anything

    def taken_over(self, run_id: str, table: str, *, published: bool) -> None:
        """What a killed run left of a table was finished (`published`), or removed."""
        contract = next((one for one in (self._job.contract, *self._job.tables) if one.table == table), None)
        if contract is None or run_id == self._job.run_id:
            return
        ours = table == self._job.contract.table
        run = replace(self._run, run_id=run_id, contract=contract)
        if not ours:
            run = replace(run, inputs=(), trusted="", quarantine="")
        outcome = Outcome.COMPLETE if published else Outcome.STOPPED
        self._end(run, outcome, "" if published else "killed: nothing of it was published", began=True)

    @property
    def _unheard(self) -> bool:
        return self._job.options.dry_run or self._job.tools.observer is UNOBSERVED

    def _began(self) -> None:
        self._job.tools.observer.began(self._run)

    def _end(
        self,
        run: TableRun,
        outcome: Outcome,
        message: str,
        report: TableReport | None = None,
        *,
        began: bool = False,
    ) -> None:
        if self._unheard:
            return
        if not began:
            self._began()
        proven = self._proven if report else ()
        at = self._job.tools.clock.now()
        self._job.tools.observer.ended(
            replace(run, outcome=outcome, message=message, report=report, proven=proven, at=at)
        )

    def _folder(self, key: str) -> str:
        """Address of the raw folder that a file lies in: of several the innermost."""
        within = [folder for folder in self._folders if key.startswith(f"{folder}/" if folder else "")]
        return self._job.store.address(max(within, key=len, default=self._folders[0]))

    def _partition(self, one: GatedPartition) -> ProvenPartition:
        staged = one.staged
        keys = {listed.file.path: listed.file.key for listed in staged.plan.files}
        files = []
        for fact in staged.facts:
            found = staged.written.get(fact.path)
            trusted, rejected, duplicates = (found.trusted, found.rejected, found.duplicates) if found else (0, 0, 0)
            counts = Counts(
                framed=fact.records + fact.elsewhere,
                trusted=trusted,
                rejected=rejected,
                duplicates=duplicates,
                elsewhere=fact.elsewhere,
            )
            files.append(ProvenFile(fact.path, self._folder(keys[fact.path]), fact.size, counts, fact.told or ""))
        why = one.refused.message if one.refused else ""
        return ProvenPartition(staged.plan.name, why, tuple(files), staged.trusted, staged.quarantine)


def raw_folders(paths: TablePaths, templates: Iterable[str]) -> tuple[str, ...]:
    """Keys of the folders that the table's templates begin with, as they are written in the lake."""
    if paths.named:
        return paths.inputs
    found: dict[str, None] = {}
    for template in templates:
        wanted = join(paths.lake, *raw_prefix(template))
        for root in paths.inputs:
            if f"{wanted}/".casefold().startswith(f"{root}/".casefold()):
                found[root + wanted[len(root) :]] = None
    return tuple(found) or paths.inputs
