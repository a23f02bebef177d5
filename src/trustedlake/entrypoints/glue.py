"""An AWS Glue job: Raw to Trusted on the session that Glue made, as the job's arguments ask.

The job's script is `deploy/glue_job.py`. A run that is not well ends in an exception, so Glue shows it as FAILED.
"""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from trustedlake.app.events import tell
from trustedlake.app.trusted.options import Options
from trustedlake.entrypoints import cataloging, compose, lineage
from trustedlake.entrypoints.glue_arguments import read_arguments
from trustedlake.entrypoints.json_log import json_lines, tell_bug
from trustedlake.entrypoints.settings import Settings
from trustedlake.errors import TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import SparkSession

    from trustedlake.entrypoints.glue_arguments import GlueArguments
    from trustedlake.models.report import RunReport

LONGEST = 2000
"""Characters of a failed job's text; the whole is in the report and in the log."""

_LINE_END = re.compile(r"\s*\n\s*")


class JobFailedError(Exception):
    """The job's last word, which Glue shows as the run's error: exit code, what is wrong and what to do next."""

    def __init__(self, errors: Sequence[TrustedLakeError], exit_code: int) -> None:
        said = "; ".join(f"{error.message} (hint: {error.hint})" for error in errors)
        text = f"exit code {exit_code}: {_LINE_END.sub(' ', said)}"  # Glue shows one line
        super().__init__(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")
        self.errors = tuple(errors)
        self.exit_code = exit_code


def main(argv: Sequence[str]) -> RunReport:
    """Do what the arguments ask, and tell of it on stdout as lines of JSON.

    Args:
        argv: `sys.argv`; `trustedlake.entrypoints.glue_arguments` says what may be in it.

    Returns:
        The run's report, which also lies in the lake.

    Raises:
        JobFailedError: wrong arguments, nothing to read, a refused partition, a store or a catalog that refuses.
        Exception: a bug, or what Glue's own library raises. The log's last line tells of it too.
    """
    with json_lines():
        try:
            return _run(argv)
        except JobFailedError as failed:
            tell("job_failed", level=logging.ERROR, exit_code=failed.exit_code, message=str(failed))
            raise
        except BaseException as bug:
            tell_bug("job_failed", bug)
            raise


def _run(argv: Sequence[str]) -> RunReport:
    try:
        arguments, others = read_arguments(argv)
        tell("job_started", job=arguments.job_name, arguments_left_alone=others)
        spark, job = _glue(argv)
        report, errors = _work(spark, arguments)
    except TrustedLakeError as error:
        raise JobFailedError([error], error.exit_code) from error
    if errors:
        raise JobFailedError(errors, report.exit_code or errors[-1].exit_code)
    job.commit()
    tell("job_finished", job=arguments.job_name, run_id=report.run_id)
    return report


def _glue(argv: Sequence[str]) -> tuple[SparkSession, Any]:
    """The session that Glue made, and the job, begun as Glue's own scripts begin it."""
    from awsglue.context import GlueContext
    from awsglue.job import Job
    from awsglue.utils import getResolvedOptions
    from pyspark import SparkContext

    context = GlueContext(SparkContext.getOrCreate())
    glues = getResolvedOptions(list(argv), ["JOB_NAME"])
    job = Job(context)
    job.init(glues["JOB_NAME"], glues)
    return context.spark_session, job


def _work(spark: SparkSession, asked: GlueArguments) -> tuple[RunReport, list[TrustedLakeError]]:
    """Raw to Trusted, and into the catalog if that is asked for; what went wrong, if anything did."""
    from trustedlake.adapters.engines.spark import SessionEngine
    from trustedlake.entrypoints.library import errors_of, named_entity

    options = Options(
        max_rejected=asked.max_rejected,
        accept_unreadable=frozenset(asked.accept_unreadable),
        vanished=asked.vanished,
        strict=asked.strict,
        full_refresh=asked.full_refresh,
        dry_run=asked.dry_run,
    )
    place = compose.Place(asked.lake, asked.s3_input_path, asked.s3_target_path, asked.contracts)
    entity = asked.entity or named_entity(asked.s3_input_path, asked.s3_target_path)
    settings = Settings()
    with (
        lineage.observed(asked.openlineage, settings, option="--OPENLINEAGE") as observer,
        compose.home(place, engine=SessionEngine(spark), storage="direct", settings=settings) as home,
    ):
        tables = compose.Asked(asked.table) if asked.table else compose.Asked((), asked.source, entity)
        report = home.to_trusted(tables, options, asked.called, single_writer=asked.single_writer, observer=observer)
    errors = errors_of(report)
    if asked.database:
        try:
            _register(report, replace(place, lake=home.address), asked)
        except TrustedLakeError as error:
            errors.append(type(error)(f"published, but not registered: {error.message}", hint=error.hint))
    return report, errors


def _register(report: RunReport, lake: compose.Place, asked: GlueArguments) -> None:
    database = asked.database or ""
    registered = cataloging.register_run(report, lake, database, projection=asked.projection)
    for one in registered.tables if registered else ():
        fields = one.model_dump(mode="json", exclude={"location"})
        tell("registered", run_id=report.run_id, database=database, **fields)
