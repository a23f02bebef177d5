"""Runs as OpenLineage's events. Pure: the same run gives the same event, of the same run there, wherever it is made."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState

from trustedlake.adapters.lineage import facets
from trustedlake.ports.observers import ExtractionRun, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openlineage.client.facet_v2 import RunFacet

    from trustedlake.models.ledger import PublishedFile
    from trustedlake.ports.observers import Observed, TableRun

_STATES = {
    None: RunState.START,
    Outcome.COMPLETE: RunState.COMPLETE,
    Outcome.FAILED: RunState.FAIL,
    Outcome.STOPPED: RunState.ABORT,
}


def id_of(run: Observed) -> str:
    """The run's id there. It follows from what the lake knows, so another process can end a run that was killed."""
    which = run.folder if isinstance(run, ExtractionRun) else run.contract.table
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"trustedlake:{run.run_id}/{which}"))


def event_of(run: Observed, namespace: str) -> RunEvent:
    """The event of a run that begins, or of its end once it has an outcome; `namespace` is its job's."""
    return _of_extraction(run, namespace) if isinstance(run, ExtractionRun) else _of_table(run, namespace)


def _of_table(run: TableRun, namespace: str) -> RunEvent:
    report, contract = run.report, run.contract
    raw = [facets.dataset_of(address) for address in run.inputs]
    inputs = [
        InputDataset(*one, facets=facets.of_raw(contract), inputFacets=facets.of_files(one, run.proven)) for one in raw
    ]
    published = [part for part in run.proven if not part.refused]
    written = [file for part in published for file in part.trusted]
    refused = [file for part in published for file in part.quarantine]
    outputs = []
    if run.trusted:
        statistics = facets.of_written(written) if report else {}
        target = facets.dataset_of(run.trusted)
        outputs.append(OutputDataset(*target, facets=facets.of_trusted(contract, raw), outputFacets=statistics))
    if refused:
        outputs.append(_quarantine(run, refused))
    tags = {"run_id": run.run_id, "contract_version": contract.version}
    if report:
        tags |= {"status": report.status, "exit_code": report.exit_code}
    told = facets.of_run(run.message, tags, report.engine if report else "")
    return _event(run, namespace, f"to_trusted.{contract.table}", told, inputs, outputs)


def _quarantine(run: TableRun, files: Sequence[PublishedFile]) -> OutputDataset:
    where = facets.dataset_of(run.quarantine)
    return OutputDataset(*where, facets=facets.of_quarantine(run.contract), outputFacets=facets.of_written(files))


def _of_extraction(run: ExtractionRun, namespace: str) -> RunEvent:
    found = run.certificate
    listing = "/discover/movie" if found.query.entity == "movies" else "/discover/tv"
    host, _, path = found.tmdb.partition("://")[2].partition("/")
    source = InputDataset(f"{found.tmdb.partition('://')[0]}://{host}", f"/{path}{listing}".replace("//", "/"))
    statistics = facets.of_window(found) if run.outcome else {}
    target = OutputDataset(*facets.dataset_of(run.folder), outputFacets=statistics)
    tags: Mapping[str, object] = {"window": found.window, "status": str(found.status), "run": found.runs}
    told = facets.of_run(run.message, tags)
    return _event(run, namespace, f"ingest_tmdb.{found.query.entity}", told, [source], [target])


def _event(  # noqa: PLR0917 - one event
    run: Observed,
    namespace: str,
    job: str,
    told: dict[str, RunFacet],
    inputs: list[InputDataset],
    outputs: list[OutputDataset],
) -> RunEvent:
    return RunEvent(
        eventType=_STATES[run.outcome],
        eventTime=run.at.isoformat(),
        run=Run(runId=id_of(run), facets=told),
        job=Job(namespace=namespace, name=job, facets=facets.of_job("COMMAND")),
        inputs=inputs,
        outputs=outputs,
        producer=facets.PRODUCER,
    )
