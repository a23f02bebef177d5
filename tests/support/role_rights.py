"""The roles of the template as single rights, and runs on a small lake that need each of them."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.support.buckets import store_in
from tests.support.stack import BUCKET, Stack, as_list
from tests.support.trials import MOVIES, films
from trustedlake.adapters.aws.glue_catalog import glue_client
from trustedlake.app.trusted.job import Options
from trustedlake.entrypoints.lake import compose
from trustedlake.entrypoints.library import errors_of
from trustedlake.entrypoints.wiring import lake_catalog
from trustedlake.errors import TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustedlake.models.report import RunReport
    from trustedlake.ports import Engine

DATABASE = "filmes-db"
DAYS = ("16", "17")
OF_THE_SERVICE = {"FetchTheProgram", "Log"}
"""Statements that no code of ours needs: Glue and Lambda act as the role, too."""

Statement = dict[str, Any]


class Right(NamedTuple):
    """An action on one resource of a statement."""

    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.action} {self.resource.partition(':::')[2].partition('/')[2] or 'bucket'}"


def statements_for(role: str, bucket: str = BUCKET, **physical: str) -> list[Statement]:
    """What the role may do in a stack whose lake is this bucket."""
    return Stack(physical={"LakeBucket": bucket} | physical).statements(role)


def rights(statements: Sequence[Statement]) -> list[Right]:
    """Each right that code of ours needs."""
    return [
        Right(action, resource)
        for one in statements
        if one["Sid"] not in OF_THE_SERVICE
        for action in as_list(one["Action"])
        for resource in as_list(one["Resource"])
    ]


def without(statements: Sequence[Statement], right: Right) -> list[Statement]:
    """The statements without one right."""
    return [one for every in statements for one in _split(every) if one["right"] != right]


def _split(statement: Statement) -> Iterator[Statement]:
    for action in as_list(statement["Action"]):
        for resource in as_list(statement["Resource"]):
            right = Right(action, resource)
            yield {"Effect": "Allow", "Action": [action], "Resource": [resource], "right": right}


def fill(bucket: str) -> None:
    """Two days of Raw, each with a record that is refused."""
    with closing(store_in(bucket)) as store:
        for day in DAYS:
            records = [*films(3), {"id": -1, "title": ""}]
            store.put(f"{MOVIES}/2025/06/{day}/filmes_001.json", json.dumps(records).encode())


def lose_a_day(bucket: str) -> None:
    """What the owner may do, and no role: take a day out of Raw."""
    with closing(store_in(bucket)) as store:
        store.delete(f"{MOVIES}/2025/06/{DAYS[0]}/filmes_001.json")


def run(bucket: str, engine: Engine, *, database: str | None = None, **options: Any) -> RunReport:
    """What the job does.

    Raises:
        TrustedLakeError: it failed.
    """
    lake = f"s3://{bucket}"
    with compose.home(compose.Place(lake=lake), engine=engine) as home:
        report = home.to_trusted(compose.Asked(("tmdb_movies",)), Options(**options))
    for error in errors_of(report):
        raise error
    if database:
        lake_catalog.register_run(report, lake, database)
    return report


def failure(bucket: str, engine: Engine, **options: Any) -> TrustedLakeError | None:
    """How the job failed, if it did."""
    try:
        run(bucket, engine, **options)
    except TrustedLakeError as error:
        return error
    return None


def change_what_is_registered() -> None:
    """Let an entry and a partition lead elsewhere, as an older program left them."""
    name = {"DatabaseName": DATABASE}
    with closing(glue_client()) as client:
        entry = client.get_table(**name, Name="tmdb_movies")["Table"]
        taken = client.meta.service_model.shape_for("TableInput").members
        table = {key: value for key, value in entry.items() if key in taken}
        table["StorageDescriptor"]["Columns"].pop()
        client.update_table(**name, TableInput=table)
        (*_, partition) = client.get_partitions(**name, TableName="tmdb_movies")["Partitions"]
        where = partition["StorageDescriptor"] | {"Location": "s3://elsewhere/"}
        given = partition | {"StorageDescriptor": where}
        taken = client.meta.service_model.shape_for("PartitionInput").members
        client.update_partition(
            **name,
            TableName="tmdb_movies",
            PartitionValueList=partition["Values"],
            PartitionInput={key: value for key, value in given.items() if key in taken},
        )
