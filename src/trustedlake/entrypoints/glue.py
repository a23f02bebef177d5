"""An AWS Glue job: Raw to Trusted on the session that Glue made, as the job's arguments say.

The job's script is `deploy/glue_job.py`. A failed or refused run ends in an exception, so Glue shows it as FAILED.
"""

from __future__ import annotations

import logging
import re
import shlex
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from trustedlake.app.log import tell
from trustedlake.app.trusted.job import Options
from trustedlake.entrypoints.json_log import json_lines, tell_bug
from trustedlake.entrypoints.lake import compose
from trustedlake.entrypoints.settings import Settings
from trustedlake.entrypoints.wiring import lake_catalog, openlineage_receiver
from trustedlake.errors import ConfigError, TrustedLakeError
from trustedlake.models.choices import EntityName, OnVanished, SourceName  # noqa: TC001 - pydantic reads annotations at run time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyspark.sql import SparkSession

    from trustedlake.models.report import RunReport


GLUES_OWN = {"JOB_ID", "JOB_RUN_ID", "WORKFLOW_NAME", "WORKFLOW_RUN_ID", "SECURITY_CONFIGURATION", "TEMPDIR"}
"""Arguments that Glue adds by itself and that could look like misspelled arguments of this job."""

_ALIKE = 0.75


class GlueArguments(BaseModel):
    """The job's arguments; the fields are the arguments' names in lower case.

    Attributes:
        s3_input_path: folders of the raw files, separated by commas.
        s3_target_path: folder of the Trusted table.
        table: names of tables, separated by commas, instead of source and entity.
        contracts: files and folders of contracts, separated by commas, in addition to the lake's own.
        lake: the lake; if input and target have paths of their own, it says where the state is kept.
        accept_unreadable: raw files, separated by commas.
        database: register the published tables in this database of the Glue Data Catalog.
        openlineage: address to send OpenLineage events to; `--additional-python-modules` installs its client.
        projection: register tables with partition projection (true) or each partition (false); None: leave as it is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    job_name: str
    s3_input_path: tuple[str, ...] = ()
    s3_target_path: str | None = None
    lake: str | None = None
    table: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()
    source: SourceName = "tmdb"
    entity: EntityName | None = None
    max_rejected: float | None = Field(default=None, ge=0, le=1)
    accept_unreadable: tuple[str, ...] = ()
    vanished: OnVanished = "fail"
    strict: bool = False
    full_refresh: bool = False
    dry_run: bool = False
    single_writer: bool = False
    database: str | None = None
    projection: bool | None = None
    openlineage: str | None = None

    @property
    def called(self) -> str:
        """The job and its arguments, for the report; without unknown arguments, which may hold a password."""
        words = ["glue_job.py"]
        for name, field in NAMES.items():
            if field in self.model_fields_set:
                words += [f"--{name}", _written(getattr(self, field))]
        return shlex.join(words)

    @field_validator("s3_input_path", "accept_unreadable", "table", "contracts", mode="before")
    @classmethod
    def _listed(cls, given: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in given.split(",") if part.strip())


def _written(value: object) -> str:
    """Write a value as it looks in an argument."""
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


NAMES = {name.upper(): name for name in GlueArguments.model_fields}
"""Argument -> field."""


def read_arguments(argv: Sequence[str]) -> tuple[GlueArguments, list[str]]:
    """Read this job's arguments, and return the names of the others, which belong to Glue or to nobody.

    `--NAME value` and `--NAME=value` mean the same. An empty value counts as not given. The last one wins.

    Raises:
        ConfigError: an argument has an invalid value, or a name is almost one of ours.
    """
    given: dict[str, str] = {}
    others: list[str] = []
    words = list(argv[1:])
    while words:
        name, equals, value = words.pop(0).partition("=")
        if not name.startswith("--"):
            continue  # Glue passes some of its own values without a name
        plain = name.removeprefix("--").replace("-", "_").upper()
        if not equals and words and not words[0].startswith("--"):
            value = words.pop(0)
        elif not equals:
            value = "true"
        if plain in NAMES:
            given[NAMES[plain]] = value
        else:
            _refuse_slip(name, plain)
            others.append(name)
    try:
        arguments = GlueArguments.model_validate({name: value for name, value in given.items() if value.strip()})
    except ValidationError as error:
        raise _wrong(error, given) from None
    if not (arguments.lake or arguments.s3_target_path):
        raise ConfigError(
            "no lake given",
            hint="give --LAKE s3://bucket/prefix, or --S3_INPUT_PATH and --S3_TARGET_PATH",
        )
    return arguments, others


def _refuse_slip(name: str, plain: str) -> None:
    if plain not in GLUES_OWN and (alike := get_close_matches(plain, NAMES, n=1, cutoff=_ALIKE)):
        raise ConfigError(
            f"{name} is not an argument of this job; did you mean --{alike[0]}?",
            hint="it takes " + ", ".join(f"--{known}" for known in NAMES),
        )


def _wrong(error: ValidationError, given: Mapping[str, str]) -> ConfigError:
    first = error.errors(include_url=False, include_input=False)[0]
    field = str(first["loc"][0])
    name = f"--{field.upper()}"
    if field not in given:
        return ConfigError(f"{name} is missing", hint=f"Glue passes it by itself; elsewhere give {name} and a value")
    return ConfigError(f"{name} {given[field]}: {first['msg'].lower()}", hint=f"correct {name} in the job's parameters")


LONGEST = 2000
"""Maximum number of characters in a failed job's error; the report and the log have the full text."""

_LINE_END = re.compile(r"\s*\n\s*")


class JobFailedError(Exception):
    """The error of the run that Glue shows: exit code, what is wrong and what to do next."""

    def __init__(self, errors: Sequence[TrustedLakeError], exit_code: int) -> None:
        said = "; ".join(f"{error.message} (hint: {error.hint})" for error in errors)
        text = f"exit code {exit_code}: {_LINE_END.sub(' ', said)}"  # Glue shows one line
        super().__init__(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")
        self.errors = tuple(errors)
        self.exit_code = exit_code


def main(argv: Sequence[str]) -> RunReport:
    """Run the job as the arguments say, and log to stdout as lines of JSON.

    Args:
        argv: `sys.argv`; see `GlueArguments`.

    Returns:
        The run's report, which is also stored in the lake.

    Raises:
        JobFailedError: wrong arguments, nothing to read, a refused partition, or an error of the store or catalog.
        Exception: a bug, or an error of Glue's own library. The log's last line has it, too.
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
    """Return the session that Glue made and the job, initialized as in Glue's own scripts."""
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
    """Bring Raw to Trusted, and register in the catalog if asked; return the report and the errors, if any."""
    from trustedlake.adapters.spark.session_engine import SessionEngine
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
        openlineage_receiver.observed(asked.openlineage, settings, option="--OPENLINEAGE") as observer,
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
    registered = lake_catalog.register_run(report, lake, database, projection=asked.projection)
    for one in registered.tables if registered else ():
        fields = one.model_dump(mode="json", exclude={"location"})
        tell("registered", run_id=report.run_id, database=database, **fields)
