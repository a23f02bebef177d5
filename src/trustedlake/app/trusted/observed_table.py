"""Tell the run's observer about one table: when it began, what was proven, how it ended."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trustedlake.core.shared_points import why_refused
from trustedlake.models.lake import join, raw_prefix
from trustedlake.models.ledger import Counts
from trustedlake.ports.observers import UNOBSERVED, Outcome, ProvenFile, ProvenPartition, TableRun

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustedlake.app.trusted.job import Job
    from trustedlake.app.trusted.publish_plan import GatedPartition
    from trustedlake.models.lake import TablePaths
    from trustedlake.models.report import TableReport


class ObservedTable:
    """Reports one table of a run to the observer. Dry runs are not reported."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._folders = raw_folders(job.paths, job.contract.raw.path)
        paths, address = job.paths, job.store.address
        self._run = TableRun(
            run_id=job.run_id,
            contract=job.contract,
            at=job.tools.clock.now(),
            inputs=(),
            trusted=address(paths.trusted),
            quarantine=address(paths.quarantine),
        )
        self._proven: tuple[ProvenPartition, ...] = ()

    def listed(self, keys: Iterable[str]) -> None:
        """Report the keys of the table's raw files, which are known now."""
        if self._unheard:
            return
        found = {self._folder(key) for key in keys}
        inputs = tuple(folder for folder in map(self._job.store.address, self._folders) if folder in found)
        self._run = replace(self._run, inputs=inputs)
        self._began()

    def proved(self, judged: Iterable[GatedPartition]) -> None:
        """Remember the judged partitions; what was written balances with what was read."""
        if not self._unheard:
            self._proven = tuple(self._partition(one) for one in judged)

    def ended(self, report: TableReport) -> None:
        """Report that the table is done."""
        outcome = Outcome.FAILED if report.exit_code else Outcome.COMPLETE
        self._end(self._run, outcome, why_refused(report) if report.exit_code else "", report)

    def broken_off(self, error: BaseException) -> None:
        """Report that the run ended without a report of the table: interrupted, or because of a bug."""
        outcome = Outcome.FAILED if isinstance(error, Exception) else Outcome.STOPPED
        self._end(self._run, outcome, f"broken off by {type(error).__name__}")  # not its text, which may hold secrets

    def taken_over(self, run_id: str, table: str, *, published: bool) -> None:
        """Report that a killed run's work on a table was finished (`published`) or removed."""
        contract = next((one for one in (self._job.contract, *self._job.tables) if one.table == table), None)
        if contract is None or run_id == self._job.run_id:
            return
        ours = table == self._job.contract.table
        run = replace(self._run, run_id=run_id, contract=contract, inputs=())
        if not ours:
            run = replace(run, trusted="", quarantine="")
        outcome = Outcome.COMPLETE if published else Outcome.STOPPED
        self._end(run, outcome, "" if published else "killed: nothing from this run was published", began=True)

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
        """Return the address of the innermost raw folder that has the file."""
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
    """Return the keys of the first folders of the table's templates, spelled as in the lake."""
    if paths.named:
        return paths.inputs
    found: dict[str, None] = {}
    for template in templates:
        wanted = join(paths.lake, *raw_prefix(template))
        for root in paths.inputs:
            if f"{wanted}/".casefold().startswith(f"{root}/".casefold()):
                found[root + wanted[len(root) :]] = None
    return tuple(found) or paths.inputs
