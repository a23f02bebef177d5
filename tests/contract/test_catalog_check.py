"""What `catalog --check` finds in a lake in a bucket and its catalog, and that registering fixes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.bucket_faults import front_of
from tests.support.buckets import store_in
from tests.support.published_lake import parquet_of, publish_rows
from tests.support.strict_glue import glue_environment
from trustedlake.adapters.aws.glue_catalog import glue_client
from trustedlake.app.trusted.job import Options
from trustedlake.core.cataloging.catalog_tables import PROJECTION
from trustedlake.entrypoints.lake import compose
from trustedlake.entrypoints.wiring import lake_catalog
from trustedlake.errors import ConfigError, InputError
from trustedlake.models.catalog import DifferenceKind, RegistrationStatus
from trustedlake.models.ledger import Counts
from trustedlake.models.report import RunReport, TableReport

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.adapters.s3.store import S3Store

DATABASE = "filmes-db"
FOLDER = "Trusted/TMDB/Parquet/Movies"
DAYS = ["ano=2025/mes=06/dia=16", "ano=2025/mes=06/dia=17"]
LATER = "ano=2025/mes=06/dia=18"


@pytest.fixture
def store(bucket: str, moto_url: str, monkeypatch: pytest.MonkeyPatch) -> S3Store:
    """A lake in a bucket, with two published tables."""
    for name, value in glue_environment(moto_url).items():
        monkeypatch.setenv(name, value)
    client = glue_client()
    for database in client.get_databases()["DatabaseList"]:
        client.delete_database(Name=database["Name"])
    monkeypatch.setenv("TRUSTEDLAKE_LAKE", f"s3://{bucket}/lake")
    store = store_in(bucket, "lake")
    publish_rows(store, {day: [{"movie_id": 1, "title": "One"}] for day in DAYS})
    publish_rows(store, {"": [{"id": "tt1"}]}, table="local_movies")
    return store


def differences(*tables: str) -> list[tuple[str, str, str]]:
    report = lake_catalog.check(None, DATABASE, tables)
    assert report.exit_code == (3 if report.differences else 0)
    assert all(one.hint for one in report.differences)
    return [(one.kind, one.where, one.message) for one in report.differences]


def apply(*tables: str) -> None:
    lake_catalog.apply(None, DATABASE, tables, projection=None)


def entry(**changes: Any) -> None:
    """What someone does to the entry of the films by hand."""
    client = glue_client()
    found = client.get_table(DatabaseName=DATABASE, Name="tmdb_movies")["Table"]
    kept = {key: found[key] for key in ("Name", "Parameters", "PartitionKeys", "StorageDescriptor")}
    client.update_table(DatabaseName=DATABASE, TableInput=kept | changes)


def test_tables_are_missing_before_they_are_registered(store: S3Store) -> None:
    assert [(kind, where) for kind, where, _ in differences()] == [
        (DifferenceKind.TABLE_MISSING, "tmdb_movies"),
        (DifferenceKind.VIEW_MISSING, "tmdb_movies_current"),
        (DifferenceKind.TABLE_MISSING, "local_movies"),
    ]


@pytest.mark.parametrize("projection", [True, False])
def test_registered_tables_agree_with_the_lake(store: S3Store, projection: bool) -> None:
    report = lake_catalog.apply(None, DATABASE, (), projection=projection)
    assert [(one.table, one.added) for one in report.tables] == [
        ("tmdb_movies", 0 if projection else 2),
        ("local_movies", 0),
        ("tmdb_movies_current", 0),
    ]
    assert differences() == []


CAPITALS = """
apiVersion: v3.2.0
kind: DataContract
id: sales
name: sales
version: 1.0.0
status: active
schema:
  - name: sales
    customProperties:
      - property: raw
        vendor: trustedlake
        value: {path: "Raw/sales/{Ano:04d}-{Mes:02d}-{Loja}", format: csv, delimiter: ";"}
    properties:
      - {name: Pedido, logicalType: integer, primaryKey: true, required: true}
"""


@pytest.mark.parametrize("projection", [True, False])
def test_partition_keys_keep_capitals_in_folders_and_lose_them_in_glue(store: S3Store, projection: bool) -> None:
    store.put("contracts/sales.odcs.yaml", CAPITALS.encode())
    for shop in ("Centro", "Sul"):
        store.put(f"Raw/sales/2025-06-{shop}/a.csv", b"Pedido\n1\n2\n")
    with compose.home(compose.Place(lake=store.address(""))) as home:
        assert home.to_trusted(compose.Asked(tables=("sales",)), Options()).exit_code == 0
    first, again = (lake_catalog.apply(None, DATABASE, ("sales",), projection=projection) for _ in range(2))
    assert (first.tables[0].status, first.tables[0].added) == ("created", 0 if projection else 2)
    assert {(one.status, one.added, one.updated, one.removed) for one in again.tables} == {("unchanged", 0, 0, 0)}
    assert differences("sales") == []
    table = glue_client().get_table(DatabaseName=DATABASE, Name="sales")["Table"]
    assert [key["Name"] for key in table["PartitionKeys"]] == ["ano", "mes", "loja"]
    told = {key: value for key, value in table["Parameters"].items() if key.startswith(PROJECTION)}
    folders = f"{store.address('Trusted/sales')}/Ano=${{ano}}/Mes=${{mes}}/Loja=${{loja}}/"
    assert told.get("storage.location.template") == (folders if projection else None)
    assert told.get("projection.loja.values") == ("Centro,Sul" if projection else None)
    parts = glue_client().get_partitions(DatabaseName=DATABASE, TableName="sales")["Partitions"]
    assert sorted(one["StorageDescriptor"]["Location"] for one in parts) == (
        []
        if projection
        else [f"{store.address('Trusted/sales')}/Ano=2025/Mes=06/Loja={shop}/" for shop in ("Centro", "Sul")]
    )


def test_a_day_published_after_registering_has_files_without_a_partition(store: S3Store) -> None:
    apply()
    publish_rows(store, {day: [{"movie_id": 1}] for day in [*DAYS, "ano=2025/mes=12/dia=01"]})
    assert [(kind, where) for kind, where, _ in differences()] == [
        (DifferenceKind.WITHOUT_PARTITION, "ano=2025/mes=12/dia=01")
    ]
    apply()
    assert differences() == []


def test_a_removed_day_is_a_partition_without_files(store: S3Store) -> None:
    apply()
    publish_rows(store, {DAYS[0]: [{"movie_id": 1}]})
    store.delete(f"{FOLDER}/{DAYS[1]}/part-00000.parquet")
    assert [(kind, where) for kind, where, _ in differences()] == [(DifferenceKind.WITHOUT_FILES, DAYS[1])]
    apply()
    assert differences() == []


def test_a_twin_partition_is_found_in_the_lake_and_in_the_catalog(store: S3Store) -> None:
    apply()
    twin = "ano=2025/mes=6/dia=17"
    store.put(f"{FOLDER}/{twin}/part-00000.parquet", parquet_of([{"movie_id": 1}]))
    theirs = {"Values": ["2025", "6", "17"], "StorageDescriptor": {"Columns": [], "Location": ""}}
    glue_client().batch_create_partition(DatabaseName=DATABASE, TableName="tmdb_movies", PartitionInputList=[theirs])
    assert [(kind, where, message) for kind, where, message in differences()] == [
        (DifferenceKind.TWIN_PARTITION, twin, f"a folder beside {DAYS[1]}"),
        (DifferenceKind.TWIN_PARTITION, twin, f"registered beside {DAYS[1]}"),
    ]


def test_a_wrong_column_type_is_found_in_entry_partition_and_file(store: S3Store) -> None:
    apply()
    columns = [{"Name": "movie_id", "Type": "string"}, {"Name": "title", "Type": "string"}]
    location = store.address(FOLDER) + "/"
    entry(StorageDescriptor={"Columns": columns, "Location": location})
    key = f"{FOLDER}/{DAYS[0]}/part-00000.parquet"
    odd = pa.table({"movie_id": pa.array([1], pa.int32()), "Title": ["One"], "mes": ["06"]})
    out = pa.BufferOutputStream()
    pq.write_table(odd, out)
    store.put(key, out.getvalue().to_pybytes())
    found = differences("tmdb_movies")
    assert (DifferenceKind.COLUMN_TYPE, "tmdb_movies", "movie_id: expected bigint, the catalog says string") in found
    assert (DifferenceKind.COLUMN_MISSING, "tmdb_movies", "overview: the catalog does not have it") in found
    assert (DifferenceKind.COLUMN_TYPE, key, "movie_id: expected bigint, the file says int") in found
    assert (DifferenceKind.COLUMN_UNKNOWN, key, "mes: string: not in the contract") in found
    assert (DifferenceKind.COLUMN_MISSING, key, "genres: the file does not have it") in found
    assert not [one for one in found if one[2].startswith("title")]
    apply()
    assert {where for _, where, _ in differences("tmdb_movies")} == {key}


def test_missing_and_damaged_files_are_found(store: S3Store) -> None:
    apply()
    keys = [f"{FOLDER}/{day}/part-00000.parquet" for day in DAYS]
    store.delete(keys[0])
    store.put(keys[1], b"no Parquet")
    assert [(kind, where) for kind, where, _ in differences()] == [
        (DifferenceKind.WITHOUT_FILES, DAYS[0]),
        (DifferenceKind.FILE_MISSING, keys[0]),
        (DifferenceKind.FILE_UNREADABLE, keys[1]),
    ]


def test_a_wrong_location_and_wrong_partition_keys_are_found(store: S3Store) -> None:
    apply()
    elsewhere = {"Columns": [], "Location": "s3://elsewhere/Movies/"}
    entry(StorageDescriptor=elsewhere, PartitionKeys=[{"Name": "day", "Type": "date"}])
    found = {kind: message for kind, _, message in differences("tmdb_movies")}
    assert "the catalog says s3://elsewhere/Movies/" in found[DifferenceKind.LOCATION]
    assert "the catalog says day date" in found[DifferenceKind.PARTITION_KEYS]


def test_a_partition_with_a_wrong_location_is_found_and_corrected(store: S3Store) -> None:
    apply()
    name = {"DatabaseName": DATABASE, "TableName": "tmdb_movies"}
    values = ["2025", "06", "17"]
    found = glue_client().get_partition(**name, PartitionValues=values)["Partition"]
    there = {"Location": "s3://elsewhere/17", "Columns": found["StorageDescriptor"]["Columns"]}
    glue_client().update_partition(
        **name, PartitionValueList=values, PartitionInput={"Values": values, "StorageDescriptor": there}
    )
    ((kind, where, message),) = differences()
    assert (kind, where) == (DifferenceKind.PARTITION_LOCATION, DAYS[1])
    assert message.endswith(f"/{FOLDER}/{DAYS[1]}/, the catalog says s3://elsewhere/17/")
    apply()
    assert differences() == []


def test_an_unpublished_table_cannot_be_registered(store: S3Store, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing of tmdb_series is published"):
        apply("tmdb_series")
    with pytest.raises(ConfigError, match="Glue reads buckets"):
        lake_catalog.apply(str(tmp_path), DATABASE, (), projection=None)
    with pytest.raises(ConfigError, match="Glue reads buckets"):
        lake_catalog.check(str(tmp_path), DATABASE, ())


class Rival:
    """Publishes a day, and registers it, when the first request comes to the catalog."""

    def __init__(self, store: S3Store) -> None:
        self._store = store
        self._came = False

    def fault_of(self, request: str) -> None:  # noqa: ARG002 - the port's
        """None; but the rival is done when the request is passed on."""
        if not self._came:
            self._came = True
            publish_rows(self._store, {day: [{"movie_id": 1, "title": "One"}] for day in [*DAYS, LATER]})
            apply("tmdb_movies")


def test_a_day_registered_by_a_concurrent_run_stays_registered(
    store: S3Store, moto_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run with an older ledger took it for a day that is no longer published, and Athena lost it."""
    apply()
    with front_of(moto_url, weather=Rival(store)) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL_GLUE", front.url)
        report = lake_catalog.apply(None, DATABASE, ["tmdb_movies"], projection=None)
        assert differences() == []
    (days,) = (one for one in report.tables if one.table == "tmdb_movies")
    assert (days.status, days.added - days.removed) == (RegistrationStatus.UNCHANGED, 0)


def run_of(status: str, trusted: int) -> RunReport:
    table = TableReport(table="tmdb_movies", contract=1, status=status, counts=Counts(trusted=trusted))
    now = datetime(2025, 6, 17, tzinfo=UTC)
    return RunReport(run_id="r", command="", trustedlake="", started=now, finished=now, exit_code=0, tables=(table,))


def test_a_run_registers_what_it_published_and_a_dry_run_registers_nothing(store: S3Store) -> None:
    for status, trusted in (("planned", 2), ("failed", 0)):
        assert lake_catalog.register_run(run_of(status, trusted), store.address(""), DATABASE) is None
    assert glue_client().get_databases()["DatabaseList"] == []
    for status in ("published", "unchanged", "refused"):
        registered = lake_catalog.register_run(run_of(status, 2), store.address(""), DATABASE)
        assert registered
        assert [one.table for one in registered.tables] == ["tmdb_movies", "tmdb_movies_current"]
