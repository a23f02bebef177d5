"""What events say about a table: its columns, where their values come from, and how its raw files balance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openlineage.client.facet_v2 import (
    JobFacet,
    RunFacet,
    column_lineage_dataset,
    data_quality_assertions_dataset,
    data_quality_metrics_input_dataset,
    documentation_dataset,
    error_message_run,
    job_type_job,
    output_statistics_output_dataset,
    processing_engine_run,
    schema_dataset,
    tags_run,
)

import trustedlake
from trustedlake.core.table_schema import QUARANTINE, partition_columns, trusted_columns
from trustedlake.types.source_path import MEMBER_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from openlineage.client.facet_v2 import DatasetFacet, InputDatasetFacet, OutputDatasetFacet

    from trustedlake.core.table_schema import TableColumn
    from trustedlake.models.column import Column
    from trustedlake.models.contract import Contract
    from trustedlake.models.ingest import Certificate
    from trustedlake.models.ledger import PublishedFile
    from trustedlake.ports.observers import ProvenFile, ProvenPartition

Dataset = tuple[str, str]
"""Namespace and name."""

PRODUCER = f"pkg:pypi/trustedlake@{trustedlake.__version__}"
"""The producer of the events, as a package URL."""

MOST_FILES = 1_000
"""One event lists the balance of at most this many files; files that did not balance come first."""

_FIELD = schema_dataset.SchemaDatasetFacetFields


def dataset_of(address: str) -> Dataset:
    """Return a folder's namespace and name, by OpenLineage's naming rules."""
    scheme, mark, rest = address.partition("://")
    if not mark:
        return "file", address
    place, _, key = rest.partition("/")
    return f"{scheme}://{place}", key or "/"


def of_trusted(contract: Contract, raw: Sequence[Dataset]) -> dict[str, DatasetFacet]:
    """Return schema and description of a table, and its column lineage if its raw folders are known."""
    facets: dict[str, DatasetFacet] = {"schema": _schema_of(contract, trusted_columns(contract))}
    if raw:
        facets["columnLineage"] = _column_lineage(contract, raw)
    if contract.description:
        facets["documentation"] = documentation_dataset.DocumentationDatasetFacet(
            description=contract.description, producer=PRODUCER
        )
    return facets


def of_quarantine(contract: Contract) -> dict[str, DatasetFacet]:
    """Return the schema of refused records."""
    return {"schema": _schema_of(contract, QUARANTINE)}


def of_raw(contract: Contract) -> dict[str, DatasetFacet]:
    """Return the keys that the contract reads from a table's raw files, spelled as in its sources."""
    keys = dict.fromkeys(path for column in contract.columns for path in _paths(column))
    return {"schema": _schema([_FIELD(name=path) for path in [*keys, *_filters(contract, keys)]])}


def of_files(folder: Dataset, partitions: Iterable[ProvenPartition]) -> dict[str, InputDatasetFacet]:
    """Return how the raw files of a folder balance, and whether their partitions passed the gate."""
    files, gates = [], []
    for partition in partitions:
        own = [file for file in partition.files if dataset_of(file.folder) == folder]
        files += own
        if own:
            gates.append(
                data_quality_assertions_dataset.Assertion(
                    assertion="gate",
                    success=not partition.refused,
                    severity="error",
                    name=partition.name or "the whole table",
                    description=partition.refused or "the partition is published",
                )
            )
    if not files:
        return {}
    return {
        "dataQualityMetrics": data_quality_metrics_input_dataset.DataQualityMetricsInputDatasetFacet(
            columnMetrics={},
            rowCount=sum(file.counts.framed for file in files),
            bytes=sum(file.size for file in files),
            fileCount=len(files),
            producer=PRODUCER,
        ),
        "dataQualityAssertions": data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(
            assertions=[*gates, *_balances(files)], producer=PRODUCER
        ),
    }


def of_written(files: Sequence[PublishedFile]) -> dict[str, OutputDatasetFacet]:
    """Return statistics of what a run wrote to a table."""
    return _statistics(sum(file.rows for file in files), sum(file.size for file in files), len(files))


def of_window(certificate: Certificate) -> dict[str, OutputDatasetFacet]:
    """Return statistics of what Raw holds of a window, from all its runs."""
    return _statistics(certificate.got, certificate.size, len(certificate.files))


def of_run(message: str, tags: Mapping[str, object], engine: str = "") -> dict[str, RunFacet]:
    """Return tags that identify the run, the engine that judged, and what went wrong."""
    name, _, version = engine.rpartition(" ")
    facets: dict[str, RunFacet] = {
        "tags": tags_run.TagsRunFacet(
            tags=[
                tags_run.TagsRunFacetFields(key=key, value=str(value), source="TRUSTEDLAKE")
                for key, value in tags.items()
                if value != ""
            ],
            producer=PRODUCER,
        ),
        "processing_engine": processing_engine_run.ProcessingEngineRunFacet(
            name=name or "trustedlake", version=version if name else trustedlake.__version__, producer=PRODUCER
        ),
    }
    if message:
        facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(
            message=message, programmingLanguage="PYTHON", producer=PRODUCER
        )
    return facets


def of_job(kind: str) -> dict[str, JobFacet]:
    """Return the kind of job."""
    return {
        "jobType": job_type_job.JobTypeJobFacet(
            processingType="BATCH", integration="TRUSTEDLAKE", jobType=kind, producer=PRODUCER
        )
    }


def _statistics(rows: int, size: int, files: int) -> dict[str, OutputDatasetFacet]:
    return {
        "outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
            rowCount=rows, size=size, fileCount=files, producer=PRODUCER
        )
    }


def _schema_of(contract: Contract, columns: Sequence[TableColumn]) -> schema_dataset.SchemaDatasetFacet:
    """Describe the columns of a published table, then its partition columns, with the types of its Parquet files."""
    whole = (*columns, *partition_columns(contract))
    return _schema([_FIELD(name=one.name, type=one.type, description=one.comment or None) for one in whole])


def _schema(fields: list[schema_dataset.SchemaDatasetFacetFields]) -> schema_dataset.SchemaDatasetFacet:
    return schema_dataset.SchemaDatasetFacet(fields=fields, producer=PRODUCER)


def _column_lineage(contract: Contract, raw: Sequence[Dataset]) -> column_lineage_dataset.ColumnLineageDatasetFacet:
    fields = {
        column.name: column_lineage_dataset.Fields(
            inputFields=_inputs(raw, _paths(column), "DIRECT", "TRANSFORMATION", f"typed as {column.type}")
        )
        for column in contract.columns
    }
    whole = _inputs(raw, _filters(contract, ()), "INDIRECT", "FILTER", "which records are this table's")
    return column_lineage_dataset.ColumnLineageDatasetFacet(fields=fields, dataset=whole, producer=PRODUCER)


def _inputs(
    raw: Sequence[Dataset], paths: Iterable[str], kind: str, subtype: str, description: str
) -> list[column_lineage_dataset.InputField]:
    how = column_lineage_dataset.Transformation(type=kind, subtype=subtype, description=description, masking=False)
    return [
        column_lineage_dataset.InputField(namespace=namespace, name=name, field=path, transformations=[how])
        for path in paths
        for namespace, name in raw
    ]


def _paths(column: Column) -> tuple[str, ...]:
    """Return the sources of a column, without the member name of a record, which is not a value."""
    return tuple(path for path in column.paths if path != MEMBER_NAME)


def _filters(contract: Contract, known: Iterable[str]) -> list[str]:
    """Return the keys that decide whether a record belongs to the table, without the known ones."""
    return [key for key in dict.fromkeys((*contract.raw.where, *contract.raw.one_of)) if key not in set(known)]


def _balances(files: Sequence[ProvenFile]) -> list[data_quality_assertions_dataset.Assertion]:
    """Return one assertion per file: framed = written. If there are too many, the last assertion sums up the rest."""
    ranked = sorted(files, key=lambda file: not file.problem)
    told, rest = ranked[:MOST_FILES], ranked[MOST_FILES:]
    balances = [_balance(file) for file in told]
    if rest:
        balances.append(
            data_quality_assertions_dataset.Assertion(
                assertion="balance", success=not rest[0].problem, name=f"{len(rest)} more files"
            )
        )
    return balances


def _balance(file: ProvenFile) -> data_quality_assertions_dataset.Assertion:
    counts = file.counts
    written = counts.trusted + counts.rejected + counts.duplicates + counts.elsewhere
    return data_quality_assertions_dataset.Assertion(
        assertion="balance",
        success=not file.problem and written == counts.framed,
        severity="error",
        name=file.path,
        description=file.problem or "framed = trusted + rejected + duplicates + elsewhere",
        expected=str(counts.framed),
        actual=str(written),
        params=counts.model_dump(),
    )
