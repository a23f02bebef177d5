"""The main use case: turn the raw files of one table into its Trusted and Quarantine partitions."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from trustedlake.app.publishing.ledger_file import load_ledger
from trustedlake.app.publishing.publish import StalePlanError, publish, recover
from trustedlake.app.publishing.sweep import staging_of, sweep
from trustedlake.app.trusted import gate
from trustedlake.app.trusted.column_drift import SeenColumns, find_gone, gone_sentences, null_sentences
from trustedlake.app.trusted.earlier_values import EarlierValues
from trustedlake.app.trusted.listing import NothingToReadError, lineage_path, list_raw
from trustedlake.app.trusted.partition_warnings import misread_advice, still_accepted
from trustedlake.app.trusted.plan import Plan, accepts, make_plan, refuse_lost_columns
from trustedlake.app.trusted.publish_plan import GatedPartition, make_publication
from trustedlake.app.trusted.table_report import idle_report, planned_report, published_report
from trustedlake.app.trusted.timings import Timings
from trustedlake.core.advice import about_renamed
from trustedlake.core.facts import REPLACED
from trustedlake.core.partition_name import canonical_twin, date_of
from trustedlake.errors import ConfigError, InputError, RetriableError
from trustedlake.models.lake import are_all_below, are_nested
from trustedlake.models.ledger import NULL, Ledger, Partition
from trustedlake.terminal import quoted, typed
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trustedlake.app.trusted.job import Job
    from trustedlake.app.trusted.listing import Listing
    from trustedlake.app.trusted.observed_table import ObservedTable
    from trustedlake.app.trusted.proof import StagedPartition
    from trustedlake.app.trusted.stage import Staged
    from trustedlake.models.report import TableReport

ATTEMPTS = 3
"""How often a run plans again when another run published first."""


def to_trusted(job: Job, observed: ObservedTable) -> TableReport:
    """Bring Trusted and Quarantine of one table up to date with Raw, and report what was done.

    A partition that fails its gate keeps its published rows; the others are published.

    Raises:
        TrustedLakeError: nothing was published; message and hint say why and what to do next.
    """
    timings = Timings(job.tools.clock)
    recovered = ""
    for _ in range(ATTEMPTS):
        if not job.options.dry_run:
            with timings.measure("publish"):
                recovered = recover(job, hear=_taken_over(job, observed)) or recovered
                for staging in sweep(job):
                    run_id, table = staging.split("/")[-2:]
                    observed.taken_over(run_id, table, published=False)
        try:
            report = _once(job, observed, timings)
        except StalePlanError:
            continue
        return report.model_copy(update={"recovered": recovered, "timings_s": timings.seconds})
    raise RetriableError(
        f"{job.contract.table}: another run published first, {ATTEMPTS} times in a row",
        hint="run again when it is done",
    )


def _once(job: Job, observed: ObservedTable, timings: Timings) -> TableReport:
    with timings.measure("list"):
        job.tools.progress("list")
        ledger, tag = load_ledger(job.store, job.paths, forgive=job.options.full_refresh)
        ledger = _with_inputs(job, ledger or Ledger(table=job.contract.table))
        listing = _listing(job, ledger)
        observed.listed(listed.file.key for listed in listing.files)
        refuse_lost_columns(job, ledger)
        plan = make_plan(job, listing, ledger)
        _refuse_unknown(job, plan)
        _refuse_strangers(job, listing)
    if job.options.dry_run:
        return planned_report(job, listing, plan, ledger)
    job.tell("planned", **_planned(plan))
    if plan.idle and set(plan.kept) == set(ledger.kept) and set(plan.beside) == set(ledger.beside):
        return idle_report(job, listing, plan, ledger)
    with staging_of(job):
        staged = _stage(job, plan, timings) if plan.judge else None
        judged = _pass_gates(job, staged.partitions, ledger) if staged else []
        observed.proved(judged)
        _refuse_nothing(job, judged, ledger)
        with timings.measure("publish"):
            job.tools.progress("publish", total=len(judged))
            publication = make_publication(job, plan, judged, ledger)
            after = publish(job, publication, ledger_before=tag)
    return published_report(job, listing, plan, judged, staged, before=ledger, after=after)


def _with_inputs(job: Job, ledger: Ledger) -> Ledger:
    """Update the ledger's inputs with those of this run; of two nested inputs, keep the wider one.

    Raises:
        ConfigError: neither the ledger's inputs nor these contain the other.
    """
    store, paths = job.store, job.paths
    inputs = tuple(sorted(lineage_path(store, paths, root) for root in paths.inputs))
    target = lineage_path(store, paths, paths.trusted)
    if not ledger.inputs or job.options.full_refresh:
        return ledger.model_copy(update={"inputs": inputs, "target": target})
    if not are_nested(inputs, ledger.inputs):
        raise ConfigError(
            f"the ledger of {ledger.table} was written for the input {', '.join(ledger.inputs)},"
            f" not {', '.join(inputs)} ({store.address(paths.ledger)})",
            hint="give all inputs of the table in one call, or --full-refresh to rebuild it from the new ones",
        )
    wider = inputs if are_all_below(ledger.inputs, inputs) else ledger.inputs
    return ledger.model_copy(update={"inputs": wider})


def _taken_over(job: Job, observed: ObservedTable) -> Callable[[str, bool], None]:
    """Make a callback that tells the observed table about a run whose publish was interrupted."""
    return lambda run_id, published: observed.taken_over(run_id, job.contract.table, published=published)


def _listing(job: Job, ledger: Ledger) -> Listing:
    """List the raw files. Raises NothingToReadError if there never were any, InputError if they are gone."""
    try:
        return list_raw(job.store, job.paths, job.raw_files)
    except NothingToReadError as error:
        if any(entry.raw for entry in ledger.partitions.values()):
            raise InputError(error.message, hint=error.hint) from error
        raise


def _refuse_nothing(job: Job, judged: Sequence[GatedPartition], ledger: Ledger) -> None:
    """Fail if all records belong to other tables and nothing of this table was ever published.

    Raises:
        NothingToReadError: other known tables take all records.
        InputError: no known table takes some of them.
    """
    facts = [file for one in judged for file in one.staged.facts]
    refused = any(one.refused for one in judged)
    own = any(one.staged.counts.own for one in judged) or any(file.problem is not None for file in facts)
    if refused or own or not facts or any(entry.counts.own or entry.refusal for entry in ledger.partitions.values()):
        return
    table, files = job.contract.table, [file for file in facts if file.untaken]
    if not files:
        readers = {number for file in facts for number in job.readers(file.path)}
        takers = [job.raw_files.others[number].table for number in sorted(readers)]
        raise NothingToReadError(
            f"no record of {table} in {len(facts)} file(s): other tables take them all ({', '.join(takers)})",
            hint=typed("to-trusted", *(part for name in takers for part in ("--table", name))),
        )
    count = sum(file.untaken for file in files)
    raise InputError(
        f"no record of {table}: {count} record(s) of {some(file.path for file in files)} are left to other tables, and"
        f" none takes them (the keys of one: {', '.join(files[0].untaken_keys)})",
        hint="is `where` in the contract right? write a contract for the others:"
        f" trustedlake contract init --from {quoted(files[0].path)} --table NAME",
    )


def _planned(plan: Plan) -> dict[str, int]:
    files = [listed.file.size for one in plan.judge for listed in one.files]
    return {
        "partitions": len(plan.judge),
        "files": len(files),
        "bytes": sum(files),
        "unchanged": len(plan.unchanged),
        "refused_before": len(plan.refused),
        "removed": len(plan.remove),
    }


def _stage(job: Job, plan: Plan, timings: Timings) -> Staged:
    # Imported here because it loads pyarrow and pyspark, which a run with nothing new does not need.
    from trustedlake.app.trusted.stage import stage  # noqa: PLC0415

    with job.store.workspace(job.staging) as folder:
        return stage(job, plan.judge, folder, timings)


def _pass_gates(job: Job, partitions: Sequence[StagedPartition], ledger: Ledger) -> list[GatedPartition]:
    """Return the partitions with their verdicts; a day is also measured by the columns of the run's earlier days."""
    known = seen = SeenColumns(ledger)
    earlier = EarlierValues(job, ledger)
    gated: dict[str, GatedPartition] = {}
    for one in sorted(partitions, key=lambda one: date_of(one.plan.name) or date.min):
        is_day = date_of(one.plan.name) is not None
        found = _pass_gate(job, one, ledger, seen if is_day else known, earlier)
        gated[one.plan.name] = found
        if is_day and found.refused is None:
            seen = seen.with_contents(one.contents)
            earlier.add(one)
    return [gated[one.plan.name] for one in partitions]


def _pass_gate(
    job: Job, staged: StagedPartition, ledger: Ledger, seen: SeenColumns, earlier: EarlierValues
) -> GatedPartition:
    replaced = staged.contents.reasons.get(REPLACED, 0)
    gone = find_gone(staged.facts, job.contract, seen.columns, partial(earlier.before, staged.plan.name))
    before = ledger.partitions.get(staged.plan.name, Partition())
    accepted = still_accepted(staged, job.contract, seen, gone, before=before, now=job.tools.clock.now())
    nulls = null_sentences(staged, job.contract, seen)
    verdict = gate.check(
        staged.counts.without_rejected(replaced),
        unreadable={
            file.path: file.told
            for file in staged.standing
            if file.told and not accepts(job, ledger, file.path, file.sha256)
        },
        readable=[file.path for file in staged.standing if not file.problem],
        rejected={
            file.path: staged.written[file.path].rejected for file in staged.standing if file.path in staged.written
        },
        missing=[
            *gone_sentences(((one, seen, accepted) for one in gone), job.contract),
            *(sentence for name, sentence in nulls.items() if f"{NULL}-{name}" not in accepted),
        ],
        max_rejected=job.max_rejected,
        strict=job.options.strict,
        advice=tuple(misread_advice(staged, job.contract).values()),
        renamed=tuple(dict.fromkeys(one.renamed for one in gone if one.renamed)),
        patch=about_renamed(job.contract.table, job.store.address(job.paths.lake)),
    )
    return GatedPartition(staged, verdict, seen, gone, accepted)


def _refuse_unknown(job: Job, plan: Plan) -> None:
    if plan.unknown and not job.options.full_refresh:
        raise InputError(
            f"{len(plan.unknown)} file(s) where {job.contract.table} is published are not in its ledger:"
            f" {some(info.key for info in plan.unknown)}{_twins(job, plan)}",
            hint="another job wrote them, or the ledger was lost: --full-refresh rebuilds the table from Raw"
            f" and moves them to {job.store.address(job.paths.state)}/replaced",
        )


def _twins(job: Job, plan: Plan) -> str:
    """Name folders such as `mes=6`, left by a job that read the partition columns back as integers."""
    folders = {info.key.rpartition("/")[0].removeprefix(f"{job.paths.trusted}/") for info in plan.unknown}
    twins = [
        f"{folder} beside {twin}"
        for folder in sorted(folders)
        if (twin := canonical_twin(folder, job.raw_files.partitioning.widths))
    ]
    return f"; twin partitions: {some(twins)}" if twins else ""


def _refuse_strangers(job: Job, listing: Listing) -> None:
    """Reject --accept-unreadable paths that are not raw files of this table."""
    strangers = job.options.accept_unreadable - {listed.file.path for listed in listing.files}
    if strangers:
        raise InputError(
            f"--accept-unreadable {sorted(strangers)[0]} is not there",
            hint="name it as the report does, for instance Raw/TMDB/JSON/Movies/2025/06/17/filmes_001.json",
        )
