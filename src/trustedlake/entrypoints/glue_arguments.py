"""A Glue job's arguments. Read by ourselves: awsglue's reader requires each argument that is declared to it."""

from __future__ import annotations

import shlex
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GLUES_OWN = {"JOB_ID", "JOB_RUN_ID", "WORKFLOW_NAME", "WORKFLOW_RUN_ID", "SECURITY_CONFIGURATION", "TEMPDIR"}
"""What Glue adds by itself and that could be taken for a slip of the pen."""

_ALIKE = 0.75


class GlueArguments(BaseModel):
    """What the job was asked to do; the fields are the arguments' names in lower case.

    Attributes:
        s3_input_path: folders of the raw files; several with commas between them.
        s3_target_path: folder of the Trusted table.
        table: names of tables, with commas between them, in place of source and entity.
        contracts: files and folders of contracts, with commas between them, besides the lake's own.
        lake: the lake, laid out as usual; also says where the state of a run is kept that has its own paths.
        accept_unreadable: raw files, with commas between them.
        database: register in this database of the Glue Data Catalog what is published.
        openlineage: address of who is told of the run by OpenLineage; `--additional-python-modules` brings its client.
        projection: register the tables with a projection (true) or each partition (false); None: as they are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    job_name: str
    s3_input_path: tuple[str, ...] = ()
    s3_target_path: str | None = None
    lake: str | None = None
    table: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()
    source: Literal["tmdb", "csv"] = "tmdb"
    entity: Literal["movies", "series"] | None = None
    max_rejected: float | None = Field(default=None, ge=0, le=1)
    accept_unreadable: tuple[str, ...] = ()
    vanished: Literal["fail", "keep", "drop"] = "fail"
    strict: bool = False
    full_refresh: bool = False
    dry_run: bool = False
    single_writer: bool = False
    database: str | None = None
    projection: bool | None = None
    openlineage: str | None = None

    @property
    def called(self) -> str:
        """The job and its arguments, for the report; not those of others, which may hold a password."""
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
    """A value as an argument has it."""
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


NAMES = {name.upper(): name for name in GlueArguments.model_fields}
"""Argument -> field."""


def read_arguments(argv: Sequence[str]) -> tuple[GlueArguments, list[str]]:
    """The arguments among those of a job, and the names of the others, which are Glue's or nobody's.

    `--NAME value` and `--NAME=value` mean the same, an empty value that none is given. Of several the last counts.

    Raises:
        ConfigError: a value that an argument can't have; or a name that is almost one of ours.
    """
    given: dict[str, str] = {}
    others: list[str] = []
    words = list(argv[1:])
    while words:
        name, equals, value = words.pop(0).partition("=")
        if not name.startswith("--"):
            continue  # a value of Glue's own: it passes some without a name
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
            "the job is not told where the lake is",
            hint="give --LAKE s3://bucket/prefix, or --S3_INPUT_PATH and --S3_TARGET_PATH",
        )
    return arguments, others


def _refuse_slip(name: str, plain: str) -> None:
    if plain not in GLUES_OWN and (alike := get_close_matches(plain, NAMES, n=1, cutoff=_ALIKE)):
        raise ConfigError(
            f"{name} is no argument of this job; is --{alike[0]} meant?",
            hint="it takes " + ", ".join(f"--{known}" for known in NAMES),
        )


def _wrong(error: ValidationError, given: Mapping[str, str]) -> ConfigError:
    first = error.errors(include_url=False, include_input=False)[0]
    field = str(first["loc"][0])
    name = f"--{field.upper()}"
    if field not in given:
        return ConfigError(f"{name} is missing", hint=f"Glue passes it by itself; elsewhere give {name} and a value")
    return ConfigError(f"{name} {given[field]}: {first['msg'].lower()}", hint=f"correct {name} in the job's parameters")
